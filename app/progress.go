package app

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// progress tells on a terminal how far a long task is. It stays silent for the
// first second and where nobody watches.
type progress struct {
	to      io.Writer
	shown   bool
	started time.Time
	last    time.Time
}

func newProgress(to io.Writer) *progress {
	f, is := to.(*os.File)
	if !is || !isatty.IsTerminal(f.Fd()) {
		to = nil
	}
	return &progress{to: to, started: time.Now()}
}

func (p *progress) say(words func() string) {
	now := time.Now()
	if p.to == nil || now.Sub(p.started) < time.Second || now.Sub(p.last) < 250*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.to, "\r%-70s", words()+fmt.Sprintf(" (%s)", now.Sub(p.started).Round(time.Second)))
}

func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.to, "\r"+strings.Repeat(" ", 78)+"\r")
	}
}
