package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
)

type hashsetShow struct {
	List string `arg:"" help:"Name, NAME@VERSION or ID of the list."`
}

// Help is the long help of the command.
func (hashsetShow) Help() string {
	return "Shows where one version of a list came from: who gave it, who brought it and under what, its sealed original, its values by kind, what it was held against, and its other versions.\n\nExamples:\n  suraag hashset show \"Hotline 2025-02\"\n  suraag hashset show \"Hotline 2025-02@1\" --json\n\n" + exitCodes
}

// listShown is one version of a list with where it came from.
type listShown struct {
	hashset.Set
	Original string                `json:"original"` // name of the file
	Size     int64                 `json:"size"`
	HandIns  []custody.HandIn      `json:"hand_ins"`
	Values   map[digest.Kind]int64 `json:"values"`
	Problems int                   `json:"problems"`
	Runs     []hashset.Run         `json:"runs"`
	Versions []hashset.Set         `json:"versions"`
}

// shown gathers what there is to say of a version of a list.
func (h *house) shown(ctx context.Context, words string) (listShown, error) {
	sets, err := h.db.Sets(ctx)
	if err != nil {
		return listShown{}, err
	}
	out := listShown{Runs: []hashset.Run{}}
	if out.Set, err = hashset.Pick(sets, words); err != nil {
		return out, err
	}
	for _, s := range sets {
		if s.Name == out.Name {
			out.Versions = append(out.Versions, s)
		}
	}
	src, err := h.db.Source(ctx, out.Source)
	if err != nil {
		return out, err
	}
	out.Original, out.Size = src.Name, src.Size
	if out.HandIns, err = h.db.HandIns(ctx, out.Source); err != nil {
		return out, err
	}
	problems, err := h.db.Problems(ctx, out.Source, 0, 0)
	if err != nil {
		return out, err
	}
	out.Problems = len(problems)
	runs, err := h.db.Runs(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range runs {
		if r.Set == out.ID {
			out.Runs = append(out.Runs, r)
		}
	}
	if out.State == hashset.StateImporting || out.State == hashset.StateUnread {
		return out, nil
	}
	entries, err := h.Entries(ctx, out.Source)
	if err != nil {
		return out, err
	}
	out.Values = entries.Kinds()
	return out, nil
}

func (c *hashsetShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	l, err := h.shown(s.ctx, c.List)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(l)
	}
	fmt.Fprintf(s.out, "%s, version %d, from %s: %s\n", l.Name, l.Version, l.From, l.State)
	if l.Reason != "" {
		fmt.Fprintf(s.out, "  because: %s\n", l.Reason)
	}
	fmt.Fprintf(s.out, "  original  %s, %d bytes, %s\n", l.Original, l.Size, l.Source)
	for _, b := range l.HandIns {
		fmt.Fprintf(s.out, "  brought   %s by %s, held under %s\n", b.At.UTC().Format(time.DateTime+" UTC"), b.BroughtBy, b.Authority)
	}
	fmt.Fprintf(s.out, "  entries   %d, bad rows and notes %d\n", l.Entries, l.Problems)
	for _, k := range digest.Kinds() {
		if n := l.Values[k]; n > 0 {
			fmt.Fprintf(s.out, "  %-8s  %d values\n", k, n)
		}
	}
	for _, r := range l.Runs {
		fmt.Fprintf(s.out, "  %s\n", runWords(r))
	}
	for _, v := range l.Versions {
		if v.ID != l.ID {
			fmt.Fprintf(s.out, "  see also  version %d, %s, %d entries, imported %s\n", v.Version, v.State, v.Entries, v.Imported.UTC().Format(time.DateOnly))
		}
	}
	return nil
}

// runWords says how far a list was held against what was seen.
func runWords(r hashset.Run) string {
	what := map[string]string{hashset.Came: "held against", hashset.Went: "taken back from"}[r.Cause]
	if r.Ended.IsZero() {
		return fmt.Sprintf("%s  %d of %d contents so far, %d touched", what, r.Done, r.Total, r.Touched)
	}
	return fmt.Sprintf("%s  %d contents seen before, %d touched", what, r.Done, r.Touched)
}

type hashsetDiff struct {
	Before string `arg:"" help:"The earlier version: NAME@VERSION, name or ID."`
	After  string `arg:"" help:"The later version."`
	Limit  int    `help:"Values to show; all are counted." default:"50"`
}

// Help is the long help of the command.
func (hashsetDiff) Help() string {
	return "Compares two versions of a list, or two lists, value by value: what was added, removed, or listed as something else.\n\nExample:\n  suraag hashset diff \"Hotline@1\" \"Hotline@2\"\n\n" + exitCodes
}

// listDiff is in what two versions differ.
type listDiff struct {
	Before  hashset.Set      `json:"before"`
	After   hashset.Set      `json:"after"`
	Counts  []hashset.Counts `json:"counts"`
	Changes []hashset.Change `json:"changes"`
	More    int64            `json:"more"` // changes that are counted and not shown
}

func (h *house) differ(ctx context.Context, before, after string, limit int) (listDiff, error) {
	out := listDiff{Counts: []hashset.Counts{}, Changes: []hashset.Change{}}
	sets, err := h.db.Sets(ctx)
	if err != nil {
		return out, err
	}
	if out.Before, err = hashset.Pick(sets, before); err != nil {
		return out, err
	}
	if out.After, err = hashset.Pick(sets, after); err != nil {
		return out, err
	}
	a, err := h.Entries(ctx, out.Before.Source)
	if err != nil {
		return out, err
	}
	b, err := h.Entries(ctx, out.After.Source)
	if err != nil {
		return out, err
	}
	counts, err := hashset.Compare(a, b, func(c hashset.Change) {
		if len(out.Changes) < limit {
			out.Changes = append(out.Changes, c)
		} else {
			out.More++
		}
	})
	out.Counts = list(counts)
	return out, err
}

func (c *hashsetDiff) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	d, err := h.differ(s.ctx, c.Before, c.After, c.Limit)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(d)
	}
	fmt.Fprintf(s.out, "From %s@%d (%d entries) to %s@%d (%d entries)\n", d.Before.Name, d.Before.Version, d.Before.Entries, d.After.Name, d.After.Version, d.After.Entries)
	t := s.table("kind", "added", "removed", "recategorised", "same")
	for _, k := range d.Counts {
		t.AppendRow(table.Row{k.Kind, k.Added, k.Removed, k.Recategorised, k.Same})
	}
	t.Render()
	for _, x := range d.Changes {
		words := x.Digest.String()
		switch x.What {
		case hashset.Recategorised:
			words += fmt.Sprintf(": %q, before %q", x.After, x.Before)
		case hashset.Added:
			words += ": " + categoryWords(x.After)
		case hashset.Removed:
			words += ": " + categoryWords(x.Before)
		}
		fmt.Fprintf(s.out, "  %-13s  %s\n", x.What, words)
	}
	if d.More > 0 {
		fmt.Fprintf(s.out, "  %d more; show them with --limit\n", d.More)
	}
	return nil
}

// categoryWords says what an entry is listed as.
func categoryWords(category string) string {
	if category == "" {
		return "no category stated"
	}
	return category
}

type negativeCmd struct {
	Add  negativeAdd  `cmd:"" help:"Put a digest on the negative list: it makes no lead any more."`
	End  negativeEnd  `cmd:"" help:"Take a digest off the negative list."`
	List negativeList `cmd:"" help:"Show the negative list."`
}

type negativeAdd struct {
	Digest string `arg:"" help:"The digest, such as md5:… or pdq:…" placeholder:"DIGEST"`
	Reason string `help:"Why it must not alert." required:""`
}

// Help is the long help of the command.
func (negativeAdd) Help() string {
	return "Puts a digest on the negative list, such as that of a company's logo that got onto a list. A match by this very value, of the content or of the entry, makes no lead any more; it is still shown, with who said so and why. A near value silences nothing.\n\nExample:\n  suraag hashset negative add md5:0cc175b9c0f1b6a831c399e269772661 --reason \"logo of the provider\"\n\n" + exitCodes
}

func (c *negativeAdd) Run(s *stage) error {
	return s.decideOn(c.Digest, func(h *house, d digest.Digest) (any, string, error) {
		n, err := h.AddNegative(s.ctx, d, s.by(), c.Reason)
		return n, n.Words(), err
	})
}

type negativeEnd struct {
	Digest string `arg:"" help:"The digest." placeholder:"DIGEST"`
	Reason string `help:"Why it may alert again." required:""`
}

// Help is the long help of the command.
func (negativeEnd) Help() string {
	return "Takes a digest off the negative list. That it stood there, and who took it off, stays in the record.\n\nExample:\n  suraag hashset negative end md5:0cc175b9c0f1b6a831c399e269772661 --reason \"it was no logo\"\n\n" + exitCodes
}

func (c *negativeEnd) Run(s *stage) error {
	return s.decideOn(c.Digest, func(h *house, d digest.Digest) (any, string, error) {
		n, err := h.EndNegative(s.ctx, d, s.by(), c.Reason)
		return n, fmt.Sprintf("%s is off the negative list: it alerts where a list says so", d), err
	})
}

// decideOn runs a decision about a digest and waits until what it bears on is weighed.
func (s *stage) decideOn(words string, f func(*house, digest.Digest) (any, string, error)) error {
	d, err := digest.Parse(words)
	if err != nil {
		return fault.WithHint(err, "write KIND:VALUE, such as md5:0cc175b9c0f1b6a831c399e269772661")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	record, say, err := f(h, d)
	if err != nil {
		return err
	}
	if err := s.untilDone(h, nil); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(record)
	}
	fmt.Fprintln(s.out, say+".")
	return nil
}

type negativeList struct{}

// Help is the long help of the command.
func (negativeList) Help() string {
	return "Shows the digests that must not alert, with who said so and why, and those that were taken off.\n\nExample:\n  suraag hashset negative list --json\n\n" + exitCodes
}

func (negativeList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.Negatives(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	t := s.table("digest", "by", "since", "reason", "taken off")
	for _, n := range all {
		off := ""
		if !n.Ended.IsZero() {
			off = fmt.Sprintf("%s by %s: %s", n.Ended.UTC().Format(time.DateOnly), n.EndedBy, n.EndedOn)
		}
		t.AppendRow(table.Row{n.Digest, n.By, n.Added.UTC().Format(time.DateOnly), n.Reason, off})
	}
	t.Render()
	return nil
}

type quarantineCmd struct {
	List    quarantineList    `cmd:"" help:"Show entries of lists that match too much."`
	Confirm quarantineConfirm `cmd:"" help:"Say that an entry is right; two different people have to."`
	Dismiss quarantineDismiss `cmd:"" help:"Say that an entry says nothing: it makes no lead."`
}

type quarantineList struct{}

// Help is the long help of the command.
func (quarantineList) Help() string {
	return fmt.Sprintf("Shows entries of lists near which %d contents lie that are not near each other: such an entry would point at people who have nothing to do with it. It makes no lead until two different people confirm it.\n\nExample:\n  suraag hashset quarantine list --json\n\n", hashset.Unrelated) + exitCodes
}

func (quarantineList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.HeldEntries(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	t := s.table("entry", "list", "state", "contents near it", "since", "said by")
	for _, q := range all {
		var by []string
		for _, d := range []hashset.Decision{q.First, q.Second} {
			if d.By != "" {
				by = append(by, d.By+": "+d.Reason)
			}
		}
		t.AppendRow(table.Row{q.Value, q.List, q.State, q.Contents, q.Held.UTC().Format(time.DateOnly), strings.Join(by, "; ")})
	}
	t.Render()
	return nil
}

type quarantineConfirm struct {
	Entry  string `arg:"" help:"The entry's value, pdq:…" placeholder:"VALUE"`
	Reason string `help:"What was looked at." required:""`
}

// Help is the long help of the command.
func (quarantineConfirm) Help() string {
	return "Says, in the name of --by, that an entry in quarantine is right. When a second person has said so too, it makes leads. The same person twice is refused.\n\nExample:\n  suraag hashset quarantine confirm pdq:… --by \"Inspector Example\" --reason \"looked at ten of the matches\"\n\n" + exitCodes
}

func (c *quarantineConfirm) Run(s *stage) error { return s.judge(c.Entry, true, c.Reason) }

type quarantineDismiss struct {
	Entry  string `arg:"" help:"The entry's value, pdq:…" placeholder:"VALUE"`
	Reason string `help:"Why it says nothing." required:""`
}

// Help is the long help of the command.
func (quarantineDismiss) Help() string {
	return "Says, in the name of --by, that an entry in quarantine says nothing. It makes no lead, and each match still shows it with the reason.\n\nExample:\n  suraag hashset quarantine dismiss pdq:… --reason \"a blank page\"\n\n" + exitCodes
}

func (c *quarantineDismiss) Run(s *stage) error { return s.judge(c.Entry, false, c.Reason) }

func (s *stage) judge(entry string, confirm bool, reason string) error {
	return s.decideOn(entry, func(h *house, d digest.Digest) (any, string, error) {
		q, err := h.Decide(s.ctx, d, confirm, s.by(), reason)
		say := fmt.Sprintf("%s: %s", d, q.Words())
		if q.State == hashset.Confirmed {
			say = fmt.Sprintf("%s is confirmed by %s and %s: it makes leads", d, q.First.By, q.Second.By)
		}
		return q, say, err
	})
}
