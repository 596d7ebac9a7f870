package meta

import (
	"fmt"
	"regexp"
	"strings"

	"suraag/intake"
	"suraag/intake/labels"
	"suraag/sighting"
)

// reader holds what earlier sections said of the account.
type reader struct {
	in      *intake.Input
	sink    intake.Sink
	account labels.Account
	profile labels.Profile
}

func (r *reader) record(rec *labels.Record) error {
	switch rec.Section {
	case labels.Request:
		r.account = labels.ReadRequest(rec, r.in.Options.Service)
		return nil
	case "ncmec_reports":
		return labels.Reports(rec, &r.account, r.in, r.sink)
	case "ip_addresses", "logins":
		return r.login(rec)
	case "photos", "videos", "archived_stories", "unarchived_stories":
		return r.upload(rec)
	case "unified_messages", "reported_conversations", "reported_disappearing_messages":
		return r.message(rec)
	}
	if !r.profile.Gather(rec, uses[rec.Section]) {
		return r.sink.Bad(rec.Place(), "there are more statements of the account than can be held")
	}
	return nil
}

var uses = map[string]labels.Use{
	"registration_ip": labels.Begins, "registration_date": labels.Begins, "emails": labels.Emails,
	"phone_numbers": labels.Phones, "vanity": labels.Handles, "name": labels.Names,
}

func (r *reader) draft(rec *labels.Record, act sighting.Act, standing sighting.Standing) *labels.Draft {
	return labels.NewDraft(rec, act, standing, &r.account, r.in, r.sink)
}

// login reads one use of the account. Without an address it says nothing that
// can be asked about.
func (r *reader) login(rec *labels.Record) error {
	d := r.draft(rec, sighting.Login, sighting.ProviderRecord)
	d.Who = r.account.Who
	d.Address("IP Address", "")
	if d.From.IsZero() {
		d.Address("Ip", "")
	}
	if d.From.IsZero() {
		return r.sink.Bad(rec.Place(), fmt.Sprintf("no address that can be read: %q", rec.Get("IP Address")))
	}
	if err := d.Time("Time"); err != nil {
		return err
	}
	if action := rec.Get("Action"); action != "" {
		d.Keep("Action", action)
		if !strings.EqualFold(action, "login") {
			d.Note("action %q: the address used the account, which need not be a log in", action)
		}
	}
	return d.Give("login")
}

// upload reads one item of content with the address and time of its upload: the
// direct answer to "from where was it uploaded to this service".
func (r *reader) upload(rec *labels.Record) error {
	d := r.draft(rec, sighting.Upload, sighting.ProviderRecord)
	r.author(d, rec)
	d.Address("Upload Ip", "")
	if err := d.Time("Uploaded"); err != nil {
		return err
	}
	if id := rec.Get("Id"); id != "" {
		d.Content.Refs = []string{sighting.ServiceKey(d.Service) + ":" + id}
	}
	media := append(rec.All("Linked Media File"), rec.All("Image")...)
	for n, linked := range media {
		name := d.Media(linked)
		if n == 0 {
			d.Content.Name = name
		} else {
			d.Keep("Linked Media File", name)
		}
	}
	for _, label := range []string{"Link", "Url"} {
		d.ID(&d.Via, sighting.URL, label, rec.Get(label))
	}
	if len(d.Content.Refs) == 0 && d.Content.Name == "" && d.When.IsZero() && d.From.IsZero() && len(d.Via) == 0 {
		return r.sink.Bad(rec.Place(), "the record states no item, no address and no time of upload")
	}
	return d.Give("upload")
}

// author says who uploaded. Content in an account can be another's (a tag, a
// share), so a different author is never taken for the account itself.
func (r *reader) author(d *labels.Draft, rec *labels.Record) {
	text := rec.Get("Author")
	if text == "" {
		d.Who = r.account.Who
		return
	}
	id, err := labels.ReadPerson(text).Identifier(d.Service)
	switch {
	case err != nil:
		d.Keep("Author", text)
		d.Note("%v", err)
	case r.account.Has(id):
		d.Who = r.account.Who
	default:
		d.Who = []sighting.Identifier{id}
		d.Note("author %q is not stated to be the account of the return", text)
	}
}

// item is one attachment of a message.
type item map[string]string

// message reads one message: the author sends to the other current participants.
func (r *reader) message(rec *labels.Record) error {
	items := attachments(rec)
	for n := range max(len(items), 1) {
		d := r.draft(rec, sighting.Send, sighting.MessageLog)
		r.sender(d, rec)
		if err := d.Time("Sent"); err != nil {
			return err
		}
		r.thread(d, rec)
		if len(items) > 0 {
			r.attach(d, items[n])
		}
		if len(d.Who) == 0 && d.When.IsZero() && !d.Content.Identified() && rec.Get("Body") == "" {
			return r.sink.Bad(rec.Place(), "the record states no author, no time and no content")
		}
		if n == 0 { // its words are stated once, however many attachments it has
			d.Say(rec.Get("Body"))
		}
		if err := d.Give(fmt.Sprintf("attachment %d", n)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) sender(d *labels.Draft, rec *labels.Record) {
	text := rec.Get("Author")
	if text == "" {
		d.Note("author not stated")
		return
	}
	id, err := labels.ReadPerson(text).Identifier(d.Service)
	switch {
	case err != nil:
		d.Keep("Author", text)
		d.Note("%v", err)
	case r.account.Has(id):
		d.Who = r.account.Who
	default:
		d.Who = []sighting.Identifier{id}
	}
}

// threadID finds the number in " (100000000000009)".
var threadID = regexp.MustCompile(`\((\d{3,40})\)\s*$`)

// thread fills in the thread and the other sides. The list of participants
// begins with the time at which it was made.
func (r *reader) thread(d *labels.Draft, rec *labels.Record) {
	if text := rec.Get("Thread"); text != "" {
		id := text
		if m := threadID.FindStringSubmatch(text); m != nil {
			id = m[1]
		}
		d.ID(&d.Via, sighting.Group, "Thread", id)
	}
	author := labels.ReadPerson(rec.Get("Author"))
	for line := range strings.SplitSeq(rec.Get("Current Participants"), "\n") {
		p := labels.ReadPerson(line)
		if line == "" || p == author || p.Number != "" && p.Number == author.Number {
			continue
		}
		if p.Number == "" && statesTime.MatchString(line) {
			d.Keep("Current Participants", line)
			continue
		}
		id, err := p.Identifier(d.Service)
		if err != nil {
			d.Keep("Current Participants", line)
			d.Note("%v", err)
			continue
		}
		d.To = append(d.To, id)
	}
	d.Keep("Past Participants", rec.Get("Past Participants"))
}

var statesTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( UTC)?|\d{9,13})$`)

// attachments splits the values that repeat with each attachment.
func attachments(rec *labels.Record) []item {
	var items []item
	for _, name := range attachment {
		rec.All(name) // all of them are used here
	}
	for _, v := range rec.Values {
		name := known(v.Label)
		if name == "" || !sighting.Stated(v.Text) {
			continue
		}
		if n := len(items); n == 0 || items[n-1][name] != "" {
			items = append(items, item{})
		}
		items[len(items)-1][name] = v.Text
	}
	return items
}

func known(label string) string {
	for _, name := range attachment {
		if strings.EqualFold(name, label) {
			return name
		}
	}
	return ""
}

// attach fills in one attachment. Its reference is the address Meta gives to it,
// else the name of the linked file, which Meta makes up of numbers.
func (r *reader) attach(d *labels.Draft, it item) {
	service := sighting.ServiceKey(d.Service)
	d.Content.Name = d.Media(it["Linked Media File"])
	d.Content.MediaType = it["Type"]
	switch {
	case it["URL"] != "":
		d.Content.Refs = []string{service + ":" + it["URL"]}
	case d.Content.Name != "":
		d.Content.Refs = []string{service + ":" + d.Content.Name}
	}
	if size := it["Size"]; size != "" {
		if _, err := fmt.Sscanf(size, "%d", &d.Content.Size); err != nil || d.Content.Size < 0 || fmt.Sprint(d.Content.Size) != size {
			d.Content.Size = 0
			d.Keep("Size", size)
			d.Note("size %q is not a number of bytes", size)
		}
	}
	for _, name := range []string{"Attachments", "Photo ID", "Image"} {
		d.Keep(name, it[name])
	}
}
