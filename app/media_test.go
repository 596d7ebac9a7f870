package app_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"suraag/app"
	"suraag/people"
)

var (
	pictures  = regexp.MustCompile(`data:image/jpeg;base64,([A-Za-z0-9+/=]+)`)
	itemIDs   = regexp.MustCompile(`data-item="([0-9a-f]{32})"`)
	mediaMark = regexp.MustCompile(`data-mark="([^"]+)"`)
)

// made is a picture of stripes, which nothing else looks like.
func made() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 1600, 900))
	for y := range 900 {
		for x := range 1600 {
			img.SetRGBA(x, y, color.RGBA{uint8(x / 7 % 2 * 255), uint8(y / 4), 90, 255})
		}
	}
	return img
}

func encodedPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sizes gives the size of every picture in a page, and whether all are grey.
func sizes(t *testing.T, page string) (out []image.Point, grey bool) {
	t.Helper()
	grey = true
	for _, m := range pictures.FindAllStringSubmatch(html.UnescapeString(page), -1) {
		raw, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		_, isGrey := img.(*image.Gray)
		out, grey = append(out, img.Bounds().Size()), grey && isGrey
	}
	return out, grey
}

// form sends what the script of the page sends.
func (v visitor) form(to, mark string, fields url.Values) (int, string) {
	v.t.Helper()
	r, err := http.NewRequest("POST", v.base+to, strings.NewReader(fields.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Suraag-Form", mark)
	got, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer got.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(got.Body); err != nil {
		v.t.Fatal(err)
	}
	return got.StatusCode, b.String()
}

// From the vault to the screen: covered on the page, uncovered to who may and only while the mode
// is on; and what was done stands in the log, by which verify finds nothing amiss.
func TestMediaModeFromVaultToScreen(t *testing.T) {
	data := exampleRecord(t)
	if err := os.Chmod(filepath.Join(data, "unit.key"), 0o600); err != nil { // the copy is not as private as the original
		t.Fatal(err)
	}
	photo, err := os.ReadFile("../pdq/testdata/bridge/bridge-1-original.jpg")
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "list.json")
	stripes := encodedPNG(t, made())
	known := decodedOne(t, ask(t, data, "hash", writeFile(t, "stripes.png", stripes)))
	if err := os.WriteFile(list, []byte(known+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, data, "hashset", "import", list, "--name", "Example list", "--source", "Example Hotline")
	s := serve(t, data, "--sign-in")
	boss, officer, other := s.invited("boss", "supervisor"), s.invited("officer", "officer"), s.invited("other", "supervisor")
	c := decoded[people.Case](t, string(ask(t, data, "case", "new", "FIR 12/2025", "--title", "Series", "--station", "PS", "--charge", "officer")))
	ask(t, data, "case", "add", "FIR 12/2025", "--member", "boss")
	for name, content := range map[string][]byte{"1.jpg": photo, "2.png": stripes, "3.png": stripes[:len(stripes)/2], "4.txt": []byte("FIR 12/2025")} {
		if err := app.HoldForTest(data, c.ID, name, content); err != nil {
			t.Fatal(err)
		}
	}
	path := "/case/" + c.ID + "/media"
	for _, v := range []visitor{boss, officer} {
		if code, shown := v.send("/case/"+c.ID+"/open", "/case/"+c.ID+"/open", url.Values{"purpose": {"Describing the series"}, "do": {"open"}}); code != 200 {
			t.Fatal(code, shown)
		}
	}
	if _, shown := officer.get(path); strings.Contains(shown, "data-item") || !strings.Contains(shown, "Media mode is off") {
		t.Errorf("the mode is off: %s", shown)
	}
	if code, shown := boss.send(path, path, url.Values{"do": {"on"}, "reason": {"Describing the series"}, "hours": {"2"}}); code != 200 || !strings.Contains(shown, "Media mode is on") {
		t.Fatal(code, shown)
	}
	_, page := officer.get(path)
	veils, grey := sizes(t, page)
	if len(veils) != 2 || !grey || veils[0].X > 160 || veils[1].X > 160 || strings.Contains(page, base64.StdEncoding.EncodeToString(photo[:300])) {
		t.Errorf("on the page: %v, grey %v", veils, grey)
	}
	for _, words := range []string{"Example list", "not enough pixel data", "no decoder for this kind of file", "1 to 4 of 4"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q: %s", words, pictures.ReplaceAllString(html.UnescapeString(page), "…"))
		}
	}
	mark := mediaMark.FindStringSubmatch(page)
	if mark == nil {
		t.Fatal("the page has no mark")
	}
	shownAny := map[string]bool{}
	next := mark[1]
	for _, m := range itemIDs.FindAllStringSubmatch(page, -1) {
		isKnown := strings.Contains(between(page, `data-item="`+m[1]+`"`, "</li>"), "Known")
		ask := url.Values{"item": {m[1]}, "warned": {"yes"}}
		code, said := officer.form(path+"/uncover", next, ask)
		if isKnown {
			if code != 400 || strings.Contains(said, "data:image") {
				t.Errorf("a known picture without a reason: %d %.200s", code, said)
			}
			ask.Set("reason", "The victim has to be told apart from another")
			code, said = officer.form(path+"/uncover", next, ask)
		}
		if code != 200 {
			if strings.Contains(said, "data:image") {
				t.Errorf("refused with a picture: %d", code)
			}
			shownAny["refused"] = true
			continue
		}
		size, grey := sizes(t, said)
		if len(size) != 1 || !grey || size[0].X > 1280 || size[0].X < 1000 {
			t.Errorf("uncovered: %v, grey %v", size, grey)
		}
		if bytes.Contains([]byte(said), []byte("Exif")) {
			t.Error("there is metadata in it")
		}
		got := decoded[struct{ Look, Cover, Form string }](t, said)
		if code, said := officer.form(path+"/cover", got.Cover, url.Values{"look": {got.Look}}); code != 200 {
			t.Errorf("covered: %d %s", code, said)
		}
		next = got.Form
		shownAny["shown"] = true
	}
	if !shownAny["shown"] || !shownAny["refused"] {
		t.Errorf("the test looked at nothing: %v", shownAny)
	}
	if code, said := other.get(path); code == 200 {
		t.Errorf("a supervisor who is not on the case sees %.200s", said)
	}
	if _, told := other.get("/notices"); !strings.Contains(told, "SI boss (boss)") || !strings.Contains(told, "I have taken notice") {
		t.Errorf("the other supervisor is told %s", told)
	}
	status := decoded[app.MediaStatus](t, string(ask(t, data, "media", "status")))
	if len(status.On) != 1 || status.On[0].Number != "FIR 12/2025" || len(status.Hours) != 1 || status.Hours[0].Login != "officer" || status.Hours[0].Days[0] != 2 {
		t.Errorf("%+v", status)
	}
	if log := string(ask(t, data, "log", "show", "--last", "0")); strings.Count(log, "media looked at") != 4 || !strings.Contains(log, "mode changed") {
		t.Errorf("the log says %s", log)
	}
	ask(t, data, "verify")
}

func between(text, from, to string) string {
	_, after, _ := strings.Cut(text, from)
	inside, _, _ := strings.Cut(after, to)
	return inside
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decodedOne gives the MD5 that suraag hash prints.
func decodedOne(t *testing.T, out []byte) string {
	t.Helper()
	m := regexp.MustCompile(`[0-9a-f]{32}`).Find(out)
	if m == nil {
		t.Fatalf("no MD5 in %s", out)
	}
	return string(m)
}
