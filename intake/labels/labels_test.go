package labels_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/intake/intaketest"
	"suraag/intake/labels"
)

// pair writes one label with its value in the older markup (A) or the newer (B).
func pair(generation, label, value string) string {
	if generation == "A" {
		return `<div class="div_table" style="font-weight: bold;"><div class="div_table" style="font-weight: bold; display:table;">` + label +
			`<div style="font-weight: normal; display:table-cell; padding: 2px;"><div>` + value + `</div></div></div></div>`
	}
	return `<div class="t o"><div class="t i">` + label + `<div class="m"><div>` + value + `<div class="p"></div></div></div></div></div>`
}

func section(generation, name, title, inside string) string {
	return `<div id="property-` + name + `">` + pair(generation, title+" Definition", "what it means") + pair(generation, title, inside) + `</div>`
}

// read gives each record in one line, then bad rows and notes.
func read(t testing.TB, text string) (lines []string, err error) {
	t.Helper()
	shapes := map[string]labels.Shape{
		"logins": {Known: []string{"Time", "IP"}},
		"talk":   {Known: []string{"Author", "Body", "File"}, Many: []string{"File"}, Head: []string{"Thread"}},
	}
	var sink intaketest.Sink
	err = labels.Read(strings.NewReader(text), shapes, &sink, func(r *labels.Record) error {
		line := fmt.Sprintf("%s %d:", r.Section, r.Number)
		for _, v := range append(r.Head, r.Values...) {
			line += fmt.Sprintf(" %s=%q", v.Label, v.Text)
		}
		lines = append(lines, line)
		if p := r.Place(); p.Start < 0 || p.End <= p.Start || p.End > int64(len(text)) {
			t.Errorf("place %s of %d bytes", p, len(text))
		}
		return nil
	}, func() error { return nil })
	for _, b := range sink.Records.Bad {
		lines = append(lines, "bad: "+b.Reason)
	}
	for _, n := range sink.Notes {
		lines = append(lines, "note: "+n.Text)
	}
	return lines, err
}

func TestRecords(t *testing.T) {
	for _, g := range []string{"A", "B"} {
		p := func(label, value string) string { return pair(g, label, value) }
		for name, c := range map[string]struct {
			text string
			want []string
		}{
			"a repeated label begins a record": {
				section(g, "logins", "Logins", p("Time", "1")+p("IP", "a")+p("Time", "2")+p("IP", "b")),
				[]string{`logins 1: Time="1" IP="a"`, `logins 2: Time="2" IP="b"`},
			},
			"an empty value counts as said": {
				section(g, "logins", "Logins", p("Time", "")+p("IP", "a")+p("Time", "2")),
				[]string{`logins 1: Time="" IP="a"`, `logins 2: Time="2"`},
			},
			"a head stays for the records after it": {
				section(g, "talk", "Talk", p("Thread", "7")+p("Author", "x")+p("File", "1")+p("File", "2")+p("Author", "y")+p("Thread", "8")+p("Author", "z")),
				[]string{`talk 1: Thread="7" Author="x" File="1" File="2"`, `talk 2: Thread="7" Author="y"`, `talk 3: Thread="8" Author="z"`},
			},
			"labels inside a value": {
				section(g, "talk", "Talk", p("Thread", "7"+p("Author", "x"+p("Body", "hello")))),
				[]string{`talk 1: Thread="7" Author="x" Body="hello"`},
			},
			"no records": {
				section(g, "logins", "Logins", "No responsive records located"),
				[]string{"note: section logins: No responsive records located"},
			},
			"no records, newer words": {
				section(g, "logins", "Logins", "No responsive records found"),
				[]string{"note: section logins: No responsive records found"},
			},
			"marks of pages": {
				section(g, "talk", "Talk", p("Author", "x")+p("Body", "one<div>Meta Platforms Business Record<span>Page 12</span></div>two")),
				[]string{`talk 1: Author="x" Body="one\ntwo"`},
			},
			"unknown section": {
				section(g, "pets", "Pets", p("Cat", "1")+p("Dog", "2")),
				[]string{"note: section pets is not read; its 2 values are not kept"},
			},
			"unknown label": {
				section(g, "logins", "Logins", p("Time", "1")+p("Mood", "good")+p("Time", "2")+p("Mood", "bad")),
				[]string{`logins 1: Time="1" Mood="good"`, `logins 2: Time="2" Mood="bad"`, `note: section logins: label "Mood" is not known; its values are kept`},
			},
			"entities and zero bytes": {
				section(g, "talk", "Talk", p("Author", "a&amp;b")+p("Body", "x\x00\xff")),
				[]string{`talk 1: Author="a&b" Body="x��"`},
			},
			"record beyond the limit": {
				section(g, "talk", "Talk", p("Author", "x")+p("Body", strings.Repeat("y", 1<<20+10))+p("Author", "z")),
				[]string{`talk 2: Author="z"`, "bad: the record has more than 1048576 bytes of text"},
			},
			"truncated": {
				section(g, "logins", "Logins", p("Time", "1")+p("IP", "a")+p("Time", "2")+"\x01"),
				[]string{`logins 1: Time="1" IP="a"`, `logins 2: Time="2"`, "note: damaged: "},
			},
			"value under no label": {
				section(g, "logins", "Logins", p("", "lost")+p("Time", "1")),
				[]string{`logins 1: Time="1"`, `note: text "lost" stands under no label`},
			},
			"damaged tag": {
				strings.Replace(section(g, "logins", "Logins", p("Time", "1")), "<div>1", "<dav>1", 1),
				[]string{`logins 1: Time="1"`, `note: damaged: tag "dav" is not known`, "note: damaged: 0 elements are not closed, 1 are closed"},
			},
		} {
			t.Run(g+" "+name, func(t *testing.T) {
				text, _, _ := strings.Cut(c.text, "\x01")
				got, err := read(t, text)
				if err != nil {
					t.Fatal(err)
				}
				for n := range got { // notes are compared by their beginning
					if n < len(c.want) && strings.HasPrefix(c.want[n], "note: ") && strings.HasPrefix(got[n], c.want[n]) {
						got[n] = c.want[n]
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

func TestWhatIsNoReturnIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no section":      {"<html><body>hello</body></html>", "no section"},
		"no known markup": {`<div id="property-x"><p>Label</p><p>value</p></div>`, "markup is of a generation that is not known"},
		"too deep":        {strings.Repeat("<div>", 600), "nests more than"},
		"one huge tag":    {`<div id="property-x"><div title="` + strings.Repeat("x", 3<<20), "one piece of more than"},
		"nothing":         {"", "no section"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestPersons(t *testing.T) {
	for text, want := range map[string]labels.Person{
		"synthetic_user_01 (Instagram: 900000000000001)": {Name: "synthetic_user_01", Number: "900000000000001"},
		"A (b) C (Facebook: 100)":                        {Name: "A (b) C", Number: "100"},
		"nobody":                                         {Name: "nobody"},
		"odd (Instagram: x)":                             {Name: "odd (Instagram: x)"},
	} {
		if got := labels.ReadPerson(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// FuzzMarkup: both generations give the same records for the same words, and
// words of a record are never lost.
func FuzzMarkup(f *testing.F) {
	seeds := [][3]string{{"1", "192.0.2.1", "2"}, {"", "x", "No responsive"}, {"a\nb", "c", "<b>d</b>"}}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if strings.ContainsAny(a+b+c, "<&") {
			t.Skip("markup in the words")
		}
		write := func(g string) string {
			return section(g, "logins", "Logins", pair(g, "Time", a)+pair(g, "IP", b)+pair(g, "Time", c))
		}
		first, err1 := read(t, write("A"))
		second, err2 := read(t, write("B"))
		if err1 != nil || err2 != nil {
			t.Skip("beyond the limits")
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the generations differ (-A +B):\n%s", diff)
		}
		if len(first) < 2 {
			t.Errorf("2 records became %q", first)
		}
	})
}
