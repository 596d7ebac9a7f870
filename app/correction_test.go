package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"suraag/app"
	"suraag/casework"
	"suraag/casework/legal"
)

// Whoever was given a bundle or timeline that rests on an error can be told: what was
// taken out is named with who did, and what does not rest on the error is not.
func TestCorrectionNamesWhatWasTakenOut(t *testing.T) {
	t.Parallel()
	data, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	run := func(by string, args ...string) string {
		t.Helper()
		var said, complained bytes.Buffer
		env := []string{"SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=" + by, "SURAAG_DATA=" + data, "HOME=/nonexistent"}
		if code := app.Run(context.Background(), env, strings.NewReader(""), &said, &complained, args); code != 0 {
			t.Fatalf("suraag %q exits with %d: %s", args, code, &complained)
		}
		return said.String()
	}
	from, err := loaded()
	if err == nil {
		err = copyRecord(data, from)
	}
	if err != nil {
		t.Fatal(err)
	}
	var leads []casework.Lead
	if err := json.Unmarshal([]byte(run("officer", "lead", "list", "--json")), &leads); err != nil {
		t.Fatal(err)
	}
	first := leads[0]
	record := first.Finding.Observation.SightingID
	address := func(l casework.Lead) string { return l.Finding.Observation.Endpoint.IP.String() }
	n := slices.IndexFunc(leads, func(l casework.Lead) bool {
		return !strings.Contains(run("officer", "trace", address(l), "--json"), record)
	})
	if n < 0 {
		t.Fatalf("all %d leads are about one content", len(leads))
	}
	exported := func(by, what, target, name string) (sum string) {
		var said struct{ Content, SHA256 string }
		if err := json.Unmarshal([]byte(run(by, "export", what, target, "-o", filepath.Join(out, name), "--json")), &said); err != nil {
			t.Fatal(err)
		}
		return said.Content + said.SHA256
	}
	want := map[string]string{
		exported("SI First", "bundle", first.ID, "lead.zip"):          "SI First",
		exported("SI Second", "timeline", first.ID, "lead.csv"):       "SI Second",
		exported("SI Third", "bundle", address(first), "address.zip"): "SI Third",
	}
	other := exported("SI Other", "bundle", address(leads[n]), "other.zip")
	run("SI Other", "export", "timeline", address(leads[n]), "-o", filepath.Join(out, "other.csv"))

	said := run("officer", "correction", "add", record, "--class", "time", "--reason", "the service sent the time of another file")
	for sum, by := range want {
		if !strings.Contains(said, "Taken out by "+by+" on 12 March 2025: ") || !strings.Contains(said, "SHA-256 "+sum+"; tell whoever was given it.") {
			t.Errorf("%s took out %s, of which is said:\n%s", by, sum, said)
		}
	}
	if strings.Contains(said, other) || strings.Contains(said, "SI Other") || strings.Contains(said, "look whether") {
		t.Errorf("what does not rest on it is named, or is uncertain:\n%s", said)
	}
	if list := run("officer", "correction", "list"); !strings.Contains(list, "Taken out by SI First") {
		t.Errorf("the register says:\n%s", list)
	}
	var kept []legal.Correction
	if err := json.Unmarshal([]byte(run("officer", "correction", "list", "--json")), &kept); err != nil || len(kept) != 1 || len(kept[0].Taken) != len(want) {
		t.Errorf("%v: %+v", err, kept)
	}
	if log := run("officer", "log", "show", "--last", "200", "--json"); !strings.Contains(log, kept[0].Taken[0].Entry) {
		t.Errorf("the log does not name entry %s", kept[0].Taken[0].Entry)
	}
	run("officer", "verify")
	// Of a source that both rest on, all are told.
	said = run("officer", "correction", "add", leads[n].Source, "--class", "other", "--reason", "the document was not complete")
	if !strings.Contains(said, other) {
		t.Errorf("of the source of the other:\n%s", said)
	}
}
