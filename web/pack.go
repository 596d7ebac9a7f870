package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"suraag/casework/pack"
	"suraag/fault"
	"suraag/people"
)

// PackInUse is a pack of law with the unit's newest review and, where it may not be
// used, the reason.
type PackInUse struct {
	pack.Pack
	Review *pack.Review
	Until  time.Time // of the review
	Why    string
}

// Own tells whether the unit added it.
func (p PackInUse) Own() bool { return p.AddedBy != "" }

type packsPage struct {
	base
	Packs []PackInUse
}

// packs lists the packs, and whether letters may be made from them.
func (s *server) packs(w http.ResponseWriter, r *http.Request) error {
	p := packsPage{base: s.base(r, "Packs of law", "requests")}
	var err error
	if p.Packs, err = s.Desk.Packs(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "packs", p)
}

type packPage struct {
	base
	P       PackInUse
	Reviews bool // whoever looks may review it
}

// pack shows one pack as it has to be read to be reviewed: every item with its
// source, and what nobody has checked yet.
func (s *server) pack(w http.ResponseWriter, r *http.Request) error {
	x, err := s.findPack(r)
	if err != nil {
		return err
	}
	p := packPage{base: s.base(r, "Pack "+x.ID, "requests"), P: x, Reviews: s.policy.OnUnit(people.From(r.Context()), people.ReviewPack) == nil}
	return s.render(w, http.StatusOK, "pack", p)
}

func (s *server) findPack(r *http.Request) (PackInUse, error) {
	all, err := s.Desk.Packs(r.Context())
	if err != nil {
		return PackInUse{}, err
	}
	id := r.PathValue("id")
	n := slices.IndexFunc(all, func(p PackInUse) bool { return p.ID == id })
	if n < 0 {
		return PackInUse{}, fault.Newf(fault.NotFound, "pack %q is not known", short(id))
	}
	return all[n], nil
}

// reviewPack records a review in the name of whoever is signed in, of the very text
// that the page showed.
func (s *server) reviewPack(w http.ResponseWriter, r *http.Request) error {
	x, err := s.findPack(r)
	if err != nil {
		return err
	}
	by, shown := s.who(r), r.FormValue("shown")
	switch {
	case by == "":
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody is named who reviewed it"), "go back and state your name and rank")
	case shown == "":
		return fault.WithHint(fault.Newf(fault.Invalid, "it is not said which text was read"), "load the page of the pack and send its form")
	case r.FormValue("compared") == "":
		return fault.WithHint(fault.Newf(fault.Invalid, "it is not stated that every item was compared with its source"), "go back, compare them, and tick the box")
	}
	if err := s.Desk.ReviewPack(r.Context(), x.ID, shown, by, strings.TrimSpace(r.FormValue("note"))); err != nil {
		return err
	}
	http.Redirect(w, r, "/pack/"+url.PathEscape(x.ID), http.StatusSeeOther)
	return nil
}

// fact is one thing that an item of a pack says.
type fact struct{ Name, Value string }

// facts leaves out what an item does not say.
func facts(all ...fact) (out []fact) {
	for _, f := range all {
		if f.Value != "" && f.Value != "0 days" && f.Value != (pack.Day{}).String() {
			out = append(out, f)
		}
	}
	return out
}

// OfInstrument gives everything that an instrument says besides the words of its
// letter: whoever reviews a pack stands for all of it.
func (packPage) OfInstrument(i pack.Instrument) []fact {
	return facts(
		fact{"Name", i.ID}, fact{"What it does", string(i.Kind)}, fact{"About", string(i.About)}, fact{"Legal basis", i.LegalBasis}, fact{"Signed by", i.WhoMaySign},
		fact{"For authorities of", strings.Join(i.Issuers, ", ")}, fact{"To", strings.Join(i.AddresseeKinds, ", ")}, fact{"In", strings.Join(i.AddresseeCountries, ", ")},
		fact{"Asks for", i.DataCategory}, fact{"Each asked by itself", strings.Join(i.Particulars, "; ")}, fact{"Period to each side of the moment", count(i.PeriodDays, "day", "days")},
		fact{"Form of times", i.TimeFormat}, fact{"Secrecy", i.Secrecy}, fact{"Answer within", count(i.ReplyDays, "day", "days")}, fact{"Preserved for", count(i.KeepDays, "day", "days")},
		fact{"Renewed before the end by", count(i.RenewBeforeDays, "day", "days")}, fact{"Emergency", i.Emergency}, fact{"In force since", i.InForce.String()}, fact{"Holds until", i.Expires.String()},
	)
}

// OfAddressee gives everything that an entry of the directory says.
func (packPage) OfAddressee(a pack.Addressee) []fact {
	var numbers, by []string
	for _, n := range a.ASN {
		numbers = append(numbers, strconv.FormatUint(uint64(n), 10))
	}
	for _, k := range a.IdentifyBy {
		by = append(by, string(k))
	}
	union := ""
	if a.EU {
		union = "yes"
	}
	return facts(
		fact{"Name here", a.ID}, fact{"Kind", a.Kind}, fact{"Country", a.Country}, fact{"In the European Union", union}, fact{"Also written", strings.Join(a.Names, "; ")},
		fact{"Networks", strings.Join(numbers, ", ")}, fact{"Services", strings.Join(a.Services, ", ")}, fact{"Identifies by", strings.Join(by, ", ")}, fact{"Door", a.Door},
		fact{"Must be given", strings.Join(a.MustGive, "; ")}, fact{"Preserves for", count(a.KeepDays, "day", "days")}, fact{"Its logs are in", a.Zone}, fact{"Notes", a.Notes},
	)
}
