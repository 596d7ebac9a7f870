package app

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/custody"
	"suraag/fault"
	"suraag/flow"
	"suraag/intake"
)

// declared are the flags by which an officer states what a file does not.
type declared struct {
	FileZone  string            `help:"Zone of times that state none: a name like Asia/Kolkata, IST or UTC. Without it they stay ambiguous." placeholder:"ZONE"`
	DateOrder string            `help:"Order of dates like 03/04/2025: 'day first' or 'month first'." placeholder:"ORDER"`
	Service   string            `help:"Service or tool, where a generic file does not name it." placeholder:"NAME"`
	Column    map[string]string `help:"Column map: our name=the file's name or number. May be repeated." placeholder:"OURS=THEIRS"`
	Format    string            `help:"Read as this format instead of detecting it." placeholder:"NAME"`
}

func (d declared) options() flow.Declared {
	return flow.Declared{Zone: d.FileZone, Order: d.DateOrder, Service: d.Service, Columns: d.Column, Format: d.Format}
}

type intakeCmd struct {
	Paths     []string `arg:"" help:"Files or folders." placeholder:"PATH"`
	Authority string   `help:"Under what the documents are held: an FIR, a warrant, a referral. Required." placeholder:"WORDS"`
	Case      string   `help:"Number of the case to which the documents are handed in. Without it they are for the whole unit." placeholder:"NUMBER"`
	DryRun    bool     `help:"Count new, duplicate and bad rows; seal and store nothing."`
	Queue     bool     `help:"Seal and put on the queue only; suraag worker reads."`
	Declared  declared `embed:""`
}

// Help is the long help of the command.
func (intakeCmd) Help() string {
	return `Seals each file under its SHA-256, detects its format and reads it. Bad rows are listed in a file with their places and reasons; good rows are kept. Handing the same file in again adds nothing. After Ctrl-C, run the same command again: it goes on.

Examples:
  suraag intake tip.json return.zip --authority "FIR 12/2025 PS Cyber Cell"
  suraag intake export/ --authority "Warrant 7/2025" --file-zone IST --dry-run

` + exitCodes
}

// Received is what came of one file.
type Received struct {
	Name    string        `json:"name"`
	Source  string        `json:"source,omitempty"`
	New     bool          `json:"new"`
	State   string        `json:"state"`
	Formats []string      `json:"formats,omitempty"`
	Counts  intake.Counts `json:"counts"`
	Problem string        `json:"problem,omitempty"`
	BadRows string        `json:"bad_rows,omitempty"` // file with the bad rows and their reasons
}

func (c *intakeCmd) Run(s *stage) error {
	files, err := filesBelow(c.Paths)
	if err != nil {
		return err
	}
	if c.DryRun {
		return c.dryRun(s, files)
	}
	if err := custody.NeedAuthority(c.Authority); err != nil {
		return err
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	if err := s.tidy(h); err != nil {
		return err
	}
	forCase := ""
	if c.Case != "" {
		w, ctx, err := s.walls(h)
		if err == nil {
			forCase, err = w.MayAdd(ctx, c.Case)
		}
		if err != nil {
			return fault.WithHint(fault.Wrapf(err, "case %q", c.Case), "see suraag case list; suraag case new opens one")
		}
	}
	out, err := s.receive(h, files, !c.Queue, func(name string) flow.HandIn {
		return flow.HandIn{Name: name, BroughtBy: s.by(), Authority: c.Authority, Case: forCase, Options: c.Declared.options()}
	})
	if err != nil {
		return err
	}
	return s.printReceived(h, out)
}

// receive seals files and, unless others do it, reads them, and tells what came
// of each.
func (s *stage) receive(h *house, files []string, read bool, handIn func(name string) flow.HandIn) ([]Received, error) {
	var out []Received
	var ids []string
	p := newProgress(s.err)
	for n, path := range files {
		p.say(func() string { return fmt.Sprintf("sealed %d of %d files", n, len(files)) })
		r, err := s.seal(h, path, handIn(filepath.Base(path)))
		if err != nil {
			p.done()
			return out, err
		}
		out = append(out, r)
		ids = append(ids, r.Source)
	}
	p.done()
	if !read {
		return out, nil
	}
	if err := s.settle(h, ids); err != nil {
		return out, err
	}
	for n := range out {
		if err := s.outcome(h, &out[n]); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *stage) seal(h *house, path string, in flow.HandIn) (Received, error) {
	f, err := os.Open(path)
	if err != nil {
		return Received{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	src, added, err := h.Receive(s.ctx, in, f)
	return Received{Name: path, Source: src.ID, New: added, State: src.State}, err
}

// outcome completes what came of one file, and writes its bad rows to a file.
func (s *stage) outcome(h *house, r *Received) error {
	src, err := h.db.Source(s.ctx, r.Source)
	if err != nil {
		return err
	}
	var result intake.Result
	if len(src.Result) > 0 {
		if err := json.Unmarshal(src.Result, &result); err != nil {
			return fault.Newf(fault.Corrupt, "source %s: %w", src.ID, err)
		}
	}
	r.State, r.Problem, r.Formats, r.Counts = src.State, src.Problem, result.Formats(), result.Counts
	if result.Bad+result.Notes == 0 {
		return nil
	}
	r.BadRows, err = s.writeProblems(h, src)
	return err
}

// writeProblems writes every bad row and note of a source to a CSV file.
func (s *stage) writeProblems(h *house, src custody.Source) (string, error) {
	problems, err := h.db.Problems(s.ctx, src.ID, 0, 0)
	if err != nil || len(problems) == 0 {
		return "", err
	}
	dir := filepath.Join(h.dir, "bad-rows")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fault.As(fault.Unavailable, err)
	}
	path := filepath.Join(dir, src.ID[:16]+".csv")
	f, err := os.Create(path)
	if err != nil {
		return "", fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	w.Write([]string{"source", "kind", "place", "locator", "reason"})
	for _, p := range problems {
		w.Write([]string{src.ID, p.Kind, p.Place.String(), p.Place.Locator, p.Reason})
	}
	w.Flush()
	return path, fault.As(fault.Unavailable, w.Error())
}

func (s *stage) printReceived(h *house, out []Received) error {
	if s.cli.JSON {
		return s.print(list(out))
	}
	t := s.table("file", "state", "format", "sightings", "leases", "entries", "bad", "notes")
	for _, r := range out {
		state := r.State
		if !r.New {
			state += ", here before"
		}
		t.AppendRow(table.Row{r.Name, state, strings.Join(r.Formats, ", "), r.Counts.Sightings, r.Counts.Leases, r.Counts.Listings, r.Counts.Bad, r.Counts.Notes})
	}
	t.Render()
	for _, r := range out {
		if r.Problem != "" {
			fmt.Fprintf(s.out, "\n%s: %s\n", r.Name, r.Problem)
		}
		if r.BadRows != "" {
			fmt.Fprintf(s.out, "bad rows and notes of %s: %s\n", r.Name, r.BadRows)
		}
	}
	s.lookedFor(h, out)
	return unreadable(out)
}

// lookedFor says once which formats are known, if a file had none of them.
func (s *stage) lookedFor(h *house, out []Received) {
	for _, r := range out {
		if r.State == custody.Unread {
			fmt.Fprintln(s.out, "\nLooked for:")
			for _, f := range h.Formats {
				fmt.Fprintf(s.out, "  %s: %s (%s)\n", f.Name, f.Title, f.Marks)
			}
			fmt.Fprintln(s.out, "A table of observations in another form: suraag intake FILE --format generic/csv --column OURS=THEIRS (doc/generic-observations.md).")
			return
		}
	}
}

// unreadable ends the command with an error if nothing at all could be read.
func unreadable(out []Received) error {
	for _, r := range out {
		if r.State == custody.Read || r.State == custody.Sealed {
			return nil
		}
	}
	if len(out) == 0 {
		return fault.Newf(fault.NotFound, "no file to hand in")
	}
	return fault.Newf(fault.Invalid, "none of %d files could be read; they are sealed, and will be read again when a reader for them comes", len(out))
}

func (c *intakeCmd) dryRun(s *stage, files []string) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	var out []flow.Preview
	for _, path := range files {
		p, err := s.preview(h, path, c.Declared.options())
		if err != nil {
			return err
		}
		out = append(out, p)
	}
	if s.cli.JSON {
		return s.print(list(out))
	}
	t := s.table("file", "format", "new", "duplicate", "bad", "notes")
	for _, p := range out {
		t.AppendRow(table.Row{p.Name, strings.Join(p.Formats, ", "), p.New, p.Duplicate, p.Bad, p.Notes})
	}
	t.Render()
	for _, p := range out {
		if p.Problem != "" {
			fmt.Fprintf(s.out, "\n%s: %s\n", p.Name, p.Problem)
		}
		for _, x := range p.Problems {
			fmt.Fprintf(s.out, "%s: %s at %s (%s): %s\n", p.Name, x.Kind, x.Place, x.Place.Locator, x.Reason)
		}
	}
	fmt.Fprintln(s.out, "\nDry run: nothing was sealed or stored.")
	return nil
}

func (s *stage) preview(h *house, path string, d flow.Declared) (flow.Preview, error) {
	f, err := os.Open(path)
	if err != nil {
		return flow.Preview{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return flow.Preview{}, fault.As(fault.Unavailable, err)
	}
	id, err := sum(f)
	if err != nil {
		return flow.Preview{}, err
	}
	p, err := h.DryRun(s.ctx, intake.Source{ID: id, Name: filepath.Base(path), Size: info.Size(), Bytes: f}, d)
	p.Name = path
	p.Formats, p.Problems, p.Members = list(p.Formats), list(p.Problems), list(p.Members)
	return p, err
}

// filesBelow lists files, those of folders recursively and in order. What is no
// regular file is refused by name, so that nothing is passed over in silence.
func filesBelow(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fault.Newf(fault.NotFound, "%w", err)
		}
		if !info.IsDir() {
			out = append(out, p)
			continue
		}
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return fault.As(fault.Unavailable, err)
			}
			if d.Type()&fs.ModeSymlink != 0 {
				return fault.WithHint(fault.Newf(fault.Invalid, "%q is a link", path), "hand in the file that it points to")
			}
			if d.Type().IsRegular() {
				out = append(out, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(out)
	return out, nil
}
