package cybertip

import (
	"fmt"
	"strings"

	"suraag/digest"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// The JSON that police download from the portal (formats.md §2.2). All scalars
// are texts; any node may be null or "N/A".

// fromJSON reads one report.
type fromJSON struct {
	report
	unknown map[string]sighting.Place // names that are not known, and where the first stood
	order   []string                  // of them
	bad     []*said                   // nodes that are not what they should be
}

func place(n jsonwalk.Node, locator string) sighting.Place {
	return sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
}

func (r *fromJSON) note(n jsonwalk.Node, locator string) {
	if _, known := r.unknown[n.Name()]; !known && len(r.order) < 1000 {
		r.unknown[n.Name()] = place(n, locator+"."+n.Name())
		r.order = append(r.order, n.Name())
	}
}

// rest keeps every member of an object that was not read already, under its
// name. Those that are not in the known ones are noted.
func (r *fromJSON) rest(n jsonwalk.Node, s *said, locator, read, known string) {
	r.under("", n, s, locator, read, known)
}

// under does so with something before the name, so that the provider's officer is
// not taken for the person who is reported.
func (r *fromJSON) under(prefix string, n jsonwalk.Node, s *said, locator, read, known string) {
	for kid := range n.Kids() {
		name := kid.Name()
		if has(read, name) || !kid.Stated() {
			continue
		}
		if !has(known, name) {
			r.note(kid, locator)
		}
		jsonwalk.Flatten(kid, prefix+name, s.keep)
	}
}

// has tells whether a list of words, parted by space, holds the name.
func has(list, name string) bool {
	for known := range strings.FieldsSeq(list) {
		if known == name {
			return true
		}
	}
	return false
}

// elements gives the objects of a list with their locators. A single object
// stands for a list of one; anything else is bad.
func (r *fromJSON) elements(n jsonwalk.Node, locator string, each func(n jsonwalk.Node, locator string)) {
	switch n.Kind() {
	case jsonwalk.Object:
		each(n, locator)
	case jsonwalk.List:
		count := 0
		for kid := range n.Kids() {
			r.element(kid, fmt.Sprintf("%s[%d]", locator, count), each)
			count++
		}
	default:
		if n.Value() != "" {
			r.wrong(n, locator)
		}
	}
}

func (r *fromJSON) element(n jsonwalk.Node, locator string, each func(n jsonwalk.Node, locator string)) {
	switch {
	case n.Kind() == jsonwalk.Object:
		each(n, locator)
	case n.Kind() == jsonwalk.List || n.Value() != "":
		r.wrong(n, locator)
	}
}

func (r *fromJSON) wrong(n jsonwalk.Node, locator string) {
	s := &said{at: place(n, locator)}
	s.doubt(fmt.Sprintf("%q stands where an object was expected", cut(n.Text())))
	r.bad = append(r.bad, s)
}

// read goes through the report from its root.
func (r *fromJSON) read(root jsonwalk.Node) {
	r.at = place(root, "$")
	r.id, r.received = root.Get("reportId").Value(), root.Get("dateReceived").Value()
	r.rest(root, &r.said, "$", "reportId dateReceived reportedInformation", "")
	info, at := root.Get("reportedInformation"), "$.reportedInformation"
	r.provider = info.Get("reportingEsp", "espName").Value()
	r.under("reportingEsp.", info.Get("reportingEsp"), &r.said, at+".reportingEsp", "espName", "firstName middleName lastName emails phones addresses")
	r.rest(info.Get("incidentSummary"), &r.said, at+".incidentSummary", "", "incidentType incidentDateTime incidentDateTimeDescription")
	for kid := range info.Get("incidentDetails").Kids() {
		if name := kid.Name(); !has("webpageIncident emailIncident", name) && kid.Stated() {
			r.note(kid, at+".incidentDetails")
		}
		r.elements(kid, at+".incidentDetails."+kid.Name(), r.incident)
	}
	r.elements(info.Get("reportedPeople", "reportedPersons"), at+".reportedPeople.reportedPersons", func(n jsonwalk.Node, l string) { r.people = append(r.people, r.person(n, l)) })
	r.elements(info.Get("intendedRecipients", "intendedRecipients"), at+".intendedRecipients.intendedRecipients", func(n jsonwalk.Node, l string) { r.recipients = append(r.recipients, r.person(n, l)) })
	r.elements(info.Get("uploadedFiles", "uploadedFiles"), at+".uploadedFiles.uploadedFiles", func(n jsonwalk.Node, l string) { r.files = append(r.files, r.file(n, l)) })
	for _, list := range [][2]string{{"reportedPeople", "reportedPersons"}, {"intendedRecipients", "intendedRecipients"}, {"uploadedFiles", "uploadedFiles"}} {
		r.rest(info.Get(list[0]), &r.said, at+"."+list[0], list[1], "")
	}
	r.rest(info, &r.said, at, "reportingEsp incidentSummary incidentDetails reportedPeople intendedRecipients uploadedFiles", "additionalInformations")
}

// incident reads one element of the incident's details, of whatever type.
func (r *fromJSON) incident(n jsonwalk.Node, locator string) {
	r.captured(n, locator, &r.via, &r.captures, &r.said)
	kind := locator[strings.LastIndexByte(locator, '.')+1:]
	r.under(kind+".", n, &r.said, locator, "sourceInformation", "additionalInformations contents")
	for c := range n.Get("contents").Kids() {
		if m := headerLines(c.Get("value").Text()); m.id != "" {
			r.mails = append(r.mails, m)
		}
	}
}

// headerLines reads the lines by which Yahoo describes an e-mail.
func headerLines(text string) mail {
	var m mail
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); name {
		case "Sent Date":
			m.sent = value
		case "From":
			m.from = value
		case "To":
			m.to = value
		case "X-Ymail-Msg-Id":
			m.id = value
		}
	}
	return m
}

const personPlain = `preferredName gender dateOfBirth approximateAge physicalDescription vehicleDescription vehicleTagNumber
	occupation relationshipToReporter relationshipToChildVictim accessToChildVictim accessToChildren accessToFirearms
	convictedSexOffender awareOfReport gangAffiliation addresses languages races disabilities
	additionalContactInformation additionalInformations`

const personRead = `firstName middleName lastName espService espUserId screenName emails phones ipAddress sourceInformation`

// person reads a reported person or an intended recipient; both have one shape.
func (r *fromJSON) person(n jsonwalk.Node, locator string) *person {
	p := &person{service: n.Get("espService").Value()}
	p.at = place(n, locator)
	add := func(kind sighting.IDKind, label, value string) {
		if value != "" {
			p.ids = append(p.ids, raw{kind, label, value})
		}
	}
	add(sighting.Account, "espUserId", n.Get("espUserId").Value())
	for _, name := range []jsonwalk.Node{n.Get("screenName"), n.Get("screenName", "value")} {
		add(sighting.Handle, "screenName", name.Value())
	}
	r.verified(n.Get("emails"), "emails", func(v string) { add(sighting.Email, "email", v) }, &p.said, locator)
	r.verified(n.Get("phones"), "phones", func(v string) { add(sighting.Phone, "phone", v) }, &p.said, locator)
	var names []string
	for _, part := range []string{"firstName", "middleName", "lastName"} {
		if v := n.Get(part).Value(); v != "" {
			names = append(names, v)
		}
	}
	add(sighting.Person, "name", strings.Join(names, " "))
	if ip := n.Get("ipAddress"); ip.Value() != "" {
		c := &capture{value: ip.Value()}
		c.at = place(ip, locator+".ipAddress")
		p.captures = append(p.captures, c)
	}
	r.captured(n, locator, &p.via, &p.captures, &p.said)
	r.rest(n, &p.said, locator, personRead, personPlain)
	return p
}

// verified reads the lists of e-mails and phones, with the provider's word on
// whether it checked them.
func (r *fromJSON) verified(n jsonwalk.Node, list string, add func(string), s *said, locator string) {
	if inner := n.Get(list); inner.Stated() {
		n = inner
	}
	r.elements(n, locator+"."+list, func(one jsonwalk.Node, at string) {
		v := one.Get("value").Value()
		add(v)
		if tri, understood := sighting.ReadTri(one.Get("verified").Text()); v != "" && understood && tri != sighting.Unstated {
			s.keep(list+" verified", v+": "+string(tri))
		}
		r.rest(one, s, at, "value verified", "")
	})
}

// captured reads sourceInformation.sourceCaptures of a node: web addresses go to
// via, addresses to the captures, and other types are kept as they are.
func (r *fromJSON) captured(n jsonwalk.Node, locator string, via *[]raw, to *[]*capture, s *said) {
	info := n.Get("sourceInformation")
	locator += ".sourceInformation"
	r.elements(info.Get("sourceCaptures"), locator+".sourceCaptures", func(n jsonwalk.Node, at string) {
		kind, value := n.Get("captureType").Value(), n.Get("value").Value()
		switch letters(kind) {
		case "ipaddress", "ip", "":
			c := &capture{kind: kind, value: value, when: n.Get("dateTime").Value(), event: n.Get("eventName").Value(), port: n.Get("port").Value()}
			c.at = place(n, at)
			r.rest(n, &c.said, at, "captureType value dateTime eventName port", "possibleProxy")
			*to = append(*to, c)
			return
		case "url", "profileurl":
			*via = append(*via, raw{sighting.URL, kind, value})
		default:
			s.doubt(fmt.Sprintf("a capture of the type %q is kept as it stands", cut(kind)))
			s.keep(kind, value)
		}
		for _, name := range []string{"dateTime", "eventName", "port"} {
			s.keep(kind+" "+name, n.Get(name).Value())
		}
		r.rest(n, s, at, "captureType value dateTime eventName port", "")
	})
	r.rest(info, s, locator, "sourceCaptures", "")
}

const fileRead = `filename originalFilename verificationHash viewedByEsp espMetadata sourceInformation`

// file reads an uploaded file.
func (r *fromJSON) file(n jsonwalk.Node, locator string) *file {
	f := &file{name: n.Get("originalFilename").Value()}
	f.at = place(n, locator)
	if name := n.Get("filename").Value(); f.name == "" {
		f.name = name
	} else if name != f.name {
		f.keep("filename", name)
	}
	if h := n.Get("verificationHash").Value(); h != "" {
		f.hashes = append(f.hashes, raw{label: "verificationHash", value: h})
	}
	viewed(&f.said, n.Get("viewedByEsp").Text())
	for a := range n.Get("additionalInformations").Kids() {
		f.messages = append(f.messages, messageIDs(a.Get("value").Text())...)
	}
	meta := n.Get("espMetadata")
	r.elements(meta.Get("metadatas"), locator+".espMetadata.metadatas", func(one jsonwalk.Node, at string) {
		f.remark(one.Get("name").Value(), one.Get("value").Value())
		r.rest(one, &f.said, at, "name value", "")
	})
	r.rest(meta, &f.said, locator+".espMetadata", "metadatas", "")
	r.captured(n, locator, &f.via, &f.captures, &f.said)
	r.rest(n, &f.said, locator, fileRead, "submittalId industryClassification ncmecTags additionalInformations")
	return f
}

// remark reads one of the provider's remarks on a file.
func (f *file) remark(name, value string) {
	if value == "" {
		return
	}
	f.keep("espMetadata "+name, value)
	if isUploadTime(name) {
		f.uploads = append(f.uploads, uploaded{"espMetadata " + name, value, sighting.ProviderMetadata})
	}
	if _, known := digest.KindOf(name); known {
		f.hashes = append(f.hashes, raw{label: name, value: value})
	}
}

// viewed keeps whether the provider looked at the file. That it did not say so is
// itself needed: in the law of the United States a search that the provider did
// not make needs a warrant (formats.md §2.2).
func viewed(s *said, text string) {
	tri, understood := sighting.ReadTri(text)
	switch {
	case !understood:
		s.keep("Viewed by ESP", text)
		s.doubt(fmt.Sprintf("whether the provider viewed the file is stated as %q", cut(text)))
	case tri == sighting.Unstated:
		s.keep("Viewed by ESP", "not stated")
	default:
		s.keep("Viewed by ESP", string(tri))
	}
}

// messageIDs reads lines of the form "Message ID:x".
func messageIDs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); found && strings.EqualFold(strings.TrimSpace(name), "Message ID") && value != "" {
			out = append(out, value)
		}
	}
	return out
}
