// Package flow is the only room that knows the order of the river:
//
//	hand in → seal → read → match → weigh → leads
//
// Takes sources that someone hands in and questions that someone asks. Gives
// stages that run as jobs, and the trace. A stage is: load by id, pure call, one
// transaction (result and next job); it is keyed by what it works on, so that
// running it again is harmless. Nothing calls upstream.
package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/netip"
	"time"

	"suraag/actor"
	"suraag/casework"
	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/custody/retain"
	"suraag/custody/vault"
	"suraag/digest"
	"suraag/hashset"
	"suraag/intake"
	"suraag/network"
	"suraag/sighting"
)

// Record is what flow needs of the database.
type Record interface {
	InTx(ctx context.Context, f func(*sql.Tx) error) error
	Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error
	sources
	records
	lists
	leads
	kinships
	partings
	requests
	complaints
	checks
	keeping
	network.Lookup
	AddDataSet(ctx context.Context, tx *sql.Tx, s network.DataSet) error
	AddRanges(ctx context.Context, tx *sql.Tx, set string, from int64, ranges []network.Range) error
	FinishDataSet(ctx context.Context, tx *sql.Tx, s network.DataSet) error
}

// checks is what a verification asks.
type checks interface {
	CheckRows(ctx context.Context, yield func(table, row, what string) error) error
	EntriesAbout(ctx context.Context, subject string) ([]custody.Logged, error)
	StatedRows(ctx context.Context, yield func(name, sum string) error) error
	EachEntry(ctx context.Context, yield func(custody.Logged) error) error
	Entries(ctx context.Context, q custody.Query) ([]custody.Logged, error)
	HandIns(ctx context.Context, id string) ([]custody.HandIn, error)
	Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error)
	LeadTies(ctx context.Context) (map[string]string, error)
	Leads(ctx context.Context, limit int) ([]casework.Lead, error)
	AllDataSets(ctx context.Context) (live, cut []network.DataSet, err error)
	RangesOf(ctx context.Context, set string, yield func(network.Range) error) error
	Dirty(ctx context.Context) (int64, error)
}

// keeping is what retention asks.
type keeping interface {
	EndedPasses(ctx context.Context, now time.Time) (map[string]time.Time, error)
	AllDrafts(ctx context.Context) (map[string]time.Time, error)
	AllVictims(ctx context.Context) (map[string]bool, error)
	NeededSources(ctx context.Context, tx *sql.Tx) (map[string]bool, error)
	ErasePass(ctx context.Context, tx *sql.Tx, id string) error
	EraseDraft(ctx context.Context, tx *sql.Tx, id string) error
	EraseVictim(ctx context.Context, tx *sql.Tx, ref string) error
	EraseSource(ctx context.Context, tx *sql.Tx, id string) (records int64, err error)
	ForgetEntries(ctx context.Context, tx *sql.Tx, subject string, kinds ...string) (leaves [][]byte, err error)
	WhileUnknown(ctx context.Context, id string, f func() error) error
	LatestEntry(ctx context.Context, kind custody.Kind, subject string) (l custody.Logged, there bool, err error)
	PutProposal(ctx context.Context, tx *sql.Tx, p retain.Proposal) error
	EndProposal(ctx context.Context, tx *sql.Tx, id string) error
	Proposal(ctx context.Context, id string) (retain.Proposal, error)
}

type sources interface {
	AddSource(ctx context.Context, tx *sql.Tx, s custody.Source) (added bool, err error)
	AddToCase(ctx context.Context, tx *sql.Tx, caseID, source, by string, now time.Time, in *custody.HandIn) error
	KeepForUnit(ctx context.Context, tx *sql.Tx, source, by string, now time.Time) error
	FinishSource(ctx context.Context, tx *sql.Tx, s custody.Source) error
	Source(ctx context.Context, id string) (custody.Source, error)
	FindSource(ctx context.Context, prefix string) (custody.Source, error)
	Sources(ctx context.Context) ([]custody.Source, error)
	SetOptions(ctx context.Context, tx *sql.Tx, id string, options json.RawMessage) error
	TrimProblems(ctx context.Context, tx *sql.Tx, source string, from int64) error
	AddProblems(ctx context.Context, tx *sql.Tx, source string, problems []sighting.Problem) error
}

type records interface {
	Put(ctx context.Context, tx *sql.Tx, b sighting.Batch, now time.Time) (added int64, err error)
	RetireOlder(ctx context.Context, tx *sql.Tx, source string, versions map[string]int, now time.Time) error
	Has(ctx context.Context, ids []string) (int64, error)
	Closure(ctx context.Context, digests []digest.Digest, refs []string, listed func([]digest.Digest) ([]sighting.Thing, error)) ([]sighting.Thing, error)
	SourcesOfThings(ctx context.Context, thingIDs []string) (map[string][]string, error)
	Codes(ctx context.Context, kind digest.Kind, yield func(value digest.Digest, thing string) error) error
	CodesSince(ctx context.Context, place int64, yield func(place int64, value digest.Digest, thing string) error) error
	SightingsOf(ctx context.Context, thingIDs []string, limit int) ([]sighting.Sighting, error)
	SightingsByAfter(ctx context.Context, i sighting.Identifier, last sighting.Sighting, limit int) ([]sighting.Sighting, error)
	SightingsAfter(ctx context.Context, thingIDs []string, last sighting.Sighting, limit int) ([]sighting.Sighting, error)
	SightingsBy(ctx context.Context, i sighting.Identifier, limit int) ([]sighting.Sighting, error)
	SightingsFrom(ctx context.Context, e sighting.Endpoint, limit int) ([]sighting.Sighting, error)
	LeasesOf(ctx context.Context, a netip.Addr, from, until time.Time) ([]sighting.Lease, error)
	LeasesBy(ctx context.Context, i sighting.Identifier) ([]sighting.Lease, error)
	SupersededSum(ctx context.Context, tx *sql.Tx, source string) (records int64, sum string, err error)
	Docs(ctx context.Context, source string, yield func(kind, id, doc string) error) error
}

type lists interface {
	AddSet(ctx context.Context, tx *sql.Tx, s hashset.Set) (bool, error)
	UpdateSet(ctx context.Context, tx *sql.Tx, s hashset.Set) error
	Sets(ctx context.Context) ([]hashset.Set, error)
	SetsOf(ctx context.Context, source string) ([]hashset.Set, error)
	AddNegative(ctx context.Context, tx *sql.Tx, n hashset.Negative) error
	EndNegative(ctx context.Context, tx *sql.Tx, n hashset.Negative) error
	Negatives(ctx context.Context) ([]hashset.Negative, error)
	PutQuarantine(ctx context.Context, tx *sql.Tx, q hashset.Quarantine) error
	HeldEntries(ctx context.Context) ([]hashset.Quarantine, error)
	BeginRun(ctx context.Context, tx *sql.Tx, set, cause string, now time.Time) error
	StepRun(ctx context.Context, tx *sql.Tx, r hashset.Run) error
	Runs(ctx context.Context) ([]hashset.Run, error)
	CountThings(ctx context.Context) (int64, error)
	ThingsAfter(ctx context.Context, after string, limit int) ([]sighting.Thing, error)
}

type partings interface {
	AddParting(ctx context.Context, tx *sql.Tx, w actor.Word) error
	UndoParting(ctx context.Context, tx *sql.Tx, w actor.Word) error
	Partings(ctx context.Context) ([]actor.Word, error)
}

type kinships interface {
	AddKinship(ctx context.Context, tx *sql.Tx, k casework.Kinship) error
	UndoKinship(ctx context.Context, tx *sql.Tx, k casework.Kinship) error
	Kinships(ctx context.Context) ([]casework.Kinship, error)
	KinshipsOf(ctx context.Context, digests []digest.Digest) ([]casework.Kinship, error)
}

type leads interface {
	TakeTurn(ctx context.Context, tx *sql.Tx, stage string, now time.Time) error
	DirtyByLeases(ctx context.Context, tx *sql.Tx, source string) error
	MarkDirty(ctx context.Context, tx *sql.Tx, thingIDs []string) error
	DirtyAll(ctx context.Context, tx *sql.Tx) error
	TakeDirty(ctx context.Context, tx *sql.Tx, limit int) ([]sighting.Thing, error)
	AddLeads(ctx context.Context, tx *sql.Tx, leads []casework.Lead) ([]casework.LeadChange, error)
	DropLeads(ctx context.Context, tx *sql.Tx, thingIDs []string, kept map[string]bool, some func([]casework.LeadChange) error) error
	LeadsOf(ctx context.Context, thingIDs []string) ([]casework.Lead, error)
}

// Limits are what one unit may cost the machine.
type Limits struct {
	Original int64 // bytes of one source
	Intake   intake.Limits
	Answer   int // sightings that one trace shows; the rest is counted
	Step     int // things that one transaction of a list's run looks at: what is lost when its worker dies
}

// DefaultLimits suit one ordinary machine.
func DefaultLimits() Limits {
	return Limits{Original: 1 << 40, Intake: intake.DefaultLimits(), Answer: 20_000, Step: 5000}
}

// House is the record with what works on it.
type House struct {
	Record    Record
	Originals custody.Keeper
	Vault     *vault.Vault // nil: none
	Lists     hashset.Keeper
	Formats   []intake.Format
	Policy    Policy
	Limits    Limits
	Now       func() time.Time
	Log       *slog.Logger
	Queue     Queue

	// Of complaints: the tables of codes, numbers that are known to belong to many,
	// and the key that victims are encrypted to.
	Tables complaint.Tables
	Public map[sighting.Identifier]string
	Unit   Unit

	near   nearIndex
	shelf  shelf
	series seriesIndex
	whole  *House // of which this is a view
}

// Policy holds the thresholds that a unit may set.
type Policy struct {
	PDQDistance int // up to which two PDQ values are near: 31 (ThreatExchange, PDQ README)
	PDQQuality  int // below which a PDQ value of ours is not compared: 50 (the same)
	PhotoDNA    int // squared distance up to which two PhotoDNA values are near
}

// DefaultPolicy gives the list owners' own thresholds.
func DefaultPolicy() Policy {
	return Policy{PDQDistance: 31, PDQQuality: 50, PhotoDNA: digest.PhotoDNALimit}
}

// Queue adds jobs in the transaction of the data.
type Queue interface {
	Read(ctx context.Context, tx *sql.Tx, source string) error
	Weigh(ctx context.Context, tx *sql.Tx) error
	Run(ctx context.Context, tx *sql.Tx, set, cause string) error
}
