package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
	lists "suraag/hashset/files"
)

// madeList is a list that the benchmark imports.
type madeList struct {
	file, what string
	entries    int
	write      func(w io.Writer, entries int)
}

// list imports made lists as "suraag hashset import" does.
func (b *bench) list() error {
	for _, l := range []madeList{
		{"unsorted.csv", "CSV of MD5, SHA-1 and category, unsorted", b.cmd.Entries, func(w io.Writer, n int) { writeCSV(w, n, false) }},
		{"sorted.csv", "the same, sorted by MD5", b.cmd.Entries, func(w io.Writer, n int) { writeCSV(w, n, true) }},
		{"made.vics.json", "VICS hash set of MD5 and SHA-1", b.cmd.Entries, writeVICS},
		{"pdq.csv", "CSV of PDQ", b.cmd.Codes, writePDQ},
	} {
		if err := b.importList(l); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) importList(l madeList) error {
	path := filepath.Join(b.dir, l.file)
	size, err := l.save(path)
	if err != nil {
		return err
	}
	h, err := b.openIn("list " + l.file)
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
	began, worked := time.Now(), programTime()
	src, _, err := h.Receive(b.ctx, flow.HandIn{Name: l.file, BroughtBy: "bench", Authority: "made", List: hashset.Set{Name: "made", From: "bench"}}, f)
	sealed := time.Since(began)
	if err == nil {
		err = b.settle(h, []string{src.ID})
	}
	took, most := time.Since(began), highest()
	worked = programTime() - worked
	if err != nil {
		return err
	}
	sets, err := h.db.Sets(b.ctx)
	if err != nil {
		return err
	}
	if len(sets) != 1 || sets[0].Entries != int64(l.entries) {
		return fault.Newf(fault.Internal, "the list has %v, not the %d entries that were made", sets, l.entries)
	}
	b.found("list", "rows/s", float64(l.entries)/took.Seconds(), "%s: import of %d entries (%d MB), sealed (%.1f s), read and live", l.what, l.entries, size/megabyte, sealed.Seconds())
	b.found("list", "rows/s", float64(l.entries)/worked.Seconds(), "%s: the same by processor time, on which a busy machine has no bearing", l.what)
	b.found("list", "MiB", float64(most)/megabyte, "%s: highest heap meanwhile", l.what)
	if l.file == "pdq.csv" {
		return b.firstNear(h, src.ID, l.entries)
	}
	return nil
}

// firstNear opens the list as a program that has just begun does: its index is
// mapped, and every byte of it checked.
func (b *bench) firstNear(h *house, source string, entries int) error {
	fresh, err := lists.In(filepath.Join(h.dir, "lists"))
	if err != nil {
		return err
	}
	began := time.Now()
	e, err := fresh.Open(source)
	if err != nil {
		return err
	}
	look := madeDigest(digest.PDQ, 7, 32)
	hits := 0
	if err := e.Near(b.ctx, []digest.Digest{look}, flow.DefaultPolicy().PDQDistance, func(int, hashset.Neighbour) bool { hits++; return true }); err != nil {
		return err
	}
	took := time.Since(began)
	if hits != 1 {
		return fault.Newf(fault.Internal, "%d entries lie near one of them", hits)
	}
	b.found("list", "ms", float64(took.Microseconds())/1000, "first near question to a list of %d PDQ values: mapped, checked and searched", entries)
	return nil
}

// save writes the list and gives its length.
func (l madeList) save(path string) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, megabyte)
	l.write(w, l.entries)
	if err := w.Flush(); err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	info, err := f.Stat()
	if err != nil {
		return 0, fault.As(fault.Unavailable, err)
	}
	return info.Size(), nil
}

// writeCSV writes digests of nothing.
func writeCSV(w io.Writer, entries int, sorted bool) {
	fmt.Fprintln(w, "md5,sha1,category")
	for i := range entries {
		if sorted {
			fmt.Fprintf(w, "%016x%016x,%x,%d\n", uint64(i)*(1<<63/uint64(entries)*2), i, madeBytes("sha1", i, 20), 1+i%2)
		} else {
			fmt.Fprintf(w, "%x,%x,%d\n", madeBytes("md5", i, 16), madeBytes("sha1", i, 20), 1+i%2)
		}
	}
}

func writePDQ(w io.Writer, entries int) {
	fmt.Fprintln(w, "pdq,quality")
	for i := range entries {
		fmt.Fprintf(w, "%x,100\n", madeBytes("pdq", i, 32))
	}
}

// writeVICS writes a VICS 2.0 hash set.
func writeVICS(w io.Writer, entries int) {
	io.WriteString(w, `{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media","value":[`)
	for i := range entries {
		if i > 0 {
			io.WriteString(w, ",")
		}
		fmt.Fprintf(w, "\n"+`{"MediaID":%d,"Category":%d,"MD5":"%X","SHA1":"%X","MediaSize":%d,"MimeType":"image/jpeg","VictimIdentified":false,"OffenderIdentified":false,"IsDistributed":true,"IsPrecategorized":false,"DateUpdated":"2025-03-02T09:00:00+05:30"}`,
			i+1, 1+i%2, madeBytes("md5", i, 16), madeBytes("sha1", i, 20), 10_000+i)
	}
	io.WriteString(w, "\n]}\n")
}
