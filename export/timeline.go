package export

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"suraag/fault"
	"suraag/sighting"
)

// timelineHead names the columns of a timeline. Times are the span in which the
// moment lies.
var timelineHead = []string{
	"from_utc", "until_utc", "from_local", "until_local", "as_written", "zone_known_by", "doubt",
	"act", "service", "client", "who", "other_side", "through", "from_address", "from_port", "at_address", "at_port",
	"content", "file_name", "standing", "proven", "remarks", "reader", "reader_version", "source_sha256", "place", "record", "statement",
}

// Timeline writes every sighting of a dossier as CSV (RFC 4180, UTF-8), in order
// of time, for a spreadsheet or another program. A cell that a spreadsheet would
// take for a formula begins with an apostrophe (OWASP, CSV injection).
func (d *Dossier) Timeline(w io.Writer) error {
	zone, err := d.zone()
	if err != nil {
		return err
	}
	statement := map[string]int{}
	for _, s := range d.Statements {
		if s.Part == PartSeen && len(s.RestsOn) == 1 {
			statement[s.RestsOn[0].Record] = s.No
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{timelineHead}
	for _, s := range d.Records {
		rows = append(rows, timelineRow(s, zone, statement[s.ID]))
	}
	for _, r := range rows {
		for n := range r {
			r[n] = noFormula(r[n])
		}
		if err := out.Write(r); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	out.Flush()
	return fault.As(fault.Unavailable, out.Error())
}

func timelineRow(s sighting.Sighting, zone *time.Location, statement int) []string {
	at := func(t time.Time, zone *time.Location) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.RFC3339Nano)
	}
	content := append([]string{}, s.Content.Refs...)
	for _, d := range s.Content.Digests {
		content = append(content, d.String())
	}
	fromIP, fromPort := end(s.From)
	atIP, atPort := end(s.At)
	return []string{
		at(s.When.At, time.UTC), at(s.When.Until, time.UTC), at(s.When.At, zone), at(s.When.Until, zone), s.When.Raw, string(s.When.Basis), s.When.Doubt,
		string(s.Act), s.Service, s.Client, identifiers(s.Who), identifiers(s.To), identifiers(s.Via), fromIP, fromPort, atIP, atPort,
		strings.Join(content, " "), s.Content.Name, string(s.Standing), strconv.FormatBool(s.Standing.Proven()), strings.Join(s.Notes, " "),
		s.Reader, strconv.Itoa(s.Version), s.Source, s.Place.String(), s.ID, strconv.Itoa(statement),
	}
}

func end(e sighting.Endpoint) (ip, port string) {
	if e.IsZero() {
		return "", ""
	}
	if e.Port != 0 {
		port = strconv.Itoa(int(e.Port))
	}
	return e.IP.String(), port
}

func identifiers(ids []sighting.Identifier) string {
	var out []string
	for _, i := range ids {
		out = append(out, i.String())
	}
	return strings.Join(out, " ")
}

func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
