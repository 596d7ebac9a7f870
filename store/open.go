// Package store keeps the record in a database: SQLite in one file, or
// PostgreSQL. One SQL text serves both.
//
// Takes nouns of the rooms below. Gives them back. Never decides anything: what
// is weighed, joined or told lies in the rooms below.
//
// An exported method that writes takes the transaction it writes in, so that a
// stage's result, the records of problems and the next job are one transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // driver "sqlite"

	"suraag/custody/disk"
	"suraag/fault"
)

//go:embed migrate/*.sql
var migrations embed.FS

// Dialect names the database engine.
type Dialect string

// The engines.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// DB is an open record.
//
// Transactions go through the embedded handle, queries outside of a transaction
// through a pool of their own. SQLite has one writer, and reading must not wait
// for it. On PostgreSQL a stage that holds a transaction also reads: if both came
// from one pool, enough stages at once would each wait for the other's connection.
type DB struct {
	*sql.DB
	Dialect Dialect
	Where   string // for people: the file, or the server without its password
	reading *sql.DB
	logged  atomic.Uint32 // log entries that this handle wrote

	Now    func() time.Time // for the entries that this room writes by itself
	noting sync.Mutex       // guards notes
	notes  map[*sql.Tx]*notes
}

// QueryContext reads outside of any transaction.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.reading.QueryContext(ctx, query, args...)
}

// QueryRowContext reads one row outside of any transaction.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return d.reading.QueryRowContext(ctx, query, args...)
}

// Close ends both handles.
func (d *DB) Close() error {
	return errors.Join(d.reading.Close(), d.DB.Close())
}

// Open opens the record at a "postgres://…" address or in a file, and brings its
// tables up to date. A record made by a newer Suraag is refused.
func Open(ctx context.Context, where string) (*DB, error) {
	var d *DB
	var err error
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		d, err = openPostgres(where)
	} else {
		d, err = openSQLite(where)
	}
	if err != nil {
		return nil, err
	}
	d.Now, d.notes = time.Now, map[*sql.Tx]*notes{}
	if err := d.PingContext(ctx); err != nil {
		d.Close()
		err = fault.Newf(fault.Unavailable, "record at %q does not answer: %w", d.Where, err)
		return nil, fault.WithHint(err, "check --db and that the database server runs")
	}
	err = d.migrate(ctx)
	if err == nil {
		err = d.orderCodes(ctx)
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func openPostgres(where string) (*DB, error) {
	u, err := url.Parse(where)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "database address is not a URL: %w", err)
	}
	db, err := sql.Open("pgx", where)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "database address %q: %w", u.Redacted(), err)
	}
	reading, err := sql.Open("pgx", where)
	if err != nil {
		db.Close()
		return nil, fault.Newf(fault.Invalid, "database address %q: %w", u.Redacted(), err)
	}
	for _, pool := range []*sql.DB{db, reading} {
		pool.SetMaxOpenConns(16)
		pool.SetMaxIdleConns(8)
	}
	return &DB{DB: db, Dialect: PostgreSQL, Where: u.Redacted(), reading: reading}, nil
}

// SQLite pragmas hold for one connection, so they stand in the address that
// every connection is made with. Transactions begin as writers, because a reader
// that turns writer half-way cannot wait for its turn. Zeros are written over what
// goes in every connection, and not only where a key is dropped: a page that was split
// months before holds the key still.
func openSQLite(file string) (*DB, error) {
	if err := disk.MakeFolder(disk.Machine(), filepath.Dir(file)); err != nil {
		return nil, err
	}
	address := "file:" + (&url.URL{Path: file}).EscapedPath() + "?"
	pragmas := []string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(20000)", "cache_size(-131072)", "wal_autocheckpoint(8192)", "secure_delete(1)"}
	db, err := sql.Open("sqlite", address+url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode())
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "record in %q: %w", file, err)
	}
	db.SetMaxOpenConns(1)
	reading, err := sql.Open("sqlite", address+url.Values{"_pragma": append(pragmas, "query_only(1)")}.Encode())
	if err != nil {
		db.Close()
		return nil, fault.Newf(fault.Unavailable, "record in %q: %w", file, err)
	}
	reading.SetMaxOpenConns(4)
	reading.SetMaxIdleConns(4)
	return &DB{DB: db, Dialect: SQLite, Where: file, reading: reading}, nil
}

// migrate runs the numbered files of this folder once each, in order.
func (d *DB) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrate")
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	dialect := goose.DialectSQLite3
	if d.Dialect == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.DB, dir, goose.WithVerbose(false))
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fault.Newf(fault.Unavailable, "record at %q: %w", d.Where, err)
	}
	if have > want {
		err := fault.Newf(fault.Conflict, "record at %q has tables of version %d, newer than this program's %d", d.Where, have, want)
		return fault.WithHint(err, "use the newer Suraag that wrote it")
	}
	if have == want {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fault.Newf(fault.Unavailable, "record at %q, bringing its tables up to date: %w", d.Where, err)
	}
	return nil
}

// InTx runs f in one transaction.
func (d *DB) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return fault.Newf(fault.Unavailable, "record at %q: %w", d.Where, err)
	}
	defer tx.Rollback()
	defer d.takeNotes(tx)
	if err := f(tx); err != nil {
		return err
	}
	if err := d.settleNotes(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fault.Newf(fault.Unavailable, "record at %q, commit: %w", d.Where, err)
	}
	return nil
}

// querier is a transaction or the database itself.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// exec runs a statement and sorts its error.
func exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	for n := range args {
		args[n] = storable(args[n])
	}
	r, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, sorted(err)
	}
	n, err := r.RowsAffected()
	return n, sorted(err)
}

// each runs a query and hands every row to scan.
func each(ctx context.Context, q querier, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return sorted(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return sorted(err)
		}
	}
	return sorted(rows.Err())
}

// documents reads the JSON documents that a query gives, one a row.
func documents[T any](ctx context.Context, q querier, what, query string, args []any) ([]T, error) {
	var out []T
	err := each(ctx, q, query, args, func(r *sql.Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			return fault.Newf(fault.Corrupt, "stored %s: %w", what, err)
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

func sorted(err error) error {
	switch {
	case err == nil, fault.KindOf(err) != fault.Internal, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return fault.As(fault.NotFound, err)
	}
	return fault.Newf(fault.Unavailable, "database: %w", err)
}

func list(columns []string) string { return strings.Join(columns, ", ") }

// holders writes "$from,$from+1,…" for n values.
func holders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// places writes n placeholders in the order of the values. SQLite looks up each
// numbered one among all before it, which for hundreds costs more than the rest of
// the statement; it takes them by order too.
func (d *DB) places(from, n int) string {
	if d.Dialect == SQLite {
		return strings.Repeat("?,", n-1) + "?"
	}
	return holders(from, n)
}

// rowsPerInsert keeps a statement below 999 placeholders for the widest table.
const rowsPerInsert = 100

// insert adds rows of one table in statements of many rows. Rows that are there
// already stay as they are. It gives the number of new rows.
func (d *DB) insert(ctx context.Context, q querier, table string, columns []string, rows [][]any) (int64, error) {
	var added int64
	for len(rows) > 0 {
		n := min(len(rows), rowsPerInsert)
		var text strings.Builder
		fmt.Fprintf(&text, "INSERT INTO %s (%s) VALUES ", table, list(columns))
		args := make([]any, 0, n*len(columns))
		for i, row := range rows[:n] {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString("(" + d.places(1+i*len(columns), len(columns)) + ")")
			args = append(args, row...)
		}
		text.WriteString(" ON CONFLICT DO NOTHING")
		got, err := exec(ctx, q, text.String(), args...)
		if err != nil {
			return added, err
		}
		added += got
		rows = rows[n:]
	}
	return added, nil
}

// storable makes text what PostgreSQL can hold: UTF-8 without the NUL character.
// SQLite would hold anything, and the two engines would tell different stories.
func storable(v any) any {
	text, is := v.(string)
	if !is || utf8.ValidString(text) && !strings.Contains(text, "\x00") {
		return v
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// ns stores a time; the zero time is 0.
func ns(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNS(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
