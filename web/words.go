package web

import (
	"fmt"
	"html/template"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/sighting"
)

// words are the functions that templates may call.
var words = template.FuncMap{
	"first": first,
	"more":  more,
	"n":     func(v any) (string, error) { n, err := whole(v); return number(n), err },
	"count": func(v any, one, many string) (string, error) {
		n, err := whole(v)
		return count(n, one, many), err
	},
	"bytes":   bytesInWords,
	"day":     day,
	"badge":   badgeOf,
	"effect":  effectOf,
	"novelty": noveltyOf,
	"acts":    actsInWords,
	"text":    text,
	"brief":   brief,
	"traces":  traces,
	"ended":   ended,
	"gap":     gapInWords,
	"cite":    cite,
	"spots": func(page any, title string, list any, unstated int, words string) listPart {
		return listPart{page, title, list, unstated, words}
	},
	"short":    cutTo,
	"list":     func(words ...string) []string { return words },
	"stated":   stated,
	"outcomes": outcomes,
	"add":      func(a, b int) int { return a + b },
	"part":     func(page any, element any) part { return part{page, element} },
}

// cutTo gives the beginning of an ID.
func cutTo(id string, n int) string { return id[:min(n, len(id))] }

// stated gives an identifier of a complaint as it can be traced, or as written.
func stated(s complaint.Stated) string {
	if id, err := s.Identify(); err == nil {
		return id.String()
	}
	return s.Value
}

// part hands a page and one element of it to a template.
type part struct{ Page, E any }

// listPart hands a page and one of its lists to a template.
type listPart struct {
	Page     any
	Title    string
	List     any
	Unstated int // what the list cannot show
	Words    string
}

// badge tells an outcome by words and by shape, so that neither colour nor sight
// of it is needed.
type badge struct {
	Words string
	Class string
	Path  string // of the shape, in a square of 16
}

// outcomes lists every outcome, freest first.
func outcomes() []attribution.Outcome {
	return []attribution.Outcome{attribution.Ask, attribution.AskOther, attribution.Preserve, attribution.Unusable}
}

// badgeOf gives a full circle for what may be asked, a half one for what is only
// kept, an arrow for turning elsewhere, a cross for nothing.
func badgeOf(o attribution.Outcome) badge {
	switch o {
	case attribution.Ask:
		return badge{"Ask", "ask", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z"}
	case attribution.Preserve:
		return badge{"Preserve only", "preserve", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2v10a5 5 0 0 0 0-10z"}
	case attribution.AskOther:
		return badge{"Ask someone else", "other", "M1 6.5h7V2l7 6-7 6V9.5H1z"}
	}
	return badge{"Not usable", "unusable", "M3 1 1 3l5 5-5 5 2 2 5-5 5 5 2-2-5-5 5-5-2-2-5 5z"}
}

// effectOf tells how a reason weighs.
func effectOf(e attribution.Effect) badge {
	switch e {
	case attribution.For:
		return badge{"for", "ask", "M6.5 1h3v5.5H15v3H9.5V15h-3V9.5H1v-3h5.5z"}
	case attribution.Caution:
		return badge{"caution", "preserve", "M8 1l7 13H1z"}
	case attribution.Against:
		return badge{"points elsewhere", "other", "M1 6.5h14v3H1z"}
	}
	return badge{"holds it back", "unusable", "M3 1 1 3l5 5-5 5 2 2 5-5 5 5 2-2-5-5 5-5-2-2-5 5z"}
}

// cite names the rule of a reason and what the rule rests on. Most citations name
// the rule themselves.
func cite(r attribution.Reason) string {
	if strings.HasPrefix(r.Citation, "Rule "+r.Rule) {
		return r.Citation
	}
	return strings.TrimSuffix("Rule "+r.Rule+". "+r.Citation, ". ")
}

func noveltyOf(n casework.Novelty) string {
	switch n {
	case casework.Novel:
		return "New: on no list"
	case casework.Near:
		return "Like a listed picture"
	case casework.Listed:
		return "Known: on a list"
	}
	return string(n)
}

// actsInWords counts each act by itself, in the order of the acts.
func actsInWords(acts map[sighting.Act]int) string {
	var out []string
	for _, a := range sighting.Acts() {
		if acts[a] > 0 {
			out = append(out, fmt.Sprintf("%s %s", a, number(acts[a])))
		}
	}
	return strings.Join(out, ", ")
}

// number writes thousands apart with a narrow space that does not break.
func number[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "\u202f" + s[at:]
	}
	return s
}

// whole takes a number of any width, because a template does not convert.
func whole(v any) (int64, error) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return r.Int(), nil
	case r.CanUint():
		return int64(r.Uint()), nil
	}
	return 0, fault.Newf(fault.Internal, "%T is no number", v)
}

// count writes a number with its noun: "1 lead", "3 leads".
func count[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func bytesInWords(n int64) string {
	const unit = 1024
	if n < unit {
		return count(n, "byte", "bytes")
	}
	v, names := float64(n)/unit, "KMGT"
	for v >= unit && len(names) > 1 {
		v, names = v/unit, names[1:]
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") + " " + names[:1] + "iB"
}

// gapInWords says how far the date of a data set lies from the moment.
func gapInWords(gap time.Duration) string {
	days := int(gap.Abs().Hours() / 24)
	switch {
	case days == 0:
		return " (of the same day)"
	case gap < 0:
		return " (" + count(days, "day", "days") + " before the moment)"
	}
	return " (" + count(days, "day", "days") + " after the moment)"
}

// day prints a date, for what needs no hour.
func day(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2 January 2006")
}

// text writes a value as it is typed into the search box.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

// brief cuts a long value in its middle, where hashes and urls differ least to a
// reader; the whole of it is in the title.
func brief(v any) string {
	r := []rune(text(v))
	if len(r) <= 44 {
		return string(r)
	}
	return string(r[:28]) + "…" + string(r[len(r)-12:])
}

// traces tells whether an identifier can be asked about by itself: a name in
// words or a number that means something inside one document only cannot.
func traces(i sighting.Identifier) bool {
	return i.Kind.Links() || i.Kind == sighting.Group || i.Kind == sighting.URL
}

// link is the way back to the words of a source.
type link struct {
	URL   string
	Text  string
	Title string
}

// Ref makes the link to a place in a source.
func (b base) Ref(source string, place sighting.Place) link {
	if source == "" {
		return link{}
	}
	at := place.String()
	l := link{
		URL:   "/source/" + url.PathEscape(source) + "?" + b.query(url.Values{"at": {at}}),
		Text:  b.SourceName(source),
		Title: "source " + source + ", place " + at,
	}
	if place.Locator != "" {
		l.Text += ", " + place.Locator
	}
	return l
}

// SourceName names a source by its file, or by the beginning of its hash.
func (b base) SourceName(source string) string {
	if name := b.names[source]; name != "" {
		return name
	}
	if len(source) > 12 {
		source = source[:12]
	}
	return "source " + source
}

// query adds the zone of this page to an address.
func (b base) query(v url.Values) string {
	if b.asked != "" {
		v.Set("zone", b.asked)
	}
	return v.Encode()
}

// Left says how long a deadline is away.
func (b base) Left(deadline time.Time) string {
	if deadline.IsZero() {
		return "How long the operator keeps its records is not known. Ask for preservation first."
	}
	days := int(deadline.Sub(b.now).Hours() / 24)
	switch {
	case deadline.Before(b.now):
		return "The operator's records expired on " + day(deadline) + ", as far as is known."
	case days == 0:
		return "The operator's records expire within a day, on " + day(deadline) + "."
	}
	return fmt.Sprintf("The operator's records expire on %s, in %s.", day(deadline), count(days, "day", "days"))
}

// Pressing tells whether a deadline calls for haste: thirty days are what an
// answer to a letter may well take.
func (b base) Pressing(deadline time.Time) bool {
	return !deadline.IsZero() && deadline.Sub(b.now) < 30*24*time.Hour
}
