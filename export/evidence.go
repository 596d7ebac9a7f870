package export

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/stamp"
	"suraag/fault"
)

// Entry is what has to go into the custody log before the bundle is written: who
// took what out, and the hash of it.
func (b *Bundle) Entry(by string, at time.Time) (custody.Entry, error) {
	a := b.dossier.About
	said := b.dossier.TakenOut(Format)
	said.Content = b.content
	return custody.Saying(custody.Export, a.Kind+" "+a.ID, by, at, said)
}

// TakenOut is what the log says of a document made of the dossier, so that whoever was
// given it can be told of an error in what it rests on (rule R14).
func (d *Dossier) TakenOut(format string) custody.TakenOut {
	out := custody.TakenOut{Format: format, Kind: d.About.Kind}
	var sources, records []string
	for _, s := range d.Sources {
		sources = append(sources, s.ID)
	}
	for _, s := range d.Statements {
		out.Cut = out.Cut || s.More > 0
		for _, r := range s.RestsOn {
			sources, records = append(sources, r.Source), append(records, r.Record)
		}
		for _, data := range s.Data {
			sources = append(sources, data.SHA256)
		}
	}
	for _, r := range d.Records {
		sources, records = append(sources, r.Source), append(records, r.ID)
	}
	out.Rests(sources, records)
	return out
}

// Subjects are what the log may hold entries about: the sources and the lead.
func (b *Bundle) Subjects() []string {
	out := []string{}
	for _, s := range b.dossier.Sources {
		out = append(out, s.ID)
	}
	if b.dossier.About.Kind == "lead" {
		out = append(out, b.dossier.About.ID)
	}
	return out
}

// Encloses tells whether an entry about a subject belongs into the bundle: what
// became of a source or a lead does; who looked, and a hand-in that the dossier
// does not tell of (to a case that whoever exports may not see), do not.
func (b *Bundle) Encloses(l custody.Logged) bool {
	switch l.Kind {
	case custody.SourceRead, custody.SourceSuperseded, custody.LeadOpened, custody.LeadChanged, custody.LeadClosed:
		return true
	case custody.SourceSealed:
		e, err := custody.Parse(l.Canonical)
		var said custody.Receipt
		if err != nil || json.Unmarshal(e.Record, &said) != nil {
			return false
		}
		for _, s := range b.dossier.Sources {
			if s.ID == l.Subject && slices.ContainsFunc(s.HandIns, func(h custody.HandIn) bool { return h.Authority == said.Authority && h.BroughtBy == said.BroughtBy }) {
				return true
			}
		}
	}
	return false
}

// The files of one entry of the log, in a folder named by its place.
const (
	evidenceFile   = "evidence.json" // all of it, for programs
	leafFile       = "leaf"          // the bytes that give the leaf by SHA-256
	checkpointFile = "checkpoint"    // a signed note (C2SP tlog-checkpoint)
	proofFile      = "proof.tlog"    // C2SP tlog-proof
	keyFile        = "log.key"       // verifier key (C2SP signed-note)
	tokenFile      = "stamp.tsr"     // RFC 3161 response over the checkpoint
	rootsFile      = logFolder + "stamp-roots.pem"
)

// AddEvidence encloses what shows that an entry stands in the log.
func (b *Bundle) AddEvidence(e proof.Evidence) error {
	files, err := evidenceFiles(e)
	if err != nil {
		return err
	}
	for name, text := range files {
		b.add(entryFolder(e.Place)+name, text)
	}
	b.sort()
	return nil
}

// AddRoots encloses the root certificates of the time-stamping authority, as PEM.
func (b *Bundle) AddRoots(pem string) {
	b.add(rootsFile, []byte(pem))
	b.sort()
}

func entryFolder(place uint64) string { return fmt.Sprintf("%s%09d/", logFolder, place) }

// evidenceFiles gives the same evidence once for programs and once for open
// tools.
func evidenceFiles(e proof.Evidence) (map[string][]byte, error) {
	doc, err := encode(e)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{evidenceFile: doc, checkpointFile: []byte(e.Checkpoint), keyFile: []byte(e.Key + "\n"), proofFile: tlogProof(e)}
	if e.Record != "" {
		salt, err := hex.DecodeString(e.Salt)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "salt %q: %w", e.Salt, err)
		}
		files[leafFile] = slices.Concat([]byte("suraag log entry 1\n"), salt, []byte(e.Record))
	}
	if len(e.Token) > 0 {
		files[tokenFile] = e.Token
	}
	return files, nil
}

// tlogProof is the proof as C2SP tlog-proof has it.
func tlogProof(e proof.Evidence) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "c2sp.org/tlog-proof@v1\nindex %d\n", e.Place)
	for _, h := range e.Path {
		fmt.Fprintln(&out, base64.StdEncoding.EncodeToString(h))
	}
	out.WriteString("\n" + e.Checkpoint)
	return []byte(out.String())
}

// Trust is what whoever checks trusts, rather than what the bundle says of
// itself. What is empty is taken from the bundle, and the report says so.
type Trust struct {
	Key    string // verifier key of the unit's log
	Policy string // whose cosignatures are needed
	Roots  string // of time-stamping authorities, PEM
}

// LogChecked is what a check found of the custody log.
type LogChecked struct {
	Entries   int                 `json:"entries"`
	Key       string              `json:"key"`
	Origin    string              `json:"origin"`
	Size      uint64              `json:"size"`                // of the log at the checkpoint over the export
	Committed bool                `json:"committed"`           // an entry of the log holds the hash of this bundle's content
	Exported  string              `json:"exported,omitempty"`  // by whom and when, as that entry says
	Witnesses []proof.Cosignature `json:"witnesses,omitempty"` // of the checkpoint over it
	Stamp     *stamp.Stamp        `json:"stamp,omitempty"`     // of that checkpoint
}

// log checks the custody log's evidence: every entry is committed to by a
// checkpoint that the log signed and its witnesses cosigned, and one of them is
// this export.
func (c *checking) log(d *Dossier) error {
	var places []string
	for _, f := range c.order {
		if folder, name, found := strings.Cut(strings.TrimPrefix(f.Name, logFolder), "/"); found && strings.HasPrefix(f.Name, logFolder) && name == evidenceFile {
			places = append(places, logFolder+folder+"/")
		}
	}
	if len(places) == 0 {
		c.report.note("The bundle holds nothing of a custody log: its files agree with each other, and nothing shows when they were made or that they were not made anew.")
		return nil
	}
	c.report.Log = &LogChecked{}
	known := map[string]bool{rootsFile: true}
	subjects := map[string]bool{}
	for _, folder := range places {
		subject, err := c.entry(d, folder, known)
		if err != nil {
			return err
		}
		subjects[subject] = true
	}
	for _, f := range c.order {
		if strings.HasPrefix(f.Name, logFolder) && !known[f.Name] {
			c.report.differs(f.Name, "it is no part of any entry's evidence")
		}
	}
	if !c.report.Log.Committed {
		c.report.differs(logFolder, "no entry of the log commits to the content of this bundle, %s", c.report.Content)
	}
	silent := 0
	for _, s := range d.Sources {
		if !subjects[s.ID] {
			silent++
		}
	}
	if silent > 0 {
		c.report.note("Of %s the bundle holds no entry of the log.", count(silent, "source"))
	}
	if c.trust.Key == "" {
		c.report.note("The key of the log is the bundle's own. Compare it with the one that the unit or a witness publishes, or give it with --log-key.")
	}
	return nil
}

// entry checks the evidence of one entry and the files made from it.
func (c *checking) entry(d *Dossier, folder string, known map[string]bool) (subject string, err error) {
	name := folder + evidenceFile
	known[name] = true
	doc, err := c.read(name)
	if err != nil {
		return "", err
	}
	var e proof.Evidence
	if err := json.Unmarshal(doc, &e); err != nil || entryFolder(e.Place) != folder {
		c.report.differs(name, "it cannot be read, or is of another entry than its folder says")
		return "", nil
	}
	files, err := evidenceFiles(e)
	if err != nil {
		c.report.differs(name, "%v", err)
		return "", nil
	}
	for n, want := range files {
		known[folder+n] = true
		if got, err := c.read(folder + n); err != nil || !bytes.Equal(got, want) {
			c.differsOnce(folder+n, "it is not what %s holds", evidenceFile)
		}
	}
	if c.trust.Key != "" && e.Key != c.trust.Key {
		c.report.differs(name, "the log's key is %s, and not the one that you gave", e.Key)
	}
	policy := e.Policy
	if c.trust.Policy != "" {
		e.Policy = c.trust.Policy
	}
	cp, witnesses, err := e.Verify()
	if err != nil {
		c.differsOnce(name, "%v", err)
		return "", nil
	}
	c.report.Log.Entries++
	if e.Record == "" {
		c.report.note("Entry %d of the log was erased; that it stood there is proven.", e.Place)
		return "", nil
	}
	entry, err := custody.Parse([]byte(e.Record))
	if err != nil {
		c.report.differs(name, "%v", err)
		return "", nil
	}
	return entry.Subject, c.isExport(d, e, entry, cp, witnesses, policy, name)
}

// isExport looks whether an entry is this export, and reports its checkpoint.
func (c *checking) isExport(d *Dossier, e proof.Evidence, entry custody.Entry, cp proof.Checkpoint, witnesses []proof.Cosignature, policy, name string) error {
	var logged custody.TakenOut
	if entry.Kind != custody.Export || json.Unmarshal(entry.Record, &logged) != nil || logged.Content != c.report.Content || entry.Subject != d.About.Kind+" "+d.About.ID {
		return nil
	}
	l := c.report.Log
	l.Committed, l.Key, l.Origin, l.Size, l.Witnesses = true, e.Key, cp.Origin, cp.Size, witnesses
	l.Exported = fmt.Sprintf("by %s at %s", entry.By, entry.At.UTC().Format(time.RFC3339))
	if policy == "" && c.trust.Policy == "" {
		c.report.note("No witness had to cosign the checkpoint: that the log was not made anew rests on the unit alone, or on its time stamp.")
	}
	if len(e.Token) == 0 {
		c.report.note("The checkpoint over this export has no time stamp.")
		return nil
	}
	pem := c.trust.Roots
	if pem == "" && c.files[rootsFile] != nil {
		text, err := c.read(rootsFile)
		if err != nil {
			return err
		}
		pem = string(text)
		c.report.note("The root certificate of the time stamp is the bundle's own; give the one that you trust with --stamp-roots.")
	}
	if pem == "" {
		c.report.note("The time stamp was not checked, because no root certificate is at hand; give it with --stamp-roots, or use openssl ts -verify.")
		return nil
	}
	roots, err := stamp.Roots(pem)
	if err != nil {
		return err
	}
	at, err := stamp.Verify(e.Token, []byte(e.Checkpoint), roots)
	if err != nil {
		c.differsOnce(name, "%v", err)
		return nil
	}
	l.Stamp = &at
	return nil
}

// differsOnce names a file that is not named already.
func (c *checking) differsOnce(file, format string, args ...any) {
	if c.right(file) || c.files[file] == nil {
		c.report.differs(file, format, args...)
	}
}
