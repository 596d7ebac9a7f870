package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"suraag/fault"
	"suraag/flow"
	"suraag/match"
)

// peerSettings are the ways of FAISS to search binary codes exactly, and how many of
// each turn's questions they are given: slow ones fewer.
var peerSettings = []struct {
	name, means string
	ofTurn      int
}{
	{"multi-16x16-f1", "FAISS MultiHash 16×16, 1 flip (as Hasher-Matcher-Actioner sets it)", 10},
	{"multi-11x23-f2", "FAISS MultiHash 11×23, 2 flips (its best exact setting)", 10},
	{"flat", "FAISS Flat", 1},
}

// peer is a program that answers the same questions: see bench/faiss.cpp for what it reads and
// prints.
type peer struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
	times map[string][]time.Duration
}

// startPeer hands the codes and questions over in files and waits until the peer's indexes
// are built.
func (b *bench) startPeer(questions []match.Code, at func(int) (uint64, match.Code)) (*peer, error) {
	codes, asked := filepath.Join(b.dir, "codes"), filepath.Join(b.dir, "questions")
	if err := writeCodes(codes, b.cmd.Codes, at); err != nil {
		return nil, err
	}
	if err := writeCodes(asked, len(questions), func(i int) (uint64, match.Code) { return 0, questions[i] }); err != nil {
		return nil, err
	}
	args := []string{codes, asked, strconv.Itoa(flow.DefaultPolicy().PDQDistance)}
	for _, s := range peerSettings {
		args = append(args, s.name)
	}
	p := &peer{cmd: exec.CommandContext(b.ctx, b.cmd.Peer, args...), times: map[string][]time.Duration{}}
	p.cmd.Stderr = b.err
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fault.Newf(fault.Unavailable, "peer %q: %w", b.cmd.Peer, err)
	}
	for _, s := range peerSettings {
		var name string
		var seconds float64
		var bytes int64
		if err := p.read("ready %s %g %d", &name, &seconds, &bytes); err != nil {
			p.stop()
			return nil, err
		}
		b.found("search", "s", seconds, "%s: %d codes added", s.means, b.cmd.Codes)
		b.found("search", "bytes", float64(bytes)/float64(b.cmd.Codes), "%s: memory of each code", s.means)
	}
	return p, nil
}

func writeCodes(name string, n int, at func(int) (uint64, match.Code)) error {
	f, err := os.Create(name)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, megabyte)
	for i := range n {
		_, c := at(i)
		w.Write(c[:])
	}
	if err := w.Flush(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return nil
}

// read takes one line from the peer.
func (p *peer) read(format string, to ...any) error {
	if !p.out.Scan() {
		return fault.Newf(fault.Unavailable, "the peer ended early: %v", p.out.Err())
	}
	if _, err := fmt.Sscanf(p.out.Text(), format, to...); err != nil {
		return fault.Newf(fault.Invalid, "the peer said %q: %w", p.out.Text(), err)
	}
	return nil
}

// turn asks the peer some of the questions that we were just asked, in each setting, and
// compares how many codes it finds with what we found.
func (p *peer) turn(from int, hits []int) error {
	for _, s := range peerSettings {
		n := min(s.ofTurn, len(hits))
		if _, err := fmt.Fprintln(p.in, s.name, from, n); err != nil {
			return fault.As(fault.Unavailable, err)
		}
		for i := range n {
			var took int64
			var found int
			if err := p.read("%d %d", &took, &found); err != nil {
				return err
			}
			if min(found, mostHits) != hits[i] {
				return fault.Newf(fault.Internal, "question %d: we find %d codes, %s finds %d", from+i, hits[i], s.means, found)
			}
			p.times[s.name] = append(p.times[s.name], time.Duration(took))
		}
	}
	return nil
}

// tell reports the peer's times and how many times ours they are.
func (p *peer) tell(b *bench, ours time.Duration) {
	for _, s := range peerSettings {
		middle := b.microspread("search", s.means, p.times[s.name])
		b.found("search", "×", float64(middle)/float64(ours), "%s, times as long as ours", s.means)
	}
}

// stop ends the peer, which ends when there is nothing more to read.
func (p *peer) stop() {
	p.in.Close()
	_ = p.cmd.Wait()
}
