package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever lists the processes of the machine sees the arguments of pg_dump, and so
// the password must not be one of them.
func TestThePasswordIsNoArgument(t *testing.T) {
	dir := t.TempDir()
	saw := filepath.Join(dir, "saw")
	program := "#!/bin/sh\necho \"$@\" > " + saw + "\necho \"$PGPASSWORD\" >> " + saw + "\n"
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("PGPASSWORD", "")
	for name, c := range map[string]struct{ address, want, password string }{
		"beside the account":   {"postgres://unit:se%20cret@db.example/suraag?sslmode=require", "postgres://unit@db.example/suraag?sslmode=require", "se cret"},
		"among the parameters": {"postgres://db.example/suraag?password=secret&user=unit", "postgres://db.example/suraag?user=unit", "secret"},
		"none":                 {"postgres://unit@db.example/suraag", "postgres://unit@db.example/suraag", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			s := &stage{ctx: context.Background(), out: &said, err: &said, cli: &commands{DB: c.address}}
			if err := s.dump("out"); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(saw)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(got), "\n")
			if !strings.Contains(lines[0], "--dbname="+c.want) || strings.Contains(lines[0], "cret") || lines[1] != c.password {
				t.Errorf("pg_dump is called with %q and the password %q", lines[0], lines[1])
			}
		})
	}
	s := &stage{ctx: context.Background(), cli: &commands{DB: "postgres://unit:secret@db.example:port/suraag"}}
	if err := s.dump("out"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("an address that is none: %v", err)
	}
}
