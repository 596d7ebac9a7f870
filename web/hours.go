package web

import (
	"fmt"
	"strings"

	"suraag/circulation"
)

// chart is the acts of each hour of the day as bars, in a field of 24 units by
// chartHeight.
type chart struct {
	Zone   string
	Bars   []bar
	Words  string // the same, for those who do not see the bars
	Beside int    // acts whose hour is not certain
}

type bar struct {
	X, Y, Height int
	Hour, Count  int
}

// The size of a chart, in units of the drawing.
const (
	barStep     = 10
	barWidth    = 8
	chartHeight = 40
)

func chartOf(zone string, hours [24]int, beside int) chart {
	c := chart{Zone: zone, Beside: beside}
	most := 1
	for _, n := range hours {
		most = max(most, n)
	}
	var said []string
	for h, n := range hours {
		if n == 0 {
			continue
		}
		height := max(3, n*chartHeight/most)
		c.Bars = append(c.Bars, bar{X: h*barStep + 1, Y: chartHeight - height, Height: height, Hour: h, Count: n})
		said = append(said, fmt.Sprintf("%02d:00 to %02d:59: %d", h, h, n))
	}
	if len(said) == 0 {
		said = append(said, "no act has a certain hour")
	}
	c.Words = "Acts by hour, " + zone + ". " + strings.Join(said, "; ") + "."
	return c
}

// chartsOf adds up all rows, once for each zone.
func chartsOf(b base, t circulation.AccessTable) []chart {
	var local, utc [24]int
	var besideLocal, besideUTC int
	for _, r := range t.Rows {
		for h := range r.Hours {
			local[h] += r.Hours[h]
			utc[h] += r.HoursUTC[h]
		}
		besideLocal += r.NotCertain
		besideUTC += r.NotCertainUTC
	}
	if len(t.Rows) == 0 {
		return nil
	}
	out := []chart{chartOf("UTC", utc, besideUTC)}
	if b.TwoZones() {
		out = append(out, chartOf(b.ZoneName(), local, besideLocal))
	}
	return out
}

// Charts gives the hours of one row of the table.
func (b base) Charts(r circulation.AccessRow) []chart {
	out := []chart{chartOf("UTC", r.HoursUTC, r.NotCertainUTC)}
	if b.TwoZones() {
		out = append(out, chartOf(b.ZoneName(), r.Hours, r.NotCertain))
	}
	return out
}
