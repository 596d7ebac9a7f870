package xmlwalk_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/intake/xmlwalk"
)

var limits = xmlwalk.Limits{Bytes: 1 << 16, Elements: 100, Depth: 20}

func whole(text string) (*xmlwalk.Element, *xmlwalk.Reader, error) {
	r := xmlwalk.New(strings.NewReader(text), limits)
	e, _, err := r.Next()
	if err != nil {
		return nil, r, err
	}
	e, err = r.Whole(e)
	return e, r, err
}

func TestElementsStandWhereTheySay(t *testing.T) {
	text := "\ufeff" + `<?xml version="1.0"?><!DOCTYPE r><!-- c --><r xmlns="urn:x" a="1"> <b/>t1<n:c xmlns:n="urn:y" n:k="v"><![CDATA[<x>]]></n:c>ट &amp; t2<b c="2"></b></r>`
	e, _, err := whole(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var show func(*xmlwalk.Element)
	show = func(e *xmlwalk.Element) {
		got = append(got, fmt.Sprintf("%s %v %q %s", e.Name, e.Attrs, e.Text, text[e.Start:e.End]))
		for _, kid := range e.Kids {
			show(kid)
		}
	}
	show(e)
	want := []string{
		`r [{a 1}] "t1ट & t2" ` + text[strings.Index(text, "<r "):],
		`b [] "" <b/>`,
		`c [{k v}] "<x>" <n:c xmlns:n="urn:y" n:k="v"><![CDATA[<x>]]></n:c>`,
		`b [{c 2}] "" <b c="2"></b>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e.Kid("c").Value() != "<x>" || e.Kid("none", "c").Value() != "" || e.Kid("c").Attr("k") != "v" {
		t.Error("a kid is not found by its name, or a missing one is")
	}
}

func TestFlatten(t *testing.T) {
	e, _, err := whole(`<r><a><viral/><b x="1">t</b><c>N/A</c></a></r>`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	xmlwalk.Flatten(e.Kid("a"), "a", func(name, value string) { got = append(got, name+"="+value) })
	if diff := cmp.Diff([]string{"a.viral=present", "a.b@x=1", "a.b=t"}, got); diff != "" {
		t.Error(diff)
	}
}

// What XML forbids is replaced byte for byte, so that the rest can be read and
// every place stays true.
func TestForbiddenCharactersAreReplaced(t *testing.T) {
	for raw, want := range map[string]string{
		"a\xffb": "a?b", "a\x01b": "a?b", "a&#0;b": "a????b", "a&#xFFFE;b": "a????????b", "é&#233;€": "éé€",
		"\xe2\x82": "??", "😀": "😀", "\uffff": "???",
	} {
		text := "<r>" + raw + "<e/></r>"
		e, r, err := whole(text)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		if e.Text != want || text[e.Kids[0].Start:e.Kids[0].End] != "<e/>" {
			t.Errorf("%q: text %q, want %q; place %d-%d", raw, e.Text, want, e.Kids[0].Start, e.Kids[0].End)
		}
		if n, first := r.Replaced(); (n > 0) != strings.Contains(want, "?") || n > 0 && !strings.HasPrefix(text[first:], strings.TrimPrefix(raw, "a")[:1]) {
			t.Errorf("%q: %d replaced, the first at %d", raw, n, first)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		kind       fault.Kind
	}{
		"own entities":   {`<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>`, "own entities", fault.Invalid},
		"unknown entity": {`<r>&b;</r>`, "entity", fault.Invalid},
		"too deep":       {strings.Repeat("<a>", 30), "deep", fault.TooLarge},
		"cut":            {`<r><a>`, "ends in the middle", fault.Invalid},
		"crossed":        {`<r><a></r></a>`, "byte 10", fault.Invalid},
		"endless text":   {`<r>` + strings.Repeat("x", 1<<20), "single text", fault.TooLarge},
		"other charset":  {`<?xml version="1.0" encoding="UTF-16"?><r/>`, "encoding", fault.Invalid},
	} {
		_, _, err := whole(c.text)
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v (%s), want %q", name, err, fault.KindOf(err), c.want)
		}
	}
	if _, _, err := whole("  "); err != io.EOF {
		t.Errorf("an empty file gives %v", err)
	}
}

func TestOversizeIsPassedOver(t *testing.T) {
	for name, big := range map[string]string{
		"many": "<big>" + strings.Repeat("<a/>", 200) + "</big>",
		"long": "<big>" + strings.Repeat("<a>"+strings.Repeat("x", 2000)+"</a>", 50) + "</big>",
	} {
		text := "<r>" + big + "<next>one</next></r>"
		r := xmlwalk.New(strings.NewReader(text), limits)
		r.Next()
		e, _, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Whole(e)
		var over *xmlwalk.Oversize
		if !errors.As(err, &over) || text[over.Start:over.End] != big {
			t.Fatalf("%s: error %v", name, err)
		}
		e, start, err := r.Next()
		if err != nil || !start || e.Name != "next" || r.Depth() != 2 {
			t.Errorf("%s: after it comes %v, error %v", name, e, err)
		}
	}
}

func FuzzWhole(f *testing.F) {
	seeds := []string{`<r a="1"><b>t</b></r>`, "<r>\xff&#0;</r>", `<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>`, "\ufeff<r><![CDATA[x]]></r>"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, _, err := whole(text)
		if err != nil {
			return
		}
		var check func(*xmlwalk.Element)
		check = func(e *xmlwalk.Element) {
			if e.Start < 0 || e.End > int64(len(text)) || e.Start >= e.End || text[e.Start] != '<' || text[e.End-1] != '>' {
				t.Errorf("element %q at %d-%d of %q", e.Name, e.Start, e.End, text)
			}
			for _, kid := range e.Kids {
				if kid.Start < e.Start || kid.End > e.End {
					t.Errorf("element %q at %d-%d leaves its parent at %d-%d", kid.Name, kid.Start, kid.End, e.Start, e.End)
				}
				check(kid)
			}
		}
		check(e)
	})
}
