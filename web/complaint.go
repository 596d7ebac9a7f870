package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
)

// Complaints is what the pages of complaints ask of the house, as whoever asks
// (people.From) may see it. A complaint is a source, and behind the same wall.
type Complaints interface {
	Tables() complaint.Tables
	Queue(ctx context.Context, all bool) (waiting []complaint.Waiting, hidden int, err error)
	// Find gives one complaint with its ties; those to complaints that may not be
	// seen are counted, and whom to ask about them is said.
	Find(ctx context.Context, id string) (Complained, error)
	// Take takes a complaint, for a case or (empty) for the whole unit.
	Take(ctx context.Context, f complaint.Form, v complaint.Victim, kase string) (id string, problems []complaint.Problem, err error)
	Reach(ctx context.Context, id string, s complaint.Stage) error
	Victim(ctx context.Context, id, why string) (complaint.Victim, error)
	Series(ctx context.Context) (found series.Found, hidden int, err error)
	Decide(ctx context.Context, d series.Decision) error
	TakeBack(ctx context.Context, a, b string) error
	Keep(ctx context.Context, id string, draft Draft) (string, error)
	Draft(ctx context.Context, id string) (Draft, error)
	Drafts(ctx context.Context) ([]Kept, error)
	Drop(ctx context.Context, id string) error
}

// Complained is a complaint as one person may see it.
type Complained struct {
	complaint.Waiting
	May    bool // record a stage, decide what belongs together
	Ties   []series.Tie
	Hidden int      // ties to complaints of cases that whoever asks is not on
	Whom   []string // desks to ask about those
}

// Draft is a form that was begun.
type Draft struct {
	Form   complaint.Form   `json:"form"`
	Victim complaint.Victim `json:"victim"`
	Case   string           `json:"case,omitempty"`
}

// Kept is a draft in a list.
type Kept struct {
	ID string
	At time.Time
}

// shownComplaints is how many complaints one page of the queue shows.
const shownComplaints = 200

type complaintsPage struct {
	base
	Queue  []complaint.Waiting
	Before int    // complaints of the queue that stand before these
	Rest   int    // and after them
	Next   string // address of the page that goes on; empty: there is none
	Hidden int
	All    bool
	Drafts []Kept
	May    bool // take one
	tables complaint.Tables
}

// First is the place of the first one shown.
func (p complaintsPage) First() int { return p.Before + 1 }

// Kinds gives the kinds of harm in words.
func (p complaintsPage) Kinds(f complaint.Form) string { return kindsOf(p.tables, f) }

// Waited says how long a complaint waits.
func (p complaintsPage) Waited(f complaint.Form) string { return complaint.Waited(f.Received, p.now) }

func kindsOf(t complaint.Tables, f complaint.Form) string {
	var out []string
	for _, k := range f.Kinds {
		out = append(out, t.Label(complaint.Kinds, k, f.Received))
	}
	return strings.Join(out, "; ")
}

// complaints is the queue, rescue first.
func (s *server) complaints(w http.ResponseWriter, r *http.Request) error {
	p := complaintsPage{base: s.base(r, "Complaints", "complaints"), All: r.URL.Query().Get("all") == "yes", tables: s.Complaints.Tables()}
	var err error
	if p.Queue, p.Hidden, err = s.Complaints.Queue(r.Context(), p.All); err != nil {
		return err
	}
	p.turnTo(r.URL.Query().Get("after"))
	if p.May = s.policy.OnUnit(people.From(r.Context()), people.HandIn) == nil; p.May {
		if p.Drafts, err = s.Complaints.Drafts(r.Context()); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, "complaints", p)
}

// turnTo leaves of the queue what one page shows, behind the first so many.
func (p *complaintsPage) turnTo(after string) {
	n, err := strconv.Atoi(after)
	if err != nil || n < 0 || n >= len(p.Queue) {
		n = 0 // the first page: the queue may have become shorter meanwhile
	}
	p.Before, p.Queue = n, p.Queue[n:]
	if p.Rest = max(0, len(p.Queue)-shownComplaints); p.Rest > 0 {
		p.Queue = p.Queue[:shownComplaints]
		next := url.Values{"after": {strconv.Itoa(n + shownComplaints)}}
		if p.All {
			next.Set("all", "yes")
		}
		p.Next = "/complaints?" + next.Encode()
	}
}

// The rows that an empty form has; asking for more keeps what was typed.
const (
	firstFields = 4
	mostFields  = 40
)

type formPage struct {
	base
	Draft
	ID       string // of the draft
	Problems []complaint.Problem
	Cases    []wall.Listed
	Saved    bool
	Rows     int
	tables   complaint.Tables
}

// Choices gives the rows of a table that hold today.
func (p formPage) Choices(table string) []complaint.Row { return p.tables.On(table, p.now) }

// Chosen tells whether a code is ticked.
func (p formPage) Chosen(list []string, code string) bool {
	for _, c := range list {
		if c == code {
			return true
		}
	}
	return false
}

// Wrong gives what is wrong with a field.
func (p formPage) Wrong(field string) (out []string) {
	for _, x := range p.Problems {
		if x.Field == field {
			out = append(out, x.Words)
		}
	}
	return out
}

// Numbered names the n-th row of a field.
func (p formPage) Numbered(field string, n int) string { return field + "." + strconv.Itoa(n) }

// Accused gives the rows for identifiers, filled and empty.
func (p formPage) Accused() []complaint.Stated { return padded(p.Form.Accused, p.Rows) }

// Messages gives the rows for messages, filled and empty.
func (p formPage) Messages() []complaint.Message { return padded(p.Form.Messages, p.Rows) }

func padded[T any](list []T, n int) []T {
	for len(list) < n {
		var empty T
		list = append(list, empty)
	}
	return list
}

// Lines gives a list as a text area shows it.
func (p formPage) Lines(list []string) string { return strings.Join(list, "\n") }

// ReceivedAt gives the moment of the form as a field of a form shows it, in the
// viewer's zone.
func (p formPage) ReceivedAt() string {
	if p.Form.Received.IsZero() {
		return ""
	}
	return p.Form.Received.In(p.Zone).Format("2006-01-02T15:04")
}

// IDKinds are the kinds of identifier that a complainant can state.
func (p formPage) IDKinds() []choice {
	return []choice{
		{"phone", "Phone number · फ़ोन"}, {"handle", "Username · यूज़रनेम"}, {"account", "Account number of the profile · प्रोफ़ाइल आईडी"}, {"email", "E-mail · ईमेल"},
		{"payment", "UPI or wallet · यूपीआई"}, {"url", "Link of the profile · लिंक"}, {"imei", "IMEI"}, {"name", "Name he uses · नाम"},
	}
}

type choice struct{ Value, Words string }

// newComplaint shows the form: empty, or a draft.
func (s *server) newComplaint(w http.ResponseWriter, r *http.Request) error {
	p := s.form(r)
	p.Form.Received, p.Form.Language, p.Form.Channel, p.Form.AgeBand = s.Now().UTC().Truncate(time.Minute), "hi", "in person", "unknown"
	p.Case = r.URL.Query().Get("case")
	if id := r.URL.Query().Get("draft"); id != "" {
		d, err := s.Complaints.Draft(r.Context(), id)
		if err != nil {
			return err
		}
		p.Draft, p.ID, p.Saved = d, id, r.URL.Query().Get("saved") == "yes"
		p.Rows = min(mostFields, max(firstFields, len(d.Form.Accused), len(d.Form.Messages)))
	}
	return s.showForm(w, r, http.StatusOK, p)
}

func (s *server) form(r *http.Request) formPage {
	return formPage{base: s.base(r, "New complaint", "complaints"), tables: s.Complaints.Tables(), Rows: firstFields}
}

func (s *server) showForm(w http.ResponseWriter, r *http.Request, status int, p formPage) error {
	if s.Wall != nil {
		var err error
		if p.Cases, err = s.othersOf(r, ""); err != nil {
			return err
		}
	}
	return s.render(w, status, "complaint-form", p)
}

// takeComplaint takes the form, keeps it as a draft, or gives it back with more
// rows. Nothing that was typed is lost.
func (s *server) takeComplaint(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(fault.Newf(fault.Invalid, "the form: %w", err))
	}
	p := s.form(r)
	if zone, err := readZone(r.PostForm.Get("zone"), s.Zone); err == nil {
		p.Zone = zone
	}
	p.ID = r.PostForm.Get("draft")
	var err error
	if p.Draft, p.Problems, err = readForm(r.PostForm, p.Zone); err != nil {
		return err
	}
	p.Rows = min(mostFields, max(firstFields, len(p.Form.Accused), len(p.Form.Messages)))
	switch r.PostForm.Get("do") {
	case "more":
		p.Rows = min(mostFields, p.Rows+firstFields)
		p.Problems = nil
		return s.showForm(w, r, http.StatusOK, p)
	case "draft":
		id, err := s.Complaints.Keep(r.Context(), p.ID, p.Draft)
		if err != nil {
			return err
		}
		http.Redirect(w, r, "/complaint/new?saved=yes&draft="+url.QueryEscape(id), http.StatusSeeOther)
		return nil
	case "drop":
		if err := s.Complaints.Drop(r.Context(), p.ID); err != nil {
			return err
		}
		http.Redirect(w, r, "/complaints", http.StatusSeeOther)
		return nil
	}
	if len(p.Problems) == 0 {
		var id string
		id, p.Problems, err = s.Complaints.Take(r.Context(), p.Form, p.Victim, p.Case)
		if err != nil {
			return err
		}
		if len(p.Problems) == 0 {
			if p.ID != "" {
				if err := s.Complaints.Drop(r.Context(), p.ID); err != nil {
					return err
				}
			}
			http.Redirect(w, r, "/complaint/"+id+"?taken=yes", http.StatusSeeOther)
			return nil
		}
	}
	return s.showForm(w, r, http.StatusUnprocessableEntity, p)
}

// readForm reads the fields. What cannot be read at all is a problem of its field.
func readForm(v url.Values, zone *time.Location) (d Draft, problems []complaint.Problem, err error) {
	d.Form = complaint.Form{
		Number: v.Get("number"), Station: v.Get("station"), District: v.Get("district"), Channel: v.Get("channel"), Language: v.Get("language"),
		Kinds: v["kinds"], Heads: v["heads"], AgeBand: v.Get("age_band"), Danger: v["danger"], Story: v.Get("story"),
		Addresses: lines(v.Get("addresses")), Digests: lines(v.Get("digests")), Attached: lines(v.Get("attached")), ChatNames: lines(v.Get("chat_names")),
	}
	d.Victim = complaint.Victim{Name: v.Get("victim_name"), Guardian: v.Get("victim_guardian"), Phone: v.Get("victim_phone"), Address: v.Get("victim_address"), Note: v.Get("victim_note")}
	d.Case = v.Get("case")
	if text := strings.TrimSpace(v.Get("received")); text != "" {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
		if err != nil {
			problems = append(problems, complaint.Problem{Field: "received", Words: "Give the moment as the field shows it: 2025-02-28T18:45."})
		}
		d.Form.Received = at.UTC()
	}
	for n := range v["id_value"] {
		if n == mostFields {
			return d, nil, fault.Newf(fault.TooLarge, "the form has more than %d identifiers; attach the rest as a file", mostFields)
		}
		d.Form.Accused = append(d.Form.Accused, complaint.Stated{Kind: nth(v["id_kind"], n), Service: nth(v["id_service"], n), Value: v["id_value"][n]})
	}
	for n := range v["message_words"] {
		if n == mostFields {
			return d, nil, fault.Newf(fault.TooLarge, "the form has more than %d messages; attach the rest as a file", mostFields)
		}
		d.Form.Messages = append(d.Form.Messages, complaint.Message{When: nth(v["message_when"], n), Service: nth(v["message_service"], n), Words: v["message_words"][n]})
	}
	d.Form.Normal()
	return d, problems, nil
}

func nth(list []string, n int) string {
	if n < len(list) {
		return list[n]
	}
	return ""
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}

type complaintPage struct {
	base
	C      Complained
	Taken  bool
	May    bool // record a stage, decide about series
	Child  bool // ask who the child is
	Stages []string
	Closed []complaint.Row
	Victim *complaint.Victim
	tables complaint.Tables
}

// Kinds gives the kinds of harm in words.
func (p complaintPage) Kinds() string { return kindsOf(p.tables, p.C.Form) }

// Heads gives the heads of law in words.
func (p complaintPage) Heads() (out []string) {
	for _, h := range p.C.Form.Heads {
		out = append(out, p.tables.Label(complaint.Heads, h, p.C.Form.Received))
	}
	return out
}

// Age gives the age band in words.
func (p complaintPage) Age() string {
	return p.tables.Label(complaint.Ages, p.C.Form.AgeBand, p.C.Form.Received)
}

// Other gives the other end of a tie.
func (p complaintPage) Other(t series.Tie) string {
	if t.A == p.C.Source {
		return t.B
	}
	return t.A
}

// Today is the day that a field begins with.
func (p complaintPage) Today() string { return p.now.In(p.Zone).Format(time.DateOnly) }

func (s *server) complaint(w http.ResponseWriter, r *http.Request) error {
	return s.showComplaint(w, r, nil)
}

func (s *server) showComplaint(w http.ResponseWriter, r *http.Request, v *complaint.Victim) error {
	c, err := s.Complaints.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := complaintPage{
		base: s.base(r, "Complaint "+head(c.Source), "complaints"), C: c, Taken: r.URL.Query().Get("taken") == "yes", Victim: v,
		Stages: complaint.StageNames(), Closed: complaint.Closures(), tables: s.Complaints.Tables(),
		Child: s.policy.OnUnit(people.From(r.Context()), people.HandIn) == nil,
	}
	p.May = p.Child && c.May
	return s.render(w, http.StatusOK, "complaint", p)
}

// complaintChange records what became of a complaint, shows the victim, or
// decides what belongs together.
func (s *server) complaintChange(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(fault.Newf(fault.Invalid, "the form: %w", err))
	}
	c, err := s.Complaints.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	by := people.From(r.Context()).By
	v := r.PostForm
	switch do := v.Get("do"); do {
	case "victim":
		who, err := s.Complaints.Victim(r.Context(), c.Source, strings.TrimSpace(v.Get("why")))
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		return s.showComplaint(w, r, &who)
	case "stage":
		st := complaint.Stage{Name: v.Get("name"), By: by, Words: strings.TrimSpace(v.Get("words")), Reason: v.Get("reason")}
		if st.Name != complaint.Closed {
			st.Reason = ""
		}
		if complaint.Counts(st.Name) {
			if st.Persons, err = strconv.Atoi(v.Get("persons")); err != nil {
				return fault.Newf(fault.Invalid, "persons %q is no number; say how many", short(v.Get("persons")))
			}
		}
		if st.At, err = time.ParseInLocation(time.DateOnly, v.Get("on"), s.Zone); err != nil {
			return fault.Newf(fault.Invalid, "day %q is not of the form 2025-02-28", short(v.Get("on")))
		}
		err = s.Complaints.Reach(r.Context(), c.Source, st)
	case "take back":
		st := complaint.Stage{Name: complaint.TakenBack, At: s.Now(), By: by, Words: strings.TrimSpace(v.Get("words"))}
		if st.TakesBack, err = strconv.ParseInt(v.Get("stage"), 10, 64); err != nil {
			return fault.Newf(fault.Invalid, "stage %q is no number", short(v.Get("stage")))
		}
		err = s.Complaints.Reach(r.Context(), c.Source, st)
	case "join", "part":
		err = s.Complaints.Decide(r.Context(), series.Decision{A: c.Source, B: v.Get("other"), Same: do == "join", By: by, Reason: v.Get("reason")})
	case "undo":
		err = s.Complaints.TakeBack(r.Context(), c.Source, v.Get("other"))
	default:
		return fault.Newf(fault.Invalid, "%q is nothing that can be done with a complaint", short(do))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/complaint/"+c.Source, http.StatusSeeOther)
	return nil
}

type seriesPage struct {
	base
	F      series.Found
	Hidden int
}

// Most bounds what one page shows.
func (seriesPage) Most() int { return 100 }

func (s *server) series(w http.ResponseWriter, r *http.Request) error {
	p := seriesPage{base: s.base(r, "Which complaints belong together", "complaints")}
	var err error
	if p.F, p.Hidden, err = s.Complaints.Series(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "series", p)
}

// hash is the page on which a complainant's own browser works out the hash of a
// file, which never leaves it.
func (s *server) hash(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, http.StatusOK, "hash", s.base(r, "Work out the hash of a file", ""))
}
