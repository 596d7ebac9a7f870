// Package fault names the eight kinds of error that Suraag knows.
//
// Takes a kind and a sentence. Gives an error that a machine can sort by kind
// and a person can read. Never prints, never logs, never decides what happens.
//
// The sentence says what, which one (quoted) and why; it does not open with
// "failed to", because an error already is one. What to do next goes in a hint.
package fault

import (
	"errors"
	"fmt"
)

// Kind sorts an error by what the receiver can do about it.
type Kind uint8

// The kinds. An error that was made elsewhere and never sorted is Internal.
const (
	Internal    Kind = iota // a defect of ours
	NotFound                // the thing asked for does not exist
	Invalid                 // what was given is not of the stated form
	Denied                  // a rule forbids it
	Conflict                // it contradicts what is already there
	Corrupt                 // stored or received bytes are not what they were, or not what they claim
	Unavailable             // a database, disk or tool does not answer now; trying again may help
	TooLarge                // a stated limit on size, depth, count or time was passed
)

// table joins each kind to its name, its HTTP status and its exit code.
// Exit code 2 is left to wrong use of the command line, as is the custom.
var table = [...]struct {
	name string
	http int
	exit int
}{
	Internal:    {"internal", 500, 1},
	NotFound:    {"not found", 404, 3},
	Invalid:     {"invalid", 400, 4},
	Denied:      {"denied", 403, 5},
	Conflict:    {"conflict", 409, 6},
	Corrupt:     {"corrupt", 422, 7},
	Unavailable: {"unavailable", 503, 8},
	TooLarge:    {"too large", 413, 9},
}

// String gives the kind's name in lower case.
func (k Kind) String() string { return table[k.known()].name }

// HTTP gives the status with which a page answers an error of this kind.
func (k Kind) HTTP() int { return table[k.known()].http }

// Exit gives the exit code with which a command ends on an error of this kind.
func (k Kind) Exit() int { return table[k.known()].exit }

func (k Kind) known() Kind {
	if int(k) >= len(table) {
		return Internal
	}
	return k
}

// fault is an error with its kind and, perhaps, a hint.
type fault struct {
	kind Kind
	err  error
	hint string
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// Newf makes an error of the kind. The format may wrap a cause with %w.
func Newf(kind Kind, format string, args ...any) error {
	return &fault{kind: kind, err: fmt.Errorf(format, args...)}
}

// Wrapf puts context before a cause and keeps the cause's kind and hint.
// It gives nil for a nil cause.
func Wrapf(cause error, format string, args ...any) error {
	if cause == nil {
		return nil
	}
	return &fault{kind: KindOf(cause), err: fmt.Errorf(format+": %w", append(args, cause)...)}
}

// As keeps the words of a cause and sorts it under a kind. Use it where a
// library's error enters. It gives nil for a nil cause.
func As(kind Kind, cause error) error {
	if cause == nil {
		return nil
	}
	return &fault{kind: kind, err: fmt.Errorf("%w", cause)}
}

// WithHint adds what the person at the screen can do next.
func WithHint(cause error, hint string) error {
	if cause == nil {
		return nil
	}
	return &fault{kind: KindOf(cause), err: fmt.Errorf("%w", cause), hint: hint}
}

// KindOf gives the kind of the outermost sorted error in the chain.
func KindOf(err error) Kind {
	var f *fault
	if errors.As(err, &f) {
		return f.kind
	}
	return Internal
}

// Is tells whether the error is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Hint gives the first hint in the chain, or nothing.
func Hint(err error) string {
	for err != nil {
		var f *fault
		if !errors.As(err, &f) {
			return ""
		}
		if f.hint != "" {
			return f.hint
		}
		err = f.Unwrap()
	}
	return ""
}
