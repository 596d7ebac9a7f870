package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"suraag/web"
)

// browser is a tab, with everything that it complains about.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu         sync.Mutex
	complaints []string
}

// open starts the browser, or skips where there is none and none is required.
func open(t *testing.T, h http.Handler) *browser {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return openAt(t, srv.URL)
}

// openAt starts the browser for pages that are served already.
func openAt(t *testing.T, base string) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "chromium") {
			t.Fatal("SURAAG_REQUIRE asks for chromium: ", err)
		}
		t.Skip("no chromium: ", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true),
	)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1366, 768))
	return b
}

// hear gathers errors of scripts, of the console and of the security policy.
func (b *browser) hear(event any) {
	var said string
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		said = fmt.Sprint(e.Entry.Level, " ", e.Entry.Text, " ", e.Entry.URL)
	case *runtime.EventExceptionThrown:
		said = fmt.Sprint(e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		said = fmt.Sprint("console ", e.Type)
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, said)
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// press strikes one key as a keyboard does: the character follows only where the
// page lets it.
func (b *browser) press(key string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: key}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = key
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *browser) visit(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// value is what an expression gives, as text.
func (b *browser) value(expression string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatal(expression, ": ", err)
	}
	return v
}

// until waits for an expression to become what is wanted.
func (b *browser) until(expression, want string) {
	b.t.Helper()
	got := ""
	for range 200 {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
		if got = v; err == nil && got == want {
			return
		}
		time.Sleep(25 * time.Millisecond) // a page may be on its way
	}
	b.t.Fatalf("%s is %q, not %q", expression, got, want)
}

func (b *browser) quiet(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("%s: the browser complains: %s", where, c)
	}
	b.complaints = nil
}

func (b *browser) scheme(name string) {
	b.t.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, p); err != nil {
		b.t.Fatal(err)
	}
}

// picture keeps what the page looks like where SURAAG_SCREENSHOTS names a folder.
func (b *browser) picture(name string) {
	folder := os.Getenv("SURAAG_SCREENSHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// Each page loads without a complaint, in light and dark, and never needs to be
// moved sideways on a small laptop.
func TestBrowserLoadsEveryPage(t *testing.T) {
	d := newDesk(t, plainWords)
	b := open(t, handler(t, d))
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		for name, path := range everyPage(d) {
			b.visit(path)
			if name == "error" {
				b.complaints = nil // the browser notes the status 400, which is meant
			}
			if over := b.value("document.documentElement.scrollWidth - innerWidth"); strings.TrimLeft(over, "-0123456789") != "" || over[0] != '-' && over != "0" {
				t.Errorf("%s is %s pixels wider than the screen", name, over)
			}
			b.picture(name + "-" + scheme)
			b.quiet(name)
			if name != "trace" || os.Getenv("SURAAG_SCREENSHOTS") == "" {
				continue
			}
			for _, id := range []string{"known", "timeline", "where", "passing", "origin", "access", "actors", "addresses", "leads"} {
				b.do(script(`document.getElementById("` + id + `").scrollIntoView()`))
				b.picture(name + "-" + scheme + "-" + id)
			}
		}
	}
}

func TestBrowserByKeyboard(t *testing.T) {
	d := newDesk(t, plainWords)
	b := open(t, handler(t, d))
	b.visit("/leads")
	b.do(chromedp.KeyEvent("\t"))
	if got := b.value("document.activeElement.className"); got != "skip" {
		t.Errorf("the first stop is %q, not the link to the content", got)
	}
	b.do(chromedp.KeyEvent("\r"))
	b.until("document.activeElement.id", "main")
	b.press("/")
	b.until("document.activeElement.id", "q")
	b.do(chromedp.KeyEvent("198.51.100.77/4\r"))
	b.until("location.pathname + location.search", "/trace?target=198.51.100.77%2F4")
	b.until("document.readyState", "complete")
	b.do(chromedp.KeyEvent("4"))
	b.until("document.activeElement.id", "h-passing")
	b.do(chromedp.KeyEvent("0"))
	b.until("document.activeElement.id", "h-unknown")
	b.do(chromedp.Click("#keys"))
	b.do(chromedp.KeyEvent("1"))
	if got := b.value("document.activeElement.id + document.documentElement.dataset.keys"); got != "keysoff" {
		t.Errorf("with the shortcuts off, 1 leads to %q", got)
	}
	b.quiet("keyboard")
}

func TestBrowserSendsAPictureThatIsDropped(t *testing.T) {
	d := newDesk(t, plainWords)
	b := open(t, handler(t, d))
	b.visit("/")
	b.do(script(`
		const files = new DataTransfer();
		files.items.add(new File(["lighthouse"], "lighthouse.png", {type: "image/png"}));
		document.querySelector("form.drop").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));`))
	b.until(`document.querySelector(".kept") !== null`, "true")
	if len(d.pictures) != 1 || d.asked[len(d.asked)-1] != "lighthouse.png" {
		t.Errorf("the desk was asked about %v, %v", d.asked, d.pictures)
	}
	b.quiet("picture")
}

func TestBrowserShowsProgress(t *testing.T) {
	d := newDesk(t, plainWords)
	d.totals = nil
	for n := range 40 {
		d.totals = append(d.totals, web.Totals{Sources: 1, Sightings: int64(n), Waiting: 1})
	}
	d.totals = append(d.totals, web.Totals{Sources: 1})
	b := open(t, handler(t, d))
	b.visit("/intake")
	b.until(`document.querySelector("[data-progress]").textContent`, "Everything that was handed in has been read. Load the page again to see it.")
	b.quiet("progress")
}

// script runs statements in the page.
func script(statements string) chromedp.Action[chromedp.Void] {
	run := chromedp.Evaluate[string]("(() => {" + statements + "; return ''})()")
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := run(ctx, t)
		return chromedp.Void{}, err
	}
}
