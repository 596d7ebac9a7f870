package custody

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"suraag/fault"
)

// Kind says what was done.
type Kind = string

// What is logged. The words stand in the log for ever: a kind may be added,
// never renamed or given another meaning.
const (
	SourceSealed     Kind = "source sealed"     // subject: source
	SourceRead       Kind = "source read"       // subject: source
	DraftRemoved     Kind = "draft removed"     // of a hand-in that was cut off; subject: its file
	SourceSuperseded Kind = "source superseded" // records replaced by a newer reader's; subject: source

	ListImported      Kind = "hash set imported"          // subject: hash set
	ListReplaced      Kind = "hash set replaced"          // by a later version; subject: hash set
	ListRetracted     Kind = "hash set retracted"         // subject: hash set
	ListQuarantined   Kind = "hash set entry quarantined" // subject: entry
	ListConfirmed     Kind = "hash set entry confirmed"   // subject: entry
	ListDismissed     Kind = "hash set entry dismissed"   // subject: entry
	ListNegative      Kind = "negative list changed"      // subject: digest
	DataImported      Kind = "data set imported"          // subject: data set
	Finding           Kind = "finding"                    // subject: whom or what it is about
	LeadOpened        Kind = "lead opened"                // subject: lead
	LeadChanged       Kind = "lead changed"               // subject: lead
	LeadClosed        Kind = "lead closed"                // subject: lead
	Request           Kind = "request"                    // subject: request
	Reply             Kind = "reply"                      // subject: request
	Correction        Kind = "correction"                 // subject: what is corrected
	View              Kind = "view"                       // of a case, a source or a trace; subject: which
	Export            Kind = "export"                     // subject: what left
	PackAdded         Kind = "pack added"                 // of legal instruments; subject: SHA-256 of its text
	PackReviewed      Kind = "pack reviewed"              // subject: SHA-256 of its text
	CaseChanged       Kind = "case changed"               // subject: case
	ComplaintStage    Kind = "complaint stage"            // what became of a complaint; subject: complaint
	SeriesDecided     Kind = "series decided"             // two complaints held to be, or not, of one someone; subject: the first
	FamilyDecided     Kind = "family decided"             // two contents held to be, or not, of one family; subject: the first
	ActorDecided      Kind = "actor decided"              // two identifiers held not to be one someone; subject: the word's ID
	SignIn            Kind = "sign-in"                    // subject: person
	SignInRefused     Kind = "sign-in refused"            // subject: person, as given
	SignOut           Kind = "sign-out"                   // subject: person
	RoleChanged       Kind = "role changed"               // subject: person
	PersonChanged     Kind = "person changed"             // invited, let in anew, ended, keys and tokens made; subject: person
	MachineChanged    Kind = "machine changed"            // added, given a certificate, ended; subject: machine
	ModeChanged       Kind = "mode changed"               // media mode; subject: case
	Looked            Kind = "media looked at"            // uncovered, or covered again and after how long; subject: item
	LimitChanged      Kind = "viewing limit changed"      // subject: person, or "unit"
	LimitReached      Kind = "viewing limit reached"      // subject: person
	BreakGlass        Kind = "break-glass"                // a sealed case opened against need to know; subject: case
	Erased            Kind = "erased"                     // removed lawfully; subject: the leaf of a log entry, hex, or what was erased
	ErasureProposed   Kind = "erasure proposed"           // for another person to do; subject: proposal
	CheckpointStamped Kind = "checkpoint stamped"         // subject: "checkpoint SIZE"
	Verified          Kind = "verified"                   // a verification ran to its end; subject: record
	LogConfigured     Kind = "log configured"             // key, witnesses, time-stamping; subject: the log's name
	Deconflicted      Kind = "deconfliction"              // subject: enquiry
	VaultPut          Kind = "vault item put"             // content is held; subject: item
	VaultOpened       Kind = "vault item opened"          // content was given out; subject: item
	VaultDropped      Kind = "vault item dropped"         // its key is destroyed; subject: item
	VaultDropProposed Kind = "vault drop proposed"        // for another person to do; subject: proposal
	VaultRewrapped    Kind = "vault item rewrapped"       // its key encrypted to another unit key; subject: item
	UnitKeyChanged    Kind = "unit key changed"           // subject: its public half
	LogMended         Kind = "log mended"                 // it had been refused; subject: custody log
	RowsWritten       Kind = "rows written"               // of which no other entry speaks; subject: the first row, or the record
)

// Lost stands as the kind of an entry of which the record has nothing but the leaf,
// because the database was put back; no entry is ever written with it.
const Lost Kind = "lost"

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		SourceSealed, SourceRead, DraftRemoved, SourceSuperseded, ListImported, ListReplaced, ListRetracted, ListQuarantined, ListConfirmed, ListDismissed, ListNegative, DataImported,
		Finding, LeadOpened, LeadChanged, LeadClosed, Request, Reply, Correction, PackAdded, PackReviewed, View, Export, CaseChanged,
		ComplaintStage, SeriesDecided, FamilyDecided, ActorDecided,
		SignIn, SignInRefused, SignOut, RoleChanged, PersonChanged, MachineChanged, ModeChanged, Looked, LimitChanged, LimitReached, BreakGlass, Erased, ErasureProposed, CheckpointStamped, Verified, LogConfigured, Deconflicted,
		VaultPut, VaultOpened, VaultDropped, VaultDropProposed, VaultRewrapped, UnitKeyChanged, LogMended, RowsWritten,
	}
}

// Entry is one thing that was done and may never be denied later.
type Entry struct {
	Kind    Kind            `json:"kind"`
	Subject string          `json:"subject"` // the ID of what it was done to
	By      string          `json:"by"`      // who did it: a person, or "suraag" for the program itself
	At      time.Time       `json:"at"`
	Record  json.RawMessage `json:"record"` // what there is to say of it, a JSON object
	Rows    []Row           `json:"rows,omitzero"`
}

// Row is what a row of the record was when the entry was written, so that verify
// can tell what it has to be. The first entry of a record has a list of them even
// if it is empty: from there on every row is stated.
type Row struct {
	Row    string `json:"row"`             // table and key
	Was    string `json:"was,omitempty"`   // its SHA-256 before; empty: it is new
	SHA256 string `json:"sha256"`          // of the row as doc/formats.md writes it; empty: it was taken away
	AsOf   string `json:"as_of,omitempty"` // ID of an erased entry that stated it in this one's stead
}

// Program is the By of what the program did by itself.
const Program = "suraag"

// Saying makes an entry whose record is the JSON of a value.
func Saying(kind Kind, subject, by string, at time.Time, record any) (Entry, error) {
	doc, err := json.Marshal(record)
	if err != nil {
		return Entry{}, fault.Newf(fault.Internal, "log entry %q of %q: %w", kind, subject, err)
	}
	return Entry{Kind: kind, Subject: subject, By: by, At: at, Record: doc}, nil
}

// maxRecord bounds the canonical bytes of one entry. What is longer belongs in
// the record or the originals, and its SHA-256 in the entry.
const maxRecord = 1 << 20

// maxExact is the greatest whole number that every reader of JSON holds exactly
// (RFC 7493 §2.2).
const maxExact = "9007199254740992"

// Canonical gives the bytes that the log commits to: the entry as one JSON object
// with the members at, by, kind, record and subject, in the canonical form of
// RFC 8785. The time is UTC in RFC 3339 with as many digits as it has.
//
// A number that this form cannot hold exactly is refused, because the log would
// then commit to another: write it as a string.
func (e Entry) Canonical() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	e.At = e.At.UTC()
	if len(e.Record) == 0 {
		e.Record = json.RawMessage("{}")
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "log entry %q of %q: %w", e.Kind, e.Subject, err)
	}
	if err := exactNumbers(doc); err != nil {
		return nil, fault.Wrapf(err, "log entry %q of %q", e.Kind, e.Subject)
	}
	value := jsontext.Value(doc)
	if err := value.Canonicalize(); err != nil {
		return nil, fault.Newf(fault.Invalid, "log entry %q of %q: %w", e.Kind, e.Subject, err)
	}
	if len(value) > maxRecord {
		return nil, fault.Newf(fault.TooLarge, "log entry %q of %q has %d bytes, more than %d", e.Kind, e.Subject, len(value), maxRecord)
	}
	return value, nil
}

func (e Entry) check() error {
	switch {
	case !slices.Contains(Kinds(), e.Kind):
		return fault.Newf(fault.Internal, "log entry of the kind %q, which is not known", e.Kind)
	case e.Subject == "" || e.By == "" || e.At.IsZero():
		return fault.Newf(fault.Internal, "log entry %q does not say of what (%q), by whom (%q) and when (%s)", e.Kind, e.Subject, e.By, e.At)
	}
	return nil
}

// exactNumbers refuses whole numbers that RFC 8785 would round.
func exactNumbers(doc []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(doc))
	for {
		t, err := d.ReadToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fault.As(fault.Invalid, err)
		}
		if t.Kind() != '0' {
			continue
		}
		digits := strings.TrimPrefix(t.String(), "-")
		if !strings.ContainsAny(digits, ".eE") && (len(digits) > len(maxExact) || len(digits) == len(maxExact) && digits > maxExact) {
			return fault.Newf(fault.Invalid, "the number %s at %s is greater than JSON can hold exactly; write it as a string", t.String(), d.StackPointer())
		}
	}
}

// saltSize is the length of a salt in bytes: as long as the hash, so that nobody
// can try records until one fits a leaf.
const saltSize = 32

// leafDomain keeps a leaf from ever being mistaken for another hash of ours.
const leafDomain = "suraag log entry 1\n"

// Leaf is the commitment that stands in the log in the place of an entry:
// SHA-256 over "suraag log entry 1", a line feed, the salt (32 bytes) and the
// entry's canonical bytes. Without the salt it says nothing about the entry.
func Leaf(salt, canonical []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(leafDomain))
	h.Write(salt)
	h.Write(canonical)
	return [sha256.Size]byte(h.Sum(nil))
}

// Commitment is an entry made ready for the log.
type Commitment struct {
	Canonical []byte
	Salt      []byte
	Leaf      [sha256.Size]byte
}

// Commit makes an entry ready for the log, with a fresh salt out of random.
func Commit(e Entry, random io.Reader) (Commitment, error) {
	canonical, err := e.Canonical()
	if err != nil {
		return Commitment{}, err
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return Commitment{}, fault.Newf(fault.Unavailable, "chance for a salt: %w", err)
	}
	return Commitment{Canonical: canonical, Salt: salt, Leaf: Leaf(salt, canonical)}, nil
}

// EntryID is 16 bytes in the order of writing: 8 of the entry's turn, 4 of a count,
// and the first 4 of SHA-256 over the leaf and the 12 bytes before. The turn is the
// time of the entry in nanoseconds since 1970, or one more than that of the latest
// entry that whoever wrote it could see, if that is later: clocks of two processes
// may show the same moment, and one may be put back. Where the turn is not the time,
// the hash is over the 8 bytes of the time, too.
func EntryID(leaf []byte, at time.Time, turn uint64, count uint32) []byte {
	id := binary.BigEndian.AppendUint64(nil, turn)
	id = binary.BigEndian.AppendUint32(id, count)
	hashed := append(slices.Clone(leaf), id...)
	if ns := uint64(at.UnixNano()); ns != turn {
		hashed = binary.BigEndian.AppendUint64(hashed, ns)
	}
	sum := sha256.Sum256(hashed)
	return append(id, sum[:4]...)
}

// Turn gives the turn of an entry after the one with the ID before; nil: it is the
// first.
func Turn(at time.Time, before []byte) uint64 {
	now := uint64(at.UnixNano())
	if len(before) < 8 {
		return now
	}
	return max(now, binary.BigEndian.Uint64(before)+1)
}

// Parse reads an entry back from its canonical bytes.
func Parse(canonical []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(canonical, &e); err != nil {
		return Entry{}, fault.Newf(fault.Corrupt, "log entry: %w", err)
	}
	return e, nil
}

// Logged is an entry as the record holds it.
type Logged struct {
	ID        string // 16 bytes, hex: in the order of writing
	Kind      Kind
	Subject   string
	By        string
	At        time.Time
	Canonical []byte // empty: erased
	Salt      []byte // empty: erased
	Leaf      []byte
	Place     int64 // in the log, from 0; -1 while it waits
}

// Query narrows a look into the log; what is empty narrows nothing.
type Query struct {
	Kind    Kind
	By      string // words in the name of who did it
	Subject string // the beginning of the ID of what it was done to
	Before  string // only entries written before the one with this ID
	Limit   int
}

// IsErased tells whether the words of the entry were removed.
func (l Logged) IsErased() bool { return len(l.Canonical) == 0 && len(l.Salt) == 0 }

// Check tells in words what is wrong with an entry by itself: its leaf has to
// follow from its salt and its words, and what it is found by from its words.
func (l Logged) Check() string {
	id, err := hex.DecodeString(l.ID)
	if err != nil || len(id) != 16 || !bytes.Equal(id, EntryID(l.Leaf, l.At, binary.BigEndian.Uint64(id), binary.BigEndian.Uint32(id[8:]))) || binary.BigEndian.Uint64(id) < uint64(l.At.UnixNano()) {
		return "its ID does not follow from its leaf and its time"
	}
	if l.IsErased() {
		if l.Subject != "" || l.By != "" || len(l.Leaf) != sha256.Size {
			return "an erased entry still says something"
		}
		return ""
	}
	if leaf := Leaf(l.Salt, l.Canonical); len(l.Salt) != saltSize || !bytes.Equal(leaf[:], l.Leaf) {
		return "the words or the salt are not those to which its leaf commits"
	}
	e, err := Parse(l.Canonical)
	if err != nil {
		return "its words cannot be read"
	}
	if e.Kind != l.Kind || e.Subject != l.Subject || e.By != l.By || !e.At.Equal(l.At) {
		return "the columns by which it is found are not what it says"
	}
	return ""
}

// Checkpoint is what the log published about itself: a signed note (C2SP
// tlog-checkpoint) over its size and root.
type Checkpoint struct {
	Size   int64     `json:"size"`
	Before int64     `json:"before"` // size of the one that was recorded before
	Note   string    `json:"note"`
	At     time.Time `json:"at"`              // by our own clock
	Token  []byte    `json:"token,omitempty"` // RFC 3161 response over the note; empty: none yet
}
