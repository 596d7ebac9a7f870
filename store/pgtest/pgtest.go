// Package pgtest starts a PostgreSQL server of its own for tests.
//
// Takes nothing. Gives the address of an empty database on a server that ends
// with the test. Never touches a server that was running before.
//
// The gate sets SURAAG_REQUIRE to hold "postgres", after it has installed the
// server; then a missing server is a failure. Without it the test is skipped and
// says so.
package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is one running server.
type Server struct {
	port int
	mu   sync.Mutex
	n    int
	bin  string
}

// Start starts a server, or skips the test where none is installed.
func Start(t *testing.T) *Server {
	t.Helper()
	bin := binaries()
	if bin == "" {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), "postgres") {
			t.Fatal("PostgreSQL is required here and not installed")
		}
		t.Skip("PostgreSQL is not installed; `make test` installs it")
	}
	dir, err := os.MkdirTemp("", "suraag-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cred := unprivileged(t, dir)
	s := &Server{port: freePort(t), bin: bin}
	data := filepath.Join(dir, "data")
	run(t, cred, filepath.Join(bin, "initdb"), append([]string{"-D", data, "-U", "suraag", "-A", "trust", "-N", "-E", "UTF8", "--no-instructions"}, alphabet(bin)...)...)
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+dir, "-c", "max_connections=100", "-c", "shared_buffers=64MB",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off") // a test's record need not outlive a power cut
	server.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGQUIT)
		server.Wait()
		log.Close()
	})
	s.wait(t, filepath.Join(dir, "log"))
	return s
}

// New gives the address of an empty database.
func (s *Server) New(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	s.n++
	name := fmt.Sprintf("t%d", s.n)
	s.mu.Unlock()
	run(t, nil, filepath.Join(s.bin, "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-U", "suraag", name)
	return fmt.Sprintf("postgres://suraag@127.0.0.1:%d/%s?sslmode=disable", s.port, name)
}

// alphabet has words ordered as a dictionary does, where the server can: a store
// that leaves the order of words to the database shows itself.
func alphabet(bin string) []string {
	major, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil || major < 15 {
		return nil
	}
	return []string{"--locale-provider=icu", "--icu-locale=en"}
}

// binaries finds the newest server that Debian's packages or the PATH have.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Strings(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// unprivileged gives the account to run as: PostgreSQL refuses to run as root.
func unprivileged(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatal("running as root, and there is no account postgres or nobody to run PostgreSQL as")
	return nil
}

func run(t *testing.T, cred *syscall.Credential, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	c.Dir = os.TempDir()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Server) wait(t *testing.T, log string) {
	t.Helper()
	for range 300 {
		out, err := exec.Command(filepath.Join(s.bin, "pg_isready"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)).CombinedOutput()
		if err == nil {
			return
		}
		_ = out
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	t.Fatalf("PostgreSQL did not start:\n%s", text)
}
