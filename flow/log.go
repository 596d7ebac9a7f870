package flow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"time"

	"suraag/custody"
)

// log writes what was done into the custody log, in the transaction of what was
// done.
func (h *House) log(ctx context.Context, tx *sql.Tx, kind custody.Kind, subject, by string, record any) error {
	e, err := custody.Saying(kind, subject, by, h.Now(), record)
	if err != nil {
		return err
	}
	return h.Record.Log(ctx, tx, e)
}

// handedIn is what the log says of a hand-in.
type handedIn struct {
	custody.Receipt
	Purpose string          `json:"purpose"`
	Options json.RawMessage `json:"options"`
	Again   bool            `json:"again,omitempty"` // the same bytes were here before
}

// declaredAgain is what the log says where a source that could not be read is
// declared anew.
type declaredAgain struct {
	Options json.RawMessage `json:"options"`
}

func (h *House) sealed(ctx context.Context, tx *sql.Tx, s custody.Source, added bool) error {
	return h.log(ctx, tx, custody.SourceSealed, s.ID, s.BroughtBy, handedIn{s.Receipt, s.Purpose, s.Options, !added})
}

// wasRead is what the log says of a reading. The result itself may be long and
// stands with the source.
type wasRead struct {
	State   string    `json:"state"`
	Problem string    `json:"problem,omitempty"`
	Result  string    `json:"result_sha256"`
	At      time.Time `json:"read_at"`
}

// replaced is what the log says of records that a newer reader's replaced.
type replaced struct {
	Records int64  `json:"records"` // of the source, in all
	SHA256  string `json:"sha256"`  // over their texts, see doc/formats.md
}

func (h *House) read(ctx context.Context, tx *sql.Tx, s custody.Source) error {
	sum := sha256.Sum256(s.Result)
	err := h.log(ctx, tx, custody.SourceRead, s.ID, custody.Program, wasRead{s.State, s.Problem, hex.EncodeToString(sum[:]), s.ReadAt})
	if err != nil {
		return err
	}
	n, text, err := h.Record.SupersededSum(ctx, tx, s.ID)
	if err != nil || n == 0 {
		return err
	}
	return h.log(ctx, tx, custody.SourceSuperseded, s.ID, custody.Program, replaced{n, text})
}
