package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

// toy is a format of which each line is a log in; a file of it begins with TOY.
func toy() intake.Format {
	return intake.Format{
		Name: "toy", Title: "Toy", Version: 3, Marks: "a first line TOY",
		Sniff: func(h intake.Head) intake.Likeness {
			if bytes.HasPrefix(h.Bytes, []byte("TOY\n")) {
				return intake.Likeness{Score: 100, Why: "it begins with TOY"}
			}
			return intake.Likeness{Score: 10, Why: "its first line is not TOY"}
		},
		Read: readToy,
	}
}

func readToy(in *intake.Input, sink intake.Sink) error {
	all, err := io.ReadAll(in.Body)
	at := int64(0)
	for n, line := range strings.SplitAfter(string(all), "\n") {
		start := at
		at += int64(len(line))
		switch {
		case n == 0 || line == "":
			continue
		case strings.HasPrefix(line, "panic"):
			panic("toy is broken")
		}
		s := sighting.Sighting{Act: sighting.Login, Standing: sighting.Statement}
		s.Place = sighting.Place{Start: start, End: at, Locator: fmt.Sprintf("row %d", n)}
		if err := sink.Sighting(s); err != nil {
			return err
		}
	}
	return err
}

func toys() []intake.Format { return []intake.Format{toy()} }

// entry is one file of a zip in the making.
type entry struct {
	name, text string
	flags      uint16
}

func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: e.flags})
		if err == nil && !strings.HasSuffix(e.name, "/") {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// problems gives the reason of each member that was not read.
func problems(r intaketest.Records) string {
	var out []string
	for _, m := range r.Result.Members {
		if m.Problem != "" {
			out = append(out, m.Path+": "+m.Problem)
		}
	}
	return strings.Join(out, "\n")
}

const good = "TOY\none\n"

// A zip can be made to do harm. Each member is read, or listed with a reason,
// and the good one beside it is read all the same.
func TestZipTraps(t *testing.T) {
	deep := pack(t, entry{name: "in.txt", text: good})
	for n := range 4 {
		deep = pack(t, entry{name: fmt.Sprintf("d%d.zip", n), text: string(deep)})
	}
	for name, c := range map[string]struct {
		trap entry
		want string
	}{
		"path upwards":            {entry{name: "../evil.txt", text: good}, "leads outside"},
		"path upwards inside":     {entry{name: "a/../../evil.txt", text: good}, "leads outside"},
		"path upwards, backslash": {entry{name: `a\..\evil.txt`, text: good}, "leads outside"},
		"absolute path":           {entry{name: "/etc/evil.txt", text: good}, "leads outside"},
		"drive path":              {entry{name: `C:\evil.txt`, text: good}, "leads outside"},
		"name with a !":           {entry{name: "a!b.txt", text: good}, "or a !"},
		"encrypted":               {entry{name: "secret.txt", text: good, flags: 1}, "encrypted"},
		"bomb":                    {entry{name: "bomb.txt", text: strings.Repeat("\x00", 8<<20)}, "a bomb"},
		"picture":                 {entry{name: "linked_media/a.JPG", text: good}, "media, not opened"},
		"other file":              {entry{name: "readme.txt", text: "hello"}, "most resembles Toy, but its first line is not TOY"},
		"empty file":              {entry{name: "empty.txt"}, "it is empty"},
		"zips too deep":           {entry{name: "deep.zip", text: string(deep)}, "zips deep"},
		"broken zip":              {entry{name: "broken.zip", text: "PK\x03\x04 and nothing more"}, "not a valid zip"},
		"reader that breaks":      {entry{name: "p.txt", text: "TOY\none\npanic\n"}, "toy version 3 broke on this file"},
	} {
		t.Run(name, func(t *testing.T) {
			data := pack(t, c.trap, entry{name: "good.txt", text: good})
			r := intaketest.Collect(t, toys(), "in.zip", data, intake.Options{})
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if got := problems(r); !strings.Contains(got, c.want) {
				t.Errorf("problems %q, want %q", got, c.want)
			}
			if n := len(r.Sightings); n == 0 || r.Sightings[n-1].Place.Member != "good.txt" {
				t.Errorf("the good member was not read: %+v", r.Sightings)
			}
			if len(r.Result.Members) < 2 {
				t.Errorf("a member is missing from the result: %+v", r.Result.Members)
			}
			intaketest.CheckPlaces(t, "in.zip", data, r)
		})
	}
}

func TestZipInZipIsReadInPlace(t *testing.T) {
	inner := pack(t, entry{name: "deep/x.txt", text: good})
	data := pack(t, entry{name: "dir/"}, entry{name: "inner.zip", text: string(inner)}, entry{name: "x.txt", text: good})
	r := intaketest.Collect(t, toys(), "in.zip", data, intake.Options{})
	if r.Err != nil || len(r.Sightings) != 2 {
		t.Fatalf("%d sightings, %v", len(r.Sightings), r.Err)
	}
	at := r.Sightings[0].Place
	if at.Member != "inner.zip!deep/x.txt" {
		t.Errorf("member %q", at.Member)
	}
	if text, cut, err := intake.Quote(intaketest.Source("in.zip", data), at, 100); string(text) != "one\n" || cut || err != nil {
		t.Errorf("quoted %q, %v, %v", text, cut, err)
	}
	intaketest.CheckPlaces(t, "in.zip", data, r)
}

// Two members of one name give different statements; neither is lost.
func TestTwoMembersOfOneName(t *testing.T) {
	data := pack(t, entry{name: "x.txt", text: good}, entry{name: "x.txt", text: "TOY\ntwo\n"})
	r := intaketest.Collect(t, toys(), "in.zip", data, intake.Options{})
	if len(r.Sightings) != 1 || !strings.Contains(problems(r), "same name") {
		t.Errorf("%d sightings, problems %q", len(r.Sightings), problems(r))
	}
	intaketest.CheckPlaces(t, "in.zip", data, r)
}

func TestDamagedMemberIsToldBesideTheRest(t *testing.T) {
	data := pack(t, entry{name: "a.txt", text: "TOY\n" + strings.Repeat("line of text\n", 50)}, entry{name: "b.txt", text: good})
	// The checksum in the central directory (APPNOTE.TXT 4.3.12) is the one that counts.
	at := bytes.Index(data, []byte("PK\x01\x02"))
	data[at+16] ^= 0xff
	r := intaketest.Collect(t, toys(), "in.zip", data, intake.Options{})
	if r.Err != nil || !strings.Contains(problems(r), "checksum") {
		t.Errorf("problems %q, error %v", problems(r), r.Err)
	}
	if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, "not read from here on") {
		t.Errorf("bad rows %+v", r.Bad)
	}
	if last := r.Sightings[len(r.Sightings)-1]; last.Place.Member != "b.txt" {
		t.Errorf("the member after it was not read")
	}
}

func TestZipsWithNothingToRead(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty zip":          {pack(t), "no files in it"},
		"only folders":       {pack(t, entry{name: "a/"}), "no files in it"},
		"only unknown files": {pack(t, entry{name: "a.txt", text: "hello"}), "its first line is not TOY"},
		"only pictures":      {pack(t, entry{name: "a.jpg", text: "x"}), "media, not opened"},
		"cut off":            {pack(t, entry{name: "a.txt", text: good})[:40], "not a valid zip"},
		"empty file":         {nil, "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			r := intaketest.Collect(t, toys(), "in.zip", c.data, intake.Options{})
			if !fault.Is(r.Err, fault.Invalid) || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("error %v, want %q", r.Err, c.want)
			}
			if hint := fault.Hint(r.Err); !strings.Contains(hint, "Toy (a first line TOY)") {
				t.Errorf("hint %q does not say what was looked for", hint)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	three := pack(t, entry{name: "a.txt", text: good}, entry{name: "b.txt", text: good}, entry{name: "c.txt", text: good})
	nested := pack(t, entry{name: "n.zip", text: string(three)}, entry{name: "a.txt", text: good})
	for name, c := range map[string]struct {
		data   []byte
		limits intake.Limits
		want   string
	}{
		"too many members":             {three, intake.Limits{Members: 2}, "more than 2 files"},
		"too many, those within count": {nested, intake.Limits{Members: 3}, "more than 3 files"},
		"a member too large":           {three, intake.Limits{Bytes: 5}, "beyond the limit"},
		"all together too large":       {three, intake.Limits{Total: 20}, "beyond the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			var s intaketest.Sink
			_, err := intake.Read(t.Context(), toys(), intaketest.Source("in.zip", c.data), intake.Options{}, c.limits, &s)
			if !fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// A plain file beyond the limit is read up to it, and that is told.
func TestPlainFileBeyondTheLimit(t *testing.T) {
	var s intaketest.Sink
	data := []byte("TOY\none\ntwo\nthree\n")
	r, err := intake.Read(t.Context(), toys(), intaketest.Source("in.txt", data), intake.Options{}, intake.Limits{Bytes: 12}, &s)
	if err != nil || len(s.Sightings) != 2 || len(s.Records.Bad) != 1 || !strings.Contains(r.Members[0].Problem, "more bytes than the limit") {
		t.Errorf("%d sightings, bad %v, members %+v, error %v", len(s.Sightings), s.Records.Bad, r.Members, err)
	}
}

func TestStopped(t *testing.T) {
	for name, data := range map[string][]byte{"plain": []byte(good), "zip": pack(t, entry{name: "a.txt", text: good})} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errors.New("the officer changed her mind"))
			var s intaketest.Sink
			_, err := intake.Read(ctx, toys(), intaketest.Source("in", data), intake.Options{}, intake.Limits{}, &s)
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "changed her mind") {
				t.Errorf("error %v", err)
			}
		})
	}
	var s intaketest.Sink
	if _, err := intake.Read(t.Context(), toys(), intaketest.Source("in", []byte(good)), intake.Options{}, intake.Limits{Time: time.Nanosecond}, &s); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a reading over its time ended with %v", err)
	}
}

// full refuses every record, as a full disk does.
type full struct{ intaketest.Sink }

func (*full) Sighting(sighting.Sighting) error { return fault.Newf(fault.Unavailable, "disk is full") }

func TestRefusalOfTheSinkEndsTheReading(t *testing.T) {
	var s full
	data := pack(t, entry{name: "a.txt", text: good}, entry{name: "b.txt", text: good})
	r, err := intake.Read(t.Context(), toys(), intaketest.Source("in.zip", data), intake.Options{}, intake.Limits{}, &s)
	if err == nil || err.Error() != "disk is full" || len(r.Members) != 1 {
		t.Errorf("error %v after %d members", err, len(r.Members))
	}
}

func TestDetect(t *testing.T) {
	toy := intake.Head{Name: "a.txt", Bytes: []byte(good)}
	other := intake.Head{Name: "a.txt", Bytes: []byte("hello")}
	mute := intake.Format{Name: "mute", Title: "Mute", Sniff: func(intake.Head) intake.Likeness { return intake.Likeness{} }}
	broken := intake.Format{Name: "broken", Title: "Broken", Sniff: func(intake.Head) intake.Likeness { panic("sniffer") }}
	for name, c := range map[string]struct {
		formats []intake.Format
		head    intake.Head
		choose  string
		want    string // name of the format, or the reason
	}{
		"found":                       {toys(), toy, "", "toy"},
		"chosen without looking":      {toys(), other, "toy", "toy"},
		"chosen and unknown":          {toys(), toy, "tay", `format "tay" is not known`},
		"no formats":                  {nil, toy, "", "no formats to compare with"},
		"nearest is named":            {toys(), other, "", "no known format: it most resembles Toy, but its first line is not TOY"},
		"like nothing":                {[]intake.Format{mute}, other, "", "no known format: it resembles none of them"},
		"a broken sniffer is no harm": {[]intake.Format{broken, intake.Format(toys()[0])}, toy, "", "toy"},
	} {
		t.Run(name, func(t *testing.T) {
			f, got := intake.Detect(c.formats, c.head, c.choose)
			if f != nil {
				got = f.Name
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPlaceThatLiesOutsideIsRefused(t *testing.T) {
	src := intaketest.Source("x", []byte(good))
	for name, at := range map[string]sighting.Place{
		"beyond":              {Start: 0, End: 1000},
		"backwards":           {Start: 4, End: 2},
		"negative":            {Start: -4, End: 2},
		"member of no zip":    {Member: "a.txt", Start: 0, End: 1},
		"empty member of zip": {Member: "!", Start: 0, End: 1},
	} {
		if text, _, err := intake.Quote(src, at, 10); err == nil {
			t.Errorf("%s: quoted %q", name, text)
		}
	}
}
