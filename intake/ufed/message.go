package ufed

import (
	"fmt"
	"slices"

	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// chat is what stands around messages. It is filled as the report goes on.
type chat struct {
	depth   int // of its element
	source  string
	id      string
	name    string
	parties []party
	number  int // of the message last met
}

// message reads a message: its words, and each of its attachments. Those without
// either are counted only.
func (r *reading) message(e *xmlwalk.Element, in *chat) error {
	in.number++
	attachments := models(e, "Attachments")
	attachments = append(attachments, models(e, "Attachment")...)
	f := fields(e)
	if len(attachments) == 0 && f["Body"] == "" {
		r.empty++
		return nil
	}
	base := sighting.Sighting{Standing: sighting.DeviceFile, Service: in.source}
	if f["Source"] != "" {
		base.Service = cut(f["Source"])
	}
	if base.Service == "" {
		base.Service = r.in.Options.Service
	}
	base.When = r.time(&base, "TimeStamp", f["TimeStamp"])
	if id, err := sighting.Identify(sighting.Group, base.Service, in.id); err == nil && base.Service != "" {
		base.Via = append(base.Via, id)
	} else {
		keep(&base, "Chat id", in.id)
	}
	for _, name := range []string{"Identifier", "Status", "Label"} {
		keep(&base, name, f[name])
	}
	keep(&base, "Chat name", in.name)
	keep(&base, "deleted_state", e.Attr("deleted_state"))
	r.judge(e, in, &base)
	if len(attachments) == 0 {
		base.Place, base.Part = r.place(e, fmt.Sprintf("%s, message %d", in.title(r.chats), in.number)), "words"
		base.Say(f["Body"])
		return r.give(base)
	}
	for n, a := range attachments {
		one := base
		if n == 0 { // its words are stated once, however many attachments it has
			one.Notes = slices.Clone(base.Notes)
			one.Say(f["Body"])
		}
		if err := r.attachment(e, a, in, n, one); err != nil {
			return err
		}
	}
	return nil
}

// judge decides the act by who is stated to be the owner of the device. Where
// that is not stated the device held the attachment, and no more is known.
func (r *reading) judge(e *xmlwalk.Element, in *chat, s *sighting.Sighting) {
	from, to := parties(models(e, "From")), parties(models(e, "To"))
	if len(to) == 0 {
		to = in.parties
	}
	if len(from) != 1 {
		s.Act, s.Who = sighting.Hold, r.device()
		s.Notes = append(s.Notes, "the message does not state who sent it")
		return
	}
	sender := from[0]
	owner, stated := in.owner()
	mine := sender.owner
	if mine == sighting.Unstated && stated && sender.identifier != "" {
		mine = sighting.No
		if sender.identifier == owner.identifier {
			mine = sighting.Yes
		}
	}
	switch mine {
	case sighting.Yes:
		s.Act, s.Who = sighting.Send, append(sender.ids(s.Service), r.device()...)
		s.To = r.recipients(to, sender, s.Service)
	case sighting.No:
		s.Act, s.To = sighting.Receive, unnamed(sender.ids(s.Service))
		s.Who = append(owner.ids(s.Service), r.device()...)
	default:
		s.Act, s.Who = sighting.Hold, r.device()
		s.To = unnamed(sender.ids(s.Service))
		s.Notes = append(s.Notes, "the report does not state who owns the device, so neither sending nor receiving is certain")
	}
}

// owner gives the participant who is stated to own the device.
func (c *chat) owner() (party, bool) {
	for _, p := range c.parties {
		if p.owner == sighting.Yes {
			return p, true
		}
	}
	return party{}, false
}

// recipients gives the sides other than the sender, each identifier once.
func (r *reading) recipients(to []party, sender party, service string) []sighting.Identifier {
	var out []sighting.Identifier
	seen := map[sighting.Identifier]bool{}
	for _, p := range to[:min(len(to), maxParties)] {
		if p.identifier == sender.identifier || p.owner == sighting.Yes {
			continue
		}
		for _, id := range unnamed(p.ids(service)) {
			if !seen[id] {
				seen[id], out = true, append(out, id)
			}
		}
	}
	return out
}

// unnamed leaves out names in words: several people stand together on the other
// side, so a name would belong to nobody for certain.
func unnamed(ids []sighting.Identifier) []sighting.Identifier {
	return slices.DeleteFunc(ids, func(id sighting.Identifier) bool { return id.Kind == sighting.Person })
}

// attachment gives the sighting of one attachment. Its hashes stand at the tagged
// file that it names.
func (r *reading) attachment(e, a *xmlwalk.Element, in *chat, number int, s sighting.Sighting) error {
	f := fields(a)
	s.Place = r.place(e, fmt.Sprintf("%s, message %d, attachment %d", in.title(r.chats), in.number, number+1))
	s.Part = fmt.Sprintf("attachment %d", number)
	s.Extra, s.Notes = slices.Clone(s.Extra), slices.Clone(s.Notes)
	id := a.Attr("file_id")
	s.Content.Name = cut(f["Filename"])
	s.Content.MediaType = cut(f["ContentType"])
	s.Content.Digests = r.known.of(id)
	keep(&s, "file_id", id)
	for _, name := range []string{"Title", "URL"} {
		keep(&s, name, f[name])
	}
	if len(s.Content.Digests) == 0 {
		s.Notes = append(s.Notes, "the attachment names no tagged file with a hash")
	}
	return r.give(s)
}

func (c *chat) title(number int) string {
	if c.depth == 0 {
		return "outside a chat"
	}
	return fmt.Sprintf("chat %d", number)
}
