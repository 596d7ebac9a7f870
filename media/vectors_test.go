package media_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"suraag/pdq"
)

// The reference's hashes of its own pictures, from file to hash, with no bit of difference
// in either preparation: samples, brightness and filter are all the reference's.
func TestReferenceVectors(t *testing.T) {
	f, err := os.Open("../pdq/testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 11 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		file, err := os.ReadFile("../pdq/testdata/" + row[0])
		if err != nil {
			t.Fatal(err)
		}
		p := fingerprint(t, file)
		for how, got := range map[pdq.Preparation]string{pdq.NN512: p.PDQNN512.Hex(), pdq.Full: p.PDQ.Hex()} {
			want := row[2]
			if how == pdq.Full {
				want = row[3]
			}
			if got != want {
				t.Errorf("%s, %s: %s, the reference gives %s", row[0], how, got, want)
			}
		}
		if q := strconv.Itoa(p.Quality); q != row[1] {
			t.Errorf("%s: quality %s, the reference gives %s", row[0], q, row[1])
		}
	}
}
