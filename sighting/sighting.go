// Package sighting is the shared record: this identifier did this act, at this
// time, from this endpoint, with this content, as stated at this place in this
// source. Any part may be missing.
//
// Takes what readers understood. Gives typed values with stable IDs. Never
// weighs, never joins, never completes what a source left out.
//
// Two sister records travel the same way: a Lease is an operator's statement of
// who held an address, a Listing is a list's statement that a digest is known.
package sighting

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
)

// Act is what was done. Received is not shared; offered is not sent.
type Act string

// The acts (design.md).
const (
	Register Act = "register"  // opened an account
	Login    Act = "log in"    // or used the account in a way that leaves an address
	Upload   Act = "upload"    // put content on a service
	Offer    Act = "offer"     // advertised content to peers; nothing is known to have been sent
	Send     Act = "send"      // sent content to stated recipients
	Receive  Act = "receive"   // was sent content
	Forward  Act = "forward"   // passed on content that someone else had sent
	Download Act = "download"  // fetched content
	View     Act = "view"      // looked at content
	Hold     Act = "hold"      // had content on a device or in an account
	Report   Act = "report"    // was reported, or the content was, to an authority
	TakeDown Act = "take down" // content or account removed
	Call     Act = "call"      // spoke with the other side over the telephone, or tried to, in either direction
)

// Acts lists every act in the order in which they are shown.
func Acts() []Act {
	return []Act{Register, Login, Upload, Offer, Send, Receive, Forward, Download, View, Hold, Report, TakeDown, Call}
}

// Known tells whether the act is one of the list.
func (a Act) Known() bool {
	for _, k := range Acts() {
		if a == k {
			return true
		}
	}
	return false
}

// Spreads tells whether the act passes content on to someone. Receiving,
// holding and offering do not (IPED issues 2548 and 2786 tell of the harm).
func (a Act) Spreads() bool { return a == Upload || a == Send || a == Forward }

// Standing says how the one who states a sighting came to know it. It orders the
// candidates for the first upload (formats.md §8.9) and parts proven from
// claimed.
type Standing string

// The standings, strongest first.
const (
	ProviderCapture  Standing = "provider capture"    // a provider's own log of this act with address (ESP upload capture)
	ProviderRecord   Standing = "provider record"     // a provider's record of the item (Meta: Upload Ip, Uploaded)
	ProviderMetadata Standing = "provider metadata"   // a provider's remark about the item (espMetadata upload time)
	MessageLog       Standing = "message log"         // a provider's log of messages
	Observation      Standing = "network observation" // seen by a sensor or investigator on a peer-to-peer network
	DeviceFile       Standing = "device file"         // file times and databases on a seized device, which its owner could change
	Statement        Standing = "statement"           // what a person, or an export made by a person, says
)

// Rank gives 1 for the strongest standing; an unknown one ranks last.
func (s Standing) Rank() int {
	for n, k := range []Standing{ProviderCapture, ProviderRecord, ProviderMetadata, MessageLog, Observation, DeviceFile, Statement} {
		if s == k {
			return n + 1
		}
	}
	return 8
}

// Proven tells whether the time and act come from a system that the person
// acting could not write to. What a device or a person says is only claimed.
func (s Standing) Proven() bool { return s.Rank() <= Observation.Rank() }

// Place is where in a source something is stated: a range of bytes, in the
// source itself or in a file inside it (a zip). The text form is
// "member!start-end", or "start-end" where there is no member; members nest.
type Place struct {
	Member  string `json:"member,omitempty"`
	Start   int64  `json:"start"`
	End     int64  `json:"end"`               // exclusive
	Locator string `json:"locator,omitempty"` // for people: "row 12", "$.uploadedFiles[0]", "Photos, record 3"
}

// String gives the text form without the locator.
func (p Place) String() string {
	r := strconv.FormatInt(p.Start, 10) + "-" + strconv.FormatInt(p.End, 10)
	if p.Member == "" {
		return r
	}
	return p.Member + "!" + r
}

// ParsePlace reads the form of String.
func ParsePlace(text string) (Place, error) {
	member, r := "", text
	if n := strings.LastIndexByte(text, '!'); n >= 0 {
		member, r = text[:n], text[n+1:]
	}
	from, to, found := strings.Cut(r, "-")
	start, err1 := strconv.ParseInt(from, 10, 64)
	end, err2 := strconv.ParseInt(to, 10, 64)
	if !found || err1 != nil || err2 != nil || start < 0 || end < start {
		return Place{}, fault.Newf(fault.Invalid, "place %q is not of the form START-END or MEMBER!START-END", text)
	}
	return Place{Member: member, Start: start, End: end}, nil
}

// Endpoint is an address with its port. Port 0 means that none was stated.
type Endpoint struct {
	IP       netip.Addr `json:"ip,omitzero"`
	Port     uint16     `json:"port,omitempty"`
	Protocol string     `json:"protocol,omitempty"` // "TCP", "UDP"; empty: not stated
}

// IsZero tells whether no address was stated.
func (e Endpoint) IsZero() bool { return !e.IP.IsValid() }

// String writes ip, ip:port or [ip6]:port.
func (e Endpoint) String() string {
	switch {
	case e.IsZero():
		return ""
	case e.Port == 0:
		return e.IP.String()
	}
	return netip.AddrPortFrom(e.IP, e.Port).String()
}

// ParseEndpoint reads an address and a separate port as documents write them.
// The port may be empty. An IPv4 address mapped into IPv6 is taken as IPv4; a
// zone ("fe80::1%eth0") is refused.
func ParseEndpoint(ip, port string) (Endpoint, error) {
	addr, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(ip), "[]"))
	if err != nil || addr.Zone() != "" {
		return Endpoint{}, fault.Newf(fault.Invalid, "address %q is not an IP address", ip)
	}
	e := Endpoint{IP: addr.Unmap()}
	port = strings.TrimSpace(port)
	if port == "" || port == "0" {
		return e, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Endpoint{}, fault.Newf(fault.Invalid, "port %q is not a number from 1 to 65535", port)
	}
	e.Port = uint16(n)
	return e, nil
}

// Content is what a source says of a file: its digests, and the names that the
// source uses for it.
type Content struct {
	Digests   []digest.Digest `json:"digests,omitempty"`
	Refs      []string        `json:"refs,omitempty"` // names that a service gives to one exact file: "kik:0000-…"
	Name      string          `json:"name,omitempty"` // a file name is never a reason to join
	MediaType string          `json:"media_type,omitempty"`
	Size      int64           `json:"size,omitempty"` // bytes; 0: not stated
	Quality   int             `json:"quality,omitempty"`
	Forms     []Form          `json:"pdq_forms,omitempty"`
}

// Form says what was done to a picture before one of its PDQ values was taken. A list
// may hold either preparation, and values of turned pictures, and does not say which.
type Form struct {
	Value       digest.Digest `json:"value"`
	Preparation string        `json:"preparation"`           // "full" or "nn512", see package pdq
	Orientation string        `json:"orientation,omitempty"` // in which it was turned first, as its EXIF data says it is shown
	Quality     int           `json:"quality,omitempty"`     // 0 to 100; 0: not stated
}

// FormOf finds what is stated of a value.
func FormOf(forms []Form, value digest.Digest) (Form, bool) {
	for _, f := range forms {
		if f.Value == value {
			return f, true
		}
	}
	return Form{}, false
}

// Identified tells whether something identifies the content: a digest, or a
// service's own name. A file name does not.
func (c Content) Identified() bool { return len(c.Digests) > 0 || len(c.Refs) > 0 }

// Field is a stated thing that has no place of its own in the record.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Origin is what every record carries: where it was stated and who read it.
type Origin struct {
	ID      string `json:"id"`             // of the record; see Identify
	Source  string `json:"source"`         // SHA-256 of the sealed original, hex
	Reader  string `json:"reader"`         // name of the format
	Version int    `json:"reader_version"` // of the reader
	Place   Place  `json:"place"`
	Part    string `json:"part,omitempty"` // tells apart several records of one place
}

// Identify gives the ID that follows from source, reader, place and part. The
// version is left out on purpose: a newer reader's record takes the place of the
// older one's, visibly.
func (o Origin) Identify() string {
	sum := sha256.Sum256([]byte("suraag record 1\n" + o.Source + "\n" + o.Reader + "\n" + o.Place.String() + "\n" + o.Part))
	return hex.EncodeToString(sum[:16])
}

// Sighting is the shared record.
type Sighting struct {
	Origin
	Act      Act             `json:"act"`
	When     instant.Instant `json:"when,omitzero"`
	Who      []Identifier    `json:"who,omitempty"`     // all stated to be the one who acted
	To       []Identifier    `json:"to,omitempty"`      // the other side; each may be someone else
	Via      []Identifier    `json:"via,omitempty"`     // where it went through: group, thread, URL, message, report
	Service  string          `json:"service,omitempty"` // as the source names it
	Client   string          `json:"client,omitempty"`  // program and version, as stated
	From     Endpoint        `json:"from,omitzero"`     // where the act came from
	At       Endpoint        `json:"at,omitzero"`       // the far side: server, sensor
	Content  Content         `json:"content,omitzero"`
	Standing Standing        `json:"standing"`
	Grade    string          `json:"grade,omitempty"` // of a network observation: G0 to G3 (attribution.md §1.5)
	Text     string          `json:"text,omitempty"`  // the words of a message, as stated at the place; see Say
	Extra    []Field         `json:"extra,omitempty"`
	Notes    []string        `json:"notes,omitempty"` // doubts that the reader has
}

// MaxText is how much of a message's words a record holds, in bytes. The longest
// that a messenger lets through (WhatsApp: 65,536 characters) stand whole in the
// original.
const MaxText = 16 << 10

// Say keeps the words of a message, as the source states them: nothing is taken
// away but what is beyond MaxText, and then a note says so. They are a person's
// own words and may name a child or tell what was done to one: whoever shows,
// compares or hands on a record has to treat them as the most private part of it.
func (s *Sighting) Say(text string) {
	if text = strings.ToValidUTF8(text, "\ufffd"); len(text) > MaxText {
		s.Notes = append(s.Notes, "the message has "+strconv.Itoa(len(text))+" bytes; the record holds the first "+strconv.Itoa(MaxText))
		text = strings.ToValidUTF8(text[:MaxText], "")
	}
	s.Text = text
}

// Lease is an operator's statement that between two moments an address (and, for
// shared addresses, a port) belonged to something or someone.
type Lease struct {
	Origin
	Kind     LeaseKind       `json:"kind"`
	Operator string          `json:"operator,omitempty"`
	Public   Endpoint        `json:"public,omitzero"`
	PortLast uint16          `json:"port_last,omitempty"` // last of a block that begins at Public.Port; 0: one port
	Private  Endpoint        `json:"private,omitzero"`    // behind the operator's translation
	Dest     Endpoint        `json:"dest,omitzero"`       // the far side, where the operator logs it
	From     instant.Instant `json:"from,omitzero"`
	To       instant.Instant `json:"to,omitzero"`
	Who      []Identifier    `json:"who,omitempty"` // the subscriber's identifiers
	Name     string          `json:"name,omitempty"`
	Address  string          `json:"address,omitempty"`
	Static   string          `json:"static,omitempty"` // "Static" or "Dynamic" as stated
	Extra    []Field         `json:"extra,omitempty"`
	Notes    []string        `json:"notes,omitempty"`
}

// LeaseKind says what kind of row stated the lease.
type LeaseKind string

// The kinds of lease.
const (
	NAT        LeaseKind = "nat"        // public address and port ↔ private address and port
	IPDR       LeaseKind = "ipdr"       // address and port ↔ subscriber
	Subscriber LeaseKind = "subscriber" // an operator's answer: address at a moment ↔ subscriber
)

// Tri is a flag that a source may leave unstated. Absent is not false.
type Tri string

// The three states.
const (
	Unstated Tri = ""
	Yes      Tri = "yes"
	No       Tri = "no"
)

// Listing is a list's statement that a digest is known, or that an entry which it
// made before is taken back.
type Listing struct {
	Origin
	Digests   []digest.Digest `json:"digests"`
	Withdrawn bool            `json:"withdrawn,omitempty"` // the entries of this list with the same Ref are taken back up to Updated; digests need not be stated again
	Scheme    string          `json:"scheme,omitempty"`    // of the category: "VICS US", "INTERPOL baseline"
	Category  string          `json:"category,omitempty"`  // code in the scheme; empty: not stated, which is not 0
	Ref       string          `json:"ref,omitempty"`       // the list's own number for the entry, whole: "42/image1" where members number by themselves
	Series    string          `json:"series,omitempty"`
	Tags      []string        `json:"tags,omitempty"`
	MediaType string          `json:"media_type,omitempty"`
	Size      int64           `json:"size,omitempty"`
	Quality   int             `json:"quality,omitempty"` // of the PDQ value; 0: not stated
	Updated   instant.Instant `json:"updated,omitzero"`
	Flags     map[string]Tri  `json:"flags,omitempty"` // VictimIdentified, OffenderIdentified, IsDistributed …
	Extra     []Field         `json:"extra,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
}

// ReadTri reads a flag: true/false in any case, 1/0, yes/no; nothing, null and
// "N/A" are unstated. Anything else is unstated and not understood.
func ReadTri(text string) (t Tri, understood bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "yes", "y":
		return Yes, true
	case "false", "0", "no", "n":
		return No, true
	case "", "null", "n/a", "na", "none":
		return Unstated, true
	}
	return Unstated, false
}

// Stated tells whether a value of a document says anything: nothing, "null",
// "N/A" and a dash do not (formats.md, import rule 2).
func Stated(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "null", "n/a", "na", "-", "none", "not provided", "no information provided":
		return false
	}
	return true
}
