package hashlist

import (
	"math/bits"
	"path"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake/table"
)

// sampled is how many rows are looked at before the first is read.
const sampled = 64

// plan is how the rows of one file are read.
type plan struct {
	header *table.Header
	titled bool   // the first of the sampled rows is the header
	bare   string // label of unlabelled 64-digit values: "pdq", or nothing for SHA-256
	doubt  string // what the officer should know of the choice
}

// start finds where the list begins and makes the plan: it passes over rows that
// are neither a header nor an entry.
func start(name string, rows []table.Row, declared map[string]string) (p plan, skipped int, err error) {
	for skipped < len(rows) {
		got, problem := look(name, rows[skipped:], declared)
		if problem == nil && got.usable() {
			return got, skipped, nil
		}
		if err == nil {
			err = problem
		}
		skipped++
	}
	if err == nil {
		err = fault.Newf(fault.Invalid, "list %q: no row is a header with a hash column or an entry; the first is %q", name, rows[0].Text())
	}
	return p, skipped, err
}

// look makes the plan from rows that begin with the header or an entry.
func look(name string, rows []table.Row, declared map[string]string) (plan, error) {
	first := rows[0].Cells
	titles := table.NewHeader(first, columns(), nil)
	p := plan{header: titles, titled: !anyDigest(first)}
	if !p.titled {
		p.header = untitled(rows)
	}
	if err := p.header.Declare(declared); err != nil {
		return p, err
	}
	file := strings.ToLower(path.Base(name))
	pdqNamed := strings.Contains(file, "pdq") && !strings.Contains(file, "sha256")
	switch {
	case pdqNamed:
		p.bare = string(digest.PDQ)
	case !p.titled && len(declared) == 0 && qualities(rows):
		p.bare = string(digest.PDQ)
		p.doubt = "the second column is taken as PDQ's quality, so the 64-digit values are taken as PDQ"
	case looksPDQ(p.header, rows):
		p.doubt = "64-digit values are taken as SHA-256, but half of the bits of every one are set, as in PDQ; if they are PDQ, hand the list in with the column map pdq=1"
	}
	if p.bare == string(digest.PDQ) && !p.titled && len(declared) == 0 && second(rows) {
		return p, p.header.Declare(map[string]string{quality: "2"})
	}
	return p, nil
}

// untitled makes a header for rows that have none, by the first of them: a lone
// hash may be of another kind in the next row; of several each column has its own.
func untitled(rows []table.Row) *table.Header {
	titles := make([]string, width(rows))
	var hashes []int
	for n := range titles {
		titles[n] = "column " + strconv.Itoa(n+1)
		if n < len(rows[0].Cells) && isDigest(rows[0].Cells[n]) {
			hashes = append(hashes, n)
		}
	}
	for _, n := range hashes {
		titles[n] = hash
		if len(hashes) > 1 {
			titles[n] = kindOf(rows[0].Cells[n])
		}
	}
	names := table.Names{hash: nil}
	for _, k := range kinds() {
		names[k] = nil
	}
	h := table.NewHeader(titles, names, nil)
	h.Unknown = nil
	return h
}

func width(rows []table.Row) int {
	most := 0
	for _, r := range rows {
		most = max(most, len(r.Cells))
	}
	return most
}

// usable tells whether the plan finds any hash.
func (p plan) usable() bool { return p.header.HasAny(append(kinds(), hash)...) }

func anyDigest(cells []string) bool {
	for _, c := range cells {
		if isDigest(c) {
			return true
		}
	}
	return false
}

// isDigest tells whether a cell is or begins with a hash: alone, as "kind:value",
// or before a file name as sha256sum writes it.
func isDigest(cell string) bool {
	label, value, _ := parts(cell)
	return len(digest.Judge(value)) > 0 || label != "" && reads(label, value)
}

func reads(label, value string) bool {
	_, _, err := digest.Read(label, value)
	return err == nil
}

// kindOf gives the kind that a cell which is a digest has by itself.
func kindOf(cell string) string {
	label, value, _ := parts(cell)
	if ds := digest.Judge(value); label == "" && len(ds) > 0 {
		return string(ds[0].Kind())
	}
	return label
}

// parts takes a cell apart into the kind it names, the value and what follows.
func parts(cell string) (label, value, rest string) {
	value = strings.Trim(strings.TrimSpace(cell), `"'`)
	if v, r, found := strings.Cut(value, " "); found {
		value, rest = v, strings.TrimPrefix(strings.TrimSpace(r), "*")
	}
	if l, v, found := strings.Cut(value, ":"); found {
		if kind, known := digest.KindOf(l); known {
			return string(kind), v, rest
		}
	}
	return "", value, rest
}

// qualities tells whether the rows are "hash,quality" as ThreatExchange's tools
// print PDQ: 64 digits and a number to 100. Categories are small numbers, so at
// least one must be a quality that is worth keeping, 50 (formats.md §6).
func qualities(rows []table.Row) bool {
	good := false
	for _, r := range rows {
		n, ok := pair(r)
		if !ok {
			return false
		}
		good = good || n >= 50
	}
	return good
}

func pair(r table.Row) (quality int, ok bool) {
	if len(r.Cells) != 2 || len(strings.TrimSpace(r.Cells[0])) != 64 || !isDigest(r.Cells[0]) {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(r.Cells[1]))
	return n, err == nil && n >= 0 && n <= 100
}

// second tells whether the second column can be the quality.
func second(rows []table.Row) bool {
	for _, r := range rows {
		if _, ok := pair(r); !ok {
			return false
		}
	}
	return true
}

// looksPDQ tells whether values that are taken as SHA-256 have the mark of PDQ:
// it sets the bits above the median, so in most values just half of them. Of a
// SHA-256 the chance is one in twenty, so two in five of sixteen or more never
// happen by chance.
func looksPDQ(h *table.Header, rows []table.Row) bool {
	seen, half := 0, 0
	for n := range rows {
		_, value, _ := parts(h.Get(&rows[n], hash))
		ds := digest.Judge(value)
		if len(value) != 64 || len(ds) == 0 {
			continue
		}
		ones := 0
		for _, b := range ds[0].Bytes() {
			ones += bits.OnesCount8(b)
		}
		seen++
		if ones == 128 {
			half++
		}
	}
	return seen >= 16 && half*5 >= seen*2
}
