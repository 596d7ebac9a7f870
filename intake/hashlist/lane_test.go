package hashlist_test

import (
	"fmt"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/hashlist"
	"suraag/intake/intaketest"
)

// many gives rows enough to leave the sampled ones behind.
func many(head, row string) string {
	var b strings.Builder
	b.WriteString(head)
	for n := range 100 {
		b.WriteString(strings.NewReplacer("$m", fmt.Sprintf("%032x", n*7+1), "$s", fmt.Sprintf("%040X", n+1), "$p", strings.Repeat(fmt.Sprintf("%02x", n), 32), "$n", fmt.Sprint(n%5)).Replace(row))
	}
	return b.String()
}

// The rows read in short and those read whole have to tell the same, bad rows and
// places with them, also behind odd rows in the middle of plain ones.
func TestShortTellsTheSame(t *testing.T) {
	md5 := strings.Repeat("ab", 16)
	odd := strings.Join([]string{
		"", "# a comment", ",,", "nohash,,1", `"` + md5 + `",,2`, `"` + md5, md5[:31] + "," + strings.Repeat("0", 40) + ",3", " " + md5 + " ,,N/A", md5 + ",,é",
		md5 + ",," + "\xff", md5 + ",,1,too,many", md5, "'" + md5 + "',,1", "null,-,1", strings.ToUpper(md5) + ",," + strings.Repeat("x", 200), md5 + ",,\x01", "\t" + md5 + ",,1",
	}, "\n") + "\n"
	for name, text := range map[string]string{
		"three columns":        many("md5,sha1,category\n", "$m,$s,$n\n"),
		"odd rows between":     many("md5,sha1,category\n", "$m,$s,$n\n") + odd + many("", "$m,$s,$n\n"),
		"CRLF":                 many("md5,sha1,category\r\n", "$m,$s,$n\r\n") + strings.ReplaceAll(odd, "\n", "\r\n") + many("", "$m,$s,$n\r\n"),
		"CR":                   many("md5\tcategory\r", "$m\t$n\r"),
		"semicolons":           many("MD5;Category Scheme;cat\n", "$m;X;$n\n"),
		"one hash on a line":   many("", "$m\n") + strings.Repeat("c", 40) + "\n" + many("", "$s\n"),
		"labelled":             many("hash,type,tags\n", "$m,MD5,a\n") + many("", "$s,SHA-1,b\n") + many("", "$m,no such,c\n") + many("", "$s,MD5,d\n"),
		"kind in the cell":     many("hash\n", "md5:$m\n"),
		"PDQ and quality":      many("pdq,quality\n", "$p,7$n\n") + many("", "$p,999\n"),
		"bare PDQ":             many("", "$p,7$n\n"),
		"no line end":          many("md5\n", "$m\n") + md5,
		"cut off in a new one": many("sha256\n", "$p\n") + md5,
		"preamble":             "A list\nof hashes\n" + many("md5,category\n", "$m,$n\n"),
		"byte order mark":      "\ufeff" + many("md5,category\n", "$m,$n\n"),
		"one row":              "md5\n" + md5 + "\n",
		"spans lines":          many("md5,note\n", "$m,\"two\nlines\"\n"),
	} {
		t.Run(name, func(t *testing.T) {
			n := intaketest.CheckLean(t, []intake.Format{hashlist.Format()}, "list.csv", []byte(text), intake.Options{})
			if n == 0 {
				t.Error("no entry")
			}
		})
	}
	if n := intaketest.CheckLean(t, []intake.Format{hashlist.Format()}, "list.csv", []byte(many("a,b,c\n", "$m,$s,$n\n")), intake.Options{Format: "hashlist", Columns: map[string]string{"md5": "a", "sha1": "2", "category": "c"}}); n != 100 {
		t.Errorf("by the officer's column map: %d entries", n)
	}
}

func FuzzShortTellsTheSame(f *testing.F) {
	seeds := []string{many("md5,sha1,category\n", "$m,$s,$n\n"), many("", "$p,7$n\n"), many("hash,type\n", "$m,MD5\n") + "x,\"y\n" + many("", "$s,SHA1\n")}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		intaketest.CheckLean(t, []intake.Format{hashlist.Format()}, "list.csv", []byte(text), intake.Options{Format: "hashlist"})
	})
}
