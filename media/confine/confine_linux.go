package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"suraag/fault"
)

// Find looks for a program where the system keeps programs. A folder named by PATH
// alone, which anyone may have put there, is not searched.
func Find(name string) (Program, error) {
	for _, dir := range []string{"/usr/bin/", "/bin/", "/usr/local/bin/"} {
		if info, err := os.Stat(dir + name); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return Program{path: dir + name}, nil
		}
	}
	return Program{}, fault.Newf(fault.Unavailable, "%s is not installed", name)
}

// prlimit, of util-linux, sets the bounds of a process before the program in it begins.
const prlimit = "/usr/bin/prlimit"

func (p Program) run(ctx context.Context, args []string, r io.ReaderAt, size int64, limits Limits, folder string, use func(io.Reader) error) error {
	in, err := input(r, size)
	if err != nil {
		return err
	}
	defer in.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Wall, errWall)
	defer cancel()
	cmd := exec.CommandContext(ctx, prlimit, append([]string{
		fmt.Sprintf("--as=%d", limits.Memory), fmt.Sprintf("--cpu=%d", int64(limits.CPU/time.Second)),
		fmt.Sprintf("--fsize=%d", limits.Output), "--core=0", "--nofile=64", "--", p.path}, args...)...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + folder, "TMPDIR=" + folder, "LANG=C.UTF-8", "VIPS_CONCURRENCY=1", "VIPS_WARNING=0"}
	cmd.ExtraFiles = []*os.File{in}
	cmd.SysProcAttr = apart()
	// The first process of its own process namespace: when it is killed, all that it started is.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	words := &tail{}
	cmd.Stderr = words
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if err := cmd.Start(); err != nil && ctx.Err() != nil {
		return p.verdict(ctx, limits, &bounded{}, nil, err, words)
	} else if err != nil {
		return fault.Newf(fault.Unavailable, "%s is not run, because this system does not let it be cut off from the network and from other processes: %w", p.path, err)
	}
	bounded := &bounded{r: out, left: limits.Output}
	used := use(bounded)
	if used != nil || bounded.passed {
		cancel()
	}
	_, _ = io.Copy(io.Discard, out) // let it end; nothing comes any more once it is killed
	ended := cmd.Wait()
	return p.verdict(ctx, limits, bounded, used, ended, words)
}

var errWall = errors.New("wall time")

// verdict says what ended the run, the surest reason first.
func (p Program) verdict(ctx context.Context, limits Limits, out *bounded, used, ended error, words *tail) error {
	var exit *exec.ExitError
	switch {
	case errors.Is(context.Cause(ctx), errWall):
		return fault.Newf(fault.TooLarge, "%s: not done within %s, the limit", p.path, limits.Wall)
	case out.passed:
		return fault.Newf(fault.TooLarge, "%s: writes more than %d bytes, the limit", p.path, limits.Output)
	case used == nil && ended != nil && ctx.Err() != nil:
		return fault.Newf(fault.Unavailable, "%s: stopped: %w", p.path, context.Cause(ctx))
	case ctx.Err() == nil && errors.As(ended, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		// The kernel's way to end the first process of a namespace; a lack of memory ends a program by its own words.
		return fault.Newf(fault.TooLarge, "%s: not done within %s of processor time, the limit", p.path, limits.CPU)
	case used != nil:
		if said := words.String(); said != "" && ctx.Err() != nil {
			return fault.Wrapf(used, "%s (it says %q)", p.path, said)
		}
		return fault.Wrapf(used, "%s", p.path)
	case ended != nil:
		return fault.Newf(fault.Corrupt, "%s: %w, and says %q", p.path, ended, words)
	}
	return nil
}

// apart puts the process into namespaces of its own: users (so that no privilege is needed for the others and
// none is left), network (an empty one, without even a loopback that is up), processes and mounts, and
// the messages that processes of one system exchange.
func apart() *syscall.SysProcAttr {
	me := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
	}
	return &syscall.SysProcAttr{
		Setpgid:     true,
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNS,
		UidMappings: me(os.Getuid()), GidMappings: me(os.Getgid()),
	}
}

// input gives the file to read from. One that lies on disk is opened again for reading; anything else is
// put into memory, so that content never lands on a disk by our hand.
func input(r io.ReaderAt, size int64) (*os.File, error) {
	if f, ok := r.(*os.File); ok {
		again, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
		if err == nil {
			if info, err := again.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == size {
				return again, nil
			}
			again.Close()
		}
	}
	fd, err := unix.MemfdCreate("suraag", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	f := os.NewFile(uintptr(fd), "suraag")
	if n, err := io.Copy(f, io.NewSectionReader(r, 0, size)); err != nil || n != size {
		f.Close()
		return nil, fault.Newf(fault.Unavailable, "reading stopped at byte %d of %d: %w", n, size, err)
	}
	return f, nil
}

// bounded stops at the limit and remembers that there was more.
type bounded struct {
	r      io.Reader
	left   int64
	passed bool
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		if n, err := b.r.Read(p[:min(1, len(p))]); n == 0 {
			return 0, err
		}
		b.passed = true
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// tail keeps the beginning of what a program says; the rest is dropped.
type tail struct{ b bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	const most = 400
	if room := most - t.b.Len(); room > 0 {
		t.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *tail) String() string {
	return strings.ToValidUTF8(strings.Join(strings.Fields(t.b.String()), " "), "?")
}
