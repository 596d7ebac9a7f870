package demo_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/app/demo"
	"suraag/media"
)

// hashed is a line of "suraag hash".
type hashed struct {
	Path      string `json:"path"`
	Size      int64  `json:"size"`
	MediaType string `json:"media_type"`
	MD5       string `json:"md5"`
	SHA1      string `json:"sha1"`
	SHA256    string `json:"sha256"`
	PDQ       string `json:"pdq"`
	Quality   int    `json:"pdq_quality"`
}

// run names the pictures as they lay in the examiner's folder.
func run() []struct{ path, picture string } {
	return []struct{ path, picture string }{
		{"exhibit-1/files/Image/IMG-20250301-WA0007.jpg", "recompressed.jpg"},
		{"exhibit-1/files/Image/IMG_0001.jpg", "unrelated.jpg"},
		{"exhibit-2/export/holiday 2023 (12).jpg", "original.jpg"},
		{"exhibit-2/export/flip.png", "mirrored.png"},
		{"return-instagram/linked_media/photo_1234567890123.jpg", "resized.jpg"},
		{"return-kik/content/00000000-0000-4000-8000-0000000000aa.jpg", "cropped.jpg"},
	}
}

func fingerprint(t *testing.T, picture string) media.Print {
	t.Helper()
	b, err := os.ReadFile(pathOf(picture))
	if err != nil {
		t.Fatal(err)
	}
	p, err := media.Fingerprint(t.Context(), bytes.NewReader(b), int64(len(b)), media.DefaultLimits())
	if err != nil || p.Problem != "" {
		t.Fatalf("%s: %v %s", picture, err, p.Problem)
	}
	return p
}

func TestHashRunIsWhatTheProgramGives(t *testing.T) {
	var want []hashed
	for _, line := range run() {
		p := fingerprint(t, line.picture)
		want = append(want, hashed{line.path, p.Size, p.MediaType, p.MD5.Hex(), p.SHA1.Hex(), p.SHA256.Hex(), p.PDQ.Hex(), p.Quality})
	}
	name := filepath.Join("files", "hash-run.jsonl")
	if *draw {
		var b bytes.Buffer
		for _, line := range want {
			if err := json.NewEncoder(&b).Encode(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var got []hashed
	for line := range bytes.Lines(b) {
		var h hashed
		if err := json.Unmarshal(line, &h); err != nil {
			t.Fatal(err)
		}
		got = append(got, h)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hash-run.jsonl is not what media.Fingerprint gives (-program +file):\n%s", diff)
	}
}

func TestTargetIsTheFirstPicture(t *testing.T) {
	p, err := media.Fingerprint(t.Context(), bytes.NewReader(demo.Picture()), int64(len(demo.Picture())), media.DefaultLimits())
	if err != nil || p.MD5.Hex() != demo.Target || p.MediaType != "image/jpeg" {
		t.Errorf("Picture is %s, MD5 %s, %v; Target is %s", p.MediaType, p.MD5.Hex(), err, demo.Target)
	}
}

// A document that names a picture states its digests as they are.
func TestDocumentsStateTheDigestsOfThePictures(t *testing.T) {
	for _, c := range []struct{ document, picture string }{
		{"lists/example-hotline.vics.json", "original.jpg"},
		{"lists/example-icse.csv", "original.jpg"},
		{"lists/mistaken-list.csv", "unrelated.jpg"},
		{"cybertip/cybertip_100000001.json", "original.jpg"},
		{"cybertip/cybertip_100000002.json", "resized.jpg"},
		{"cybertip/example-share_file.xml", "original.jpg"},
		{"devices/ufed_exhibit-1/report.xml", "recompressed.jpg"},
		{"devices/ufed_exhibit-1/report.xml", "unrelated.jpg"},
		{"devices/iped_exhibit-2/FileList.csv", "original.jpg"},
		{"devices/iped_exhibit-2/FileList.csv", "mirrored.png"},
		{"observations/p2p-log.csv", "resized.jpg"},
		{"observations/examiner-table.csv", "resized.jpg"},
		{"observations/examiner-table.csv", "cropped.jpg"},
		{"observations/board-notes.csv", "original.jpg"},
	} {
		b, err := os.ReadFile(filepath.Join("files", filepath.FromSlash(c.document)))
		if err != nil {
			t.Error(err)
			continue
		}
		if md5 := fingerprint(t, c.picture).MD5.Hex(); !bytes.Contains(bytes.ToLower(b), []byte(md5)) {
			t.Errorf("%s does not state the MD5 %s of %s", c.document, md5, c.picture)
		}
	}
}
