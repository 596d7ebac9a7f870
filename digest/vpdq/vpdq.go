// Package vpdq reads and compares vPDQ values: the PDQ hashes of a video's frames.
//
// Takes the text of a value, in each form in which lists hold it. Gives frames, how much of each of
// two videos is in the other, and where. Never opens a video; package media does.
//
// The comparison is that of vpdq/README.md in facebook/ThreatExchange ("Comparison (Matching) Algorithm"):
// frames are a bag, so order and time play no part; frames of too low a quality are left out; a hash that
// occurs twice counts once. The defaults are those of python-threatexchange (vpdq_util.py).
package vpdq

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"suraag/fault"
)

// Bounds of one value: a day of video at a frame a second.
const (
	maxFrames = 86_400
	maxText   = 16 << 20
)

// Frame is one hashed frame.
type Frame struct {
	Number  int      // which frame of the video, from 0; -1 where it is not stated
	Quality int      // 0 to 100
	Hash    [32]byte // PDQ
	Seconds float64  // from the beginning of the video
}

// Video is the value of one video: its frames in order.
type Video []Frame

// Parse reads a value in any of its three forms: a JSON list of "hash,quality,seconds"
// (python-threatexchange), a JSON object of frames by number (its older form), or lines
// "number,quality,hash,seconds" (the C++ tool). Errors are of kind fault.Invalid and fault.TooLarge, with the
// frame that is wrong.
func Parse(text string) (Video, error) {
	if len(text) > maxText {
		return nil, fault.Newf(fault.TooLarge, "vpdq: %d bytes, the limit is %d", len(text), maxText)
	}
	text = strings.TrimSpace(text)
	var v Video
	var err error
	switch {
	case strings.HasPrefix(text, "["):
		v, err = parseList(text)
	case strings.HasPrefix(text, "{"):
		v, err = parseObject(text)
	default:
		v, err = parseLines(text)
	}
	if err != nil {
		return nil, err
	}
	if len(v) == 0 {
		return nil, fault.Newf(fault.Invalid, "vpdq: no frame")
	}
	if len(v) > maxFrames {
		return nil, fault.Newf(fault.TooLarge, "vpdq: %d frames, the limit is %d", len(v), maxFrames)
	}
	return v, nil
}

func parseList(text string) (Video, error) {
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fault.Newf(fault.Invalid, "vpdq: no list of frames in JSON: %w", err)
	}
	var v Video
	for n, s := range list {
		f := strings.Split(s, ",")
		if len(f) != 3 {
			return nil, fault.Newf(fault.Invalid, "vpdq frame %d: %d fields, want hash, quality and seconds", n, len(f))
		}
		frame, err := read(f[0], f[1], f[2])
		if err != nil {
			return nil, fault.Wrapf(err, "vpdq frame %d", n)
		}
		frame.Number = -1
		v = append(v, frame)
	}
	return v, nil
}

func parseObject(text string) (Video, error) {
	var object map[string]struct {
		Quality   json.Number `json:"quality"`
		Hash      string      `json:"hash"`
		Timestamp json.Number `json:"timestamp"`
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return nil, fault.Newf(fault.Invalid, "vpdq: no frames by number in JSON: %w", err)
	}
	var v Video
	for number, o := range object {
		frame, err := read(o.Hash, o.Quality.String(), o.Timestamp.String())
		if err == nil {
			frame.Number, err = numbered(number)
		}
		if err != nil {
			return nil, fault.Wrapf(err, "vpdq frame %.40q", number)
		}
		v = append(v, frame)
	}
	slices.SortFunc(v, func(a, b Frame) int { return a.Number - b.Number })
	return v, nil
}

func parseLines(text string) (Video, error) {
	var v Video
	for n, line := range strings.Split(text, "\n") {
		f := strings.Split(strings.TrimSpace(line), ",")
		if len(f) != 4 {
			return nil, fault.Newf(fault.Invalid, "vpdq line %d: %d fields, want number, quality, hash and seconds", n+1, len(f))
		}
		frame, err := read(f[2], f[1], f[3])
		if err == nil {
			frame.Number, err = numbered(f[0])
		}
		if err != nil {
			return nil, fault.Wrapf(err, "vpdq line %d", n+1)
		}
		v = append(v, frame)
	}
	return v, nil
}

func numbered(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "frame number %.40q is none", text)
	}
	return int(n), nil
}

func read(hash, quality, seconds string) (Frame, error) {
	var f Frame
	if raw, err := hex.DecodeString(hash); err != nil || copy(f.Hash[:], raw) != len(f.Hash) || len(raw) != len(f.Hash) {
		return Frame{}, fault.Newf(fault.Invalid, "hash %.80q is no PDQ", hash)
	}
	q, err := strconv.ParseUint(quality, 10, 8)
	if err != nil || q > 100 {
		return Frame{}, fault.Newf(fault.Invalid, "quality %.40q is not 0 to 100", quality)
	}
	f.Quality = int(q)
	f.Seconds, err = strconv.ParseFloat(seconds, 64)
	if err != nil || !(f.Seconds >= 0 && f.Seconds < 1e9) {
		return Frame{}, fault.Newf(fault.Invalid, "%.40q is no time in seconds", seconds)
	}
	return f, nil
}

// String writes the value as python-threatexchange does: a JSON list of "hash,quality,seconds".
func (v Video) String() string {
	list := make([]string, len(v))
	for n, f := range v {
		list[n] = fmt.Sprintf("%x,%d,%.3f", f.Hash, f.Quality, f.Seconds)
	}
	text, _ := json.Marshal(list) // strings always can be written
	return string(text)
}

// Policy holds the thresholds of a comparison.
type Policy struct {
	Quality  int     // least quality of a frame that is compared
	Distance int     // bits up to which two frames are the same
	Query    float64 // least percentage of the query's frames that are in the other
	Compared float64 // least percentage of the other's frames that are in the query
}

// DefaultPolicy gives the values of python-threatexchange.
func DefaultPolicy() Policy { return Policy{Quality: 50, Distance: 31, Query: 80, Compared: 0} }

// Share is how much of one video is in another.
type Share struct {
	Frames  int     `json:"frames"`  // different frames of enough quality
	Matched int     `json:"matched"` // of these, those that are in the other
	Percent float64 `json:"percent"`
	Spans   []Span  `json:"spans,omitempty"` // where they lie
}

// Span is a run of frames that are in the other video.
type Span struct {
	From   float64 `json:"from"` // seconds, of its first frame
	Until  float64 `json:"until"`
	Frames int     `json:"frames"`
}

// Result of a comparison. Both shares are given always, for one threshold says too little: a clip is
// wholly in a long video of which it is a small part.
type Result struct {
	Match    bool  `json:"match"` // both shares reach the thresholds
	Query    Share `json:"query"`
	Compared Share `json:"compared"`
}

// Compare tells how much of each video is in the other. Where one has no frame of enough quality there
// is no match, and its share has no frames.
func Compare(query, compared Video, p Policy) Result {
	q, c := kept(query, p.Quality), kept(compared, p.Quality)
	r := Result{Query: share(q, c, p.Distance), Compared: share(c, q, p.Distance)}
	r.Match = r.Query.Matched > 0 && r.Query.Percent >= p.Query && r.Compared.Percent >= p.Compared
	return r
}

// words are a hash as it is compared.
type words [4]uint64

type kept1 struct {
	words
	seconds float64
}

// kept gives the frames of enough quality, in order.
func kept(v Video, quality int) []kept1 {
	var out []kept1
	for _, f := range v {
		if f.Quality < quality {
			continue
		}
		k := kept1{seconds: f.Seconds}
		for i := range k.words {
			k.words[i] = binary.BigEndian.Uint64(f.Hash[8*i:])
		}
		out = append(out, k)
	}
	return out
}

func share(of, in []kept1, distance int) Share {
	found := map[words]bool{} // each different frame once
	var others []words
	seen := map[words]bool{}
	for _, f := range in {
		if !seen[f.words] {
			seen[f.words] = true
			others = append(others, f.words)
		}
	}
	var s Share
	open := false
	for _, f := range of {
		hit, done := found[f.words]
		if !done {
			hit = slices.ContainsFunc(others, func(o words) bool { return f.near(o, distance) })
			found[f.words] = hit
			s.Frames++
			if hit {
				s.Matched++
			}
		}
		switch {
		case !hit:
			open = false
		case open:
			last := &s.Spans[len(s.Spans)-1]
			last.Until, last.Frames = f.seconds, last.Frames+1
		default:
			s.Spans, open = append(s.Spans, Span{f.seconds, f.seconds, 1}), true
		}
	}
	if s.Frames > 0 {
		s.Percent = float64(s.Matched) * 100 / float64(s.Frames)
	}
	return s
}

func (w *kept1) near(o words, distance int) bool {
	n := bits.OnesCount64(w.words[0]^o[0]) + bits.OnesCount64(w.words[1]^o[1])
	return n <= distance && n+bits.OnesCount64(w.words[2]^o[2])+bits.OnesCount64(w.words[3]^o[3]) <= distance
}
