package meta_test

import (
	"os"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/meta"
)

func formats() []intake.Format { return []intake.Format{meta.Format()} }

func TestRecordsOfBothGenerations(t *testing.T) {
	for _, generation := range []string{"generation_A", "generation_B"} {
		t.Run(generation, func(t *testing.T) {
			r, data := intaketest.CollectFile(t, formats(), "testdata/"+generation+".html", intake.Options{})
			intaketest.Golden(t, "testdata/"+generation+".golden", r)
			intaketest.CheckPlaces(t, "testdata/"+generation+".html", data, r)
		})
	}
}

func TestBothGenerationsStateTheSame(t *testing.T) {
	a, _ := intaketest.CollectFile(t, formats(), "testdata/generation_A.html", intake.Options{})
	b, _ := intaketest.CollectFile(t, formats(), "testdata/generation_B.html", intake.Options{})
	intaketest.SameStatements(t, a, b)
}

func sample(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/generation_B.html")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
