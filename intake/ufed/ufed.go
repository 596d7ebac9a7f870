// Package ufed reads the report.xml of Cellebrite UFED and Physical Analyzer.
//
// Takes the XML, which can have many gigabytes. Gives a hold sighting for each
// tagged file with a hash, and for each chat message with an attachment the act
// that its parties prove: sent by the owner of the device, or received. Never
// opens the files that the report links to, and never calls a message sent that
// the report does not state to be the owner's.
//
// The schema is not public; names are those that IPED's reader uses (formats.md
// §5.7).
package ufed

import (
	"strings"

	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// limits of one file, message or participant list.
func limits() xmlwalk.Limits { return xmlwalk.Limits{Bytes: 4 << 20, Elements: 50_000, Depth: 256} }

const (
	maxValue   = 1024      // bytes kept of one text
	maxExtra   = 100       // fields kept of one file
	maxParties = 2000      // of a chat
	maxFiles   = 2_000_000 // files whose digests are kept to join attachments
)

// fields are the simple fields of a model: field/@name → the text of its value.
func fields(model *xmlwalk.Element) map[string]string {
	out := map[string]string{}
	if model == nil {
		return out
	}
	for _, f := range model.Kids {
		name := f.Attr("name")
		if f.Name != "field" || out[name] != "" {
			continue
		}
		v := f.Kid("value")
		out[name] = v.Value()
		if out[name] == "" {
			out[name] = v.Attr("formattedTimestamp")
		}
	}
	return out
}

// models are the models inside a modelField or multiModelField of that name.
func models(model *xmlwalk.Element, name string) []*xmlwalk.Element {
	var out []*xmlwalk.Element
	if model == nil {
		return nil
	}
	for _, f := range model.Kids {
		if f.Attr("name") != name || f.Name != "modelField" && f.Name != "multiModelField" {
			continue
		}
		for _, m := range f.Kids {
			if m.Name == "model" {
				out = append(out, m)
			}
		}
	}
	return out
}

// party is one who took part in a chat.
type party struct {
	identifier, name string
	owner            sighting.Tri // of the device
}

func parties(list []*xmlwalk.Element) []party {
	var out []party
	for _, m := range list {
		f := fields(m)
		p := party{identifier: f["Identifier"], name: f["Name"]}
		p.owner, _ = sighting.ReadTri(f["IsPhoneOwner"])
		if p.identifier != "" || p.name != "" {
			out = append(out, p)
		}
	}
	return out
}

// ids gives what identifies the party at a service. WhatsApp writes a phone
// number with a domain; a number with a plus is a phone anywhere; other digits
// are the service's own number for the account.
func (p party) ids(service string) []sighting.Identifier {
	var out []sighting.Identifier
	add := func(kind sighting.IDKind, value string) bool {
		if kind == sighting.Phone { // the phone book of a device in India
			value = sighting.Indian(value)
		}
		id, err := sighting.Identify(kind, service, value)
		if err == nil {
			out = append(out, id)
		}
		return err == nil
	}
	v := p.identifier
	switch {
	case v == "":
	case strings.HasSuffix(v, "@s.whatsapp.net"), strings.HasPrefix(v, "+"):
		_ = add(sighting.Phone, v) || service != "" && add(sighting.Handle, v)
	case calls(service) && strings.Trim(v, "0123456789 -()") == "":
		add(sighting.Phone, v)
	case service == "": // a name at no stated service is nobody's
	case strings.Trim(v, "0123456789") == "":
		add(sighting.Account, v)
	case strings.Contains(v, "@") && add(sighting.Email, v):
	default:
		add(sighting.Handle, v)
	}
	if p.name != "" {
		add(sighting.Person, p.name)
	}
	return out
}

// calls knows the sources in which people are named by their telephone numbers.
func calls(service string) bool {
	switch strings.ToLower(service) {
	case "whatsapp", "whatsapp business", "signal", "sms", "mms", "imessage", "native messages", "native":
		return true
	}
	return false
}

func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "…"
}
