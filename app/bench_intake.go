package app

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"suraag/fault"
	"suraag/flow"
)

// intake hands in a made table of observations as "suraag intake" does.
func (b *bench) intake() error {
	path := filepath.Join(b.dir, "made.csv")
	size, err := writeObservations(path, b.cmd.Rows)
	if err != nil {
		return err
	}
	h, err := b.openIn("intake")
	if err != nil {
		return err
	}
	defer h.close()
	f, err := os.Open(path)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	runtime.GC()
	highest := peak()
	began := time.Now()
	src, _, err := h.Receive(b.ctx, flow.HandIn{Name: "made.csv", BroughtBy: "bench", Authority: "made"}, f)
	sealed := time.Since(began)
	if err == nil {
		err = b.settle(h, []string{src.ID})
	}
	took, most := time.Since(began), highest()
	if err != nil {
		return err
	}
	counts, err := h.db.Count(b.ctx)
	if err != nil {
		return err
	}
	if counts.Sightings != int64(b.cmd.Rows) {
		return fault.Newf(fault.Internal, "%d sightings are in the record, %d rows were made", counts.Sightings, b.cmd.Rows)
	}
	b.found("intake", "rows/s", float64(b.cmd.Rows)/took.Seconds(), "table of %d observations (%d MB), sealed, read and stored", b.cmd.Rows, size/megabyte)
	b.found("intake", "s", sealed.Seconds(), "until it was sealed")
	b.found("intake", "MiB", float64(most)/megabyte, "highest heap meanwhile")
	return nil
}

// writeObservations streams a table as a peer-to-peer tool would keep it.
func writeObservations(path string, rows int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, megabyte)
	fmt.Fprintln(w, "observed_at,act,ip,port,network,peer_id,md5,sha1,file_name,size,grade,tool")
	r := rand.New(rand.NewPCG(8, 9))
	for i := range rows {
		content, e := r.IntN(1+rows/10), madeEndpoint(r)
		when := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(90*24*3600)) * time.Second)
		fmt.Fprintf(w, "%s,offer,%s,%d,BitTorrent,%x,%x,%x,IMG_%04d.jpg,%d,G3,made 1.0\n", when.Format(time.RFC3339), e.IP, e.Port,
			madeBytes("peer", r.IntN(1+rows/20), 20), madeBytes("md5", content, 16), madeBytes("sha1", content, 20), content%10_000, 10_000+i)
	}
	if err := w.Flush(); err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	info, err := f.Stat()
	if err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	return info.Size(), nil
}
