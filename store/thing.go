package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/sighting"
)

// kindByte is the first byte of a digest's key. It is stored: never change one.
var kindByte = map[digest.Kind]byte{
	digest.MD5: 1, digest.SHA1: 2, digest.SHA256: 3, digest.PDQ: 4, digest.PhotoDNA: 5, digest.TMK: 6,
	digest.VPDQ: 7, digest.ED2K: 8, digest.TTH: 9, digest.BTIH: 10, digest.BTMH: 11,
}

// refByte marks the key of a service's own name for a file.
const refByte = 12

// digestKey is the kind's byte and the raw value; long text is hashed.
func digestKey(d digest.Digest) []byte {
	value := d.Bytes()
	if value == nil {
		sum := sha256.Sum256([]byte(d.Hex()))
		value = sum[:]
	}
	return append([]byte{kindByte[d.Kind()]}, value...)
}

func refKey(ref string) []byte {
	sum := sha256.Sum256([]byte(ref))
	return append([]byte{refByte}, sum[:16]...)
}

func keysOfThing(t sighting.Thing) [][]byte {
	var keys [][]byte
	for _, d := range t.Digests {
		keys = append(keys, digestKey(d))
	}
	for _, r := range t.Refs {
		keys = append(keys, refKey(r))
	}
	return keys
}

// things collects the things of a batch and writes them in key order, so that
// two workers never wait for each other in a ring.
type things map[string]sighting.Thing

func (m things) add(digests []digest.Digest, refs []string) (id []byte) {
	t, any := sighting.ThingOf(digests, refs)
	if !any {
		return nil
	}
	m[t.ID] = t
	id, _ = hex.DecodeString(t.ID)
	return id
}

// write writes them and gives the rows of their PDQ values, which are for
// writeCodes.
func (m things) write(ctx context.Context, d *DB, tx *sql.Tx) (codes [][]any, err error) {
	var rows, keys [][]any
	for _, t := range m {
		id, err := raw(t.ID, 16)
		if err != nil {
			return nil, err
		}
		doc, err := json.Marshal(t)
		if err != nil {
			return nil, fault.As(fault.Internal, err)
		}
		rows = append(rows, []any{id, string(doc)})
		for _, k := range keysOfThing(t) {
			if k[0] == kindByte[digest.PDQ] {
				codes = append(codes, []any{k, id})
			} else {
				keys = append(keys, []any{k, id})
			}
		}
	}
	slices.SortFunc(rows, byKeys)
	slices.SortFunc(keys, byKeys)
	slices.SortFunc(codes, byKeys)
	if _, err := d.insert(ctx, tx, "thing", []string{"id", "doc"}, rows); err != nil {
		return nil, err
	}
	_, err = d.insert(ctx, tx, "thing_digest", []string{"digest", "thing"}, keys)
	return codes, err
}

// maxClosure bounds how many things are followed from one digest. A poisoned MD5
// that thousands of files share is cut by digest.Unite; this bounds its cost.
const maxClosure = 20_000

// Closure gives every thing that is tied to the given digests and names by
// shared exact digests or names, directly or through others, in order of ID: what
// was sighted, and what listed says of some digests, which is what lists say.
func (d *DB) Closure(ctx context.Context, digests []digest.Digest, refs []string, listed func([]digest.Digest) ([]sighting.Thing, error)) ([]sighting.Thing, error) {
	found := map[string]sighting.Thing{}
	asked := map[string]bool{}
	var queue []asking
	ask := func(t sighting.Thing) {
		for _, x := range t.Digests {
			if k := digestKey(x); x.Kind().Exact() && !asked[string(k)] {
				asked[string(k)] = true
				queue = append(queue, asking{k, x})
			}
		}
		for _, r := range t.Refs {
			if k := refKey(r); !asked[string(k)] {
				asked[string(k)] = true
				queue = append(queue, asking{key: k})
			}
		}
	}
	ask(sighting.Thing{Digests: digests, Refs: refs})
	// A PDQ value alone names no file, but asking for it means the things that
	// carry this very value.
	for _, x := range digests {
		if !x.Kind().Exact() {
			queue = append(queue, asking{digestKey(x), x})
		}
	}
	for len(queue) > 0 && len(found) < maxClosure {
		n := min(len(queue), rowsPerInsert)
		part := queue[:n]
		queue = queue[n:]
		next, err := d.carrying(ctx, part, listed)
		if err != nil {
			return nil, err
		}
		for _, t := range next {
			if _, seen := found[t.ID]; !seen {
				found[t.ID] = t
				ask(t)
			}
		}
	}
	out := make([]sighting.Thing, 0, len(found))
	for _, t := range found {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b sighting.Thing) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// asking is a key that is asked for; its digest is zero where it is a name.
type asking struct {
	key    []byte
	digest digest.Digest
}

// carrying gives the things that carry one of the keys.
func (d *DB) carrying(ctx context.Context, part []asking, listed func([]digest.Digest) ([]sighting.Thing, error)) ([]sighting.Thing, error) {
	args := make([]any, 0, len(part))
	var digests []digest.Digest
	for _, a := range part {
		args = append(args, a.key)
		if !a.digest.IsZero() {
			digests = append(digests, a.digest)
		}
	}
	out, err := d.thingsOf(ctx, `SELECT DISTINCT t.id, t.doc FROM thing t JOIN thing_digest k ON k.thing = t.id
		WHERE k.digest IN (`+holders(1, len(part))+`) AND `+spokenOf, args)
	if err != nil || listed == nil || len(digests) == 0 {
		return out, err
	}
	more, err := listed(digests)
	return append(out, more...), err
}

// spokenOf holds for a thing t of which a sighting speaks: one may have been
// replaced by what a newer reader made of its source.
const spokenOf = `EXISTS (SELECT 1 FROM sighting s WHERE s.thing = t.id)`

func (d *DB) thingsOf(ctx context.Context, query string, args []any) ([]sighting.Thing, error) {
	var out []sighting.Thing
	err := each(ctx, d, query, args, func(r *sql.Rows) error {
		var id []byte
		var doc string
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		var t sighting.Thing
		if err := json.Unmarshal([]byte(doc), &t); err != nil {
			return fault.Newf(fault.Corrupt, "stored thing %x: %w", id, err)
		}
		t.ID = hex.EncodeToString(id)
		out = append(out, t)
		return nil
	})
	return out, err
}

// SourcesOfThings gives the sources whose sightings speak of each thing.
func (d *DB) SourcesOfThings(ctx context.Context, thingIDs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for part := range slices.Chunk(thingIDs, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return nil, err
		}
		err = each(ctx, d, `SELECT DISTINCT thing, source FROM sighting WHERE thing IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var thing, source []byte
			err := r.Scan(&thing, &source)
			key := hex.EncodeToString(thing)
			out[key] = append(out[key], hex.EncodeToString(source))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Codes gives every value of a near kind in the record, in order, also of things
// of which nothing speaks any more (see CodesSince, which is for PDQ).
func (d *DB) Codes(ctx context.Context, kind digest.Kind, yield func(value digest.Digest, thing string) error) error {
	b, known := kindByte[kind]
	if !known {
		return fault.Newf(fault.Invalid, "digest kind %q is not stored", kind)
	}
	if kind == digest.TMK || kind == digest.VPDQ {
		return d.texts(ctx, kind, yield)
	}
	return each(ctx, d, `SELECT digest, thing FROM thing_digest WHERE digest >= $1 AND digest < $2 ORDER BY digest, thing`, []any{[]byte{b}, []byte{b + 1}}, func(r *sql.Rows) error {
		var key, thing []byte
		if err := r.Scan(&key, &thing); err != nil {
			return err
		}
		v, err := digest.Of(kind, key[1:])
		if err != nil {
			return err
		}
		return yield(v, hex.EncodeToString(thing))
	})
}

// texts gives the values of a kind whose key is only a hash of their text.
func (d *DB) texts(ctx context.Context, kind digest.Kind, yield func(value digest.Digest, thing string) error) error {
	b := kindByte[kind]
	return each(ctx, d, `SELECT DISTINCT t.id, t.doc FROM thing_digest k JOIN thing t ON t.id = k.thing WHERE k.digest >= $1 AND k.digest < $2 ORDER BY t.id`, []any{[]byte{b}, []byte{b + 1}}, func(r *sql.Rows) error {
		var id []byte
		var doc string
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		var t sighting.Thing
		if err := json.Unmarshal([]byte(doc), &t); err != nil {
			return err
		}
		for _, v := range t.Digests {
			if v.Kind() != kind {
				continue
			}
			if err := yield(v, hex.EncodeToString(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// identifierKey is the key under which an identifier is found.
func identifierKey(i sighting.Identifier) []byte {
	sum := sha256.Sum256([]byte(i.String()))
	return sum[:16]
}
