package jsonwalk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/intake/jsonwalk"
)

// walked writes down what Walk meets.
func walked(text string, inside ...string) (out []string, err error) {
	r, err := jsonwalk.New(strings.NewReader(text), limits)
	if err != nil {
		return nil, err
	}
	err = r.Walk(func(way, locator string) bool {
		for _, i := range inside {
			if way == i {
				out = append(out, "into "+locator)
				return true
			}
		}
		return false
	}, func(way, locator string, n jsonwalk.Node) error {
		out = append(out, way+" "+locator+"="+text[n.Start():n.End()])
		return nil
	}, func(locator string, o *jsonwalk.Oversize) error {
		out = append(out, locator+": "+o.Why)
		return nil
	})
	return out, err
}

func TestWalk(t *testing.T) {
	got, err := walked(`{"a":1,"list":[{"m":[7,{"x":[8]}],"n":null},[9]],"deep":[[[[[[[[[[1]]]]]]]]]]}`, "$", "$.list", "$.list[]", "$.list[].m")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"into $", "$.a $.a=1", "into $.list", "into $.list[0]", "into $.list[0].m", "$.list[].m[] $.list[0].m[0]=7",
		`$.list[].m[] $.list[0].m[1]={"x":[8]}`, "$.list[].n $.list[0].n=null", "into $.list[1]", "$.list[][] $.list[1][0]=9",
		"$.deep: the node is nested more than 8 deep",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWalkRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``: "ends in the middle", `{"a":1`: "ends in the middle", `{} {}`: "more follows", `{"a" 1}`: "byte",
	} {
		if _, err := walked(text, "$"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
