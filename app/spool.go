package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/custody/arrive"
	"suraag/custody/spool"
	"suraag/fault"
)

type spoolCmd struct {
	Spool string `help:"Folder of the spool." placeholder:"DIR"`

	Init   spoolInit   `cmd:"" help:"Make the spool of this machine, and then give it its certificate."`
	Add    spoolAdd    `cmd:"" help:"Seal documents into the spool."`
	Push   spoolPush   `cmd:"" help:"Bring what waits to the unit."`
	Status spoolStatus `cmd:"" help:"Show what waits, what was refused, and what the unit has."`
}

// spoolDir is the folder of the spool.
func (s *stage) spoolDir() (string, error) {
	if dir := s.cli.Spool.Spool; dir != "" {
		return dir, nil
	}
	if dir := s.env["XDG_DATA_HOME"]; dir != "" {
		return filepath.Join(dir, "suraag-spool"), nil
	}
	if home := s.env["HOME"]; home != "" {
		return filepath.Join(home, ".local", "share", "suraag-spool"), nil
	}
	return "", fault.WithHint(fault.Newf(fault.Invalid, "no folder for the spool"), "give --spool DIR or set SURAAG_SPOOL")
}

func (s *stage) openSpool() (*spool.Spool, error) {
	dir, err := s.spoolDir()
	if err != nil {
		return nil, err
	}
	return spool.Open(dir)
}

type spoolInit struct {
	Server      string `help:"Address on which the unit serves machines." placeholder:"https://HOST:PORT"`
	Authority   string `help:"File with the certificate by which the server is known: the unit's tls/authority.pem." placeholder:"FILE"`
	Name        string `help:"Name of this machine, as the unit is to know it." placeholder:"NAME"`
	Certificate string `help:"The certificate that the unit made. Given alone, the second time." placeholder:"FILE"`
}

// Help is the long help of the command.
func (spoolInit) Help() string {
	return `Makes the folder of a spool, a key that never leaves it, and the request for a certificate. Take the request to the unit (suraag machine add), and bring the certificate back.

Examples:
  suraag spool init --server https://suraag.example.org:8475 --authority authority.pem --name gate-3
  suraag spool init --certificate gate-3.pem

` + exitCodes
}

func (c *spoolInit) Run(s *stage) error {
	dir, err := s.spoolDir()
	if err != nil {
		return err
	}
	if c.Certificate != "" {
		return c.certify(s)
	}
	if c.Server == "" || c.Authority == "" || c.Name == "" {
		err := fault.Newf(fault.Invalid, "a spool needs a server, the certificate by which it is known, and a name")
		return fault.WithHint(err, "give --server, --authority and --name; or --certificate, if the spool is there and the unit has made its certificate")
	}
	authority, err := readSmall(c.Authority)
	if err != nil {
		return err
	}
	if _, err := spool.Init(dir, spool.Settings{Name: c.Name, Server: c.Server, Authority: string(authority)}); err != nil {
		return err
	}
	request := filepath.Join(dir, spool.RequestFile)
	if s.cli.JSON {
		return s.print(map[string]string{"spool": dir, "request": request})
	}
	fmt.Fprintf(s.out, "The spool is in %s. Take %s to the unit: suraag machine add %s --csr …\nThen, here: suraag spool init --certificate FILE\n", dir, request, c.Name)
	return nil
}

func (c *spoolInit) certify(s *stage) error {
	sp, err := s.openSpool()
	if err != nil {
		return err
	}
	text, err := readSmall(c.Certificate)
	if err != nil {
		return err
	}
	until, err := sp.Certify(text)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(map[string]time.Time{"until": until})
	}
	fmt.Fprintf(s.out, "This machine has its certificate, which holds until %s and is renewed by suraag spool push.\n", until.Format("2 January 2006"))
	return nil
}

// readSmall reads a file of keys or certificates.
func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		return nil, fault.Newf(fault.TooLarge, "%q has more than %d bytes", file, most)
	}
	return text, fault.As(fault.Unavailable, err)
}

type spoolAdd struct {
	Paths     []string `arg:"" help:"Files or folders." placeholder:"PATH"`
	Authority string   `required:"" help:"Under what the documents are held: an FIR, a warrant, a referral." placeholder:"WORDS"`
	FileZone  string   `help:"Zone of times that state none." placeholder:"ZONE"`
	DateOrder string   `help:"Order of dates like 03/04/2025: 'day first' or 'month first'." placeholder:"ORDER"`
	Service   string   `help:"Service or tool, where a generic file does not name it." placeholder:"NAME"`
	Format    string   `help:"Read as this format instead of detecting it." placeholder:"NAME"`
}

// Help is the long help of the command.
func (spoolAdd) Help() string {
	return `Seals documents into the spool, under their SHA-256. When the command says so they are on disk, and stay until the unit's receipt for these very bytes is on disk too. The network is not needed.

Example:
  suraag spool add capture.jsonl --authority "FIR 12/2025 PS Cyber Cell"

` + exitCodes
}

// Spooled is a document in the spool.
type Spooled struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	New    bool   `json:"new"`
}

func (c *spoolAdd) Run(s *stage) error {
	files, err := filesBelow(c.Paths)
	if err != nil {
		return err
	}
	sp, err := s.openSpool()
	if err != nil {
		return err
	}
	var out []Spooled
	for _, path := range files {
		x, err := c.add(s, sp, path)
		if err != nil {
			return err
		}
		if out = append(out, x); s.cli.JSON {
			continue
		}
		words := "waits"
		if !x.New {
			words = "waits already"
		}
		fmt.Fprintf(s.out, "%s  %s  %s\n", x.SHA256, words, path)
	}
	if s.cli.JSON {
		return s.print(list(out))
	}
	return nil
}

func (c *spoolAdd) add(s *stage, sp *spool.Spool, path string) (Spooled, error) {
	f, err := os.Open(path)
	if err != nil {
		return Spooled{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	a := arrive.Announcement{
		Name: filepath.Base(path), Authority: strings.TrimSpace(c.Authority), Zone: c.FileZone, DateOrder: c.DateOrder, Service: c.Service, Format: c.Format,
	}
	e, fresh, err := sp.Add(a, f, s.now())
	return Spooled{e.ID, e.What.Name, e.What.SHA256, fresh}, err
}

type spoolPush struct {
	Watch    bool          `help:"Go on: push whatever is added, until stopped."`
	Patience time.Duration `help:"How long to try a server that does not answer. With --watch it is tried for ever." default:"1m"`
}

// Help is the long help of the command.
func (spoolPush) Help() string {
	return `Brings what waits to the unit, oldest first, over mutual TLS. A line that breaks goes on where it broke. A document leaves the spool when the unit's receipt for these very bytes is on disk. What the unit does not take stays, is named, and does not hold up the next; it is offered again by the next push, and every hour with --watch. The machine's certificate is renewed on the way.

Examples:
  suraag spool push
  suraag spool push --watch

` + exitCodes
}

func (c *spoolPush) Run(s *stage) error {
	sp, err := s.openSpool()
	if err != nil {
		return err
	}
	p := &spool.Pusher{Spool: sp, Now: s.now, Patience: c.Patience, Say: func(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }}
	if c.Watch {
		p.Patience = 0
	}
	refused, err := p.Push(s.ctx, c.Watch)
	if err != nil {
		return err
	}
	if refused > 0 && !c.Watch {
		return fault.WithHint(fault.Newf(fault.Invalid, "%s stayed here: the unit does not take it", counted(refused, "document")), "suraag spool status says which and why")
	}
	return nil
}

type spoolStatus struct{}

// Help is the long help of the command.
func (spoolStatus) Help() string {
	return "Shows what waits, what was refused and why, how much the unit has, and until when the certificate holds.\n\nExample:\n  suraag spool status\n\n" + exitCodes
}

// SpoolState is what there is to say of a spool.
type SpoolState struct {
	Server   string       `json:"server"`
	Name     string       `json:"name"`
	Until    time.Time    `json:"certificate_until,omitzero"`
	Waiting  []SpoolWaits `json:"waiting"`
	Receipts []spool.Sent `json:"receipts"`
	Loose    []string     `json:"loose"` // bytes of an add that was cut off
	Problem  string       `json:"problem,omitempty"`
}

// SpoolWaits is a document that waits.
type SpoolWaits struct {
	spool.Entry
	Refused *spool.Refused `json:"refused,omitempty"`
}

func (spoolStatus) Run(s *stage) error {
	sp, err := s.openSpool()
	if err != nil {
		return err
	}
	x, err := spoolState(sp)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		x.Waiting, x.Receipts, x.Loose = list(x.Waiting), list(x.Receipts), list(x.Loose)
		return s.print(x)
	}
	fmt.Fprintf(s.out, "Spool of machine %s, for %s\n", x.Name, x.Server)
	if x.Problem != "" {
		fmt.Fprintf(s.out, "%s\n", x.Problem)
	} else {
		fmt.Fprintf(s.out, "Its certificate holds until %s.\n", x.Until.Format("2 January 2006"))
	}
	fmt.Fprintf(s.out, "The unit has %s; %d wait.\n", counted(len(x.Receipts), "document"), len(x.Waiting))
	if len(x.Waiting) > 0 {
		t := s.table("waits", "added (UTC)", "bytes", "held under", "state")
		for _, w := range x.Waiting {
			state := ""
			if w.Refused != nil {
				state = "refused: " + w.Refused.Problem
			}
			t.AppendRow(table.Row{w.What.Name, w.Added.Format("2 Jan 2006 15:04:05"), w.What.Size, w.What.Authority, state})
		}
		t.Render()
	}
	for _, id := range x.Loose {
		fmt.Fprintf(s.out, "%s was sealed by an add that was cut off, and waits for nothing: add its file again.\n", id)
	}
	return nil
}

func spoolState(sp *spool.Spool) (x SpoolState, err error) {
	c, err := sp.Settings()
	if err != nil {
		return x, err
	}
	x.Server, x.Name = c.Server, c.Name
	mine, err := sp.Identity()
	switch {
	case fault.Is(err, fault.NotFound):
		x.Problem = "It has no certificate yet: take " + spool.RequestFile + " to the unit."
	case err != nil:
		return x, err
	default:
		x.Until = mine.Leaf.NotAfter
	}
	waiting, err := sp.Waiting()
	if err != nil {
		return x, err
	}
	for _, e := range waiting {
		w := SpoolWaits{Entry: e}
		r, there, err := sp.Problem(e)
		if err != nil {
			return x, err
		}
		if there {
			w.Refused = &r
		}
		x.Waiting = append(x.Waiting, w)
	}
	if x.Receipts, err = sp.Receipts(); err != nil {
		return x, err
	}
	x.Loose, err = sp.Loose()
	return x, err
}
