package fault_test

import (
	"errors"
	"io"
	"testing"

	"suraag/fault"
)

func TestKindSurvivesContext(t *testing.T) {
	cause := fault.WithHint(fault.Newf(fault.NotFound, "hash set %q: no such name", "x"), "see suraag hashset list")
	err := fault.Wrapf(fault.Wrapf(cause, "retract"), "hashset %d", 7)

	if got := fault.KindOf(err); got != fault.NotFound {
		t.Errorf("kind = %v, want not found", got)
	}
	if got, want := err.Error(), `hashset 7: retract: hash set "x": no such name`; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	if got, want := fault.Hint(err), "see suraag hashset list"; got != want {
		t.Errorf("hint = %q, want %q", got, want)
	}
}

func TestCauseStaysReachable(t *testing.T) {
	for name, err := range map[string]error{
		"As":       fault.As(fault.Corrupt, io.ErrUnexpectedEOF),
		"Wrapf":    fault.Wrapf(io.ErrUnexpectedEOF, "reading %q", "a.csv"),
		"Newf":     fault.Newf(fault.Corrupt, "reading %q: %w", "a.csv", io.ErrUnexpectedEOF),
		"WithHint": fault.WithHint(io.ErrUnexpectedEOF, "ask for the file again"),
	} {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v does not lead back to its cause", name, err)
		}
	}
	if fault.As(fault.Corrupt, nil) != nil || fault.Wrapf(nil, "x") != nil || fault.WithHint(nil, "x") != nil {
		t.Error("a nil cause became an error")
	}
}

func TestExitCodesAndStatusesAreDistinct(t *testing.T) {
	exits, statuses := map[int]fault.Kind{}, map[int]fault.Kind{}
	for k := fault.Internal; k <= fault.TooLarge; k++ {
		if other, taken := exits[k.Exit()]; taken {
			t.Errorf("%v and %v share exit code %d", k, other, k.Exit())
		}
		if other, taken := statuses[k.HTTP()]; taken {
			t.Errorf("%v and %v share status %d", k, other, k.HTTP())
		}
		exits[k.Exit()], statuses[k.HTTP()] = k, k
	}
	if fault.KindOf(errors.New("unsorted")) != fault.Internal {
		t.Error("an unsorted error is not internal")
	}
	if fault.Kind(200).HTTP() != 500 {
		t.Error("an unknown kind is not internal")
	}
}
