package export

import (
	"fmt"
	"strings"
	"time"

	"suraag/export/pdf"
	"suraag/instant"
)

// Certificate is the certificate that section 63(4)(c) of the Bharatiya Sakshya
// Adhiniyam 2023 (Act 47 of 2023, Schedule) asks for with an electronic record,
// Part A for the party and Part B for the expert. What the record knows is filled
// in: the hash values, the algorithm, what was hashed and when. Who certifies,
// from which device, under whose control, when and where is left open, because
// only the person who signs can state it.
type Certificate struct {
	Records  []Hashed
	HashedAt time.Time // when the copies were hashed
	Program  string    // name, version and build
	About    string    // what the records are evidence of, in one line
	Of       string    // hash that ties the certificate to its bundle
}

// Hashed is one electronic record with the hash of the original, as it was
// sealed, and of the copy that is produced (both SHA-256, hex). The Act speaks of
// the record produced, courts ask for both.
type Hashed struct {
	Name     string
	Size     int64
	SealedAt time.Time
	Original string
	Copy     string // empty: no copy is produced, only the hash is
}

// sources are the kinds of device or source, in the words of the Schedule.
var sources = []string{"Computer / Storage Media", "DVR", "Mobile", "Flash Drive", "CD/DVD", "Server", "Cloud", "Other"}

// PDF sets both parts and the hash report that the Schedule wants enclosed.
func (c Certificate) PDF() ([]byte, error) {
	d, err := pdf.New(pdf.Options{
		Title: "Certificate under section 63(4)(c), Bharatiya Sakshya Adhiniyam, 2023", Subject: c.About, Creator: c.Program, At: c.HashedAt, Of: c.Of,
	})
	if err != nil {
		return nil, err
	}
	d.Note("Draft made from the record. Lines that are left open are for the person who signs: nothing on them is known to the record. Compare the wording with the Schedule as in force before signing.")
	c.part(d, "Part A (to be filled by the party)",
		"I have produced electronic record/output of the digital record taken from the following device/digital record source (tick mark):")
	d.Paragraph("The digital device or the digital record source was under the lawful control for regularly creating, storing or processing information for the purposes of carrying out regular activities and during this period, the computer or the communication device was working properly and the relevant information was regularly fed into the computer during the ordinary course of business. If the computer/digital device at any point of time was not working properly or out of operation, then it has not affected the electronic/digital record or its accuracy.")
	d.Ticks("The digital device or the source of the digital record is (select as applicable):", ticks("", "Owned", "Maintained", "Managed", "Operated"))
	d.Paragraph("by me.")
	c.hashes(d)
	sign(d, "Name and signature:")
	d.Break()
	c.part(d, "Part B (to be filled by the expert)",
		"The produced electronic record/output of the digital record are obtained from the following device/digital record source (tick mark):")
	c.hashes(d)
	sign(d, "Name, designation and signature:")
	d.Break()
	c.report(d)
	return d.Bytes()
}

func ticks(on string, labels ...string) []pdf.Tick {
	out := make([]pdf.Tick, len(labels))
	for n, l := range labels {
		out[n] = pdf.Tick{Label: l, On: l == on}
	}
	return out
}

func (c Certificate) part(d *pdf.Doc, heading, opening string) {
	d.Heading(2, heading)
	d.Blank("I (name):")
	d.Blank("son/daughter/spouse of:")
	d.Blank("residing/employed at:")
	d.Paragraph("do hereby solemnly affirm and sincerely state and submit as follows:")
	d.Ticks(opening, ticks("", sources...))
	d.Blank("Other, namely:")
	d.Blank("Make & Model:")
	d.Blank("Color:")
	d.Blank("Serial Number:")
	d.Blank("IMEI/UIN/UID/MAC/Cloud ID (as applicable):")
	d.Paragraph("and any other relevant information, if any, about the device/digital record (specify): " + c.about())
	d.Blank("further:")
}

// about tells what the record knows of where the output comes from.
func (c Certificate) about() string {
	words := fmt.Sprintf("%s, written by %s.", count(len(c.Records), "electronic record"), c.Program)
	if c.About != "" {
		words = c.About + "; " + words
	}
	return words
}

func (c Certificate) hashes(d *pdf.Doc) {
	d.Paragraph("I state that the HASH value/s of the electronic/digital record/s is/are:")
	if len(c.Records) == 1 {
		d.Mono(c.Records[0].Original)
	} else {
		d.Paragraph(fmt.Sprintf("as in the enclosed hash report, %s,", count(len(c.Records), "value")))
	}
	d.Ticks("obtained through the following algorithm:", ticks("SHA256", "SHA1", "SHA256", "MD5", "Other (legally acceptable standard)"))
	d.Paragraph("(Hash report enclosed with the certificate.)")
}

func sign(d *pdf.Doc, who string) {
	d.Blank(who)
	d.Blank("Date (DD/MM/YYYY):")
	d.Blank("Time (IST), in 24 hours format:")
	d.Blank("Place:")
}

// report is the hash report. A copy that differs from its original is never
// called the same.
func (c Certificate) report(d *pdf.Doc) {
	d.Heading(2, "Hash report")
	d.Paragraph(fmt.Sprintf("Algorithm: SHA-256 (FIPS 180-4). The copies were hashed on %s (%s). Each original was hashed when it was sealed.", c.HashedAt.In(instant.IST()).Format(instant.Layout), c.HashedAt.UTC().Format(instant.Layout)))
	var rows [][]string
	for n, r := range c.Records {
		hashes := "original\n" + r.Original + "\n"
		switch {
		case r.Copy == "":
			hashes += "no copy is produced; its hash only"
		case r.Copy == r.Original:
			hashes += "copy\n" + r.Copy + "\nthe two are equal"
		default:
			hashes += "copy\n" + r.Copy + "\nTHE TWO DIFFER"
		}
		rows = append(rows, []string{fmt.Sprint(n + 1), fmt.Sprintf("%s (%d bytes)", r.Name, r.Size), r.SealedAt.In(instant.IST()).Format(instant.Layout), hashes})
	}
	d.Table([]pdf.Column{{Head: "No.", Share: 0.5}, {Head: "Record", Share: 2.6}, {Head: "Sealed on", Share: 1.9}, {Head: "SHA-256", Share: 6.6, Mono: true}}, rows)
	d.Note("Anyone can compute these values again, for example with: sha256sum FILE")
}

// count writes a number with its noun.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strings.TrimSpace(fmt.Sprintf("%d %ss", n, what))
}
