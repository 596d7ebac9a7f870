package cybertip

import (
	"fmt"
	"strings"

	"suraag/digest"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// The XML that providers submit (formats.md §2.1): a report, the details of one
// file, and the pieces of them that a provider's own system may have kept.

// fromXML reads one document.
type fromXML struct {
	report
	unknown map[string]sighting.Place
	order   []string
	victims []sighting.Place
}

func (r *fromXML) note(e *xmlwalk.Element, locator string) {
	if _, known := r.unknown[e.Name]; !known && len(r.order) < 1000 {
		r.unknown[e.Name] = where(e, locator)
		r.order = append(r.order, e.Name)
	}
}

func where(e *xmlwalk.Element, locator string) sighting.Place {
	return sighting.Place{Start: e.Start, End: e.End, Locator: locator}
}

// each gives the kids of an element with their locators, in whatever order they
// stand: the order that the schema asks for is not kept by all.
func each(e *xmlwalk.Element, locator string, do func(kid *xmlwalk.Element, locator string)) {
	if e == nil {
		return
	}
	count := map[string]int{}
	for _, kid := range e.Kids {
		count[kid.Name]++
		do(kid, fmt.Sprintf("%s/%s[%d]", locator, kid.Name, count[kid.Name]))
	}
}

// other keeps an element that has no place of its own, and notes it where its
// name is not in the known ones.
func (r *fromXML) other(e *xmlwalk.Element, s *said, locator, known string) {
	if !has(known, e.Name) {
		r.note(e, locator)
	}
	if len(e.Kids) == 0 && strings.HasSuffix(e.Name, "Annotations") {
		return // an empty list of flags sets none
	}
	xmlwalk.Flatten(e, e.Name, s.keep)
}

// read goes through a document by its root.
func (r *fromXML) read(root *xmlwalk.Element) {
	locator := "/" + root.Name
	r.at = where(root, locator)
	switch root.Name {
	case "report":
		each(root, locator, r.part)
	case "fileDetails":
		r.bare = true
		r.files = append(r.files, r.file(root, locator))
	case "ipCaptureEvent":
		r.bare = true
		r.captures = append(r.captures, r.event(root, locator))
	case "peer2peerIncident":
		r.bare = true
		r.peers(root, locator)
	}
}

// part reads one element of a report.
func (r *fromXML) part(e *xmlwalk.Element, locator string) {
	switch e.Name {
	case "personOrUserReported":
		r.people = append(r.people, r.person(e, locator))
	case "intendedRecipient":
		r.recipients = append(r.recipients, r.person(e, locator))
	case "victim":
		// What a report says of a child stays in the sealed original.
		r.victims = append(r.victims, where(e, locator))
	case "internetDetails":
		each(e, locator, r.incident)
	case "incidentSummary", "lawEnforcement":
		each(e, locator, func(kid *xmlwalk.Element, at string) {
			r.other(kid, &r.said, at, `incidentType platform escalateToHighPriority reportAnnotations incidentDateTime incidentDateTimeDescription
				agencyName caseNumber officerContact reportedToLe servedLegalProcessDomestic servedLegalProcessInternational`)
		})
	case "reporter":
		// The form names no provider. The mail domain of who reports, which is
		// required, at least keeps one provider's account names apart from another's.
		if _, domain, found := strings.Cut(e.Kid("reportingPerson", "email").Value(), "@"); found {
			r.provider = domain
		}
		each(e, locator, func(kid *xmlwalk.Element, at string) {
			if !has("companyTemplate termsOfService legalURL", kid.Name) { // the same in every report
				r.other(kid, &r.said, at, "reportingPerson contactPerson")
			}
		})
	default:
		r.other(e, &r.said, locator, "additionalInfo")
	}
}

// incident reads one of the choices under internetDetails.
func (r *fromXML) incident(e *xmlwalk.Element, locator string) {
	switch e.Name {
	case "peer2peerIncident":
		r.peers(e, locator)
		return
	case "webPageIncident":
		for _, kid := range e.Kids {
			if kid.Name == "url" && kid.Value() != "" {
				r.via = append(r.via, raw{sighting.URL, "webPageIncident.url", kid.Text})
			}
		}
	}
	r.other(e, &r.said, locator, "webPageIncident emailIncident newsgroupIncident chatImIncident onlineGamingIncident cellPhoneIncident nonInternetIncident")
}

// peers reads an incident on a peer-to-peer network. Its addresses say neither
// who offered nor who fetched.
func (r *fromXML) peers(e *xmlwalk.Element, locator string) {
	var about said
	var captures []*capture
	client := e.Kid("client").Value()
	each(e, locator, func(kid *xmlwalk.Element, at string) {
		switch kid.Name {
		case "client":
		case "ipCaptureEvent":
			captures = append(captures, r.event(kid, at))
		default:
			r.other(kid, &about, at, "fileNames additionalInfo")
		}
	})
	for _, c := range captures {
		c.client = client
		c.extra = append(c.extra, about.extra...)
	}
	if len(captures) == 0 && !r.bare {
		r.extra = append(r.extra, about.extra...)
	}
	r.captures = append(r.captures, captures...)
}

// event reads an ipCaptureEvent.
func (r *fromXML) event(e *xmlwalk.Element, locator string) *capture {
	c := &capture{value: e.Kid("ipAddress").Value(), when: e.Kid("dateTime").Value(), event: e.Kid("eventName").Value(), port: e.Kid("port").Value()}
	c.at = where(e, locator)
	each(e, locator, func(kid *xmlwalk.Element, at string) {
		if !has("ipAddress dateTime eventName port", kid.Name) {
			r.other(kid, &c.said, at, "possibleProxy")
		}
	})
	return c
}

// device reads a deviceId. Only a number that a device has is an identifier.
func (r *fromXML) device(e *xmlwalk.Element, locator string) (*capture, bool) {
	label := "deviceId " + e.Kid("idType").Value()
	c := &capture{when: e.Kid("dateTime").Value(), event: e.Kid("eventName").Value()}
	c.at = where(e, locator)
	value := e.Kid("idValue").Value()
	kind := deviceKind(e.Kid("idType").Value())
	if value == "" || kind == "" {
		return nil, false
	}
	c.device = &raw{kind, label, value}
	return c, true
}

const userPlain = `vehicleDescription displayName profileBio compromisedAccount thirdPartyUserReported priorCTReports
	accountTemporarilyDisabled accountPermanentlyDisabled estimatedLocation allEmailsReported associatedAccount additionalInfo`

// person reads a reported user or an intended recipient.
func (r *fromXML) person(e *xmlwalk.Element, locator string) *person {
	p := &person{service: e.Kid("espService").Value()}
	p.at = where(e, locator)
	each(e, locator, func(kid *xmlwalk.Element, at string) { r.user(p, kid, at) })
	if tri, _ := sighting.ReadTri(e.Kid("compromisedAccount").Value()); tri == sighting.Yes {
		p.doubt("the provider says that the account was compromised: someone else may have used it")
	}
	return p
}

// user reads one element of a reported user.
func (r *fromXML) user(p *person, e *xmlwalk.Element, locator string) {
	add := func(to *[]raw, kind sighting.IDKind) {
		if v := e.Value(); v != "" {
			*to = append(*to, raw{kind, e.Name, v})
		}
	}
	switch e.Name {
	case "personOrUserReportedPerson", "intendedRecipientPerson":
		r.human(p, e, locator)
	case "espIdentifier":
		add(&p.ids, sighting.Account)
	case "screenName":
		add(&p.ids, sighting.Handle)
	case "profileUrl":
		add(&p.via, sighting.URL)
	case "groupIdentifier":
		add(&p.via, sighting.Group)
	case "ipCaptureEvent":
		p.captures = append(p.captures, r.event(e, locator))
	case "deviceId":
		c, is := r.device(e, locator)
		if is {
			p.ids = append(p.ids, *c.device)
		}
		if _, known := act(e.Kid("eventName").Value()); is && known {
			p.captures = append(p.captures, c)
			return
		}
		xmlwalk.Flatten(e, e.Name, p.keep)
	case "espService":
	default:
		r.other(e, &p.said, locator, userPlain)
	}
}

// human reads the civil person of a reported user.
func (r *fromXML) human(p *person, e *xmlwalk.Element, locator string) {
	name := strings.TrimSpace(e.Kid("firstName").Value() + " " + e.Kid("lastName").Value())
	if name != "" {
		p.ids = append(p.ids, raw{sighting.Person, "name", name})
	}
	each(e, locator, func(kid *xmlwalk.Element, at string) {
		switch v := kid.Value(); kid.Name {
		case "firstName", "lastName":
		case "email", "phone":
			if v == "" {
				return
			}
			kind := sighting.Email
			if kid.Name == "phone" {
				kind = sighting.Phone
				if code := strings.TrimPrefix(kid.Attr("countryCallingCode"), "+"); code != "" && !strings.HasPrefix(v, "+") {
					p.keep("phone as written", v)
					v = "+" + code + strings.TrimLeft(v, "0")
				}
			}
			p.ids = append(p.ids, raw{kind, kid.Name, v})
			for _, a := range kid.Attrs {
				p.keep(kid.Name+"@"+a.Name, v+": "+a.Value)
			}
		default:
			r.other(kid, &p.said, at, "address age dateOfBirth")
		}
	})
}

const filePlain = `locationOfFile exifViewedByEsp publiclyAvailable fileRelevance fileAnnotations industryClassification additionalInfo`

// file reads the details of one file. The number of the report stands in it.
func (r *fromXML) file(e *xmlwalk.Element, locator string) *file {
	r.id = e.Kid("reportId").Value()
	f := &file{name: e.Kid("originalFileName").Value(), ref: e.Kid("fileId").Value()}
	f.at = where(e, locator)
	if name := e.Kid("fileName").Value(); f.name == "" {
		f.name = name
	} else if name != f.name {
		f.keep("fileName", name)
	}
	viewed(&f.said, e.Kid("fileViewedByEsp").Value())
	each(e, locator, func(kid *xmlwalk.Element, at string) { r.detail(f, kid, at) })
	return f
}

// detail reads one element of a file's details.
func (r *fromXML) detail(f *file, e *xmlwalk.Element, locator string) {
	switch e.Name {
	case "reportId", "fileId", "fileName", "originalFileName", "fileViewedByEsp":
	case "uploadedToEspTimestamp":
		if v := e.Value(); v != "" {
			f.uploads = append(f.uploads, uploaded{e.Name, v, sighting.ProviderRecord})
		}
	case "originalFileHash":
		if v := e.Value(); v != "" {
			f.hashes = append(f.hashes, raw{label: e.Attr("hashType"), value: v})
		}
	case "ipCaptureEvent":
		f.captures = append(f.captures, r.event(e, locator))
	case "deviceId":
		c, is := r.device(e, locator)
		if _, known := act(e.Kid("eventName").Value()); is && known {
			f.captures = append(f.captures, c)
			return
		}
		xmlwalk.Flatten(e, e.Name, f.keep)
	case "details":
		r.pairs(f, e, locator)
	default:
		r.other(e, &f.said, locator, filePlain)
	}
}

// pairs reads details: name and value pairs of Exif or of hashes. The name of a
// hash is free text; under one that is not known the value is only kept.
func (r *fromXML) pairs(f *file, e *xmlwalk.Element, locator string) {
	title := e.Attr("type")
	each(e, locator, func(kid *xmlwalk.Element, at string) {
		if kid.Name != "nameValuePair" {
			r.other(kid, &f.said, at, "")
			return
		}
		name, value := kid.Kid("name").Value(), kid.Kid("value").Value()
		if _, known := digest.KindOf(name); known && value != "" && strings.EqualFold(title, "HASH") {
			f.hashes = append(f.hashes, raw{label: name, value: value})
			return
		}
		f.keep(strings.TrimSpace(title+" "+name), value)
	})
}
