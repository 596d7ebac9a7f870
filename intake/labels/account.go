package labels

import (
	"bytes"
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"strings"

	"suraag/instant"
	"suraag/intake"
	"suraag/sighting"
)

// Peek says what the head of a file shows: the service that its request names,
// and the sections that begin in it.
func Peek(head []byte) (service string, sections []string) {
	seen := map[string]bool{}
	for _, m := range sectionID.FindAllSubmatch(head, 1000) {
		if name := string(m[1]); !seen[name] {
			seen[name] = true
			sections = append(sections, name)
		}
	}
	if len(sections) == 0 {
		return "", nil
	}
	// The head ends in the middle of the file; what stands before that counts.
	_ = walk(bytes.NewReader(head), visitor{
		value: func(v Value) error {
			if service == "" && v.Section == Request && v.Label == "Service" {
				service = v.Text
			}
			return nil
		},
		end:  func(string, int64, int64) error { return nil },
		note: func(int64, int64, string) error { return nil },
	})
	return service, sections
}

var sectionID = regexp.MustCompile(`<div[^<>]{0,200}\bid="property-([^"<>]{1,100})"`)

// Request is the section in which Meta repeats what it was asked.
const Request = "request_parameters"

// RequestShape is the shape of that section.
func RequestShape() Shape {
	return Shape{Known: []string{"Service", "Internal Ticket Number", "Target", "Account Identifier", "Account Type", "Generated", "Date Range"}}
}

// Account is the account about which the return was made.
type Account struct {
	Service string
	Who     []sighting.Identifier // all of the one account
	Extra   []sighting.Field      // what the request says besides
	Notes   []string
}

// ReadRequest reads the section of the request. An identifier of no certain kind
// stays a field, because it must not link accounts.
func ReadRequest(r *Record, fallback string) Account {
	a := Account{Service: r.Get("Service")}
	if a.Service == "" {
		a.Service = fallback
	}
	if target := r.Get("Target"); target != "" {
		a.identify(sighting.Account, "Target", target)
	}
	for line := range strings.SplitSeq(r.Get("Account Identifier"), "\n") {
		if line == "" {
			continue
		}
		if k := kindOfAccount(line); k != "" {
			a.identify(k, "Account Identifier", line)
		} else {
			a.Extra = append(a.Extra, sighting.Field{Name: "Account Identifier", Value: line})
		}
	}
	a.Extra = append(a.Extra, r.Rest()...)
	return a
}

func (a *Account) identify(k sighting.IDKind, label, value string) {
	id, err := sighting.Identify(k, a.Service, value)
	if err != nil {
		a.Extra = append(a.Extra, sighting.Field{Name: label, Value: value})
		a.Notes = append(a.Notes, err.Error())
		return
	}
	a.Add(id)
}

// Add puts an identifier to the account, once.
func (a *Account) Add(id sighting.Identifier) {
	for _, have := range a.Who {
		if have == id {
			return
		}
	}
	a.Who = append(a.Who, id)
}

// Has tells whether the identifier is one of the account.
func (a *Account) Has(id sighting.Identifier) bool {
	for _, have := range a.Who {
		if have == id {
			return true
		}
	}
	return false
}

// kindOfAccount judges the words by which an account was asked for.
func kindOfAccount(text string) sighting.IDKind {
	switch {
	case strings.HasPrefix(text, "+"):
		return sighting.Phone
	case strings.Index(text, "@") > 0:
		return sighting.Email
	case strings.ContainsAny(text, "/ \t"):
		return ""
	case strings.Trim(text, "0123456789") == "":
		return sighting.Account
	}
	return sighting.Handle
}

// Person is one account as Meta writes it in lists: "name (Instagram: 9000…)".
type Person struct {
	Name   string
	Number string // empty: none stated
}

var person = regexp.MustCompile(`^(.*?)\s*\(([^():]*):\s*(\d{3,25})\)$`)

// ReadPerson splits the words.
func ReadPerson(text string) Person {
	text = strings.TrimSpace(text)
	if m := person.FindStringSubmatch(text); m != nil {
		return Person{Name: strings.TrimSpace(m[1]), Number: m[3]}
	}
	return Person{Name: text}
}

// Identifier gives the number of the account where it is stated, else the name:
// a handle where it has no blanks, else words that link nobody.
func (p Person) Identifier(service string) (sighting.Identifier, error) {
	switch {
	case p.Number != "":
		return sighting.Identify(sighting.Account, service, p.Number)
	case strings.ContainsAny(p.Name, " \t\n"):
		return sighting.Identify(sighting.Person, "", p.Name)
	}
	return sighting.Identify(sighting.Handle, service, p.Name)
}

// Endpoint reads an address that may carry its port: "192.0.2.1:443",
// "[2001:db8::1]:443". A port stated beside it goes first.
func Endpoint(text, port string) (sighting.Endpoint, error) {
	if ap, err := netip.ParseAddrPort(text); err == nil && port == "" && ap.Addr().Zone() == "" {
		return sighting.Endpoint{IP: ap.Addr().Unmap(), Port: ap.Port()}, nil
	}
	return sighting.ParseEndpoint(text, port)
}

// Draft is a sighting in the making, with what the record states of it.
type Draft struct {
	sighting.Sighting
	record *Record
	rule   instant.Rule
	sink   intake.Sink
}

// NewDraft begins a sighting at the place of a record.
func NewDraft(r *Record, act sighting.Act, standing sighting.Standing, a *Account, in *intake.Input, sink intake.Sink) *Draft {
	d := &Draft{record: r, rule: in.Options.Rule(), sink: sink}
	d.Act, d.Standing, d.Service = act, standing, a.Service
	d.Place = r.Place()
	if a.Service == "" {
		d.Note("the return does not name its service before this record")
	}
	return d
}

// Note adds a doubt.
func (d *Draft) Note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// Keep stores a value that has no place of its own.
func (d *Draft) Keep(name, value string) {
	if sighting.Stated(value) {
		d.Extra = append(d.Extra, sighting.Field{Name: name, Value: value})
	}
}

// Time reads the time under a label. A time that cannot be read stays as words.
func (d *Draft) Time(label string) error {
	text := d.record.Get(label)
	if text == "" {
		return nil
	}
	when, err := instant.Parse(text, d.rule)
	if err == nil {
		d.When = when
		return nil
	}
	d.Keep(label, text)
	d.Note("%v", err)
	return d.sink.Note(d.Place, err.Error())
}

// Address reads the address under a label, with the port under another.
func (d *Draft) Address(label, portLabel string) {
	text, port := d.record.Get(label), ""
	if portLabel != "" {
		port = d.record.Get(portLabel)
	}
	if text == "" {
		d.Keep(portLabel, port)
		return
	}
	from, err := Endpoint(text, port)
	if err != nil {
		d.Keep(label, text)
		d.Keep(portLabel, port)
		d.Note("%v", err)
		// A bad port does not make the address wrong.
		if from, err = Endpoint(text, ""); err != nil {
			return
		}
	}
	d.From = from
}

// ID reads an identifier into a list; one that is none stays as words.
func (d *Draft) ID(list *[]sighting.Identifier, k sighting.IDKind, label, value string) {
	if !sighting.Stated(value) {
		return
	}
	id, err := sighting.Identify(k, d.Service, value)
	if err != nil {
		d.Keep(label, value)
		d.Note("%v", err)
		return
	}
	*list = append(*list, id)
}

// Media gives the name of a linked file, which is never opened. A path that
// leads outside gives nothing.
func (d *Draft) Media(linked string) string {
	linked = strings.ReplaceAll(strings.TrimSpace(linked), `\`, "/")
	if linked == "" {
		return ""
	}
	if !intake.SafePath(linked) {
		d.Note("linked path %q leads outside, not used", short(linked))
		return ""
	}
	return path.Base(linked)
}

// Give hands the sighting on with everything that was not asked for.
func (d *Draft) Give(part string) error {
	d.Part = part
	d.Extra = append(d.Extra, d.record.Rest()...)
	return d.sink.Sighting(d.Sighting)
}

// WhatsApp tells by the sections whether a return is WhatsApp's, where its
// request does not name the service.
func WhatsApp(sections []string) bool {
	for _, name := range sections {
		switch name {
		case "message_log", "call_logs", "connection_info", "web_info", "groups_info", "address_book_info":
			return true
		}
	}
	return false
}
