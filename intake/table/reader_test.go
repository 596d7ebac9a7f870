package table_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/intake/table"
)

// read gives every row as "number@line start-end: cell|cell", bad rows with !.
func read(t testing.TB, text string, o table.Options, width int) []string {
	t.Helper()
	r, err := table.NewReader("x.csv", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	r.Width(width)
	var out []string
	for {
		row, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		cells := strings.Join(row.Cells, "|")
		if row.Problem != "" {
			cells = "!"
		}
		out = append(out, fmt.Sprintf("%d@%d %d-%d: %s", row.Number, row.Line, row.Start, row.End, cells))
	}
}

func TestReader(t *testing.T) {
	for _, c := range []struct {
		name  string
		text  string
		width int
		want  []string
	}{
		{"plain", "a,b\n1,2\n", 0, []string{"1@1 0-3: a|b", "2@2 4-7: 1|2"}},
		{"no end of line at the end", "a,b\n1,2", 0, []string{"1@1 0-3: a|b", "2@2 4-7: 1|2"}},
		{"CRLF", "a,b\r\n1,2\r\n", 0, []string{"1@1 0-3: a|b", "2@2 5-8: 1|2"}},
		{"CR alone", "a,b\r1,2\r", 0, []string{"1@1 0-3: a|b", "2@2 4-7: 1|2"}},
		{"byte order mark is in the offsets", "\ufeffa,b\n1,2\n", 0, []string{"1@1 3-6: a|b", "2@2 7-10: 1|2"}},
		{"semicolon", "a;b\n1,5;2\n", 0, []string{"1@1 0-3: a|b", "2@2 4-9: 1,5|2"}},
		{"tab", "a\tb\n1, 5\t2\n", 0, []string{"1@1 0-3: a|b", "2@2 4-10: 1, 5|2"}},
		{"blank rows count", "a,b\n\n,,\n1,2\n", 0, []string{"1@1 0-3: a|b", "4@4 8-11: 1|2"}},
		{"doubled quotes", "a,b\n\"x \"\"y\"\", z\",2\n", 0, []string{"1@1 0-3: a|b", `2@2 4-18: x "y", z|2`}},
		{"quotes not escaped", "a,b\n\"x \"y\" z\",\"2\"\n", 0, []string{"1@1 0-3: a|b", `2@2 4-17: x "y" z|2`}},
		{"quote and comma not escaped, by width", "\"a\"\",\"b\"\n", 2, []string{`1@1 0-8: a"|b`}},
		{"quote inside an open cell", "a,b\n5\" disk,2\n", 0, []string{"1@1 0-3: a|b", `2@2 4-13: 5" disk|2`}},
		{"empty quoted cells", "\"\",\"\"\n", 0, []string{"1@1 0-5: |"}},
		{"single quotes, by width", "'1 Test Road, Testpur','2'\n", 2, []string{"1@1 0-26: 1 Test Road, Testpur|2"}},
		{"apostrophe is no quote", "'91000,2\n", 2, []string{"1@1 0-8: '91000|2"}},
		{"line end in a cell", "a,b\n\"x\ny\",2\n3,4\n", 2, []string{"1@1 0-3: a|b", "2@2 4-11: x\ny|2", "3@4 12-15: 3|4"}},
		{"CRLF in a cell", "\"x\r\ny\",2\r\n3,4\r\n", 2, []string{"1@1 0-8: x\r\ny|2", "2@3 10-13: 3|4"}},
		{"quote never closed costs one row", "a,b\n\"x,2\n3,4\n5,6\n", 2, []string{"1@1 0-3: a|b", "2@2 4-8: !", "3@3 9-12: 3|4", "4@4 13-16: 5|6"}},
		{"quote closed by the next row's costs one row", "\"x,2\n\"3\",4\n", 2, []string{"1@1 0-4: !", "2@2 5-10: 3|4"}},
		{"quote closed by the next row's, with the right number of cells", "\"x,\"\",2\n\"y\",\"\",3\n", 3, []string{"1@1 0-7: !", "2@2 8-16: y||3"}},
		{"space before a quote", "1, \"x, y\" ,3\n", 3, []string{"1@1 0-12: 1|x, y|3"}},
		{"bytes that are no UTF-8 stay", "a,\xff\n", 0, []string{"1@1 0-3: a|\xff"}},
		{"nothing", "", 0, nil},
		{"only a byte order mark", "\ufeff", 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, read(t, c.text, table.Options{}, c.width)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnclosedQuoteNeverSwallowsTheFile(t *testing.T) {
	for name, filler := range map[string]string{"many short rows": "1,2\n", "long rows": strings.Repeat("x", 5000) + ",2\n"} {
		t.Run(name, func(t *testing.T) {
			text := "a,b\n\"open,2\n" + strings.Repeat(filler, 200) + "\"end\",9\n"
			rows := read(t, text, table.Options{}, 0)
			if len(rows) != 203 || !strings.HasSuffix(rows[1], "!") || !strings.HasSuffix(rows[202], "end|9") {
				t.Errorf("%d rows, second %.40q, last %.40q", len(rows), rows[1], rows[len(rows)-1])
			}
		})
	}
}

func TestRowBeyondTheLimitCostsOneRow(t *testing.T) {
	long := strings.Repeat("x", 3*table.MaxRow)
	rows := read(t, "a,b\n"+long+",2\n3,4\n", table.Options{}, 0)
	want := []string{"1@1 0-3: a|b", fmt.Sprintf("2@2 4-%d: !", 4+len(long)+2), fmt.Sprintf("3@3 %d-%d: 3|4", 4+len(long)+3, 4+len(long)+6)}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCommentsArePassedOver(t *testing.T) {
	want := []string{"2@2 6-7: a", "4@4 15-16: b"}
	if diff := cmp.Diff(want, read(t, "# one\na\n # two\nb\n", table.Options{Comment: "#"}, 0)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUTF16IsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"little endian, marked": "\xff\xfea\x00,\x00b\x00",
		"big endian, marked":    "\xfe\xff\x00a\x00,\x00b",
		"not marked":            "a\x00,\x00b\x00\n\x001\x00,\x002\x00",
	} {
		if _, err := table.NewReader(name, strings.NewReader(text), table.Options{}); !fault.Is(err, fault.Invalid) || fault.Hint(err) == "" {
			t.Errorf("%s: error %v, hint %q", name, err, fault.Hint(err))
		}
	}
}

func TestErrorOfTheSourceIsHandedOn(t *testing.T) {
	broken := fault.Newf(fault.TooLarge, "limit")
	src := io.MultiReader(strings.NewReader("a,b\n1,2\n3,"), iotest.ErrReader(broken))
	r, err := table.NewReader("x.csv", src, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatalf("whole row %d before the fault: %v", n+1, err)
		}
	}
	if row, err := r.Next(); err != broken {
		t.Errorf("row %v, error %v; half a row is no row", row, err)
	}
}

// Every byte that is no white space, delimiter, comment or mark lies in exactly
// one row, rows stand in order, and the size of the reads changes nothing.
func FuzzReader(f *testing.F) {
	seeds := []string{"a,b\n1,2\n", "\"a\nb\",c\n", "\"open,1\n2,3\n", "\ufeffa;b\r\n'1;2';3\r\n", "a\rb\r", "\"a\"\"b\"c\"\n\"", "\"\n\"\n\"\n,\""}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		if table.UTF16([]byte(text)) {
			return
		}
		width = min(max(width, 0), 1000)
		r, err := table.NewReader("x", strings.NewReader(text), table.Options{Comma: ','})
		if err != nil {
			t.Fatal(err)
		}
		slow, err := table.NewReader("x", iotest.OneByteReader(strings.NewReader(text)), table.Options{Comma: ','})
		if err != nil {
			t.Fatal(err)
		}
		r.Width(width)
		slow.Width(width)
		at, number := int64(len(text)-len(strings.TrimPrefix(text, "\ufeff"))), 0
		between := func(end int64) {
			if lost := strings.Trim(text[at:end], " \t\r\n,"); lost != "" {
				t.Fatalf("%q before byte %d is in no row", lost, end)
			}
		}
		for {
			row, err := r.Next()
			other, err2 := slow.Next()
			if err != err2 {
				t.Fatalf("errors %v and %v", err, err2)
			}
			if err == io.EOF {
				between(int64(len(text)))
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(*row, *other); diff != "" {
				t.Fatalf("reads of one byte change a row:\n%s", diff)
			}
			if row.Start < at || row.End < row.Start || row.Number <= number {
				t.Fatalf("row %d at %d-%d follows row %d that ended at %d", row.Number, row.Start, row.End, number, at)
			}
			between(row.Start)
			at, number = row.End, row.Number
		}
	})
}
