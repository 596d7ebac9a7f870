package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/stamp"
	"suraag/custody/tlog"
	"suraag/fault"
	"suraag/flow"
)

// logSettings are what a unit decides about its custody log. They are kept in the
// data folder, because a process that did not know them would publish what no
// witness saw; each change is logged.
type logSettings struct {
	Witnesses string   `json:"witnesses,omitempty"` // policy, see custody/proof
	Timestamp string   `json:"timestamp,omitempty"` // address of a time-stamping authority
	Roots     string   `json:"roots,omitempty"`     // its root certificates, PEM
	Every     duration `json:"every,omitempty"`     // between two time stamps
}

// duration is written as people say it: "1h0m0s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}

const settingsFile = "settings.json"

// logDir is the folder of the custody log.
func (h *house) logDir() string { return filepath.Join(h.dir, "custody") }

func (h *house) logSettings() (logSettings, error) {
	var out logSettings
	file := filepath.Join(h.logDir(), settingsFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fault.As(fault.Unavailable, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return out, fault.Newf(fault.Corrupt, "settings of the custody log in %q: %w", file, err)
	}
	return out, nil
}

// writeLog begins to write the custody log, unless another process does.
func (h *house) writeLog(ctx context.Context) (*tlog.Log, error) {
	name := make([]byte, 8)
	if _, err := rand.Read(name); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	return h.writeLogAs(ctx, "suraag-"+hex.EncodeToString(name))
}

// writeLogAs is writeLog, with the name of a log that begins.
func (h *house) writeLogAs(ctx context.Context, name string) (*tlog.Log, error) {
	settings, err := h.logSettings()
	if err != nil {
		return nil, err
	}
	policy, err := proof.ParsePolicy(settings.Witnesses)
	if err != nil {
		return nil, err
	}
	cfg := tlog.Config{Dir: h.logDir(), Ledger: h.db, Origin: name, Policy: policy, Now: h.Now}
	if policy.Need() {
		cfg.Beat = time.Second
	}
	l, err := tlog.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if l.Fresh() {
		if err := h.logConfigured(ctx, l.Key(), custody.Program, settings); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return l, nil
}

// begunLog gives the key of the log, which begins under the name if it has not
// begun. A log keeps the name under which it began.
func (h *house) begunLog(ctx context.Context, name string) (string, error) {
	key, err := tlog.KeyOf(h.logDir())
	if err == nil {
		if had, _, _ := strings.Cut(key.Public, "+"); name != "" && name != had {
			return "", fault.Newf(fault.Conflict, "the log has begun as %q and keeps this name", had)
		}
		return key.Public, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	open := h.writeLog
	if name != "" {
		open = func(ctx context.Context) (*tlog.Log, error) { return h.writeLogAs(ctx, name) }
	}
	l, err := open(ctx)
	if err != nil {
		return "", err
	}
	return l.Key(), l.Close()
}

func (h *house) logConfigured(ctx context.Context, key, by string, s logSettings) error {
	record := struct {
		Key string `json:"key"`
		logSettings
	}{key, s}
	return h.note(ctx, custody.LogConfigured, "custody log", by, record)
}

// note logs what was done where no data changes with it.
func (h *house) note(ctx context.Context, kind custody.Kind, subject, by string, record any) error {
	e, err := custody.Saying(kind, subject, by, h.Now(), record)
	if err != nil {
		return err
	}
	return h.db.InTx(ctx, func(tx *sql.Tx) error { return h.db.Log(ctx, tx, e) })
}

// saw logs that someone is about to be shown something. What cannot be logged is
// not shown.
func (h *house) saw(ctx context.Context, subject, by string, shown any) error {
	doc, err := json.Marshal(shown)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	sum := sha256.Sum256(doc)
	return h.note(ctx, custody.View, subject, by, map[string]string{"shown_sha256": hex.EncodeToString(sum[:])})
}

func (h *house) sawTrace(ctx context.Context, by string, t casework.Trace) error {
	return h.saw(ctx, "trace "+t.Target.Asked, by, t)
}

// evidence gives what shows offline that the entry at a place stood in the log: by
// the earliest checkpoint over it that the witnesses of today's policy cosigned,
// of those the earliest with a time stamp. Where they cosigned none, because they
// were named later and nothing was logged since, the evidence names no policy.
func (h *house) evidence(ctx context.Context, place int64) (proof.Evidence, error) {
	e, err := h.db.EntryAt(ctx, place)
	if err != nil {
		return proof.Evidence{}, err
	}
	settings, err := h.logSettings()
	if err != nil {
		return proof.Evidence{}, err
	}
	policy, err := proof.ParsePolicy(settings.Witnesses)
	if err != nil {
		return proof.Evidence{}, err
	}
	key, err := tlog.KeyOf(h.logDir())
	if err != nil {
		return proof.Evidence{}, err
	}
	all, err := h.db.Checkpoints(ctx)
	if err != nil {
		return proof.Evidence{}, err
	}
	over := slices.DeleteFunc(all, func(c custody.Checkpoint) bool { return c.Size <= place })
	cosigned := slices.DeleteFunc(slices.Clone(over), func(c custody.Checkpoint) bool { _, err := policy.Cosigned([]byte(c.Note)); return err != nil })
	if len(cosigned) > 0 {
		over = cosigned
	} else {
		policy.Text = ""
	}
	if len(over) == 0 {
		err := fault.Newf(fault.NotFound, "no checkpoint commits to entry %d yet", place)
		return proof.Evidence{}, fault.WithHint(err, "see suraag log status")
	}
	best := over[0]
	if n := slices.IndexFunc(over, func(c custody.Checkpoint) bool { return len(c.Token) > 0 }); n >= 0 {
		best = over[n]
	}
	signedBy, err := key.Of([]byte(best.Note))
	if err != nil {
		return proof.Evidence{}, err
	}
	return tlog.TilesOf(h.logDir()).Prove(ctx, e, best, signedBy, policy.Text)
}

// How often the log is looked after, and how long an ending process waits for a
// checkpoint.
const (
	logBeat = 200 * time.Millisecond
	logWait = 3 * time.Second
)

// settleLog brings the custody log up to the record before a command ends. What
// is not published in time waits, and is taken along by the next.
func (h *house) settleLog(ctx context.Context) error {
	waiting, err := h.db.WaitingEntries(ctx)
	if err != nil {
		return err
	}
	placed, err := h.db.PlacedEntries(ctx)
	if err != nil {
		return err
	}
	last, err := h.db.LastCheckpoint(ctx)
	if err != nil || waiting == 0 && last.Size == placed {
		return err
	}
	l, err := h.writeLog(ctx)
	if tlog.IsBusy(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(h.bringUp(ctx, l), l.Close())
}

func (h *house) bringUp(ctx context.Context, l *tlog.Log) error {
	if _, err := l.Advance(ctx); err != nil {
		return err
	}
	if _, _, err := l.Await(ctx, logWait); err != nil {
		return err
	}
	return h.stamp(ctx)
}

// stamp has the latest checkpoint time-stamped, if it is time for it. Without an
// answer the checkpoint stands as it is, and the next one is tried.
func (h *house) stamp(ctx context.Context) error {
	settings, err := h.logSettings()
	if err != nil || settings.Timestamp == "" {
		return err
	}
	last, err := h.db.LastCheckpoint(ctx)
	if err != nil || last.Size == 0 || len(last.Token) > 0 {
		return err
	}
	before, err := h.db.LastStamp(ctx)
	if err != nil || last.At.Sub(before) < time.Duration(settings.Every) {
		return err
	}
	return h.stampOne(ctx, settings, last)
}

// stampOne has one checkpoint time-stamped.
func (h *house) stampOne(ctx context.Context, settings logSettings, last custody.Checkpoint) error {
	roots, err := stamp.Roots(settings.Roots)
	if err != nil {
		return err
	}
	token, stamped, err := stamp.Ask(ctx, &http.Client{Timeout: stampWait}, settings.Timestamp, []byte(last.Note), roots)
	if err != nil {
		return fault.Wrapf(err, "time stamp of the checkpoint of size %d", last.Size)
	}
	sum := sha256.Sum256(token)
	e, err := custody.Saying(custody.CheckpointStamped, stampedSubject(last.Size), custody.Program, h.Now(), stampRecord{stamped, hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	return h.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.db.SetToken(ctx, tx, last.Size, token); err != nil {
			return err
		}
		return h.db.Log(ctx, tx, e)
	})
}

// stampRecord is what the log says of a time stamp.
type stampRecord struct {
	stamp.Stamp
	SHA256 string `json:"token_sha256"`
}

func stampedSubject(size int64) string { return fmt.Sprintf("checkpoint %d", size) }

// stampWait is how long a time-stamping authority may take.
const stampWait = 10 * time.Second

// keepLog looks after the custody log until it is stopped. A log that may not be
// written is an error at once; one that another process writes is left to it, and
// taken over when that process ends.
func (h *house) keepLog(ctx context.Context) (stop func(), err error) {
	l, err := h.writeLog(ctx)
	if err != nil && !tlog.IsBusy(err) {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var both sync.WaitGroup
	both.Go(func() { h.lookAfter(ctx, l) })
	both.Go(func() { h.keepStamping(ctx) })
	return func() { cancel(); both.Wait() }, nil
}

// keepStamping waits for the authority beside the log, which need not wait for it.
func (h *house) keepStamping(ctx context.Context) {
	tick := time.NewTicker(10 * logBeat)
	defer tick.Stop()
	for said := ""; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := h.stamp(ctx); err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			h.Log.Warn("a checkpoint has no time stamp yet", "error", said)
		}
	}
}

// lookAfter ends with a last look, so that what was done until the end is in.
func (h *house) lookAfter(ctx context.Context, l *tlog.Log) {
	tick := time.NewTicker(logBeat)
	defer tick.Stop()
	for said := ""; ; {
		err := h.look(ctx, &l)
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			h.Log.Error("what is done waits outside of the custody log", "error", said, "hint", fault.Hint(err))
		}
		select {
		case <-ctx.Done():
			if l != nil {
				ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*logWait)
				defer cancel()
				if err := errors.Join(h.bringUp(ending, l), l.Close()); err != nil {
					h.Log.Error("what is done waits outside of the custody log", "error", err)
				}
			}
			return
		case <-tick.C:
		}
	}
}

func (h *house) look(ctx context.Context, l **tlog.Log) error {
	if *l != nil && h.configuredAnew(*l) {
		if err := (*l).Close(); err != nil {
			return err
		}
		*l = nil
	}
	if *l == nil {
		var err error
		if *l, err = h.writeLog(ctx); err != nil {
			if *l = nil; tlog.IsBusy(err) {
				return nil
			}
			return err
		}
	}
	if _, err := (*l).Advance(ctx); err != nil {
		return err
	}
	_, _, err := (*l).Record(ctx)
	return err
}

// configuredAnew tells whether the witnesses were changed since the log was opened.
func (h *house) configuredAnew(l *tlog.Log) bool {
	settings, err := h.logSettings()
	return err == nil && settings.Witnesses != l.Policy()
}

// close ends work on the record, with the custody log up to date.
func (h *house) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*logWait)
	defer cancel()
	if err := h.settleLog(ctx); err != nil {
		h.Log.Error("what was done waits outside of the custody log", "error", err, "hint", fault.Hint(err))
	}
	h.db.Close()
}

// checkLog compares the custody log with the record: every file, every leaf, every
// checkpoint with its signatures and its time stamp, and the settings with what was
// logged of them.
func (h *house) checkLog(ctx context.Context, v *flow.Verified) error {
	var leaves [][]byte
	var configured []configuration
	stamped := map[string]string{} // checkpoint → SHA-256 of its token
	seen := 0
	err := h.db.EachEntry(ctx, func(l custody.Logged) error {
		seen++
		v.Tick(seen)
		if l.Place >= 0 {
			for int64(len(leaves)) <= l.Place {
				leaves = append(leaves, nil)
			}
			leaves[l.Place] = l.Leaf
		}
		if e, err := custody.Parse(l.Canonical); err == nil && l.Kind == custody.LogMended {
			var m mended
			if json.Unmarshal(e.Record, &m) == nil && m.Before != "" { // its own entry may be lost
				configured = append([]configuration{{Key: m.Before}}, configured...)
			}
		} else if err == nil && l.Kind == custody.LogConfigured {
			var c configuration
			if json.Unmarshal(e.Record, &c) == nil {
				c.At = l.At
				configured = append(configured, c)
			}
		} else if err == nil && l.Kind == custody.CheckpointStamped {
			var r stampRecord
			if json.Unmarshal(e.Record, &r) == nil {
				stamped[l.Subject] = r.SHA256
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	held, err := h.db.Checkpoints(ctx)
	if err != nil {
		return err
	}
	flaws, err := tlog.Examine(ctx, h.logDir(), leaves, held)
	if err != nil {
		return err
	}
	for _, f := range flaws {
		where := "custody log"
		if f.File != "" {
			where = "custody/" + f.File
		}
		v.Differences = append(v.Differences, flow.Difference{Table: where, What: f.What, Since: f.Since})
	}
	h.checkSettings(configured, v)
	for _, c := range held {
		what := checkpointFlaw(c, configured)
		if want := stamped[stampedSubject(c.Size)]; want != tokenSum(c.Token) {
			what = "its time stamp is not the one that was logged"
		}
		delete(stamped, stampedSubject(c.Size))
		if what != "" {
			v.Differences = append(v.Differences, flow.Difference{Table: "log_checkpoint", Record: fmt.Sprint(c.Size), What: what, Since: c.At})
		}
	}
	for subject := range stamped {
		v.Differences = append(v.Differences, flow.Difference{Table: "log_checkpoint", Record: subject, What: "it was time-stamped, and is not there any more"})
	}
	return nil
}

func tokenSum(token []byte) string {
	if len(token) == 0 {
		return ""
	}
	sum := sha256.Sum256(token)
	return hex.EncodeToString(sum[:])
}

// configuration is what was logged of the log's settings.
type configuration struct {
	Key string `json:"key"`
	logSettings
	At time.Time `json:"-"`
}

func (h *house) checkSettings(logged []configuration, v *flow.Verified) {
	if len(logged) == 0 {
		return
	}
	last := logged[len(logged)-1]
	differs := func(file, what string) {
		v.Differences = append(v.Differences, flow.Difference{Table: "custody/" + file, What: what, Since: last.At})
	}
	settings, err := h.logSettings()
	if err != nil {
		differs(settingsFile, err.Error())
	} else if settings != last.logSettings {
		differs(settingsFile, "the witnesses or the time-stamping authority are not those that were logged")
	} else if text, err := os.ReadFile(filepath.Join(h.logDir(), settingsFile)); err == nil && string(text) != settings.text() {
		differs(settingsFile, "the file is not as it was written")
	}
	key, err := tlog.KeyOf(h.logDir())
	if err != nil {
		return // told where the log's files are looked at
	}
	if key.Public != last.Key {
		differs("key", "the log's key is not the one that was logged")
	}
	before := map[string]bool{}
	for _, c := range logged {
		if c.Key != last.Key {
			before[c.Key] = true
		}
	}
	for _, k := range key.Former() {
		if !before[k] {
			differs("former", "a former key of the log is none that was logged")
		}
		delete(before, k)
	}
	if len(before) > 0 {
		differs("former", "a key that the log had before is not among its former keys")
	}
}

// text is the settings as they are kept.
func (s logSettings) text() string {
	doc, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return ""
	}
	return string(doc) + "\n"
}

// settling is how long after a change of the settings a checkpoint may still have
// been made under those before.
const settling = time.Minute

// checkpointFlaw checks the cosignatures and the time stamp of a checkpoint by the
// settings that were in force.
func checkpointFlaw(c custody.Checkpoint, logged []configuration) string {
	var why error
	for n := len(logged) - 1; n >= 0; n-- {
		if logged[n].At.After(c.At) {
			continue
		}
		if why = checkpointUnder(c, logged[n].logSettings); why == nil || c.At.Sub(logged[n].At) > settling {
			break
		}
	}
	if why == nil {
		return ""
	}
	return why.Error()
}

func checkpointUnder(c custody.Checkpoint, s logSettings) error {
	policy, err := proof.ParsePolicy(s.Witnesses)
	if err != nil {
		return err
	}
	if _, err := policy.Cosigned([]byte(c.Note)); err != nil || len(c.Token) == 0 {
		return err
	}
	roots, err := stamp.Roots(s.Roots)
	if err != nil {
		return err
	}
	_, err = stamp.Verify(c.Token, []byte(c.Note), roots)
	return err
}
