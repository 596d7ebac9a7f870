package arrive

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"suraag/fault"
)

// What programs and the unit's server say to each other, as JSON (doc/remote.md).
//
// A program announces a document; the server answers with its receipt, where this
// very hand-in was made before, or says under which ID and from which byte on to
// send it. When the last byte has come it answers with the receipt.

// Announcement is what a program says of a document before it sends it.
type Announcement struct {
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Name      string `json:"name"`
	Authority string `json:"authority"`
	Case      string `json:"case,omitempty"` // ID or number, or "unit"; a machine may leave it out
	Zone      string `json:"zone,omitempty"`
	DateOrder string `json:"date_order,omitempty"`
	Service   string `json:"service,omitempty"`
	Format    string `json:"format,omitempty"`
	ListName  string `json:"list_name,omitempty"` // of a list of known digests, with ListFrom
	ListFrom  string `json:"list_from,omitempty"`
}

// The most bytes of a field, and of the name of a file (NAME_MAX of Linux).
const (
	maxField = 4096
	maxName  = 255
)

// Checked refuses words that could not be kept as they were said: a receipt repeats
// them, and is compared with them.
func (a Announcement) Checked() error {
	for _, f := range [][2]string{
		{"name", a.Name}, {"authority", a.Authority}, {"case", a.Case}, {"zone", a.Zone}, {"date_order", a.DateOrder}, {"service", a.Service}, {"format", a.Format},
		{"list_name", a.ListName}, {"list_from", a.ListFrom},
	} {
		name, value := f[0], f[1]
		if len(value) > maxField {
			return fault.Newf(fault.TooLarge, "field %q has more than %d bytes", name, maxField)
		}
		if !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }) {
			return fault.Newf(fault.Invalid, "field %q holds a character that cannot be read: %q", name, cut(value))
		}
		if strings.TrimSpace(value) != value {
			return fault.Newf(fault.Invalid, "field %q begins or ends with a space: %q", name, cut(value))
		}
	}
	if a.Name == "" || a.Name == "." || a.Name == ".." || len(a.Name) > maxName || strings.ContainsAny(a.Name, `/\`) {
		err := fault.Newf(fault.Invalid, "%q is no name of a file", cut(a.Name))
		return fault.WithHint(err, "give a name of at most 255 bytes, without its folder")
	}
	return nil
}

// Answer is what the server says.
type Answer struct {
	Upload  string   `json:"upload,omitempty"` // ID under which the bytes are sent
	Offset  int64    `json:"offset"`           // how many have come
	Receipt *Receipt `json:"receipt,omitempty"`
}

// Receipt says that a document was handed in, as this sender handed it in. That
// others brought the same bytes, or when, it does not say.
type Receipt struct {
	ID        string    `json:"id"` // SHA-256 of the bytes
	Size      int64     `json:"size"`
	Name      string    `json:"name"`
	BroughtBy string    `json:"brought_by"`
	Authority string    `json:"authority"`
	At        time.Time `json:"at"`
}

// Renewal is a machine's request for its next certificate, and the answer to it.
type Renewal struct {
	Request     string `json:"request,omitempty"`     // PEM
	Certificate string `json:"certificate,omitempty"` // PEM
}

// Refusal is an error as the server says it.
type Refusal struct {
	Kind  string `json:"kind"`
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

// MaxAnswer bounds what either side takes of such words.
const MaxAnswer = 64 << 10
