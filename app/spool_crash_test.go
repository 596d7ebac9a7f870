package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"suraag/app"
	"suraag/custody"
)

// freePort gives an address on which nobody listens, so that a server can come back
// to it.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// running is a process that is killed and started again.
type running struct {
	t    *testing.T
	make func() *exec.Cmd
	c    *exec.Cmd
	said bytes.Buffer
}

func (r *running) start() {
	r.t.Helper()
	r.c = r.make()
	r.c.Stdout, r.c.Stderr = &r.said, &r.said
	if err := r.c.Start(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) kill() {
	r.c.Process.Kill()
	r.c.Wait()
}

// Adding, pushing and serving, each killed at any moment, again and again: what an
// add said that it holds is in the record once, handed in once, and the spool is
// empty. SURAAG_KILLS asks for more rounds.
func TestKilledAtRandomWhilePushing(t *testing.T) {
	exe, dir := program(t), t.TempDir()
	data, folder := filepath.Join(dir, "data"), filepath.Join(dir, "spool")
	server, at := freePort(t), freePort(t)
	unit := func(args ...string) *exec.Cmd { return suraag(exe, append(args, "--data", data)...) }
	remote := func(args ...string) *exec.Cmd {
		c := suraag(exe, append([]string{"spool", "--spool", folder}, args...)...)
		return c
	}
	mustRun(t, unit("case", "new", "FIR 12/2025", "--title", "Lighthouse", "--station", "PS"))
	serves := &running{t: t, make: func() *exec.Cmd { return unit("serve", "--addr", at, "--tls-auto", "--machines", server) }}
	serves.start()
	defer func() { serves.kill() }()
	authority, ready := filepath.Join(data, "tls", "authority.pem"), func() bool {
		c, err := net.Dial("tcp", server)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	for range 400 {
		if ready() {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	mustRun(t, remote("init", "--server", "https://"+server, "--authority", authority, "--name", "gate-3"))
	certificate := filepath.Join(dir, "gate-3.pem")
	mustRun(t, unit("machine", "add", "gate-3", "--csr", filepath.Join(folder, "request.csr"), "--case", "FIR 12/2025", "--until", "2025-12-31", "-o", certificate))
	mustRun(t, remote("init", "--certificate", certificate))
	pushes := &running{t: t, make: func() *exec.Cmd { return remote("push", "--watch") }}
	pushes.start()
	defer func() { pushes.kill() }()

	rounds := 12
	if text := os.Getenv("SURAAG_KILLS"); text != "" {
		if _, err := fmt.Sscan(text, &rounds); err != nil || rounds < 1 {
			t.Fatalf("SURAAG_KILLS %q is not a number", text)
		}
	}
	rng := rand.New(rand.NewPCG(7, uint64(rounds)))
	want, cutOff := map[string]string{}, 0
	for n := range rounds {
		for i := range 3 {
			name := fmt.Sprintf("log-%d-%d.bin", n, i)
			words := make([]byte, rng.IntN(6<<20))
			for k := range words {
				words[k] = byte(rng.Uint32())
			}
			sum := sha256.Sum256(words)
			want[hex.EncodeToString(sum[:])] = name
			write(t, filepath.Join(dir, name), words)
			add := func() *exec.Cmd { return remote("add", filepath.Join(dir, name), "--authority", "FIR 12/2025 PS") }
			c := add()
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(rng.IntN(120))*time.Millisecond, func() { c.Process.Kill() })
			if c.Wait() != nil { // it did not say that it holds it, so it is added again
				cutOff++
				mustRun(t, add())
			}
			timer.Stop()
		}
		time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond)
		which := rng.IntN(3)
		if which != 0 {
			serves.kill()
		}
		if which != 1 {
			pushes.kill()
		}
		time.Sleep(time.Duration(rng.IntN(100)) * time.Millisecond)
		if which != 0 {
			serves.start()
		}
		if which != 1 {
			pushes.start()
		}
	}
	pushes.kill()
	if out, err := remote("push", "--patience", "2m").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\nthe server: %s", err, out, &serves.said)
	}
	pushes.start() // for the deferred kill
	serves.kill()
	state := decoded[app.SpoolState](t, mustRun(t, remote("status", "--json")))
	if len(state.Waiting) != 0 || len(state.Loose) != 0 {
		t.Errorf("the spool holds %+v and %v", state.Waiting, state.Loose)
	}
	handedIn := map[string]int{}
	for _, s := range decoded[[]custody.Source](t, mustRun(t, unit("source", "list", "--json"))) {
		if want[s.ID] != s.Name || s.BroughtBy != "machine gate-3" {
			t.Errorf("the record holds %s, %q by %q", s.ID, s.Name, s.BroughtBy)
		}
		handedIn[s.ID] = 0
	}
	var entries []app.LogEntry
	if err := json.Unmarshal([]byte(mustRun(t, unit("log", "show", "--last", "0", "--json"))), &entries); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == custody.SourceSealed {
			handedIn[e.Subject]++
		}
	}
	for id, name := range want {
		if handedIn[id] != 1 {
			t.Errorf("%s is in the record and handed in %d times", name, handedIn[id])
		}
	}
	if len(handedIn) != len(want) {
		t.Errorf("%d documents were added, %d are in the record", len(want), len(handedIn))
	}
	mustRun(t, unit("verify"))
	t.Logf("%d documents, %d adds cut off, %d rounds", len(want), cutOff, rounds)
}
