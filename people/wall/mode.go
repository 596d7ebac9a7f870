package wall

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
)

// lastModes is how many times of media mode a page tells of.
const lastModes = 20

// modeSaid is what the log says of media mode; its times are UTC.
type modeSaid struct {
	What   string `json:"what"`
	Mode   string `json:"mode"`
	Case   string `json:"case"`
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
	Alone  bool   `json:"alone,omitempty"`
	Of     string `json:"turned_on_by,omitempty"`
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Media is media mode of a case, as somebody who looks into the case sees it.
type Media struct {
	people.Case
	Mode    look.Mode   // that is on; the zero Mode if none is
	Past    []look.Mode // the last ones, the one that is on among them
	Look    bool        // whoever asks may uncover pictures
	TurnOn  bool
	TurnOff bool
	Budget  look.Budget
}

// Media tells whether media mode is on for a case, and logs that somebody asked.
func (w *Wall) Media(ctx context.Context, key string) (Media, error) {
	m, e, err := w.media(ctx, key)
	if err != nil {
		return m, err
	}
	m.TurnOn = !m.MediaMode && e.onCase(people.MediaMode, m.Case) == nil
	m.TurnOff = m.MediaMode && e.onCase(people.EndMediaMode, m.Case) == nil
	if m.Look = e.onCase(people.Look, m.Case) == nil; m.Look {
		if m.Budget, err = w.Budget(ctx); err != nil {
			return m, err
		}
	}
	return m, w.Looked(ctx, m.ID, map[string]string{"case": m.Number, "what": "list of its media"})
}

// media gives a case that may be looked into, with its mode.
func (w *Wall) media(ctx context.Context, key string) (Media, *Eyes, error) {
	c, e, err := w.find(ctx, key, people.View)
	if err != nil {
		return Media{}, e, err
	}
	m := Media{Case: c}
	if m.Past, err = w.Book.Modes(ctx, c.ID, lastModes); err != nil {
		return m, e, err
	}
	m.Mode = look.Current(m.Past, w.Now())
	m.MediaMode = m.Mode.ID != ""
	return m, e, nil
}

// TurnOn turns media mode on for a case, for some hours. Every other supervisor is
// told.
func (w *Wall) TurnOn(ctx context.Context, key, reason string, hours int) (look.Mode, error) {
	w.change.Lock()
	defer w.change.Unlock()
	m, e, err := w.media(ctx, key)
	if err == nil {
		err = e.onCase(people.MediaMode, m.Case)
	}
	if err != nil {
		return look.Mode{}, err
	}
	if m.MediaMode {
		return m.Mode, fault.WithHint(fault.Newf(fault.Conflict, "media mode of case %s is on already", m.Number), "turn it off first, to give it another end")
	}
	on, err := look.New(m.Case, e.who, reason, hours, w.Now())
	if err != nil {
		return on, err
	}
	said := modeSaid{What: "on", Mode: on.ID, Case: m.Number, Reason: on.Reason, Until: utc(on.Until), Alone: on.Alone}
	return on, w.log(ctx, custody.ModeChanged, m.ID, said, func(tx *sql.Tx) error {
		// Another process may have turned it on meanwhile, or taken whoever asks off the case.
		c, err := w.Book.HoldCase(ctx, tx, m.ID, w.Now())
		if err == nil {
			err = e.onCase(people.MediaMode, c)
		}
		if err != nil {
			return err
		}
		modes, err := w.Book.Modes(ctx, m.ID, lastModes)
		if err == nil && look.Current(modes, w.Now()).ID != "" {
			err = fault.Newf(fault.Conflict, "somebody else turned media mode of case %s on already", m.Number)
		}
		if err != nil {
			return err
		}
		return w.Book.AddMode(ctx, tx, on)
	})
}

// TurnOff ends media mode of a case before its time.
func (w *Wall) TurnOff(ctx context.Context, key string) error {
	w.change.Lock()
	defer w.change.Unlock()
	c, e, err := w.find(ctx, key, people.EndMediaMode)
	if err != nil {
		return err
	}
	modes, err := w.Book.Modes(ctx, c.ID, lastModes)
	if err != nil {
		return err
	}
	ended, err := look.Current(modes, w.Now()).End(e.who.By, w.Now())
	if err != nil {
		return err
	}
	said := modeSaid{What: "off", Mode: ended.ID, Case: c.Number, Of: ended.By}
	return w.log(ctx, custody.ModeChanged, c.ID, said, func(tx *sql.Tx) error {
		first, err := w.Book.EndMode(ctx, tx, ended)
		if err == nil && !first {
			err = fault.Newf(fault.Conflict, "somebody else turned it off already")
		}
		return err
	})
}

// ModeNotice is media mode that was turned on, as other supervisors are told of it.
type ModeNotice struct {
	look.Mode
	Number string
	On     bool
	Mine   bool // whoever reads it turned it on, and cannot take notice of it
}

// ModeNotices gives the latest, those of which nobody took notice first.
func (w *Wall) ModeNotices(ctx context.Context) ([]ModeNotice, error) {
	e, err := w.Eyes(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.Policy.OnUnit(e.who, people.ReadNotices); err != nil {
		return nil, err
	}
	all, err := w.Book.LastModes(ctx, 200)
	var out []ModeNotice
	for _, m := range all {
		out = append(out, ModeNotice{m, e.cases[m.Case].Number, m.On(w.Now()), people.Second(m.By, e.who.By) != nil})
	}
	return out, err
}

// TakeModeNotice records that another supervisor read of media mode.
func (w *Wall) TakeModeNotice(ctx context.Context, id string) error {
	all, err := w.ModeNotices(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(n ModeNotice) bool { return n.ID == id })
	if at < 0 {
		return fault.Newf(fault.NotFound, "there is no such notice")
	}
	m, who := all[at].Mode, people.From(ctx)
	if err := people.Second(m.By, who.By); err != nil {
		return err
	}
	m.SeenBy, m.SeenAt = who.By, w.Now().UTC()
	said := modeSaid{What: "notice taken", Mode: m.ID, Case: all[at].Number, Of: m.By}
	return w.log(ctx, custody.ModeChanged, m.Case, said, func(tx *sql.Tx) error {
		first, err := w.Book.SeeMode(ctx, tx, m)
		if err == nil && !first {
			err = fault.Newf(fault.Conflict, "another supervisor took notice of it already")
		}
		return err
	})
}
