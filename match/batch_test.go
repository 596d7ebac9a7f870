package match_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/match"
)

// A batch gives for each question what it gives alone.
func TestBatchAnswersAsSearch(t *testing.T) {
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) { batchAnswers(t, made(kind, 20_000)) })
	}
}

func batchAnswers(t *testing.T, held []pair) {
	x := built(t, held[:len(held)-100])
	for _, p := range held {
		x.Add(p.id, p.code) // the last hundred to the tail
	}
	r := rand.New(rand.NewPCG(4, 4))
	questions := make([]match.Code, 100)
	for i := range questions {
		questions[i] = flip(r, held[r.IntN(len(held))].code, r.IntN(80))
	}
	got := make([][]match.Hit, len(questions))
	err := match.Batch(t.Context(), x, questions, 31, func(i int, h match.Hit) bool {
		got[i] = append(got[i], h)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range questions {
		if diff := gocmp.Diff(search(t, x, q, 31), sorted(got[i])); diff != "" {
			t.Fatalf("question %d (-alone +batch)\n%s", i, diff)
		}
	}
}

func TestBatchStops(t *testing.T) {
	x := match.NewScan()
	for i := range uint64(10_000) {
		x.Add(i, match.Code{})
	}
	questions := make([]match.Code, 50)
	calls := 0
	err := match.Batch(t.Context(), x, questions, 0, func(int, match.Hit) bool { calls++; return calls < 5000 })
	if err != nil || calls != 5000 {
		t.Errorf("found was called %d times (%v), want 5000 and no error", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = match.Batch(ctx, x, questions, 0, func(int, match.Hit) bool { cancel(); return true })
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled, of kind unavailable", err)
	}
	if err := match.Batch(t.Context(), x, questions, 257, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want invalid", err)
	}
}
