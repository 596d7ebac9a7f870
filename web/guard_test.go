package web_test

import (
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every answer carries the policy, whatever it answers.
func TestEveryAnswerIsProtected(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	paths := everyPage(d)
	maps.Copy(paths, map[string]string{
		"nowhere": "/nowhere", "api": "/api/leads", "api nowhere": "/api/x", "style": "/static/style.css", "script": "/static/suraag.js",
		"icon": "/static/icon.svg", "favicon": "/favicon.ico", "health": "/healthz", "stream": "/intake/progress", "redirect": "/trace",
	})
	for name, path := range paths {
		w := get(h, path)
		for head, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := w.Header().Get(head); got != want {
				t.Errorf("%s: %s is %q", name, head, got)
			}
		}
	}
}

// A site whose name points to this machine must not read the record.
func TestForeignHostsAreRefused(t *testing.T) {
	h := handler(t, newDesk(t, plainWords))
	for host, want := range map[string]int{
		"127.0.0.1:8473": 200, "127.0.0.1": 200, "localhost:8473": 200, "LOCALHOST": 200, "localhost.:80": 200, "127.8.9.1": 200, "[::1]:8473": 200,
		"[::ffff:127.0.0.1]:80": 200,
		"evil.example":          403, "evil.example:8473": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "192.0.2.1": 403,
		"": 403, "0.0.0.0": 403, "[::]:80": 403, "notlocalhost": 403, "[::1%eth0]:80": 403,
	} {
		r := request("GET", "/leads", nil)
		r.Host = host
		w := ask(h, r)
		if w.Code != want {
			t.Errorf("host %q gives %d, not %d", host, w.Code, want)
		}
		if want == 403 && strings.Contains(w.Body.String(), "Example Mobile") {
			t.Errorf("host %q was shown the queue", host)
		}
	}
}

// The pages of other sites can neither change nor read anything.
func TestForeignPagesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, method, path string
		heads              map[string]string
		want               int
	}{
		{"own form", "POST", "/trace", map[string]string{"Sec-Fetch-Site": "same-origin"}, 400},
		{"a program without a browser", "POST", "/api/trace", nil, 400},
		{"cross-site form", "POST", "/trace", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"cross-site hand-in", "POST", "/intake", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"same-site form of another port", "POST", "/intake", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"old browser, foreign origin", "POST", "/intake", map[string]string{"Origin": "http://evil.example"}, 403},
		{"old browser, hidden origin", "POST", "/api/trace", map[string]string{"Origin": "null"}, 403},
		{"a link that someone follows", "GET", "/leads", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a frame", "GET", "/leads", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"a script of another site", "GET", "/api/leads", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403},
		{"a page on another port", "GET", "/api/leads", map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403},
		{"our own stream", "GET", "/intake/progress", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, plainWords)
			r := request(c.method, c.path, strings.NewReader(""))
			for k, v := range c.heads {
				r.Header.Set(k, v)
			}
			w := ask(handler(t, d), r)
			if w.Code != c.want {
				t.Errorf("%d, not %d: %s", w.Code, c.want, w.Body)
			}
			if len(d.received)+len(d.pictures) > 0 {
				t.Error("something was handed on")
			}
			if c.want == 403 && w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("the answer is opened to other sites")
			}
		})
	}
}

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTooLargeBodiesAreRefused(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	stated := request("POST", "/api/trace", zeros{})
	stated.ContentLength = 1 << 40
	silent := request("POST", "/api/trace", io.LimitReader(zeros{}, 65<<20))
	silent.ContentLength = -1
	handIn := request("POST", "/intake", zeros{})
	handIn.ContentLength = 1 << 40
	for name, r := range map[string]*http.Request{"said beforehand": stated, "found out": silent, "hand-in": handIn} {
		if w := ask(h, r); w.Code != 413 || !strings.Contains(w.Body.String(), "GiB") && !strings.Contains(w.Body.String(), "MiB") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if len(d.pictures) > 0 {
		t.Error("a picture that is too large was handed on")
	}
}

// colours reads the named colours of the sheet, those of the light, then those
// of the dark.
func colours(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	b, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	whole, _, _ := strings.Cut(string(b), "@media (max-width")
	before, after, found := strings.Cut(whole, "@media screen and (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("the sheet has no dark colours")
	}
	named := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	read := func(s string) map[string]string {
		out := map[string]string{}
		for _, m := range named.FindAllStringSubmatch(s, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	return read(before), read(after)
}

// luminance and contrast are those of WCAG 2.1.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for n, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*n:3+2*n], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestColoursCanBeRead(t *testing.T) {
	light, dark := colours(t)
	if len(light) < 20 || len(light) != len(dark) {
		t.Fatalf("%d colours in the light, %d in the dark", len(light), len(dark))
	}
	for scheme, c := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, pair := range [][2]string{
			{"ink", "ground"}, {"ink", "surface"}, {"ink", "sunk"}, {"faint", "ground"}, {"faint", "surface"}, {"faint", "sunk"},
			{"link", "ground"}, {"link", "surface"}, {"link", "sunk"}, {"on-accent", "accent"}, {"ink", "preserve-ground"}, {"ink", "ask-ground"},
			{"ask", "ask-ground"}, {"other", "other-ground"}, {"preserve", "preserve-ground"}, {"preserve", "surface"}, {"unusable", "unusable-ground"},
			{"danger", "danger-ground"}, {"danger", "surface"}, {"danger", "ground"}, {"danger", "sunk"}, {"mark-ink", "mark"},
			{"link", "ask-ground"},
		} {
			a, b := luminance(t, c[pair[0]]), luminance(t, c[pair[1]])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, pair[0], pair[1], ratio)
			}
		}
	}
}
