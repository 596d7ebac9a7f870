package sighting

import (
	"net/url"
	"strings"

	"suraag/fault"
)

// IDKind types an identifier, so that a phone number is never compared with an
// account number.
type IDKind string

// The kinds of identifier.
const (
	Phone   IDKind = "phone"   // E.164: + and digits
	Email   IDKind = "email"   // lower case
	Account IDKind = "account" // the number or opaque id that a service gives; does not change
	Handle  IDKind = "handle"  // the name at a service; can change hands
	UserID  IDKind = "userid"  // login at an access operator
	Device  IDKind = "device"  // a device id of a service
	IMEI    IDKind = "imei"    // 14 to 16 digits (3GPP TS 23.003 §6)
	IMSI    IDKind = "imsi"    // 14 or 15 digits (3GPP TS 23.003 §2)
	ICCID   IDKind = "iccid"   // of a SIM
	MAC     IDKind = "mac"     // of a network card; home routers state it, phones randomise it
	Peer    IDKind = "peer"    // peer id, GUID or user hash: self-chosen, links but never identifies (rule R15)
	Payment IDKind = "payment" // UPI id, wallet, card token
	Camera  IDKind = "camera"  // serial number of a camera
	URL     IDKind = "url"     // where content was
	Group   IDKind = "group"   // a group, channel or thread
	Message IDKind = "message" // a message at a service
	Case    IDKind = "case"    // a report or case number of an authority: "CyberTip 100000001"
	Exhibit IDKind = "exhibit" // a seized device or medium, as the forensic tool numbers it
	Person  IDKind = "name"    // a name in words; never links
)

// IDKinds lists every kind of identifier.
func IDKinds() []IDKind {
	return []IDKind{Phone, Email, Account, Handle, UserID, Device, IMEI, IMSI, ICCID, MAC, Peer, Payment, Camera, URL, Group, Message, Case, Exhibit, Person}
}

// Links tells whether two records with this identifier speak of one someone. A
// group, a message, a URL, a name and a case number belong to many; a handle can
// change hands but does link at one service, weakly.
func (k IDKind) Links() bool {
	switch k {
	case URL, Group, Message, Case, Person, Exhibit:
		return false
	}
	return true
}

// Identifier is a typed value. Value is in the one canonical form of its kind,
// so that equal identifiers are equal with ==.
type Identifier struct {
	Kind    IDKind `json:"kind"`
	Service string `json:"service,omitempty"` // whose account, handle, device, group or message; lower case
	Value   string `json:"value"`
}

// String writes "kind:value", or "kind:service:value" where a service gives the
// value its meaning.
func (i Identifier) String() string {
	if i.Service == "" {
		return string(i.Kind) + ":" + i.Value
	}
	return string(i.Kind) + ":" + i.Service + ":" + i.Value
}

// Links tells whether this very identifier speaks of one someone. A value whose
// meaning hangs on a service that nobody stated does not: two operators may both
// have a "user 1".
func (i Identifier) Links() bool {
	return i.Kind.Links() && !(i.Kind.ownedByService() && i.Service == "")
}

// ownedByService kinds mean nothing without the service that issued them.
func (k IDKind) ownedByService() bool {
	switch k {
	case Account, Handle, Device, Group, Message, UserID:
		return true
	}
	return false
}

// maxIdentifier bounds a value; the longest honest ones are URLs.
const maxIdentifier = 2048

// Identify puts a value into the canonical form of its kind. The service is kept
// only for kinds that a service issues. A value in scientific notation is
// refused, because a spreadsheet has destroyed it (formats.md, import rule 8).
func Identify(kind IDKind, service, value string) (Identifier, error) {
	value = strings.TrimSpace(value)
	if !Stated(value) {
		return Identifier{}, fault.Newf(fault.Invalid, "%s %q states nothing", kind, value)
	}
	if len(value) > maxIdentifier {
		return Identifier{}, fault.Newf(fault.TooLarge, "%s %q… has %d characters, more than %d", kind, value[:40], len(value), maxIdentifier)
	}
	id := Identifier{Kind: kind, Value: value}
	if kind.ownedByService() {
		id.Service = ServiceKey(service)
	}
	var err error
	switch kind {
	case Phone:
		id.Value, err = phone(value)
	case Email:
		id.Value = strings.ToLower(value)
		if at := strings.IndexByte(value, '@'); at < 1 || at == len(value)-1 || strings.ContainsAny(value, " \t\n") {
			err = fault.Newf(fault.Invalid, "e-mail %q has no name and domain around an @", value)
		}
	case Handle:
		id.Value = strings.ToLower(strings.TrimPrefix(value, "@"))
	case IMEI, IMSI, ICCID:
		id.Value, err = digits(kind, value)
	case MAC:
		id.Value, err = mac(value)
	case URL:
		id.Value, err = address(value)
	case Peer, Payment, UserID:
		id.Value = strings.ToLower(value)
	}
	if id.Value == "" && err == nil {
		err = fault.Newf(fault.Invalid, "%s %q states nothing", kind, value)
	}
	return id, err
}

// ServiceKey is the form under which a service is compared: lower case, without
// the company's legal form. "Instagram" and "instagram" are one; "Instagram" and
// "Facebook" are not.
func ServiceKey(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, tail := range []string{", inc.", ", inc", " inc.", " inc", ", llc", " llc", " ltd.", " ltd"} {
		name = strings.TrimSuffix(name, tail)
	}
	return strings.TrimSpace(name)
}

// scientific finds numbers that a spreadsheet rounded: 9.19E+11.
func scientific(s string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(s), "E+")
	return found && strings.Trim(mantissa, "0123456789.") == "" && strings.Trim(exponent, "0123456789") == ""
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().\u00a0\u202f'\"", r) {
			return -1
		}
		return r
	}, s)
}

// Indian puts the country before an Indian mobile number that lacks it: ten digits
// that begin with 6 to 9 (National Numbering Plan, DoT), also behind the trunk zero.
// Anything else comes back as it is. It is for what Indian operators, complainants
// and officers wrote: elsewhere ten such digits are a number of the United States,
// behind a zero one of the United Kingdom, or one of Singapore with its country.
func Indian(number string) string {
	s := plain(number)
	if len(s) == 11 && s[0] == '0' {
		s = s[1:]
	}
	if len(s) == 10 && s[0] >= '6' && strings.Trim(s, "0123456789") == "" {
		return "+91" + s
	}
	return number
}

// phone gives + and digits. Records of operators and messengers write numbers in
// the international form without the plus (ITU-T E.164: at most 15 digits, none of
// which is a leading zero). A number of ten digits and less without plus is a
// national one as often as not, so it names nobody by itself; see Indian.
func phone(value string) (string, error) {
	if scientific(value) {
		return "", fault.Newf(fault.Invalid, "phone %q was rounded by a spreadsheet; ask for the file as text", value)
	}
	s := plain(value)
	s, _, whatsApp := strings.Cut(s, "@") // 910000000002@s.whatsapp.net
	plus := whatsApp || strings.HasPrefix(s, "+")
	s = strings.TrimPrefix(s, "+")
	if !plus && strings.HasPrefix(s, "00") {
		s, plus = s[2:], true
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", fault.Newf(fault.Invalid, "phone %q has other characters than digits", value)
	}
	if len(s) <= 15 && s[0] != '0' && (len(s) >= 7 && plus || len(s) >= 11) {
		return "+" + s, nil
	}
	return "", fault.Newf(fault.Invalid, "phone %q has %d digits and no country, so it names nobody for certain", value, len(s))
}

func digits(kind IDKind, value string) (string, error) {
	if scientific(value) {
		return "", fault.Newf(fault.Invalid, "%s %q was rounded by a spreadsheet; ask for the file as text", kind, value)
	}
	s := plain(value)
	least, most := 14, 16
	if kind == ICCID {
		least, most = 18, 22
	}
	if strings.Trim(s, "0123456789") != "" || len(s) < least || len(s) > most {
		return "", fault.Newf(fault.Invalid, "%s %q is not %d to %d digits", kind, value, least, most)
	}
	return s, nil
}

func mac(value string) (string, error) {
	s := strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "").Replace(value))
	if len(s) != 12 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fault.Newf(fault.Invalid, "mac %q is not 12 hex digits", value)
	}
	return s, nil
}

// address lower-cases scheme and host only; a path may distinguish case.
func address(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return "", fault.Newf(fault.Invalid, "url %q has no host", value)
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return u.String(), nil
}

// ParseIdentifier reads "kind:value" or "kind:service:value", the form of String. It
// is what people type, so a telephone number may lack its country; see Indian.
func ParseIdentifier(text string) (Identifier, error) {
	kind, rest, found := strings.Cut(text, ":")
	if !found {
		return Identifier{}, fault.Newf(fault.Invalid, "identifier %q has no kind before a colon", text)
	}
	for _, k := range IDKinds() {
		if string(k) != strings.ToLower(kind) {
			continue
		}
		if k == Phone {
			rest = Indian(rest)
		}
		if !k.ownedByService() {
			return Identify(k, "", rest)
		}
		service, value, found := strings.Cut(rest, ":")
		if !found {
			service, value = "", rest
		}
		return Identify(k, service, value)
	}
	return Identifier{}, fault.Newf(fault.Invalid, "identifier kind %q is not known", kind)
}
