package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"syscall"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/flow"
)

type verifyCmd struct {
	Bundle     string `help:"Check a bundle instead, without any record." placeholder:"FILE.zip"`
	LogKey     string `help:"Of a bundle: the verifier key of the unit's custody log, as you know it." placeholder:"KEY"`
	Witnesses  string `help:"Of a bundle: file with the policy that says whose cosignatures you ask for." placeholder:"FILE"`
	StampRoots string `help:"Of a bundle: PEM file with the root certificates of time-stamping authorities that you trust." placeholder:"FILE"`
	Content    bool   `help:"Also decrypt every item of the vault with the unit's key, and compare its content with what was put in."`
	Watch      bool   `help:"Go on for ever, round after round, and tell what differs when it does."`
	Share      int    `help:"With --watch: how much of one core it may take, in percent." default:"10"`
}

// Help is the long help of the command.
func (verifyCmd) Help() string {
	return `Derives everything again from the sealed originals and compares: the hash of each original, each record with what its original states, what records are found by, bad rows, lists, address data, leads; what was handed in, read, imported and weighed with what the custody log says of it; and the log itself: every file, every leaf, every checkpoint with its signatures, cosignatures and time stamp. Names each thing that differs, and since when at the earliest. That it ran is logged. With --bundle it checks a bundle that suraag export wrote, on any machine, with no database and no network.

While a worker reads or weighs, what is half done may differ: --watch tells a difference only if it is still there in the next round.

Examples:
  suraag verify
  suraag verify --content
  suraag verify --watch --share 5
  suraag verify --bundle lead.zip

` + exitCodes + " A difference ends with 7."
}

func (c *verifyCmd) Run(s *stage) error {
	if c.Bundle != "" {
		return c.verifyBundle(s)
	}
	if c.Share < 1 || c.Share > 100 {
		return fault.Newf(fault.Invalid, "share %d is not between 1 and 100 percent", c.Share)
	}
	h, err := s.openAnyhow(false)
	if err != nil {
		return err
	}
	defer h.db.Close()
	if c.Watch {
		return s.keepVerifying(h, c.Share)
	}
	p := newProgress(s.err)
	v, err := h.verify(s.ctx, func(done, all int) {
		p.say(func() string { return fmt.Sprintf("checked %d of %d originals", done, all) })
	})
	p.done()
	if err == nil && c.Content {
		err = h.checkContent(s.ctx, &v)
	}
	if err == nil {
		err = h.verified(s.ctx, s.by(), v)
	}
	if err != nil {
		return err
	}
	if s.cli.JSON {
		if err := s.print(v); err != nil {
			return err
		}
	} else {
		s.printVerified(v)
	}
	if n := len(v.Differences); n > 0 {
		return fault.WithHint(fault.Newf(fault.Corrupt, "%s between what is kept and what it follows from", counted(n, "difference")), "keep the folder and the database as they are and have them examined")
	}
	if !s.cli.JSON {
		fmt.Fprintln(s.out, "Everything is as it was sealed, read and logged.")
	}
	return nil
}

// verify checks the record and then the log, and says since when at the earliest
// each difference can have been there.
func (h *house) verify(ctx context.Context, progress func(done, all int)) (flow.Verified, error) {
	v, err := h.Verify(ctx, progress)
	if err == nil {
		err = h.checkLog(ctx, &v)
	}
	if err == nil {
		err = h.checkUnitKey(ctx, &v)
	}
	if err == nil {
		err = h.checkDrafts(&v)
	}
	if err != nil || len(v.Differences) == 0 {
		return v, err
	}
	clean, place, err := h.lastClean(ctx)
	if err != nil {
		return v, err
	}
	held, err := h.db.Checkpoints(ctx)
	if err != nil {
		return v, err
	}
	for n := range v.Differences {
		d := &v.Differences[n]
		committed := func(c custody.Checkpoint) bool { return !d.Since.IsZero() && !c.At.Before(d.Since) }
		if d.Since.Before(clean) {
			d.Since, committed = clean, func(c custody.Checkpoint) bool { return c.Size > place }
		}
		if at := slices.IndexFunc(held, committed); at >= 0 {
			d.Size = held[at].Size
		}
	}
	return v, nil
}

// outcome is what the log says of a verification.
type outcome struct {
	Originals   int64 `json:"originals"`
	Records     int64 `json:"records"`
	Entries     int64 `json:"log_entries"`
	Differences int   `json:"differences"`
}

// theRecord is the subject of entries that speak of all that is kept.
const theRecord = "record"

func (h *house) verified(ctx context.Context, by string, v flow.Verified) error {
	err := h.note(ctx, custody.Verified, theRecord, by, outcome{v.Originals, v.Records, v.Entries, len(v.Differences)})
	if err != nil || len(v.Differences) > 0 {
		return err // a log that differs may be one that is refused; the entry waits
	}
	return h.settleLog(ctx)
}

// lastClean gives when a verification last found nothing, and where the log says so.
func (h *house) lastClean(ctx context.Context) (at time.Time, place int64, err error) {
	entries, err := h.db.EntriesAbout(ctx, theRecord)
	if err != nil {
		return at, 0, err
	}
	for _, l := range slices.Backward(entries) {
		var found outcome
		e, err := custody.Parse(l.Canonical)
		if err == nil && l.Kind == custody.Verified && l.Check() == "" && json.Unmarshal(e.Record, &found) == nil && found.Differences == 0 {
			return l.At, l.Place, nil
		}
	}
	return at, 0, nil
}

func (s *stage) printVerified(v flow.Verified) {
	fmt.Fprintf(s.out, "%d originals hashed, %d records compared with them", v.Originals, v.Records)
	if v.Older > 0 {
		fmt.Fprintf(s.out, " (%d by an older reader: hand the file in again to read it anew)", v.Older)
	}
	fmt.Fprintf(s.out, "; %s weighed again; %d entries of the custody log proven.\n", counted(int(v.Leads), "lead"), v.Entries)
	if v.Vault > 0 {
		fmt.Fprintf(s.out, "%s of the vault compared, and what is stored of each hashed.\n", counted(int(v.Vault), "item"))
	}
	if v.Unlogged > 0 {
		fmt.Fprintf(s.out, "%s sealed before the custody log began; nothing is logged of them to compare.\n", counted(int(v.Unlogged), "source"))
	}
	if v.Lost > 0 {
		fmt.Fprintf(s.out, "Log entries whose words were lost with a database that was put back, as the log says: %d.\n", v.Lost)
	}
	if v.UnloggedRows > 0 {
		fmt.Fprintf(s.out, "%s of people, cases and the like older than the log's word on them; they are what they were then.\n", counted(int(v.UnloggedRows), "row"))
	}
	for _, draft := range v.Abandoned {
		fmt.Fprintf(s.out, "Left of a hand-in that was cut off, which nobody writes any more: %s. The next suraag intake, serve or worker removes it, and the log says so.\n", draft)
	}
	for _, d := range v.Differences {
		fmt.Fprintln(s.out, words(d))
	}
}

// words tells a difference in one line.
func words(d flow.Difference) string {
	where := "source " + d.Source
	if d.Table != "" {
		where = d.Table
	}
	if d.Record != "" {
		where += " " + d.Record
	}
	line := fmt.Sprintf("DIFFERS  %s: %s", where, d.What)
	if d.Size > 0 {
		line += fmt.Sprintf(" (changed after %s, checkpoint of size %d)", d.Since.Format("2 January 2006 15:04:05 MST"), d.Size)
	}
	return line
}

// betweenRounds is how often a clean round is logged at most.
const betweenRounds = time.Hour

// keepVerifying tells a difference when it is there in two rounds on end, once.
func (s *stage) keepVerifying(h *house, share int) error {
	pace := &pace{share: float64(share) / 100, began: time.Now(), cpu: cpuTime()}
	before, told := map[string]bool{}, map[string]bool{}
	var logged time.Time
	for {
		v, err := h.verify(s.ctx, func(int, int) { pace.hold(s.ctx) })
		if err != nil {
			return err
		}
		now := map[string]bool{}
		for _, d := range v.Differences {
			line := words(d)
			if now[line] = true; before[line] && !told[line] {
				told[line] = true
				fmt.Fprintln(s.out, line)
			}
		}
		if before = now; h.Now().Sub(logged) >= betweenRounds || len(v.Differences) > 0 && logged.IsZero() {
			logged = h.Now()
			if err := h.verified(s.ctx, s.by(), v); err != nil {
				return err
			}
		}
		pace.rest(s.ctx)
		if err := s.ctx.Err(); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
}

// pace keeps a process within its share of one core.
type pace struct {
	share float64
	began time.Time
	cpu   time.Duration
}

// hold waits until what was used since the beginning is within the share.
func (p *pace) hold(ctx context.Context) {
	used := cpuTime() - p.cpu
	if wait := time.Duration(float64(used)/p.share) - time.Since(p.began); wait > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// rest begins to count anew, so that time without work is not saved up for later,
// and lets a small record not be read over and over.
func (p *pace) rest(ctx context.Context) {
	p.hold(ctx)
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	p.began, p.cpu = time.Now(), cpuTime()
}

// cpuTime is what this process has used of all cores.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
