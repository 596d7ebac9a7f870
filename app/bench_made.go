package app

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"suraag/app/demo"
	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

// The contents that are traced: some with few sightings, some with many.
const (
	fewSightings  = 10
	manySightings = 10_000
	manyContents  = 3
)

// store writes a made record and asks it.
func (b *bench) store() error {
	h, err := b.openIn("store")
	if err != nil {
		return err
	}
	defer h.close()
	if err := b.addressData(h); err != nil {
		return err
	}
	made := newMade(b.cmd.Sightings, b.cmd.Traces)
	if err := b.fill(h, made); err != nil {
		return err
	}
	if err := b.firstTrace(h, made); err != nil {
		return err
	}
	if err := b.traces(h, made, 0, made.few, fewSightings); err != nil {
		return err
	}
	return b.traces(h, made, made.few, manyContents, made.many)
}

// addressData gives the record the example's lists, so that a trace looks its
// addresses up.
func (b *bench) addressData(h *house) error {
	files, err := demo.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Purpose != demo.Network {
			continue
		}
		if _, err := b.handInDemo(h, f); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the sightings in transactions as large as a reader's. Their leads
// are not weighed.
func (b *bench) fill(h *house, made *made) error {
	const batch = 1000
	began := time.Now()
	told := began
	for from := 0; from < made.total; from += batch {
		sightings := made.batch(from, min(batch, made.total-from))
		err := h.db.InTx(b.ctx, func(tx *sql.Tx) error {
			if _, err := h.db.Put(b.ctx, tx, sighting.Batch{Sightings: sightings}, b.now()); err != nil {
				return err
			}
			_, err := tx.ExecContext(b.ctx, `DELETE FROM dirty`)
			return err
		})
		if err != nil {
			return err
		}
		if now := time.Now(); now.Sub(told) > 20*time.Second {
			told = now
			fmt.Fprintf(b.err, "store: %d of %d sightings written, %.0f a second so far\n", from+batch, made.total, float64(from+batch)/now.Sub(began).Seconds())
		}
	}
	took := time.Since(began)
	counts, err := h.db.Count(b.ctx)
	if err != nil {
		return err
	}
	if counts.Sightings != int64(made.total) {
		return fault.Newf(fault.Internal, "%d sightings are in the record, %d were made", counts.Sightings, made.total)
	}
	b.found("store", "sightings/s", float64(made.total)/took.Seconds(), "%d sightings written, by batches of %d", made.total, batch)
	if _, err := h.db.ExecContext(b.ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	info, err := os.Stat(h.db.Where)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	b.found("store", "bytes", float64(info.Size())/float64(made.total), "each sighting on disk, with its digests, identifiers and indexes")
	return nil
}

// firstTrace is what one "suraag trace" costs: it loads the PDQ values that a
// running server keeps.
func (b *bench) firstTrace(h *house, made *made) error {
	began := time.Now()
	if _, err := h.Trace(b.ctx, made.digests(0)[0].String(), time.UTC); err != nil {
		return err
	}
	b.found("store", "ms", float64(time.Since(began).Microseconds())/1000, "first trace after start, of a content with %d sightings", fewSightings)
	return nil
}

// traces asks for contents in turn.
func (b *bench) traces(h *house, made *made, first, contents, sightings int) error {
	times, err := b.timed(b.cmd.Traces, func(i int) error {
		t, err := h.Trace(b.ctx, made.digests(first + i%contents)[0].String(), time.UTC)
		if err == nil && len(t.Sightings) != sightings {
			err = fault.Newf(fault.Internal, "the trace shows %d sightings, %d were made", len(t.Sightings), sightings)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.spread("store", fmt.Sprintf("trace of a content with %d sightings", sightings), times)
	return nil
}

// made makes sightings of invented accounts at addresses set aside for
// documentation. The contents that are traced lie scattered among the others, as
// they would after years of intake.
type made struct {
	total  int
	few    int   // contents with fewSightings, numbered from 0
	many   int   // sightings of each of the manyContents that follow them
	traced []int // the traced contents, once for each of their sightings, in the order in which they are met
	stride int
}

func newMade(total, few int) *made {
	m := &made{total: total, few: min(few, total/100), many: min(manySightings, total/10)}
	for c := range m.few + manyContents {
		n := fewSightings
		if c >= m.few {
			n = m.many
		}
		for range n {
			m.traced = append(m.traced, c)
		}
	}
	rand.New(rand.NewPCG(5, 6)).Shuffle(len(m.traced), func(i, j int) { m.traced[i], m.traced[j] = m.traced[j], m.traced[i] })
	m.stride = total / len(m.traced)
	return m
}

// content gives the number of the content in sighting i.
func (m *made) content(i int, r *rand.Rand) int {
	if i%m.stride == 0 && i/m.stride < len(m.traced) {
		return m.traced[i/m.stride]
	}
	return m.few + manyContents + r.IntN(m.total/10)
}

func madeBytes(what string, n, length int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "made %s %d", what, n))
	return sum[:length]
}

// digests are what a content is known by. One in ten has a PDQ, as a unit has it
// of the pictures that it hashed itself; those that are traced have one.
func (m *made) digests(content int) []digest.Digest {
	out := []digest.Digest{madeDigest(digest.SHA1, content, 20), madeDigest(digest.MD5, content, 16)}
	if content < m.few+manyContents || content%10 == 0 {
		out = append(out, madeDigest(digest.PDQ, content, 32))
	}
	return out
}

func madeDigest(k digest.Kind, content, length int) digest.Digest {
	d, err := digest.Of(k, madeBytes(string(k), content, length))
	if err != nil {
		return digest.Digest{} // not possible: the lengths stand above
	}
	return d
}

var madeActs = []struct {
	act      sighting.Act
	standing sighting.Standing
	service  string
}{
	{sighting.Upload, sighting.ProviderCapture, "Example Social"},
	{sighting.Report, sighting.ProviderRecord, "Example Social"},
	{sighting.Send, sighting.MessageLog, "Example Messenger"},
	{sighting.Offer, sighting.Observation, "BitTorrent"},
	{sighting.Hold, sighting.DeviceFile, ""},
}

func (m *made) batch(from, n int) []sighting.Sighting {
	r := rand.New(rand.NewPCG(7, uint64(from)))
	source := hex.EncodeToString(madeBytes("source", from, 32))
	out := make([]sighting.Sighting, n)
	for k := range n {
		out[k] = m.sighting(from+k, source, int64(k), r)
	}
	return out
}

func (m *made) sighting(i int, source string, row int64, r *rand.Rand) sighting.Sighting {
	a := madeActs[r.IntN(len(madeActs))]
	when := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(2*365*24*3600)) * time.Second)
	s := sighting.Sighting{
		Origin: sighting.Origin{Source: source, Reader: "made", Version: 1, Place: sighting.Place{Start: 300 * row, End: 300*row + 300, Locator: fmt.Sprintf("row %d", row+2)}},
		Act:    a.act, Standing: a.standing, Service: a.service, When: instant.At(when),
		Content: sighting.Content{Digests: m.digests(m.content(i, r)), Name: fmt.Sprintf("IMG_%04d.jpg", r.IntN(10000)), MediaType: "image/jpeg", Size: 10_000 + int64(i)},
	}
	s.ID = s.Origin.Identify()
	account := func() sighting.Identifier {
		return sighting.Identifier{Kind: sighting.Account, Service: sighting.ServiceKey(a.service), Value: fmt.Sprint(900_000_000_000_000 + r.IntN(m.total/20))}
	}
	switch a.act {
	case sighting.Hold:
		return s
	case sighting.Offer:
		s.Who, s.Grade = []sighting.Identifier{{Kind: sighting.Peer, Value: hex.EncodeToString(madeBytes("peer", r.IntN(m.total/20), 20))}}, "G3"
	case sighting.Send:
		s.Who, s.To = []sighting.Identifier{account()}, []sighting.Identifier{account()}
	default:
		s.Who = []sighting.Identifier{account()}
	}
	s.From = madeEndpoint(r)
	return s
}

// madeEndpoint lies in 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737)
// or 2001:db8::/32 (RFC 3849).
func madeEndpoint(r *rand.Rand) sighting.Endpoint {
	e := sighting.Endpoint{Port: uint16(1024 + r.IntN(60_000))}
	switch n := r.IntN(6); {
	case n < 3:
		net := [][3]byte{{192, 0, 2}, {198, 51, 100}, {203, 0, 113}}[n]
		e.IP = netip.AddrFrom4([4]byte{net[0], net[1], net[2], byte(1 + r.IntN(254))})
	default:
		a := [16]byte{0x20, 0x01, 0x0d, 0xb8}
		for k := 6; k < 16; k++ {
			a[k] = byte(r.Uint32())
		}
		e.IP = netip.AddrFrom16(a)
	}
	return e
}
