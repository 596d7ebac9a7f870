package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"
	"github.com/pressly/goose/v3"
	"github.com/rogpeppe/go-internal/testscript"

	"suraag/app"
	"suraag/app/demo"
)

// migrations is where the tables' versions lie; a transcript runs elsewhere.
var migrations = sure(filepath.Abs("../store/migrate"))

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err) // the folder of the test itself is there
	}
	return v
}

var update = flag.Bool("update", false, "write what the program prints into the transcripts")

// TestMain lets the test binary be the program itself when a transcript calls it.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"suraag": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		os.Exit(app.Run(ctx, os.Environ(), os.Stdin, os.Stdout, os.Stderr, os.Args[1:]))
	}, "age-plugin-made": madeToken})
}

// madeToken is the plugin of a token that the test makes: the data of its identity
// is the private key itself, which a real one would never give away. With -generate
// it prints a new identity.
func madeToken() {
	p, err := plugin.New("made")
	if err != nil {
		os.Exit(1)
	}
	p.HandleIdentity(func(data []byte) (age.Identity, error) { return age.ParseX25519Identity(string(data)) })
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return age.ParseX25519Recipient(string(data)) })
	p.RegisterFlags(nil)
	generate := flag.Bool("generate", false, "print a new identity")
	flag.Parse()
	if !*generate {
		os.Exit(p.Main())
	}
	i, err := age.GenerateX25519Identity()
	if err != nil {
		os.Exit(1)
	}
	fmt.Printf("#    Recipient: %s\n%s\n", plugin.EncodeRecipient("made", []byte(i.Recipient().String())), plugin.EncodeIdentity("made", []byte(i.String())))
}

// tidy removes what the tests share once they have run.
type tidy struct{ *testing.M }

func (t tidy) Run() int {
	defer func() { os.RemoveAll(loadedIn) }()
	return t.M.Run()
}

// Each file is what a person types and the very words that the program answers.
// go test ./app -run Transcripts -update writes the answers anew; read the diff.
//
// Beside the usual commands a transcript has: exits CODE PROGRAM ARGS…, which
// holds the exit code too; record, which puts the loaded example into the folder
// data; tamper FILE, which changes one byte of a sealed original; and take NAME
// REGEXP, which puts what the group matches in the last output into a variable;
// older FILE, which makes the folder data as the first version had it, with a file
// that was sealed and waits to be read; and newer, which makes it one of a version
// to come.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup:         exampleFiles,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "record": record, "tamper": tamper, "take": take,
			"older": older, "newer": newer,
		},
	})
}

// exampleFiles puts the files of the example into the folder example, and holds
// the clock still.
func exampleFiles(env *testscript.Env) error {
	for _, v := range [][2]string{
		{"SURAAG_NOW", "2025-03-12T09:00:00Z"}, {"SURAAG_BY", "officer"}, {"SURAAG_DATA", "data"}, {"HOME", env.WorkDir}, {"TERM", "dumb"},
		{"GORACE", "atexit_sleep_ms=20"}, // each command of a transcript is a process, and the race detector has each wait a second at its end
	} {
		env.Setenv(v[0], v[1])
	}
	bin, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator)) // where testscript puts the programs
	env.Setenv("PROGRAM", filepath.Join(bin, "suraag"))
	files, err := demo.Files()
	if err != nil {
		return err
	}
	dir := filepath.Join(env.WorkDir, "example")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		name := f.Name
		if f.AsOf != "" {
			name = strings.ReplaceAll(name, "/", "-") + "-" + f.AsOf
		}
		if err := os.WriteFile(filepath.Join(dir, name), f.Bytes, 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "picture.jpg"), demo.Picture(), 0o600)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

var loadedIn string // folder of loaded

// loaded is the example, loaded once for all tests.
var loaded = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "suraag-loaded-")
	if err != nil {
		return "", err
	}
	loadedIn = dir
	var out, errs bytes.Buffer
	env := append(os.Environ(), "SURAAG_BY=officer")
	if code := app.Run(context.Background(), env, strings.NewReader(""), &out, &errs, []string{"demo", "--once", "--data", dir}); code != 0 {
		return "", errors.New(errs.String())
	}
	return dir, nil
})

// exampleRecord gives a folder with the loaded example, to be changed at will.
func exampleRecord(t testing.TB) string {
	t.Helper()
	from, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := copyRecord(dir, from); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyRecord copies a data folder; os.CopyFS would let everybody read the key.
func copyRecord(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	err := os.Chmod(filepath.Join(to, "unit.key"), 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: record")
	}
	from, err := loaded()
	ts.Check(err)
	ts.Check(copyRecord(ts.MkAbs("data"), from))
}

func take(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: take NAME REGEXP")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("%s is not in the output", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper SHA-256-OF-THE-ORIGINAL")
	}
	done := false
	err := filepath.WalkDir(ts.MkAbs("data/originals"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(strings.ReplaceAll(path, string(filepath.Separator), ""), args[0]) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		done = true
		return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, b, 0o600))
	})
	ts.Check(err)
	if !done {
		ts.Fatalf("no original %s", args[0])
	}
}

func older(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: older FILE")
	}
	body := []byte(ts.ReadFile(args[0]))
	sum := sha256.Sum256(body)
	name := hex.EncodeToString(sum[:])
	ts.Check(os.MkdirAll(ts.MkAbs("data/originals/"+name[:2]), 0o700))
	ts.Check(os.WriteFile(ts.MkAbs("data/originals/"+name[:2]+"/"+name), body, 0o400))
	pastTheProgram(ts, func(db *sql.DB) error {
		p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS(migrations))
		if err != nil {
			return err
		}
		if _, err := p.UpTo(context.Background(), 1); err != nil {
			return err
		}
		const at = 1_700_000_000_000_000_000
		_, err1 := db.Exec(`INSERT INTO source VALUES (?, ?, ?, 'officer', 'FIR 1/2024', ?, 'intake', '{}', 'sealed', '', '', 0)`, sum[:], args[0], len(body), at)
		_, err2 := db.Exec(`INSERT INTO handin VALUES (?, 'FIR 1/2024', 'officer', ?, ?)`, sum[:], args[0], at)
		return errors.Join(err1, err2)
	})
}

func newer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: newer")
	}
	pastTheProgram(ts, func(db *sql.DB) error {
		_, err := db.Exec(`UPDATE goose_db_version SET version_id = 9999 WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
		return err
	})
}

// pastTheProgram opens the database of the folder data, with no guard in between.
func pastTheProgram(ts *testscript.TestScript, f func(*sql.DB) error) {
	db, err := sql.Open("sqlite", ts.MkAbs("data/suraag.db"))
	ts.Check(err)
	defer db.Close()
	ts.Check(f(db))
}
