package complaint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Known is what the record knows beside the complaint itself.
type Known struct {
	Series  string // ID of the series it belongs to; empty: none
	Others  int    // other complaints of the series
	TiedBy  string // the sentence that says what ties them
	Content string // of the images it states: "novel", "near", "listed"; empty: it states none
}

// Turn is where a complaint stands in the queue, and why. The key is compared as
// text; each of its digits is one of the reasons, so that the order can be
// checked by hand.
type Turn struct {
	Key     string   `json:"key"`
	Reasons []string `json:"reasons"`
	Against []string `json:"against"` // what speaks for a later turn, or makes a reason weaker
	Missing []string `json:"missing"` // what nobody has said; ask
}

// Weigh gives a complaint its turn. Rescue comes first: completeness of a report
// is not its urgency, and known material that is everywhere points to collectors
// rather than to a child in danger now. The parts of the key, the most urgent
// first, smaller before larger:
//
//	danger    0 a sign that calls for an officer today, 1 another sign, 2 none
//	novelty   0 new material is made or shown, 1 no image or one like a known, 2 known material only
//	repeat    0 other complaints name the same offender, 1 none does
//	nearness  0 he can reach the child, 1 nothing says so
//	age       0 under 12, 1 older or unknown
//	received  the older first
func Weigh(f Form, k Known, t Tables) Turn {
	var out Turn
	has := func(code string) bool { return slices.Contains(f.Danger, code) }
	say := func(format string, args ...any) { out.Reasons = append(out.Reasons, fmt.Sprintf(format, args...)) }
	against := func(format string, args ...any) { out.Against = append(out.Against, fmt.Sprintf(format, args...)) }

	danger := 2
	for _, c := range f.Danger {
		if today(c, has) {
			danger = 0
		}
		danger = min(danger, 1)
		say("Danger: %s.", t.Label(Danger, c, f.Received))
	}
	if danger == 2 {
		against("No sign of present danger was ticked.")
		out.Missing = append(out.Missing, "Ask whether he is still in contact, whether a meeting was demanded, and how the child is.")
	}

	novelty := 1
	switch {
	case has("new-images") || k.Content == "novel":
		novelty = 0
		say("Novel: new material is demanded or shown, so the abuse may be going on.")
	case k.Content == "listed":
		novelty = 2
		against("Known: a list holds exactly what it shows; it may have been passed on for years.")
	case k.Content == "near":
		against("What it shows is like a known picture: a person has to look.")
	}

	repeat := 1
	if k.Others > 0 {
		repeat = 0
		more := "1 more complaint is"
		if k.Others > 1 {
			more = fmt.Sprintf("%d more complaints are", k.Others)
		}
		say("Repeat: %s held to be of the same someone. %s", more, k.TiedBy)
	}

	near := 1
	if has("knows-where") || has("household") {
		near = 0
	}
	age := 1
	switch f.AgeBand {
	case "0-6", "6-12":
		age = 0
		say("The child is under 12.")
	case "unknown", "":
		out.Missing = append(out.Missing, "The age of the child is not known.")
	case "adult":
		against("The victim is an adult; another law may apply.")
	}
	if len(f.Accused) == 0 && len(f.Attached) == 0 {
		out.Missing = append(out.Missing, "Nothing identifies the one accused: ask for the profile's link, the number and a chat export.")
	}
	out.Key = fmt.Sprintf("%d%d%d%d%d-%s", danger, novelty, repeat, near, age, f.Received.UTC().Format("20060102T150405"))
	return out
}

// today tells whether a sign calls for an officer on the same day. That he knows
// where the child is does so only while he is in contact.
func today(code string, has func(string) bool) bool {
	switch code {
	case "self-harm", "meeting", "household", "contact-now", "deadline":
		return true
	case "knows-where":
		return has("contact-now")
	}
	return false
}

// Waiting is a complaint in the queue.
type Waiting struct {
	Entry
	Turn   Turn   `json:"turn"`
	Series string `json:"series,omitempty"`
	Others int    `json:"others"` // other complaints of its series
}

// Queue sorts complaints by their turn.
func Queue[T any](list []T, turn func(T) Turn) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(turn(a).Key, turn(b).Key) })
}

// Waited says how long a complaint has waited, in words.
func Waited(received, now time.Time) string {
	switch d := now.Sub(received); {
	case d < time.Hour:
		return "less than an hour"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// sentence gives an error as the beginning of a sentence.
func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:]
}
