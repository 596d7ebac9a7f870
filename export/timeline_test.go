package export_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func TestTimeline(t *testing.T) {
	m := material()
	m.Traces[0].Sightings[0].Content.Name = "=cmd|' /C calc'!A0,\"x\"\n"
	m.Traces[0].Sightings[0].Service = "-2+3"
	d, _ := compose(t, m)
	var out bytes.Buffer
	if err := d.Timeline(&out); err != nil {
		t.Fatal(err)
	}
	rows := must(csv.NewReader(&out).ReadAll())
	if len(rows) != 2 {
		t.Fatalf("%d rows, want the head and one sighting", len(rows))
	}
	got := map[string]string{}
	for n, head := range rows[0] {
		got[head] = rows[1][n]
	}
	for head, want := range map[string]string{
		"from_utc": "2025-02-28T18:45:10Z", "from_local": "2025-03-01T00:15:10+05:30", "act": "upload", "who": "account:example social:900000000000001",
		"from_address": "198.51.100.77", "from_port": "51602", "at_address": "", "standing": "provider capture", "proven": "true", "remarks": "the reader doubts this",
		"place": "0-66", "source_sha256": sum(tip), "file_name": "'=cmd|' /C calc'!A0,\"x\"\n", "service": "'-2+3",
	} {
		if got[head] != want {
			t.Errorf("%s is %q, want %q", head, got[head], want)
		}
	}
	if got["statement"] == "0" || strings.Trim(got["statement"], "0123456789") != "" {
		t.Errorf("statement %q", got["statement"])
	}
}
