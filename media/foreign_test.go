package media_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"suraag/fault"
	"suraag/media"
	"suraag/media/confine"
	"suraag/pdq"
)

// needs skips a test where a program is not installed, unless the gate says that it must be.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := confine.Find(program); err != nil {
		if strings.Contains(os.Getenv("SURAAG_REQUIRE"), program) {
			t.Fatal("SURAAG_REQUIRE asks for it: ", err)
		}
		t.Skip(err)
	}
}

func foreigners() []string { return []string{"drawing.heic", "drawing.avif", "drawing.jxl"} }

func TestFormatsThatVipsReads(t *testing.T) {
	needs(t, "vips")
	want, err := pdq.Of(drawing(), pdq.Full)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range foreigners() {
		p := fingerprint(t, load(t, name))
		if p.Problem != "" || p.PDQ.IsZero() || p.PDQNN512.IsZero() || p.Quality != 100 {
			t.Errorf("%s: %+v", name, p)
			continue
		}
		if d := distance(t, p.PDQ, want.Hash); d > 10 {
			t.Errorf("%s: %d bits from the drawing", name, d)
		}
	}
}

// A bomb is refused by what it claims, before a pixel is made; damage is told; in either case the exact digests are there.
func TestForeignBombsAndDamage(t *testing.T) {
	needs(t, "vips")
	avif := load(t, "drawing.avif")
	at := bytes.Index(avif, []byte("ispe"))
	if at < 0 {
		t.Fatal("no size in the file")
	}
	bomb := bytes.Clone(avif)
	binary.BigEndian.PutUint32(bomb[at+8:], 60000)
	binary.BigEndian.PutUint32(bomb[at+12:], 60000)
	small := media.DefaultLimits()
	small.Pixels = 300*200 - 1
	tight := media.DefaultLimits()
	tight.Memory = 400 << 10
	tests := []struct {
		name   string
		file   []byte
		limits media.Limits
		says   string
	}{
		{"bomb", bomb, media.DefaultLimits(), ""},
		{"more pixels than allowed", avif, small, "claims 300x200 pixels, the limit is 59999"},
		{"more memory than allowed", avif, tight, "the limit is 0"},
		{"longer than allowed", avif, withBytes(100), "the limit is 100"},
		{"no time", avif, withTime(1), "not done within 1ns"},
		{"half", half(avif), media.DefaultLimits(), "image/avif: "},
		{"head alone", avif[:40], media.DefaultLimits(), "image/avif: "},
		{"another format within", append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), []byte("<svg/>")...), media.DefaultLimits(), "image/heic: "},
	}
	for _, tt := range tests {
		p, err := media.Fingerprint(t.Context(), bytes.NewReader(tt.file), int64(len(tt.file)), tt.limits)
		if err != nil || p.SHA256.IsZero() || !p.PDQ.IsZero() || p.Problem == "" || !strings.Contains(p.Problem, tt.says) {
			t.Errorf("%s: %v, problem %q, PDQ %s", tt.name, err, p.Problem, p.PDQ)
		}
	}
}

// Where the tool is not there the file has its digests, and what to install is said.
func TestToolThatIsNotInstalledIsSaid(t *testing.T) {
	if _, err := confine.Find("vips"); err == nil {
		t.Skip("vips is installed")
	}
	p := fingerprint(t, load(t, "drawing.heic"))
	if !strings.Contains(p.Problem, "vips is not installed") || p.SHA256.IsZero() {
		t.Errorf("problem %q", p.Problem)
	}
	if _, _, err := media.Decode(t.Context(), bytes.NewReader(load(t, "drawing.heic")), 24, media.DefaultLimits()); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
