package generic

import (
	"fmt"
	stdpath "path"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// draft is a sighting in the making.
type draft struct {
	sighting.Sighting
	row
	problem string // why the whole row must not be used
}

// observe makes the record of a row, or says why the row is worth nothing.
func observe(r row, o intake.Options) (s sighting.Sighting, problem string) {
	d := &draft{row: r}
	d.Place, d.Notes = r.place, r.notes
	if e := r.stated(failure); e != "" && !r.any(digests()...) {
		return d.Sighting, "the file was not hashed: " + e
	}
	if problem := d.decideAct(); problem != "" {
		return d.Sighting, problem
	}
	d.Service, d.Client = r.stated(service), r.stated(client)
	if d.Service == "" {
		d.Service = r.stated(network)
	}
	if d.Service == "" {
		d.Service = o.Service
	}
	d.decideStanding()
	d.when(o.Rule())
	d.From = d.endpoint(ip, port)
	d.At = d.endpoint(atIP, atPort)
	d.persons()
	d.content()
	d.measures()
	d.Extra = append(d.Extra, r.rest...)
	if d.problem != "" {
		return d.Sighting, d.problem
	}
	if d.From.IsZero() && len(d.Who) == 0 && !d.Content.Identified() {
		return d.Sighting, strings.Join(append([]string{"the row states no address, no one and no content that could be used"}, d.Notes...), "; ")
	}
	return d.Sighting, ""
}

func (d *draft) doubt(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// keep puts a stated value into the extra fields under our name.
func (d *draft) keep(name string) {
	if v := d.stated(name); v != "" {
		d.Extra = append(d.Extra, sighting.Field{Name: name, Value: v})
	}
}

// decideAct reads the act. A peer-to-peer row without one is an offer and no
// more: what a peer advertises it need not have sent to anyone.
func (d *draft) decideAct() (problem string) {
	text := d.stated(act)
	switch {
	case text != "":
		for _, a := range sighting.Acts() {
			if squeeze(string(a)) == squeeze(text) {
				d.Act = a
				return ""
			}
		}
		return fmt.Sprintf("act %q is none of %s", text, acts())
	case d.any(network, peerID, piecesSeen, string(digest.ED2K), string(digest.TTH), string(digest.BTIH), string(digest.BTMH)):
		d.Act = sighting.Offer
	case d.hashed():
		d.Act = sighting.Hold
	default:
		return "the row states no act, and nothing shows that it comes from a peer-to-peer network"
	}
	return ""
}

// hashed knows a line that "suraag hash" wrote: a path, and no one at no time.
func (d *draft) hashed() bool {
	return d.any(path) && !d.any(observedAt, ip, who, network, standing)
}

func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(s))
}

func acts() string {
	var all []string
	for _, a := range sighting.Acts() {
		all = append(all, strconv.Quote(string(a)))
	}
	return strings.Join(all, ", ")
}

// decideStanding reads how it came to be known. One that is not understood is
// taken as the weakest, so that a slip of the pen proves nothing.
func (d *draft) decideStanding() {
	text := d.stated(standing)
	if text == "" {
		d.Standing = sighting.Observation
		if d.Act == sighting.Hold && d.hashed() {
			d.Standing = sighting.DeviceFile
		}
		return
	}
	d.Standing = sighting.Standing(strings.ToLower(text))
	if d.Standing.Rank() > sighting.Statement.Rank() {
		d.Standing = sighting.Statement
		d.doubt("standing %q is not known; taken as the weakest, %q", text, sighting.Statement)
		d.keep(standing)
	}
}

func (d *draft) when(rule instant.Rule) {
	text := d.stated(observedAt)
	if text == "" {
		return
	}
	i, err := instant.Parse(text, rule)
	if err != nil {
		d.doubt("%v", err)
		d.keep(observedAt)
		return
	}
	d.When = i
}

// endpoint reads an address. A bad one stays in words.
func (d *draft) endpoint(ipName, portName string) sighting.Endpoint {
	if d.stated(ipName) == "" {
		d.keep(portName)
		return sighting.Endpoint{}
	}
	e, err := sighting.ParseEndpoint(d.stated(ipName), d.stated(portName))
	if err != nil {
		d.doubt("%v", err)
		d.keep(ipName)
		d.keep(portName)
		return sighting.Endpoint{}
	}
	e.Protocol = strings.ToUpper(d.stated(protocol))
	return e
}

// persons reads the identifiers. A peer id belongs to the one who acts.
func (d *draft) persons() {
	d.Who, d.To, d.Via = d.identifiers(who), d.identifiers(to), d.identifiers(via)
	if v := d.stated(peerID); v != "" {
		id, err := sighting.Identify(sighting.Peer, "", v)
		if err != nil {
			d.doubt("%v", err)
			d.keep(peerID)
			return
		}
		d.Who = append(d.Who, id)
	}
}

// identifiers reads "kind:value|kind:service:value". Where the service is left
// out, the row's own stands in.
func (d *draft) identifiers(name string) []sighting.Identifier {
	var out []sighting.Identifier
	for _, text := range strings.Split(d.stated(name), "|") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if n := strings.LastIndexByte(text, ':'); table.Rounded(strings.TrimSpace(text[n+1:])) && number(text) {
			d.problem = fmt.Sprintf("%s %q was rounded by a spreadsheet; ask for the file as text", name, text)
		}
		id, err := sighting.ParseIdentifier(strings.TrimSpace(text))
		if err == nil && id.Service == "" {
			id, err = sighting.Identify(id.Kind, d.Service, id.Value)
		}
		if err != nil {
			d.doubt("%s: %v", name, err)
			d.Extra = append(d.Extra, sighting.Field{Name: name, Value: text})
			continue
		}
		out = append(out, id)
	}
	return out
}

// number tells whether an identifier is of a kind whose values are long numbers,
// which spreadsheets round.
func number(text string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), ":")
	switch sighting.IDKind(kind) {
	case sighting.Phone, sighting.IMEI, sighting.IMSI, sighting.ICCID, sighting.Account:
		return true
	}
	return false
}

// measures keeps what tells how good the observation is.
func (d *draft) measures() {
	for _, name := range []string{network, tool, piecesSeen, piecesTotal, singleSource, path, note} {
		d.keep(name)
	}
	seen, total := d.count(piecesSeen), d.count(piecesTotal)
	if seen >= 0 && total >= 0 && seen > total {
		d.doubt("%d pieces seen of %d", seen, total)
	}
	if _, understood := sighting.ReadTri(d.stated(singleSource)); !understood {
		d.doubt("single_source %q is neither yes nor no", d.stated(singleSource))
	}
	switch g := strings.ToUpper(d.stated(grade)); g {
	case "", "G0", "G1", "G2", "G3":
		d.Grade = g
	default:
		d.keep(grade)
		d.doubt("grade %q is none of G0 to G3", g)
	}
}

// count reads a whole number, −1 where none is stated.
func (d *draft) count(name string) int64 {
	v := d.stated(name)
	if v == "" {
		return -1
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		d.doubt("%s %q is not a whole number", name, v)
		return -1
	}
	return n
}

// base gives the last part of a path, with slashes either way.
func base(p string) string { return stdpath.Base(strings.ReplaceAll(p, `\`, "/")) }
