package flow_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"suraag/flow"
)

// withJobs gives a House whose jobs are real.
func withJobs(t *testing.T, where string) (*house, *flow.Jobs) {
	t.Helper()
	h := houseOn(t, where)
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(h.db.DB)
	if strings.HasPrefix(where, "postgres") {
		driver = riverdatabasesql.New(h.db.DB)
	}
	jobs, err := flow.NewJobs(ctx, driver, h.db.DB)
	if err != nil {
		t.Fatal(err)
	}
	h.Queue = jobs
	return h, jobs
}

// until waits for something that a worker does; it fails only after a minute.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 2400 {
		if done() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: not within a minute", what)
}

func (h *house) idle(t *testing.T) bool {
	t.Helper()
	var n int
	if err := h.db.QueryRowContext(ctx, `SELECT count(*) FROM river_job WHERE state <> 'completed'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n == 0
}

func TestWorkAndStop(t *testing.T) {
	for name, where := range engines(t) {
		t.Run(name, func(t *testing.T) {
			h, jobs := withJobs(t, where)
			h.operators(t)
			in := flow.HandIn{Name: "tip.json", BroughtBy: "officer", Authority: "FIR 1/2025"}
			s := h.receive(t, in, sample(t, "cybertip_100000001.json"))
			w, err := h.Work(ctx, jobs, 2, name == "sqlite")
			if err != nil {
				t.Fatal(err)
			}
			until(t, "the source is read", func() bool { return h.source(t, s.ID).State == "read" })
			until(t, "all jobs are done", func() bool { return h.idle(t) })
			if err := w.Stop(ctx); err != nil {
				t.Fatal(err)
			}
			if len(h.queue(t)) == 0 {
				t.Error("no leads")
			}
			if err := jobs.Stuck(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// A job whose worker died is taken over: at once by who is alone, otherwise when
// the dead one has been silent for long enough.
func TestDeadWorkersJob(t *testing.T) {
	for name, where := range engines(t) {
		for _, c := range []struct {
			what  string
			alone bool
			ago   time.Duration
			taken bool
		}{
			{"alone", true, 0, true}, {"silent for a minute", false, time.Minute, true}, {"heard of just now", false, 0, false},
		} {
			t.Run(name+" "+c.what, func(t *testing.T) {
				h, jobs := withJobs(t, where)
				h.change2(t, `DELETE FROM river_job`)
				s := h.receive(t, flow.HandIn{Name: name + c.what, BroughtBy: "officer", Authority: "FIR 1/2025"}, append(sample(t, "cybertip_100000001.json"), []byte(strings.Repeat(" ", len(c.what)))...))
				h.change2(t, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = $1`, jobs.Moment(time.Now().Add(-c.ago)))
				w, err := h.Work(ctx, jobs, 2, c.alone)
				if err != nil {
					t.Fatal(err)
				}
				if c.taken {
					until(t, "the job is taken over", func() bool { return h.source(t, s.ID).State == "read" })
				} else {
					// A job that comes after it is done, and it is still the other's.
					other := h.receive(t, flow.HandIn{Name: "nat.csv", BroughtBy: "officer", Authority: "FIR 1/2025"}, sample(t, "nat_syslog_dot_2021.csv"))
					until(t, "the next job is done", func() bool { return h.source(t, other.ID).State == "read" })
					if h.source(t, s.ID).State != "sealed" {
						t.Error("the job of a worker that is alive was taken")
					}
				}
				if err := w.Stop(ctx); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

func (h *house) change2(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := h.db.ExecContext(ctx, text, args...); err != nil {
		t.Fatal(err)
	}
}

// The beat of a worker keeps its job from being taken, and River can still read
// the time that was written.
func TestBeatKeepsTheJob(t *testing.T) {
	for name, where := range engines(t) {
		t.Run(name, func(t *testing.T) {
			h, jobs := withJobs(t, where)
			h.receive(t, flow.HandIn{Name: "tip.json", BroughtBy: "officer", Authority: "FIR 1/2025"}, sample(t, "cybertip_100000001.json"))
			h.change2(t, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = $1`, jobs.Moment(time.Now().Add(-time.Hour)))
			var id int64
			if err := h.db.QueryRowContext(ctx, `SELECT id FROM river_job`).Scan(&id); err != nil {
				t.Fatal(err)
			}
			jobs.Beat(ctx, id)
			if err := jobs.Reclaim(ctx, 15*time.Second); err != nil {
				t.Fatal(err)
			}
			if name == "sqlite" {
				var text string
				if err := h.db.QueryRowContext(ctx, `SELECT CAST(attempted_at AS TEXT) FROM river_job`).Scan(&text); err != nil {
					t.Fatal(err)
				}
				if _, err := time.Parse("2006-01-02 15:04:05.000", text); err != nil {
					t.Errorf("the queue's own times have another form: %v", err)
				}
			}
			state, attempted, err := jobs.Look(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if state != "running" || time.Since(attempted) > time.Minute || time.Until(attempted) > time.Minute {
				t.Errorf("state %q, attempted %v", state, attempted)
			}
		})
	}
}

// A stage that is stopped half-way says so, and its source waits to be read.
func TestStopHalfway(t *testing.T) {
	h := newHouse(t)
	s := h.receive(t, flow.HandIn{Name: "tip.json", BroughtBy: "officer", Authority: "FIR 1/2025"}, sample(t, "cybertip_100000001.json"))
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := h.ReadSource(stopped, s.ID); err == nil {
		t.Error("a stopped reading says that it ended well")
	}
	if got := h.source(t, s.ID).State; got != "sealed" {
		t.Errorf("state %q", got)
	}
}
