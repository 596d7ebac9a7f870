package draft_test

import (
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/sighting"
)

func fresh() *draft.Draft {
	return draft.New(sighting.Place{Start: 1, End: 2}, sighting.Login, sighting.Statement, "Example")
}

// A word that cannot be read stays as it was written, and the record says why.
func TestNothingIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*draft.Draft)
		kept string // as name=value
		note string
	}{
		"address":           {func(d *draft.Draft) { d.Address("ip", "192.0.2.300", "") }, "ip=192.0.2.300", "not an IP address"},
		"port":              {func(d *draft.Draft) { d.Address("ip", "192.0.2.3", "70000") }, "ip port=70000", "port"},
		"port without one":  {func(d *draft.Draft) { d.Address("ip", "", "51602") }, "ip port=51602", ""},
		"time":              {func(d *draft.Draft) { d.Time("at", "yesterday", instant.UTC()) }, "at=yesterday", "no known form"},
		"phone":             {func(d *draft.Draft) { d.Identify(&d.Who, sighting.Phone, "mobile", "9.19E+11") }, "mobile=9.19E+11", "spreadsheet"},
		"not UTF-8":         {func(d *draft.Draft) { d.Keep("x", "a\xff") }, "x=a\ufffd", ""},
		"longer than bound": {func(d *draft.Draft) { d.Keep("x", strings.Repeat("क", 5000)) }, "x=" + strings.Repeat("क", 2730) + "\ufffd…", ""},
	} {
		d := fresh()
		c.do(d)
		if len(d.Extra) != 1 || d.Extra[0].Name+"="+d.Extra[0].Value != c.kept {
			t.Errorf("%s: kept %q, want %q", name, d.Extra, c.kept)
		}
		if notes := strings.Join(d.Notes, "; "); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", name, notes, c.note)
		}
	}
}

// What states nothing leaves no trace, and no list grows without end.
func TestBounds(t *testing.T) {
	d := fresh()
	d.Keep("x", "N/A")
	d.Time("at", "", instant.UTC())
	d.Address("ip", "null", "")
	if d.Identify(&d.Who, sighting.Phone, "mobile", "-") || len(d.Extra)+len(d.Notes)+len(d.Who) > 0 || !d.When.IsZero() || !d.From.IsZero() {
		t.Errorf("nothing became %+v", d.Sighting)
	}
	for n := range 5000 {
		d.Keep("x", strings.Repeat("x", n+1))
		d.Note("%d", n)
		d.Identify(&d.Via, sighting.Group, "group", strings.Repeat("g", n%2000+1))
	}
	if len(d.Extra) != 201 || len(d.Notes) != 50 || len(d.Via) != 1000 {
		t.Errorf("%d values, %d notes, %d identifiers", len(d.Extra), len(d.Notes), len(d.Via))
	}
	d.Identify(&d.Who, sighting.Email, "mail", "A@example.com")
	d.Identify(&d.Who, sighting.Email, "mail", "a@example.com")
	d.Address("ip", "192.0.2.3", "51602")
	if len(d.Who) != 1 || d.From.String() != "192.0.2.3:51602" {
		t.Errorf("%v from %v", d.Who, d.From)
	}
}
