package hashlist_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/hashlist"
	"suraag/intake/intaketest"
)

func formats() []intake.Format { return []intake.Format{hashlist.Format()} }

const (
	md5  = "4bc93fb481892c12606a481fc53a0ad9"
	sha1 = "c711100ccbe414be072efb6a65b72a8656e72397"
	pdq  = "f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95"
)

// show writes the listings in lines: digests, then what else is stated.
func show(r intaketest.Records) string {
	var b strings.Builder
	for _, l := range r.Listings {
		for _, d := range l.Digests {
			v := d.Hex()
			fmt.Fprintf(&b, "%s:%s ", d.Kind(), v[:4])
		}
		fmt.Fprintf(&b, "cat=%s q=%d ref=%s tags=%s\n", l.Category, l.Quality, l.Ref, strings.Join(l.Tags, "+"))
	}
	return b.String()
}

func TestLists(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		columns          map[string]string
		want             string
		bad, notes       int
	}{
		{"bare, mixed kinds", "l.txt", md5 + "\n" + sha1 + "\n\n# comment\n" + strings.ToUpper(pdq) + "\n", nil,
			"md5:4bc9 cat= q=0 ref= tags=\nsha1:c711 cat= q=0 ref= tags=\nsha256:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"bare, file name says pdq", "known-pdq.txt", pdq + "\n", nil, "pdq:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"bare, column map says pdq", "l.txt", pdq + "\n", map[string]string{"pdq": "1"}, "pdq:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"one column, title says pdq", "l.txt", "PDQ\n" + pdq + "\n", nil, "pdq:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"pdq and quality without titles", "l.csv", pdq + ",100\n" + pdq + ",40\n", nil, "pdq:f162 cat= q=100 ref= tags=\npdq:f162 cat= q=40 ref= tags=\n", 0, 1},
		{"sha256 and category without titles", "l.csv", pdq + ",1\n" + pdq + ",2\n", nil, "sha256:f162 cat= q=0 ref= tags=\nsha256:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"header", "l.csv", "id,MD5,SHA-1,Category,Tags,Hue\n7," + md5 + "," + sha1 + ",1,a;b,red\n", nil, "sha1:c711 md5:4bc9 cat=1 q=0 ref=7 tags=a+b\n", 0, 1},
		{"tabs", "l.tsv", "md5\tcategory\n" + md5 + "\t0\n", nil, "md5:4bc9 cat=0 q=0 ref= tags=\n", 0, 0},
		{"hash and type", "l.csv", "hash,type\n" + pdq + ",pdq\n" + md5 + ",md5\n", nil, "pdq:f162 cat= q=0 ref= tags=\nmd5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
		{"kind before the value", "l.txt", "pdq:" + pdq + "\nmd5:" + md5 + "\n", nil, "pdq:f162 cat= q=0 ref= tags=\nmd5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
		{"as md5sum writes", "l.txt", md5 + "  a b.jpg\n" + md5 + " *c.jpg\n", nil, "md5:4bc9 cat= q=0 ref= tags=\nmd5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
		{"column map by title and number", "l.csv", "Wert;Klasse;Nr\n" + md5 + ";2;9\n", map[string]string{"md5": "Wert", "category": "2", "ref": "nr"}, "md5:4bc9 cat=2 q=0 ref=9 tags=\n", 0, 0},
		{"column map, no header", "l.csv", md5 + ",2\n", map[string]string{"md5": "1", "category": "2"}, "md5:4bc9 cat=2 q=0 ref= tags=\n", 0, 0},
		{"category not stated is not 0", "l.csv", "md5,category\n" + md5 + ",N/A\n", nil, "md5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
		{"bad among good", "l.txt", md5 + "\nzz\n" + md5 + "\n", nil, "md5:4bc9 cat= q=0 ref= tags=\nmd5:4bc9 cat= q=0 ref= tags=\n", 1, 0},
		{"words before the list", "l.txt", "List of example.org\n" + md5 + "\n", nil, "md5:4bc9 cat= q=0 ref= tags=\n", 1, 0},
		{"SHA-1 cut off to an MD5's length", "l.txt", sha1 + "\n" + sha1[:32], nil, "sha1:c711 cat= q=0 ref= tags=\n", 1, 0},
		{"wrong label (rule 1)", "l.csv", "sha1\n" + pdq + "\n", nil, "sha256:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"quality out of range", "l.csv", "pdq,quality\n" + pdq + ",300\n", nil, "pdq:f162 cat= q=0 ref= tags=\n", 0, 0},
		{"a cell too many", "l.csv", "md5,category\n" + md5 + ",1,2\n" + md5 + ",1\n", nil, "md5:4bc9 cat=1 q=0 ref= tags=\n", 1, 0},
		{"huge row", "l.txt", md5 + "\n" + strings.Repeat("a", 2<<20) + "\n", nil, "md5:4bc9 cat= q=0 ref= tags=\n", 1, 0},
		{"two kinds without titles", "l.csv", md5 + "," + sha1 + ",a.jpg\n", nil, "sha1:c711 md5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
		{"byte order mark", "l.txt", "\ufeff" + md5 + "\r\n", nil, "md5:4bc9 cat= q=0 ref= tags=\n", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := intake.Options{Columns: c.columns}
			if c.columns != nil {
				opts.Format = "hashlist"
			}
			r := intaketest.Collect(t, formats(), c.file, []byte(c.text), opts)
			intaketest.CheckPlaces(t, c.file, []byte(c.text), r)
			if got := show(r); got != c.want {
				t.Errorf("got\n%swant\n%s%v %v", got, c.want, r.Bad, r.Err)
			}
			if len(r.Bad) != c.bad || len(r.Notes) != c.notes {
				t.Errorf("bad %v, notes %v; want %d and %d", r.Bad, r.Notes, c.bad, c.notes)
			}
		})
	}
}

// PDQ values under no label stay SHA-256, but not in silence.
func TestUnlabelledPDQIsPointedOut(t *testing.T) {
	data, err := os.ReadFile("testdata/needles.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := intaketest.Collect(t, formats(), "list.txt", data, intake.Options{})
	if len(r.Listings) != 100 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "pdq=1") {
		t.Fatalf("%d listings, notes %v", len(r.Listings), r.Notes)
	}
	if k := r.Listings[0].Digests[0].Kind(); k != "sha256" {
		t.Errorf("taken as %s", k)
	}
}

func TestOtherFilesAreNotLists(t *testing.T) {
	for name, text := range map[string]string{
		"a list of somebody's files": "Name,MD5,Path,Deleted\na.jpg," + md5 + ",/a.jpg,false\n",
		"prose":                      "This is a letter, of two lines,\nwith commas.\n",
		"json":                       `{"md5":"` + md5 + `"}`,
		"nothing":                    "",
		"numbers":                    "1,2,3\n4,5,6\n",
		"frames of a video":          "0,100," + pdq + ",0.0\n1,100," + pdq + ",0.5\n",
		"turned copies":              pdq + "," + pdq + ",100,a.jpg\n",
		"titles that say nothing":    "x,y\n" + pdq + ",b.jpg\n",
		"mostly other things":        md5 + "\nfoo\nbar\nbaz\n",
	} {
		if l := hashlist.Format().Sniff(intake.Head{Name: "x.csv", Bytes: []byte(text), Whole: true}); l.Score >= intake.Accept {
			t.Errorf("%s: score %d, %s", name, l.Score, l.Why)
		}
	}
}

// Every row that is neither blank nor a comment is a listing, bad or the header.
func FuzzRead(f *testing.F) {
	seeds := []string{md5 + "\n" + sha1, "md5,category\n" + md5 + ",1\n", pdq + ",100\n", "x\n" + md5 + "  a\n", "hash;type\n\"" + md5 + "\n;"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "l.txt", data, intake.Options{Format: "hashlist"})
		intaketest.CheckPlaces(t, "l.txt", data, r)
		if r.Result.Members[0].Problem != "" || bytes.ContainsAny(data, "\"'\r#") {
			return // refused as a whole, or rows that cannot be counted by lines
		}
		rows := 0
		for _, l := range bytes.Split(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n")) {
			if len(bytes.Trim(l, " \t,;|")) > 0 {
				rows++
			}
		}
		if got := len(r.Listings) + len(r.Bad); got != rows && got != rows-1 {
			t.Errorf("%d rows gave %d listings and bad rows", rows, got)
		}
	})
}
