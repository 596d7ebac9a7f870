package app

import (
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"

	"suraag/custody"
	"suraag/custody/arrive"
	"suraag/custody/spool"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
	"suraag/people"
	machines "suraag/people/machine"
	"suraag/web"
)

// deliveryDesk takes what programs hand in. Who may hand in to what is asked before
// (web), with every request.
type deliveryDesk struct {
	desk
	drafts *arrive.Folder
}

// deliveries gives the desk, with the drafts of the data folder.
func (d desk) deliveries() (deliveryDesk, error) {
	drafts, err := arrive.In(filepath.Join(d.dir, "arriving"), arrive.DefaultLimits(min(d.Limits.Original, spool.MaxSize)), d.Now)
	return deliveryDesk{d, drafts}, err
}

// Announce gives the receipt of a hand-in that was made before. Only one's own
// counts: that others brought the same bytes is not told, and whoever knows but
// their hash does not have them.
func (d deliveryDesk) Announce(ctx context.Context, x web.Delivery) (arrive.Answer, error) {
	h, err := handInOf(x.HandIn)
	if err != nil {
		return arrive.Answer{}, err
	}
	if err := custody.NeedAuthority(h.Authority); err != nil {
		return arrive.Answer{}, err
	}
	if _, err := h.Options.Options(); err != nil {
		return arrive.Answer{}, err
	}
	r, err := d.receiptOf(ctx, x)
	if err != nil || r != nil {
		return arrive.Answer{Offset: x.Size, Receipt: r}, err
	}
	about, err := json.Marshal(x.HandIn)
	if err != nil {
		return arrive.Answer{}, fault.As(fault.Internal, err)
	}
	id, at, err := d.drafts.Declare(arrive.Declared{Owner: x.Owner, SHA256: x.SHA256, Size: x.Size, About: about})
	return arrive.Answer{Upload: id, Offset: at}, err
}

// Announced gives what an owner announced.
func (d deliveryDesk) Announced(_ context.Context, owner, upload string) (x web.Delivery, err error) {
	said, _, err := d.drafts.Find(owner, upload)
	if err != nil {
		return x, err
	}
	if err := json.Unmarshal(said.About, &x.HandIn); err != nil {
		return x, fault.Newf(fault.Corrupt, "the declaration of draft %.12s: %w", upload, err)
	}
	x.Owner, x.SHA256, x.Size = said.Owner, said.SHA256, said.Size
	return x, nil
}

// Send takes bytes, and with the last one hands the document in, if that may still be.
func (d deliveryDesk) Send(ctx context.Context, owner, upload string, offset int64, body io.Reader, may func() error) (arrive.Answer, error) {
	x, err := d.Announced(ctx, owner, upload)
	if err != nil {
		return arrive.Answer{}, err
	}
	at, done, err := d.drafts.Append(ctx, owner, upload, offset, body, func(whole io.Reader) error {
		h, err := handInOf(x.HandIn)
		if err == nil {
			err = may()
		}
		if err == nil {
			_, _, err = d.House.Receive(ctx, h, whole)
		}
		return err
	})
	if err != nil || !done {
		return arrive.Answer{Upload: upload, Offset: at}, err
	}
	r, err := d.receiptOf(ctx, x)
	if err == nil && r == nil {
		err = fault.Newf(fault.Internal, "source %s was handed in, and no hand-in is in the record", x.SHA256)
	}
	return arrive.Answer{Offset: at, Receipt: r}, err
}

// receiptOf gives the receipt of this very hand-in: these bytes, by this sender,
// under this name and authority, for this case. A machine has one case, and one
// that was moved on by people was handed in all the same.
func (d deliveryDesk) receiptOf(ctx context.Context, x web.Delivery) (*arrive.Receipt, error) {
	s, err := d.db.Source(ctx, x.SHA256)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return nil, nil // not here, or no hash: the drafts say so
	}
	if err != nil {
		return nil, err
	}
	all, err := d.db.HandIns(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(h custody.HandIn) bool {
		return h.Authority == x.Authority && h.BroughtBy == x.BroughtBy && h.Name == x.Name
	})
	if at < 0 || s.Size != x.Size {
		return nil, nil
	}
	if people.From(ctx).Role != people.OfMachine {
		tied, err := d.db.HandInCases(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		into := tied[custody.HandIn{Authority: x.Authority, BroughtBy: x.BroughtBy, Name: x.Name}]
		if x.Case != "" && !slices.Contains(into, x.Case) || x.ListName != "" { // a list has to count as one too
			return nil, nil
		}
	}
	return &arrive.Receipt{ID: s.ID, Size: s.Size, Name: all[at].Name, BroughtBy: all[at].BroughtBy, Authority: all[at].Authority, At: all[at].At}, nil
}

// machineDoor lets machines in.
type machineDoor struct {
	machines.Register
	authority machines.Authority
}

// Renew makes a machine's next certificate.
func (d machineDoor) Renew(ctx context.Context, w people.Who, shown, request []byte) ([]byte, error) {
	q, err := machines.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	der, err := d.Register.Renew(ctx, w, machines.Fingerprint(shown), d.authority, q)
	return machines.PEM(der), err
}

// handInOf is what a page or a program says of a document, as the river takes it.
func handInOf(in web.HandIn) (flow.HandIn, error) {
	h := flow.HandIn{
		Name: filepath.Base(in.Name), BroughtBy: in.BroughtBy, Authority: in.Authority, Case: in.Case,
		Options: flow.Declared{Zone: in.Zone, Order: in.DateOrder, Service: in.Service, Format: in.Format},
	}
	if in.ListName != "" || in.ListFrom != "" {
		h.List = hashset.Set{Name: in.ListName, From: in.ListFrom}
		return h, hashset.Named(in.ListName, in.ListFrom)
	}
	return h, nil
}
