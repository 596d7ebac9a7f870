package files_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"suraag/custody"
	"suraag/custody/files"
	"suraag/custody/keeptest"
	"suraag/fault"
)

const ofABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-4, example of "abc"

func TestKeeper(t *testing.T) {
	keeptest.Test(t, func(t *testing.T) custody.Keeper {
		k, err := files.In(filepath.Join(t.TempDir(), "unit [7]")) // a name that would be a pattern
		if err != nil {
			t.Fatal(err)
		}
		return k
	})
}

func seal(t *testing.T, k *files.Keeper, text string) string {
	t.Helper()
	id, size, err := custody.Seal(k, strings.NewReader(text), 1<<20)
	if err != nil || size != int64(len(text)) {
		t.Fatalf("seal: %d bytes, %v", size, err)
	}
	return id
}

func TestSealedUnderItsOwnHash(t *testing.T) {
	dir := t.TempDir()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	if id := seal(t, k, "abc"); id != ofABC {
		t.Errorf("id = %s", id)
	}
	seal(t, k, "abc")
	var names []string
	if err := k.List(func(n string) error { names = append(names, n); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 || names[0] != ofABC {
		t.Errorf("kept %v, want the one original once", names)
	}
	if drafts, _ := os.ReadDir(filepath.Join(dir, "drafts")); len(drafts) != 0 {
		t.Errorf("%d drafts left behind", len(drafts))
	}
	o, err := k.Open(ofABC)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	got := make([]byte, o.Size())
	if _, err := o.ReadAt(got, 0); err != nil || !bytes.Equal(got, []byte("abc")) {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestOneChangedByteIsFound(t *testing.T) {
	dir := t.TempDir()
	k, _ := files.In(dir)
	id := seal(t, k, "the original")
	if err := custody.Check(k, id); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, id[:2], id)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("the Original"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := custody.Check(k, id); !fault.Is(err, fault.Corrupt) {
		t.Errorf("check = %v, want corrupt", err)
	}
}

// Who brings the same bytes again is not told that they are kept where others lie.
func TestOtherBytesUnderTheName(t *testing.T) {
	dir := t.TempDir()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	seal(t, k, "abc")
	file := filepath.Join(dir, ofABC[:2], ofABC)
	for _, other := range []string{"", "abd", "abcd"} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(other), 0o400); err != nil {
			t.Fatal(err)
		}
		if _, _, err := custody.Seal(k, strings.NewReader("abc"), 1<<20); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%q lies there: %v", other, err)
		}
		if left, err := os.ReadFile(file); err != nil || string(left) != other {
			t.Errorf("%q was written over: %q, %v", other, left, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	k, _ := files.In(t.TempDir())
	if _, _, err := custody.Seal(k, strings.NewReader("12345"), 4); !fault.Is(err, fault.TooLarge) {
		t.Errorf("five bytes within a limit of four: %v", err)
	}
	if _, err := k.Open(ofABC); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing original: %v", err)
	}
	if _, err := k.Open("../../etc/passwd"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a path as a name: %v", err)
	}
	if err := custody.NeedAuthority(" "); !fault.Is(err, fault.Invalid) {
		t.Errorf("no authority: %v", err)
	}
}

// What was removed is gone, may be removed again, and may be kept anew.
func TestRemove(t *testing.T) {
	k, err := files.In(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		id, _, err := custody.Seal(k, strings.NewReader("letter"), 100)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := k.Remove(id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.Open(id); !fault.Is(err, fault.NotFound) {
			t.Errorf("an original that was removed: %v", err)
		}
	}
	if err := k.Remove("../letter"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
}

// A draft whose writer died is named and may be removed; one that is being written
// is not, and one that was kept is no draft any more.
func TestAbandonedDrafts(t *testing.T) {
	dir := t.TempDir()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := k.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	drafts := filepath.Join(dir, "drafts")
	if err := os.WriteFile(filepath.Join(drafts, "draft-dead"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	names := func() (out []string) {
		if err := k.Abandoned(func(name string) error { out = append(out, name); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := names(); len(got) != 1 || got[0] != "draft-dead" {
		t.Errorf("abandoned: %v", got)
	}
	all, err := os.ReadDir(drafts)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	for _, f := range all {
		if err := k.RemoveAbandoned(f.Name()); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(drafts); err != nil || len(left) != 1 || left[0].Name() == "draft-dead" {
		t.Errorf("left is %v, %v", left, err)
	}
	if _, err := d.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := d.Keep(ofABC); err != nil {
		t.Errorf("the one that was being written: %v", err)
	}
	for _, name := range []string{"../ba/" + ofABC, ofABC, "draft-/x"} {
		if err := k.RemoveAbandoned(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("removed %q as a draft: %v", name, err)
		}
	}
	if err := k.RemoveAbandoned("draft-gone"); err != nil {
		t.Errorf("one that is gone: %v", err)
	}
}

// Whoever looks for abandoned drafts, in whatever process, neither takes one that is
// being written nor keeps anybody from beginning one.
func TestTidyingTakesNothingThatIsWritten(t *testing.T) {
	dir := t.TempDir()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var tidiers sync.WaitGroup
	for range 2 {
		tidiers.Go(func() {
			other, err := files.In(dir) // as another process has it
			if err != nil {
				t.Error(err)
				return
			}
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := other.Abandoned(other.RemoveAbandoned); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range 1000 {
		text := fmt.Sprint("document ", n)
		id, _, err := custody.Seal(k, strings.NewReader(text), 100)
		if err == nil {
			err = custody.Check(k, id)
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			break
		}
	}
	close(done)
	tidiers.Wait()
	if left, err := os.ReadDir(filepath.Join(dir, "drafts")); err != nil || len(left) != 0 {
		t.Errorf("left is %v, %v", left, err)
	}
}
