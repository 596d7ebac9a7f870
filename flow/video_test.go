package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/digest"
	"suraag/digest/vpdq"
	"suraag/media"
)

// film is a made vPDQ value with a frame for each of some scenes, flips bits off.
func film(flips int, scenes ...int) string {
	var v vpdq.Video
	for n, scene := range scenes {
		f := vpdq.Frame{Quality: 90, Seconds: float64(n)}
		state := uint32(scene)*2654435761 + 1
		for i := range f.Hash {
			state = state*1664525 + 1013904223
			f.Hash[i] = byte(state >> 24)
		}
		for i := range flips {
			f.Hash[i/8] ^= 1 << (i % 8)
		}
		v = append(v, f)
	}
	return v.String()
}

// hashedVideo is a line of "suraag hash".
func hashedVideo(name, value string) []byte {
	text, _ := json.Marshal(value) // a text always can be written
	return fmt.Appendf(nil, `{"path":"%s","media_type":"video/mp4","md5":"%s","vpdq":%s}`+"\n", name, strings.TrimPrefix(md5of(name), "md5:"), text)
}

// A listed clip is found within a compilation that was seized, and the match says which frames of each.
func TestVideoIsFoundWithinAnother(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "run.jsonl", slices.Concat(hashedVideo("compilation.mp4", film(3, 50, 51, 1, 2, 3, 4, 52, 53, 54, 55)), hashedVideo("stranger.mp4", film(0, 60, 61, 62))))
	h.list(t, "known", "list.jsonl", []byte(`{"path":"entry","md5":"`+strings.Repeat("ab", 16)+`"}`+"\n"))
	clip, _, err := digest.Read("vpdq", film(0, 1, 2, 3, 4))
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.TraceImage(ctx, "clip.mp4", media.Print{MediaType: "video/mp4", VPDQ: clip}, time.UTC)
	if err != nil || len(got.Family) != 2 || got.Target.Kind != "video" || got.Target.Unavailable != "" {
		t.Fatalf("%v %s", err, words(t, got.Family))
	}
	c := got.Family[1]
	if c.Relation != casework.NearCopy || c.By != digest.VPDQ || c.Distance != 0 || c.Videos == nil || c.Videos.VPDQ.Query.Matched != 4 || c.Videos.VPDQ.Compared.Frames != 10 {
		t.Errorf("%s", words(t, c))
	}
	want := "Looks like the target: by vPDQ 4 of 4 frames (100 %: 0:00 to 0:03) of the target are in it, and 4 of 10 frames (40 %: 0:02 to 0:05) of it are in the target; " +
		"80 % and more of either is held to be the same video or a part of it; to be checked by a person."
	if c.Sentence != want {
		t.Errorf("%s\nwant %s", c.Sentence, want)
	}
	// From the other side the compilation holds the clip.
	got = h.trace(t, md5of("compilation.mp4"))
	if len(got.Family) != 1 {
		t.Errorf("the clip was only asked for, it is not of the record: %s", words(t, got.Family))
	}
}

// Lists hold vPDQ values; each entry is compared, and one that is no value is told, not silently left out.
func TestListedVideos(t *testing.T) {
	h := newHouse(t)
	row := func(value string) string { return `"` + strings.ReplaceAll(value, `"`, `""`) + `"` }
	h.list(t, "known", "list.csv", []byte("vpdq,md5\n"+row(film(0, 1, 2, 3, 4))+","+strings.Repeat("cd", 16)+"\n"+row(film(0, 70, 71))+","+strings.Repeat("ef", 16)+"\nhttps://hashes.example/17,"+strings.Repeat("ab", 16)+"\n"))
	h.handIn(t, "run.jsonl", hashedVideo("compilation.mp4", film(31, 50, 51, 1, 2, 3, 4, 52, 53)))
	got := h.trace(t, md5of("compilation.mp4"))
	if len(got.Family) != 2 || len(got.Family[0].Listed) != 1 {
		t.Fatalf("%s", words(t, got.Family))
	}
	m := got.Family[0].Listed[0]
	if m.By != digest.VPDQ || !strings.Contains(m.Sentence, "By vPDQ 4 of 8 frames (50 %: 0:02 to 0:05) of the content are in the listed video, and 4 of 4 frames (100 %: 0:00 to 0:03) of the listed video are in the content") ||
		!strings.Contains(m.Sentence, "to be checked by a person") {
		t.Errorf("%s", words(t, m))
	}
	if !slices.ContainsFunc(got.NotKnown, func(s string) bool { return strings.HasPrefix(s, "1 vPDQ values were not compared") }) {
		t.Errorf("not known: %q", got.NotKnown)
	}
}
