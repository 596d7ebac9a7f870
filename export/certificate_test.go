package export_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/export"
)

// pdfText gives the words of a PDF as poppler, which is not ours, reads them.
func pdfText(t *testing.T, doc []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "poppler") {
			t.Fatal(err)
		}
		t.Skip("pdftotext is not installed (script/needs.sh does)")
	}
	file := filepath.Join(t.TempDir(), "doc.pdf")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", file, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v %s", err, out)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func hashed(name string, original, copied byte) export.Hashed {
	h := export.Hashed{Name: name, Size: 12, SealedAt: time.Date(2025, 3, 1, 20, 0, 0, 0, time.UTC), Original: strings.Repeat(string(original), 64)}
	if copied != 0 {
		h.Copy = strings.Repeat(string(copied), 64)
	}
	return h
}

func TestCertificate(t *testing.T) {
	at := time.Date(2025, 3, 12, 18, 30, 0, 0, time.UTC) // another day in India
	for _, c := range []struct {
		name    string
		records []export.Hashed
		want    []string
		never   []string
	}{
		{"one record, copied", []export.Hashed{hashed("return.zip", 'a', 'a')},
			[]string{strings.Repeat("a", 64), "the two are equal", "return.zip (12 bytes)", "13 March 2025 00:00:00 IST", "2 March 2025 01:30:00 IST"}, []string{"DIFFER"}},
		{"two records, one by its hash only", []export.Hashed{hashed("a", 'a', 'a'), hashed("b", 'b', 0)},
			[]string{"as in the enclosed hash report, 2 values", "no copy is produced; its hash only"}, []string{"DIFFER"}},
		{"a copy that differs says so", []export.Hashed{hashed("a", 'a', 'c')}, []string{"THE TWO DIFFER"}, []string{"are equal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := export.Certificate{Records: c.records, HashedAt: at, Program: "Suraag 0.1.0", About: "Lead 0123"}.PDF()
			if err != nil {
				t.Fatal(err)
			}
			text := pdfText(t, doc)
			c.want = append(c.want, "Part A (to be filled by the party)", "Part B (to be filled by the expert)", "[x] SHA256", "[_] SHA1", "Lead 0123",
				"Name and signature:", "Name, designation and signature:", "Time (IST), in 24 hours format:", "Owned", "Make & Model:", "Color:", "Serial Number:", "IMEI/UIN/UID/MAC/Cloud ID")
			for _, w := range c.want {
				if !strings.Contains(text, w) {
					t.Errorf("the certificate does not hold %q", w)
				}
			}
			for _, n := range c.never {
				if strings.Contains(text, n) {
					t.Errorf("the certificate holds %q", n)
				}
			}
			if n := strings.Count(text, "[x]"); n != 2 { // the algorithm, in each part
				t.Errorf("%d boxes are ticked: only what the record knows may be", n)
			}
		})
	}
}
