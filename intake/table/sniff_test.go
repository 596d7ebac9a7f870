package table_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"suraag/intake"
	"suraag/intake/generic"
	"suraag/intake/hashlist"
	"suraag/intake/icse"
	"suraag/intake/india"
	"suraag/intake/iped"
	"suraag/intake/trisul"
)

// tables are the formats whose files look alike, because all are tables.
func tables() []intake.Format {
	return []intake.Format{icse.Format(), hashlist.Format(), iped.Format(), generic.FormatCSV(), generic.FormatJSONL(),
		india.FormatIPDR(), india.FormatNAT(), india.FormatSubscriber(), trisul.Format()}
}

// Each header belongs to one format. The winner must lead clearly.
func TestEachHeaderHasOneFormat(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"ICSE", "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;File Available;Media Type;Baseline", "icse/csv"},
		{"IPED", `"Name","Link","Size","Extension","Bookmark","Category","MD5","SHA1","Deleted","Carved","Accessed","Modified","Created","Path","TrackId"`, "iped/filelist"},
		{"IPED in Portuguese", "Nome;Atalho;Tamanho;Ext;Marcador;Categoria;MD5;SHA1;Deletado;Recuperado;Acesso;Modificação;Criação;Caminho;TrackId", "iped/filelist"},
		{"NAT log", "Start Date,Start Time,End Date,End Time,Source IP Address,Source Port,Translated IP Address,Translated Port,Destination IP Address,Destination Port", "india/nat"},
		{"IPDR with translation", "MSISDN,Source IP Address,Source Port,Translated IP Address,Translated Port,Start Date,Start Time", "india/ipdr"},
		{"IPDR with aliases", "MSISDN,Source_IP,Public IP Address,Public IP Port,Start Date,Start Time", "india/ipdr"},
		{"answer", "No.,IP Address,Date,Time(IST),username,firstname,fulladdress,mobile", "india/subscriber"},
		{"Trisul", "Protocol,SrcIP,SrcPort,DestIP,DestPort,StartTime,EndTime,Duration,UserID,SubscriberID,NatIP,NatPort,DeviceIP,CustName,CustID,Address,PhoneNo,IP Type", "trisul/csv"},
		{"generic", "observed_at,act,ip,port,who,md5", "generic/csv"},
		{"generic lines", `{"observed_at":"2025-03-04T02:10:00Z","act":"offer","ip":"203.0.113.9"}`, "generic/jsonl"},
		{"lines of suraag hash", `{"path":"a.png","size":1,"media_type":"image/png","md5":"4bc93fb481892c12606a481fc53a0ad9"}`, "generic/jsonl"},
		{"list of hashes", "md5,sha1,category", "hashlist"},
		{"bare hashes", "4bc93fb481892c12606a481fc53a0ad9\nd9b34978557ef4119e191727f067c746", "hashlist"},
		{"call records", "Target No,Call Type,TOC,B Party No,LRN No,LRN TSP-LSA,Date,Time,Dur(s),First CGI,Last CGI,IMEI,IMSI,Vowifi First UE IP,Port1", ""},
		{"Autopsy's list of files", "\"NAME\"\t\"FILE_EXT\"\t\"DELETED\"\t\"A_TIME\"\t\"CR_TIME\"\t\"M_TIME\"\t\"SIZE\"\t\"HASH_VALUE\"\t\"FULL_PATH\"", ""},
		{"a contact list", "Name,Phone,Address\nA,B,C", ""},
		{"JSON of someone else", `{"reportId":1,"files":[]}`, ""},
		{"a JSON document on many lines", "{\n \"observed_at\": 1\n}", ""},
		{"HTML", "<!doctype html><html><body>observed_at,ip</body></html>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			best, second, all := 0, 0, ""
			for _, f := range tables() {
				l := f.Sniff(intake.Head{Name: "file", Bytes: []byte(c.text + "\n"), Whole: true})
				all += fmt.Sprintf("\n%3d %s: %s", l.Score, f.Name, l.Why)
				switch {
				case l.Score > best:
					best, second = l.Score, best
				case l.Score > second:
					second = l.Score
				}
				if (l.Score >= intake.Accept) && c.want == "" {
					t.Errorf("%s claims it with %d: %s", f.Name, l.Score, l.Why)
				}
			}
			got, _ := intake.Detect(tables(), intake.Head{Name: "file", Bytes: []byte(c.text + "\n"), Whole: true}, "")
			if c.want != "" && (got == nil || got.Name != c.want || best-second < 5) {
				t.Errorf("want %s, leading by 5; scores:%s", c.want, all)
			}
		})
	}
}

// The samples beside the formats are claimed by their own format, which leads.
func TestSamplesAreClaimedByTheirOwn(t *testing.T) {
	owner := map[string]string{
		"../icse/testdata/icse.csv": "icse/csv", "../iped/testdata/FileList.csv": "iped/filelist",
		"../india/testdata/ipdr_dot_2021.csv": "india/ipdr", "../india/testdata/ipdr_jio_style.csv": "india/ipdr",
		"../india/testdata/nat_syslog_dot_2021.csv": "india/nat", "../india/testdata/isp_subscriber_answer.csv": "india/subscriber",
		"../trisul/testdata/trisul_style.csv": "trisul/csv", "../generic/testdata/p2p.csv": "generic/csv",
		"../generic/testdata/mixed.jsonl": "generic/jsonl", "../generic/testdata/hashed.jsonl": "generic/jsonl", "../hashlist/testdata/needles.txt": "hashlist",
	}
	for path, want := range owner {
		data, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		got, why := intake.Detect(tables(), intake.Head{Name: filepath.Base(path), Bytes: data, Whole: true}, "")
		if got == nil || got.Name != want {
			t.Errorf("%s: %v %s, want %s", path, got, why, want)
		}
	}
}

// A table in UTF-16 is recognised, so that the refusal can say what to do.
func TestUTF16IsNamed(t *testing.T) {
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeffobserved_at,act,ip,port,who,md5\r\n")) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	format, why := intake.Detect(tables(), intake.Head{Name: "o.csv", Bytes: wide, Whole: true}, "")
	if want := "no known format: it most resembles observations (CSV), but it is written in UTF-16; save it as UTF-8"; format != nil || why != want {
		t.Errorf("%v, %q", format, why)
	}
}
