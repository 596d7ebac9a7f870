package arrive_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"suraag/custody/arrive"
	"suraag/fault"
)

var ctx = context.Background()

func limits() arrive.Limits {
	return arrive.Limits{Size: 100, Each: 2, All: 3, Own: 120, Bytes: 250, Holds: time.Hour}
}

func folder(t *testing.T) (*arrive.Folder, string, *time.Time) {
	t.Helper()
	dir, now := filepath.Join(t.TempDir(), "unit [7]"), time.Now() // a name that would be a pattern
	f, err := arrive.In(dir, limits(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return f, dir, &now
}

func declared(owner, words string) arrive.Declared {
	sum := sha256.Sum256([]byte(words))
	return arrive.Declared{Owner: owner, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(words)), About: json.RawMessage(`{"name":"a"}`)}
}

func declare(t *testing.T, f *arrive.Folder, d arrive.Declared) string {
	t.Helper()
	id, _, err := f.Declare(d)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Cut at every byte, a document comes whole, and is handed on once.
func TestCutAtEveryByte(t *testing.T) {
	const words = "a document that comes in two parts"
	for cut := range len(words) + 1 {
		f, dir, _ := folder(t)
		d := declared("a", words)
		id := declare(t, f, d)
		handed := 0
		whole := func(r io.Reader) error {
			handed++
			b, err := io.ReadAll(r)
			if string(b) != words {
				t.Errorf("cut at %d: %q is handed on", cut, b)
			}
			return err
		}
		broken := io.MultiReader(strings.NewReader(words[:cut]), iotest.ErrReader(errors.New("the line broke")))
		at, done, err := f.Append(ctx, "a", id, 0, broken, whole)
		if cut < len(words) {
			if at != int64(cut) || done || fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("cut at %d: %d, %v, %v", cut, at, done, err)
			}
			again, at, err := f.Declare(d)
			if err != nil || again != id || at != int64(cut) {
				t.Fatalf("declared again: %q, %d, %v", again, at, err)
			}
			if at, done, err = f.Append(ctx, "a", id, at, strings.NewReader(words[cut:]), whole); !done || err != nil {
				t.Fatalf("cut at %d: %d, %v, %v", cut, at, done, err)
			}
		}
		if left, _ := os.ReadDir(dir); handed != 1 || len(left) != 0 {
			t.Errorf("cut at %d: handed on %d times, %d files are left", cut, handed, len(left))
		}
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	f, dir, _ := folder(t)
	d := declared("a", "the words")
	id := declare(t, f, d)
	never := func(io.Reader) error { t.Error("it is handed on"); return nil }
	for name, c := range map[string]struct {
		owner, id string
		offset    int64
		body      string
		want      fault.Kind
	}{
		"another's":                      {"b", id, 0, "the words", fault.NotFound},
		"none":                           {"a", strings.Repeat("0", 64), 0, "the words", fault.NotFound},
		"a path":                         {"a", "../" + id, 0, "the words", fault.NotFound},
		"another's ID in other letters":  {"a", strings.ToUpper(id), 0, "the words", fault.NotFound},
		"from where nothing has come to": {"a", id, 4, "words", fault.Conflict},
	} {
		if _, _, err := f.Append(ctx, c.owner, c.id, c.offset, strings.NewReader(c.body), never); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := f.Append(ctx, "a", id, 0, strings.NewReader("the wordy"), never); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("other bytes: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("of other bytes %d files are left", len(left))
	}
	for name, bad := range map[string]arrive.Declared{
		"no hash": {Owner: "a", About: d.About}, "a hash of another kind": {Owner: "a", SHA256: strings.Repeat("a", 40), About: d.About}, "capitals": {Owner: "a", SHA256: strings.Repeat("A", 64), About: d.About},
		"less than nothing": {Owner: "a", SHA256: d.SHA256, Size: -1, About: d.About}, "too much": {Owner: "a", SHA256: d.SHA256, Size: 101, About: d.About},
		"nobody's": {SHA256: d.SHA256, About: d.About}, "about nothing": {Owner: "a", SHA256: d.SHA256},
	} {
		if _, _, err := f.Declare(bad); err == nil {
			t.Errorf("%s is declared", name)
		}
	}
}

// More than was declared is not taken; what was declared of it stays.
func TestMoreThanDeclared(t *testing.T) {
	f, _, _ := folder(t)
	id := declare(t, f, declared("a", "the words"))
	at, done, err := f.Append(ctx, "a", id, 0, strings.NewReader("the words and more"), func(io.Reader) error { return nil })
	if at != 9 || done || fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%d, %v, %v", at, done, err)
	}
}

// Who hands on may have no time now: the bytes stay. Where nothing will help, the
// draft ends, or it would keep others out.
func TestWhatCouldNotBeHandedOn(t *testing.T) {
	for kind, stays := range map[fault.Kind]bool{fault.Unavailable: true, fault.Internal: true, fault.Conflict: false, fault.Invalid: false, fault.Denied: false} {
		f, _, _ := folder(t)
		id := declare(t, f, declared("a", "the words"))
		at, done, err := f.Append(ctx, "a", id, 0, strings.NewReader("the words"), func(io.Reader) error { return fault.Newf(kind, "no") })
		if at != 9 || done || fault.KindOf(err) != kind {
			t.Errorf("%v: %d, %v, %v", kind, at, done, err)
		}
		_, _, err = f.Append(ctx, "a", id, 9, strings.NewReader(""), func(io.Reader) error { return nil })
		if (err == nil) != stays {
			t.Errorf("%v: tried again: %v", kind, err)
		}
	}
}

// Only so many drafts, of one and of all, and none for ever.
func TestThereIsRoomForSoMany(t *testing.T) {
	f, _, now := folder(t)
	declare(t, f, declared("a", "1"))
	declare(t, f, declared("a", "2"))
	declare(t, f, declared("a", "2")) // the same again is the same
	if _, _, err := f.Declare(declared("a", "3")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a third of one sender: %v", err)
	}
	declare(t, f, declared("b", "1"))
	if _, _, err := f.Declare(declared("c", "1")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a fourth of all: %v", err)
	}
	*now = now.Add(2 * time.Hour)
	id := declare(t, f, declared("c", "1"))
	if _, _, err := f.Append(ctx, "c", id, 0, strings.NewReader("1"), func(io.Reader) error { return nil }); err != nil {
		t.Errorf("a fresh one is forgotten with the old ones: %v", err)
	}

	g, _, _ := folder(t)
	declare(t, g, declared("a", strings.Repeat("x", 100)))
	declare(t, g, declared("b", strings.Repeat("x", 100)))
	if _, _, err := g.Declare(declared("c", strings.Repeat("x", 51))); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("more bytes than there is room for: %v", err)
	}

	// One sender who announces all that there is room for keeps nobody else out.
	h, _, _ := folder(t)
	declare(t, h, declared("a", strings.Repeat("x", 100)))
	if _, _, err := h.Declare(declared("a", strings.Repeat("y", 100))); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("more bytes than one sender has room for: %v", err)
	}
	declare(t, h, declared("b", strings.Repeat("x", 100)))
}

// Two lines of one document do not mix; a declaration that was changed on disk is
// none.
func TestOneLineAtATime(t *testing.T) {
	f, dir, _ := folder(t)
	id := declare(t, f, declared("a", "the words"))
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, _, err := f.Append(ctx, "a", id, 0, r, func(io.Reader) error { return nil })
		ended <- err
	}()
	w.Write([]byte("the "))
	if _, _, err := f.Append(ctx, "a", id, 4, strings.NewReader("words"), func(io.Reader) error { return nil }); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a second line: %v", err)
	}
	w.Write([]byte("words"))
	w.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	id = declare(t, f, declared("a", "more words"))
	file := filepath.Join(dir, id+".json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(b), `"owner":"a"`, `"owner":"b"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Find("b", id); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a changed declaration: %v", err)
	}
}

// Whatever is announced and passes is repeated by a receipt to the letter: JSON
// holds it unchanged, and the database too.
func FuzzAnnouncement(f *testing.F) {
	f.Add([]byte(`{"sha256":"00","size":1,"name":"tip.json","authority":"FIR 12/2025"}`))
	f.Add([]byte(`{"name":"सुराग.csv","authority":"प्राथमिकी 12/2025"}`))
	f.Add([]byte("{\"name\":\"a\\u0000b\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var a, again arrive.Announcement
		if json.Unmarshal(text, &a) != nil || a.Checked() != nil {
			return
		}
		if strings.ContainsAny(a.Name, "/\\\x00") || a.Name == "" || filepath.Base(a.Name) != a.Name {
			t.Errorf("name %q", a.Name)
		}
		doc, err := json.Marshal(a)
		if err != nil || json.Unmarshal(doc, &again) != nil || again != a {
			t.Errorf("%+v becomes %+v, %v", a, again, err)
		}
	})
}
