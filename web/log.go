package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"suraag/custody"
	"suraag/fault"
)

// showEntries is how many entries of the log a page lists.
const showEntries = 100

// toldOfEntries are the members of a record that the log's page shows: who was
// let in how, and why. What a case holds or a search was for is not among them,
// so that whoever audits learns who looked, and not what was found.
var toldOfEntries = []string{"what", "how", "why", "from", "to", "role", "login", "page", "purpose", "reason", "until", "scope", "sealed", "hidden", "shown", "by"}

// logged is an entry in words.
type logged struct {
	custody.Logged
	Told []told
}

type told struct{ Name, Value string }

type logPage struct {
	base
	Entries []logged
	Filter  custody.Query
	Kinds   []custody.Kind
	Next    string // the address of the next page; empty: there is none
}

// log is the auditor's page: who did what and when, without what a case holds.
func (s *server) log(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q := custody.Query{Kind: v.Get("kind"), By: strings.TrimSpace(v.Get("by")), Subject: strings.TrimSpace(v.Get("subject")), Before: v.Get("before"), Limit: showEntries + 1}
	if q.Kind != "" && !slices.Contains(custody.Kinds(), q.Kind) {
		return fault.Newf(fault.Invalid, "kind %q is none of the log's", short(q.Kind))
	}
	if len(q.By)+len(q.Subject) > maxField {
		return fault.Newf(fault.TooLarge, "the words to look for have more than %d characters", maxField)
	}
	found, err := s.Desk.Entries(r.Context(), q)
	if err != nil {
		return err
	}
	p := logPage{base: s.base(r, "Log", "log"), Filter: q, Kinds: custody.Kinds()}
	if len(found) > showEntries {
		found = found[:showEntries]
		p.Next = "/log?" + url.Values{"kind": {q.Kind}, "by": {q.By}, "subject": {q.Subject}, "before": {found[showEntries-1].ID}}.Encode()
	}
	for _, l := range found {
		told := toldOf(l)
		if asked, is := strings.CutPrefix(l.Subject, "trace "); is && asked != "" {
			l.Subject = "a trace" // what was searched for may be a person's number
		}
		p.Entries = append(p.Entries, logged{l, told})
	}
	if q.Before == "" {
		if err := s.Wall.Looked(r.Context(), "log", map[string]string{"what": "read"}); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, "log", p)
}

// toldOf gives what of an entry's record may be shown, in a fixed order.
func toldOf(l custody.Logged) (out []told) {
	e, err := custody.Parse(l.Canonical)
	if err != nil {
		return nil // erased, or nothing that we wrote; its place and leaf are shown
	}
	var record map[string]any
	if json.Unmarshal(e.Record, &record) != nil {
		return nil
	}
	for _, name := range toldOfEntries {
		switch v := record[name].(type) {
		case string:
			if v != "" {
				out = append(out, told{name, short(v)})
			}
		case float64, bool:
			text, _ := json.Marshal(v)
			out = append(out, told{name, string(text)})
		}
	}
	return out
}
