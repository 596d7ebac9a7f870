package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/fault"
)

// print writes JSON as it is meant to be read by people too.
func (s *stage) print(v any) error {
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return fault.As(fault.Unavailable, e.Encode(v))
}

// list makes an empty list of one that nothing filled, so that JSON shows [] and
// never null.
func list[E any](l []E) []E {
	if l == nil {
		return []E{}
	}
	return l
}

// table begins a table on the terminal.
func (s *stage) table(header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(s.out)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	t.SetStyle(style)
	t.AppendHeader(table.Row(header))
	return t
}

// sum hashes a file from its beginning and goes back there.
func sum(f io.ReadSeeker) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault.As(fault.Unavailable, err)
	}
	_, err := f.Seek(0, io.SeekStart)
	return hex.EncodeToString(h.Sum(nil)), fault.As(fault.Unavailable, err)
}
