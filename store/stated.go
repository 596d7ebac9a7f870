package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"suraag/custody"
	"suraag/fault"
)

// stated is a table whose rows follow from nothing else in the record: what people
// did. Whoever writes a row says so with wrote; the log entry of the transaction then
// states what the row was, and verify compares it.
type stated struct {
	table   string
	key     []string // columns; all rows of one key are stated together
	columns []string // the others that are stated
	hidden  bool     // the key holds words of people, and is named by its SHA-256
}

// statedTables is every such table with every column of it but those that Unstated
// lists. A column that is added later needs the rows to be stated anew.
var statedTables = []stated{
	{table: "person", key: []string{"id"}, columns: []string{"login", "role", "ended_ns", "doc"}},
	{table: "credential", key: []string{"id"}, columns: []string{"person", "kind", "label", "made_ns", "used_ns", "doc"}},
	{table: "pass", key: []string{"id"}, columns: []string{"kind", "person", "made_ns", "until_ns", "ended_ns", "doc"}},
	{table: "machine", key: []string{"id"}, columns: []string{"name", "for_what", "made_ns", "made_by", "until_ns", "ended_ns"}},
	{table: "machine_certificate", key: []string{"fingerprint"}, columns: []string{"machine", "made_ns", "until_ns", "ended_ns"}},
	{table: "docket", key: []string{"id"}, columns: []string{"number", "doc"}},
	{table: "docket_member", key: []string{"docket", "person"}, columns: []string{"by_who", "at_ns"}},
	{table: "docket_source", key: []string{"source", "docket"}, columns: []string{"by_who", "at_ns"}},
	{table: "docket_handin", key: []string{"source", "docket", "authority", "brought_by", "name"}, hidden: true},
	{table: "opening", key: []string{"id"}, columns: []string{"docket", "person", "emergency", "at_ns", "until_ns", "seen_ns", "doc"}},
	{table: "kinship", key: []string{"id"}, columns: []string{"at_ns", "doc"}},
	{table: "parting", key: []string{"id"}, columns: []string{"at_ns", "doc"}},
	{table: "kinship_digest", key: []string{"digest", "kinship"}},
	{table: "pack", key: []string{"sha256"}, columns: []string{"id", "body", "added_by", "added_ns"}},
	{table: "pack_review", key: []string{"pack", "at_ns", "sha256"}, columns: []string{"reviewed_by", "note"}},
	{table: "request", key: []string{"id"}, columns: []string{"lead", "record", "state", "at_ns", "steps", "doc"}},
	{table: "quarantine", key: []string{"request"}, columns: []string{"lease"}},
	{table: "correction", key: []string{"id"}, columns: []string{"subject", "at_ns", "doc"}},
	{table: "complaint", key: []string{"source"}, columns: []string{"received_ns", "doc"}},
	{table: "complaint_stage", key: []string{"complaint", "seq"}, columns: []string{"doc"}},
	{table: "series_decision", key: []string{"a", "b", "at_ns"}, columns: []string{"doc", "undone_ns", "undone_by"}},
	{table: "victim", key: []string{"ref"}, columns: []string{"sealed", "at_ns"}},
	{table: "draft", key: []string{"id"}, columns: []string{"owner", "at_ns", "sealed"}},
	{table: "erasure", key: []string{"id"}, columns: []string{"by_whom", "at_ns", "doc"}},
	{table: "list_negative", key: []string{"digest", "added_ns"}, columns: []string{"by_whom", "reason", "ended_ns", "ended_by", "ended_reason"}},
	{table: "list_quarantine", key: []string{"value"}, columns: []string{"state", "doc"}},
	{table: "media_mode", key: []string{"id"}, columns: []string{"docket", "person", "from_ns", "until_ns", "ended_ns", "seen_ns", "doc"}},
	{table: "media_look", key: []string{"id"}, columns: []string{"person", "docket", "at_ns", "until_ns", "ended_ns", "doc"}},
	{table: "media_limit", key: []string{"id"}, columns: []string{"person", "at_ns", "from_ns", "doc"}},
}

// written is a row that a transaction writes, by its key, and what it was before.
type written struct {
	of  stated
	key []any
	was string
}

// notes are the rows that an open transaction writes and that no entry states yet.
type notes struct {
	rows  []written
	again []custody.Row // of entries that were erased in the transaction
	some  bool          // those entries stated rows, perhaps none
	err   error         // of finding out what a row was; told when the entry is written
}

// wrote notes that a transaction is about to write, change or take away the rows of
// a key. What they were is stated too: a row that was changed behind the program's
// back does not become right by being written again.
func (d *DB) wrote(ctx context.Context, tx *sql.Tx, table string, key ...any) {
	n := slices.IndexFunc(statedTables, func(s stated) bool { return s.table == table })
	w := written{of: statedTables[n], key: key}
	for i := range key {
		w.key[i] = storable(key[i])
	}
	in := d.notesOf(tx)
	for _, before := range in.rows {
		if before.name() == w.name() {
			return
		}
	}
	lock := ""
	if d.Dialect == PostgreSQL {
		lock = " FOR UPDATE" // nobody else changes it between this look and the writing
	}
	row, err := w.now(ctx, tx, lock)
	w.was = row.SHA256
	in.rows, in.err = append(in.rows, w), errors.Join(in.err, err)
}

// notesOf gives the notes of a transaction, which one goroutine at a time uses; the
// map of them is shared.
func (d *DB) notesOf(tx *sql.Tx) *notes {
	d.noting.Lock()
	defer d.noting.Unlock()
	if d.notes[tx] == nil {
		d.notes[tx] = &notes{}
	}
	return d.notes[tx]
}

// wroteAll notes the rows whose keys a query gives: those that a statement is about
// to change or take away.
func (d *DB) wroteAll(ctx context.Context, tx *sql.Tx, table, where string, args ...any) error {
	n := slices.IndexFunc(statedTables, func(s stated) bool { return s.table == table })
	s := statedTables[n]
	var keys [][]any
	err := each(ctx, tx, `SELECT `+list(s.key)+` FROM `+table+` WHERE `+where, args, func(r *sql.Rows) error {
		key, err := scanAny(r, len(s.key))
		keys = append(keys, key)
		return err
	})
	for _, k := range keys {
		d.wrote(ctx, tx, table, k...)
	}
	return err
}

func (d *DB) takeNotes(tx *sql.Tx) *notes {
	d.noting.Lock()
	defer d.noting.Unlock()
	in := d.notes[tx]
	delete(d.notes, tx)
	return in
}

// rowsPerEntry keeps an entry well below its greatest length.
const rowsPerEntry = 2000

// stating adds to entries what the rows that the transaction wrote now are.
func (d *DB) stating(ctx context.Context, tx *sql.Tx, entries []custody.Entry, first bool) ([]custody.Entry, error) {
	in := d.takeNotes(tx)
	if first { // it says that nothing is older, if that is so
		whole, err := d.statesAll(ctx)
		if err != nil {
			return nil, err
		}
		if whole {
			entries = slices.Clone(entries)
			entries[0].Rows = []custody.Row{}
		}
	}
	if in == nil {
		return entries, nil
	}
	if in.err != nil {
		return nil, in.err
	}
	if in.some {
		entries = slices.Clone(entries)
		entries[len(entries)-1].Rows = []custody.Row{}
	}
	rows := in.again
	for _, w := range in.rows {
		row, err := w.now(ctx, tx, "")
		if err != nil {
			return nil, err
		}
		if row.Was = w.was; row.Was != row.SHA256 {
			rows = append(rows, row)
		}
	}
	return spread(entries, rows), nil
}

// spread gives rows to the last of some entries, and what is too much for it to
// entries of their own.
func spread(entries []custody.Entry, rows []custody.Row) []custody.Entry {
	entries = slices.Clone(entries)
	last := len(entries) - 1
	for n, part := range slices.Collect(slices.Chunk(rows, rowsPerEntry)) {
		if n == 0 {
			entries[last].Rows = part
			continue
		}
		more := entries[last]
		more.Kind, more.By, more.Record, more.Rows = custody.RowsWritten, custody.Program, nil, part
		entries = append(entries, more)
	}
	return entries
}

// settleNotes logs the rows that a transaction wrote and of which no entry speaks:
// a draft that was kept, a proposal that was done.
func (d *DB) settleNotes(ctx context.Context, tx *sql.Tx) error {
	in := d.notesOf(tx)
	if in.err != nil {
		return in.err
	}
	changed := false
	for _, w := range in.rows {
		row, err := w.now(ctx, tx, "")
		if err != nil {
			return err
		}
		changed = changed || row.SHA256 != w.was
	}
	if !changed && !in.some {
		return nil
	}
	subject := baselineSubject
	if len(in.rows) > 0 {
		subject = in.rows[0].name()
	}
	return d.Log(ctx, tx, custody.Entry{Kind: custody.RowsWritten, Subject: subject, By: custody.Program, At: d.Now()})
}

func (w written) name() string { return w.of.name(w.key) }

func (s stated) name(key []any) string {
	var parts []string
	for _, v := range key {
		if b, is := v.([]byte); is {
			v = hex.EncodeToString(b)
		}
		parts = append(parts, fmt.Sprint(v))
	}
	text := strings.Join(parts, "/")
	if s.hidden {
		sum := sha256.Sum256([]byte(text))
		text = hex.EncodeToString(sum[:16])
	}
	return s.table + " " + text
}

// now states the rows of a key as the transaction sees them.
func (w written) now(ctx context.Context, tx *sql.Tx, lock string) (custody.Row, error) {
	var where []string
	for n, c := range w.of.key {
		where = append(where, fmt.Sprintf("%s = $%d", c, n+1))
	}
	out := custody.Row{Row: w.name()}
	err := w.of.each(ctx, tx, ` WHERE `+strings.Join(where, " AND "), lock, w.key, func(_, sum string) error { out.SHA256 = sum; return nil })
	return out, err
}

// each gives what there is under each key: the name of the row and its SHA-256.
func (s stated) each(ctx context.Context, q querier, where, lock string, args []any, yield func(name, sum string) error) error {
	columns := append(slices.Clone(s.key), s.columns...)
	var name string
	var rows []string
	end := func() error {
		if len(rows) == 0 {
			return nil
		}
		slices.Sort(rows)
		sum := sha256.Sum256([]byte(strings.Join(rows, "")))
		return yield(name, hex.EncodeToString(sum[:]))
	}
	err := each(ctx, q, `SELECT `+list(columns)+` FROM `+s.table+where+` ORDER BY `+list(s.key)+lock, args, func(r *sql.Rows) error {
		values, err := scanAny(r, len(columns))
		if err != nil {
			return err
		}
		if now := s.name(values[:len(s.key)]); now != name {
			if err := end(); err != nil {
				return err
			}
			name, rows = now, nil
		}
		rows = append(rows, rowText(columns, values))
		return nil
	})
	if err != nil {
		return err
	}
	return end()
}

func scanAny(r *sql.Rows, n int) ([]any, error) {
	values, into := make([]any, n), make([]any, n)
	for i := range values {
		into[i] = &values[i]
	}
	err := r.Scan(into...)
	return values, err
}

// rowText writes a row so that no two rows are written alike: for each column a line
// with its name, what it is, how many bytes follow, and those (doc/formats.md).
func rowText(columns []string, values []any) string {
	var b strings.Builder
	for n, c := range columns {
		kind, text := "text", ""
		switch v := values[n].(type) {
		case []byte:
			kind, text = "bytes", string(v)
		case string:
			text = v
		case int64:
			kind, text = "number", fmt.Sprint(v)
		case nil:
			kind = "nothing"
		default: // not as this program writes it
			kind, text = "other", fmt.Sprint(v)
		}
		fmt.Fprintf(&b, "%s %s %d %s\n", c, kind, len(text), text)
	}
	return b.String()
}

// StatedRows gives every row that some log entry has to state, with its SHA-256 as it
// is now.
func (d *DB) StatedRows(ctx context.Context, yield func(name, sum string) error) error {
	for _, s := range statedTables {
		if err := s.each(ctx, d, ``, ``, nil, yield); err != nil {
			return err
		}
	}
	return nil
}

// restate keeps what entries that are about to lose their words stated of rows.
func (d *DB) restate(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	var again []custody.Row
	some := false
	err := each(ctx, tx, `SELECT id, record FROM log_entry WHERE `+where, args, func(r *sql.Rows) error {
		var id []byte
		var text string
		if err := r.Scan(&id, &text); err != nil || text == "" {
			return err
		}
		e, err := custody.Parse([]byte(text))
		if err != nil {
			return err
		}
		some = some || e.Rows != nil
		for _, row := range e.Rows {
			if row.AsOf == "" {
				row.AsOf = hex.EncodeToString(id)
			}
			again = append(again, row)
		}
		return nil
	})
	if err != nil || !some {
		return err
	}
	in := d.notesOf(tx)
	in.again, in.some = append(in.again, again...), true
	return nil
}

// Baseline is what the log says where a record of an earlier program began to have its
// rows stated: they are what they were found to be then.
type Baseline struct {
	Baseline bool `json:"baseline"`
}

// StateOlder states every row of a record that an earlier program wrote, once. It
// tells how many there were.
func (d *DB) StateOlder(ctx context.Context) (n int, err error) {
	if done, err := d.statesAll(ctx); err != nil || done {
		return 0, err
	}
	err = d.InTx(ctx, func(tx *sql.Tx) error {
		if err := d.TakeTurn(ctx, tx, "log", d.Now()); err != nil { // so that one process does it
			return err
		}
		if _, there, err := d.LatestEntry(ctx, custody.RowsWritten, baselineSubject); err != nil || there {
			return err
		}
		var rows []custody.Row
		for _, s := range statedTables {
			err := s.each(ctx, tx, ``, ``, nil, func(name, sum string) error {
				rows = append(rows, custody.Row{Row: name, SHA256: sum})
				return nil
			})
			if err != nil {
				return err
			}
		}
		doc, err := json.Marshal(Baseline{true})
		if err != nil {
			return fault.As(fault.Internal, err)
		}
		n = len(rows)
		e := custody.Entry{Kind: custody.RowsWritten, Subject: baselineSubject, By: custody.Program, At: d.Now(), Record: doc, Rows: []custody.Row{}}
		entries := spread([]custody.Entry{e}, rows)
		for i := range entries {
			entries[i].Record = doc
		}
		return d.Log(ctx, tx, entries...)
	})
	return n, err
}

const baselineSubject = "record"

// statesAll tells whether the log states the rows from its first entry on, or from a
// baseline. Where the first entry lost its words, or was changed, any entry that states
// rows tells so: what was changed since is not to be stated as found.
func (d *DB) statesAll(ctx context.Context) (bool, error) {
	first, err := d.entries(ctx, entryColumns+inOrderOfLog+` LIMIT 1`)
	if err != nil {
		return false, err
	}
	if len(first) == 1 {
		if e, err := custody.Parse(first[0].Canonical); err == nil && e.Rows != nil {
			return true, nil
		}
		if _, there, err := d.LatestEntry(ctx, custody.RowsWritten, baselineSubject); err != nil || there {
			return there, err
		}
		stated := false
		err := each(ctx, d, `SELECT record FROM log_entry WHERE record LIKE '%"rows":%'`, nil, func(r *sql.Rows) error {
			var record string
			err := r.Scan(&record)
			if e, bad := custody.Parse([]byte(record)); bad == nil && e.Rows != nil {
				stated = true
			}
			return err
		})
		return stated, err
	}
	older := []string{"source"} // of which the log says nothing either
	for _, s := range statedTables {
		older = append(older, s.table)
	}
	for _, table := range older {
		n, err := number(d.QueryRowContext(ctx, `SELECT count(*) FROM `+table))
		if err != nil || n > 0 {
			return false, err
		}
	}
	return true, nil
}

// StatedTables names the tables whose every row some log entry states.
func StatedTables() []string {
	var out []string
	for _, s := range statedTables {
		out = append(out, s.table)
	}
	return out
}
