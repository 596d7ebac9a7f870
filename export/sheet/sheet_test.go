package sheet_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"suraag/export/sheet"
)

var rows = [][]string{
	{"", "Complaints", "=1+1"},
	{"East", "12", "–"},
	{"-West", "0", "404000000000001234567"},
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := sheet.CSV(&b, rows); err != nil {
		t.Fatal(err)
	}
	want := ",Complaints,'=1+1\nEast,12,–\n'-West,0,404000000000001234567\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXIsReadAsItWasWritten(t *testing.T) {
	var b bytes.Buffer
	if err := sheet.XLSX(&b, "figures", rows); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows("figures")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Error(diff)
	}
	for cell, want := range map[string]excelize.CellType{"B2": excelize.CellTypeUnset, "C1": excelize.CellTypeSharedString, "C3": excelize.CellTypeSharedString} {
		if kind, err := f.GetCellType("figures", cell); err != nil || kind != want {
			t.Errorf("%s is of type %v, want %v; %v", cell, kind, want, err)
		}
	}
	if formula, err := f.GetCellFormula("figures", "C1"); err != nil || formula != "" {
		t.Errorf("a cell became the formula %q, %v", formula, err)
	}
}
