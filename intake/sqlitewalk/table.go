package sqlitewalk

import (
	"fmt"
	"strings"

	"suraag/fault"
)

// Table is a table or view as the file declares it.
type Table struct {
	Name    string
	Root    int64 // 0: a view, which has no rows of its own
	Columns []string
	Why     string // why its rows are not read, if they are not
	number  int    // column that stands for the row's number; -1: none
}

// Column finds a column by its name, whatever its case; -1: there is none.
func (t Table) Column(name string) int {
	for n, c := range t.Columns {
		if strings.EqualFold(c, name) {
			return n
		}
	}
	return -1
}

// Text gives a value of a row in words.
func (t Table) Text(r *Row, column int) string {
	if column == t.number && column >= 0 && r.Null(column) {
		return fmt.Sprint(r.ID)
	}
	return r.Text(column)
}

// Tables reads the schema, which is the table at page 1 (§2.6).
func (f *File) Tables(bad func(start, end int64, reason string) error) ([]Table, error) {
	var out []Table
	err := f.Rows(1, func(r *Row) error {
		if r.Len() < 5 {
			return bad(r.Start, r.End, fmt.Sprintf("the schema has a row of %d values", r.Len()))
		}
		kind := r.Text(0)
		if kind != "table" && kind != "view" {
			if kind != "index" && kind != "trigger" {
				return bad(r.Start, r.End, fmt.Sprintf("the schema has a row of type %q", kind))
			}
			return nil
		}
		if len(out) == maxTables {
			return fault.Newf(fault.TooLarge, "the schema has more than %d tables", maxTables)
		}
		t := declared(r.Text(4))
		t.Name = strings.Clone(r.Text(1))
		if kind == "view" {
			t.Why = "it is a view, and no SQL of the file is run"
		} else if n := r.Text(3); n != "0" {
			fmt.Sscan(n, &t.Root)
		}
		out = append(out, t)
		return nil
	}, bad)
	return out, err
}

// declared reads the columns out of CREATE TABLE.
func declared(sql string) (t Table) {
	t.number = -1
	open := strings.IndexByte(sql, '(')
	if open < 0 {
		t.Why = "its declaration has no columns"
		return t
	}
	items, rest, whole := split(sql[open+1:])
	switch {
	case !whole:
		t.Why = "its declaration is cut off"
	case len(rest) > 0 && strings.EqualFold(rest[0], "WITHOUT"):
		t.Why = "it is kept without row numbers (WITHOUT ROWID), which is not read"
	}
	for _, words := range items {
		if len(words) == 0 {
			continue
		}
		switch strings.ToUpper(words[0]) {
		case "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN":
			continue
		}
		line := strings.ToUpper(strings.Join(words[1:], " "))
		if strings.Contains(line, "GENERATED") || strings.Contains(" "+line+" ", " AS ") {
			t.Why = fmt.Sprintf("its column %q is worked out, not stored", name(words[0]))
		}
		if strings.HasPrefix(line, "INTEGER PRIMARY KEY") && !strings.HasPrefix(line, "INTEGER PRIMARY KEY DESC") {
			t.number = len(t.Columns)
		}
		t.Columns = append(t.Columns, name(words[0]))
	}
	return t
}

// name takes the quotes off.
func name(word string) string {
	if len(word) >= 2 && strings.IndexByte("\"`[", word[0]) >= 0 {
		return strings.Clone(word[1 : len(word)-1])
	}
	return strings.Clone(word)
}

// split parts the words between brackets at the commas, and gives the words after
// the closing one. What stands in inner brackets is left out: types have lengths,
// constraints have conditions.
func split(sql string) (items [][]string, rest []string, whole bool) {
	items = [][]string{nil}
	depth := 0
	for len(sql) > 0 {
		n := 1
		switch c := sql[0]; {
		case strings.HasPrefix(sql, "--"):
			n = until(sql, 2, "\n")
		case strings.HasPrefix(sql, "/*"):
			n = until(sql, 2, "*/")
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return items, strings.Fields(sql[1:]), true
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			items = append(items, nil)
		case strings.IndexByte(" \t\r\n,", c) >= 0:
		default:
			if n = word(sql); depth == 0 {
				items[len(items)-1] = append(items[len(items)-1], sql[:n])
			}
		}
		sql = sql[n:]
	}
	return items, nil, false
}

// word gives the length of the word that a text begins with, quotes and all.
func word(sql string) int {
	if q := strings.IndexByte("\"`'[", sql[0]); q >= 0 {
		return until(sql, 1, "\"`']"[q:q+1])
	}
	if n := strings.IndexAny(sql, " \t\r\n,()"); n >= 0 {
		return n
	}
	return len(sql)
}

// until gives the length up to an end that is looked for from a byte on.
func until(sql string, from int, end string) int {
	if n := strings.Index(sql[from:], end); n >= 0 {
		return from + n + len(end)
	}
	return len(sql)
}
