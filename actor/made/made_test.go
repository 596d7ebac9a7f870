package made_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/actor/made"
	"suraag/actor/series"
	"suraag/sighting"
)

var update = flag.Bool("update", false, "write the golden file anew")

// quality is how right pairs of complaints are.
type quality struct{ right, wrong, missed int }

func (q quality) String() string {
	return fmt.Sprintf("precision %.4f (%d of %d), recall %.4f (%d of %d)",
		float64(q.right)/float64(max(1, q.right+q.wrong)), q.right, q.right+q.wrong,
		float64(q.right)/float64(max(1, q.right+q.missed)), q.right, q.right+q.missed)
}

// pairs counts over all pairs of n: found and true.
func pairs(n int, found, truth func(a, b int) bool) (q quality) {
	for a := range n {
		for b := a + 1; b < n; b++ {
			switch f, t := found(a, b), truth(a, b); {
			case f && t:
				q.right++
			case f:
				q.wrong++
			case t:
				q.missed++
			}
		}
	}
	return q
}

// TestLinkingQuality holds precision and recall on made complaints: they cannot
// change unseen.
func TestLinkingQuality(t *testing.T) {
	var out strings.Builder
	for _, seed := range []uint64{1, 2, 3} {
		set := made.Complaints(2000, seed)
		x := series.New(map[sighting.Identifier]string{})
		number, scripted := map[string]int{}, map[string]int{}
		for n, c := range set {
			x.Add(c.Complaint)
			number[c.ID] = n
			if c.Script >= 0 {
				scripted[series.TextID(c.ID, scriptAt(c))] = n
			}
		}
		got := x.Result()
		seriesOf := make([]int, len(set))
		for n, s := range got.Series {
			for _, id := range s.Complaints {
				seriesOf[number[id]] = n + 1
			}
		}
		// What can be known: complaints of one offender that share an identifier,
		// directly or over others of his.
		knowable := knowable(set)
		hard := pairs(len(set), func(a, b int) bool { return seriesOf[a] > 0 && seriesOf[a] == seriesOf[b] },
			func(a, b int) bool { return knowable[a] == knowable[b] && set[a].Offender == set[b].Offender })
		scriptOf := make([]int, len(set))
		for n, c := range x.Scripts() {
			for _, m := range c.Members {
				if k, known := scripted[m.ID]; known {
					scriptOf[k] = n + 1
				}
			}
		}
		like := pairs(len(set), func(a, b int) bool { return scriptOf[a] > 0 && scriptOf[a] == scriptOf[b] },
			func(a, b int) bool { return set[a].Script >= 0 && set[a].Script == set[b].Script })
		largest := got.Series[0]
		fmt.Fprintf(&out, "seed %d: 2,000 complaints, %d series, the largest of %d; hubs %d\n  series, pairs of complaints:  %s\n  scripts, pairs of complaints: %s\n",
			seed, len(got.Series), len(largest.Complaints), len(got.Hubs), hard, like)
		if p := float64(hard.right) / float64(hard.right+hard.wrong); p < 0.99 {
			t.Errorf("seed %d: series have precision %.4f, less than 0.99", seed, p)
		}
		if p, r := float64(like.right)/float64(like.right+like.wrong), float64(like.right)/float64(like.right+like.missed); p < 0.95 || r < 0.9 {
			t.Errorf("seed %d: scripts have precision %.4f and recall %.4f, aim 0.95 and 0.9", seed, p, r)
		}
	}
	golden := filepath.Join("testdata", "quality.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}

// scriptAt gives the place of the text that follows the script: the chain letter
// may stand behind it, chatter before it.
func scriptAt(c made.Made) int {
	n := len(c.Texts) - 1
	if strings.HasPrefix(c.Texts[n], "Forward this") {
		n--
	}
	return n
}

// knowable joins complaints of one offender over the identifiers that they share.
func knowable(set []made.Made) []int {
	of := make([]int, len(set))
	for n := range of {
		of[n] = n
	}
	for changed := true; changed; {
		changed = false
		least := map[string]int{}
		key := func(c made.Made, id sighting.Identifier) string { return fmt.Sprint(c.Offender, id) }
		for n, c := range set {
			for _, id := range c.Accused {
				if id == made.Helpline {
					continue
				}
				if m, known := least[key(c, id)]; !known || of[n] < m {
					least[key(c, id)] = of[n]
				}
			}
		}
		for n, c := range set {
			for _, id := range c.Accused {
				if m, known := least[key(c, id)]; known && m < of[n] {
					of[n], changed = m, true
				}
			}
		}
	}
	return of
}

func TestSameSeedSameComplaints(t *testing.T) {
	a, b := made.Complaints(300, 7), made.Complaints(300, 7)
	if !reflect.DeepEqual(a, b) {
		t.Error("one seed made two sets")
	}
	if reflect.DeepEqual(a, made.Complaints(300, 8)) {
		t.Error("two seeds made one set")
	}
}
