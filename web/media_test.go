package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/media/veil"
	"suraag/people"
	"suraag/web"
)

// mediaFake holds made pictures: circles and stripes.
type mediaFake struct {
	mu    sync.Mutex
	items []web.MediaItem
	shown []string // what left as a picture
	asked int      // for an item, which may have to be decrypted
	fail  error    // of Shown
	then  func()   // while a picture is made ready
}

// circles is a made picture.
func circles(n int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for y := range 400 {
		for x := range 640 {
			dx, dy := x-200-40*(n%5), y-200
			c := color.RGBA{uint8(60 + 30*(n%6)), uint8(x / 3), uint8(y / 2), 255}
			if d := dx*dx + dy*dy; d < 120*120 && d/900%2 == 0 {
				c = color.RGBA{250, 200, 30, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func newMedia(t testing.TB, caseID string, n int) *mediaFake {
	t.Helper()
	f := &mediaFake{}
	for k := range n {
		v, err := veil.Of(circles(k))
		if err != nil {
			t.Fatal(err)
		}
		f.items = append(f.items, web.MediaItem{
			ID: fmt.Sprintf("%032x", k+1), Case: caseID, Name: fmt.Sprintf("IMG_%04d.jpg", k+1), MediaType: "image/jpeg", Size: 123456, SHA256: strings.Repeat(fmt.Sprintf("%02x", k+1), 32), At: now(), Veil: v,
		})
	}
	if n > 3 {
		f.items[1].Known = []string{"Example Hotline: child exploitation (illegal)"}
		f.items[2].Veil, f.items[2].Problem = nil, "image/jpeg: the file ends in the middle of the picture"
		f.items[3].Stills, f.items[3].MediaType, f.items[3].Name = 9, "video/mp4", "VID_0004.mp4"
	}
	return f
}

func (f *mediaFake) Items(_ context.Context, caseID string, from, most int) ([]web.MediaItem, int, error) {
	mine := slices.Collect(func(yield func(web.MediaItem) bool) {
		for _, i := range f.items {
			if i.Case == caseID && !yield(i) {
				return
			}
		}
	})
	from = min(from, len(mine))
	return mine[from:min(from+most, len(mine))], len(mine), nil
}

func (f *mediaFake) Item(_ context.Context, caseID, id string) (web.MediaItem, error) {
	f.asked++
	for _, i := range f.items {
		if i.Case == caseID && i.ID == id {
			return i, nil
		}
	}
	return web.MediaItem{}, fault.Newf(fault.NotFound, "no item %q in this case", id)
}

func (f *mediaFake) Shown(_ context.Context, i web.MediaItem, still int, colour bool) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = append(f.shown, fmt.Sprint(i.Name, " ", still, " ", colour))
	if f.then != nil {
		f.then()
	}
	if f.fail != nil {
		return nil, f.fail
	}
	return veil.Shown(circles(len(f.shown)), colour)
}

const lookReason = "Describing the series for the request"

// mediaHouse is a house with a case of a supervisor's on which an officer and an analyst
// are too; each has stated a purpose.
func mediaHouse(t testing.TB) (*house, people.Case) {
	t.Helper()
	h := newHouse(t)
	return h, h.mediaCase(5)
}

func (h *house) mediaCase(items int) people.Case {
	h.t.Helper()
	c := h.newCase(people.Supervisor, "FIR 44/2025", false)
	for _, login := range []string{"officer", "analyst"} {
		if err := h.wall.Staff(h.as(people.Supervisor), c.ID, login, true, false); err != nil {
			h.t.Fatal(err)
		}
	}
	for _, r := range []people.Role{people.Officer, people.Supervisor, people.Analyst} {
		if _, err := h.wall.Open(h.as(r), c.ID, lookReason); err != nil {
			h.t.Fatal(err)
		}
	}
	*h.media = *newMedia(h.t, c.ID, items)
	return c
}

// uncovering is what the page is told.
type uncovering struct {
	Picture, Look, Cover, Form, Error, Hint string
	Seconds                                 float64
	Budget                                  *struct{ Limit, Used, Left, Break, Next int }
}

func (h *house) send(r people.Role, path string, fields url.Values, heads ...string) (*httptest.ResponseRecorder, uncovering) {
	h.t.Helper()
	if len(heads) == 0 {
		heads = []string{"Suraag-Form", h.door.NewForm(h.keys[r])}
	}
	w := h.ask(h.keys[r], "POST", path, fields, heads...)
	var said uncovering
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		h.t.Fatalf("%s: %v: %.300s", path, err, w.Body)
	}
	return w, said
}

func item(n int) url.Values {
	return url.Values{"item": {fmt.Sprintf("%032x", n)}, "warned": {"yes"}}
}

// What each role may do about media of a case, over HTTP, while the mode is off and on. The letters: p the
// page, l the list on it, o turn on, u uncover, x turn off.
func TestMediaModeForEveryRole(t *testing.T) {
	for role, want := range map[people.Role]map[string]string{
		people.Officer:       {"off": "p", "on": "p l u x"},
		people.Supervisor:    {"off": "p o", "on": "p l u x"},
		people.Analyst:       {"off": "p", "on": "p l u x"},
		people.Auditor:       {},
		people.Administrator: {},
		"second":             {"on": "x"}, // a supervisor who is not on the case
		"breaker":            {"off": "p", "on": "p x"},
		"stranger":           {},
		"unstated":           {"on": "x"}, // an officer who is on the case and has not said what for
	} {
		t.Run(string(role), func(t *testing.T) {
			h, c := mediaHouse(t)
			path := "/case/" + c.ID + "/media"
			for login, r := range map[people.Role]people.Role{"second": people.Supervisor, "breaker": people.Supervisor, "stranger": people.Officer, "unstated": people.Officer} {
				h.people[login] = h.person(string(login), r)
				h.keys[login] = h.session(h.people[login])
			}
			if _, err := h.wall.Break(h.as("breaker"), c.ID, "A child may be in danger"); err != nil {
				t.Fatal(err)
			}
			if err := h.wall.Staff(h.as(people.Supervisor), c.ID, "unstated", true, false); err != nil {
				t.Fatal(err)
			}
			for _, state := range []string{"off", "on"} {
				if state == "on" {
					if err := h.wall.TurnOff(h.as(people.Supervisor), c.ID); err != nil && !fault.Is(err, fault.Conflict) {
						t.Fatal(err)
					}
					if _, err := h.wall.TurnOn(h.as(people.Supervisor), c.ID, lookReason, 2); err != nil {
						t.Fatal(err)
					}
				}
				page := h.get(role, path)
				var may []string
				if page.Code == http.StatusOK {
					may = append(may, "p")
				}
				if strings.Contains(page.Body.String(), "data-item=") {
					may = append(may, "l")
				}
				if state == "off" && h.change(role, path, "do", "on", "reason", lookReason, "hours", "2") == http.StatusSeeOther {
					may = append(may, "o")
				}
				if state == "on" {
					if w, said := h.send(role, path+"/uncover", item(1)); w.Code == http.StatusOK && said.Picture != "" {
						may = append(may, "u")
					} else if said.Picture != "" || len(h.media.shown) > 0 || h.media.asked > 0 {
						t.Errorf("refused with %d, and a picture was made ready or looked into", w.Code)
					}
				} else if w, said := h.send(people.Officer, path+"/uncover", item(1)); role != people.Supervisor && (w.Code == http.StatusOK || said.Picture != "" || h.media.asked > 0) {
					t.Errorf("the mode is off, and a picture is uncovered or looked into: %d", w.Code)
				}
				if state == "on" && h.change(role, path, "do", "off") == http.StatusSeeOther {
					may = append(may, "x")
				}
				if got := strings.Join(may, " "); got != want[state] {
					t.Errorf("%s: may %q, want %q: %d %.200s", state, got, want[state], page.Code, page.Body)
				}
			}
		})
	}
}

// A look from its beginning to its end, with all that stands in its way.
func TestALook(t *testing.T) {
	h, c := mediaHouse(t)
	path := "/case/" + c.ID + "/media"
	if _, err := h.wall.TurnOn(h.as(people.Supervisor), c.ID, lookReason, 2); err != nil {
		t.Fatal(err)
	}
	other := h.newCase(people.Officer, "FIR 45/2025", false)
	h.media.items = append(h.media.items, web.MediaItem{ID: fmt.Sprintf("%032x", 99), Case: other.ID, Name: "other.jpg"})
	unwarned, still := item(1), item(4)
	unwarned.Del("warned")
	still.Set("still", "10")
	for name, bad := range map[string]struct {
		fields url.Values
		code   int
	}{
		"the warning not read":        {unwarned, 400},
		"no such item":                {item(77), 404},
		"an item of another case":     {item(99), 404},
		"known, no reason":            {item(2), 400},
		"a still that there is not":   {still, 400},
		"nothing that says what item": {url.Values{"warned": {"yes"}}, 404},
	} {
		if w, said := h.send(people.Officer, path+"/uncover", bad.fields); w.Code != bad.code || said.Picture != "" || said.Error == "" {
			t.Errorf("%s: %d, %+v", name, w.Code, said)
		}
	}
	if len(h.media.shown) > 0 {
		t.Fatalf("made ready all the same: %q", h.media.shown)
	}
	h.media.fail = fault.Newf(fault.Corrupt, "image/jpeg: damaged")
	if w, said := h.send(people.Officer, path+"/uncover", item(1)); w.Code != 422 && w.Code != 500 || !strings.Contains(said.Error, "damaged") {
		t.Errorf("a damaged picture: %d %+v", w.Code, said)
	}
	h.media.fail = nil

	w, said := h.send(people.Officer, path+"/uncover", item(1))
	if w.Code != 200 || said.Seconds != 30 || said.Look == "" || said.Cover == "" || said.Form == "" || said.Cover == said.Form {
		t.Fatalf("%d %+v", w.Code, said)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the picture may be kept: %q", got)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(said.Picture, "data:image/jpeg;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(raw))
	if _, grey := img.(*image.Gray); err != nil || !grey {
		t.Errorf("not a grey picture: %T, %v", img, err)
	}
	if w, _ := h.send(people.Officer, path+"/uncover", item(4)); w.Code != http.StatusConflict {
		t.Errorf("a second at once: %d", w.Code)
	}
	h.clock = h.clock.Add(12 * time.Second)
	mark := []string{"Suraag-Form", said.Cover}
	if w, got := h.send(people.Officer, path+"/cover", url.Values{"look": {said.Look}}, mark...); w.Code != 200 || got.Budget.Used != 12 || got.Budget.Next != 3588 {
		t.Errorf("covered: %d %+v", w.Code, got)
	}
	if w, _ := h.send(people.Officer, path+"/cover", url.Values{"look": {said.Look}}, mark...); w.Code != http.StatusConflict {
		t.Errorf("the same form again: %d", w.Code)
	}
	for _, heads := range [][]string{{"Suraag-Form", ""}, {"Suraag-Form", h.door.NewForm(h.keys[people.Officer]), "Sec-Fetch-Site", "cross-site"}, {"Suraag-Form", h.door.NewForm(h.keys[people.Analyst])}} {
		if w := h.ask(h.keys[people.Officer], "POST", path+"/uncover", item(1), heads...); w.Code != 403 || strings.Contains(w.Body.String(), "data:image") {
			t.Errorf("%q: %d", heads, w.Code)
		}
	}

	// Known, with a reason; a still of a video, in colour.
	known := item(2)
	known.Set("reason", "The victim has to be told apart from another")
	if w, said = h.send(people.Officer, path+"/uncover", known); w.Code != 200 {
		t.Fatalf("known: %d %+v", w.Code, said)
	}
	h.send(people.Officer, path+"/cover", url.Values{"look": {said.Look}})
	film := item(4)
	film.Set("still", "7")
	film.Set("colour", "yes")
	if w, said = h.send(people.Officer, path+"/uncover", film); w.Code != 200 || !slices.Contains(h.media.shown, "VID_0004.mp4 7 true") {
		t.Errorf("a still: %d %+v, %q", w.Code, said, h.media.shown)
	}
	// Nobody covers it, and the day's limit is passed.
	if h.change(people.Officer, "/looking", "minutes", "5") != http.StatusSeeOther {
		t.Error("one's own limit is not set")
	}
	for n := range 12 {
		h.clock = h.clock.Add(5 * time.Minute)
		w, said = h.send(people.Officer, path+"/uncover", item(1))
		if w.Code != 200 {
			break
		}
		if n == 11 {
			t.Error("no limit")
		}
	}
	if w.Code != 403 || said.Budget == nil || said.Form == "" || !strings.Contains(said.Error, "today") && !strings.Contains(said.Error, "break") {
		t.Errorf("spent: %d %+v", w.Code, said)
	}
	made := len(h.media.shown)
	if h.send(people.Officer, path+"/uncover", item(1)); len(h.media.shown) != made {
		t.Error("a picture is made ready for who has no time left")
	}
	log, err := h.book.Entries(context.Background(), custody.Query{Kind: custody.Looked})
	if err != nil || len(log) < 6 {
		t.Errorf("%d entries, %v", len(log), err)
	}
}

// Media mode that is turned off while a picture is made ready does not let it out.
func TestAPictureIsNotSentAfterTheModeEnded(t *testing.T) {
	h, c := mediaHouse(t)
	if _, err := h.wall.TurnOn(h.as(people.Supervisor), c.ID, lookReason, 2); err != nil {
		t.Fatal(err)
	}
	h.media.then = func() {
		if err := h.wall.TurnOff(h.as(people.Supervisor), c.ID); err != nil {
			t.Error(err)
		}
	}
	w, said := h.send(people.Officer, "/case/"+c.ID+"/media/uncover", item(1))
	if w.Code != 403 || said.Picture != "" || len(h.media.shown) != 1 {
		t.Errorf("%d %+v, %q", w.Code, said, h.media.shown)
	}
}

func TestThePagesOfMediaMode(t *testing.T) {
	h, c := mediaHouse(t)
	h.media.items = append(h.media.items, newMedia(t, c.ID, 30).items[5:]...)
	path := "/case/" + c.ID + "/media"
	say := func(r people.Role, path string, want ...string) {
		t.Helper()
		body := h.get(r, path).Body.String()
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s %s does not say %q: %s", r, path, words, body)
			}
		}
	}
	say(people.Officer, "/case/"+c.ID, path)
	say(people.Officer, path, "Media mode is off", "A supervisor who is on the case can turn media mode on")
	say(people.Supervisor, path, "Turn media mode on")
	if w := h.post(people.Supervisor, path, path, url.Values{"do": {"on"}, "reason": {lookReason}, "hours": {"2"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	say(people.Officer, path, "Media mode is on", lookReason, "4 h", "Item 1, covered", "It stays covered unless a reason is given", "ends in the middle", "Nobody has described it", "1 to 12 of 30")
	say(people.Officer, path+"?from=24", "25 to 30 of 30", "Item 25, covered")
	say(people.Officer, path+"?from=900")
	say(people.Supervisor, "/notices", "You turned it on", lookReason)
	h.people["second"] = h.person("second", people.Supervisor)
	h.keys["second"] = h.session(h.people["second"])
	say("second", "/notices", "I have taken notice", "Turn it off now", "FIR 44/2025")
	notices, err := h.wall.ModeNotices(h.as("second"))
	if err != nil || len(notices) != 1 {
		t.Fatal(notices, err)
	}
	if got := h.change("second", "/notices", "of", "media mode", "id", notices[0].ID); got != http.StatusSeeOther {
		t.Errorf("notice taken: %d", got)
	}
	if got := h.change(people.Supervisor, "/looking", "of", "unit", "minutes", "90"); got != http.StatusSeeOther {
		t.Errorf("the unit's limit: %d", got)
	}
	if got := h.change(people.Officer, "/looking", "of", "unit", "minutes", "90"); got != http.StatusForbidden {
		t.Errorf("the unit's limit, set by an officer: %d", got)
	}
	h.send(people.Officer, path+"/uncover", item(1))
	say(people.Supervisor, "/looking", "1 h 30 min", "SI O. Example", "12 Mar")
	say(people.Officer, "/looking", "1 h 30 min", "Set my limit")
	signedIn := func(r people.Role) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			q.Host = "suraag.example.org"
			q.AddCookie(&http.Cookie{Name: "__Host-suraag", Value: h.keys[r]})
			h.h.ServeHTTP(w, q)
		})
	}
	for path, r := range map[string]people.Role{path: people.Officer, path + "?from=24": people.Analyst, "/looking": people.Supervisor, "/notices": people.Supervisor} {
		wellFormed(t, signedIn(r), h.get(r, path).Body.String())
	}
	if strings.Contains(h.get(people.Officer, "/looking").Body.String(), "Limit of everybody") {
		t.Error("an officer sees the unit's form")
	}
}

// Without sign-in nobody can be named and no time counted: the page says so, and no
// picture is made ready.
func TestMediaModeNeedsSignIn(t *testing.T) {
	h, c := mediaHouse(t)
	if _, err := h.wall.TurnOn(h.as(people.Supervisor), c.ID, lookReason, 2); err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(web.Config{Desk: h.desk, Wall: h.wall, Media: h.media, Alone: "SI A. Example", Now: func() time.Time { return h.clock }})
	if err != nil {
		t.Fatal(err)
	}
	path := "/case/" + c.ID + "/media"
	if w := get(pages, path); w.Code != 200 || strings.Contains(w.Body.String(), "data-item") || !strings.Contains(w.Body.String(), "You may not look") {
		t.Errorf("while it is on: %d %s", w.Code, w.Body)
	}
	for name, fields := range map[string]url.Values{path + "/uncover": item(1), path: {"do": {"off"}}, path + "/cover": {"look": {"x"}}, "/looking": {"minutes": {"60"}}} {
		r := request("POST", name, strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if w := ask(pages, r); w.Code != 403 || strings.Contains(w.Body.String(), "data:image") {
			t.Errorf("%s: %d %.200s", name, w.Code, w.Body)
		}
	}
	if len(h.media.shown) > 0 || h.media.asked > 0 {
		t.Errorf("made ready: %q; asked for %d", h.media.shown, h.media.asked)
	}
	if err := h.wall.TurnOff(h.as(people.Supervisor), c.ID); err != nil {
		t.Fatal(err)
	}
	if w := get(pages, path); !strings.Contains(w.Body.String(), "media mode needs sign-in") {
		t.Errorf("while it is off: %d %s", w.Code, w.Body)
	}
	r := request("POST", path, strings.NewReader(url.Values{"do": {"on"}, "reason": {lookReason}, "hours": {"2"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := ask(pages, r); w.Code != 403 {
		t.Errorf("turned on: %d %.200s", w.Code, w.Body)
	}
}
