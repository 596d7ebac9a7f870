// Package cybertip reads reports to NCMEC's CyberTipline.
//
// Takes the JSON that police download, and the XML that providers submit (whole
// reports and the pieces of them). Gives a report sighting for each person and
// file reported, and a sighting for each address and device that the provider
// captured, with the act that it names. Never names an act that the provider did
// not state, and never copies what a report says of a child.
//
// Neither schema is public; names are those that two independent parsers of the
// JSON and the public tests of two submitting tools agree on (formats.md §2).
package cybertip

import (
	"strings"

	"suraag/sighting"
)

// said is what every part of a report has: its place, what has no field of its
// own, and the doubts about it.
type said struct {
	at    sighting.Place
	extra []sighting.Field
	notes []string
}

const (
	maxExtra = 500
	maxNotes = 100
	maxIDs   = 1000   // identifiers of one person
	maxSides = 10_000 // people, and recipients
	maxValue = 8192   // bytes kept of one text; terms of service and the like are long
)

func (s *said) keep(name, value string) {
	if value == "" {
		return
	}
	switch {
	case len(s.extra) < maxExtra:
		s.extra = append(s.extra, sighting.Field{Name: cut(name), Value: cut(value)})
	case len(s.extra) == maxExtra:
		s.extra = append(s.extra, sighting.Field{Name: "…", Value: "more stands in the original"})
	}
}

func (s *said) doubt(text string) {
	if len(s.notes) < maxNotes {
		s.notes = append(s.notes, text)
	}
}

func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "…"
}

// raw is an identifier as written.
type raw struct {
	kind  sighting.IDKind
	label string // under which it stands in the report
	value string
}

// report is one report, or a piece of one, in words that both forms share.
type report struct {
	said
	bare       bool   // a piece: there is no report around it
	id         string // of the CyberTipline
	received   string // when the CyberTipline got it
	provider   string // who reported
	via        []raw
	people     []*person
	recipients []*person
	files      []*file
	captures   []*capture // under neither a person nor a file
	mails      []mail
}

// person is a person or user who is reported, or an intended recipient.
type person struct {
	said
	service  string
	ids      []raw
	via      []raw
	captures []*capture
}

// file is an uploaded file.
type file struct {
	said
	name     string
	ref      string // the CyberTipline's own number of the file
	hashes   []raw  // label and value
	via      []raw
	messages []string // ids of the messages that carried it
	uploads  []uploaded
	captures []*capture
}

// uploaded is a time of upload that stands beside a file, without an address.
type uploaded struct {
	label, when string
	standing    sighting.Standing
}

// capture is an address, a URL or a device that the provider recorded.
type capture struct {
	said
	kind   string // "IP Address", "URL", …; empty: an address
	value  string
	when   string
	event  string
	port   string
	client string
	device *raw
}

// mail is an e-mail that the report describes by its header lines. Yahoo joins
// it to a file by the message's id.
type mail struct{ id, sent, from, to string }

// act gives what a provider's event name means; false where it names none of our
// acts (Purchase, Other, Unknown) or nothing (formats.md §2.1).
func act(event string) (sighting.Act, bool) {
	switch strings.ToLower(strings.TrimSpace(event)) {
	case "upload":
		return sighting.Upload, true
	case "login":
		return sighting.Login, true
	case "registration":
		return sighting.Register, true
	}
	return sighting.Report, false
}

// isUploadTime knows the names under which providers put the time of upload
// among their remarks (Dropbox: "Upload Date and Time").
func isUploadTime(name string) bool {
	switch letters(name) {
	case "uploaddateandtime", "uploaddatetime", "uploadtime", "uploaddate", "uploadtimestamp",
		"uploaded", "uploadedat", "uploadedon", "dateuploaded", "timeuploaded", "datetimeuploaded":
		return true
	}
	return false
}

// deviceKind gives the kind of a device's number. An SSID names a network, not a
// device, and is no identifier.
func deviceKind(idType string) sighting.IDKind {
	switch letters(idType) {
	case "imei":
		return sighting.IMEI
	case "imsi":
		return sighting.IMSI
	case "iccid":
		return sighting.ICCID
	case "mac", "macaddress":
		return sighting.MAC
	case "ssid", "bssid":
		return ""
	}
	return sighting.Device
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
