package flow

import (
	"context"
	"errors"
	"testing"
)

// A worker that is stopped rolls back what its jobs had begun. That is no fault
// of the job, and nobody has to read about it.
func TestStoppedJobFailsOnlyBecauseItWasStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	err := (&Jobs{}).alive(ctx, 1, func(context.Context) error {
		stop()
		return errors.New("sql: transaction has already been committed or rolled back")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an error that leads back to the stop", err)
	}
	own := errors.New("disk full")
	if err := (&Jobs{}).alive(t.Context(), 1, func(context.Context) error { return own }); !errors.Is(err, own) {
		t.Errorf("got %v, want the job's own error", err)
	}
}
