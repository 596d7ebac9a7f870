package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/store"
	"suraag/store/pgtest"
	"suraag/store/storetest"
)

func open(t *testing.T, where string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func openSQLite(t *testing.T) *store.DB { return open(t, filepath.Join(t.TempDir(), "record.db")) }

func TestSQLite(t *testing.T) { storetest.Run(t, openSQLite) }

func TestPostgreSQL(t *testing.T) {
	db := open(t, pgtest.Start(t).New(t))
	storetest.Run(t, func(t *testing.T) *store.DB { return emptied(t, db) })
}

// emptied is quicker than a database of its own for each test.
func emptied(t *testing.T, db *store.DB) *store.DB {
	t.Helper()
	text := `TRUNCATE ` + strings.Join(storetest.TableNames(), ", ") + `; INSERT INTO turn (stage, taken) VALUES ('leads', 0), ('log', 0), ('near', 0)`
	for part := range strings.SplitSeq(text, ";") {
		if _, err := db.DB.ExecContext(context.Background(), part); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// Both engines hold the same rows for the same input, byte for byte.
func TestEnginesAgree(t *testing.T) {
	dump := func(db *store.DB) string { storetest.Fill(t, db); return storetest.Dump(t, db) }
	one := dump(openSQLite(t))
	for table, rows := range storetest.Tables(storetest.Dump(t, openSQLite(t))) {
		if table != "turn" || rows != 3 {
			t.Errorf("an empty record has %d rows in %s", rows, table)
		}
	}
	if n := len(storetest.Tables(one)); n != 40 {
		t.Fatalf("the input reaches %d of 40 tables: %v", n, storetest.Tables(one))
	}
	other := dump(open(t, pgtest.Start(t).New(t)))
	if diff := cmp.Diff(strings.Split(one, "\n"), strings.Split(other, "\n")); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
}

func TestNewerRecordIsRefused(t *testing.T) {
	for name, where := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "record.db") },
		"postgres": func(t *testing.T) string { return pgtest.Start(t).New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, at := context.Background(), where(t)
			db, err := store.Open(ctx, at)
			if err != nil {
				t.Fatal(err)
			}
			err = db.InTx(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `UPDATE goose_db_version SET version_id = 9999 WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			_, err = store.Open(ctx, at)
			if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "9999") || fault.Hint(err) == "" {
				t.Errorf("a record of a newer version: %v (hint %q)", err, fault.Hint(err))
			}
		})
	}
}

// Opening again brings nothing up to date twice, and finds what was written.
func TestOpenAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "folder", "record.db")
	db, err := store.Open(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Fill(t, db)
	before := storetest.Dump(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, storetest.Dump(t, open(t, file))); diff != "" {
		t.Error(diff)
	}
}

// A server that does not answer is told with its address, never its password.
func TestPasswordIsNeverShown(t *testing.T) {
	_, err := store.Open(context.Background(), "postgres://suraag:secret-word@127.0.0.1:1/record?connect_timeout=1")
	if err == nil || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("error: %v", err)
	}
}
