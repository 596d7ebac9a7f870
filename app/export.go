package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/custody/disk"
	"suraag/doc"
	"suraag/export"
	"suraag/fault"
	"suraag/intake"
	"suraag/people"
	"suraag/sighting"
	"suraag/web"
)

type exportCmd struct {
	Bundle   exportBundle   `cmd:"" help:"Write a bundle that a court's expert can check without this program's record."`
	Timeline exportTimeline `cmd:"" help:"Write every sighting as CSV, for a spreadsheet."`
}

type exportBundle struct {
	Target    string `arg:"" help:"ID of a lead (or its first 6 digits and more), number of a case, or what suraag trace takes: a hash, an account, a phone, an ip, an ip:port." placeholder:"LEAD|CASE|TARGET"`
	Out       string `help:"File to write; one that exists is not overwritten." short:"o" placeholder:"FILE.zip"`
	Originals string `help:"Which originals to enclose: documents (lists of hashes and address data by their hash only), all, or none (hashes and byte ranges only)." enum:"documents,all,none" default:"documents"`
}

// Help is the long help of the command.
func (exportBundle) Help() string {
	return `Writes a zip with every statement on a lead, a case or a target, the originals it rests on, a readable PDF, a draft of the certificate under section 63(4)(c) BSA 2023, and the same facts in CASE/UCO. What speaks against the statements, what was refused and what is not known is always part of it. The certificate is left for a person to complete and sign.

Examples:
  suraag export bundle 76aba756619b -o lead.zip
  suraag export bundle "FIR 12/2025" -o case.zip
  suraag export bundle sha1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 --originals none

Check it anywhere with: suraag verify --bundle lead.zip

` + exitCodes
}

func (c *exportBundle) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	zone, err := s.zone()
	if err != nil {
		return err
	}
	asker := s.machine(h)
	m, err := asker.material(s.ctx, c.Target, s.now(), zone)
	if err != nil {
		return err
	}
	m.Enclose = export.Enclose(c.Originals)
	out := c.Out
	if out == "" {
		out = fileName(m.About) + ".zip"
	}
	b, err := h.bundle(s.ctx, m, asker.library)
	if err != nil {
		return err
	}
	if err := h.logExport(s.ctx, b, s.by()); err != nil {
		return err
	}
	if err := writeNew(out, func(w io.Writer) error { return b.Write(s.ctx, w) }); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(struct {
			File    string `json:"file"`
			Content string `json:"content"`
		}{out, b.Content()})
	}
	fmt.Fprintf(s.out, "%s written. Its content: %s\nCheck it anywhere with: suraag verify --bundle %s\n", out, b.Content(), out)
	return nil
}

type exportTimeline struct {
	Target string `arg:"" help:"ID of a lead, number of a case, or what suraag trace takes." placeholder:"LEAD|CASE|TARGET"`
	Out    string `help:"File to write; one that exists is not overwritten." short:"o" required:"" placeholder:"FILE.csv"`
}

// Help is the long help of the command.
func (exportTimeline) Help() string {
	return "Writes every sighting of a lead's content, of a case or of a target as CSV, in order of time, with UTC and the zone, the words as written, the standing, and the place in the original. That it was written is logged.\n\nExample:\n  suraag export timeline 76aba756619b -o lead.csv\n\n" + exitCodes
}

func (c *exportTimeline) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	zone, err := s.zone()
	if err != nil {
		return err
	}
	asker := s.machine(h)
	m, err := asker.material(s.ctx, c.Target, s.now(), zone)
	if err != nil {
		return err
	}
	d, err := export.Compose(s.ctx, m, asker.library)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := d.Timeline(&text); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	record := d.TakenOut("timeline")
	record.SHA256 = hex.EncodeToString(sum[:])
	if err := h.note(s.ctx, custody.Export, m.About.Kind+" "+m.About.ID, s.by(), record); err != nil {
		return err
	}
	if err := writeNew(c.Out, func(w io.Writer) error { _, err := w.Write(text.Bytes()); return err }); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(struct {
			File   string `json:"file"`
			SHA256 string `json:"sha256"`
			Rows   int    `json:"rows"`
		}{c.Out, record.SHA256, len(d.Records)})
	}
	fmt.Fprintf(s.out, "%s written: %s, SHA-256 %s\n", c.Out, counted(len(d.Records), "sighting"), record.SHA256)
	return nil
}

// asker is the record as whoever exports may see it.
type asker struct {
	lead    func(ctx context.Context, id string) (casework.Lead, error)
	trace   func(ctx context.Context, target string, zone *time.Location) (casework.Trace, error)
	kase    func(ctx context.Context, key string) (c people.Case, sources []string, leads []casework.Lead, err error)
	library export.Library
	by      string
}

// maxTraces bounds the contents of one case that are traced for its bundle.
const maxTraces = 200

// material gathers what a bundle about a lead, a case or a target is made of.
func (a asker) material(ctx context.Context, target string, now time.Time, zone *time.Location) (export.Material, error) {
	m := export.Material{AsOf: now, MadeBy: a.by, Zone: zone.String(), Program: program(), Enclose: export.Documents}
	l, err := a.lead(ctx, target)
	if err == nil {
		m.About = export.About{Kind: "lead", ID: l.ID, Title: "Lead " + l.ID[:12]}
		m.Leads = []casework.Lead{l}
		return m, a.traces(ctx, &m, zone)
	}
	if k := fault.KindOf(err); k != fault.NotFound && k != fault.Invalid {
		return m, err
	}
	c, sources, leads, err := a.kase(ctx, target)
	if err == nil {
		m.About = export.About{Kind: "case", ID: c.ID, Title: "Case " + c.Number + ": " + c.Title}
		m.Leads, m.Sources = leads, sources
		return m, a.traces(ctx, &m, zone)
	}
	if fault.KindOf(err) != fault.NotFound {
		return m, err
	}
	t, err := a.trace(ctx, target, zone)
	if err != nil {
		return m, err
	}
	m.About = export.About{Kind: "trace", ID: target, Title: "Trace of " + t.Target.Kind + " " + target}
	m.Traces = []casework.Trace{t}
	return m, nil
}

// traces follows what the leads are about, each content once.
func (a asker) traces(ctx context.Context, m *export.Material, zone *time.Location) error {
	asked := map[string]bool{}
	for _, l := range m.Leads {
		about := l.Content.String()
		if l.Content.IsZero() {
			about = l.Finding.Observation.Endpoint.String()
		}
		if asked[about] {
			continue
		}
		if asked[about] = true; len(asked) > maxTraces {
			return fault.WithHint(fault.Newf(fault.TooLarge, "the leads of this case are about more than %d contents", maxTraces), "export its leads one by one")
		}
		t, err := a.trace(ctx, about, zone)
		if err != nil {
			return err
		}
		m.Traces = append(m.Traces, t)
	}
	return nil
}

// machine is the record as whoever has the machine itself sees it.
func (s *stage) machine(h *house) asker {
	return asker{
		lead: h.db.FindLead, trace: h.House.Trace, library: library{h}, by: s.by(),
		kase: func(ctx context.Context, key string) (people.Case, []string, []casework.Lead, error) {
			all, err := h.db.Cases(ctx, s.now())
			if err != nil {
				return people.Case{}, nil, nil, err
			}
			for _, c := range all {
				if c.ID == key || c.Number == key {
					sources, err := h.db.SourcesIn(ctx, c.ID)
					if err != nil {
						return c, nil, nil, err
					}
					leads, err := h.db.Leads(ctx, 0)
					return c, sources, leadsOf(leads, sources), err
				}
			}
			return people.Case{}, nil, nil, fault.Newf(fault.NotFound, "no case %q", key)
		},
	}
}

// leadsOf keeps the leads that sources of a case state.
func leadsOf(leads []casework.Lead, sources []string) []casework.Lead {
	return slices.DeleteFunc(leads, func(l casework.Lead) bool { return !slices.Contains(sources, l.Source) })
}

// bundle composes the dossier and sets its documents.
func (h *house) bundle(ctx context.Context, m export.Material, lib export.Library) (*export.Bundle, error) {
	d, err := export.Compose(ctx, m, lib)
	if err != nil {
		return nil, err
	}
	return export.NewBundle(ctx, d, h.Originals, export.Papers{Verify: doc.Read("verify.md"), Validation: doc.Read("validation.md")})
}

// logExport writes an export into the custody log, waits until a checkpoint
// commits to it, and encloses what shows that: of the export itself, and of the
// sources and the lead that it is about. What cannot be logged does not leave.
func (h *house) logExport(ctx context.Context, b *export.Bundle, by string) error {
	entry, err := b.Entry(by, h.Now())
	if err != nil {
		return err
	}
	var id string // the same may be exported by two at once, and each encloses its own entry
	err = h.db.InTx(ctx, func(tx *sql.Tx) error { id, err = h.db.LogOne(ctx, tx, entry); return err })
	if err != nil {
		return err
	}
	if err := h.published(ctx, id, entry.Subject); err != nil {
		return err
	}
	settings, err := h.logSettings()
	if err != nil {
		return err
	}
	if settings.Timestamp != "" { // an export does not wait for the next turn
		last, err := h.db.LastCheckpoint(ctx)
		if err == nil && len(last.Token) == 0 {
			err = h.stampOne(ctx, settings, last)
		}
		if err != nil {
			h.Log.Warn("the bundle's checkpoint has no time stamp", "error", err)
		}
	}
	entries, err := h.db.EntriesAbout(ctx, entry.Subject)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(l custody.Logged) bool { return l.ID != id })
	for _, subject := range b.Subjects() {
		about, err := h.db.EntriesAbout(ctx, subject)
		if err != nil {
			return err
		}
		for _, l := range about {
			if l.Place >= 0 && b.Encloses(l) {
				entries = append(entries, l)
			}
		}
	}
	stamped := false
	for _, l := range entries {
		e, err := h.evidence(ctx, l.Place)
		if err != nil {
			return err
		}
		if err := b.AddEvidence(e); err != nil {
			return err
		}
		stamped = stamped || len(e.Token) > 0
	}
	if stamped {
		b.AddRoots(settings.Roots)
	}
	return nil
}

// published waits until a checkpoint commits to an entry, whoever writes the log.
func (h *house) published(ctx context.Context, id, subject string) error {
	for end := time.Now().Add(3 * logWait); ; {
		if err := h.settleLog(ctx); err != nil {
			return err
		}
		entries, err := h.db.EntriesAbout(ctx, subject)
		if err != nil {
			return err
		}
		last, err := h.db.LastCheckpoint(ctx)
		if err != nil {
			return err
		}
		for _, l := range entries {
			if l.ID == id && l.Place >= 0 && l.Place < last.Size {
				return nil
			}
		}
		if time.Now().After(end) {
			return fault.WithHint(fault.Newf(fault.Unavailable, "no checkpoint of the custody log commits to this export yet"), "see suraag log status; nothing was written")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(logBeat):
		}
	}
}

// library is the record as a dossier needs it.
type library struct{ *house }

func (l library) Source(ctx context.Context, id string) (custody.Source, error) {
	return l.db.Source(ctx, id)
}
func (l library) Sources(ctx context.Context) ([]custody.Source, error) { return l.db.Sources(ctx) }
func (l library) HandIns(ctx context.Context, id string) ([]custody.HandIn, error) {
	return l.db.HandIns(ctx, id)
}

func (l library) Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error) {
	return l.db.Problems(ctx, source, from, limit)
}

func (l library) Bytes(_ context.Context, source string, at sighting.Place, limit int64) ([]byte, bool, error) {
	o, err := l.Originals.Open(source)
	if err != nil {
		return nil, false, err
	}
	defer o.Close()
	return intake.Quote(intake.Source{ID: source, Name: source, Size: o.Size(), Bytes: o}, at, limit)
}

// program says what this program is. The build is the hash of its own file.
func program() export.Program {
	p := export.Program{Name: "Suraag", Version: Version, Build: "not known", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				p.Revision = s.Value
			}
		}
	}
	file, err := os.Executable()
	if err != nil {
		return p
	}
	f, err := os.Open(file)
	if err != nil {
		return p
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err == nil {
		p.Build = hex.EncodeToString(sum.Sum(nil))
	}
	return p
}

// fileName names a document after what it is about.
func fileName(a export.About) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, a.ID)
	return strings.Trim(a.Kind+"-"+name[:min(len(name), 40)], "-.")
}

// writeNew writes a file that is there whole or not at all, and never over
// another.
func writeNew(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".suraag-*")
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		if os.IsExist(err) {
			return fault.WithHint(fault.Newf(fault.Conflict, "%q exists", path), "give another file with --out")
		}
		return fault.As(fault.Unavailable, err)
	}
	return disk.Machine().SyncFolder(filepath.Dir(path))
}

// Export makes a document as whoever asks may see the record, and logs it. A
// statement that rests on a source of another case makes none: it could not be
// shown with its place.
func (d desk) Export(ctx context.Context, target, what string, zone *time.Location) (web.Download, error) {
	by := people.From(ctx).By
	a := asker{lead: d.FindLead, trace: d.Trace, kase: d.inside, library: deskLibrary{d}, by: by}
	m, err := a.material(ctx, target, d.Now(), zone)
	if err != nil {
		return web.Download{}, err
	}
	b, err := d.bundle(ctx, m, a.library)
	if err != nil {
		return web.Download{}, err
	}
	if err := d.logExport(ctx, b, by); err != nil {
		return web.Download{}, err
	}
	out := web.Download{Name: fileName(m.About) + ".zip", Type: "application/zip", Write: b.Write}
	if what == web.AsPDF {
		out = web.Download{Name: fileName(m.About) + ".pdf", Type: "application/pdf", Write: func(_ context.Context, w io.Writer) error {
			r, err := b.Readable()
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(w, r)
			return err
		}}
	}
	return out, nil
}

// inside gives a case to those who may look into it.
func (d desk) inside(ctx context.Context, key string) (people.Case, []string, []casework.Lead, error) {
	in, err := d.wall.Look(ctx, key)
	if err != nil {
		return people.Case{}, nil, nil, err
	}
	leads, err := d.Leads(ctx, 0)
	return in.Case, in.Sources, leadsOf(leads, in.Sources), err
}

// deskLibrary is the record as whoever asks may see it.
type deskLibrary struct{ desk }

func (l deskLibrary) Source(ctx context.Context, id string) (custody.Source, error) {
	return l.FindSource(ctx, id)
}

func (l deskLibrary) Bytes(ctx context.Context, source string, at sighting.Place, limit int64) ([]byte, bool, error) {
	if _, err := l.mayLook(ctx, source); err != nil {
		return nil, false, err
	}
	return library{l.house}.Bytes(ctx, source, at, limit)
}
