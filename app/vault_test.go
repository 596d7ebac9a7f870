package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/app/demo"
	"suraag/custody/keeptest"
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

// Killing the program at any moment of a put: what was acknowledged is held whole,
// what was not is held whole or not at all, and what was left behind goes.
func TestKilledDuringAPut(t *testing.T) {
	exe, data := program(t), t.TempDir()
	exhibit := filepath.Join(t.TempDir(), "exhibit.bin")
	write(t, exhibit, keeptest.Body(24<<20))
	run := func(args ...string) *exec.Cmd { return suraag(exe, append(args, "--data", data)...) }
	put := func() *exec.Cmd {
		return run("vault", "put", exhibit, "--case", "FIR 12/2025", "--ground", "section 94 BNSS, order 3/2025")
	}
	mustRun(t, run("case", "new", "FIR 12/2025", "--title", "t", "--station", "PS"))
	began := time.Now()
	mustRun(t, put())
	whole := time.Since(began)
	rng := rand.New(rand.NewPCG(7, 7))
	killed, acknowledged, left := 0, 1, 0
	for range 12 {
		var said bytes.Buffer
		c := put()
		c.Stdout = &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case <-time.After(time.Duration(rng.Int64N(int64(whole)))):
			c.Process.Kill()
			<-ended
			killed++
		case <-ended:
		}
		if strings.Contains(said.String(), "is held for case") {
			acknowledged++
		}
		left += strings.Count(mustRun(t, run("vault", "check")), "LEFTOVER")
	}
	var items []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(mustRun(t, run("vault", "list", "--json"))), &items); err != nil || len(items) < acknowledged || len(items) > acknowledged+killed {
		t.Errorf("%d items are recorded, %d were acknowledged, %d killed, %v", len(items), acknowledged, killed, err)
	}
	said := mustRun(t, run("vault", "check", "--content", "--sweep"))
	if !strings.Contains(said, fmt.Sprintf("Content compared with what was put in: %d", len(items))) || strings.Contains(said, "LEFTOVER") {
		t.Errorf("%s", said)
	}
	mustRun(t, run("verify"))
	if killed < 6 || left == 0 {
		t.Errorf("only %d of 12 were killed, and %d things were left behind: too little to prove anything", killed, left)
	}
}
