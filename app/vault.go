package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/flow"
	"suraag/people"
)

type vaultCmd struct {
	Put   vaultPut   `cmd:"" help:"Have files held for a case, encrypted."`
	List  vaultList  `cmd:"" help:"Show what is held, and under what."`
	Get   vaultGet   `cmd:"" help:"Take an item out, into a file."`
	Drop  vaultDrop  `cmd:"" help:"End an item for good: one person proposes it, another does it."`
	Check vaultCheck `cmd:"" help:"Check what is held with the unit's key."`
	Key   vaultKey   `cmd:"" help:"Show where the unit's key lives."`
	Rekey vaultRekey `cmd:"" help:"Change the unit's key: in a file, behind a passphrase, or in a hardware token."`
}

type vaultPut struct {
	Files  []string `arg:"" name:"file" help:"Files to hold."`
	Case   string   `required:"" help:"Number of the case, or its ID." placeholder:"CASE"`
	Ground string   `required:"" help:"Law, order or warrant that requires the content to be held." placeholder:"WORDS"`
}

// Help is the long help of the command.
func (vaultPut) Help() string {
	return `Content is not needed and by default not kept: suraag hash and suraag trace hash a file and drop it. Where law requires content to be held, this encrypts each file with a key of its own, and that key to the unit's. Each is read back and compared before it is acknowledged, and logged. The files themselves stay where they are: remove them as your rules of custody say.

Example:
  suraag vault put exhibit-7.jpg --case "FIR 12/2025" --ground "section 94 BNSS, order 3/2025 of the JMFC"

` + exitCodes
}

func (c *vaultPut) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	kase, err := s.may(h, c.Case, people.VaultPut)
	if err != nil {
		return err
	}
	var items []vault.Item
	for _, path := range c.Files {
		i, err := s.putFile(h, path, vault.About{Case: kase.ID, By: s.by(), Ground: c.Ground})
		if err != nil {
			return err
		}
		items = append(items, i)
		if !s.cli.JSON {
			fmt.Fprintf(s.out, "%s  %s (%d bytes) is held for case %s.\n", i.ID, i.Name, i.Size, kase.Number)
		}
	}
	if s.cli.JSON {
		return s.print(list(items))
	}
	return nil
}

// may gives a case on which the action is allowed.
func (s *stage) may(h *house, key string, a people.Action) (people.Case, error) {
	w, ctx, err := s.walls(h)
	if err != nil {
		return people.Case{}, err
	}
	return w.May(ctx, key, a)
}

func (s *stage) putFile(h *house, path string, a vault.About) (vault.Item, error) {
	f, err := os.Open(path)
	if err != nil {
		return vault.Item{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return vault.Item{}, fault.WithHint(fault.Newf(fault.Invalid, "%q is no plain file", path), "give the files themselves; a folder may be packed first")
	}
	head := make([]byte, 512) // as much as is looked at (http.DetectContentType)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return vault.Item{}, fault.Newf(fault.Unavailable, "%q: %w", path, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return vault.Item{}, fault.Newf(fault.Unavailable, "%q: %w", path, err)
	}
	a.Name, a.MediaType = filepath.Base(path), http.DetectContentType(head[:n])
	return h.Vault.Put(s.ctx, a, f)
}

type vaultList struct {
	Case string `help:"Only what is held for this case." placeholder:"CASE"`
}

// Help is the long help of the command.
func (vaultList) Help() string {
	return "Shows every item with the case, the legal ground, and who put it in; of items that were dropped, when, by whom and why. It opens none.\n\nExample:\n  suraag vault list --case \"FIR 12/2025\"\n\n" + exitCodes
}

func (c *vaultList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	of := ""
	if c.Case != "" {
		kase, err := s.may(h, c.Case, people.KnowOf)
		if err != nil {
			return err
		}
		of = kase.ID
	}
	items, err := h.db.VaultItems(s.ctx, of)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(items))
	}
	cases, err := h.db.Cases(s.ctx, s.now())
	if err != nil {
		return err
	}
	numbers := map[string]string{}
	for _, k := range cases {
		numbers[k.ID] = k.Number
	}
	t := s.table("item", "case", "name", "bytes", "put in", "by", "ground", "state")
	for _, i := range items {
		state := "held"
		if i.Dropped() {
			state = fmt.Sprintf("dropped %s by %s: %s", i.DroppedAt.Format("2 Jan 2006"), i.DroppedBy, i.DroppedWhy)
		}
		t.AppendRow([]any{i.ID[:12], numbers[i.Case], i.Name, i.Size, i.At.Format("2 Jan 2006 15:04:05 MST"), i.By, i.Ground, state})
	}
	t.Render()
	return nil
}

// item finds an item by its ID or the beginning of it, if the action on its case
// is allowed.
func (s *stage) item(h *house, prefix string, a people.Action) (vault.Item, error) {
	const least = 6 // as for sources
	items, err := h.db.VaultItems(s.ctx, "")
	if err != nil {
		return vault.Item{}, err
	}
	var found []vault.Item
	for _, i := range items {
		if len(prefix) >= least && strings.HasPrefix(i.ID, strings.ToLower(prefix)) {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		kind, what := fault.NotFound, "no item"
		if len(found) > 1 {
			kind, what = fault.Conflict, "more than one item"
		}
		return vault.Item{}, fault.WithHint(fault.Newf(kind, "the vault has %s %q", what, prefix), "give the ID, or its first 6 digits and more; suraag vault list shows it")
	}
	if _, err := s.may(h, found[0].Case, a); err != nil {
		return vault.Item{}, err
	}
	return found[0], nil
}

type vaultGet struct {
	ID     string `arg:"" help:"ID of the item, or its first 6 digits and more."`
	To     string `required:"" help:"File to write; it must not be there." placeholder:"FILE"`
	Reason string `required:"" help:"What for." placeholder:"WORDS"`
}

// Help is the long help of the command.
func (vaultGet) Help() string {
	return `Writes the content into a file that only you can read. That is logged before a byte is read, and the file gets its name only when every byte was compared with what was put in.

Example:
  suraag vault get 3f1c8a5e2b90 --to exhibit-7.jpg --reason "shown to the court on 3 March"

` + exitCodes
}

func (c *vaultGet) Run(s *stage) error {
	if exists(c.To) {
		return fault.WithHint(fault.Newf(fault.Conflict, "%q exists", c.To), "give another file with --to")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	i, err := s.item(h, c.ID, people.VaultGet)
	if err != nil {
		return err
	}
	err = writeNew(c.To, func(w io.Writer) error {
		_, r, err := h.Vault.Get(s.ctx, i.ID, s.by(), c.Reason)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return err
	})
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(i)
	}
	fmt.Fprintf(s.out, "%s (%d bytes, SHA-256 %s) is in %s. Remove it when you are done with it.\n", i.Name, i.Size, i.SHA256, c.To)
	return nil
}

type vaultDrop struct {
	ID        string `arg:"" help:"ID of the item, or its first 6 digits and more."`
	Reason    string `help:"Why it goes." placeholder:"WORDS"`
	Authority string `help:"Law or order under which it goes." placeholder:"WORDS"`
	Confirm   bool   `help:"Do what another person proposed."`
}

// Help is the long help of the command.
func (vaultDrop) Help() string {
	return `One person proposes with a reason and an authority, another confirms. Then the item's key is destroyed, so that nobody can read its content any more, from no copy of what was stored; and what was stored is removed. A backup of the record that was made before still holds the key, encrypted to the unit's: end such backups too. Both steps are logged, and the row stays.

Examples:
  suraag vault drop 3f1c8a5e2b90 --reason "judgment is final" --authority "order 9/2026 of the Sessions Court"
  suraag vault drop 3f1c8a5e2b90 --confirm --by "second officer"

` + exitCodes
}

func (c *vaultDrop) Run(s *stage) error {
	if c.Confirm == (c.Reason != "" || c.Authority != "") {
		return fault.WithHint(fault.Newf(fault.Invalid, "an item is proposed to be dropped with --reason and --authority, or dropped with --confirm"), "suraag vault drop --help shows both")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	i, err := s.item(h, c.ID, people.VaultDrop)
	if err != nil {
		return err
	}
	if !c.Confirm {
		p, err := h.ProposeDrop(s.ctx, i.ID, s.by(), c.Reason, c.Authority)
		if err != nil {
			return err
		}
		if s.cli.JSON {
			return s.print(p)
		}
		fmt.Fprintf(s.out, "It is proposed that %s (%s) goes. Another person does it with: suraag vault drop %s --confirm\n", i.ID[:12], i.Name, i.ID[:12])
		return nil
	}
	if i, err = h.Drop(s.ctx, i.ID, s.by()); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(i)
	}
	fmt.Fprintf(s.out, "%s (%s) is dropped: %s. Its key is destroyed and what was stored is removed.\n", i.ID[:12], i.Name, i.DroppedWhy)
	return nil
}

type vaultCheck struct {
	Content bool `help:"Decrypt every item, too, and compare its content with what was put in."`
	Sweep   bool `help:"Remove what is stored and no item needs: of puts that were cut off, and of dropped items."`
}

// Help is the long help of the command.
func (vaultCheck) Help() string {
	return `Hashes what is stored of every item, and opens with the unit's key whatever was encrypted to it: the keys of items, who victims are, and drafts. suraag verify checks the same without a key, and what the log says on top.

Examples:
  suraag vault check
  suraag vault check --content
  suraag vault check --sweep

` + exitCodes + " A difference ends with 7."
}

// Checked is what a check of the vault found.
type Checked struct {
	Items     int              `json:"items"`   // that are held
	Opened    int              `json:"opened"`  // rows that the unit's key opens
	Content   int              `json:"content"` // items whose content was compared
	Swept     int              `json:"swept"`
	Leftovers []vault.Leftover `json:"leftovers"`
	Problems  []string         `json:"problems"`
}

func (c *vaultCheck) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	out := Checked{Problems: []string{}}
	bad := func(what string, why error) error {
		out.Problems = append(out.Problems, what+": "+why.Error())
		return nil
	}
	if c.Sweep {
		if out.Swept, err = h.Vault.Sweep(s.ctx); err != nil {
			return err
		}
	}
	closed := 0
	rows, err := h.Vault.CheckKey(s.ctx, func(r vault.Sealed, why error) error {
		closed++
		return bad(r.Table+" "+r.ID, why)
	})
	if err != nil {
		return err
	}
	out.Opened = rows - closed
	if err := s.checkItems(h, c.Content, &out, bad); err != nil {
		return err
	}
	if out.Leftovers, err = h.Vault.Leftovers(s.ctx); err != nil {
		return err
	}
	if s.cli.JSON {
		err = s.print(out)
	} else {
		s.printChecked(out)
	}
	if n := len(out.Problems); err == nil && n > 0 {
		err = fault.WithHint(fault.Newf(fault.Corrupt, "%s of the vault", counted(n, "problem")), "keep the folder and the database as they are, and look for the same in a backup")
	}
	return err
}

func (s *stage) checkItems(h *house, content bool, out *Checked, bad func(string, error) error) error {
	items, err := h.db.VaultItems(s.ctx, "")
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Dropped() {
			continue
		}
		out.Items++
		err := h.Vault.CheckStored(i)
		if err == nil && content {
			if err = h.readThrough(s.ctx, i); err == nil {
				out.Content++
			}
		}
		switch {
		case s.ctx.Err() != nil:
			return s.ctx.Err()
		case errors.Is(err, custody.ErrStore), content && fault.Is(err, fault.Unavailable):
			return err // of the store or the key, and not of this item
		case err != nil:
			bad("item "+i.ID, err)
		}
	}
	return nil
}

// readThrough reads the content of an item to its end, and shows nothing of it.
func (h *house) readThrough(ctx context.Context, i vault.Item) error {
	r, err := h.Vault.Open(ctx, i)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// checkContent decrypts every item of the vault and compares its content with what
// was put in.
func (h *house) checkContent(ctx context.Context, v *flow.Verified) error {
	items, err := h.db.VaultItems(ctx, "")
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Dropped() {
			continue
		}
		switch err := h.readThrough(ctx, i); {
		case ctx.Err() != nil:
			return ctx.Err()
		case fault.Is(err, fault.Corrupt), fault.Is(err, fault.NotFound) && exists(h.key.path):
			v.Differences = append(v.Differences, flow.Difference{Table: "vault", Record: i.ID, What: err.Error(), Since: i.At})
		case err != nil:
			return err // of the store or the key, and not of this item
		}
	}
	return nil
}

func (s *stage) printChecked(x Checked) {
	fmt.Fprintf(s.out, "%s held, what is stored of each hashed; the unit's key opens %s.\n", counted(x.Items, "item"), counted(x.Opened, "row"))
	if x.Content > 0 {
		fmt.Fprintf(s.out, "Content compared with what was put in: %d.\n", x.Content)
	}
	if x.Swept > 0 {
		fmt.Fprintf(s.out, "Removed what no item needs: %d.\n", x.Swept)
	}
	for _, l := range x.Leftovers {
		of := "of a put that was cut off, or is under way"
		switch {
		case l.Draft:
			of = "a draft of a put that was cut off"
		case l.Item != "":
			of = "of item " + l.Item + ", which was dropped"
		}
		fmt.Fprintf(s.out, "LEFTOVER  %s: %s; nobody can read it, and --sweep removes it\n", l.Name, of)
	}
	for _, p := range x.Problems {
		fmt.Fprintf(s.out, "PROBLEM   %s\n", p)
	}
}

// checkUnitKey compares the unit's key with the one that the record names, where it
// is here: a copy of the record may well be kept without it.
func (h *house) checkUnitKey(ctx context.Context, v *flow.Verified) error {
	want, err := h.db.UnitKey(ctx)
	if err != nil || !exists(h.key.path) || want == (vault.UnitKey{}) {
		return err
	}
	what := ""
	k, err := vault.OpenKey(h.key.path)
	if err != nil {
		what = err.Error()
	} else {
		k.Known = want.Public // a passphrase is not asked for; what it opens is compared when it is used
		is, err := k.Public()
		if err != nil {
			return err
		}
		if is.Public != want.Public || is.Kind != want.Kind {
			what = "it is not the key to which the vault was encrypted, " + want.Public + " in a " + want.Kind
		}
	}
	if what != "" {
		v.Differences = append(v.Differences, flow.Difference{Table: keyFile, What: what, Since: want.At})
	}
	return nil
}
