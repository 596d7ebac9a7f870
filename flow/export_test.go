package flow

import (
	"context"
	"time"
)

// What the tests of jobs reach into.

func (j *Jobs) Moment(t time.Time) any                                 { return j.moment(t) }
func (j *Jobs) Reclaim(ctx context.Context, after time.Duration) error { return j.reclaim(ctx, after) }
func (j *Jobs) Beat(ctx context.Context, job int64)                    { j.beat(ctx, job) }

func (j *Jobs) Look(ctx context.Context, job int64) (state string, attempted time.Time, err error) {
	row, err := j.insert.JobGet(ctx, job)
	if err != nil {
		return "", time.Time{}, err
	}
	return string(row.State), *row.AttemptedAt, nil
}
