package hashset_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
	"suraag/hashset/files"
	"suraag/sighting"
)

func TestPick(t *testing.T) {
	sets := []hashset.Set{{ID: "1", Name: "a"}, {ID: "2", Name: "a"}, {ID: "3", Name: "a@2"}, {ID: "4", Name: "b@x"}}
	hashset.Number(sets)
	for words, want := range map[string]string{"a": "2", "a@1": "1", "1": "1", "a@2": "3", "a@2@1": "3", "b@x": "4", "b@x@1": "4", "c": "", "a@3": "", "@": ""} {
		got, err := hashset.Pick(sets, words)
		if got.ID != want || (want == "") != fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %q, %v", words, got.ID, err)
		}
	}
}

func TestCompare(t *testing.T) {
	k, err := files.In(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	keep := func(source string, rows ...[2]string) hashset.Entries {
		d, err := k.Create(source)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Discard()
		for n, r := range rows {
			v := sighting.Value{Kind: digest.MD5, Raw: []byte(fmt.Sprintf("%-16s", r[0]))}
			if err := d.Entry(&sighting.Entry{Start: int64(n), End: int64(n), Values: []sighting.Value{v}, Scheme: "S", Category: r[1]}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Keep(t.Context(), map[string]int{"made": 1}); err != nil {
			t.Fatal(err)
		}
		e, err := k.Open(source)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	type row = [2]string
	before := keep("abc1", row{"a", "1"}, row{"b", "1"}, row{"c", "1"}, row{"c", "2"}, row{"d", "1"}, row{"z", "1"})
	after := keep("abc2", row{"0", "1"}, row{"a", "1"}, row{"c", "2"}, row{"c", "1"}, row{"d", "2"}, row{"d", "2"})
	var got []string
	counts, err := hashset.Compare(before, after, func(c hashset.Change) {
		got = append(got, fmt.Sprintf("%s %s %s→%s", c.What, string(c.Digest.Bytes()[:1]), c.Before, c.After))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"added 0 →S 1", "removed b S 1→", "recategorised d S 1→S 2", "removed z S 1→"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]hashset.Counts{{Kind: digest.MD5, Added: 1, Removed: 2, Recategorised: 1, Same: 2}}, counts); diff != "" {
		t.Error(diff)
	}
	if counts, err := hashset.Compare(before, before, func(c hashset.Change) { t.Errorf("a list differs from itself: %+v", c) }); err != nil || counts[0].Same != 5 {
		t.Errorf("%+v, %v", counts, err)
	}
}
