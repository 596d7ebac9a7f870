package vpdq_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/digest/vpdq"
	"suraag/fault"
)

func doorknob(t testing.TB) (string, vpdq.Video) {
	t.Helper()
	text, err := os.ReadFile("testdata/doorknob-hd-no-bar-128x128.txt")
	if err != nil {
		t.Fatal(err)
	}
	v, err := vpdq.Parse(string(text))
	if err != nil || len(v) != 120 {
		t.Fatalf("%d frames, %v", len(v), err)
	}
	return string(text), v
}

// frame is a made frame whose hash has its first bits flipped off times.
func frame(n, quality, base, flips int) vpdq.Frame {
	f := vpdq.Frame{Number: n, Quality: quality, Seconds: float64(n)}
	state := uint32(base)*2654435761 + 1
	for i := range f.Hash {
		state = state*1664525 + 1013904223
		f.Hash[i] = byte(state >> 24)
	}
	for i := range flips {
		f.Hash[i/8] ^= 1 << (i % 8)
	}
	return f
}

func video(quality, flips int, bases ...int) vpdq.Video {
	var v vpdq.Video
	for n, base := range bases {
		v = append(v, frame(n, quality, base, flips))
	}
	return v
}

func TestEveryFormIsRead(t *testing.T) {
	hash := strings.Repeat("0f", 32)
	want := vpdq.Video{{Number: 7, Quality: 99, Seconds: 0.25}}
	for i := range want[0].Hash {
		want[0].Hash[i] = 0x0f
	}
	for form, text := range map[string]string{
		"lines":  "7,99," + hash + ",0.250\n",
		"object": `{"7": {"quality": 99, "hash": "` + hash + `", "timestamp": 0.25}}`,
		"list":   `["` + strings.ToUpper(hash) + `,99,0.25"]`,
	} {
		got, err := vpdq.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if form == "list" {
			want[0].Number = -1
		} else {
			want[0].Number = 7
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", form, diff)
		}
		if got.String() != `["`+hash+`,99,0.250"]` {
			t.Errorf("%s: written as %s", form, got)
		}
	}
}

func TestWhatIsNoValue(t *testing.T) {
	hash := strings.Repeat("0f", 32)
	for name, text := range map[string]string{
		"nothing":           "",
		"no frames":         "[]",
		"short hash":        `["` + hash[:62] + `,99,0"]`,
		"no hash":           `["` + strings.Repeat("z", 64) + `,99,0"]`,
		"quality above 100": `["` + hash + `,101,0"]`,
		"quality below 0":   `["` + hash + `,-1,0"]`,
		"time below 0":      `["` + hash + `,99,-1"]`,
		"time that is none": `["` + hash + `,99,NaN"]`,
		"two fields":        `["` + hash + `,99"]`,
		"a number":          `[1]`,
		"half":              `["` + hash,
		"three fields":      "99," + hash + ",0",
		"frame minus one":   "-1,99," + hash + ",0",
	} {
		if v, err := vpdq.Parse(text); !fault.Is(err, fault.Invalid) || v != nil {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	if _, err := vpdq.Parse(strings.Repeat("x", 17<<20)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("17 MiB: %v", err)
	}
	many := strings.Repeat("0,99,"+hash+",0\n", 86_401)
	if _, err := vpdq.Parse(many); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more than a day: %v", err)
	}
}

func TestCompare(t *testing.T) {
	eight, ten := []int{1, 2, 3, 4, 5, 6, 7, 8}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	tests := []struct {
		name            string
		query, compared vpdq.Video
		match           bool
		q, c            float64
	}{
		{"the same", video(100, 0, ten...), video(100, 0, ten...), true, 100, 100},
		{"31 bits apart", video(100, 31, ten...), video(100, 0, ten...), true, 100, 100},
		{"32 bits apart", video(100, 32, ten...), video(100, 0, ten...), false, 0, 0},
		{"eight of ten", video(100, 0, ten...), video(100, 0, append(eight, 20, 21, 22, 23)...), true, 80, 100 * 8. / 12},
		{"seven of ten", video(100, 0, ten...), video(100, 0, append(eight[:7:7], 20)...), false, 70, 87.5},
		{"a clip of a long film", video(100, 0, 5, 6), video(100, 0, ten...), true, 100, 20},
		{"the film, against its clip", video(100, 0, ten...), video(100, 0, 5, 6), false, 20, 100},
		{"quality 50 counts", video(50, 0, ten...), video(50, 0, ten...), true, 100, 100},
		{"quality 49 does not", video(49, 0, ten...), video(100, 0, ten...), false, 0, 0},
		{"in another order", video(100, 0, 3, 1, 2), video(100, 0, 1, 2, 3), true, 100, 100},
		{"a still counts once", video(100, 0, 1, 1, 1, 1, 2), video(100, 0, 1, 1, 1), false, 50, 100},
		{"strangers", video(100, 0, 1, 2), video(100, 0, 3, 4), false, 0, 0},
	}
	for _, tt := range tests {
		r := vpdq.Compare(tt.query, tt.compared, vpdq.DefaultPolicy())
		if r.Match != tt.match || fmt.Sprintf("%.3f %.3f", r.Query.Percent, r.Compared.Percent) != fmt.Sprintf("%.3f %.3f", tt.q, tt.c) {
			t.Errorf("%s: %+v, want %v with %v and %v", tt.name, r, tt.match, tt.q, tt.c)
		}
	}
}

// A match says which frames, and how much of each.
func TestWhichFrames(t *testing.T) {
	r := vpdq.Compare(video(100, 0, 1, 2, 90, 3, 4, 5), video(100, 0, 70, 1, 2, 71, 3, 4, 5, 72), vpdq.DefaultPolicy())
	want := vpdq.Result{
		Match:    true,
		Query:    vpdq.Share{Frames: 6, Matched: 5, Percent: 100 * 5. / 6, Spans: []vpdq.Span{{0, 1, 2}, {3, 5, 3}}},
		Compared: vpdq.Share{Frames: 8, Matched: 5, Percent: 62.5, Spans: []vpdq.Span{{1, 2, 2}, {4, 6, 3}}},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("%+v, want %+v", r, want)
	}
}

func TestSample(t *testing.T) {
	text, v := doorknob(t)
	if r := vpdq.Compare(v, v[:20], vpdq.DefaultPolicy()); r.Compared.Percent != 100 || r.Compared.Frames == 0 {
		t.Errorf("a part of the sample: %+v", r)
	}
	again, err := vpdq.Parse(v.String())
	if err != nil || len(again) != strings.Count(text, "\n") || again[3].Hash != v[3].Hash || again[3].Seconds != v[3].Seconds {
		t.Errorf("written and read: %d frames, %v", len(again), err)
	}
}

// FuzzParse: whatever the text, what is read can be written and read to the same, and a video is wholly in itself.
func FuzzParse(f *testing.F) {
	text, v := doorknob(f)
	if len(v) == 0 {
		f.Fatal("no seeds")
	}
	f.Add(text)
	f.Add(v[:5].String())
	f.Add(`{"0": {"quality": 99, "hash": "` + strings.Repeat("0f", 32) + `", "timestamp": 1.5}}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := vpdq.Parse(text)
		if err != nil {
			if v != nil || fault.KindOf(err) == fault.Internal {
				t.Fatalf("%v with %v", v, err)
			}
			return
		}
		again, err := vpdq.Parse(v.String())
		if err != nil || again.String() != v.String() {
			t.Fatalf("read again: %v", err)
		}
		if len(v) > 500 {
			return
		}
		if r := vpdq.Compare(v, again, vpdq.DefaultPolicy()); r.Query.Matched != r.Query.Frames || r.Match != (r.Query.Frames > 0) {
			t.Errorf("not wholly in itself: %+v", r)
		}
	})
}
