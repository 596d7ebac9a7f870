// Package legal drafts demands from leads, keeps their clocks, and compares the
// answers with what was asked.
//
// Takes a lead, the record that it rests on, the quoted bytes of its source, and
// reviewed instruments. Gives a request, or every rule that forbids it, with the
// rule's sentence and source. Never takes an address, a port or a time from a
// person's keyboard (rule R1), never sends anything, never lets the drafter
// approve, and never joins two candidates into one.
//
// The rules R1 to R15 stand in doc/attribution.md, each with what it answers.
package legal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/pack"
	"suraag/fault"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// Office is who asks. None of its words may hold an address or a time of day.
type Office struct {
	Unit         string `json:"unit"`
	Officer      string `json:"officer"`
	Rank         string `json:"rank,omitempty"`
	Email        string `json:"email,omitempty"` // official
	Jurisdiction string `json:"jurisdiction"`    // "IN", "US", "EU", "GB": whose instruments it may use
	Case         string `json:"case"`            // "FIR 12/2025 PS Cyber Cell"
	Offence      string `json:"offence"`         // sections
}

// Exhibit is the statement that a request rests on, in the very bytes of the
// sealed source (rule R4).
type Exhibit struct {
	Source   string         `json:"source"` // SHA-256 of the sealed original
	Name     string         `json:"name"`
	SealedAt time.Time      `json:"sealed_at"`
	Size     int64          `json:"size"` // of the original, bytes
	Place    sighting.Place `json:"place"`
	Text     []byte         `json:"text"`
	SHA256   string         `json:"sha256"` // of Text
	Cut      bool           `json:"cut,omitempty"`
}

// Quote makes an exhibit of bytes.
func (e Exhibit) Quote(text []byte, cut bool) Exhibit {
	e.Text, e.SHA256, e.Cut = text, hexOf(text), cut
	return e
}

func hexOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Question is what is asked about, taken from the record alone.
type Question struct {
	About       pack.About            `json:"about"`
	Endpoint    sighting.Endpoint     `json:"endpoint,omitzero"`
	Far         sighting.Endpoint     `json:"far,omitzero"`
	When        instant.Instant       `json:"when,omitzero"`
	Window      attribution.Window    `json:"window,omitzero"` // of a connection: rule R7; of an account: the period
	Zone        string                `json:"zone"`            // of the addressee's logs, printed beside UTC
	Service     string                `json:"service,omitempty"`
	Identifiers []sighting.Identifier `json:"identifiers,omitempty"`
	Links       []string              `json:"links,omitempty"`
}

// Used names a pack and the review under which it was used.
type Used struct {
	Pack       string    `json:"pack"`
	SHA256     string    `json:"sha256"`
	ReviewedBy string    `json:"reviewed_by"`
	ReviewedAt time.Time `json:"reviewed_at"`
}

// Draft is what a request says. It never changes once it is made: whoever wants
// another drafts anew.
type Draft struct {
	Kind        pack.Kind            `json:"kind"`
	Lead        string               `json:"lead"`
	Record      string               `json:"record"`        // ID of the sighting
	RecordHash  string               `json:"record_sha256"` // of its text as stored
	Question    Question             `json:"question"`
	Exhibit     Exhibit              `json:"exhibit"`
	Addressee   pack.Addressee       `json:"addressee"`
	Instrument  pack.Instrument      `json:"instrument"`
	Packs       []Used               `json:"packs"`
	Office      Office               `json:"office"`
	Particulars []string             `json:"particulars,omitempty"`
	Facts       network.Facts        `json:"facts"` // of the address, as of the moment
	Elsewhere   []attribution.Reason `json:"elsewhere"`
	Cautions    []string             `json:"cautions,omitempty"`
	Check       []string             `json:"check,omitempty"`   // facts that counsel has to verify
	Follows     string               `json:"follows,omitempty"` // the request of which this is the second, independent one (rule R3)
	Resolved    []Resolved           `json:"resolved,omitempty"`
	Checklist   []Answer             `json:"checklist,omitempty"`
	LogsEnd     time.Time            `json:"logs_end,omitzero"` // when the addressee's records end, as far as is known
	LogsSource  string               `json:"logs_source,omitempty"`
	Report      string               `json:"report,omitempty"` // of an authority, of which the record is part
	ReportedAt  time.Time            `json:"reported_at,omitzero"`
	By          string               `json:"drafted_by"`
	At          time.Time            `json:"drafted_at"`
}

// State is how far a request has come.
type State string

// The states.
const (
	Drafted    State = "drafted"       // waits for a second person
	Refused    State = "refused"       // by the second person
	Approved   State = "approved"      // may be signed and sent by hand
	Sent       State = "sent"          // a person says so
	Answered   State = "answered"      // a reply matches
	Quarantine State = "in quarantine" // a reply differs from what was asked
	Withdrawn  State = "withdrawn"     // what it rests on was corrected, or it is no longer needed
)

// Event is one thing that was done with a request.
type Event struct {
	At    time.Time `json:"at"`
	On    time.Time `json:"on,omitzero"` // of sending and renewal: the day, as the person says
	By    string    `json:"by"`
	What  string    `json:"what"`
	Words string    `json:"words,omitempty"`
}

// Request is a draft with its history.
type Request struct {
	ID      string  `json:"id"`     // the first 16 bytes of SHA256, hex
	SHA256  string  `json:"sha256"` // of the draft's JSON
	State   State   `json:"state"`
	Draft   Draft   `json:"draft"`
	Events  []Event `json:"events"`
	Replies []Reply `json:"replies,omitempty"`
}

// seal gives a draft its number. The number follows from every word of it, in the
// form that the store gives back: what no text can hold is replaced before.
func seal(d Draft) (Request, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return Request{}, fault.As(fault.Internal, err)
	}
	d = Draft{}
	if err := json.Unmarshal(text, &d); err != nil {
		return Request{}, fault.As(fault.Internal, err)
	}
	if text, err = json.Marshal(d); err != nil {
		return Request{}, fault.As(fault.Internal, err)
	}
	sum := hexOf(text)
	return Request{ID: sum[:32], SHA256: sum, State: Drafted, Draft: d, Events: []Event{{At: d.At, By: d.By, What: "drafted"}}}, nil
}

// Intact tells whether a request still says what it said when it was drafted.
func (r Request) Intact() bool {
	again, err := seal(r.Draft)
	return err == nil && again.SHA256 == r.SHA256 && again.ID == r.ID
}

// RecordHash is the SHA-256 of a record's text as the store writes it.
func RecordHash(s sighting.Sighting) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fault.As(fault.Internal, err)
	}
	return hexOf(text), nil
}

// Refusal is a rule that forbids a draft.
type Refusal struct {
	Rule     string `json:"rule"` // "R8", or "pack", "instrument", "office"
	Sentence string `json:"sentence"`
	Citation string `json:"citation"`
	Missing  string `json:"missing,omitempty"` // what would lift it
}

// Demand is what an officer chooses for a draft. Addresses, ports and times are
// not among it: they come from the record alone (rule R1).
type Demand struct {
	Lead       string // ID or its beginning
	Instrument string
	Addressee  string // of the directory; empty: the one that the record leads to
	Office     Office
	By         string
	Follows    string   // the request that is to be corroborated
	Checklist  []string // of a search: answers, in the order of Checklist
	Resolved   []string // of a search: requests whose answers it rests on
}

// Choice is an instrument that reaches an addressee to whom a lead points.
type Choice struct {
	Instrument pack.Instrument
	Addressee  pack.Addressee
	Refusals   []Refusal // what forbids it
}

// Act is a step that a person takes with a request.
type Act struct {
	What    string // "approve", "refuse", "sent", "renewed", "answered", "reply", "release", "withdraw"
	By      string
	Words   string    // a reason, or how
	Exhibit string    // of an approval: the hash of the exhibit compared
	On      time.Time // of sending and renewal: the day
	Sources []string  // of a reply
}

// Input is everything that a draft is made of.
type Input struct {
	Lead       casework.Lead
	Record     sighting.Sighting // as it stands in the record now
	Exhibit    Exhibit
	Instrument pack.Instrument
	Pack       pack.Pack // of the instrument
	Review     *pack.Review
	Addressee  pack.Addressee
	Directory  pack.Pack // of the addressee
	DirReview  *pack.Review
	Office     Office
	By         string
	Follows    *Request        // a request that this one is to corroborate (rule R3)
	Open       []Request       // requests that rest on the same record
	Quarantine map[string]bool // IDs of operators' rows in quarantine
	Corrected  []Correction    // corrections of what this rests on
	Report     string          // number of the report to an authority, and its day
	ReportedAt time.Time
	Resolved   []Resolved // of a search: what the answers say
	Checklist  []Answer   // of a search
}
