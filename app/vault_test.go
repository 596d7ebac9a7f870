package app_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"suraag/app/demo"
)

// traces names the files below some folders that hold a piece of something.
func traces(t *testing.T, of []byte, folders ...string) (found []string) {
	t.Helper()
	const piece, apart = 24, 64
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			for at := 0; err == nil && at+piece <= len(of); at += apart {
				if bytes.Contains(b, of[at:at+piece]) {
					found = append(found, path)
					break
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// By default nothing is kept: of a picture that was hashed, traced by command or
// page, or held in the vault, no piece lies anywhere in the data folder, or where
// programs put what they do not mean to keep.
func TestNothingIsKeptOfAPicture(t *testing.T) {
	data, scratch := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", scratch)
	picture := filepath.Join(t.TempDir(), "picture.jpg")
	write(t, picture, demo.Picture())
	if len(demo.Picture()) < 2000 {
		t.Fatal("the picture is too small to prove anything")
	}
	ask(t, data, "case", "new", "FIR 12/2025", "--title", "t", "--station", "PS")
	ask(t, data, "hash", picture)
	ask(t, data, "trace", picture)
	ask(t, data, "vault", "put", picture, "--case", "FIR 12/2025", "--ground", "section 94 BNSS, order 3/2025")
	ask(t, data, "vault", "check", "--content")
	s := serve(t, data)
	r, err := http.Post(s.base+"/api/trace", "image/jpeg", bytes.NewReader(demo.Picture()))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("the page answers %s", r.Status)
	}
	if found := traces(t, demo.Picture(), data, scratch); len(found) > 0 {
		t.Errorf("pieces of the picture lie in %v", found)
	}
	write(t, filepath.Join(data, "piece"), demo.Picture()[500:1000])
	if found := traces(t, demo.Picture(), data, scratch); len(found) != 1 {
		t.Errorf("a piece that was put there is found in %v", found)
	}
}
