package app

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"suraag/custody/tlog"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/flow"
	lists "suraag/hashset/files"
	"suraag/intake/all"
	"suraag/store"
)

// house is an open record with everything that works on it.
type house struct {
	*flow.House
	db   *store.DB
	jobs *flow.Jobs
	dir  string
	key  *unitKey
}

// open wires the record together. A command that only asks does not make a
// record by accident: a mistyped folder would look like an empty one.
func (s *stage) open(create bool) (*house, error) {
	h, err := s.openAnyhow(create)
	if err != nil {
		return nil, err
	}
	err = tlog.Check(s.ctx, h.logDir(), h.db)
	if err == nil {
		_, err = h.db.StateOlder(s.ctx)
	}
	if err != nil {
		h.db.Close()
		return nil, err
	}
	return h, nil
}

// openAnyhow opens a record whose custody log may have gone backwards, for those
// commands that are to find that out.
func (s *stage) openAnyhow(create bool) (*house, error) {
	dir, err := s.data()
	if err != nil {
		return nil, err
	}
	where := s.cli.DB
	if where == "" {
		where = filepath.Join(dir, "suraag.db")
	}
	if !create && !strings.Contains(where, "://") && !exists(where) {
		err := fault.Newf(fault.NotFound, "no record in %q", dir)
		return nil, fault.WithHint(err, "hand something in first (suraag intake, suraag hashset import), try suraag demo, or give another folder with --data")
	}
	zone, err := s.zone()
	if err != nil {
		return nil, err
	}
	codes, err := tables(dir, zone)
	if err != nil {
		return nil, err
	}
	public, err := publicNumbers(dir)
	if err != nil {
		return nil, err
	}
	originals, held, err := s.keepers(dir)
	if err != nil {
		return nil, err
	}
	entries, err := lists.In(filepath.Join(dir, "lists"))
	if err != nil {
		return nil, err
	}
	db, err := store.Open(s.ctx, where)
	if err != nil {
		return nil, err
	}
	db.Now = s.now
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(db.DB)
	if db.Dialect == store.PostgreSQL {
		driver = riverdatabasesql.New(db.DB)
	}
	jobs, err := flow.NewJobs(s.ctx, driver, db.DB)
	if err != nil {
		db.Close()
		return nil, err
	}
	unit := &unitKey{path: filepath.Join(dir, keyFile), ask: s.asking(), book: db}
	return &house{
		House: &flow.House{
			Record: db, Originals: originals, Vault: &vault.Vault{Book: db, Store: held, Unit: unit, Limit: vault.Limit, Now: s.now}, Lists: entries, Formats: all.Formats(), Policy: flow.DefaultPolicy(), Limits: flow.DefaultLimits(),
			Now: s.now, Log: s.log, Queue: jobs,
			Tables: codes, Public: public, Unit: unit,
		},
		db: db, jobs: jobs, dir: dir, key: unit,
	}, nil
}

// lock makes this process the one that works on a SQLite record, if no other is.
// The kernel lets it go with the process, however that ends.
func (h *house) lock() (release func(), mine bool, err error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "worker.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, fault.As(fault.Unavailable, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return func() {}, false, nil
	}
	return func() { f.Close() }, true, nil
}

// work starts working on the queue, unless another process of this machine does.
func (h *house) work(ctx context.Context, parallel int) (stop func() error, err error) {
	release, alone := func() {}, h.db.Dialect == store.SQLite
	if alone {
		var mine bool
		if release, mine, err = h.lock(); err != nil {
			return nil, err
		}
		if !mine {
			return func() error { return nil }, nil
		}
	}
	stopLog, err := h.keepLog(ctx)
	if err != nil {
		release()
		return nil, err
	}
	w, err := h.Work(ctx, h.jobs, parallel, alone)
	if err != nil {
		stopLog()
		release()
		return nil, err
	}
	return stopper(w, func() { stopLog(); release() }), nil
}

func stopper(w *flow.Worker, release func()) func() error {
	return func() error {
		defer release()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		return w.Stop(ctx)
	}
}

// settle works, or waits for those who do, until the sources are read and their
// leads weighed.
func (s *stage) settle(h *house, sources []string) error {
	if len(sources) == 0 {
		return nil
	}
	return s.untilDone(h, sources)
}

// untilDone works, or waits for those who do, until the sources are read, lists
// held against what was seen, and leads weighed.
func (s *stage) untilDone(h *house, sources []string) error {
	stop, err := h.work(s.ctx, 2)
	if err != nil {
		return err
	}
	waitErr := s.wait(h, sources)
	if err := stop(); waitErr == nil {
		waitErr = err
	}
	return waitErr
}

func (s *stage) wait(h *house, sources []string) error {
	p := newProgress(s.err)
	defer p.done()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		left, err := h.left(s.ctx, sources)
		if err != nil || left == (undone{}) {
			return err
		}
		if err := h.jobs.Stuck(s.ctx); err != nil {
			return err
		}
		p.say(func() string {
			switch {
			case left.waiting > 0:
				return fmt.Sprintf("read %d of %d sources", int64(len(sources))-left.waiting, len(sources))
			case left.running > 0:
				return "holding the list against everything seen before"
			}
			return fmt.Sprintf("weighing leads, %d contents to go", left.dirty)
		})
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-tick.C:
		}
	}
}

// undone is what is left to do.
type undone struct{ waiting, running, dirty int64 }

// left counts it in the order in which one leads to the next, so that nothing slips
// through between two counts.
func (h *house) left(ctx context.Context, sources []string) (n undone, err error) {
	if len(sources) > 0 {
		if n.waiting, err = h.db.Waiting(ctx, sources); err != nil {
			return n, err
		}
	}
	if n.running, err = h.db.Running(ctx); err != nil {
		return n, err
	}
	n.dirty, err = h.db.Dirty(ctx)
	return n, err
}
