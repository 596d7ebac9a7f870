package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/casework/figures"
)

// Counted by hand over app/demo/files/complaints.json; app/demo/README.md has the
// complaints behind each number. Stages beyond the charge sheet were not reached.
func TestDemoFiguresEqualACountByHand(t *testing.T) {
	data := exampleRecord(t)
	order := []string{"complaints", "CR", "demanded", "replied", "identified", "rescued", "PAR", "CCS", "PCS", "closed"}
	for _, c := range []struct {
		rows string
		want map[string][]int
	}{
		{"district", map[string][]int{
			"Testpur":      {7, 5, 3, 2, 1, 1, 2, 1, 1, 1},
			"Sample Nagar": {5, 3, 0, 0, 1, 0, 0, 1, 1, 0},
			"total":        {12, 8, 3, 2, 2, 1, 2, 2, 2, 1},
		}},
		{"month", map[string][]int{
			"2025-01": {4, 3, 1, 1, 2, 1, 2, 2, 2, 1},
			"2025-02": {6, 4, 2, 1, 0, 0, 0, 0, 0, 0},
			"2025-03": {2, 1, 0, 0, 0, 0, 0, 0, 0, 0},
			"total":   {12, 8, 3, 2, 2, 1, 2, 2, 2, 1},
		}},
		{"head", map[string][]int{
			"ncrb-blackmail":    {5, 5, 2, 1, 2, 0, 2, 2, 2, 0},
			"ncrb-fake-profile": {3, 2, 0, 0, 0, 1, 0, 0, 0, 1},
			"ncrb-stalking":     {3, 1, 1, 1, 0, 0, 0, 0, 0, 0},
			"not stated":        {1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			"total":             {12, 8, 3, 2, 2, 1, 2, 2, 2, 1},
		}},
		{"age band", map[string][]int{
			"6-12":  {1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			"12-16": {5, 3, 2, 1, 1, 1, 2, 1, 1, 0},
			"16-18": {5, 5, 1, 1, 1, 0, 0, 1, 1, 0},
			"adult": {1, 0, 0, 0, 0, 0, 0, 0, 0, 1},
			"total": {12, 8, 3, 2, 2, 1, 2, 2, 2, 1},
		}},
	} {
		t.Run(c.rows, func(t *testing.T) {
			var table figures.Table
			if err := json.Unmarshal(ask(t, data, "figures", "--year", "2025", "--rows", c.rows), &table); err != nil {
				t.Fatal(err)
			}
			got := map[string][]int{}
			for n, row := range table.Rows {
				for m, code := range table.Columns {
					if slices.Contains(order, code) {
						got[row] = append(got[row], table.Cells[n][m].N)
					} else if table.Cells[n][m].N != 0 {
						t.Errorf("%s, %s: %d, counted 0", row, code, table.Cells[n][m].N)
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-by hand +program):\n%s", diff)
			}
		})
	}
}

// What the story says of series, of the till that everybody pays at, and of the
// script that a stranger copied.
func TestDemoSeries(t *testing.T) {
	data := exampleRecord(t)
	var queue []complaint.Waiting
	if err := json.Unmarshal(ask(t, data, "complaint", "list", "--all"), &queue); err != nil {
		t.Fatal(err)
	}
	number := map[string]string{}
	for _, w := range queue {
		number[w.Source] = w.Form.Number
	}
	var found series.Found
	if err := json.Unmarshal(ask(t, data, "series", "list"), &found); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range found.Series {
		var of []string
		for _, id := range s.Complaints {
			of = append(of, number[id])
		}
		slices.Sort(of)
		got = append(got, strings.Join(of, " "))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"C/1/2025 C/2/2025 C/3/2025", "C/4/2025 C/5/2025 C/6/2025"}, got); diff != "" {
		t.Errorf("series (-story +program):\n%s", diff)
	}
	if len(found.Hubs) != 1 || found.Hubs[0].On != "payment:lucky.till@examplepay" || found.Hubs[0].In != 6 {
		t.Errorf("hubs: %+v", found.Hubs)
	}
	if len(found.Scripts) != 1 || len(found.Scripts[0].Members) != 3 {
		t.Fatalf("scripts: %+v", found.Scripts)
	}
}
