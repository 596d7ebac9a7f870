package app

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/stamp"
	"suraag/custody/tlog"
	"suraag/fault"
)

type logCmd struct {
	Status    logStatus    `cmd:"" help:"How long the log is, who witnessed it, and what waits."`
	Show      logShow      `cmd:"" help:"Show what was done."`
	Prove     logProve     `cmd:"" help:"Everything that shows offline that an entry stood in the log."`
	Configure logConfigure `cmd:"" help:"Name the log's witnesses and its time-stamping authority."`
	Mend      logMend      `cmd:"" help:"Go on with a log that is refused, after a copy was put back."`
	Erase     logErase     `cmd:"" help:"Remove the words of an entry. Its leaf stays, and the removal is logged."`
}

type logStatus struct{}

// Help is the long help of the command.
func (logStatus) Help() string {
	return "Shows the log's name and key, how many entries it has, its last checkpoint with cosignatures and time stamp, what waits outside, and what each witness says now.\n\nExample:\n  suraag log status\n\n" + exitCodes
}

// LogState is what there is to say of the custody log.
type LogState struct {
	Key        string              `json:"key"`
	Tiles      string              `json:"tiles"`   // folder for readers of C2SP tlog-tiles
	Entries    int64               `json:"entries"` // that have a place
	Waiting    int64               `json:"waiting"` // that have none yet
	Published  int64               `json:"published"`
	At         time.Time           `json:"published_at,omitzero"`
	Checkpoint string              `json:"checkpoint,omitempty"`
	Cosigned   []proof.Cosignature `json:"cosigned"`
	Stamped    time.Time           `json:"stamped_checkpoint_at,omitzero"` // recorded time of the newest checkpoint with a time stamp
	Witnesses  []tlog.Answer       `json:"witnesses"`
	Problem    string              `json:"problem,omitempty"`
}

func (logStatus) Run(s *stage) error {
	h, err := s.openAnyhow(false)
	if err != nil {
		return err
	}
	defer h.db.Close()
	state, err := h.logState(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		err = s.print(state)
	} else {
		s.printLogState(state)
	}
	if err == nil && state.Problem != "" {
		err = tlog.Check(s.ctx, h.logDir(), h.db)
	}
	return err
}

func (h *house) logState(ctx context.Context) (LogState, error) {
	state := LogState{Tiles: tlog.TilesOf(h.logDir()).Dir(), Cosigned: []proof.Cosignature{}, Witnesses: []tlog.Answer{}}
	var err error
	if state.Entries, err = h.db.PlacedEntries(ctx); err != nil {
		return state, err
	}
	if state.Waiting, err = h.db.WaitingEntries(ctx); err != nil {
		return state, err
	}
	if state.Stamped, err = h.db.LastStamp(ctx); err != nil {
		return state, err
	}
	last, err := h.db.LastCheckpoint(ctx)
	if err != nil {
		return state, err
	}
	state.Published, state.At, state.Checkpoint = last.Size, last.At, last.Note
	if err := tlog.Check(ctx, h.logDir(), h.db); err != nil {
		state.Problem = err.Error()
	}
	key, err := tlog.KeyOf(h.logDir())
	if err != nil {
		return state, nil // not begun, or what Check said of it
	}
	state.Key = key.Public
	return state, h.witnessState(ctx, &state)
}

// witnessState asks the witnesses of the policy.
func (h *house) witnessState(ctx context.Context, state *LogState) error {
	settings, err := h.logSettings()
	if err != nil {
		return err
	}
	policy, err := proof.ParsePolicy(settings.Witnesses)
	if err != nil || !policy.Need() {
		return err
	}
	if state.Checkpoint != "" {
		if got, err := policy.Cosigned([]byte(state.Checkpoint)); err == nil {
			state.Cosigned = got
		}
	}
	answers, err := tlog.Ask(ctx, h.logDir(), policy, &http.Client{Timeout: 5 * time.Second})
	if state.Witnesses = list(answers); err != nil && state.Problem == "" {
		state.Problem = err.Error()
	}
	return nil
}

func (s *stage) printLogState(x LogState) {
	w := &teller{out: s.out}
	if x.Key == "" {
		w.say("The custody log has not begun.")
	} else {
		w.say("Custody log %s", x.Key)
	}
	w.say("  entries    %d, and %d that wait for a place", x.Entries, x.Waiting)
	if x.Published > 0 {
		w.say("  published  checkpoint of size %d, %s", x.Published, x.At.Format("2 January 2006 15:04:05 MST"))
	}
	for _, c := range x.Cosigned {
		w.say("  cosigned   by %s at %s", c.Witness, c.At.Format("2 January 2006 15:04:05 MST"))
	}
	if !x.Stamped.IsZero() {
		w.say("  stamped    the checkpoint of %s", x.Stamped.Format("2 January 2006 15:04:05 MST"))
	}
	for _, a := range x.Witnesses {
		w.say("  witness    %s: %s", a.URL, a.Said)
	}
	w.say("  tiles      %s", x.Tiles)
	if n := x.Entries - x.Published; n > 0 {
		w.say("No published checkpoint commits to the last %d of them yet.", n)
	}
}

type logShow struct {
	Entry string `arg:"" optional:"" help:"Place of one entry, to see all its words."`
	About string `help:"Only entries about this: a source, lead, list, person …" placeholder:"SUBJECT"`
	Last  int    `help:"How many of the newest; 0 shows all." default:"50"`
}

// Help is the long help of the command.
func (logShow) Help() string {
	return "Shows what was done: place in the log, time, kind, what it was done to, by whom. With a place it shows the whole record.\n\nExamples:\n  suraag log show --last 10\n  suraag log show 17\n\n" + exitCodes
}

// LogEntry is an entry as it is shown.
type LogEntry struct {
	Place   int64           `json:"place"` // -1: it waits
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	By      string          `json:"by"`
	Erased  bool            `json:"erased,omitempty"`
	Leaf    string          `json:"leaf"`
	Record  json.RawMessage `json:"record,omitempty"`
}

func shownEntry(l custody.Logged, whole bool) LogEntry {
	x := LogEntry{Place: l.Place, At: l.At, Kind: l.Kind, Subject: l.Subject, By: l.By, Erased: l.IsErased(), Leaf: hex.EncodeToString(l.Leaf)}
	if e, err := custody.Parse(l.Canonical); whole && err == nil {
		x.Record = e.Record
	}
	return x
}

func (c *logShow) Run(s *stage) error {
	h, err := s.openAnyhow(false)
	if err != nil {
		return err
	}
	defer h.db.Close()
	if c.Entry != "" {
		return s.showEntry(h, c.Entry)
	}
	var found []custody.Logged
	if c.About != "" {
		found, err = h.db.EntriesAbout(s.ctx, c.About)
	} else {
		found, err = h.db.LastEntries(s.ctx, c.Last)
	}
	if err != nil {
		return err
	}
	entries := []LogEntry{}
	for _, l := range found {
		entries = append(entries, shownEntry(l, s.cli.JSON))
	}
	if s.cli.JSON {
		return s.print(entries)
	}
	t := s.table("place", "time (UTC)", "kind", "about", "by")
	for _, x := range entries {
		place, about := fmt.Sprint(x.Place), x.Subject
		if x.Place < 0 {
			place = "waits"
		}
		if len(about) == 64 || len(about) == 32 {
			about = about[:12]
		}
		if x.Erased {
			about = "(erased)"
		}
		t.AppendRow([]any{place, x.At.Format("2 Jan 2006 15:04:05"), x.Kind, about, x.By})
	}
	t.Render()
	return nil
}

func (s *stage) showEntry(h *house, place string) error {
	n, err := placeOf(place)
	if err != nil {
		return err
	}
	l, err := h.db.EntryAt(s.ctx, n)
	if err != nil {
		return err
	}
	return s.print(shownEntry(l, true))
}

func placeOf(text string) (int64, error) {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || n < 0 || fmt.Sprint(n) != text {
		return 0, fault.WithHint(fault.Newf(fault.Invalid, "%q is no place in the log", text), "see suraag log show")
	}
	return n, nil
}

type logProve struct {
	Entry string `arg:"" help:"Place of the entry."`
}

// Help is the long help of the command.
func (logProve) Help() string {
	return `Prints, as JSON, everything that shows without this machine that an entry stood in the log when a checkpoint was signed: the record, the salt, the leaf, the hashes up to the root, the signed checkpoint with its cosignatures, the log's key, the policy, and the time stamp. It is checked before it is printed.

Example:
  suraag log prove 17 > entry-17.json

` + exitCodes
}

func (c *logProve) Run(s *stage) error {
	h, err := s.openAnyhow(false)
	if err != nil {
		return err
	}
	defer h.db.Close()
	n, err := placeOf(c.Entry)
	if err != nil {
		return err
	}
	e, err := h.evidence(s.ctx, n)
	if err != nil {
		return err
	}
	if _, _, err := e.Verify(); err != nil {
		return err
	}
	return s.print(e)
}

type logConfigure struct {
	Name      string        `help:"The log's name in every checkpoint; only before it has begun." placeholder:"NAME"`
	Witnesses string        `help:"File with the witness policy; none takes it away." placeholder:"FILE"`
	Timestamp string        `help:"Address of a time-stamping authority (RFC 3161); none takes it away." placeholder:"URL"`
	Roots     string        `help:"File with the authority's root certificates, PEM." placeholder:"FILE"`
	Every     time.Duration `help:"Between two time stamps." default:"1h"`
}

// Help is the long help of the command.
func (logConfigure) Help() string {
	return `Names the witnesses that have to cosign a checkpoint before it is published, and the authority that time-stamps checkpoints. The change is logged. A process that is running takes it over by itself.

A policy is a text file:
  witness court COURT-KEY https://witness.court.example/
  witness ngo NGO-KEY https://witness.ngo.example/
  witness uni UNI-KEY https://witness.uni.example/
  group two 2 court ngo uni
  quorum two

Example:
  suraag log configure --witnesses policy.txt --timestamp https://tsa.example/ --roots tsa-root.pem

` + exitCodes
}

func (c *logConfigure) Run(s *stage) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	settings, err := c.settings(h)
	if err != nil {
		return err
	}
	key, err := h.begunLog(s.ctx, c.Name)
	if err != nil {
		return err
	}
	if err := h.logConfigured(s.ctx, key, s.by(), settings); err != nil {
		return err
	}
	if err := tlog.Keep(filepath.Join(h.logDir(), settingsFile), []byte(settings.text())); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "Give this key to everybody who is to verify or witness the log:")
	fmt.Fprintln(s.out, key)
	return nil
}

// settings are the old ones with what was given.
func (c *logConfigure) settings(h *house) (logSettings, error) {
	out, err := h.logSettings()
	if err != nil {
		return out, err
	}
	for _, f := range []struct {
		given string
		into  *string
		file  bool
	}{{c.Witnesses, &out.Witnesses, true}, {c.Timestamp, &out.Timestamp, false}, {c.Roots, &out.Roots, true}} {
		switch {
		case f.given == "":
		case f.given == "none":
			*f.into = ""
		case f.file:
			text, err := os.ReadFile(f.given)
			if err != nil {
				return out, fault.Newf(fault.NotFound, "file %q: %w", f.given, err)
			}
			*f.into = string(text)
		default:
			*f.into = f.given
		}
	}
	if c.Every < time.Minute {
		return out, fault.Newf(fault.Invalid, "time stamps every %s are more often than every minute", c.Every)
	}
	out.Every = duration(c.Every)
	if _, err := proof.ParsePolicy(out.Witnesses); err != nil {
		return out, err
	}
	if out.Timestamp != "" {
		if !strings.HasPrefix(out.Timestamp, "https://") && !strings.HasPrefix(out.Timestamp, "http://") {
			return out, fault.Newf(fault.Invalid, "time-stamping authority %q is no http or https address", out.Timestamp)
		}
		if _, err := stamp.Roots(out.Roots); err != nil {
			return out, err
		}
	}
	return out, nil
}

type logErase struct {
	Entry     string `arg:"" help:"Place of the entry."`
	Authority string `required:"" help:"Order or law under which it is erased." placeholder:"WORDS"`
	Reason    string `required:"" help:"Why." placeholder:"WORDS"`
}

// Help is the long help of the command.
func (logErase) Help() string {
	return `Removes the words of an entry and its salt, so that nobody can find out any more what it said. Its leaf stays in the log, so that every other entry can still be proven, and who erased it, when, why and under which authority is logged. It cannot be undone.

Example:
  suraag log erase 17 --authority "Order 3/2026 of the Sessions Court" --reason "acquitted"

` + exitCodes
}

func (c *logErase) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	n, err := placeOf(c.Entry)
	if err != nil {
		return err
	}
	l, err := h.db.EntryAt(s.ctx, n)
	if err != nil {
		return err
	}
	if l.Kind == custody.Erased || l.IsErased() {
		return fault.Newf(fault.Conflict, "entry %d is erased, or is itself the record of an erasure", n)
	}
	e, err := custody.Saying(custody.Erased, hex.EncodeToString(l.Leaf), s.by(), h.Now(), struct {
		Place     int64  `json:"place"`
		Kind      string `json:"kind"`
		Authority string `json:"authority"`
		Reason    string `json:"reason"`
	}{n, l.Kind, c.Authority, c.Reason})
	if err != nil {
		return err
	}
	err = h.db.InTx(s.ctx, func(tx *sql.Tx) error {
		if err := h.db.EraseEntry(s.ctx, tx, n); err != nil {
			return err
		}
		return h.db.Log(s.ctx, tx, e)
	})
	if err == nil {
		fmt.Fprintf(s.out, "The words of entry %d are gone; its leaf stays.\n", n)
	}
	return err
}
