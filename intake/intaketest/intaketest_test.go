package intaketest_test

import (
	"io"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

// lines is a toy format: each line is a sighting.
func lines(place func(start, end int64) sighting.Place) []intake.Format {
	return []intake.Format{{
		Name: "toy", Title: "Toy", Version: 1,
		Sniff: func(intake.Head) intake.Likeness { return intake.Likeness{Score: 100} },
		Read: func(in *intake.Input, sink intake.Sink) error {
			all, err := io.ReadAll(in.Body)
			if err != nil {
				return err
			}
			at := int64(0)
			for _, line := range strings.SplitAfter(string(all), "\n") {
				s := sighting.Sighting{Act: sighting.Login}
				s.Place = place(at, at+int64(len(line)))
				at += int64(len(line))
				if err := sink.Sighting(s); err != nil {
					return err
				}
			}
			return nil
		},
	}}
}

func TestCheckPlacesSeesFaults(t *testing.T) {
	for name, c := range map[string]struct {
		place func(start, end int64) sighting.Place
		want  string
	}{
		"good":     {func(a, b int64) sighting.Place { return sighting.Place{Start: a, End: b} }, ""},
		"outside":  {func(a, b int64) sighting.Place { return sighting.Place{Start: a, End: b + 100} }, "lies beyond its end"},
		"nothing":  {func(a, b int64) sighting.Place { return sighting.Place{Start: a, End: a} }, "quotes nothing"},
		"the same": {func(a, b int64) sighting.Place { return sighting.Place{Start: 0, End: 1} }, "is also that of"},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte("one\ntwo")
			r := intaketest.Collect(t, lines(c.place), "toy.txt", data, intake.Options{})
			if r.Err != nil || r.Count() != 2 {
				t.Fatalf("%d records, error %v", r.Count(), r.Err)
			}
			got := strings.Join(intaketest.PlaceProblems("toy.txt", data, r), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
}
