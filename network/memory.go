package network

import (
	"context"
	"net/netip"
	"time"
)

// Memory is a Lookup over ranges held in memory, for tests and for small sets.
// Every Find walks all rows of the set. It may not be changed while it is asked.
type Memory struct {
	sets   []DataSet
	ranges map[string][]Range
}

// Add puts a data set in. Without an ID the set is known by its kind, name and
// date.
func (m *Memory) Add(set DataSet, ranges ...Range) {
	if set.ID == "" {
		set.ID = string(set.Kind) + " " + set.Name + " " + set.AsOf.Format(time.DateOnly)
	}
	if m.ranges == nil {
		m.ranges = map[string][]Range{}
	}
	set.Ranges = int64(len(ranges))
	m.sets = append(m.sets, set)
	m.ranges[set.ID] = append(m.ranges[set.ID], ranges...)
}

// DataSets lists the sets in the order in which they were added.
func (m *Memory) DataSets(ctx context.Context) ([]DataSet, error) { return m.sets, ctx.Err() }

// Find gives the rows of a set that cover the address and hold between the moments.
func (m *Memory) Find(ctx context.Context, dataSetID string, addr netip.Addr, from, until time.Time) ([]Range, error) {
	var found []Range
	for _, r := range m.ranges[dataSetID] {
		if r.Covers(addr) && r.During(from, until) {
			found = append(found, r)
		}
	}
	return found, ctx.Err()
}
