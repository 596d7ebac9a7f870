package door

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"time"

	"suraag/fault"
)

// formHolds is how long a form may be filled in.
const formHolds = SessionHolds

// NewForm makes the mark of one form for whoever holds a key: 16 bytes of
// chance, 8 of the end in seconds, 16 of an HMAC-SHA-256 by the key.
func (d *Door) NewForm(key string) string {
	var b [24]byte
	rand.Read(b[:16]) // it never fails (crypto/rand)
	binary.BigEndian.PutUint64(b[16:], uint64(d.now().Add(formHolds).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b[:], markOf(key, b[:])...))
}

func markOf(key string, b []byte) []byte {
	m := hmac.New(sha256.New, []byte("suraag form 1\n"+key))
	m.Write(b)
	return m.Sum(nil)[:16]
}

// Spend takes the mark of a form that was sent: once. Undo gives it back, for a
// form that was refused and may be corrected.
func (d *Door) Spend(ctx context.Context, key, form string) (undo func(context.Context) error, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(form) // one mark is one text, or it could be spent twice
	if err != nil || len(b) != 40 || !hmac.Equal(b[24:], markOf(key, b[:24])) {
		err := fault.Newf(fault.Denied, "this form was not made for you, or for an earlier session")
		return nil, fault.WithHint(err, "load the page again and fill it in there")
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(b[16:24])), 0)
	if !d.now().Before(until) {
		return nil, fault.WithHint(fault.Newf(fault.Denied, "this form is too old"), "load the page again and fill it in there")
	}
	spent := sha256.Sum256([]byte("form\n" + form))
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		free, err := d.book.Once(ctx, tx, spent, "", d.now(), until)
		if err == nil && !free {
			err = fault.WithHint(fault.Newf(fault.Conflict, "this form was sent already"), "what it does was done then; load the page again to see it")
		}
		return err
	})
	return func(ctx context.Context) error {
		return d.book.InTx(ctx, func(tx *sql.Tx) error {
			_, err := d.book.TakeOnce(ctx, tx, spent, d.now())
			return err
		})
	}, err
}
