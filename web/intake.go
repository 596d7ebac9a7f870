package web

import (
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
	"suraag/sighting"
)

// showSources is how many sealed originals the page lists, the newest first.
const showSources = 50

type intakePage struct {
	base
	Cases   []wall.Listed // to which whoever looks may hand in
	ForCase string        // the one that the address names
	Totals  Totals
	Sources []row
	Rest    int
}

// row is a sealed original with what came of reading it.
type row struct {
	custody.Source
	Reading reading
}

// reading is what came of a source, as the readers count it.
type reading struct {
	Members []struct {
		Path    string `json:"path"`
		Format  string `json:"format"`
		Problem string `json:"problem"`
	} `json:"Members"`
	Sightings int64 `json:"sightings"`
	Leases    int64 `json:"leases"`
	Listings  int64 `json:"listings"`
	Bad       int64 `json:"bad"`
	Notes     int64 `json:"notes"`
}

// readingOf gives nothing for a source that is not read yet.
func readingOf(s custody.Source) (r reading) {
	if json.Unmarshal(s.Result, &r) != nil {
		return reading{}
	}
	return r
}

// Records counts what was read, of every kind.
func (r reading) Records() int64 { return r.Sightings + r.Leases + r.Listings }

// Any tells whether anything came of it, good or bad.
func (r reading) Any() bool { return r.Records()+r.Bad+r.Notes > 0 }

// Formats names the formats that read something, each once.
func (r reading) Formats() string {
	var out []string
	seen := map[string]bool{"": true}
	for _, m := range r.Members {
		if !seen[m.Format] {
			seen[m.Format] = true
			out = append(out, m.Format)
		}
	}
	return strings.Join(out, ", ")
}

// intake shows the form, and what was handed in before.
func (s *server) intake(w http.ResponseWriter, r *http.Request) error {
	p := intakePage{base: s.base(r, "Hand in documents", "intake"), ForCase: r.URL.Query().Get("case")}
	var err error
	if p.Totals, err = s.Desk.Totals(r.Context()); err != nil {
		return err
	}
	if s.Wall != nil {
		if p.Cases, err = s.othersOf(r, ""); err != nil {
			return err
		}
	}
	sources, err := s.Desk.Sources(r.Context())
	if err != nil {
		return err
	}
	for n := len(sources) - 1; n >= 0 && len(p.Sources) < showSources; n-- {
		p.Sources = append(p.Sources, row{sources[n], readingOf(sources[n])})
	}
	p.Rest = len(sources) - len(p.Sources)
	return s.render(w, http.StatusOK, "intake", p)
}

// outcome is what came of one file of a hand-in.
type outcome struct {
	Name     string
	Source   string
	Added    bool
	State    string
	Problem  string
	Reading  reading
	Problems []sighting.Problem
	Refused  string // why it was not sealed
	Next     string
}

// MoreProblems tells whether there are more bad rows and notes than are listed.
func (o outcome) MoreProblems() bool { return o.Reading.Bad+o.Reading.Notes > int64(len(o.Problems)) }

type receivedPage struct {
	base
	Files   []outcome
	Waiting bool
	Totals  Totals
}

// receive seals each file as it comes. The fields stand before the files in the
// form, so that nothing is sealed whose authority is not stated.
func (s *server) receive(w http.ResponseWriter, r *http.Request) error {
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Time{}) // a question before may have left one on this connection
	r.Body = moving{r.Body, rc}
	form, err := r.MultipartReader()
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Invalid, "the form: %w", err), "send it as multipart/form-data, as the page does")
	}
	var in HandIn
	var files []outcome
	mark := ""
	err = eachPart(form, func(part *multipart.Part) error {
		if part.FormName() == "form" {
			mark, err = readField(part)
			return err
		}
		if part.FileName() == "" {
			if len(files) > 0 { // what was checked before the first file holds for all
				return fault.WithHint(fault.Newf(fault.Invalid, "field %q stands behind a file", short(part.FormName())), "put every field before the first file; a file for another case goes into another form")
			}
			return in.take(part)
		}
		if len(files) == 0 {
			if err := s.mayBring(r, &in, mark); err != nil {
				return err
			}
		}
		o, err := s.seal(r, in, part)
		if err == nil {
			files = append(files, o)
		}
		return err
	})
	if err != nil && len(files) == 0 {
		return err
	}
	if err != nil {
		files = append(files, refused("the files after these", sorted(err)))
	}
	if len(files) == 0 {
		return fault.WithHint(fault.Newf(fault.Invalid, "no file was sent"), "choose at least one file, or drop some on the box")
	}
	return s.showReceived(w, r, files)
}

// forUnit is what stands in the place of a case for what is brought for the unit.
const forUnit = "unit"

// mayBring takes the mark of the form before the first file, and finds out for
// which case it is brought. The files of one form go together.
func (s *server) mayBring(r *http.Request, in *HandIn, mark string) error {
	if s.Door != nil {
		in.BroughtBy = people.From(r.Context()).By // who is signed in brings it, whatever the form says
	}
	if err := in.checked(); err != nil {
		return err
	}
	switch {
	case in.Case == forUnit:
		in.Case = ""
	case in.Case != "" && s.Wall != nil:
		id, err := s.Wall.MayAdd(r.Context(), in.Case)
		if err != nil {
			return err
		}
		in.Case = id
	case s.Door != nil:
		err := fault.Newf(fault.Invalid, "it is not said for which case this is brought")
		return fault.WithHint(err, "choose the case, or the whole unit where it belongs to none")
	}
	_, err := s.spend(r, visitOf(r.Context()), mark)
	return err
}

// take reads a field of the form.
func (in *HandIn) take(part *multipart.Part) error {
	into := map[string]*string{
		"authority": &in.Authority, "brought_by": &in.BroughtBy, "case": &in.Case, "zone": &in.Zone, "date_order": &in.DateOrder,
		"service": &in.Service, "format": &in.Format, "list_name": &in.ListName, "list_from": &in.ListFrom,
	}[part.FormName()]
	if into == nil {
		return nil // an empty choice of files has neither name nor bytes
	}
	var err error
	*into, err = readField(part)
	return err
}

// checked refuses a hand-in that does not say what has to be said.
func (in HandIn) checked() error {
	if err := custody.NeedAuthority(in.Authority); err != nil {
		return fault.WithHint(err, `fill in "Held under", for example FIR 12/2025 PS Cyber Cell, Warrant 7/2025 or NCMEC referral`)
	}
	if in.BroughtBy == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody is named as having brought it"), `fill in "Brought by"`)
	}
	if (in.ListName == "") != (in.ListFrom == "") {
		err := fault.Newf(fault.Invalid, "list with name %q from %q: both are needed, or nobody can say later where a match came from", in.ListName, in.ListFrom)
		return fault.WithHint(err, "fill in both, or neither where it is no list of known hashes")
	}
	_, err := readZone(in.Zone, nil)
	return err
}

// seal hands one file on. A file that is refused does not hold up the next,
// unless the form itself is wrong or broken off.
func (s *server) seal(r *http.Request, in HandIn, part *multipart.Part) (outcome, error) {
	in.Name = baseName(part.FileName())
	src, added, err := s.Desk.Receive(r.Context(), in, part)
	if err == nil {
		return outcome{Name: in.Name, Source: src.ID, Added: added, State: src.State}, nil
	}
	var large *http.MaxBytesError
	if r.Context().Err() != nil || errors.As(err, &large) || errors.Is(err, os.ErrDeadlineExceeded) {
		return outcome{}, err
	}
	return refused(in.Name, err), nil
}

func refused(name string, err error) outcome {
	o := outcome{Name: name, Refused: ended(err.Error()), Next: ended(fault.Hint(err))}
	if o.Next == "" {
		o.Next = next[fault.KindOf(err)]
	}
	return o
}

// maxReceived bounds the files whose outcome one address names.
const maxReceived = 200

// showReceived sends the browser on, so that loading the page again does not
// send the files again. Only where a file was refused is the answer given here,
// because nothing else remembers why.
func (s *server) showReceived(w http.ResponseWriter, r *http.Request, files []outcome) error {
	q := url.Values{}
	for _, f := range files {
		if f.Refused != "" || len(files) > maxReceived {
			return s.renderReceived(w, r, files)
		}
		key := "id"
		if !f.Added {
			key = "again"
		}
		q.Add(key, f.Source)
	}
	http.Redirect(w, r, "/intake/received?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// received tells what came of each file, as far as it has been read.
func (s *server) received(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if len(q["id"])+len(q["again"]) > maxReceived {
		return fault.Newf(fault.TooLarge, "more than %d sources were asked for", maxReceived)
	}
	var files []outcome
	for _, key := range []string{"id", "again"} {
		for _, id := range q[key] {
			files = append(files, outcome{Source: id, Added: key == "id"})
		}
	}
	return s.renderReceived(w, r, files)
}

// showReasons is how many bad rows of one file the page lists.
const showReasons = 10

func (s *server) renderReceived(w http.ResponseWriter, r *http.Request, files []outcome) error {
	p := receivedPage{base: s.base(r, "Handed in", "intake"), Files: files}
	var err error
	if p.Totals, err = s.Desk.Totals(r.Context()); err != nil {
		return err
	}
	status := http.StatusOK
	for n := range files {
		f := &files[n]
		if f.Refused != "" {
			status = http.StatusUnprocessableEntity
			continue
		}
		if err := s.complete(r, f); err != nil {
			return err
		}
		p.names[f.Source] = f.Name
		p.Waiting = p.Waiting || f.State == custody.Sealed
	}
	return s.render(w, status, "received", p)
}

// complete fills in what is known of a sealed file by now.
func (s *server) complete(r *http.Request, f *outcome) error {
	src, err := s.Desk.FindSource(r.Context(), f.Source)
	if err != nil {
		return err
	}
	f.Source, f.Name, f.State, f.Problem, f.Reading = src.ID, src.Name, src.State, src.Problem, readingOf(src)
	if f.Reading.Bad+f.Reading.Notes > 0 {
		f.Problems, err = s.Desk.Problems(r.Context(), src.ID, 0, showReasons)
	}
	return err
}
