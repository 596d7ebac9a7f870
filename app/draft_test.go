package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// until waits for something that another process does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 seconds: %s", what)
		}
	}
}

// A hand-in that is killed leaves a draft: verify names it, and the next start removes
// it and logs that. While it is written nobody takes it away.
func TestDraftsOfKilledHandIns(t *testing.T) {
	t.Parallel()
	exe, docs, dir := program(t), documentsFew(t), t.TempDir()
	intake := func(path string) *exec.Cmd {
		return suraag(exe, "intake", path, "--authority", "FIR 12/2025 PS Example", "--data", dir)
	}
	drafts := func() (found []string) {
		for _, folder := range []string{"originals/drafts", "drafts"} {
			all, err := filepath.Glob(filepath.Join(dir, folder, "*"))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, all...)
		}
		return found
	}
	mustRun(t, intake(filepath.Join(docs, "cybertip_100000001.json")))

	pipe := filepath.Join(t.TempDir(), "long.csv") // a document that does not end
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	writing := intake(pipe)
	if err := writing.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { writing.Process.Kill(); writing.Wait() })
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.WriteString(strings.Repeat("half a document\n", 1000)); err != nil {
		t.Fatal(err)
	}
	until(t, "a draft", func() bool { return len(drafts()) == 1 })
	mustRun(t, intake(filepath.Join(docs, "example-mobile_nat.csv")))
	if said := mustRun(t, suraag(exe, "verify", "--data", dir)); len(drafts()) != 1 || strings.Contains(said, "cut off") {
		t.Errorf("of what is being written verify says:\n%s\ndrafts: %v", said, drafts())
	}

	writing.Process.Kill()
	writing.Wait()
	sent := filepath.Join(dir, "drafts", "draft-sent") // on its way to a store
	for path, run := range map[string]func(gone func() bool) string{
		"intake": func(func() bool) string {
			return mustRun(t, intake(filepath.Join(docs, "example-mobile_nat.csv")))
		},
		"worker": func(gone func() bool) string { return untilStopped(t, suraag(exe, "worker", "--data", dir), gone) },
		"serve": func(gone func() bool) string {
			return untilStopped(t, suraag(exe, "serve", "--addr", "127.0.0.1:0", "--data", dir), gone)
		},
	} {
		if err := os.MkdirAll(filepath.Dir(sent), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, sent, nil)
		left := drafts()
		said := mustRun(t, suraag(exe, "verify", "--data", dir))
		for _, draft := range left {
			if name := strings.TrimPrefix(draft, dir+"/"); !strings.Contains(said, "cut off, which nobody writes any more: "+name+".") {
				t.Errorf("verify does not name %s:\n%s", name, said)
			}
		}
		said = run(func() bool { return len(drafts()) == 0 })
		if found := drafts(); len(found) > 0 || !strings.Contains(said, "cut off removed") {
			t.Errorf("after %s: %v\n%s", path, found, said)
		}
		log := mustRun(t, suraag(exe, "log", "show", "--last", "100", "--json", "--data", dir))
		for _, draft := range left {
			if name := strings.TrimPrefix(draft, dir+"/"); !strings.Contains(log, `"`+name+`"`) || !strings.Contains(log, `"draft removed"`) {
				t.Errorf("the log does not say that %s removed %s:\n%s", path, name, log)
			}
		}
	}
	if said := mustRun(t, suraag(exe, "verify", "--data", dir)); strings.Contains(said, "cut off") {
		t.Errorf("in the end: %s", said)
	}
}

// untilStopped lets a command run until something is so, stops it, and gives all it
// said.
func untilStopped(t *testing.T, c *exec.Cmd, so func() bool) string {
	t.Helper()
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, strings.Join(c.Args, " "), so)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	c.Wait()
	return out.String()
}
