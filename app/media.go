package app

import (
	"fmt"
	"time"

	"suraag/people/look"
	"suraag/people/wall"
)

type mediaCmd struct {
	Status mediaStatus `cmd:"" help:"Where media mode is on, and for how long people looked."`
}

type mediaStatus struct{}

// Help is the long help of the command.
func (mediaStatus) Help() string {
	return `Shows the cases for which media mode is on, until when, why and by whom, and for how long people looked at pictures on the last seven days. Figures only: no command shows a picture, turns media mode on, or changes a limit. That is done on the pages, by people who signed in.

Example:
  suraag media status

` + exitCodes
}

// ModeOn is media mode of a case that is on now.
type ModeOn struct {
	Number string `json:"case"`
	look.Mode
}

// HoursRow is how long one person looked, in seconds, the last day first.
type HoursRow struct {
	Login string  `json:"login"`
	Days  []int64 `json:"seconds_by_day"`
	Limit int64   `json:"limit_seconds"`
}

// MediaStatus is what the command tells.
type MediaStatus struct {
	On    []ModeOn   `json:"on"`
	Hours []HoursRow `json:"hours"`
}

func (mediaStatus) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	w, _, err := s.walls(h)
	if err != nil {
		return err
	}
	out := MediaStatus{On: []ModeOn{}, Hours: []HoursRow{}}
	cases, err := h.db.Cases(s.ctx, s.now())
	if err != nil {
		return err
	}
	for _, c := range cases {
		modes, err := h.db.Modes(s.ctx, c.ID, 0)
		if err != nil {
			return err
		}
		if m := look.Current(modes, s.now()); m.ID != "" {
			out.On = append(out.On, ModeOn{c.Number, m})
		}
	}
	lookers, err := w.AllHours(s.ctx)
	if err != nil {
		return err
	}
	for _, l := range lookers {
		row := HoursRow{Login: l.Login, Limit: int64(l.Limit / time.Second)}
		for _, d := range l.Days {
			row.Days = append(row.Days, int64(d/time.Second))
		}
		out.Hours = append(out.Hours, row)
	}
	if s.cli.JSON {
		return s.print(out)
	}
	return s.printMedia(out, lookers)
}

func (s *stage) printMedia(m MediaStatus, lookers []wall.Looker) error {
	zone, err := s.zone()
	if err != nil {
		return err
	}
	if len(m.On) == 0 {
		fmt.Fprintln(s.out, "Media mode is off for every case.")
	}
	for _, o := range m.On {
		fmt.Fprintf(s.out, "Media mode of case %s is on until %s, turned on by %s: %s\n", o.Number, o.Until.In(zone).Format("2 January 2006 15:04:05 MST"), o.By, o.Reason)
	}
	if len(lookers) == 0 {
		fmt.Fprintln(s.out, "Nobody looked at a picture in the last seven days.")
		return nil
	}
	t := s.table("person", "limit", "today", "1 day ago", "2", "3", "4", "5", "6")
	for _, l := range lookers {
		row := []any{l.By(), look.Minutes(l.Limit)}
		for _, d := range l.Days {
			row = append(row, look.Minutes(d))
		}
		t.AppendRow(row)
	}
	t.Render()
	return nil
}
