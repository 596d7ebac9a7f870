package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t testing.TB, body string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// What a page has to be for who hears it, or walks it by keyboard.
func TestStructure(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	for name, path := range everyPage(d) {
		t.Run(name, func(t *testing.T) {
			wellFormed(t, h, get(h, path).Body.String())
		})
	}
}

// wellFormed looks at one page, and asks h for what it links to.
func wellFormed(t *testing.T, h http.Handler, page string) {
	t.Helper()
	doc := parse(t, page)
	count := map[string]int{}
	ids := map[string]int{}
	labels := map[string]bool{}
	level := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data != "title" || n.Parent.Data == "head" {
			count[n.Data]++
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if n.Data == "label" {
			labels[attr(n, "for")] = true
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			if l := int(n.Data[1] - '0'); l > level+1 {
				t.Errorf("heading %q: level %d after %d", words(n), l, level)
			} else {
				level = l
			}
		}
		if has(n, "style") || has(n, "onclick") || n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
			t.Errorf("<%s> has style or script of its own, which the policy forbids", n.Data)
		}
		if n.Data == "a" && words(n) == "" {
			t.Errorf("a link to %q says nothing", attr(n, "href"))
		}
		if n.Data == "th" && attr(n, "scope") == "" {
			t.Errorf("the head %q has no scope", words(n))
		}
	}
	for _, one := range []string{"h1", "main", "header", "title"} {
		if n := count[one]; n != 1 && !(one == "header" && n == 2) {
			t.Errorf("%d <%s>", n, one)
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%d things have the id %q", n, id)
		}
	}
	for n := range doc.Descendants() {
		checkElement(t, h, n, ids, labels)
	}
}

func checkElement(t *testing.T, h http.Handler, n *html.Node, ids map[string]int, labels map[string]bool) {
	switch n.Data {
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && (attr(n, "id") == "" || !labels[attr(n, "id")]) {
			t.Errorf("the field %q has no label", attr(n, "name"))
		}
	case "a", "link":
		checkLink(t, h, attr(n, "href"), ids)
	case "script":
		checkLink(t, h, attr(n, "src"), ids)
	case "form":
		if attr(n, "action") == "" || attr(n, "method") == "" {
			t.Errorf("a form does not say where it goes")
		}
	}
	for _, name := range []string{"aria-labelledby", "aria-describedby"} {
		if id := attr(n, name); id != "" && ids[id] == 0 {
			t.Errorf("%s=%q is nobody", name, id)
		}
	}
}

// checkLink follows a link to our own pages.
func checkLink(t *testing.T, h http.Handler, href string, ids map[string]int) {
	if at, is := strings.CutPrefix(href, "#"); is {
		if ids[at] == 0 {
			t.Errorf("the link %q leads nowhere", href)
		}
		return
	}
	if strings.HasPrefix(href, "?") {
		return
	}
	u, err := url.Parse(href)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		t.Errorf("the link %q does not lead to a page of ours: %v", href, err)
		return
	}
	u.Fragment = ""
	if w := get(h, u.String()); w.Code != 200 {
		t.Errorf("the link %q gives %d: %s", href, w.Code, firstLine(w.Body.String()))
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// What a document says is never taken for a part of the page.
func TestHostileWordsAreEscaped(t *testing.T) {
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}javascript:alert(3)`
	n := 0
	d := newDesk(t, func(s string) string { n++; return s + evil })
	if n < 50 {
		t.Fatalf("only %d words were made hostile", n)
	}
	h := handler(t, d)
	pages := everyPage(d)
	pages["asked"] = "/trace?target=" + url.QueryEscape(evil)
	pages["zone"] = "/trace?target=x&zone=" + url.QueryEscape(evil)
	pages["nowhere"] = "/" + url.PathEscape(evil)
	pages["place"] = "/source/" + d.sources[0].ID + "?at=" + url.QueryEscape(evil+"!1-2")
	for name, path := range pages {
		doc := parse(t, get(h, path).Body.String())
		for e := range doc.Descendants() {
			if e.Type != html.ElementNode {
				continue
			}
			if e.Data == "img" || e.Data == "script" && attr(e, "src") != "/static/suraag.js" && attr(e, "src") != "/static/hash.js" {
				t.Errorf("%s: <%s> came through: %v", name, e.Data, e.Attr)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%s: <%s %s=%q> came through", name, e.Data, a.Key, a.Val)
				}
			}
		}
	}
	if api := get(h, "/api/trace?target=x").Body.String(); strings.Contains(api, "<script") {
		t.Error("the JSON holds tags that a browser could take for a page")
	}
}

func TestSVGOfTheGraphNamesTheRowsOfItsTable(t *testing.T) {
	d := newDesk(t, plainWords)
	doc := parse(t, get(handler(t, d), "/trace?target=x").Body.String())
	arrows, nodes := 0, 0
	for n := range doc.Descendants() {
		switch {
		case strings.HasPrefix(attr(n, "class"), "arrow"):
			arrows++
		case strings.HasPrefix(attr(n, "class"), "node"):
			nodes++
		}
	}
	if arrows < 3 || nodes < 4 {
		t.Errorf("%d arrows between %d nodes", arrows, nodes)
	}
	d.trace.Passing.Nodes, d.trace.Passing.Edges = nil, nil
	body := get(handler(t, d), "/trace?target=x").Body.String()
	if strings.Contains(body, `class="graph"`) || !strings.Contains(body, "No source states that anyone passed it") {
		t.Error("something is drawn where no source states a passing")
	}
}
