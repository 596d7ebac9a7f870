package media_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/digest"
	"suraag/pdq"
)

var (
	update = flag.Bool("update", false, "write the agreement as it is")
	peer   = flag.String("peer", "", "what the C++ reference says of many JPEG files, a line each: path, width, height, channels, then for nn512 and for full the eight hashes joined by colons and the quality")
)

// eight reads what the reference says of one preparation.
func eight(t *testing.T, path, hashes, quality string) ([]string, int) {
	t.Helper()
	h := strings.Split(hashes, ":")
	q, err := strconv.Atoi(quality)
	if err != nil || len(h) != 8 {
		t.Fatalf("%s: %d hashes, quality %q", path, len(h), quality)
	}
	return h, q
}

// furthest gives the greatest distance over the eight orientations.
func furthest(t *testing.T, ours [8]digest.Digest, theirs []string) int {
	t.Helper()
	most := 0
	for o, d := range ours {
		h, err := pdq.Parse(theirs[o])
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, distance(t, d, h))
	}
	return most
}

// The committed pictures, of every form of JPEG, against what the C++ reference (ThreatExchange baefb4ed with its CImg and
// libjpeg-turbo 2.1.5) says of the same files, in both preparations and all eight orientations. Where another
// decoder had to read the file (see package jpegplane), its samples differ, and so may the hash.
func TestAgreementOnCommittedPictures(t *testing.T) {
	f, err := os.Open("testdata/agreement/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 20 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var got strings.Builder
	for _, row := range rows {
		file, err := os.ReadFile("../" + row[0])
		if err != nil {
			t.Fatal(err)
		}
		p := fingerprint(t, file)
		nn512, qNN512 := eight(t, row[0], row[1], row[2])
		full, qFull := eight(t, row[0], row[3], row[4])
		if p.Problem != "" {
			fmt.Fprintf(&got, "%s: %s\n", row[0], p.Problem)
			continue
		}
		fmt.Fprintf(&got, "%s: bits nn512 %d, full %d; quality %+d, %+d\n", row[0], furthest(t, p.OrientationsNN512, nn512), furthest(t, p.Orientations, full), p.QualityNN512-qNN512, p.Quality-qFull)
	}
	golden(t, "testdata/agreement/committed.txt", got.String())
}

// The distribution over many pictures, which are not committed. Made with
//
//	go test ./media -run AgreementOverMany -peer FILE -update
//
// Without -peer it holds the golden file to what is claimed of it.
func TestAgreementOverMany(t *testing.T) {
	const name = "testdata/agreement/many.txt"
	if *peer != "" {
		golden(t, name, distribution(t, *peer))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var pictures, sameNN512, sameFull int
	for line := range strings.Lines(string(text)) {
		fmt.Sscanf(line, "pictures %d", &pictures)
		fmt.Sscanf(line, "nn512, furthest of eight orientations 0: %d", &sameNN512)
		fmt.Sscanf(line, "full, furthest of eight orientations 0: %d", &sameFull)
	}
	if pictures < 500 || sameNN512 != pictures || sameFull != pictures {
		t.Errorf("of %d pictures %d and %d agree in every bit, want 500 and all", pictures, sameNN512, sameFull)
	}
}

func distribution(t *testing.T, peer string) string {
	f, err := os.Open(peer)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	count := map[string]int{}
	n := 0
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		if len(w) != 8 {
			t.Fatalf("line %d has %d words", n+1, len(w))
		}
		file, err := os.ReadFile(w[0])
		if err != nil {
			t.Fatal(err)
		}
		p := fingerprint(t, file)
		if p.Problem != "" {
			t.Fatalf("%s: %s", w[0], p.Problem)
		}
		nn512, qNN512 := eight(t, w[0], w[4], w[5])
		full, qFull := eight(t, w[0], w[6], w[7])
		n++
		count["channels "+w[3]]++
		count[fmt.Sprintf("nn512, furthest of eight orientations %d", furthest(t, p.OrientationsNN512, nn512))]++
		count[fmt.Sprintf("full, furthest of eight orientations %d", furthest(t, p.Orientations, full))]++
		count[fmt.Sprintf("nn512, quality off by %d", p.QualityNN512-qNN512)]++
		count[fmt.Sprintf("full, quality off by %d", p.Quality-qFull)]++
		h, err := pdq.Parse(full[0])
		if err != nil {
			t.Fatal(err)
		}
		count[fmt.Sprintf("the reference's two preparations of one picture differ by %s bits", decade(distance(t, p.PDQNN512, h)))]++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for what, times := range count {
		rows = append(rows, fmt.Sprintf("%s: %d\n", what, times))
	}
	slices.Sort(rows)
	return fmt.Sprintf("pictures %d\n%s", n, strings.Join(rows, ""))
}

// decade gathers distances.
func decade(n int) string {
	switch {
	case n == 0:
		return "0"
	case n <= 10:
		return "01 to 10"
	case n <= 31:
		return "11 to 31"
	}
	return "more than 31"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s (-golden +got)\n%s", name, cmp.Diff(string(want), got))
	}
}
