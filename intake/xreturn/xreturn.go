// Package xreturn reads what X (Twitter) answers an authority: text files with
// JSON in them, signed in the clear.
//
// Takes one file of the return. Gives log-ins, registrations and messages. The
// signature is not checked here; its place is noted, and it stands in the original
// as it was given, so that anyone can check it.
//
// Names: RLEAPP's reader of such returns (MIT, abrignoni/RLEAPP); see formats.md §5.4.
package xreturn

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

const service = "X"

// maxReturn bounds a file; it is held whole, because the signature stands behind.
const maxReturn = 256 << 20

// The lines of a text that is signed in the clear (RFC 9580 §7).
const (
	signed    = "-----BEGIN PGP SIGNED MESSAGE-----"
	signature = "-----BEGIN PGP SIGNATURE-----"
	signEnd   = "-----END PGP SIGNATURE-----"
)

// Format reads one file of a return.
func Format() intake.Format {
	return intake.Format{
		Name: "x/return", Title: "X (Twitter) return (signed text)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: `a PGP-signed text, or JSON, with "ipAudit", "loginIp", "userCreationIp", "clientApplicationId" or "senderId" beside "accountId" or "recipientId"`,
		Sniff: sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	has := func(names ...string) bool {
		for _, n := range names {
			if bytes.Contains(h.Bytes, []byte(`"`+n+`"`)) {
				return true
			}
		}
		return false
	}
	ours := has("ipAudit", "loginIp", "userCreationIp", "clientApplicationId", "accountDisplayName") || has("senderId") && has("recipientId")
	switch isSigned := bytes.HasPrefix(bytes.TrimSpace(h.Bytes), []byte(signed)); {
	case isSigned && ours:
		return intake.Likeness{Score: 98, Why: "a signed text with records of X"}
	case isSigned:
		return intake.Likeness{Score: 30, Why: "it is signed, but has none of the records of X that are known"}
	case ours && has("accountId", "accountDisplayName"):
		return intake.Likeness{Score: 75, Why: "records of X"}
	}
	return intake.Likeness{Why: "it has none of the records of X that are known"}
}

func read(in *intake.Input, sink intake.Sink) error {
	data, err := io.ReadAll(io.LimitReader(in.Body, maxReturn+1))
	switch {
	case err != nil:
		return err
	case len(data) > maxReturn:
		return fault.Newf(fault.TooLarge, "the file has more than %d bytes", maxReturn)
	}
	body, base, err := unsign(data, sink)
	if err != nil {
		return err
	}
	json, err := jsonwalk.New(bytes.NewReader(body), jsonwalk.Limits{Bytes: 4 << 20, Nodes: 100_000, Depth: 24})
	if err != nil {
		return err
	}
	count := 0
	err = json.Walk(func(way, _ string) bool { return way == "$" }, func(_, locator string, n jsonwalk.Node) error {
		count++
		at := sighting.Place{Start: base + n.Start(), End: base + n.End(), Locator: locator}
		d, problem := record(n, at, in.Options.Rule())
		if problem != "" {
			return sink.Bad(at, problem)
		}
		return sink.Sighting(d.Sighting)
	}, func(locator string, o *jsonwalk.Oversize) error {
		count++
		return sink.Bad(sighting.Place{Start: base + o.Start, End: base + o.End, Locator: locator}, o.Why)
	})
	if err == nil && count == 0 {
		return sink.Note(sighting.Place{Start: base, End: base + int64(len(body)), Locator: "$"}, "the file holds no records")
	}
	return err
}

// unsign gives the text between the header of a signed message and its signature,
// with the place where it begins. Lines that the signing has escaped keep their
// length, so that every place stays true.
func unsign(data []byte, sink intake.Sink) (body []byte, base int64, err error) {
	start := bytes.Index(data, []byte(signed))
	if start < 0 || len(bytes.TrimSpace(bytes.TrimPrefix(data[:start], []byte("\ufeff")))) > 0 {
		return data, 0, sink.Note(sighting.Place{End: int64(min(len(data), 64)), Locator: "beginning"}, "the file is not signed")
	}
	rest := data[start:]
	begin, eol := bytes.Index(rest, []byte("\n\n")), 2
	if crlf := bytes.Index(rest, []byte("\r\n\r\n")); begin < 0 || crlf >= 0 && crlf < begin {
		begin, eol = crlf, 4
	}
	if begin < 0 {
		return nil, 0, fault.Newf(fault.Invalid, "the signed text has no blank line after its header")
	}
	begin += start + eol
	end := bytes.Index(data[begin:], []byte(signature))
	if end < 0 {
		return nil, 0, fault.Newf(fault.Invalid, "the signed text has no signature: it is cut off")
	}
	end += begin
	last, text := len(data), "signed in the clear; the signature stands here and is not checked by this reader"
	if n := bytes.Index(data[end:], []byte(signEnd)); n >= 0 {
		last = end + n + len(signEnd)
	} else {
		text = "the signature is cut off"
	}
	body = bytes.ReplaceAll(data[begin:end], []byte("\n- "), []byte("\n  "))
	if err := sink.Note(sighting.Place{Start: int64(end), End: int64(last), Locator: "signature"}, text); err != nil {
		return nil, 0, err
	}
	if n := len(bytes.TrimSpace(data[last:])); n > 0 {
		err = sink.Bad(sighting.Place{Start: int64(last), End: int64(len(data)), Locator: "after the signature"}, fmt.Sprintf("%d bytes stand after the signature and are not signed; they are not read", n))
	}
	return body, int64(begin), err
}

// record reads {"ipAudit": {…}}: the kind of a record shows in what it has.
func record(n jsonwalk.Node, at sighting.Place, rule instant.Rule) (d *draft.Draft, problem string) {
	inner, title := n, ""
	if n.Kind() == jsonwalk.Object {
		kids := 0
		for kid := range n.Kids() {
			if kids++; kid.Kind() == jsonwalk.Object {
				inner, title = kid, kid.Name()
			}
		}
		if kids != 1 {
			inner, title = n, ""
		}
	}
	d = draft.New(at, sighting.Login, sighting.ProviderRecord, service)
	handled := map[string]bool{}
	get := func(name string) string {
		handled[name] = true
		return inner.Get(name).Value()
	}
	has := func(name string) bool { return inner.Get(name).Kind() != jsonwalk.Absent }
	switch {
	case has("loginIp"):
		d.Address("loginIp", get("loginIp"), "")
		d.Time("createdAt", get("createdAt"), rule)
	case has("userCreationIp"):
		d.Act = sighting.Register
		d.Address("userCreationIp", get("userCreationIp"), "")
		d.Time("createdAt", get("createdAt"), rule)
	case has("token"):
		d.Identify(&d.Who, sighting.Device, "token", get("token"))
		d.Time("lastSeenAt", get("lastSeenAt"), rule)
		d.Client = draft.Cut(get("clientApplicationName"))
	case has("senderId"):
		d.Act, d.Standing = sighting.Send, sighting.MessageLog
		d.Identify(&d.Who, sighting.Account, "senderId", get("senderId"))
		d.Identify(&d.To, sighting.Account, "recipientId", get("recipientId"))
		d.Identify(&d.Via, sighting.Message, "id", get("id"))
		d.Time("createdAt", get("createdAt"), rule)
		handled["text"] = true
		d.Say(inner.Get("text").Text())
	case has("email") || has("username"):
		d.Act = sighting.Register
		d.Identify(&d.Who, sighting.Account, "accountId", get("accountId"))
		d.Identify(&d.Who, sighting.Handle, "username", get("username"))
		d.Identify(&d.Who, sighting.Email, "email", get("email"))
		d.Identify(&d.Who, sighting.Phone, "phoneNumber", get("phoneNumber"))
		d.Identify(&d.Who, sighting.Person, "accountDisplayName", get("accountDisplayName"))
		d.Time("createdAt", get("createdAt"), rule)
	default:
		return nil, fmt.Sprintf("the record %q is of a kind that is not known", draft.Cut(strings.TrimSpace(title+" "+n.Text())))
	}
	if has("accountId") && !handled["accountId"] {
		d.Identify(&d.Who, sighting.Account, "accountId", get("accountId"))
	}
	for kid := range inner.Kids() {
		if !handled[kid.Name()] {
			jsonwalk.Flatten(kid, kid.Name(), d.Keep)
		}
	}
	for twice := range jsonwalk.Twice(n) {
		d.Note("%s is stated twice; the first counts", draft.Cut(twice.Name()))
	}
	if len(d.Who) == 0 && d.From.IsZero() {
		return nil, fmt.Sprintf("the record %q names no account and no address that can be read", draft.Cut(title))
	}
	return d, ""
}
