package archive_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/custody/archive"
	"suraag/fault"
)

var at = time.Date(2025, 3, 10, 0, 0, 0, 0, time.UTC)

var content = map[string]string{"suraag.db": "rows", "originals/ab/abcd": "a document", "custody/checkpoint": ""}

func made(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := archive.NewWriter(&b, "suraag test", at)
	for _, name := range []string{"suraag.db", "originals/ab/abcd", "custody/checkpoint"} {
		if err := w.Add(name, int64(len(content[name])), strings.NewReader(content[name])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, b []byte) (string, archive.Manifest, error) {
	into := filepath.Join(t.TempDir(), "restored")
	m, err := archive.Unpack(t.Context(), bytes.NewReader(b), into, archive.Limits{Files: 10, Bytes: 1 << 20, Manifest: 1 << 16})
	return into, m, err
}

func TestWhatGoesInComesOut(t *testing.T) {
	into, m, err := unpack(t, made(t))
	if err != nil || len(m.Files) != 3 || m.Program != "suraag test" {
		t.Fatalf("%+v, %v", m, err)
	}
	for name, want := range content {
		got, err := os.ReadFile(filepath.Join(into, name))
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	if !bytes.Equal(made(t), made(t)) {
		t.Error("the same folder gives two archives")
	}
}

// TestEveryChangedByteIsFound or changes nothing that counts: padding and the
// fields of a header that say nothing of the content.
func TestEveryChangedByteIsFound(t *testing.T) {
	whole := made(t)
	end := bytes.LastIndexByte(whole, '}') + 1
	for n := range whole {
		if n%89 != 0 && (whole[n] == 0 || n%7 != 0) { // most of a header is empty; each try writes a folder
			continue
		}
		bad := bytes.Clone(whole)
		bad[n] ^= 1
		into, _, err := unpack(t, bad)
		if err != nil {
			if _, there := os.Stat(into); there == nil {
				t.Errorf("byte %d: refused, and the folder got its name", n)
			}
			continue
		}
		for name, want := range content {
			if got, err := os.ReadFile(filepath.Join(into, name)); err != nil || string(got) != want {
				t.Errorf("byte %d changed %s unseen: %q, %v", n, name, got, err)
			}
		}
	}
	for n := 0; n < end; n += 101 {
		if _, _, err := unpack(t, whole[:n]); err == nil {
			t.Errorf("cut to %d of %d bytes, and taken", n, len(whole))
		}
	}
}

func TestHostileArchives(t *testing.T) {
	with := func(change func(*tar.Writer)) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		change(w)
		w.Close()
		return b.Bytes()
	}
	file := func(w *tar.Writer, name, body string) {
		w.WriteHeader(&tar.Header{Name: name, Size: int64(len(body)), Mode: 0o600, Typeflag: tar.TypeReg})
		w.Write([]byte(body))
	}
	const empty = `{"suraag_backup":1,"files":[]}`
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"a way out", "no name of a file inside a folder", with(func(w *tar.Writer) { file(w, "../x", "x") })},
		{"an absolute way", "no name of a file inside a folder", with(func(w *tar.Writer) { file(w, "/etc/x", "x") })},
		{"a link", "no plain file", with(func(w *tar.Writer) {
			w.WriteHeader(&tar.Header{Name: "x", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink})
		})},
		{"twice", "stands twice", with(func(w *tar.Writer) { file(w, "x", "1"); file(w, "x", "2") })},
		{"one too many", "not in the manifest", with(func(w *tar.Writer) { file(w, "x", "1"); file(w, "manifest.json", empty) })},
		{"one too few", "not in the archive", with(func(w *tar.Writer) {
			file(w, "manifest.json", `{"suraag_backup":1,"files":[{"name":"x","size":1,"sha256":"00"}]}`)
		})},
		{"behind the manifest", "behind the manifest", with(func(w *tar.Writer) { file(w, "manifest.json", empty); file(w, "x", "1") })},
		{"too many files", "more than 10 files", with(func(w *tar.Writer) {
			for n := range 11 {
				file(w, string(rune('a'+n)), "")
			}
		})},
		{"too many bytes", "bytes", with(func(w *tar.Writer) { file(w, "x", strings.Repeat("x", 2<<20)) })},
		{"of the future", "version 9", with(func(w *tar.Writer) { file(w, "manifest.json", `{"suraag_backup":9}`) })},
		{"no archive", "archive", []byte("no archive at all, but some text")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, err := unpack(t, c.body); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestNothingIsWrittenOver(t *testing.T) {
	into := t.TempDir()
	if err := os.WriteFile(filepath.Join(into, "suraag.db"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := archive.Unpack(t.Context(), bytes.NewReader(made(t)), into, archive.DefaultLimits())
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}

func TestFileThatGrows(t *testing.T) {
	for name, body := range map[string]string{"grew": "more than five", "shrank": "less"} {
		w := archive.NewWriter(&bytes.Buffer{}, "suraag test", at)
		if err := w.Add("x", 5, strings.NewReader(body)); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	seeds := [][]byte{made(f), made(f)[:600], []byte("x"), nil}
	for _, s := range seeds {
		f.Add(s)
	}
	if len(seeds[0]) < 2048 {
		f.Fatal("the seed is no archive")
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		into, m, err := unpack(t, b)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			info, err := os.Lstat(filepath.Join(into, file.Name))
			if err != nil || !info.Mode().IsRegular() || info.Size() != file.Size {
				t.Errorf("%q: %v %v", file.Name, info, err)
			}
		}
	})
}
