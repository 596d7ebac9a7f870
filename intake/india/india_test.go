package india_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/india"
	"suraag/intake/intaketest"
	"suraag/sighting"
)

func formats() []intake.Format {
	return []intake.Format{india.FormatIPDR(), india.FormatNAT(), india.FormatSubscriber()}
}

func TestSamples(t *testing.T) {
	for file, format := range map[string]string{
		"ipdr_dot_2021": "india/ipdr", "ipdr_jio_style": "india/ipdr",
		"nat_syslog_dot_2021": "india/nat", "isp_subscriber_answer": "india/subscriber",
	} {
		t.Run(file, func(t *testing.T) {
			path := "testdata/" + file + ".csv"
			r, data := intaketest.CollectFile(t, formats(), path, intake.Options{})
			intaketest.Golden(t, "testdata/"+file+".golden", r)
			intaketest.CheckPlaces(t, path, data, r)
			if got := r.Result.Formats(); len(got) != 1 || got[0] != format {
				t.Errorf("read as %v, want %s", got, format)
			}
		})
	}
}

// all writes what a lease states in one line.
func all(l sighting.Lease) string {
	var who []string
	for _, w := range l.Who {
		who = append(who, w.String())
	}
	return fmt.Sprintf("%s public %s private %s dest %s from %s to %s who %s", l.Kind, l.Public, l.Private, l.Dest,
		stamp(l.From), stamp(l.To), strings.Join(who, " "))
}

func stamp(i instant.Instant) string {
	if i.IsZero() {
		return "?"
	}
	if i.Basis == instant.Ambiguous {
		return "ambiguous"
	}
	return i.At.Format("2006-01-02T15:04:05Z")
}

// The header variants of formats.md §5.5 all come to the same lease.
func TestHeaderVariants(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"aliases",
			"MSISDN,Source_IP,Source Port,Public IP Address,Public IP Port,Start Date,Start Time,End Date,End Time,CGI ID,PGW_GGSN_IP_Address,Home_Roaming_Circle,Uplink_Vol,Downlink_Vol,RAT\n" +
				"910000000001,100.64.10.5,40001,198.51.100.77,51602,28/02/2025,23:58:00,01/03/2025,00:20:11,404-1,192.0.2.1,TST,1,2,4G\n",
			"ipdr public 198.51.100.77:51602 private 100.64.10.5:40001 dest  from 2025-02-28T18:28:00Z to 2025-02-28T18:50:11Z who phone:+910000000001"},
		{"one address, public",
			"Landline/MSISDN/MDN/Leased Circuit ID for Internet Access,Source IP Address (IP Address Assigned/Translated),Source Port,Start Date,Start Time\n" +
				"910000000001,198.51.100.77,51602,28/02/2025,23:58:00\n",
			"ipdr public 198.51.100.77:51602 private  dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"one address, inner",
			"MSISDN,Source IP Address (IP Address Assigned/Translated),Source Port,Start Date,Start Time\n910000000001,100.64.10.5,40001,28/02/2025,23:58:00\n",
			"ipdr public  private 100.64.10.5:40001 dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"translated side empty",
			"MSISDN,Source IP Address,Source Port,Translated IP Address,Translated Port,Start Date,Start Time\n910000000001,2001:db8::5,40001,0.0.0.0,0,28/02/2025,23:58:00\n",
			"ipdr public [2001:db8::5]:40001 private  dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"preamble, semicolons, single quotes",
			"'Example Telecom Ltd.'\n'IPDR of 910000000001, from 01/02/2025 to 01/03/2025'\n\n'MSISDN';'Name of person/Organization';'Public IP Address';'Public IP Port';'Start Date';'Start Time'\n" +
				"'910000000001';'A; B and sons';'198.51.100.77';'51602';'28/02/2025';'23:58:00'\n",
			"ipdr public 198.51.100.77:51602 private  dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"tabs and an apostrophe that keeps digits",
			"MSISDN\tPublic IP\tPublic Port\tStart Date\tStart Time\n'910000000001\t198.51.100.77\t51602\t28-FEB-2025\t23:58:00\n",
			"ipdr public 198.51.100.77:51602 private  dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"whole moment in the clock's column",
			"MSISDN,Public IP,Start Date,Start Time\n910000000001,198.51.100.77,28/02/2025,28/02/2025 23:58:00\n",
			"ipdr public 198.51.100.77 private  dest  from 2025-02-28T18:28:00Z to ? who phone:+910000000001"},
		{"MAC in the device column",
			"User ID,Public IP,Start Date,Start Time,Source MAC/IMEI/other device id\nFTTH_1,198.51.100.77,28/02/2025,23:58:00,02-00-5E-10-00-01\n",
			"ipdr public 198.51.100.77 private  dest  from 2025-02-28T18:28:00Z to ? who userid:ftth_1 mac:02005e100001"},
		{"NAT, joint columns",
			"Start Date & Time,End Date & Time,Source IP,Source Port,Translated IP,Translated Port,Destination IP,Destination Port\n" +
				"02:28:2025 23:58:00,03:01:2025 00:20:11,100.64.10.5,40001,198.51.100.77,51602,192.0.2.80,443\n",
			"nat public 198.51.100.77:51602 private 100.64.10.5:40001 dest 192.0.2.80:443 from 2025-02-28T18:28:00Z to 2025-02-28T18:50:11Z who "},
		{"NAT, title says day first",
			"Start Date (dd/mm/yyyy),Start Time,Source IP,Translated IP,Translated Port\n03/02/2025,23:58:00,100.64.10.5,198.51.100.77,51602\n",
			"nat public 198.51.100.77:51602 private 100.64.10.5 dest  from 2025-02-03T18:28:00Z to ? who "},
		{"NAT, slashes and nothing declared",
			"Start Date,Start Time,Source IP,Translated IP,Translated Port\n03/02/2025,23:58:00,100.64.10.5,198.51.100.77,51602\n",
			"nat public 198.51.100.77:51602 private 100.64.10.5 dest  from ambiguous to ? who "},
		{"answer with port",
			"Sr No;IP Address;Port;Date;Time (IST);User Name;Full Address;Mobile No\n1;198.51.100.77;51602;01/03/2025;00:15:10;FTTH_1;1 Test Road;910000000001\n",
			"subscriber public 198.51.100.77:51602 private  dest  from 2025-02-28T18:45:10Z to 2025-02-28T18:45:10Z who userid:ftth_1 phone:+910000000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "reply.csv", []byte(c.file), intake.Options{})
			intaketest.CheckPlaces(t, "reply.csv", []byte(c.file), r)
			if len(r.Leases) != 1 || len(r.Bad) > 0 || r.Err != nil {
				t.Fatalf("%d leases, bad %v, error %v, result %+v", len(r.Leases), r.Bad, r.Err, r.Result)
			}
			if got := all(r.Leases[0]); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

const head = "MSISDN,Address,Source IP Address,Source Port,Translated IP Address,Translated Port,Start Date,Start Time,End Date,End Time,IMSI,Source MAC-ID Address/Other device Identification number,Contact Number\n"

// A row that could name the wrong person is refused with its place.
func TestBadRows(t *testing.T) {
	const good = "910000000001,1 Test Road,100.64.10.5,40001,198.51.100.77,51602,28/02/2025,23:58:00,01/03/2025,00:20:11,404000000000001,02005e100001,910000000009"
	for _, c := range []struct{ name, from, to, reason string }{
		{"MSISDN rounded (rule 8)", "910000000001,", "9.1E+11,", "rounded by a spreadsheet"},
		{"IMSI rounded (rule 8)", "404000000000001", "4.04E+14", "rounded by a spreadsheet"},
		{"IMEI rounded (rule 8)", "02005e100001", "3.5E+14", "rounded by a spreadsheet"},
		{"contact rounded (rule 8)", "910000000009", "9.1E+11", "rounded by a spreadsheet"},
		{"no such address", "198.51.100.77", "198.51.100.777", "not an IP address"},
		{"port too high", "51602", "151602", "not a number from 1 to 65535"},
		{"no such date", "28/02/2025", "30/02/2025", "no date and time of the calendar"},
		{"month first", "28/02/2025", "02/28/2025", "no date and time of the calendar"},
		{"words for a time", "23:58:00", "midnight", "no zone known"},
		{"no times", "28/02/2025,23:58:00,01/03/2025,00:20:11", ",,,", "states no time"},
		{"ends before it starts", "01/03/2025", "27/02/2025", "before it starts"},
		{"no addresses", "100.64.10.5,40001,198.51.100.77,51602", ",,,", "states no address"},
		{"comma not quoted", "1 Test Road", "1 Test Road, Testpur", "shifted"},
		{"cut off", ",02005e100001,910000000009\n", "", "cut off"},
		{"huge cell", "1 Test Road", strings.Repeat("x", 2<<20), "longer than"},
		{"quote not closed", "1 Test Road", `"1 Test Road`, "not closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := head + strings.Replace(good+"\n", c.from, c.to, 1)
			if c.name != "cut off" {
				text += good + "\n" // the next row is not touched
			}
			r := intaketest.Collect(t, formats(), "reply.csv", []byte(text), intake.Options{})
			if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Reason, c.reason) || r.Bad[0].Place.Locator != "row 2" {
				t.Fatalf("bad %v, want row 2: %q", r.Bad, c.reason)
			}
			if c.name != "cut off" && len(r.Leases) != 1 {
				t.Errorf("the good row after it gave %d leases", len(r.Leases))
			}
		})
	}
}

// What is odd but harmless is kept in words, with a note.
func TestDoubts(t *testing.T) {
	const good = "910000000001,1 Test Road,100.64.10.5,40001,198.51.100.77,51602,28/02/2025,23:58:00,01/03/2025,00:20:11,404000000000001,02005e100001,"
	for _, c := range []struct{ name, from, to, note, who string }{
		{"IMEI of zeros joins strangers", "02005e100001", "000000000000000", "placeholder", "phone:+910000000001 imsi:404000000000001"},
		{"landline without country", "910000000001", "2212345678", "names nobody for certain", "imsi:404000000000001 mac:02005e100001"},
		{"device of unknown form", "02005e100001", "ONT-77", "neither a MAC address nor an IMEI", "phone:+910000000001 imsi:404000000000001"},
		{"translated to an inner address", "198.51.100.77", "10.1.1.1", "translated again", "phone:+910000000001 imsi:404000000000001 mac:02005e100001"},
		{"not UTF-8", "1 Test Road", "1 T\xe9st", "not UTF-8", "phone:+910000000001 imsi:404000000000001 mac:02005e100001"},
		{"end not stated", "01/03/2025,00:20:11", ",", "end of the allocation is not stated", "phone:+910000000001 imsi:404000000000001 mac:02005e100001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.Collect(t, formats(), "reply.csv", []byte(head+strings.Replace(good+"\n", c.from, c.to, 1)), intake.Options{})
			if len(r.Leases) != 1 {
				t.Fatalf("%d leases, bad %v", len(r.Leases), r.Bad)
			}
			l := r.Leases[0]
			if !strings.Contains(strings.Join(l.Notes, "\n"), c.note) {
				t.Errorf("notes %q lack %q", l.Notes, c.note)
			}
			if got := all(l); !strings.HasSuffix(got, " who "+c.who) {
				t.Errorf("%s; want who %s", got, c.who)
			}
		})
	}
}

func TestUnknownColumnIsKeptAndNoted(t *testing.T) {
	text := "MSISDN,Public IP,Start Date,Start Time,Tower Colour\n910000000001,198.51.100.77,28/02/2025,23:58:00,red\n"
	r := intaketest.Collect(t, formats(), "reply.csv", []byte(text), intake.Options{})
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, `"Tower Colour" is not known`) {
		t.Errorf("notes %v", r.Notes)
	}
	if e := r.Leases[0].Extra; len(e) != 1 || e[0].Value != "red" {
		t.Errorf("extra %v", e)
	}
}

func FuzzRead(f *testing.F) {
	seeds := [][]byte{[]byte(head + "9.1E+11,\"x\n")}
	for _, name := range []string{"ipdr_dot_2021", "ipdr_jio_style", "nat_syslog_dot_2021", "isp_subscriber_answer"} {
		data, err := os.ReadFile("testdata/" + name + ".csv")
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	if len(seeds) < 5 {
		f.Fatal("seeds are missing")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []string{"india/ipdr", "india/nat", "india/subscriber"} {
			r := intaketest.Collect(t, formats(), "reply.csv", data, intake.Options{Format: format})
			intaketest.CheckPlaces(t, "reply.csv", data, r)
			for _, l := range r.Leases {
				if l.From.IsZero() && l.To.IsZero() || l.Public.IsZero() && l.Private.IsZero() {
					t.Errorf("%s: lease of nothing: %s", l.Place, all(l))
				}
			}
		}
	})
}
