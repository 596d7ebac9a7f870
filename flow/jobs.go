package flow

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"suraag/fault"
)

// Jobs are the stages as River jobs. A job is inserted in the transaction of the
// data it works on, so there is no second truth to reconcile.
type Jobs struct {
	driver riverdriver.Driver[*sql.Tx]
	db     *sql.DB
	insert *river.Client[*sql.Tx]
	quiet  *slog.Logger
}

// readJob is the stage that reads one source.
type readJob struct {
	Source string `json:"source"`
}

func (readJob) Kind() string { return "read" }

// weighJob is the stage that weighs leads of what was touched.
type weighJob struct{}

func (weighJob) Kind() string { return "weigh" }

// runJob is the stage that holds a list against everything that was seen.
type runJob struct {
	Set   string `json:"set"`
	Cause string `json:"cause"`
}

func (runJob) Kind() string { return "list" }

// silence keeps River's own remarks out of an officer's sight; what matters to
// Suraag is in the record.
func silence() *slog.Logger { return slog.New(slog.DiscardHandler) }

// NewJobs prepares the queue in a database.
func NewJobs(ctx context.Context, driver riverdriver.Driver[*sql.Tx], db *sql.DB) (*Jobs, error) {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: silence()})
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fault.Newf(fault.Unavailable, "job tables: %w", err)
	}
	c, err := river.NewClient(driver, &river.Config{Logger: silence()})
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return &Jobs{driver: driver, db: db, insert: c, quiet: silence()}, nil
}

// Read puts the reading of a source on the queue.
func (j *Jobs) Read(ctx context.Context, tx *sql.Tx, source string) error {
	_, err := j.insert.InsertTx(ctx, tx, readJob{source}, nil)
	return fault.As(fault.Unavailable, err)
}

// Weigh puts the weighing of leads on the queue.
func (j *Jobs) Weigh(ctx context.Context, tx *sql.Tx) error {
	_, err := j.insert.InsertTx(ctx, tx, weighJob{}, nil)
	return fault.As(fault.Unavailable, err)
}

// Run puts the holding of a list against everything seen on the queue.
func (j *Jobs) Run(ctx context.Context, tx *sql.Tx, set, cause string) error {
	_, err := j.insert.InsertTx(ctx, tx, runJob{set, cause}, nil)
	return fault.As(fault.Unavailable, err)
}

// The beat of a worker that is alive, and the silence after which another takes
// its job. A worker that was only slow does no harm when it wakes: every stage
// may run twice.
const (
	pulse   = 3 * time.Second
	silent  = 15 * time.Second
	polling = 100 * time.Millisecond
)

// stoppedWords open the error of a job whose worker was stopped.
const stoppedWords = "the worker was stopped"

// Worker works on jobs until it is stopped.
type Worker struct {
	client *river.Client[*sql.Tx]
	cancel context.CancelFunc
	done   chan struct{}
}

// Work starts working on jobs, several at once. A process that is the only one
// on its database (SQLite) takes over every job that a dead one left.
func (h *House) Work(ctx context.Context, j *Jobs, parallel int, alone bool) (*Worker, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &readWorker{house: h, jobs: j})
	river.AddWorker(workers, &weighWorker{house: h, jobs: j})
	river.AddWorker(workers, &runWorker{house: h, jobs: j})
	client, err := river.NewClient(j.driver, &river.Config{
		Logger: j.quiet, Workers: workers, FetchCooldown: polling, FetchPollInterval: polling, JobTimeout: -1,
		RescueStuckJobsAfter: 24 * time.Hour, // ours is quicker, see reclaim
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: parallel}},
		RetryPolicy:          soon{},
		ErrorHandler:         &reporter{h.Log},
	})
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	after := silent
	if alone {
		after = 0
	}
	if err := j.reclaim(ctx, after); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	if err := client.Start(ctx); err != nil {
		cancel()
		return nil, fault.Newf(fault.Unavailable, "worker: %w", err)
	}
	w := &Worker{client: client, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		j.keepReclaiming(ctx, alone)
	}()
	return w, nil
}

// Stop lets running jobs end at their next batch and waits for them.
func (w *Worker) Stop(ctx context.Context) error {
	err := w.client.StopAndCancel(ctx)
	w.cancel()
	<-w.done
	if err != nil && !errors.Is(err, context.Canceled) {
		return fault.As(fault.Unavailable, err)
	}
	return nil
}

func (j *Jobs) keepReclaiming(ctx context.Context, alone bool) {
	if alone {
		return
	}
	t := time.NewTicker(pulse)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := j.reclaim(ctx, silent); err != nil && ctx.Err() == nil {
				j.quiet.Warn("reclaim", "error", err)
			}
		}
	}
}

// reclaim puts back jobs whose worker fell silent. River's own rescuer goes by
// the length of a job, which for a source of many gigabytes says nothing.
func (j *Jobs) reclaim(ctx context.Context, after time.Duration) error {
	query, args := `UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempted_at < $1`, []any{j.moment(time.Now().Add(-after))}
	if after == 0 {
		// Alone: what failed before gets its chances anew, now that someone has looked.
		query, args = `UPDATE river_job SET state = 'available', attempt = 0 WHERE state IN ('running', 'retryable')`, nil
	}
	_, err := j.db.ExecContext(ctx, query, args...)
	return fault.As(fault.Unavailable, err)
}

// moment is a time as River's own tables hold it. In SQLite they are texts of this
// one form (riversqlite, timeString), and another does not compare rightly with them.
func (j *Jobs) moment(t time.Time) any {
	if j.driver.DatabaseName() == riverdriver.DatabaseNameSQLite {
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.UTC()
}

// alive beats while f runs, so that nobody takes the job away.
func (j *Jobs) alive(ctx context.Context, job int64, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(pulse)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				j.beat(ctx, job)
			}
		}
	}()
	err := f(ctx)
	stopped := ctx.Err()
	cancel()
	<-done
	if err != nil && stopped != nil {
		// Whatever it ran into (a transaction rolled back under it, a query cut
		// off), the cause is that the worker was stopped; the job goes on later.
		return fault.Newf(fault.Unavailable, stoppedWords+": %w", stopped)
	}
	return err
}

// beat tells that a job is being worked on. A missed beat is made up by the next;
// what fails for good is the job itself.
func (j *Jobs) beat(ctx context.Context, job int64) {
	_, _ = j.db.ExecContext(ctx, `UPDATE river_job SET attempted_at = $2 WHERE id = $1 AND state = 'running'`, job, j.moment(time.Now()))
}

type readWorker struct {
	river.WorkerDefaults[readJob]
	house *House
	jobs  *Jobs
}

func (w *readWorker) Work(ctx context.Context, job *river.Job[readJob]) error {
	return w.jobs.alive(ctx, job.ID, func(ctx context.Context) error { return w.house.ReadSource(ctx, job.Args.Source) })
}

type weighWorker struct {
	river.WorkerDefaults[weighJob]
	house *House
	jobs  *Jobs
}

func (w *weighWorker) Work(ctx context.Context, job *river.Job[weighJob]) error {
	return w.jobs.alive(ctx, job.ID, w.house.WeighLeads)
}

type runWorker struct {
	river.WorkerDefaults[runJob]
	house *House
	jobs  *Jobs
}

func (w *runWorker) Work(ctx context.Context, job *river.Job[runJob]) error {
	return w.jobs.alive(ctx, job.ID, func(ctx context.Context) error { return w.house.RunList(ctx, job.Args.Set, job.Args.Cause) })
}

// reporter writes down why a job has to be tried again.
type reporter struct{ log *slog.Logger }

func (r *reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if !errors.Is(err, context.Canceled) {
		r.log.Warn("job will be tried again", "kind", job.Kind, "args", string(job.EncodedArgs), "error", err)
	}
	return nil
}

func (r *reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	r.log.Error("job broke and will be tried again", "kind", job.Kind, "args", string(job.EncodedArgs), "panic", value)
	r.log.Debug("job broke", "trace", trace)
	return nil
}

// soon tries again after a second, then slower: a stage fails for good only if
// the database or disk does not answer.
type soon struct{}

func (soon) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(time.Duration(min(job.Attempt, 30)) * time.Second)
}

// Stuck tells of a job that keeps failing, so that nobody waits for it for ever.
func (j *Jobs) Stuck(ctx context.Context) error {
	var kind, last string
	var id int64
	err := j.db.QueryRowContext(ctx, `SELECT id, kind FROM river_job
		WHERE attempt >= 3 AND state IN ('retryable', 'discarded') ORDER BY id LIMIT 1`).Scan(&id, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	row, err := j.insert.JobGet(ctx, id)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if n := len(row.Errors); n > 0 {
		last = row.Errors[n-1].Error
	}
	if strings.Contains(last, stoppedWords) {
		return nil // someone stopped the worker three times; the job did nothing wrong
	}
	err = fault.Newf(fault.Unavailable, "job %q of %s failed three times: %s", kind, row.EncodedArgs, last)
	return fault.WithHint(err, "free disk space or mend the database, then run the command again; the job goes on where it was")
}
