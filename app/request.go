package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework/legal"
	"suraag/custody"
	"suraag/export"
	"suraag/fault"
)

type requestCmd struct {
	Draft    requestDraft    `cmd:"" help:"Draft a demand from a lead."`
	List     requestList     `cmd:"" help:"Show the requests."`
	Show     requestShow     `cmd:"" help:"Show a request beside its exhibit."`
	Letter   requestLetter   `cmd:"" help:"Write the letter as DOCX, PDF or text."`
	Approve  requestApprove  `cmd:"" help:"Approve a draft that somebody else made, after comparing it with the exhibit."`
	Refuse   requestRefuse   `cmd:"" help:"Refuse a draft."`
	Sent     requestSent     `cmd:"" help:"State that a letter was signed and sent. The program never sends."`
	Renewed  requestRenewed  `cmd:"" help:"State that a preservation was renewed."`
	Answered requestAnswered `cmd:"" help:"State that an answer came which is not compared field by field."`
	Reply    requestReply    `cmd:"" help:"Compare an answer with its request, field by field."`
	Release  requestRelease  `cmd:"" help:"Take rows out of quarantine, by a second person and with a reason."`
	Withdraw requestWithdraw `cmd:"" help:"End a request whose ground is gone."`
}

// officeFlags are the words of a letter that a person states. There is none for
// an address, a port or a time (rule R1).
type officeFlags struct {
	Unit         string `help:"Who asks: the unit." placeholder:"WORDS"`
	Officer      string `help:"Who signs." placeholder:"NAME"`
	Rank         string `help:"Rank of who signs." placeholder:"WORDS"`
	Email        string `help:"Official e-mail address." placeholder:"ADDRESS"`
	Jurisdiction string `help:"Whose law the unit acts under: IN, US, EU, GB." default:"IN"`
	Case         string `help:"The case: FIR number and station." placeholder:"WORDS"`
	Offence      string `help:"The sections." placeholder:"WORDS"`
}

func (o officeFlags) office() legal.Office { return legal.Office(o) }

type requestDraft struct {
	Lead       string `arg:"" help:"ID of the lead, or its first 6 digits and more."`
	Instrument string `help:"Which instrument: see suraag pack show." required:"" placeholder:"ID"`
	To         string `help:"Addressee of the directory; default: the one that the record leads to." placeholder:"ID"`
	Follows    string `help:"The request that this one is to corroborate (rule R3)." placeholder:"ID"`
	officeFlags
	Resolved []string `help:"Of a search: the answered requests on which it rests." placeholder:"ID"`
	Answer   []string `help:"Of a search: answers to the checklist, in its order." sep:"none" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (requestDraft) Help() string {
	return `Drafts a demand from a lead. Address, port and time are copied from the record, never typed. If a rule forbids the draft, every such rule is told with its source, and the exit code is 5. A second person has to approve it.

What a unit always states can stand in SURAAG_UNIT, SURAAG_OFFICER, SURAAG_RANK, SURAAG_EMAIL and SURAAG_JURISDICTION.

Examples:
  suraag request draft 76aba756619b --instrument in-bnss94 --case "FIR 12/2025 PS Cyber Cell" --offence "section 67B, IT Act 2000"
  suraag request draft 23c6a12fb46d --instrument in-preserve --case "FIR 12/2025 PS Cyber Cell" --offence "section 67B, IT Act 2000"

` + exitCodes
}

func (c *requestDraft) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, refusals, err := h.Draft(s.ctx, legal.Demand{
		Lead: c.Lead, Instrument: c.Instrument, Addressee: c.To, Office: c.office(), By: s.by(), Follows: c.Follows, Checklist: c.Answer, Resolved: c.Resolved,
	})
	if err != nil {
		return err
	}
	if s.cli.JSON && len(refusals) > 0 {
		if err := s.print(list(refusals)); err != nil {
			return err
		}
	}
	if len(refusals) > 0 {
		return refused(c.Lead, refusals)
	}
	if s.cli.JSON {
		return s.print(r)
	}
	w := &teller{out: s.out, zone: time.UTC}
	fmt.Fprint(s.out, r.Letter().Text())
	w.say("\nDrafted as request %s. Not approved: a second person compares it with the exhibit and approves it with\n  suraag request approve %s --exhibit %s --by …", r.ID[:12], r.ID[:12], r.Draft.Exhibit.SHA256)
	return nil
}

// refused makes an error of refusals, with every rule's sentence and source.
func refused(lead string, refusals []legal.Refusal) error {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing is drafted from lead %s:", lead)
	for _, r := range refusals {
		fmt.Fprintf(&b, "\n  %s: %s (%s)", r.Rule, r.Sentence, r.Citation)
		if r.Missing != "" {
			fmt.Fprintf(&b, "\n    missing: %s", r.Missing)
		}
	}
	return fault.WithHint(fault.Newf(fault.Denied, "%s", b.String()), "suraag lead show tells what may be asked of whom")
}

type requestList struct{}

// Help is the long help of the command.
func (requestList) Help() string {
	return "Shows every request, the newest first.\n\nExample:\n  suraag request list\n\n" + exitCodes
}

func (requestList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.Requests(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	t := s.table("request", "state", "kind", "to", "drafted by", "drafted (UTC)")
	for _, r := range all {
		t.AppendRow(table.Row{r.ID[:12], string(r.State), string(r.Draft.Kind), r.Draft.Addressee.Name, r.Draft.By, r.Draft.At.Format("2 January 2006 15:04:05")})
	}
	t.Render()
	return nil
}

type requestShow struct {
	ID string `arg:"" help:"ID of the request, or its first 6 digits and more."`
}

// Help is the long help of the command.
func (requestShow) Help() string {
	return "Shows what is asked of whom, the exhibit that it rests on, the note for counsel, what was done with it, and how its answers compare with it.\n\nExample:\n  suraag request show 46ba233a9b4f\n\n" + exitCodes
}

func (c *requestShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := h.db.FindRequest(s.ctx, c.ID)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(r)
	}
	fmt.Fprint(s.out, r.Letter().Text(), "\n\n", r.Note().Text())
	(&teller{out: s.out, zone: time.UTC}).request(r)
	return nil
}

func (w *teller) request(r legal.Request) {
	w.head("State: " + string(r.State))
	for _, e := range r.Events {
		on := ""
		if !e.On.IsZero() {
			on = " on " + e.On.Format("2 January 2006")
		}
		w.say("  %s UTC  %s%s, by %s%s", e.At.UTC().Format("2 January 2006 15:04:05"), e.What, on, e.By, prefixed(": ", e.Words))
	}
	if !r.Intact() {
		w.say("  ! This request is not what was drafted: its hash differs.")
	}
	for _, p := range r.Replies {
		w.head("Answer, compared field by field")
		for _, row := range p.Rows {
			verdict := "says what was asked"
			switch {
			case row.Beside:
				verdict = "of another connection, not used"
			case !row.Matches && p.Released:
				verdict = "differed, released"
			case !row.Matches:
				verdict = "IN QUARANTINE"
			}
			w.say("  %s: %s %s", row.Words(), verdict, at(row.Origin().Source, row.Origin().Place))
			for _, f := range row.Fields {
				if f.Verdict != legal.Same {
					w.say("    %-14s %-10s asked %s, answered %s: %s", f.Name, f.Verdict, f.Asked, f.Answered, f.Why)
				}
			}
		}
		for _, x := range p.Resolved {
			w.say("  the subscriber of the connection%s: installation address %s, billing address %s", prefixed(" ", x.Name), stated(x.Installation), stated(x.Billing))
		}
		for _, said := range p.Sentences {
			w.say("  %s", said)
		}
	}
}

func prefixed(with, words string) string {
	if words == "" {
		return ""
	}
	return with + words
}

func stated(words string) string {
	if words == "" {
		return "not stated"
	}
	return strconv.Quote(words)
}

type requestLetter struct {
	ID   string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Out  string `help:"File to write: .docx, .pdf or .txt." required:"" placeholder:"FILE"`
	Note bool   `help:"The note for counsel and the second reader, in place of the letter."`
}

// Help is the long help of the command.
func (requestLetter) Help() string {
	return "Writes the letter, or the note that stays in the file, for a word processor or for print. Every letter says that counsel must approve it.\n\nExamples:\n  suraag request letter 46ba233a9b4f --out letter.docx\n  suraag request letter 46ba233a9b4f --out note.pdf --note\n\n" + exitCodes
}

func (c *requestLetter) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := h.db.FindRequest(s.ctx, c.ID)
	if err != nil {
		return err
	}
	l := r.Letter()
	if c.Note {
		l = r.Note()
	}
	if err := s.writeLetter(h, c.Out, "request "+r.ID, l, r.Draft.At); err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).say("Wrote %s.", c.Out)
	return nil
}

// paper sets a letter in the form that the file's name asks for.
func paper(name string, l legal.Letter, at time.Time) ([]byte, error) {
	set := export.Letter{Letter: l, At: at, Program: "Suraag " + Version}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".docx":
		return set.DOCX()
	case ".pdf":
		return set.PDF()
	case ".txt":
		return []byte(l.Text()), nil
	}
	return nil, fault.Newf(fault.Invalid, "file %q ends in none of .docx, .pdf and .txt", name)
}

// letterTaken logs that a letter or a note was taken out.
func (h *house) letterTaken(ctx context.Context, about, name string, body []byte, by string) error {
	sum := sha256.Sum256(body)
	return h.note(ctx, custody.Export, about, by, map[string]string{"format": strings.ToLower(filepath.Ext(name)), "sha256": hex.EncodeToString(sum[:])})
}

// writeLetter writes a letter into a new file, once it is logged that it was taken
// out. It writes over nothing.
func (s *stage) writeLetter(h *house, name, about string, l legal.Letter, at time.Time) error {
	body, err := paper(name, l, at)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Conflict, "%w", err), "give another name; nothing is written over")
	}
	if err = h.letterTaken(s.ctx, about, name, body, s.by()); err == nil {
		_, err = f.Write(body)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(name)
		return fault.As(fault.Unavailable, err)
	}
	return nil
}

type requestApprove struct {
	ID      string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Exhibit string `help:"SHA-256 of the exhibit that you compared it with: request show prints it." required:"" placeholder:"HASH"`
}

// Help is the long help of the command.
func (requestApprove) Help() string {
	return "Approves a draft that somebody else made. Compare every line of what is asked with the exhibit, and give the exhibit's hash: it shows which bytes you had before your eyes.\n\nExample:\n  suraag request approve 46ba233a9b4f --exhibit f927d09c…7272 --by \"second officer\"\n\n" + exitCodes
}

func (c *requestApprove) Run(s *stage) error {
	return s.step(func(h *house) (legal.Request, error) { return h.Approve(s.ctx, c.ID, s.by(), c.Exhibit) })
}

// step takes a step with a request and tells its state.
func (s *stage) step(f func(*house) (legal.Request, error)) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := f(h)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(r)
	}
	(&teller{out: s.out, zone: time.UTC}).say("Request %s is %s.", r.ID[:12], r.State)
	return nil
}

type requestRefuse struct {
	ID     string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Reason string `help:"Why." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (requestRefuse) Help() string {
	return "Refuses a draft, with a reason that is kept.\n\nExample:\n  suraag request refuse 46ba233a9b4f --reason \"the wrong case\"\n\n" + exitCodes
}

func (c *requestRefuse) Run(s *stage) error {
	return s.step(func(h *house) (legal.Request, error) { return h.RefuseRequest(s.ctx, c.ID, s.by(), c.Reason) })
}

// dayFlag is a day that a person states.
type dayFlag struct {
	On string `help:"The day, like 2025-03-12; default: today." placeholder:"DAY"`
}

func (d dayFlag) day(s *stage) (time.Time, error) {
	if d.On == "" {
		return s.now(), nil
	}
	return asOf(d.On)
}

// requestOn is a step with a request that was taken on some day, in some way.
type requestOn struct {
	ID  string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	How string `help:"How: portal, post, by hand." required:"" placeholder:"WORDS"`
	dayFlag
}

func (c *requestOn) step(s *stage, f func(h *house, on time.Time) (legal.Request, error)) error {
	on, err := c.day(s)
	if err != nil {
		return err
	}
	return s.step(func(h *house) (legal.Request, error) { return f(h, on) })
}

type requestSent struct{ requestOn }

// Help is the long help of the command.
func (requestSent) Help() string {
	return "States that the letter was signed and sent, so that the clocks run. Only what a second person approved can be marked as sent.\n\nExample:\n  suraag request sent 46ba233a9b4f --how \"operator's portal\" --on 2025-03-12\n\n" + exitCodes
}

func (c *requestSent) Run(s *stage) error {
	return c.step(s, func(h *house, on time.Time) (legal.Request, error) { return h.MarkSent(s.ctx, c.ID, s.by(), c.How, on) })
}

type requestRenewed struct{ requestOn }

// Help is the long help of the command.
func (requestRenewed) Help() string {
	return "States that a preservation was renewed: its term counts anew from that day.\n\nExample:\n  suraag request renewed 46ba233a9b4f --how portal\n\n" + exitCodes
}

func (c *requestRenewed) Run(s *stage) error {
	return c.step(s, func(h *house, on time.Time) (legal.Request, error) { return h.Renew(s.ctx, c.ID, s.by(), c.How, on) })
}

type requestAnswered struct {
	ID    string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Words string `help:"What came." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (requestAnswered) Help() string {
	return "States that a preservation was acknowledged, or that a central authority answered. What an order brings is compared field by field instead: suraag request reply.\n\nExample:\n  suraag request answered 46ba233a9b4f --words \"preserved until 10 June 2025\"\n\n" + exitCodes
}

func (c *requestAnswered) Run(s *stage) error {
	return s.step(func(h *house) (legal.Request, error) { return h.AnswerRequest(s.ctx, c.ID, s.by(), c.Words) })
}

type requestReply struct {
	ID      string   `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Sources []string `arg:"" help:"The sources of the answer, as suraag intake sealed them." placeholder:"SOURCE"`
}

// Help is the long help of the command.
func (requestReply) Help() string {
	return "Compares an answer with its request: address, port, far side, span and zone; of an account its identifiers, period and zone. A row that differs goes into quarantine, where nothing is taken from it, until a second person releases it. If one subscriber is named, the second, independent request (rule R3) is drafted by itself.\n\nExample:\n  suraag intake nat.csv ipdr.csv --authority \"FIR 12/2025 PS Cyber Cell\"\n  suraag request reply 46ba233a9b4f 3f1c8a5e2b90 77aa01bc23de\n\n" + exitCodes
}

func (c *requestReply) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	got, err := h.Reply(s.ctx, c.ID, c.Sources, s.by())
	if err != nil {
		return err
	}
	if err := s.settle(h, got.Request.Replies[len(got.Request.Replies)-1].Sources); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(got)
	}
	w := &teller{out: s.out, zone: time.UTC}
	w.request(got.Request)
	if got.Note != "" {
		w.say("\n%s", got.Note)
	}
	for _, r := range got.Refusals {
		w.say("  %s: %s (%s)", r.Rule, r.Sentence, r.Citation)
	}
	return nil
}

type requestRelease struct {
	ID     string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Reason string `help:"Why: the operator confirmed or corrected it." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (requestRelease) Help() string {
	return "Takes the rows of the last answer out of quarantine. Only somebody may do so who neither drafted the request nor handed the answer in.\n\nExample:\n  suraag request release 46ba233a9b4f --reason \"the operator corrected the port by letter\" --by \"second officer\"\n\n" + exitCodes
}

func (c *requestRelease) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := h.Release(s.ctx, c.ID, s.by(), c.Reason)
	if err != nil {
		return err
	}
	if err := s.settle(h, r.Replies[len(r.Replies)-1].Sources); err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).request(r)
	return nil
}

type requestWithdraw struct {
	ID     string `arg:"" help:"ID of the request, or its first 6 digits and more."`
	Reason string `help:"Why." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (requestWithdraw) Help() string {
	return "Ends a request. If it was sent, tell the addressee: suraag correction add.\n\nExample:\n  suraag request withdraw 46ba233a9b4f --reason \"the line was identified otherwise\"\n\n" + exitCodes
}

func (c *requestWithdraw) Run(s *stage) error {
	return s.step(func(h *house) (legal.Request, error) { return h.Withdraw(s.ctx, c.ID, s.by(), c.Reason) })
}
