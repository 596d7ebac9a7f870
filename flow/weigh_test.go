package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every sighting of a content is weighed, however many there are: some at a time gives
// the same leads as all at once, and they all go when their ground does.
func TestEverySightingIsWeighed(t *testing.T) {
	const many = 55
	var text strings.Builder
	for minute := range many {
		line := observed(minute, fmt.Sprintf("198.51.100.%d", 1+minute), md5of("popular"))
		if minute == many-1 { // one sign of danger, at the end: it is told on every lead of the content
			line = strings.Replace(line, `{"observed_at"`, `{"sextortion":"true","observed_at"`, 1)
		}
		text.WriteString(line)
		if minute%3 == 0 { // the same moment, by a weaker word
			text.WriteString(strings.Replace(line, "provider capture", "device file", 1))
		}
	}
	var want string
	for _, page := range []int{0, 1, 2, 7, many} {
		h := newHouse(t)
		if page > 0 {
			h.Limits.Answer = page
		}
		h.operators(t)
		h.handIn(t, "tip.json", sample(t, "cybertip_100000001.json"))
		h.list(t, "other", "vics.json", sample(t, "vics_2_0_hashset.json"))
		h.list(t, "known", "list.csv", plain(md5of("popular")))
		seen := h.handIn(t, "seen.jsonl", []byte(text.String()))
		h.settle(t)
		queue := h.queue(t)
		got := words(t, queue)
		if page == 0 {
			want = got
		}
		n, danger := 0, 0
		for _, l := range queue {
			if l.Source == seen.ID {
				n, danger = n+1, danger+len(l.Danger)
			}
		}
		if n != many || danger != many {
			t.Fatalf("%d at a time: %d of %d moments have a lead, %d tell of the danger", page, n, many, danger)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d at a time gives other leads:\n%s", page, diff)
		}
		if v := h.verify(t); len(v.Differences) > 0 {
			t.Errorf("%d at a time: %+v", page, v.Differences)
		}
		if _, err := h.Correct(ctx, seen.ID, "other", "the log was of another system", "first officer"); err != nil {
			t.Fatal(err)
		}
		h.settle(t)
		for _, l := range h.queue(t) {
			if l.Source == seen.ID && l.Finding.Observation.Corrected == "" {
				t.Fatalf("%d at a time: lead %s stands on what was corrected", page, l.ID)
			}
		}
	}
}
