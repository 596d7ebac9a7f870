package metadyi

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"suraag/fault"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Format reads a file of a download.
func Format() intake.Format {
	return intake.Format{
		Name: "meta/download", Title: "Facebook or Instagram download (JSON)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: `JSON with account_activity_v2, account_history_login_history, account_history_registration_info, or messages with sender_name and timestamp_ms`,
		Sniff: sniff, Read: read,
	}
}

// lists joins the names of lists to how their elements are read, and to the
// service that writes them.
var lists = map[string]struct {
	service string
	adapt   func(n jsonwalk.Node, at sighting.Place, service string, rule instant.Rule) *draft.Draft
}{
	"account_activity_v2":               {"Facebook", activity},
	"account_activity":                  {"Facebook", activity},
	"account_history_login_history":     {"Instagram", use},
	"account_history_logout_history":    {"Instagram", use},
	"account_history_registration_info": {"Instagram", beginning},
	"messages":                          {"Meta", message},
}

func use(n jsonwalk.Node, at sighting.Place, service string, rule instant.Rule) *draft.Draft {
	return mapped(n, at, sighting.Login, service, rule)
}

func beginning(n jsonwalk.Node, at sighting.Place, service string, rule instant.Rule) *draft.Draft {
	return mapped(n, at, sighting.Register, service, rule)
}

var listName = regexp.MustCompile(`"(account_activity(?:_v2)?|account_history_(?:login_history|logout_history|registration_info))"\s*:\s*\[`)

func sniff(h intake.Head) intake.Likeness {
	if b := bytes.TrimSpace(h.Bytes); len(b) == 0 || b[0] != '{' {
		return intake.Likeness{Why: "it does not begin with {"}
	}
	has := func(name string) bool { return bytes.Contains(h.Bytes, []byte(`"`+name+`"`)) }
	switch {
	case listName.Match(h.Bytes):
		return intake.Likeness{Score: 90, Why: "a list as Meta's downloads have it"}
	case has("sender_name") && has("timestamp_ms") && has("messages"):
		return intake.Likeness{Score: 90, Why: "messages with sender_name and timestamp_ms"}
	}
	return intake.Likeness{Why: "it has no list that is known of Meta's downloads"}
}

// maxThread bounds the messages that are held until the thread is known: it stands
// after them. Meta puts at most 10,000 into one file.
const maxThread = 200_000

// reading is one reading of one file.
type reading struct {
	in     *intake.Input
	sink   intake.Sink
	any    bool
	count  int
	held   []*draft.Draft // messages
	thread record
	sides  []string
}

func read(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, limits())
	if err != nil {
		return err
	}
	r := &reading{in: in, sink: sink, thread: record{Draft: &draft.Draft{}}}
	walked := json.Walk(func(way, _ string) bool {
		_, list := lists[strings.TrimPrefix(way, "$.")]
		r.any = r.any || list
		return way == "$" || list
	}, r.node, func(locator string, o *jsonwalk.Oversize) error {
		return sink.Bad(sighting.Place{Start: o.Start, End: o.End, Locator: locator}, o.Why)
	})
	if err := r.messages(); err != nil {
		return err
	}
	switch {
	case walked == nil && !r.any:
		return fault.Newf(fault.Invalid, "the file has none of the lists of Meta's downloads that are known")
	case walked == nil && r.count == 0:
		return sink.Note(sighting.Place{Locator: "$"}, "the list is empty")
	}
	return walked
}

func (r *reading) node(way, locator string, n jsonwalk.Node) error {
	at := sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
	name := strings.TrimPrefix(way, "$.")
	element, isElement := strings.CutSuffix(name, "[]")
	list, known := lists[element]
	if isElement {
		r.count++
	}
	switch {
	case isElement && known && n.Kind() != jsonwalk.Object:
		return r.sink.Bad(at, fmt.Sprintf("%q stands where an object was expected", draft.Cut(n.Text())))
	case isElement && known:
		d := list.adapt(n, at, serviceOf(r.in.Name+r.in.Options.Service, list.service), r.in.Options.Rule())
		for twice := range jsonwalk.Twice(n) {
			d.Note("%s is stated twice; the first counts", draft.Cut(twice.Name()))
		}
		if element != "messages" {
			return r.sink.Sighting(d.Sighting)
		}
		if r.held = append(r.held, d); len(r.held) >= maxThread {
			return r.messages()
		}
		return nil
	case name == "participants":
		for p := range n.Kids() {
			r.sides = append(r.sides, r.thread.text(p.Get("name")))
		}
		return nil
	case name == "title" || name == "thread_path":
		jsonwalk.Flatten(n, name, r.thread.keep)
		return nil
	case name == "is_still_participant" || name == "thread_type" || name == "magic_words" || name == "image" || name == "joinable_mode" || !n.Stated():
		return nil
	}
	return r.sink.Note(at, fmt.Sprintf("%s is not read", draft.Cut(locator)))
}

// messages gives the messages that were held, now that their thread is known.
func (r *reading) messages() error {
	for _, d := range r.held {
		for _, f := range r.thread.Extra {
			if f.Name != "thread_path" || !d.Identify(&d.Via, sighting.Group, f.Name, f.Value) {
				d.Keep(f.Name, f.Value)
			}
		}
		if len(d.Who) == 1 && len(r.sides) == 2 {
			for _, side := range r.sides {
				if side != d.Who[0].Value {
					d.Identify(&d.To, sighting.Person, "participant", side)
				}
			}
		} else if len(r.sides) > 0 {
			d.Keep("participants", strings.Join(r.sides, "; "))
		}
		if err := r.sink.Sighting(d.Sighting); err != nil {
			return err
		}
	}
	r.held = nil
	return nil
}
