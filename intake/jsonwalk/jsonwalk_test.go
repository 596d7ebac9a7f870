package jsonwalk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/intake/jsonwalk"
)

var limits = jsonwalk.Limits{Bytes: 1 << 20, Nodes: 1000, Depth: 8}

func node(t *testing.T, text string) jsonwalk.Node {
	t.Helper()
	r, err := jsonwalk.New(iotest.OneByteReader(strings.NewReader(text)), limits)
	if err != nil {
		t.Fatal(err)
	}
	n, err := r.Node()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	return n
}

// Every node's bytes in the file must be the JSON of that node.
func TestNodesStandWhereTheySay(t *testing.T) {
	for _, mark := range []string{"", "\ufeff", " \n"} {
		text := mark + `{"a": 1, "b" : [ "x", {"c":null, "d":"\u0915é"}, true ], "e":{}, "f":[]}`
		var got []string
		var show func(n jsonwalk.Node)
		show = func(n jsonwalk.Node) {
			got = append(got, fmt.Sprintf("%s=%s", n.Name(), text[n.Start():n.End()]))
			for kid := range n.Kids() {
				show(kid)
			}
		}
		n := node(t, text)
		show(n)
		want := []string{
			"=" + strings.TrimPrefix(strings.TrimSpace(text), "\ufeff"), "a=1",
			`b=[ "x", {"c":null, "d":"\u0915é"}, true ]`, `="x"`, `={"c":null, "d":"\u0915é"}`, "c=null", `d="\u0915é"`, "=true",
			"e={}", "f=[]",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", mark, diff)
		}
		if v := n.Get("e", "x", "y"); v.Kind() != jsonwalk.Absent || v.Value() != "" {
			t.Errorf("a missing node states %q", v.Value())
		}
	}
}

func TestStatedValues(t *testing.T) {
	for text, want := range map[string]string{
		`"x"`: "x", `"N/A"`: "", `null`: "", `""`: "", `12`: "12", `-0.5e3`: "-0.5e3", `true`: "true", `false`: "false",
		`"a\"b\n\ud83d\ude00"`: "a\"b\n😀", `{}`: "", `[]`: "",
	} {
		if got := node(t, text).Value(); got != want {
			t.Errorf("%s states %q, want %q", text, got, want)
		}
	}
}

func TestForgiven(t *testing.T) {
	n := node(t, "{\"a\":\"x\xffy\",\"b\":\"\\ud800\",\"c\":\"fine\",\"a\":2}")
	if got := n.Get("a"); got.Text() != "x\ufffdy" || !got.Lossy() {
		t.Errorf("bytes that are not UTF-8: %q, lossy %v", got.Text(), got.Lossy())
	}
	if got := n.Get("b"); got.Text() != "\ufffd" || !got.Lossy() {
		t.Errorf("a lone surrogate: %q, lossy %v", got.Text(), got.Lossy())
	}
	if n.Get("c").Lossy() {
		t.Error("plain text is called lossy")
	}
	var twice []string
	for k := range jsonwalk.Twice(n) {
		twice = append(twice, k.Name()+k.Text())
	}
	if diff := cmp.Diff([]string{"a2"}, twice); diff != "" {
		t.Error(diff)
	}
}

// A node beyond a limit is passed over, and the next one is read.
func TestOversizeIsPassedOver(t *testing.T) {
	for name, c := range map[string]struct{ big, why string }{
		"long":  {`{"a":"` + strings.Repeat("x", 1<<20) + `"}`, "bytes"},
		"many":  {`[` + strings.Repeat(`{"a":[1]},`, 5000) + `1]`, "values"},
		"deep":  {strings.Repeat("[", 20) + strings.Repeat("]", 20), "deep"},
		"long2": {`{"a":[` + strings.Repeat(`"0123456789012345678901234567890123456789",`, 900_000/43) + `1` + strings.Repeat(" ", 500_000) + `]}`, "values"},
	} {
		t.Run(name, func(t *testing.T) {
			text := `[` + c.big + `, {"next":"one"}]`
			r, err := jsonwalk.New(strings.NewReader(text), limits)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Enter(); err != nil {
				t.Fatal(err)
			}
			_, err = r.Node()
			var over *jsonwalk.Oversize
			if !errors.As(err, &over) || !strings.Contains(over.Why, c.why) {
				t.Fatalf("error %v, want one that says %q", err, c.why)
			}
			if got := text[over.Start:over.End]; got != c.big {
				t.Errorf("the place holds %d bytes, want %d", len(got), len(c.big))
			}
			n, err := r.Node()
			if err != nil || n.Get("next").Value() != "one" {
				t.Errorf("next node %q, error %v", n.Get("next").Value(), err)
			}
		})
	}
}

func TestEndlessStringEndsTheReading(t *testing.T) {
	r, err := jsonwalk.New(iotest.TimeoutReader(strings.NewReader(`{"a":"`+strings.Repeat("x", 8<<20))), limits)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.Node(); err == nil {
		t.Error("no error")
	}
	r, _ = jsonwalk.New(strings.NewReader(`{"a":"`+strings.Repeat("x", 8<<20)), limits)
	if _, err = r.Node(); !fault.Is(err, fault.TooLarge) {
		t.Errorf("error %v, want one of kind too large", err)
	}
}

func TestBrokenSyntaxSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1`:      "byte 6: the file ends in the middle",
		"{\"a\":\n":   "byte",
		`{"a" 1}`:     "byte 5",
		`[1,]`:        "byte 2",
		`{1:2}`:       "byte 1",
		``:            "the file ends",
		`]`:           "byte",
		`{"a":nope}`:  "byte 6",
		"\ufeff[1 2]": "byte 6",
	} {
		r, err := jsonwalk.New(strings.NewReader(text), limits)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.Node(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func FuzzNode(f *testing.F) {
	seeds := []string{`{"a":[1,{"b":null}]}`, `"x"`, `[[[[[[[[[[]]]]]]]]]]`, "{\"a\":\"\xff\",\"a\":1}"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := jsonwalk.New(strings.NewReader(text), jsonwalk.Limits{Bytes: 4096, Nodes: 50, Depth: 8})
		if err != nil {
			t.Fatal(err)
		}
		n, err := r.Node()
		if err != nil {
			return
		}
		// Each node, read again alone, must hold the same.
		var same func(n jsonwalk.Node)
		same = func(n jsonwalk.Node) {
			r, _ := jsonwalk.New(strings.NewReader(text[n.Start():n.End()]), jsonwalk.Limits{Bytes: 4096, Nodes: 50, Depth: 8})
			again, err := r.Node()
			if err != nil || again.Kind() != n.Kind() || again.Text() != n.Text() {
				t.Errorf("%q alone: %q, error %v; want %q", text[n.Start():n.End()], again.Text(), err, n.Text())
			}
			for kid := range n.Kids() {
				same(kid)
			}
		}
		same(n)
	})
}
