package whatsapp_test

import (
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
	"suraag/intake/whatsapp"
)

func formats() []intake.Format { return []intake.Format{whatsapp.Format()} }

var files = []string{"account_information", "message_and_call_log"}

func TestFilesOfBothGenerations(t *testing.T) {
	for _, generation := range []string{"generation_A", "generation_B"} {
		for _, file := range files {
			t.Run(generation+" "+file, func(t *testing.T) {
				path := "testdata/" + generation + "/" + file
				r, data := intaketest.CollectFile(t, formats(), path+".html", intake.Options{})
				intaketest.Golden(t, path+".golden", r)
				intaketest.CheckPlaces(t, path+".html", data, r)
			})
		}
	}
}

func TestBothGenerationsStateTheSame(t *testing.T) {
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			a, _ := intaketest.CollectFile(t, formats(), "testdata/generation_A/"+file+".html", intake.Options{})
			b, _ := intaketest.CollectFile(t, formats(), "testdata/generation_B/"+file+".html", intake.Options{})
			intaketest.SameStatements(t, a, b)
		})
	}
}
