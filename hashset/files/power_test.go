package files_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/hashset/files"
	"suraag/sighting"
)

// The power goes while entries are put in their place: of the names that were not synced
// any may be there, and of bytes that were not synced any part, the rest gone or zeros. Each
// is refused, so that the entries are made again from the original, or answers rightly.
func TestPowerLossWhileSettling(t *testing.T) {
	k, dir := keeper(t)
	r := rand.New(rand.NewPCG(1, 9))
	var list []sighting.Entry
	for i := range 300 {
		list = append(list, made(i, r))
	}
	keep(t, k, list)
	whole := map[string][]byte{}
	found, err := filepath.Glob(filepath.Join(dir, source[:2], "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if whole[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if len(whole) < 2 {
		t.Fatalf("only %v; there is no index to be lost", found)
	}
	refused, right := 0, 0
	for range 400 {
		for name, body := range whole {
			os.Remove(name)
			at := r.IntN(len(body) + 1)
			switch r.IntN(4) {
			case 0: // its name was not there yet
				continue
			case 1:
				body = body[:at]
			case 2:
				body = append(bytes.Clone(body[:at]), make([]byte, len(body)-at)...)
			}
			if err := os.WriteFile(name, body, 0o400); err != nil {
				t.Fatal(err)
			}
		}
		switch err := asked(t, dir, list); {
		case err == nil:
			right++
		case fault.Is(err, fault.Corrupt), fault.Is(err, fault.NotFound):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if refused < 200 || right < 10 {
		t.Errorf("%d were refused and %d answered; the test looks at too few", refused, right)
	}
}

// asked puts every question to what a folder holds.
func asked(t *testing.T, dir string, list []sighting.Entry) error {
	t.Helper()
	k, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := k.Open(source)
	if err != nil {
		return err
	}
	if e.Len() != int64(len(list)) {
		t.Fatalf("%d entries of %d, and nothing is said", e.Len(), len(list))
	}
	for n, x := range list {
		short, _, err := e.At(int64(n))
		if err != nil {
			return err
		}
		if short.Number != x.Number || short.Start != x.Start {
			t.Fatalf("entry %d is %+v, and nothing is said", n, short)
		}
		for _, v := range x.Values {
			d := of(t, v)
			got, _, err := e.Find(d, 10)
			if err != nil {
				return err
			}
			if len(got) != 1 || got[0] != int64(n) {
				t.Fatalf("entry %d is found as %v, and nothing is said", n, got)
			}
			if d.Kind() != digest.PDQ {
				continue
			}
			near := 0
			err = e.Near(t.Context(), []digest.Digest{d}, 0, func(_ int, h hashset.Neighbour) bool { near++; return true })
			if err != nil {
				return err
			}
			if near != 1 {
				t.Fatalf("entry %d is found near %d times, and nothing is said", n, near)
			}
		}
	}
	return nil
}
