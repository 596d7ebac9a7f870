//go:build linux

package confine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"suraag/fault"
	"suraag/media/confine"
)

func limits() confine.Limits {
	return confine.Limits{Memory: 1 << 30, CPU: 2 * time.Second, Wall: 20 * time.Second, Output: 1 << 20}
}

func program(t *testing.T, name string) confine.Program {
	t.Helper()
	p, err := confine.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run gives what a program writes. The shell is the test's instrument only: nothing else has one.
func run(t *testing.T, ctx context.Context, l confine.Limits, in string, name string, args ...string) (string, error) {
	t.Helper()
	var out []byte
	err := program(t, name).Run(ctx, args, strings.NewReader(in), int64(len(in)), l, func(r io.Reader) (err error) {
		out, err = io.ReadAll(r)
		return err
	})
	return string(out), err
}

func TestGivesWhatTheProgramWrites(t *testing.T) {
	long := strings.Repeat("0123456789", 5000)
	if got, err := run(t, t.Context(), limits(), long, "cat", confine.Input); err != nil || got != long {
		t.Errorf("%d bytes of %d, %v", len(got), len(long), err)
	}
	file, err := os.CreateTemp(t.TempDir(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("on disk"); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	err = program(t, "cat").Run(t.Context(), []string{confine.Input}, file, 7, limits(), func(r io.Reader) error {
		_, err := got.ReadFrom(r)
		return err
	})
	if err != nil || got.String() != "on disk" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

func TestEveryBoundEndsIt(t *testing.T) {
	small := limits()
	small.Output, small.CPU, small.Wall = 1000, time.Second, 1500*time.Millisecond
	tests := []struct {
		name, script string
		kind         fault.Kind
		says         string
	}{
		{"output", "yes", fault.TooLarge, "writes more than 1000 bytes"},
		{"wall time", "sleep 60", fault.TooLarge, "not done within 1.5s"},
		{"what it started", "sleep 61 & sleep 62", fault.TooLarge, "not done within 1.5s"},
		{"files", "head -c 2000 /dev/zero > big && echo written", fault.Corrupt, "exit status"},
		{"its own failure", "echo no such picture >&2; exit 3", fault.Corrupt, `exit status 3, and says "no such picture"`},
	}
	for _, tt := range tests {
		begun := time.Now()
		_, err := run(t, t.Context(), small, "", "sh", "-c", tt.script)
		if !fault.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want one of kind %v that says %q", tt.name, err, tt.kind, tt.says)
		}
		if time.Since(begun) > 15*time.Second {
			t.Errorf("%s: it went on", tt.name)
		}
	}
}

func TestProcessorTimeAndMemory(t *testing.T) {
	l := limits()
	l.CPU = time.Second
	if _, err := run(t, t.Context(), l, "", "sh", "-c", "while :; do :; done"); !fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), "processor time") {
		t.Errorf("an endless loop: %v", err)
	}
	l = limits()
	l.Memory = 64 << 20
	if got, err := run(t, t.Context(), l, "", "sh", "-c", `x=$(head -c 300000000 /dev/zero | tr '\0' a); echo ${#x}`); err == nil {
		t.Errorf("300 MB within 64 MiB: %q", got)
	}
}

// It has no network, sees no other process, has a folder of its own that is gone afterwards, and none of
// the caller's environment.
func TestItIsAlone(t *testing.T) {
	t.Setenv("SURAAG_SECRET", "x")
	got, err := run(t, t.Context(), limits(), "", "sh", "-c", "cat /proc/net/route | wc -l; echo $$; env | grep -c SECRET; pwd; touch mine && ls")
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(got)
	if len(f) != 5 || f[0] > "1" || f[1] != "1" || f[2] != "0" || f[4] != "mine" {
		t.Errorf("it says %q, want no route, process 1, no secret, an empty folder", got)
	}
	if _, err := os.Stat(f[3]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder %s is left: %v", f[3], err)
	}
}

func TestCallersEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := run(t, ctx, limits(), "", "sleep", "30"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("context ended: %v", err)
	}
	stop := fmt.Errorf("enough")
	err := program(t, "yes").Run(t.Context(), nil, strings.NewReader(""), 0, limits(), func(io.Reader) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("the reader stopped: %v", err)
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	if _, err := confine.Find("no-such-program"); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("%v", err)
	}
	if err := (confine.Program{}).Run(t.Context(), nil, strings.NewReader(""), 0, limits(), nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	if err := program(t, "cat").Run(t.Context(), nil, strings.NewReader(""), 0, confine.Limits{}, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
