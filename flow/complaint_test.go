package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/flow"
)

var complainedAt = time.Date(2025, 3, 1, 4, 30, 0, 0, time.UTC)

// complain takes a complaint and runs the jobs that follow.
func (h *house) complain(t *testing.T, change func(*complaint.Form)) string {
	t.Helper()
	f := complaint.Form{
		Station: "Example Cyber Cell", District: "Example East", Received: complainedAt, Channel: "in person", Language: "hi",
		Kinds: []string{"sextortion"}, AgeBand: "12-16", Story: "He asks the child for money.",
	}
	change(&f)
	s, err := h.TakeComplaint(ctx, f, complaint.Victim{Name: "Asha Example", Phone: "+910000000099"}, "officer one", "")
	if err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	return s.ID
}

func names(phone string) func(*complaint.Form) {
	return func(f *complaint.Form) { f.Accused = []complaint.Stated{{Kind: "phone", Value: phone}} }
}

func TestComplaintWithoutAnyImageIsTakenAndQueued(t *testing.T) {
	h := newHouse(t)
	plain := h.complain(t, func(*complaint.Form) {})
	urgent := h.complain(t, func(f *complaint.Form) { f.Received = complainedAt.Add(time.Hour); f.Danger = []string{"meeting"} })
	queue, err := h.ComplaintQueue(ctx, false)
	if err != nil || len(queue) != 2 || queue[0].Source != urgent || queue[1].Source != plain {
		t.Fatalf("%+v, %v", queue, err)
	}
	if !strings.Contains(strings.Join(queue[0].Turn.Reasons, " "), "meeting") {
		t.Errorf("reasons %v", queue[0].Turn.Reasons)
	}
}

// TestLaterComplaintFindsTheEarlier, and the earlier one says so too: whatever
// comes meets everything that ever came.
func TestLaterComplaintFindsTheEarlier(t *testing.T) {
	h := newHouse(t)
	first := h.complain(t, names("+910000000001"))
	found, err := h.Series(ctx)
	if err != nil || len(found.Series) != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	second := h.complain(t, func(f *complaint.Form) { names("+910000000001")(f); f.Received = complainedAt.Add(48 * time.Hour) })
	ties, err := h.TiesOf(ctx, first)
	if err != nil || len(ties) != 1 || ties[0].Strength != series.Hard {
		t.Fatalf("%+v, %v", ties, err)
	}
	if err := h.DecideSeries(ctx, series.Decision{A: first, B: second, By: "officer one"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a decision without a reason: %v", err)
	}
	before := words(t, must(t)(h.SeriesAndScripts(ctx)))
	if err := h.DecideSeries(ctx, series.Decision{A: first, B: second, By: "officer one", Reason: "the number was given out anew"}); err != nil {
		t.Fatal(err)
	}
	if found := must(t)(h.SeriesAndScripts(ctx)); len(found.Series) != 0 {
		t.Errorf("parted, and still one: %+v", found.Series)
	}
	if err := h.TakeBackSeries(ctx, first, second, "officer two"); err != nil {
		t.Fatal(err)
	}
	if after := words(t, must(t)(h.SeriesAndScripts(ctx))); after != before {
		t.Errorf("taken back, and not as before:\n%s\n%s", before, after)
	}
	if err := h.TakeBackSeries(ctx, first, second, "officer two"); !fault.Is(err, fault.NotFound) {
		t.Errorf("taken back twice: %v", err)
	}
}

func must(t *testing.T) func(series.Found, error) series.Found {
	return func(f series.Found, err error) series.Found {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}

// TestVictimIsKeptApart: the name is in no file and no table in the clear, and
// whoever asks for it has to say why.
func TestVictimIsKeptApart(t *testing.T) {
	h := newHouse(t)
	id := h.complain(t, func(*complaint.Form) {})
	o, err := h.Originals.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	doc := make([]byte, h.source(t, id).Size)
	if _, err := o.ReadAt(doc, 0); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(doc), "Asha") {
		t.Error("the sealed document names the child")
	}
	if _, err := h.ShowVictim(ctx, id, "officer one", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	v, err := h.ShowVictim(ctx, id, "officer one", "to call the mother")
	if err != nil || v.Name != "Asha Example" {
		t.Errorf("%+v, %v", v, err)
	}
	entry, there, err := h.db.LatestEntry(ctx, "view", must2(h.db.Complaint(ctx, id)).Form.Victim)
	if err != nil || !there || !strings.Contains(string(entry.Canonical), "to call the mother") || entry.By != "officer one" {
		t.Errorf("the look was not logged: %s, %v", entry.Canonical, err)
	}
}

func must2(e complaint.Entry, err error) complaint.Entry {
	if err != nil {
		panic(err)
	}
	return e
}

func TestStoryThatNamesTheChildIsRefused(t *testing.T) {
	h := newHouse(t)
	f := complaint.Form{Station: "s", District: "d", Received: complainedAt, Kinds: []string{"bullying"}, AgeBand: "12-16", Story: "They call asha example names."}
	_, err := h.TakeComplaint(ctx, f, complaint.Victim{Name: "Asha Example"}, "officer one", "")
	var wrong *flow.Wrong
	if !errors.As(err, &wrong) || wrong.Problems[0].Field != "story" {
		t.Errorf("%v", err)
	}
}

// TestDayThatHasNotCome: a year mistyped in the form would put the complaint last in
// its class, and every stage of it before the complaint, for good.
func TestDayThatHasNotCome(t *testing.T) {
	h := newHouse(t)
	f := complaint.Form{Station: "s", District: "d", Received: h.Now().AddDate(10, 0, 0), Kinds: []string{"bullying"}, AgeBand: "12-16", Story: "They call the child names."}
	_, err := h.TakeComplaint(ctx, f, complaint.Victim{}, "officer one", "")
	var wrong *flow.Wrong
	if !errors.As(err, &wrong) || wrong.Problems[0].Field != "received" {
		t.Errorf("%v", err)
	}
	f.Received = h.Now().Add(time.Minute) // the browser's clock is a little ahead
	if _, err := h.TakeComplaint(ctx, f, complaint.Victim{}, "officer one", ""); err != nil {
		t.Error(err)
	}
}

// TestVictimIsNotTheAccused: the number of the child, entered in the row of the
// one accused, would tie all that concerns it to the child.
func TestVictimIsNotTheAccused(t *testing.T) {
	h := newHouse(t)
	for _, written := range []string{"+91 00000 00099", "00910000000099", "+910000000099"} {
		f := complaint.Form{Station: "s", District: "d", Received: complainedAt, Kinds: []string{"bullying"}, AgeBand: "12-16", Story: "They call the child names.",
			Accused: []complaint.Stated{{Kind: "handle", Service: "Example Social", Value: "x"}, {Kind: "phone", Value: written}}}
		_, err := h.TakeComplaint(ctx, f, complaint.Victim{Phone: "+910000000099"}, "officer one", "")
		var wrong *flow.Wrong
		if !errors.As(err, &wrong) || wrong.Problems[0].Field != "accused.1" {
			t.Errorf("%s: %v", written, err)
		}
	}
}

// Some sees what is not in it.
type some map[string]bool

func (s some) Hidden(_ context.Context, ids []string) (map[string]bool, error) { return s, nil }
func (s some) Whom([]string) []string                                          { return nil }

// One complaint alone says what it says in the queue, also of a series that is
// hidden in part.
func TestOneComplaintAloneIsAsInTheQueue(t *testing.T) {
	h := newHouse(t)
	h.list(t, "known", "list.csv", plain(md5of("x")))
	h.complain(t, func(f *complaint.Form) { f.Digests = []string{md5of("x")}; f.Danger = []string{"meeting"} })
	for n := range 3 {
		hour := time.Duration(n+1) * time.Hour
		h.complain(t, func(f *complaint.Form) { names("+910000000001")(f); f.Received = complainedAt.Add(hour) })
	}
	all, err := h.ComplaintQueue(ctx, true)
	if err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
	for _, v := range []some{nil, {all[3].Source: true}} {
		queue, _, err := h.ComplaintQueueFor(ctx, v, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range queue {
			got, err := h.ComplaintTurnFor(ctx, v, w.Source)
			if diff := cmp.Diff(w, got); err != nil || diff != "" {
				t.Errorf("in the queue (-) and alone (+), %v:\n%s", err, diff)
			}
		}
		if said := strings.Contains(fmt.Sprint(queue), "cases that you are not on"); said != (v != nil) {
			t.Errorf("hidden %v: %v", v, queue)
		}
	}
}

// TestComplaintThatCannotBeQueuedSaysSo: a document of another station whose
// record is taken but whose form is not read does not vanish from the queue
// without a word.
func TestComplaintThatCannotBeQueuedSaysSo(t *testing.T) {
	h := newHouse(t)
	s := h.handIn(t, "complaint.json", []byte(`{"suraag_complaint":1,"station":"s","received":"1 March 2025","kinds":["sextortion"],"story":"x","danger":["meeting"]}`))
	queue, err := h.ComplaintQueue(ctx, true)
	if err != nil || len(queue) != 0 {
		t.Fatalf("%+v, %v", queue, err)
	}
	after, err := h.Record.Source(ctx, s.ID)
	if err != nil || !strings.Contains(after.Problem, "does not stand in the queue") {
		t.Errorf("nobody is told: %q, %v", after.Problem, err)
	}
}

// TestScriptOfAnAttachedChat: what others wrote in the export counts, what the
// complainant wrote does not.
func TestScriptOfAnAttachedChat(t *testing.T) {
	h := newHouse(t)
	const script = "Tumhari photo maine save kar li hai agar paise abhi nahi bheje to ye photo tumhare papa aur school ke sab logo ko bhej dunga"
	chat := h.handIn(t, "WhatsApp Chat with Boy.txt", []byte("14/03/25, 10:58 am - Me: Please leave me alone today and never write to me again, I will tell my teacher\n14/03/25, 10:59 am - Boy: "+script+"\n14/03/25, 11:00 am - Me: no\n"))
	with := h.complain(t, func(f *complaint.Form) { f.Attached, f.ChatNames = []string{chat.ID}, []string{"Me"} })
	h.complain(t, func(f *complaint.Form) {
		f.Messages = []complaint.Message{{Words: script}}
		f.Received = complainedAt.Add(time.Hour)
	})
	h.complain(t, func(f *complaint.Form) {
		f.Messages = []complaint.Message{{Words: "Please leave me alone today and never write to me again, I will tell my teacher"}}
		f.Received = complainedAt.Add(2 * time.Hour)
	})
	if doc := words(t, must2(h.db.Complaint(ctx, with))); strings.Contains(doc, "Me") {
		t.Errorf("the complainant's own name stands in the clear: %s", doc)
	}
	ties, err := h.TiesOf(ctx, with)
	if err != nil || len(ties) != 1 || ties[0].Sort != series.ByScript || ties[0].Strength != series.Weak {
		t.Errorf("%+v, %v", ties, err)
	}
}

func TestStages(t *testing.T) {
	h := newHouse(t)
	id := h.complain(t, func(*complaint.Form) {})
	day := complainedAt.Add(24 * time.Hour)
	for _, c := range []struct {
		name  string
		stage complaint.Stage
		want  fault.Kind
		ok    bool
	}{
		{"charge sheet before the FIR", complaint.Stage{Name: complaint.ChargeSheet, At: day, Persons: 1}, fault.Conflict, false},
		{"registered", complaint.Stage{Name: complaint.Registered, At: day, Words: "FIR 12/2025"}, 0, true},
		{"in the future", complaint.Stage{Name: complaint.Demanded, At: h.Now().Add(time.Hour)}, fault.Invalid, false},
		{"arrest of nobody", complaint.Stage{Name: complaint.Arrested, At: day}, fault.Invalid, false},
		{"closed without a word", complaint.Stage{Name: complaint.Closed, At: day, Reason: "not-found"}, fault.Invalid, false},
		{"closed with a reason", complaint.Stage{Name: complaint.Closed, At: day, Reason: "not-found", Words: "the operator kept no logs for that day"}, 0, true},
		{"taken back without a reason", complaint.Stage{Name: complaint.TakenBack, TakesBack: 2}, fault.Invalid, false},
		{"taken back", complaint.Stage{Name: complaint.TakenBack, TakesBack: 2, Words: "entered for another complaint"}, 0, true},
		{"taken back twice", complaint.Stage{Name: complaint.TakenBack, TakesBack: 2, Words: "again"}, fault.Conflict, false},
		{"a word of one's own", complaint.Stage{Name: "solved", At: day}, fault.Invalid, false},
	} {
		c.stage.By = "officer one"
		_, err := h.ReachStage(ctx, id, c.stage)
		if c.ok != (err == nil) || err != nil && !fault.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if e := must2(h.db.Complaint(ctx, id)); !e.Open() || !e.Reached(complaint.Registered) || len(e.Stages) != 3 {
		t.Errorf("%+v", e.Stages)
	}
}
