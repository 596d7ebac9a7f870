package hashset

import (
	"fmt"
	"strings"

	"suraag/digest/tmk"
	"suraag/digest/vpdq"
)

// Videos says how near two videos lie, by the kind of value that both have.
type Videos struct {
	VPDQ *vpdq.Result `json:"vpdq,omitempty"` // the target is the query
	TMK  *tmk.Scores  `json:"tmk,omitempty"`
}

// maxSpans bounds how many runs of frames a sentence names; the JSON has all.
const maxSpans = 5

// Words says how much of each video is in the other, and where.
func (v Videos) Words(target, other string) string {
	if v.TMK != nil {
		return fmt.Sprintf("TMK+PDQF scores %.3f and %.3f of 1 (the videos as wholes, and their course in time); 0.7 and more in both is held to be the same video", v.TMK.Level1, v.TMK.Level2)
	}
	return fmt.Sprintf("by vPDQ %s of %s in %s, and %s of %s in %s; 80 %% and more of either is held to be the same video or a part of it",
		share(v.VPDQ.Query), target+" are", other, share(v.VPDQ.Compared), other+" are", target)
}

func share(s vpdq.Share) string {
	var where []string
	for n, span := range s.Spans {
		if n == maxSpans {
			where = append(where, fmt.Sprintf("%d more", len(s.Spans)-n))
			break
		}
		if span.Frames == 1 {
			where = append(where, clock(span.From))
		} else {
			where = append(where, clock(span.From)+" to "+clock(span.Until))
		}
	}
	return fmt.Sprintf("%d of %d frames (%.0f %%: %s)", s.Matched, s.Frames, s.Percent, strings.Join(where, ", "))
}

// clock writes seconds as players show them.
func clock(seconds float64) string {
	s := int(seconds)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
