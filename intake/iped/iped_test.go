package iped_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/iped"
)

func formats() []intake.Format { return []intake.Format{iped.Format()} }

func TestSample(t *testing.T) {
	r, data := intaketest.CollectFile(t, formats(), "testdata/FileList.csv", intake.Options{Zone: instant.IST()})
	intaketest.Golden(t, "testdata/FileList.golden", r)
	intaketest.CheckPlaces(t, "testdata/FileList.csv", data, r)
}

// Both languages state the same.
func TestPortuguese(t *testing.T) {
	english, data := intaketest.CollectFile(t, formats(), "testdata/FileList.csv", intake.Options{})
	_, rows, _ := strings.Cut(string(data), "\r\n")
	const header = "\ufeffNome;Atalho;Tamanho;Ext;Marcador;Categoria;MD5;SHA1;Deletado;Recuperado;Acesso;Modificação;Criação;Caminho;TrackId\r\n"
	portuguese := intaketest.Collect(t, formats(), "FileList.csv", []byte(header+strings.ReplaceAll(rows, `","`, `";"`)), intake.Options{})
	intaketest.SameStatements(t, english, portuguese)
}

const header = `"Name","Link","Size","Extension","Bookmark","Category","MD5","SHA1","Deleted","Carved","Accessed","Modified","Created","Path","TrackId"` + "\n"

func TestRows(t *testing.T) {
	const md5 = "4BC93FB481892C12606A481FC53A0AD9"
	row := func(name, link, size, md5, created string) string {
		return `"` + name + `","` + link + `","` + size + `","jpg","","Images","` + md5 + `","","false","false","","","` + created + `","/x/a.jpg","A"` + "\n"
	}
	for _, c := range []struct {
		name, row string
		holds     int
		want      string // part of the reason, of the record's notes or of the file's notes
	}{
		{"whole", row("a.jpg", "", "1", md5, "2024-05-01 10:00:00"), 1, "no zone stated"},
		{"folder without hash", row("DCIM", "", "", "", ""), 1, "no hash stated"},
		{"bad hash alone", row("a.jpg", "", "1", "xyz", ""), 0, "no known hash"},
		{"bad time", row("a.jpg", "", "1", md5, "yesterday"), 1, "no time of this row could be read"},
		{"bad size", row("a.jpg", "", "big", md5, ""), 1, "not a number of bytes"},
		{"link leads outside", row("a.jpg", "../../etc/passwd", "1", md5, ""), 1, "leads outside"},
		{"link to a drive", row("a.jpg", `C:\a.jpg`, "1", md5, ""), 1, "leads outside"},
		{"quotes not escaped", row(`the "best" of.jpg`, "", "1", md5, ""), 1, "the \"best\" of.jpg"},
		{"comma in a name", row("a, b.jpg", "", "1", md5, ""), 1, "a, b.jpg"},
		{"quote never closed", `"a.jpg,"",1` + "\n" + row("b.jpg", "", "1", md5, ""), 1, "not closed"},
		{"cut off", strings.TrimSuffix(row("a.jpg", "", "1", md5, ""), `,"/x/a.jpg","A"`+"\n"), 0, "cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(header + c.row)
			r := intaketest.Collect(t, formats(), "FileList.csv", data, intake.Options{})
			intaketest.CheckPlaces(t, "FileList.csv", data, r)
			if len(r.Sightings) != c.holds {
				t.Fatalf("%d sightings, want %d; bad %v", len(r.Sightings), c.holds, r.Bad)
			}
			if text := strings.ReplaceAll(string(r.Text(t)), `\"`, `"`); !strings.Contains(text, c.want) {
				t.Errorf("nothing says %q:\n%s", c.want, text)
			}
		})
	}
}

// A time of a file system states no zone: it is exact for nobody.
func TestTimeNeedsAZone(t *testing.T) {
	r, _ := intaketest.CollectFile(t, formats(), "testdata/FileList.csv", intake.Options{})
	if when := r.Sightings[0].When; when.Basis != instant.Ambiguous || when.Spread() < 24*time.Hour {
		t.Errorf("time without zone was read as %v (%s)", when, when.Basis)
	}
}

func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile("testdata/FileList.csv")
	if err != nil {
		f.Fatal(err)
	}
	seeds := [][]byte{sample, []byte(header), []byte(header + "\"a\n\"b\",\"c"), []byte(strings.ReplaceAll(string(sample), ",", ";"))}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := intaketest.Collect(t, formats(), "FileList.csv", data, intake.Options{Format: "iped/filelist"})
		intaketest.CheckPlaces(t, "FileList.csv", data, r)
		for _, s := range r.Sightings {
			if !s.Content.Identified() && len(s.Notes) == 0 {
				t.Errorf("%s holds nothing and does not say so", s.Place)
			}
		}
	})
}
