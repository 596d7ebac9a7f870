package app

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"suraag/custody"
	"suraag/custody/proof"
	"suraag/custody/tlog"
	"suraag/fault"
	"suraag/flow"
)

type logMend struct {
	Authority string `required:"" help:"Who ordered it, and by which order."`
	Reason    string `required:"" help:"What happened: a disk that broke, a copy that was put back."`
	Name      string `help:"Where a witness saw more of the log than there is: the new name under which it goes on." placeholder:"NAME"`
}

// Help is the long help of the command.
func (logMend) Help() string {
	return `Goes on with a custody log that is refused, after a copy was put back. First have folder and database examined, and put back the newest copies there are; this is for what cannot be had back.

  the database is older   the entries that it lacks are lost: their leaves are taken from the log, their words are gone
  the folder is older     the tiles are made again from the database, if that has every leaf that was ever signed
  both are older          only a witness knows it; the log goes on under a new name and key (--name), which witnesses have to be told

Nothing becomes unseen by it: that it was done, why, by whom and what was lost is an entry of the log, and verify tells it. The tiles that were there are moved to the folder custody-before-TIME beside the log.

Examples:
  suraag log mend --authority 'order 7/2025 of the SP' --reason 'disk 2 broke; backup of 11 March put back'
  suraag log mend --authority 'order 7/2025 of the SP' --reason 'fire' --name unit.example/custody-2

` + exitCodes
}

// mended is what the log says of it.
type mended struct {
	Damage    string `json:"damage"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
	flow.LostEntries
	Key    string `json:"key,omitempty"`    // the new one
	Before string `json:"before,omitempty"` // the key that it followed
	Aside  string `json:"aside,omitempty"`  // folder with what was there
}

func (c *logMend) Run(s *stage) error {
	if strings.TrimSpace(c.Authority) == "" || strings.TrimSpace(c.Reason) == "" {
		return fault.Newf(fault.Invalid, "authority and reason have to be stated")
	}
	h, err := s.openAnyhow(false)
	if err != nil {
		return err
	}
	defer h.db.Close()
	damage, why, err := h.diagnose(s.ctx)
	if err != nil {
		return err
	}
	m := mended{Damage: string(damage), Authority: c.Authority, Reason: c.Reason}
	switch damage {
	case tlog.Sound:
		return fault.Newf(fault.Conflict, "the custody log is not refused; there is nothing to mend")
	case tlog.RecordOlder:
		err = h.takeLost(s.ctx, &m)
	case tlog.FolderOlder:
		err = h.rebuildLog(s.ctx, &m)
	case tlog.BothOlder:
		err = h.renewLog(c.Name, why, &m)
	}
	if err != nil {
		return err
	}
	if err := h.note(s.ctx, custody.LogMended, "custody log", s.by(), m); err != nil {
		return err
	}
	key, err := tlog.KeyOf(h.logDir())
	if err != nil {
		return err
	}
	settings, err := h.logSettings()
	if err != nil {
		return err
	}
	// What was configured meanwhile may be among what was lost.
	if err := h.logConfigured(s.ctx, key.Public, s.by(), settings); err != nil {
		return err
	}
	if err := h.settleLog(s.ctx); err != nil {
		return err
	}
	s.printMended(m)
	return nil
}

func (h *house) diagnose(ctx context.Context) (tlog.Damage, error, error) {
	settings, err := h.logSettings()
	if err != nil {
		return tlog.Sound, nil, err
	}
	policy, err := proof.ParsePolicy(settings.Witnesses)
	if err != nil {
		return tlog.Sound, nil, err
	}
	damage, why := tlog.Diagnose(ctx, h.logDir(), h.db, policy, &http.Client{Timeout: 5 * time.Second})
	if damage == tlog.Sound {
		return damage, nil, why
	}
	return damage, why, nil
}

// takeLost takes the leaves that the database lacks from the log.
func (h *house) takeLost(ctx context.Context, m *mended) error {
	from, leaves, err := tlog.Lost(ctx, h.logDir(), h.db)
	if err != nil {
		return err
	}
	return h.db.InTx(ctx, func(tx *sql.Tx) error {
		n, err := h.db.TakeLost(ctx, tx, from, leaves, h.Now())
		m.LostEntries = flow.LostEntries{From: from, To: from + int64(len(leaves)), Lost: n}
		return err
	})
}

// rebuildLog makes the tiles again from the database.
func (h *house) rebuildLog(ctx context.Context, m *mended) error {
	held, err := h.db.Checkpoints(ctx)
	if err != nil {
		return err
	}
	m.Aside = "custody-before-" + h.Now().UTC().Format("20060102T150405")
	cfg := tlog.Config{Dir: h.logDir(), Ledger: h.db, Now: h.Now}
	return tlog.Rebuild(ctx, cfg, held, filepath.Join(h.dir, m.Aside))
}

// renewLog lets the log go on under another name.
func (h *house) renewLog(name string, why error, m *mended) error {
	if name == "" {
		return fault.WithHint(why, "put back a newer copy, if there is one; if there is none, the log has to go on under a new name: suraag log mend --name NAME")
	}
	before, err := tlog.KeyOf(h.logDir())
	if err != nil {
		return err
	}
	key, err := tlog.Renew(h.logDir(), name)
	m.Before, m.Key = before.Public, key.Public
	return err
}

func (s *stage) printMended(m mended) {
	fmt.Fprintf(s.out, "Mended: %s.\n", m.Damage)
	switch {
	case m.To > m.From:
		fmt.Fprintf(s.out, "Of the entries at the places %d to %d of the log %d have lost their words. Hand in again what came since; suraag verify names the originals of which the record says nothing.\n", m.From, m.To-1, m.Lost)
	case m.Aside != "":
		fmt.Fprintf(s.out, "The tiles were made again from the database. What was there lies in %s.\n", m.Aside)
	case m.Key != "":
		fmt.Fprintf(s.out, "The log goes on under a new key; give it to the witnesses and to whoever checks proofs:\n%s\n", m.Key)
	}
	fmt.Fprintln(s.out, "That it was mended is an entry of the log. Run suraag verify.")
}
