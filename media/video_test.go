package media_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"suraag/digest"
	"suraag/digest/vpdq"
	"suraag/media"
)

func frames(t *testing.T, p media.Print) vpdq.Video {
	t.Helper()
	v, err := vpdq.Parse(p.VPDQ.Hex())
	if err != nil {
		t.Fatalf("%v; problem %q", err, p.Problem)
	}
	return v
}

// A frame is hashed for each second; a part of a video, smaller and coded by another program, is found in it, and where it lies.
func TestVideo(t *testing.T) {
	needs(t, "ffmpeg")
	clip, part, other := fingerprint(t, load(t, "clip.mp4")), fingerprint(t, load(t, "part.webm")), fingerprint(t, load(t, "other.avi"))
	if clip.MediaType != "video/mp4" || clip.Problem != "" || clip.MD5.IsZero() || !clip.PDQ.IsZero() {
		t.Errorf("%+v", clip)
	}
	v := frames(t, clip)
	if len(v) != 6 || v[5].Seconds != 5 || v[0].Quality < 50 {
		t.Errorf("%d frames: %v", len(v), v)
	}
	r := vpdq.Compare(frames(t, part), v, vpdq.DefaultPolicy())
	if !r.Match || r.Query.Percent != 100 || len(r.Compared.Spans) != 1 || r.Compared.Spans[0].From < 1 {
		t.Errorf("the part in the clip: %+v", r)
	}
	if r := vpdq.Compare(frames(t, other), v, vpdq.DefaultPolicy()); r.Match || r.Query.Matched > 0 {
		t.Errorf("another video: %+v", r)
	}
}

// The file is read where it lies, through no copy.
func TestVideoOnDisk(t *testing.T) {
	needs(t, "ffmpeg")
	f, err := os.Open("testdata/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p, err := media.Fingerprint(t.Context(), f, info.Size(), media.DefaultLimits())
	if err != nil || p.VPDQ != fingerprint(t, load(t, "clip.mp4")).VPDQ || p.VPDQ.Kind() != digest.VPDQ {
		t.Errorf("%v: %s", err, p.Problem)
	}
}

func TestVideosThatAreNotHashed(t *testing.T) {
	needs(t, "ffmpeg")
	with := func(change func(*media.Limits)) media.Limits {
		l := media.DefaultLimits()
		change(&l)
		return l
	}
	clip := load(t, "clip.mp4")
	tests := []struct {
		name   string
		file   []byte
		limits media.Limits
		says   string
	}{
		{"more pixels than allowed", clip, with(func(l *media.Limits) { l.Pixels = 192*144 - 1 }), "192x144 exceeds"},
		{"longer than allowed", clip, with(func(l *media.Limits) { l.Frames = 3 }), "more than 3 seconds"},
		{"no time", clip, with(func(l *media.Limits) { l.Time = time.Nanosecond }), "not done within 1ns"},
		{"half", half(clip), media.DefaultLimits(), "video/mp4: "},
		{"head alone", clip[:32], media.DefaultLimits(), "video/mp4: "},
		{"no video", []byte("\x1aE\xdf\xa3 and nothing more"), media.DefaultLimits(), "video/x-matroska: "},
		{"a list of other files", append([]byte("FLV\x01"), []byte("#EXTM3U\nfile:///etc/passwd\n")...), media.DefaultLimits(), "video/x-flv: "},
	}
	for _, tt := range tests {
		p, err := media.Fingerprint(t.Context(), bytes.NewReader(tt.file), int64(len(tt.file)), tt.limits)
		if err != nil || p.SHA256.IsZero() || !p.VPDQ.IsZero() || !strings.Contains(p.Problem, tt.says) {
			t.Errorf("%s: %v, problem %q", tt.name, err, p.Problem)
		}
	}
}

// A file may hold the value of a video instead of one.
func TestValuesInFiles(t *testing.T) {
	hash := strings.Repeat("0f", 32)
	for text, want := range map[string]string{
		"0,99," + hash + ",0.000\n":        `vpdq:["` + hash + `,99,0.000"]`,
		`["` + hash + `,99,0"]`:            `vpdq:["` + hash + `,99,0.000"]`,
		"0,99," + hash:                     "",
		"12 apples":                        "",
		"TMK1FVECPDQF and then not enough": "",
	} {
		if p := fingerprint(t, []byte(text)); p.Value.String() != want {
			t.Errorf("%q: value %q, want %q", text, p.Value, want)
		}
	}
}
