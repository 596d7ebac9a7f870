package vics_test

import (
	"fmt"
	"strings"
	"testing"

	"suraag/intake"
	"suraag/intake/intaketest"
)

// mediaOf gives entries of a set, with a member of each put in.
func mediaOf(n int, more string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`{"MediaID":%d,"Category":%d,"MD5":"%032X","SHA1":"%040x","MediaSize":%d,"MimeType":"image/jpeg","VictimIdentified":false,"IsDistributed":true,"DateUpdated":"2025-03-02T09:00:00+05:30"%s}`,
			i+1, i%3, i+1, i+7, 100+i, more))
	}
	return out
}

// Entries read in short and those read whole have to tell the same, bad ones,
// notes and places with them, also behind odd ones in the middle of plain ones.
func TestShortTellsTheSame(t *testing.T) {
	photo := strings.Repeat("AbC+", 48)
	for name, media := range map[string][]string{
		"plain":              mediaOf(100, ""),
		"null and empty":     mediaOf(20, `,"Tags":null,"Series":"","SHA256":"","MediaFiles":[],"Exifs":[ ]`),
		"unknown name":       mediaOf(20, `,"Colour":"red"`),
		"unknown name twice": mediaOf(20, `,"Colour":"red","Colour":"blue"`),
		"known name twice":   mediaOf(20, `,"Category":5`),
		"escape":             mediaOf(20, `,"Series":"a\"b"`),
		"not ASCII":          mediaOf(20, `,"Series":"é"`),
		"not UTF-8":          mediaOf(20, ",\"Series\":\"\xff\""),
		"nested":             mediaOf(20, `,"AlternativeHashes":[{"HashName":"PDQ","HashValue":"`+strings.Repeat("1f", 32)+`"}]`),
		"PhotoDNA":           mediaOf(20, `,"PhotoDNA":"`+photo+`"`),
		"PhotoDNA in hex":    mediaOf(20, `,"PhotoDNA":"`+strings.Repeat("0a", 144)+`"`),
		"PhotoDNA cut":       mediaOf(20, `,"PhotoDNA":"`+photo[:100]+`"`),
		"PhotoDNA of digits": mediaOf(20, `,"PhotoDNA":"`+strings.Repeat("00ab", 48)+`"`),
		"bad hash":           mediaOf(20, `,"SHA256":"xyz"`),
		"other length":       mediaOf(20, `,"SHA256":"`+strings.Repeat("0", 40)+`"`),
		"small picture":      mediaOf(20, `,"Miniature":"aGFsbG8="`),
		"path outside":       mediaOf(20, `,"RelativeFilePath":"../../x.jpg"`),
		"bad size":           mediaOf(20, `,"Size":1`),
		"flags in words":     mediaOf(20, `,"OffenderIdentified":"True","IsSuspected":"perhaps","SelfGenerated":1`),
		"bad time":           {`{"MD5":"` + md5A + `","DateUpdated":"some day"}`, `{"MD5":"` + md5B + `","DateUpdated":"some day"}`},
		"no hash":            append(mediaOf(3, ""), `{"MediaID":7}`, `{}`, `7`, `null`, `[]`, `{"Media":[]}`, `{"MD5":7}`),
		"number as hash":     {`{"MD5":"` + md5A + `"}`, `{"MD5":true,"SHA1":"` + strings.Repeat("a", 40) + `"}`},
		"no category":        {`{"MD5":"` + md5A + `","Category":null}`, `{"MD5":"` + md5B + `","Category":"N/A"}`, `{"MD5":"` + md5B + `","Category":"` + strings.Repeat("c", 70) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{set(media...), []byte(strings.ReplaceAll(string(set(media...)), ",", " ,\r\n\t"))} {
				if n := intaketest.CheckLean(t, formats(), "set.json", data, intake.Options{Format: "vics/hashset"}); n == 0 {
					t.Error("no entry")
				}
			}
		})
	}
	broken := string(set(mediaOf(30, "")...))
	for name, text := range map[string]string{
		"ends in the middle":   broken[:len(broken)*2/3],
		"ends after an entry":  broken[:strings.LastIndex(broken, "]")],
		"two commas":           strings.Replace(broken, ",\n", ",,\n", 1),
		"no comma":             strings.Replace(broken, "},\n", "}\n", 1),
		"broken number":        strings.Replace(broken, `"MediaSize":110`, `"MediaSize":1-1`, 1),
		"header at the end":    strings.Replace(broken, oldHead, `{"value":[`, 1)[:len(broken)-len(oldHead)+len(`{"value":[`)-1] + `,` + oldHead[1:strings.Index(oldHead, `,`)] + `}`,
		"header of a country":  strings.Replace(broken, "DataModels/1.3.xml", "DataModels/2.0.xml/US/", 1),
		"byte order mark":      "\ufeff" + broken,
		"more after the value": broken + "{}",
	} {
		t.Run(name, func(t *testing.T) {
			intaketest.CheckLean(t, formats(), "set.json", []byte(text), intake.Options{})
		})
	}
}

func FuzzShortTellsTheSame(f *testing.F) {
	seeds := [][]byte{set(mediaOf(5, "")...), set(mediaOf(3, `,"PhotoDNA":"`+strings.Repeat("AbC+", 48)+`","Colour":1`)...)}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		intaketest.CheckLean(t, formats(), "set.json", data, intake.Options{Format: "vics/hashset"})
	})
}
