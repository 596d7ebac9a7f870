package kik

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

const service = "Kik"

// row is one line on its way to a sighting.
type row struct {
	sighting.Sighting
	l     columns
	cells []string
	used  map[int]bool
}

// cell gives a cell and marks it as used.
func (r *row) cell(n int) string {
	if n == none || n >= len(r.cells) {
		return ""
	}
	r.used[n] = true
	if v := table.Clean(strings.ReplaceAll(r.cells[n], "\x00", "\ufffd")); sighting.Stated(v) {
		return v
	}
	return ""
}

func (r *row) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *row) keep(name, value string) {
	if value != "" {
		r.Extra = append(r.Extra, sighting.Field{Name: name, Value: value})
	}
}

// adapt turns one row into a sighting. The reason is given where its meaning is
// lost.
func adapt(l columns, t *table.Row, opts intake.Options, sink intake.Sink) (s sighting.Sighting, bad string, err error) {
	if t.Problem != "" {
		return s, t.Problem, nil
	}
	if n := len(t.Cells); n < l.least || n > l.most {
		return s, fmt.Sprintf("the row has %d columns, %s has %d to %d", n, l.title, l.least, l.most), nil
	}
	r := &row{l: l, cells: t.Cells, used: map[int]bool{}}
	r.Act, r.Standing, r.Service, r.Place, r.Part = l.act, sighting.MessageLog, service, t.Place(), string(l.act)
	if l.act == sighting.Login {
		r.Standing = sighting.ProviderRecord
	}
	r.who()
	r.endpoint()
	if len(r.Who) == 0 || l.act == sighting.Login && r.From.IsZero() {
		return s, fmt.Sprintf("no user, or no address, that can be read: %q, %q", r.cell(l.user), r.cell(l.ip)), nil
	}
	if err := r.when(opts, sink); err != nil {
		return s, "", err
	}
	r.content()
	for n := range t.Cells {
		if !r.used[n] {
			r.keep(fmt.Sprintf("column %d", n), r.cell(n))
		}
	}
	return r.Sighting, "", nil
}

func (r *row) who() {
	for _, p := range []struct {
		column int
		kind   sighting.IDKind
		list   *[]sighting.Identifier
	}{
		{r.l.user, sighting.Handle, &r.Who},
		{r.l.other, sighting.Handle, &r.To},
		{r.l.group, sighting.Group, &r.Via},
		{r.l.message, sighting.Message, &r.Via},
	} {
		v := r.cell(p.column)
		if v == "" {
			continue
		}
		id, err := sighting.Identify(p.kind, service, v)
		if err != nil {
			r.keep(fmt.Sprintf("column %d", p.column), v)
			r.note("%v", err)
			continue
		}
		*p.list = append(*p.list, id)
	}
}

func (r *row) endpoint() {
	ip, port := r.cell(r.l.ip), r.cell(r.l.port)
	if ip == "" {
		r.keep("port", port)
		return
	}
	from, err := sighting.ParseEndpoint(ip, port)
	if err != nil {
		r.keep("ip", ip)
		r.keep("port", port)
		r.note("%v", err)
		// A bad port does not make the address wrong.
		if from, err = sighting.ParseEndpoint(ip, ""); err != nil {
			return
		}
	}
	r.From = from
}

func (r *row) when(opts intake.Options, sink intake.Sink) error {
	text := r.cell(r.l.time)
	if text == "" {
		r.note("time not stated")
		return nil
	}
	when, err := instant.Parse(text, opts.Rule())
	if err != nil {
		r.keep("time", text)
		r.note("%v", err)
		return sink.Note(r.Place, err.Error())
	}
	r.When = when
	return nil
}

// content takes the id by which Kik names one exact file.
func (r *row) content() {
	if id := r.cell(r.l.content); id != "" {
		r.Content.Refs = []string{"kik:" + id}
	}
	r.keep("app", r.cell(r.l.app))
	r.keep("device", r.cell(r.l.device))
	if text := r.cell(r.l.text); text != "" {
		r.Say(text)
	}
}
