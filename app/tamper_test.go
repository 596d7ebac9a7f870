package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/app/demo"
	"suraag/custody/stamp/tsatest"
	"suraag/custody/vault"
	"suraag/flow"
	"suraag/intake"
	"suraag/people"
	machines "suraag/people/machine"
	"suraag/store"
)

// workTables say what is still to do, and which version the tables have. Nothing
// that anybody is told comes from them: a changed one costs work, or is refused.
// Once holds forms and ceremonies for minutes (doc/threats.md).
var workTables = []string{"turn", "dirty", "list_run", "once", "goose_db_version", "sqlite_sequence"}

// notCompared are columns with a time by our own clock on which little or nothing
// rests (doc/threats.md says what).
var notCompared = []string{"log_checkpoint.at_ns", "pass.seen_ns"}

// few files of the example suffice to fill every table: two lists, an operator, a
// report whose reading gives leads, and an operator's answer.
var few = []string{"example-asn", "example-operators", "mistaken-list.csv", "example-hotline.vics.json", "cybertip_100000001.json", "example-fibre_subscriber.csv"}

// vandal changes one thing at a time in a whole record, and puts it back.
type vandal struct {
	t *testing.T
	h *house
}

// newVandal loads the example, has one source read anew by a newer reader, and its
// last checkpoint time-stamped: every table that anything is told from has rows.
func newVandal(t *testing.T) *vandal {
	t.Helper()
	dir := t.TempDir()
	ctx := context.Background()
	env := map[string]string{"SURAAG_NOW": demo.Now().Format(time.RFC3339)}
	s := &stage{ctx: ctx, env: env, in: strings.NewReader(""), out: io.Discard, err: io.Discard, cli: &commands{Data: dir, Zone: "UTC", By: "officer"}, log: quietLog()}
	h, err := s.open(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	files, err := demo.Files()
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, f := range files {
		if !slices.Contains(few, f.Name) {
			continue
		}
		id, err := s.handInDemo(h, f)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, id)
	}
	bad, _, err := h.Receive(ctx, flow.HandIn{Name: "log.csv", BroughtBy: "officer", Authority: "FIR 12/2025 PS Example"}, strings.NewReader("observed_at,act,ip,port\n2025-02-30T10:00:00Z,offer,no address,\n2025-02-01T10:00:00Z,offer,192.0.2.7,1024\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.settle(h, append(sources, bad.ID)); err != nil {
		t.Fatal(err)
	}
	formats := append([]intake.Format(nil), h.Formats...)
	formats[slices.IndexFunc(formats, func(f intake.Format) bool { return f.Name == "ncmec/cybertip-json" })].Version++
	h.Formats = formats
	if err := h.ReadSource(ctx, sources[len(sources)-2]); err != nil {
		t.Fatal(err)
	}
	if err := h.WeighLeads(ctx); err != nil {
		t.Fatal(err)
	}
	h.intoVault(t)
	fillStated(t, h, sources[0])
	tsa := tsatest.Start(t)
	settings := logSettings{Timestamp: tsa.URL, Roots: tsa.Roots, Every: duration(time.Hour)}
	if err := os.WriteFile(filepath.Join(h.logDir(), settingsFile), []byte(settings.text()), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := h.begunLog(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.logConfigured(ctx, key, "officer", settings); err != nil {
		t.Fatal(err)
	}
	if err := h.settleLog(ctx); err != nil {
		t.Fatal(err)
	}
	addMachine(t, s, h)
	v := &vandal{t, h}
	if found := v.verify(); len(found) > 0 {
		t.Fatalf("an untouched record differs: %v", found)
	}
	return v
}

// intoVault puts content into the vault, for a case.
func (h *house) intoVault(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	c := people.Case{ID: people.NewID(), Number: "FIR 12/2025", Title: "t", Station: "PS", Made: h.Now()}
	if err := h.db.InTx(ctx, func(tx *sql.Tx) error { return h.db.AddCase(ctx, tx, c) }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"stays.jpg", "goes.jpg"} {
		i, err := h.Vault.Put(ctx, vault.About{Case: c.ID, Name: name, By: "officer", Ground: "section 94 BNSS, order 3/2025"}, strings.NewReader(name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "goes.jpg" {
			if _, err := h.Vault.Drop(ctx, i.ID, vault.Drop{By: "officer", ProposedBy: "another", Why: "returned to the owner", Authority: "order 9/2025"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// addMachine lets a machine in, and has its certificate renewed.
func addMachine(t *testing.T, s *stage, h *house) {
	t.Helper()
	r, a, err := s.register(h)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	q, err := machines.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Add(s.ctx, "officer", people.Machine{Name: "gate-3", For: people.ForUnit, Until: s.now().AddDate(0, 6, 0)}, a, q); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Recertify(s.ctx, "officer", "gate-3", a, q); err != nil {
		t.Fatal(err)
	}
	if err := h.settleLog(s.ctx); err != nil {
		t.Fatal(err)
	}
}

func (v *vandal) verify() []string {
	v.t.Helper()
	got, err := v.h.verify(context.Background(), func(int, int) {})
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, d := range got.Differences {
		out = append(out, words(d))
	}
	return out
}

func (v *vandal) number(query string) (n int64) {
	v.t.Helper()
	if err := v.h.db.DB.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		v.t.Fatal(err)
	}
	return n
}

// exec runs a statement past everything that guards the record.
func (v *vandal) exec(query string, args ...any) error {
	_, err := v.h.db.ExecContext(context.Background(), query, args...)
	return err
}

// column is one column of a table, with the value of one row.
type column struct {
	table, name string
	row         int64
	value       any
}

// columns gives every column of every table that has a row.
func (v *vandal) columns() []column {
	v.t.Helper()
	var out []column
	for _, table := range v.names(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`) {
		if slices.Contains(workTables, table) || strings.HasPrefix(table, "river_") {
			continue
		}
		for _, name := range v.names(`SELECT name FROM pragma_table_info('` + table + `')`) {
			c := column{table: table, name: name}
			// A value that can be changed in some way, where there is one.
			err := v.h.db.QueryRowContext(context.Background(), `SELECT rowid, `+name+` FROM `+table+` ORDER BY `+name+` IS NULL, length(`+name+`) = 0, rowid LIMIT 1`).Scan(&c.row, &c.value)
			if err == sql.ErrNoRows {
				break
			}
			if err != nil {
				v.t.Fatalf("%s.%s: %v", table, name, err)
			}
			out = append(out, c)
		}
	}
	return out
}

func (v *vandal) names(query string) (out []string) {
	v.t.Helper()
	rows, err := v.h.db.QueryContext(context.Background(), query)
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			v.t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

// harm flips a bit of a value, cuts its last byte off or adds one.
func harm(value any, way int) any {
	switch x := value.(type) {
	case int64:
		return x ^ 1<<20
	case string:
		return string(harmBytes([]byte(x), way))
	case []byte:
		return harmBytes(x, way)
	}
	return "x" // there was nothing
}

func harmBytes(b []byte, way int) []byte {
	b = bytes.Clone(b)
	switch {
	case len(b) == 0 || way%3 == 2:
		return append(b, 'x')
	case way%3 == 1:
		return b[:len(b)-1]
	}
	b[len(b)/2] ^= 1
	return b
}

// One byte of one value of every column: verify names the table, or the source or
// list that the row speaks of.
func TestTamperedColumns(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	all := v.columns()
	tables := map[string]bool{}
	for n, c := range all {
		if tables[c.table] = true; slices.Contains(store.StatedTables(), c.table) && !slices.Contains(notCompared, c.table+"."+c.name) {
			continue // TestTamperedStatedRows
		}
		t.Run(c.table+"."+c.name, func(t *testing.T) {
			set := fmt.Sprintf("UPDATE %s SET %s = ? WHERE rowid = ?", c.table, c.name)
			if err := v.exec(set, harm(c.value, n), c.row); err != nil {
				t.Fatal(err)
			}
			found := v.verify()
			if err := v.exec(set, c.value, c.row); err != nil {
				t.Fatal(err)
			}
			if exempt := slices.Contains(notCompared, c.table+"."+c.name); exempt != (len(found) == 0) {
				t.Errorf("%T changed; verify says %q", c.value, found)
			}
		})
	}
	for _, table := range v.names(`SELECT name FROM sqlite_master WHERE type = 'table'`) {
		if !tables[table] && !slices.Contains(workTables, table) && !strings.HasPrefix(table, "river_") {
			t.Errorf("table %s has no row to be changed", table)
		}
	}
	if found := v.verify(); len(found) > 0 {
		t.Errorf("all was put back, and verify says %q", found)
	}
}

// A row that is removed, and one that stands twice, are named too.
func TestRemovedRows(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	done := map[string]bool{}
	for _, c := range v.columns() {
		if done[c.table] || slices.Contains(store.StatedTables(), c.table) {
			continue
		}
		done[c.table] = true
		t.Run(c.table, func(t *testing.T) {
			if err := v.exec(`CREATE TEMP TABLE kept AS SELECT * FROM `+c.table+` WHERE rowid = ?`, c.row); err != nil {
				t.Fatal(err)
			}
			if err := v.exec(`DELETE FROM `+c.table+` WHERE rowid = ?`, c.row); err != nil {
				t.Fatal(err)
			}
			found := v.verify()
			if err := v.exec(`INSERT INTO ` + c.table + ` SELECT * FROM kept`); err != nil {
				t.Fatal(err)
			}
			if err := v.exec(`DROP TABLE kept`); err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 {
				t.Error("a row was removed, and verify says nothing")
			}
		})
	}
}

// One byte of every kind of file: flipped, cut off, added.
func TestTamperedFiles(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	kinds := map[string]string{} // kind → one file of it
	err := filepath.WalkDir(v.h.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(v.h.dir, name)
		if base := filepath.Base(rel); strings.HasPrefix(rel, "suraag.db") || base == "worker.lock" || strings.HasSuffix(base, ".lock") || base == "lock" {
			return nil // the database has its own test; locks hold nothing
		}
		if strings.HasPrefix(rel, "tls") {
			return nil // keys and certificates of lines: a changed one opens no line, and nothing that is told rests on it
		}
		if filepath.Ext(name) == ".near" {
			return nil // an index made from the list beside it, checked when it is opened, and made anew
		}
		if rel == keyFile {
			return nil // it may be kept elsewhere, and has a test of its own
		}
		kinds[kindOf(rel)] = name
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) < 8 {
		t.Fatalf("only %d kinds of files: %v", len(kinds), kinds)
	}
	for kind, name := range kinds {
		body, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // an index beside a list, made anew under another name when the list was
		}
		if err != nil {
			t.Fatal(err)
		}
		for way, did := range []string{"flipped", "cut off", "added"} {
			t.Run(kind+" "+did, func(t *testing.T) {
				replace(t, name, harmBytes(body, way))
				found := v.verify()
				replace(t, name, body)
				if len(found) == 0 {
					t.Errorf("%s: verify says nothing", name)
				}
			})
		}
		t.Run(kind+" removed", func(t *testing.T) {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			found := v.verify()
			replace(t, name, body)
			if len(found) == 0 {
				t.Errorf("%s: verify says nothing", name)
			}
		})
	}
	v.verify() // the index of a list that was put back last is made anew, which it tells
	if found := v.verify(); len(found) > 0 {
		t.Errorf("all was put back, and verify says %q", found)
	}
}

// Another key in the place of the unit's, or a damaged one, is named; none at all
// is not, since whoever copies the record keeps it apart.
func TestTamperedUnitKey(t *testing.T) {
	t.Parallel()
	v := newVandal(t)
	path := filepath.Join(v.h.dir, keyFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.OpenKey(path + ".other"); err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(path + ".other")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"another": other, "damaged": harmBytes(good, 0), "empty": nil} {
		replace(t, path, body)
		if found := v.verify(); len(found) != 1 || !strings.Contains(found[0], keyFile) {
			t.Errorf("%s: verify says %q", name, found)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if found := v.verify(); len(found) > 0 {
		t.Errorf("kept apart: verify says %q", found)
	}
}

// kindOf names a kind of file by its path without numbers and hashes.
func kindOf(rel string) string {
	var out []string
	for _, part := range strings.Split(filepath.ToSlash(rel), "/") {
		if strings.Trim(part, "0123456789abcdefp.x") == "" {
			part = "#"
		}
		out = append(out, part)
	}
	return strings.Join(out, "/")
}

func replace(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	os.Remove(name)
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
