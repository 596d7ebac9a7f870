// Package web shows Suraag as pages and as JSON.
//
// Takes a Desk, which answers questions and receives documents. Gives an
// http.Handler whose pages work without scripts and whose JSON holds the same
// documents as the commands. Never shows content but in media mode, where it is
// covered until somebody holds a key (media.go); never shows a city or coordinates;
// never names a person behind an address; never loads anything from another host, and
// never answers one (guard.go).
package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/people/wall"
	"suraag/sighting"
)

// Desk is what the pages ask of the rest of the house. It answers as whoever asks
// (people.From) may see it. Errors carry a kind of package fault; an unknown id is
// fault.NotFound.
type Desk interface {
	// Trace answers for a digest, an identifier, an ip or an ip:port. The hours of
	// the answer are counted in the viewer's zone.
	Trace(ctx context.Context, target string, zone *time.Location) (casework.Trace, error)
	// TraceImage answers for a picture, which is hashed and dropped.
	TraceImage(ctx context.Context, name string, r io.ReaderAt, size int64, zone *time.Location) (casework.Trace, error)
	// Leads gives the head of the queue; a limit of 0 gives all of it.
	Leads(ctx context.Context, limit int) ([]casework.Lead, error)
	CountLeads(ctx context.Context) (int64, error)
	// FindLead and FindSource take an id or its beginning.
	FindLead(ctx context.Context, id string) (casework.Lead, error)
	FindSource(ctx context.Context, id string) (custody.Source, error)
	Sources(ctx context.Context) ([]custody.Source, error)
	HandIns(ctx context.Context, id string) ([]custody.HandIn, error)
	// Problems lists bad rows and notes whose number in the source is from or more;
	// a limit of 0 gives all.
	Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error)
	// Quote gives the bytes at a place of a sealed original, with at most around
	// bytes before and after.
	Quote(ctx context.Context, source string, at sighting.Place, around int64) (Quote, error)
	// Receive seals what someone brings and has it read. Added is false where the
	// same bytes were here before.
	Receive(ctx context.Context, in HandIn, body io.Reader) (s custody.Source, added bool, err error)
	// Export makes a document about a lead, a case (by ID or number) or a target of
	// a trace: AsBundle or AsPDF. It is logged when it returns.
	Export(ctx context.Context, target, what string, zone *time.Location) (Download, error)
	Totals(ctx context.Context) (Totals, error)
	// Lists gives the lists of known digests; Decide takes what somebody says of one
	// of their digests.
	Lists(ctx context.Context) (Lists, error)
	Decide(ctx context.Context, d Decision) error
	// Part holds two identifiers apart that records state together; JoinAgain takes
	// such a word back by its ID.
	Part(ctx context.Context, a, b sighting.Identifier, why string) error
	JoinAgain(ctx context.Context, word, why string) error
	// Entries gives a part of the log, newest first.
	Entries(ctx context.Context, q custody.Query) ([]custody.Logged, error)
	// Answers tells whether the record does; it says nothing of what is in it.
	Answers(ctx context.Context) error
	Loop
}

// Quote is a statement in its surroundings, as bytes.
type Quote struct {
	Before, Text, After []byte
	Cut                 bool // the statement goes on beyond Text
}

// HandIn is what an officer states when bringing a document. Authority is
// required. ListName and ListFrom are set for a list of known digests only.
type HandIn struct {
	Name      string
	BroughtBy string
	Authority string
	Case      string // ID; empty: for the whole unit
	Zone      string // of times that state none: an IANA name, "IST" or "UTC"; empty: they stay ambiguous
	DateOrder string // "day first", "month first" or empty
	Service   string
	Format    string // read as this format; empty: detect it
	ListName  string
	ListFrom  string
}

// Totals counts what the record holds, and what is still to do.
type Totals struct {
	Sources   int64 `json:"sources"`
	Sightings int64 `json:"sightings"`
	Leases    int64 `json:"leases"`
	Listings  int64 `json:"listings"`
	Leads     int64 `json:"leads"`
	Waiting   int64 `json:"waiting"`  // sources that are not read yet
	Weighing  int64 `json:"weighing"` // contents whose leads are not weighed yet
}

// Settled tells whether everything that was handed in has been read and weighed.
func (t Totals) Settled() bool { return t.Waiting == 0 && t.Weighing == 0 }

// Config is what the pages need. Desk is required.
type Config struct {
	Desk    Desk
	Now     func() time.Time // nil: time.Now
	Zone    *time.Location   // the viewer's, unless a page is asked for another; nil: UTC
	Log     *slog.Logger     // nil: discards
	Version string

	// Door is where people sign in. A machine on which nobody does, and where
	// whoever uses it sees everything, has to be wanted: Alone is then the name
	// under which receipts are written.
	Door  *door.Door
	Alone string
	Wall  *wall.Wall // nil: the record has no cases
	// Complaints and Figures answer their pages; nil: there are none.
	Complaints Complaints
	Figures    Figures
	Media      Media // what the vault holds; nil: media mode has no pages
	// Deliveries takes what programs hand in, and Machines knows those that show a
	// certificate; nil: none may.
	Deliveries Deliveries
	Machines   Machines
	// Origin is how browsers address these pages, as https://host:port; TLS tells
	// whether the line is encrypted; Hosts are names that are answered beside those
	// of this machine.
	Origin string
	TLS    bool
	Hosts  []string
	// Stopping is closed when the program is to end: what would go on by itself
	// ends then. nil: never.
	Stopping <-chan struct{}
}

// server holds what every handler needs. Nothing in it changes after New.
type server struct {
	Config
	policy   people.Policy
	pages    pages
	pictures chan struct{} // one place for each picture that is held in memory
	sending  chan struct{} // one place for each document that a program sends
	paces    *door.Limiter
	tick     time.Duration // between two messages of the progress stream
}

// maxPictures bounds how many pictures are held in memory at once.
const maxPictures = 2

// New gives the pages and the JSON interface. It parses every template, so that
// a broken one stops the program at its start and not in front of an officer.
func New(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s.guard(s.mux()), nil
}

func newServer(c Config) (*server, error) {
	if c.Desk == nil {
		return nil, fault.Newf(fault.Internal, "web: no desk was given")
	}
	if (c.Door == nil) == (c.Alone == "") {
		return nil, fault.Newf(fault.Internal, "web: it was not said whether people sign in")
	}
	if c.Door != nil && c.Wall == nil {
		return nil, fault.Newf(fault.Internal, "web: people sign in, and no wall was given")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	p, err := parsePages()
	if err != nil {
		return nil, err
	}
	policy, err := people.Shipped()
	if err != nil {
		return nil, err
	}
	return &server{Config: c, policy: policy, pages: p, pictures: make(chan struct{}, maxPictures), sending: make(chan struct{}, maxSending), paces: paces(c.Now), tick: time.Second}, nil
}

// Server gives a server with the limits that the pages count on; the caller adds
// nothing but a listener. Deadlines for bodies and answers are set by route,
// because a hand-in may take hours and a search may not.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	if log != nil {
		srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	}
	return srv
}
