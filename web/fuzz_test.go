package web_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"suraag/web"
)

// Whatever bytes an original holds, what is shown is text, acts on nothing, and
// is the bytes themselves where they are plain.
func FuzzQuotation(f *testing.F) {
	seeds := []string{"", "plain\n\ttext", "सुराग", "\xff\xfe\x00", "a\u202e\u200bb", "\\x41", "\U000e0001", "<script>"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := web.Quoted(b)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is shown as %q, which is no text", b, got)
		}
		for _, r := range got {
			if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
				t.Fatalf("%q is shown with the character %U", b, r)
			}
		}
		if len(got) < len(b) {
			t.Fatalf("%q is shown as %q: something is missing", b, got)
		}
	})
}

// Whatever is asked for, the answer is a page that holds no tag of the asker's.
func FuzzTarget(f *testing.F) {
	seeds := []string{"", "198.51.100.77", "\"><b id=x>", "javascript:alert(1)", "\x00\xff", strings.Repeat("a", 5000), "nonsense"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	h := handler(f, newDesk(f, plainWords))
	f.Fuzz(func(t *testing.T, target string) {
		r := request("GET", "/trace", nil)
		q := r.URL.Query()
		q.Set("target", target)
		r.URL.RawQuery = q.Encode()
		w := ask(h, r)
		if w.Code >= 500 {
			t.Fatalf("%q gives %d", target, w.Code)
		}
		if w.Code == 303 {
			return
		}
		for n := range parse(t, w.Body.String()).Descendants() {
			if n.Type == html.ElementNode && (n.Data == "b" || n.Data == "img" || attr(n, "id") == "x") {
				t.Fatalf("%q came through as <%s>", target, n.Data)
			}
		}
	})
}
