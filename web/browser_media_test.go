package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"suraag/people"
)

// key strikes or lets go of one key.
func (b *browser) key(kind input.DispatchKeyEventType, key, code string, number int64) {
	b.t.Helper()
	p := input.DispatchKeyEventParams{Type: kind, Key: key, Code: code, WindowsVirtualKeyCode: number}
	if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
		b.t.Fatal(err)
	}
}

// pointer moves, presses or lets go at the middle of an element.
func (b *browser) pointer(kind input.DispatchMouseEventType, selector string) {
	b.t.Helper()
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`(() => { const e = document.querySelector(`+"`"+selector+"`"+`); e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`))
	if err != nil {
		b.t.Fatal(err)
	}
	p := input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: "left", ClickCount: 1}
	if _, err := chromedp.Call(b.ctx, input.DispatchMouseEvent, p); err != nil {
		b.t.Fatal(err)
	}
}

// What is on the screen, and whether a picture is anywhere in the page.
const (
	isShown  = `!document.querySelector("[data-shown]").hidden && document.querySelector("[data-shown] img").naturalWidth > 300`
	isGone   = `document.querySelector("[data-shown]").hidden && !document.querySelector("[data-shown] img").hasAttribute("src")`
	bigOnes  = `[...document.images].filter((i) => i.naturalWidth > 160 || i.naturalHeight > 160).length`
	stored   = `localStorage.length + sessionStorage.length - (localStorage.getItem("keys") === null ? 0 : 1)`
	fetched  = `performance.getEntriesByType("resource").filter((e) => !/static/.test(e.name)).length`
	hold     = `[data-item="00000000000000000000000000000001"] [data-hold]`
	holdNext = `[data-item="00000000000000000000000000000005"] [data-hold]`
)

func TestBrowserUncoversWhileHeld(t *testing.T) {
	h, b := localHouse(t)
	c := h.mediaCase(5)
	path := "/case/" + c.ID + "/media"
	enter := func(r people.Role, path string) {
		b.visit("/healthz")
		b.do(script(`document.cookie = "suraag=` + h.keys[r] + `; path=/"`))
		b.visit(path)
	}
	shownNow := func() int { h.media.mu.Lock(); defer h.media.mu.Unlock(); return len(h.media.shown) }
	enter(people.Supervisor, path)
	b.picture("media-off")
	b.do(chromedp.SendKeys("#reason", lookReason))
	b.do(chromedp.Click(`button[value="on"]`))
	b.until(`document.querySelector("#mode").textContent.trim()`, "Media mode is on")
	b.quiet("turning on")

	enter(people.Officer, path)
	b.until(`document.querySelector("[data-ready]").hidden`, "false")
	if got := b.value(bigOnes) + " " + b.value(fetched) + " " + b.value(`document.querySelectorAll("video, audio, iframe, link[rel=prefetch], link[rel=preload]").length`); got != "0 0 0" || shownNow() > 0 {
		t.Errorf("before anything is held: %s, made ready %d", got, shownNow())
	}
	if got := b.value(`document.querySelector("` + hold[:0] + `[data-hold]").disabled`); got != "true" {
		t.Error("a picture can be uncovered before the warning is read")
	}
	b.picture("media-covered")
	b.do(chromedp.Click("#warned"))
	b.until(`document.querySelector('`+hold+`').disabled`, "false")

	// By pointer: pressed it shows, let go it is gone.
	b.pointer("mousePressed", hold)
	b.until(isShown, "true")
	b.picture("media-uncovered")
	if got := b.value(bigOnes); got != "1" {
		t.Errorf("%s large pictures at once", got)
	}
	b.pointer("mouseReleased", hold)
	b.until(isGone, "true")
	b.until(`document.querySelector("[data-say]").textContent`, "Covered.")
	b.until(bigOnes, "0")

	// By keyboard, with each way to end it.
	b.do(script(`document.querySelector('` + hold + `').focus()`))
	space := func(kind input.DispatchKeyEventType) { b.key(kind, " ", "Space", 32) }
	for name, end := range map[string]func(){
		"let go":                 func() { space("keyUp") },
		"escape":                 func() { b.key("keyDown", "Escape", "Escape", 27); b.key("keyUp", "Escape", "Escape", 27) },
		"window loses the focus": func() { b.do(script(`dispatchEvent(new Event("blur"))`)) },
		"tab is hidden": func() {
			b.do(script(`Object.defineProperty(document, "hidden", {value: true, configurable: true}); document.dispatchEvent(new Event("visibilitychange")); delete document.hidden`))
		},
		"focus moves":   func() { b.do(script(`document.querySelector("#colour").focus()`)) },
		"it is printed": func() { b.do(script(`dispatchEvent(new Event("beforeprint"))`)) },
	} {
		b.do(script(`document.querySelector('` + hold + `').focus()`))
		space("rawKeyDown")
		b.until(isShown, "true")
		space("rawKeyDown") // a key that is held repeats
		if got := b.value(isShown); got != "true" {
			t.Errorf("%s: a repeated key covers it", name)
		}
		end()
		b.until(isGone, "true")
		space("keyUp")
		h.waitCovered(t, name)
	}
	// Enter does, too.
	b.do(script(`document.querySelector('` + holdNext + `').focus()`))
	b.key("rawKeyDown", "Enter", "Enter", 13)
	b.until(isShown, "true")
	b.key("keyUp", "Enter", "Enter", 13)
	b.until(isGone, "true")
	h.waitCovered(t, "enter")
	b.quiet("holding")

	// Let go before the answer is there: nothing is shown, and it is covered all the same.
	slow := make(chan struct{})
	h.media.mu.Lock()
	h.media.then = func() { <-slow }
	h.media.mu.Unlock()
	made := shownNow()
	b.pointer("mousePressed", hold)
	b.pointer("mouseReleased", hold)
	close(slow)
	for range 100 {
		if shownNow() > made {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	h.waitCovered(t, "let go before")
	if b.value(isGone) != "true" {
		t.Error("let go before the answer, and it is shown")
	}
	h.media.mu.Lock()
	h.media.then = nil
	h.media.mu.Unlock()
	if got := b.value(stored); got != "0" {
		t.Errorf("%s things are kept in the browser", got)
	}

	// A known one needs its reason, and says so.
	b.pointer("mousePressed", `[data-item="00000000000000000000000000000002"] [data-hold]`)
	b.until(`document.querySelector("[data-say]").textContent.includes("a list says already what this is")`, "true")
	b.pointer("mouseReleased", `[data-item="00000000000000000000000000000002"] [data-hold]`)
	b.complaints = nil // the browser notes the status 400, which is meant

	// Pressed twice in haste: the second waits until the first is covered, and shows.
	b.pointer("mousePressed", hold)
	b.until(isShown, "true")
	b.pointer("mouseReleased", hold)
	b.pointer("mousePressed", hold)
	b.until(isShown, "true")
	b.pointer("mouseReleased", hold)
	b.until(isGone, "true")
	h.waitCovered(t, "in haste")
	b.quiet("end")
}

// waitCovered waits until nothing is uncovered on the server.
func (h *house) waitCovered(t *testing.T, name string) {
	t.Helper()
	for range 200 {
		looks, err := h.book.AllLooks(t.Context(), h.clock.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		open := 0
		for _, r := range looks {
			if r.Ended.IsZero() {
				open++
			}
		}
		if open == 0 && len(looks) > 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: the server was not told that it is covered", name)
}

// During a break the buttons rest, and the page says how long.
func TestBrowserTellsOfABreak(t *testing.T) {
	h, b := localHouse(t)
	c := h.mediaCase(5)
	if _, err := h.wall.TurnOn(h.as(people.Supervisor), c.ID, lookReason, 8); err != nil {
		t.Fatal(err)
	}
	path := "/case/" + c.ID + "/media"
	for range 13 { // looks five minutes apart for an hour
		_, said := h.send(people.Officer, path+"/uncover", item(1), "Suraag-Form", h.door.NewForm(h.keys[people.Officer]), "Cookie", "suraag="+h.keys[people.Officer])
		if said.Look == "" {
			break
		}
		h.clock = h.clock.Add(5 * time.Minute)
	}
	b.visit("/healthz")
	b.do(script(`document.cookie = "suraag=` + h.keys[people.Officer] + `; path=/"`))
	for _, size := range []int64{1366, 320} {
		b.do(chromedp.EmulateViewport(size, 700))
		b.visit(path)
		b.until(`document.querySelector("[data-ready]").hidden`, "false")
		b.do(script(`document.querySelector("#warned").click()`))
		if got := b.value(`document.querySelector("[data-break-words]").textContent`); !strings.HasPrefix(got, "A break is due: ") || !strings.Contains(got, " min ") {
			t.Errorf("the page says %q", got)
		}
		if got := b.value(`[...document.querySelectorAll("[data-hold]")].every((b) => b.disabled)`); got != "true" {
			t.Error("a picture can be uncovered during a break")
		}
		if over := b.value("document.documentElement.scrollWidth - innerWidth"); !strings.HasPrefix(over, "-") && over != "0" {
			t.Errorf("%s pixels wider than a screen of %d", over, size)
		}
		b.picture("media-break-" + map[bool]string{true: "narrow", false: "wide"}[size == 320])
		b.do(script(`document.querySelector("#held").scrollIntoView({behavior: "instant"})`))
		b.picture("media-list-" + map[bool]string{true: "narrow", false: "wide"}[size == 320])
	}
	b.do(chromedp.EmulateViewport(1366, 768))
	forced := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}, {Name: "prefers-contrast", Value: "more"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, forced); err != nil {
		t.Fatal(err)
	}
	b.visit(path)
	b.picture("media-contrast")
	b.scheme("dark")
	b.visit("/looking")
	b.picture("looking-dark")
	b.visit(path)
	b.picture("media-dark")
	h.keys[people.Supervisor] = h.session(h.people[people.Supervisor]) // the old one was idle for too long
	b.do(script(`document.cookie = "suraag=` + h.keys[people.Supervisor] + `; path=/"`))
	b.visit("/looking")
	if got := b.value(`document.querySelector("h1").textContent`); got != "Time at pictures" {
		t.Errorf("the supervisor is at %q", got)
	}
	b.picture("looking-supervisor")
	b.visit("/notices")
	b.picture("notices-media")
	b.quiet("break")
}
