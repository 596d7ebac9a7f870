package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"suraag/casework"
	"suraag/custody"
	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/sighting"
)

// holds are what keeps matches from making leads, as of one question.
type holds struct {
	negative   map[digest.Digest]hashset.Negative
	quarantine map[digest.Digest]hashset.Quarantine
}

func (h *House) holds(ctx context.Context) (holds, error) {
	out := holds{map[digest.Digest]hashset.Negative{}, map[digest.Digest]hashset.Quarantine{}}
	negatives, err := h.Record.Negatives(ctx)
	if err != nil {
		return out, err
	}
	for _, n := range negatives {
		if n.Ended.IsZero() {
			out.negative[n.Digest] = n
		}
	}
	held, err := h.Record.HeldEntries(ctx)
	for _, q := range held {
		out.quarantine[q.Value] = q
	}
	return out, err
}

// on says what holds a match of a content, if anything.
func (hs holds) on(m hashset.Match, content []digest.Digest) *hashset.Held {
	value := valueOf(m)
	for _, d := range append([]digest.Digest{value}, content...) {
		if n, is := hs.negative[d]; is {
			return &hashset.Held{By: hashset.HeldNegative, Words: n.Words()}
		}
	}
	if q, is := hs.quarantine[value]; is && m.By == digest.PDQ && q.State != hashset.Confirmed {
		if q.State == hashset.Dismissed {
			return &hashset.Held{By: hashset.HeldDismissed, Words: q.Words()}
		}
		return &hashset.Held{By: hashset.HeldFlood, Words: q.Words()}
	}
	return nil
}

// valueOf gives the entry's value by which a match was found.
func valueOf(m hashset.Match) digest.Digest {
	d, err := digest.Parse(string(m.By) + ":" + m.Value)
	if err != nil {
		return digest.Digest{} // of text: it is on no negative list
	}
	return d
}

// hold marks the matches of a family that make no lead.
func (h *House) hold(ctx context.Context, family []casework.Content) error {
	if !slices.ContainsFunc(family, func(c casework.Content) bool { return len(c.Listed) > 0 }) {
		return nil
	}
	hs, err := h.holds(ctx)
	if err != nil {
		return err
	}
	for n := range family {
		hs.mark(family[n].Listed, family[n].Digests)
	}
	return nil
}

func (hs holds) mark(matches []hashset.Match, content []digest.Digest) {
	for n := range matches {
		m := &matches[n]
		if m.Held = hs.on(*m, content); m.Held != nil {
			m.Sentence = m.Say()
		}
	}
}

// nearValue gives what lies near one PDQ value of an entry in the record.
func (h *House) nearValue(ctx context.Context, value digest.Digest) (values []digest.Digest, things []string, err error) {
	err = h.near.near(ctx, h.Record, value, h.Policy.PDQDistance, func(v digest.Digest, thing string, _ int) {
		values, things = append(values, v), append(things, thing)
	})
	return values, things, err
}

// flood quarantines entries by which a content is matched and which match too much,
// and has what rests on them weighed again.
func (w *weighing) flood(ctx context.Context, self *casework.Content) error {
	if w.tx == nil {
		return nil // a verification writes nothing; what was quarantined is in the record
	}
	for n := range self.Listed {
		m := &self.Listed[n]
		value := valueOf(*m)
		if m.By != digest.PDQ || !m.Alerts() {
			continue
		}
		if w.judged[value] {
			w.fresh.mark(self.Listed[n:n+1], nil)
			continue
		}
		w.judged[value] = true
		values, things, err := w.house.nearValue(ctx, value)
		if err != nil {
			return err
		}
		slices.SortFunc(values, digest.Digest.Compare) // the same count whatever the order of coming
		apart := hashset.Flood(values, w.house.Policy.PDQDistance, hashset.Unrelated)
		if known, err := w.confirmed(ctx, value); err != nil || known || apart < hashset.Unrelated {
			if err != nil {
				return err
			}
			continue
		}
		q := hashset.Quarantine{Value: value, List: m.SetName, Contents: int64(len(things)), Apart: int64(apart), State: hashset.Waiting, Held: w.house.Now().UTC()}
		if err := w.house.Record.PutQuarantine(ctx, w.tx, q); err != nil {
			return err
		}
		if err := w.house.log(ctx, w.tx, custody.ListQuarantined, value.String(), custody.Program, q); err != nil {
			return err
		}
		if err := w.house.Record.MarkDirty(ctx, w.tx, things); err != nil {
			return err
		}
		w.fresh.quarantine[value] = q
		w.fresh.mark(self.Listed[n:n+1], nil)
	}
	return nil
}

// confirmed tells whether anything was decided of a value before.
func (w *weighing) confirmed(ctx context.Context, value digest.Digest) (bool, error) {
	hs, err := w.house.holds(ctx)
	_, known := hs.quarantine[value]
	return known, err
}

// AddNegative puts a digest on the negative list: from now on it makes no lead.
func (h *House) AddNegative(ctx context.Context, d digest.Digest, by, reason string) (hashset.Negative, error) {
	n := hashset.Negative{Digest: d, By: by, Reason: strings.TrimSpace(reason), Added: h.Now().UTC()}
	if err := hashset.Reasoned("negative entry "+d.String(), by, reason); err != nil {
		return n, err
	}
	hs, err := h.holds(ctx)
	if err != nil {
		return n, err
	}
	if old, there := hs.negative[d]; there {
		return n, fault.Newf(fault.Conflict, "%s", old.Words())
	}
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.AddNegative(ctx, tx, n); err != nil {
			return err
		}
		return h.decided(ctx, tx, custody.ListNegative, d, by, n)
	})
	return n, err
}

// EndNegative takes a digest off the negative list.
func (h *House) EndNegative(ctx context.Context, d digest.Digest, by, reason string) (hashset.Negative, error) {
	if err := hashset.Reasoned("end of negative entry "+d.String(), by, reason); err != nil {
		return hashset.Negative{}, err
	}
	hs, err := h.holds(ctx)
	if err != nil {
		return hashset.Negative{}, err
	}
	n, there := hs.negative[d]
	if !there {
		err := fault.Newf(fault.NotFound, "digest %s is not on the negative list", d)
		return n, fault.WithHint(err, "see suraag hashset negative list")
	}
	n.Ended, n.EndedBy, n.EndedOn = h.Now().UTC(), by, strings.TrimSpace(reason)
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.EndNegative(ctx, tx, n); err != nil {
			return err
		}
		return h.decided(ctx, tx, custody.ListNegative, d, by, n)
	})
	return n, err
}

// Decide confirms or dismisses a quarantined entry. To confirm takes two people.
func (h *House) Decide(ctx context.Context, value digest.Digest, confirm bool, by, reason string) (hashset.Quarantine, error) {
	hs, err := h.holds(ctx)
	if err != nil {
		return hashset.Quarantine{}, err
	}
	q, there := hs.quarantine[value]
	if !there {
		err := fault.Newf(fault.NotFound, "entry %s is not in quarantine", value)
		return q, fault.WithHint(err, "see suraag hashset quarantine list")
	}
	decision := hashset.Decision{By: by, Reason: strings.TrimSpace(reason), At: h.Now().UTC()}
	kind := custody.ListConfirmed
	if confirm {
		q, err = q.Confirm(decision)
	} else {
		kind = custody.ListDismissed
		q, err = q.Dismiss(decision)
	}
	if err != nil {
		return q, err
	}
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.PutQuarantine(ctx, tx, q); err != nil {
			return err
		}
		return h.decided(ctx, tx, kind, value, by, q)
	})
	return q, err
}

// decided logs what was decided of a digest and has what it bears on weighed again.
func (h *House) decided(ctx context.Context, tx *sql.Tx, kind custody.Kind, d digest.Digest, by string, record any) error {
	if err := h.log(ctx, tx, kind, d.String(), by, record); err != nil {
		return err
	}
	tied, err := h.closure(ctx, []digest.Digest{d}, nil)
	if err != nil {
		return err
	}
	ids := sightedOnly(tied)
	if d.Kind() == digest.PDQ {
		_, near, err := h.nearValue(ctx, d)
		if err != nil {
			return err
		}
		ids = append(ids, near...)
	}
	if err := h.Record.MarkDirty(ctx, tx, ids); err != nil {
		return err
	}
	return h.Queue.Weigh(ctx, tx)
}

// sightedOnly gives the IDs of things; those of which only lists speak have no leads,
// and to mark them does no harm.
func sightedOnly(things []sighting.Thing) []string {
	var out []string
	for _, t := range things {
		out = append(out, t.ID)
	}
	return out
}
