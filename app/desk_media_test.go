package app

import (
	"bytes"
	"context"
	"database/sql"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/custody/vault"
	"suraag/fault"
	"suraag/media"
	"suraag/people"
	"suraag/web"
)

// mediaRoom is a desk of media with a case, and somebody who sees everything.
func mediaRoom(t *testing.T) (*mediaDesk, context.Context, people.Case) {
	t.Helper()
	env := map[string]string{"SURAAG_NOW": "2025-03-12T09:00:00Z"}
	ctx := people.With(context.Background(), people.WhoAlone("officer"))
	s := &stage{ctx: ctx, env: env, in: strings.NewReader(""), out: io.Discard, err: io.Discard, cli: &commands{Data: t.TempDir(), Zone: "UTC", By: "officer"}, log: quietLog()}
	h, err := s.open(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	w, _, err := s.walls(h)
	if err != nil {
		t.Fatal(err)
	}
	c := people.Case{ID: people.NewID(), Number: "FIR 12/2025", Title: "t", Station: "PS", Made: h.Now()}
	if err := h.db.InTx(ctx, func(tx *sql.Tx) error { return h.db.AddCase(ctx, tx, c) }); err != nil {
		t.Fatal(err)
	}
	return newMediaDesk(desk{h, w, "officer"}), ctx, c
}

func (d *mediaDesk) hold(t *testing.T, c people.Case, file string) vault.Item {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	i, err := d.Vault.Put(context.Background(), vault.About{Case: c.ID, Name: filepath.Base(file), By: "officer", Ground: "section 94 BNSS, order 3/2025"}, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (d *mediaDesk) all(t *testing.T, ctx context.Context, c people.Case) []web.MediaItem {
	t.Helper()
	items, n, err := d.Items(ctx, c.ID, 0, 100)
	if err != nil || n != len(items) {
		t.Fatalf("%d of %d items, %v", len(items), n, err)
	}
	return items
}

const photo = "../pdq/testdata/bridge/bridge-1-original.jpg"

func TestWhatTheMediaDeskGives(t *testing.T) {
	d, ctx, c := mediaRoom(t)
	other := people.Case{ID: people.NewID(), Number: "FIR 13/2025", Title: "t", Station: "PS", Made: d.Now()}
	if err := d.db.InTx(ctx, func(tx *sql.Tx) error { return d.db.AddCase(ctx, tx, other) }); err != nil {
		t.Fatal(err)
	}
	mine, theirs, goes := d.hold(t, c, photo), d.hold(t, other, photo), d.hold(t, c, "media.go")
	if _, err := d.Vault.Drop(ctx, goes.ID, vault.Drop{By: "officer", ProposedBy: "another", Why: "returned to the owner", Authority: "order 9/2025"}); err != nil {
		t.Fatal(err)
	}
	items := d.all(t, ctx, c)
	if len(items) != 1 || items[0].ID != mine.ID || items[0].Veil == nil || items[0].Stills != 0 || len(items[0].Known) > 0 {
		t.Fatalf("%+v", items)
	}
	for name, id := range map[string]string{"of another case": theirs.ID, "dropped": goes.ID, "none": people.NewID(), "nonsense": "../x", "the beginning of one": mine.ID[:8]} {
		if _, err := d.Item(ctx, c.ID, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("an item %s: %v", name, err)
		}
		if _, err := d.Shown(ctx, web.MediaItem{ID: id, Case: c.ID}, 1, false); !fault.Is(err, fault.NotFound) {
			t.Errorf("an item %s is shown: %v", name, err)
		}
	}
	file, err := d.Shown(ctx, items[0], 1, true)
	if err != nil {
		t.Fatal(err)
	}
	if img, err := jpeg.Decode(bytes.NewReader(file)); err != nil || max(img.Bounds().Dx(), img.Bounds().Dy()) != 1280 {
		t.Errorf("shown: %v, %v", img.Bounds(), err)
	}
	d.limits.Bytes = 1000
	if _, err := d.Shown(ctx, items[0], 1, true); !fault.Is(err, fault.TooLarge) {
		t.Errorf("past the limit: %v", err)
	}
}

// A key that is not there is told, and forgotten when it is there again; what was
// changed in the store is told and never shown.
func TestMediaThatCannotBeRead(t *testing.T) {
	d, ctx, c := mediaRoom(t)
	i := d.hold(t, c, photo)
	key := d.Vault.Unit
	d.Vault.Unit = noKey{key}
	if got := d.all(t, ctx, c)[0]; got.Veil != nil || !strings.Contains(got.Problem, "the token is not in its place") {
		t.Errorf("without the key: %+v", got)
	}
	d.Vault.Unit = key
	if got := d.all(t, ctx, c)[0]; got.Veil == nil || got.Problem != "" {
		t.Errorf("with the key again: %+v", got)
	}
	changed := 0
	err := filepath.WalkDir(filepath.Join(d.dir, "vault"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(path, i.SealedSHA256[4:]) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		changed++
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil || changed != 1 {
		t.Fatalf("%d files changed, %v", changed, err)
	}
	if _, err := d.Shown(ctx, web.MediaItem{ID: i.ID, Case: c.ID}, 1, false); !fault.Is(err, fault.Corrupt) {
		t.Errorf("changed content is shown: %v", err)
	}
}

// noKey is a unit's key that cannot be used now.
type noKey struct{ vault.Unit }

func (noKey) Decrypt([]byte) ([]byte, error) {
	return nil, fault.Newf(fault.Denied, "the token is not in its place")
}

// Of a video there are stills, and no more of them are asked for than there are.
func TestStillsOnTheDesk(t *testing.T) {
	if _, err := os.Stat("/usr/bin/ffmpeg"); err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "ffmpeg") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	d, ctx, c := mediaRoom(t)
	d.hold(t, c, "../media/testdata/clip.mp4")
	got := d.all(t, ctx, c)[0]
	if got.Stills != media.Stills || got.Veil == nil {
		t.Fatalf("%+v", got)
	}
	first, err1 := d.Shown(ctx, got, 1, false)
	last, err2 := d.Shown(ctx, got, media.Stills, false)
	if err1 != nil || err2 != nil || bytes.Equal(first, last) {
		t.Errorf("%v, %v; the last still is the first: %v", err1, err2, bytes.Equal(first, last))
	}
	if _, err := d.Shown(ctx, got, media.Stills+1, false); !fault.Is(err, fault.Invalid) {
		t.Errorf("a still too many: %v", err)
	}
}

// Who waits while others are made ready gives up with the request, and at most two are in memory.
func TestTwoAtOnce(t *testing.T) {
	d, ctx, c := mediaRoom(t)
	i := d.hold(t, c, photo)
	for range twoAtOnce {
		d.places <- struct{}{}
	}
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := d.Shown(soon, web.MediaItem{ID: i.ID, Case: c.ID}, 1, false); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a third at once: %v", err)
	}
	<-d.places
	if _, err := d.Shown(ctx, web.MediaItem{ID: i.ID, Case: c.ID}, 1, false); err != nil {
		t.Error(err)
	}
}
