package app_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/app/demo"
	"suraag/custody"
	"suraag/store"
	"suraag/store/pgtest"
)

// program builds the program as a user gets it.
func program(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "suraag")
	c := exec.Command("go", "build", "-o", exe, "suraag")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exe
}

// documents writes the example's documents, and a longer log, into a folder.
func documents(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := demo.Files()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		if f.Purpose != demo.Intake {
			continue
		}
		n++
		write(t, filepath.Join(dir, f.Name), f.Bytes)
	}
	if n < 8 {
		t.Fatalf("only %d documents in the example", n)
	}
	var log strings.Builder
	log.WriteString("observed_at,act,ip,port,network,peer_id,sha1,grade,standing\n")
	for i := range 6500 { // several batches
		fmt.Fprintf(&log, "2025-02-%02dT10:%02d:%02dZ,offer,192.0.2.%d,%d,BitTorrent,%040x,%040x,G3,network observation\n",
			1+i%28, i/60%60, i%60, 1+i%250, 1024+i, i%97, i%13)
	}
	log.WriteString("2025-02-30T10:00:00Z,offer,not an address,,,,,,\n")
	write(t, filepath.Join(dir, "log.csv"), []byte(log.String()))
	return dir
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// suraag makes a run of the program with a clock that stands still, so that two
// runs can be compared row for row.
func suraag(exe string, args ...string) *exec.Cmd {
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), "SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=tester", "HOME=/nonexistent")
	return c
}

func mustRun(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
	return string(out)
}

// tables are what a record consists of; the queue of jobs is not part of it.
var tables = map[string]string{
	"source": "id", "handin": "source, authority, brought_by, name", "problem": "source, seq", "thing": "id", "thing_digest": "digest, thing",
	"sighting": "id", "identifier": "id", "sighting_identifier": "identifier, sighting", "lease": "id", "lease_identifier": "identifier, lease",
	"superseded": "id, version", "hash_set": "id", "lead": "id", "lead_thing": "thing, lead", "dirty": "thing", "data_set": "id", "ip_range": "data_set, first, seq",
}

// dump writes every row of a record as text.
func dump(t *testing.T, where string) map[string][]string {
	t.Helper()
	db, err := store.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string][]string{}
	for table, order := range tables {
		rows, err := db.QueryContext(context.Background(), "SELECT * FROM "+table+" ORDER BY "+order)
		if err != nil {
			t.Fatal(err)
		}
		out[table] = lines(t, rows)
	}
	return out
}

func lines(t *testing.T, rows *sql.Rows) []string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for n := range values {
			values[n] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for _, v := range values {
			switch v := (*v.(*any)).(type) {
			case []byte:
				fmt.Fprintf(&line, "%x|", v)
			default:
				fmt.Fprintf(&line, "%v|", v)
			}
		}
		out = append(out, line.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func sameRecord(t *testing.T, want, got map[string][]string) {
	t.Helper()
	for table := range tables {
		if diff := cmp.Diff(want[table], got[table]); diff != "" {
			if len(diff) > 3000 {
				diff = diff[:3000] + "…"
			}
			t.Fatalf("table %s differs (-undisturbed +disturbed):\n%s", table, diff)
		}
	}
	if len(want["sighting"]) < 6000 || len(want["problem"]) == 0 || len(want["lease"]) == 0 {
		t.Fatalf("the record holds %d sightings, %d problems, %d leases: too little to prove anything", len(want["sighting"]), len(want["problem"]), len(want["lease"]))
	}
}

// kept gives what a record has acknowledged: every source and every log entry, by
// what the entry commits to.
func kept(t *testing.T, where string) map[string]bool {
	t.Helper()
	db, err := store.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]bool{}
	for _, query := range []string{`SELECT hex(id) FROM source`, `SELECT hex(leaf) FROM log_entry`} {
		rows, err := db.QueryContext(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines(t, rows) {
			out[line] = true
		}
	}
	return out
}

// flaws runs verify over what a kill left, and gives what differs but for an
// original whose hand-in was cut off before the record had it: nobody was told that
// it is there.
func flaws(t *testing.T, exe, dir string) (out []string) {
	t.Helper()
	c := suraag(exe, "verify", "--data", dir)
	text, err := c.Output()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 7) {
		t.Fatalf("%v: %v\n%s", c.Args, err, text)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "DIFFERS") && !strings.Contains(line, "an original is kept of which the record says nothing") {
			out = append(out, line)
		}
	}
	return out
}

// Killing the program at any moment of an intake, again and again, and running it to
// its end gives the same record, row for row, as a run that nobody disturbed; what a
// killed run had acknowledged is there; and verify finds nothing after the last kill but
// hand-ins that were cut off, and nothing at the end. Thirty kills; SURAAG_KILLS asks for
// more.
func TestKilledAtRandomDuringIntake(t *testing.T) {
	t.Parallel()
	exe, docs := program(t), documents(t)
	intake := func(dir string) *exec.Cmd {
		return suraag(exe, "intake", docs, "--authority", "FIR 12/2025 PS Example", "--data", dir)
	}
	calm := t.TempDir()
	began := time.Now()
	mustRun(t, intake(calm))
	whole := time.Since(began)
	want := dump(t, filepath.Join(calm, "suraag.db"))
	times := 30
	if text := os.Getenv("SURAAG_KILLS"); text != "" {
		if _, err := fmt.Sscan(text, &times); err != nil || times < 1 {
			t.Fatalf("SURAAG_KILLS %q is not a number", text)
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(times)))
	killed, runs := 0, 0
	for killed < times {
		if runs++; runs > 3*times {
			t.Fatalf("only %d of %d runs were killed before they ended", killed, runs)
		}
		dir := t.TempDir()
		record := filepath.Join(dir, "suraag.db")
		acknowledged := map[string]bool{}
		for range 1 + rng.IntN(8) {
			c := intake(dir)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			over := false
			select {
			case <-time.After(time.Duration(rng.Int64N(int64(whole)))):
				c.Process.Kill()
				<-ended
				killed++
			case <-ended:
				over = true
			}
			if _, err := os.Stat(record); err != nil {
				continue // killed before there was a record
			}
			for k := range kept(t, record) {
				acknowledged[k] = true
			}
			if over {
				break
			}
		}
		if _, err := os.Stat(record); err == nil {
			for _, what := range flaws(t, exe, dir) {
				t.Errorf("after kill %d: %s", killed, what)
			}
		}
		mustRun(t, intake(dir))
		t.Run(fmt.Sprint(killed), func(t *testing.T) {
			sameRecord(t, want, dump(t, record))
			now := kept(t, record)
			for k := range acknowledged {
				if !now[k] {
					t.Errorf("%s was acknowledged and is missing", k)
				}
			}
			mustRun(t, suraag(exe, "verify", "--data", dir))
		})
		os.RemoveAll(dir)
	}
}

// Two workers on one PostgreSQL share an intake; one is killed; nothing is lost
// or doubled, and the record is the one that SQLite holds.
func TestTwoWorkersOneKilled(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	exe, docs := program(t), documents(t)
	calm := t.TempDir()
	mustRun(t, suraag(exe, "intake", docs, "--authority", "FIR 12/2025 PS Example", "--data", calm))
	want := dump(t, filepath.Join(calm, "suraag.db"))

	address, dir := server.New(t), t.TempDir()
	mustRun(t, suraag(exe, "intake", docs, "--queue", "--authority", "FIR 12/2025 PS Example", "--data", dir, "--db", address))
	first := suraag(exe, "worker", "--parallel", "1", "--data", dir, "--db", address)
	second := suraag(exe, "worker", "--parallel", "1", "--data", dir, "--db", address)
	for _, w := range []*exec.Cmd{first, second} {
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Process.Kill(); w.Wait() })
	}
	db, err := store.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	killed := false
	for range 1200 {
		waiting, err := db.Waiting(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		dirty, err := db.Dirty(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if counts, _ := db.Count(context.Background()); !killed && counts.Sightings > 0 {
			first.Process.Kill()
			killed = true
		}
		if waiting == 0 && dirty == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !killed {
		t.Fatal("the work was over before a worker could be killed")
	}
	sameRecord(t, want, dump(t, address))
}

// Several processes bring entries and several stand ready to put them into the custody
// log of one PostgreSQL; whichever does so is killed, again and again. Every entry gets one
// place, no place is given twice or left out, and the log is what the record says.
func TestManyProcessesOneLog(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	exe, address, dir := program(t), server.New(t), t.TempDir()
	ctx := context.Background()
	at := func(args ...string) *exec.Cmd { return suraag(exe, append(args, "--data", dir, "--db", address)...) }
	workers := make([]*exec.Cmd, 3)
	work := func(n int) {
		t.Helper()
		workers[n] = at("worker", "--parallel", "1")
		if err := workers[n].Start(); err != nil {
			t.Fatal(err)
		}
	}
	stop := func(n int) { workers[n].Process.Kill(); workers[n].Wait() }
	letter := func(n int) string {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("letter-%d.csv", n))
		write(t, name, fmt.Appendf(nil, "observed_at,act,ip,port\n2025-02-01T10:00:00Z,offer,192.0.2.7,%d\n", 1024+n))
		return name
	}
	mustRun(t, at("intake", letter(0), "--queue", "--authority", "FIR 12/2025 PS Example"))
	for n := range workers {
		work(n)
	}
	defer func() {
		for n := range workers {
			stop(n)
		}
	}()
	for round := range 8 {
		var bring []*exec.Cmd
		for n := range 3 {
			c := at("intake", letter(1+3*round+n), "--queue", "--authority", "FIR 12/2025 PS Example")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			bring = append(bring, c)
		}
		stop(round % 3)
		work(round % 3)
		for _, c := range bring {
			if err := c.Wait(); err != nil {
				t.Errorf("%v: %v", c.Args, err)
			}
		}
	}
	db, err := store.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := 0; ; n++ {
		waiting, err := db.Waiting(ctx, nil)
		entries, err2 := db.WaitingEntries(ctx)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if waiting == 0 && entries == 0 {
			break
		}
		if n == 1200 {
			t.Fatalf("after a minute %d sources and %d entries wait", waiting, entries)
		}
		time.Sleep(50 * time.Millisecond)
	}
	places, ids := int64(0), ""
	err = db.EachEntry(ctx, func(l custody.Logged) error {
		if l.Place != places {
			t.Errorf("place %d comes after %d", l.Place, places-1)
		}
		places++
		if what := l.Check(); what != "" {
			t.Errorf("entry %d: %s", l.Place, what)
		}
		if l.ID == ids {
			t.Errorf("entry %s stands twice", l.ID)
		}
		ids = l.ID
		return nil
	})
	if err != nil || places < 50 {
		t.Errorf("%d entries, %v", places, err)
	}
	mustRun(t, at("verify"))
}
