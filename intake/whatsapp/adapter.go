package whatsapp

import (
	"fmt"
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
		r.account = labels.ReadRequest(rec, "WhatsApp")
		return nil
	case "ncmec_reports":
		return labels.Reports(rec, &r.account, r.in, r.sink)
	case "message_log":
		return r.message(rec)
	case "call_logs":
		return r.call(rec)
	case "ip_addresses":
		return r.login(rec)
	case "connection_info":
		return r.connection(rec)
	}
	use := labels.Keeps
	if rec.Section == "emails" {
		use = labels.Emails
	}
	if !r.profile.Gather(rec, use) {
		return r.sink.Bad(rec.Place(), "there are more statements of the account than can be held")
	}
	return nil
}

func (r *reader) draft(rec *labels.Record, act sighting.Act, standing sighting.Standing) *labels.Draft {
	return labels.NewDraft(rec, act, standing, &r.account, r.in, r.sink)
}

// message reads one line of the message log, of text messages too: the address
// is the sender's at that time. Standing and act follow formats.md §5.1b.
func (r *reader) message(rec *labels.Record) error {
	d := r.draft(rec, sighting.Send, sighting.MessageLog)
	d.Who = r.who(d, "Sender", rec.Get("Sender"))
	d.Address("Sender Ip", "Sender Port")
	if len(d.Who) == 0 && d.From.IsZero() {
		return r.sink.Bad(rec.Place(), fmt.Sprintf("no sender and no address that can be read: %q, %q", rec.Get("Sender"), rec.Get("Sender Ip")))
	}
	if len(d.Who) == 0 {
		d.Note("sender not stated")
	}
	if err := d.Time("Timestamp"); err != nil {
		return err
	}
	for _, to := range numbers(rec.Get("Recipients")) {
		d.ID(&d.To, sighting.Phone, "Recipients", to)
	}
	d.ID(&d.Via, sighting.Group, "Group Id", rec.Get("Group Id"))
	d.ID(&d.Via, sighting.Message, "Message Id", rec.Get("Message Id"))
	return d.Give("message")
}

// numbers splits a list of numbers.
func numbers(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, international(part))
		}
	}
	return out
}

// international puts the plus before a number: WhatsApp writes every number with its
// country and without the plus, also one of ten digits such as 65… of Singapore.
func international(number string) string {
	if len(number) >= 8 && strings.Trim(number, "0123456789") == "" && number[0] != '0' {
		return "+" + number
	}
	return number
}

// who gives the number, and with it the account of the return where it is the
// same one.
func (r *reader) who(d *labels.Draft, label, number string) []sighting.Identifier {
	var who []sighting.Identifier
	d.ID(&who, sighting.Phone, label, international(number))
	if len(who) == 1 && r.account.Has(who[0]) {
		for _, id := range r.account.Who {
			if id != who[0] {
				who = append(who, id)
			}
		}
	}
	return who
}

// call reads one event of a call. A call carries no file; what it tells is that
// the number used this address then.
func (r *reader) call(rec *labels.Record) error {
	d := r.draft(rec, sighting.Login, sighting.MessageLog)
	d.Keep("Activity", "call")
	d.Who = r.who(d, "From", rec.Get("From"))
	d.Address("From Ip", "From Port")
	if len(d.Who) == 0 && d.From.IsZero() {
		return r.sink.Bad(rec.Place(), fmt.Sprintf("no caller and no address that can be read: %q, %q", rec.Get("From"), rec.Get("From Ip")))
	}
	if d.From.IsZero() {
		d.Note("the event states no address")
	}
	if err := d.Time("Timestamp"); err != nil {
		return err
	}
	for _, to := range numbers(rec.Get("To")) {
		d.ID(&d.To, sighting.Phone, "To", to)
	}
	d.Keep("Call Id", rec.Get("Call Id"))
	d.Keep("Call Creator", rec.Get("Call Creator"))
	return d.Give("call")
}

func (r *reader) login(rec *labels.Record) error {
	d := r.draft(rec, sighting.Login, sighting.ProviderRecord)
	d.Who = r.account.Who
	d.Address("IP Address", "")
	if d.From.IsZero() {
		return r.sink.Bad(rec.Place(), fmt.Sprintf("no address that can be read: %q", rec.Get("IP Address")))
	}
	if err := d.Time("Time"); err != nil {
		return err
	}
	return d.Give("login")
}

// connection states two things: since when the number has the service, and from
// where it was last seen.
func (r *reader) connection(rec *labels.Record) error {
	client := rec.Get("App Version")
	if rec.Get("Service start") != "" {
		d := r.draft(rec, sighting.Register, sighting.ProviderRecord)
		d.Who = r.account.Who
		if err := d.Time("Service start"); err != nil {
			return err
		}
		d.Keep("App Version", client)
		rec.Get("Last seen") // of the other sighting
		rec.Get("Last IP")
		if err := d.Give("service start"); err != nil {
			return err
		}
	}
	if rec.Get("Last IP") == "" && rec.Get("Last seen") == "" {
		if rec.Get("Service start") == "" {
			return r.sink.Bad(rec.Place(), "the record states neither a start of service nor a last use")
		}
		return nil
	}
	d := r.draft(rec, sighting.Login, sighting.ProviderRecord)
	d.Who, d.Client = r.account.Who, client
	d.Address("Last IP", "")
	if d.From.IsZero() {
		d.Note("no address of the last use can be read")
	}
	if err := d.Time("Last seen"); err != nil {
		return err
	}
	return d.Give("last seen")
}
