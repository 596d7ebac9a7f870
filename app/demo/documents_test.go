package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/app/demo"
	"suraag/intake"
	"suraag/intake/all"
	"suraag/intake/intaketest"
	"suraag/network"
)

func load(t *testing.T) []demo.File {
	t.Helper()
	files, err := demo.Files()
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

func declared(t *testing.T, f demo.File) intake.Options {
	t.Helper()
	o := intake.Options{Service: f.Service}
	if f.Zone != "" {
		zone, err := time.LoadLocation(f.Zone)
		if err != nil {
			t.Fatal(err)
		}
		o.Zone = zone
	}
	return o
}

// Every document reads to its end, with the records that the story counts on and
// without a bad row.
func TestDocumentsRead(t *testing.T) {
	want := map[string]struct {
		format                      string
		sightings, leases, listings int64
	}{
		"example-hotline.vics.json":      {"vics/hashset", 0, 0, 22},
		"example-icse.csv":               {"icse/csv", 0, 0, 4},
		"mistaken-list.csv":              {"hashlist", 0, 0, 3},
		"cybertip_100000001.json":        {"ncmec/cybertip-json", 7, 0, 0},
		"cybertip_100000002.json":        {"ncmec/cybertip-json", 4, 0, 0},
		"example-share_report.xml":       {"ncmec/cybertip-xml", 2, 0, 0},
		"example-share_file.xml":         {"ncmec/cybertip-xml", 2, 0, 0},
		"report.xml":                     {"ufed/report", 3, 0, 0},
		"whatsapp_910000000001.html":     {"whatsapp/return", 3, 0, 0},
		"instagram_harbour_view_22.html": {"meta/record", 6, 0, 0},
		"a.keeper.SubscriberInfo.html":   {"google/subscriber", 3, 0, 0},
		"kik_gull_watcher_4.zip":         {"kik/log", 2, 0, 0},
		"FileList.csv":                   {"iped/filelist", 3, 0, 0},
		"hash-run.jsonl":                 {"generic/jsonl", 6, 0, 0},
		"examiner-table.csv":             {"generic/csv", 3, 0, 0},
		"p2p-log.csv":                    {"generic/csv", 5, 0, 0},
		"board-notes.csv":                {"generic/csv", 2, 0, 0},
		"example-mobile_nat.csv":         {"india/nat", 0, 4, 0},
		"example-mobile_ipdr.csv":        {"india/ipdr", 0, 3, 0},
		"example-fibre_subscriber.csv":   {"india/subscriber", 0, 2, 0},
	}
	used := map[string]bool{}
	for _, w := range want {
		used[w.format] = true
	}
	if len(used) < 15 {
		t.Errorf("the story is told in %d formats, want 15", len(used))
	}
	for _, f := range load(t) {
		if f.Purpose == demo.Network {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			w, listed := want[f.Name]
			if !listed {
				t.Fatal("the table does not say what this document holds")
			}
			r := intaketest.Collect(t, all.Formats(), f.Name, f.Bytes, declared(t, f))
			if r.Err != nil || len(r.Bad) > 0 {
				t.Errorf("error %v, bad rows %v", r.Err, r.Bad)
			}
			if diff := cmp.Diff([]string{w.format}, r.Result.Formats()); diff != "" {
				t.Errorf("formats (-want +got):\n%s", diff)
			}
			got := r.Result.Counts
			got.Notes = 0
			if diff := cmp.Diff(intake.Counts{Sightings: w.sightings, Leases: w.leases, Listings: w.listings}, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddressDataReads(t *testing.T) {
	var sets int
	for _, f := range load(t) {
		if f.Purpose != demo.Network {
			continue
		}
		sets++
		rows := 0
		give := func(network.Range) error { rows++; return nil }
		bad := func(line int64, reason string) error {
			t.Errorf("%s %s line %d: %s", f.Name, f.AsOf, line, reason)
			return nil
		}
		if err := network.Read(network.DataKind(f.NetworkKind), f.Name, strings.NewReader(string(f.Bytes)), give, bad); err != nil || rows == 0 {
			t.Errorf("%s: %d rows, %v", f.Name, rows, err)
		}
		if _, err := time.Parse(time.DateOnly, f.AsOf); err != nil || !strings.HasPrefix(f.Name, "example") {
			t.Errorf("%s: as of %q; want a day, and a name that begins with example", f.Name, f.AsOf)
		}
	}
	if sets < 5 {
		t.Errorf("%d sets of address data", sets)
	}
}
