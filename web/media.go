package web

import (
	"context"
	"encoding/base64"
	"errors"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
	"suraag/people/wall"
)

// Media gives what the vault holds for cases: covered to whoever looks into the
// case, uncovered only after the wall let somebody look.
type Media interface {
	// Items gives a part of what is held for a case, from a number on, and how many
	// there are. Where an item cannot be shown, it says why.
	Items(ctx context.Context, caseID string, from, most int) (items []MediaItem, all int, err error)
	// Item gives one of a case, without its veil.
	Item(ctx context.Context, caseID, id string) (MediaItem, error)
	// Shown gives a copy to be shown, as JPEG: grey unless colour is asked for, and of a
	// video one still.
	Shown(ctx context.Context, i MediaItem, still int, colour bool) ([]byte, error)
}

// MediaItem is content of a case.
type MediaItem struct {
	ID        string
	Case      string
	Name      string
	MediaType string // as given
	Size      int64
	SHA256    string
	At        time.Time
	By        string
	Ground    string
	Stills    int      // of a video; 0 for a picture
	Veil      []byte   // JPEG in which nothing is recognised; nil where Problem says why there is none
	Problem   string   // why it cannot be shown
	Known     []string // what lists say that it is, by list
}

// mediaPage is how many items a page of media has.
const mediaPage = 12

// mediaTime bounds a page for which veils are made, and an uncovered picture that is decoded.
const mediaTime = 90 * time.Second

type mediaPages struct {
	base
	M       wall.Media
	Items   []mediaRow
	All     int
	From    int
	Longest int // hours that media mode can be on
	B       budgetNow
}

type mediaRow struct {
	MediaItem
	Src    template.URL // of the veil
	Number int
}

// Numbers are those of the stills that can be asked for.
func (r mediaRow) Numbers() (out []int) {
	for n := 1; n <= r.Stills; n++ {
		out = append(out, n)
	}
	return out
}

// Before and After are where the parts before and after this one begin; -1: there is none.
func (p mediaPages) Before() int {
	if p.From == 0 {
		return -1
	}
	return max(0, p.From-mediaPage)
}

func (p mediaPages) After() int {
	if next := p.From + mediaPage; next < p.All {
		return next
	}
	return -1
}

// Until is the last item of this part.
func (p mediaPages) Until() int { return p.From + len(p.Items) }

// budgetNow is a budget as the page counts it down: whole seconds, from now on.
type budgetNow struct {
	Limit int `json:"limit"`
	Used  int `json:"used"`
	Left  int `json:"left"`
	Break int `json:"break"` // until a break is over; 0: there is none
	Next  int `json:"next"`  // until the next break; 0: no stretch has begun
}

func budgetAt(b look.Budget, now time.Time) budgetNow {
	until := func(t time.Time) int {
		if t.IsZero() {
			return 0
		}
		return int(math.Ceil(max(0, t.Sub(now).Seconds())))
	}
	return budgetNow{
		Limit: int(b.Limit.Seconds()), Used: int(b.Used.Seconds()), Left: int(b.Left.Seconds()), Break: until(b.Break), Next: until(b.Next),
	}
}

func minutes(seconds int) string { return look.Minutes(time.Duration(seconds) * time.Second) }

// LimitWords, UsedWords and the others write the figures before the script does.
func (b budgetNow) LimitWords() string { return minutes(b.Limit) }
func (b budgetNow) UsedWords() string  { return minutes(b.Used) }
func (b budgetNow) LeftWords() string  { return minutes(b.Left) }
func (b budgetNow) BreakWords() string { return minutes(b.Break) }
func (b budgetNow) NextWords() string  { return minutes(b.Next) }

// media is media mode of a case: whether it is on, and what is held, covered.
func (s *server) media(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	m, err := s.Wall.Media(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := mediaPages{base: s.base(r, "Media of case "+m.Number, "cases"), M: m, Longest: int(look.LongestMode / time.Hour), B: budgetAt(m.Budget, s.Now())}
	if m.Look {
		p.From, _ = strconv.Atoi(r.URL.Query().Get("from"))
		p.From = max(0, p.From)
		items, all, err := s.Media.Items(ctx, m.ID, p.From, mediaPage)
		if err != nil {
			return err
		}
		p.All = all
		for n, i := range items {
			row := mediaRow{MediaItem: i, Number: p.From + n + 1}
			if i.Veil != nil {
				row.Src = jpegURL(i.Veil)
			}
			p.Items = append(p.Items, row)
		}
	}
	return s.render(w, http.StatusOK, "media", p)
}

// jpegURL writes a picture into the page itself, so that no cache has it.
func jpegURL(jpeg []byte) template.URL {
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpeg))
}

// mediaChange turns media mode on or off.
func (s *server) mediaChange(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	ctx, id, f := r.Context(), r.PathValue("id"), r.PostForm
	to := "/case/" + url.PathEscape(id) + "/media"
	var err error
	switch f.Get("do") {
	case "on":
		hours, _ := strconv.Atoi(f.Get("hours"))
		_, err = s.Wall.TurnOn(ctx, id, f.Get("reason"), hours)
	case "off":
		err = s.Wall.TurnOff(ctx, id)
		if f.Get("back") == "notices" {
			to = "/notices"
		}
	default:
		return nowhere(w, r)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// uncovered answers a look. The picture travels in the answer, which no cache keeps.
type uncovered struct {
	Picture template.URL `json:"picture,omitempty"`
	Look    string       `json:"look,omitempty"`
	Seconds float64      `json:"seconds,omitempty"` // after which the page covers it by itself
	Cover   string       `json:"cover,omitempty"`   // mark of the form that covers it
	Form    string       `json:"form"`              // mark of the next look
	Budget  *budgetNow   `json:"budget,omitempty"`
	Kind    string       `json:"kind,omitempty"` // of a refusal
	Error   string       `json:"error,omitempty"`
	Hint    string       `json:"hint,omitempty"`
}

// uncover shows one picture. It is made ready first, so that the time of who looks is spent
// on looking, and leaves this machine only after the look is logged.
func (s *server) uncover(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	ctx, f := r.Context(), r.PostForm
	still, err := strconv.Atoi(f.Get("still"))
	if err != nil {
		still = 1
	}
	a := wall.Ask{Case: r.PathValue("id"), Still: still, Colour: f.Get("colour") != "", Reason: f.Get("reason"), Warned: f.Get("warned") != ""}
	reveal, picture, err := s.look(ctx, a, f.Get("item"))
	var spent look.ErrSpent
	if errors.As(err, &spent) {
		now := budgetAt(spent.Budget, s.Now())
		return writeJSON(w, fault.Denied.HTTP(), uncovered{Form: s.nextMark(r), Budget: &now, Kind: fault.Denied.String(), Error: err.Error(), Hint: fault.Hint(err)})
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, uncovered{
		Picture: jpegURL(picture), Look: reveal.ID, Seconds: reveal.Until.Sub(reveal.At).Seconds(), Cover: s.nextMark(r), Form: s.nextMark(r),
	})
}

func (s *server) look(ctx context.Context, a wall.Ask, id string) (look.Reveal, []byte, error) {
	c, err := s.Wall.May(ctx, a.Case, people.View)
	if err != nil {
		return look.Reveal{}, nil, err
	}
	// First whether anybody may look at all: to know what an item is, it may have to be decrypted.
	if err := s.Wall.MayUncover(ctx, a); err != nil {
		return look.Reveal{}, nil, err
	}
	i, err := s.Media.Item(ctx, c.ID, id)
	if err != nil {
		return look.Reveal{}, nil, err
	}
	a.Item, a.Known = i.ID, len(i.Known) > 0
	if i.Stills == 0 {
		a.Still = 0
	} else if a.Still < 1 || a.Still > i.Stills {
		return look.Reveal{}, nil, fault.Newf(fault.Invalid, "still %d of %d", a.Still, i.Stills)
	}
	if err := s.Wall.MayUncover(ctx, a); err != nil {
		return look.Reveal{}, nil, err
	}
	picture, err := s.Media.Shown(ctx, i, max(1, a.Still), a.Colour)
	if err != nil {
		return look.Reveal{}, nil, err
	}
	reveal, err := s.Wall.Uncover(ctx, a)
	return reveal, picture, err
}

// nextMark is the mark of a form that a script sends next.
func (s *server) nextMark(r *http.Request) string {
	if v := visitOf(r.Context()); v.key != "" {
		return s.Door.NewForm(v.key)
	}
	return ""
}

// cover ends a look.
func (s *server) cover(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	if err := s.Wall.Cover(r.Context(), r.PostForm.Get("look")); err != nil {
		return err
	}
	b, err := s.Wall.Budget(r.Context())
	if err != nil {
		return err
	}
	now := budgetAt(b, s.Now())
	return writeJSON(w, http.StatusOK, uncovered{Form: s.nextMark(r), Budget: &now})
}

type lookingPage struct {
	base
	B       budgetNow
	Unit    bool // whoever looks sees everybody's hours, and sets the unit's limit
	Of      time.Duration
	Lookers []wall.Looker
	Days    []string
}

// InMinutes writes a time of looking.
func (lookingPage) InMinutes(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return look.Minutes(d)
}

// looking is how long one looked; a supervisor sees the figures of everybody.
func (s *server) looking(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.Wall.Budget(ctx)
	if err != nil {
		return err
	}
	p := lookingPage{base: s.base(r, "Time at pictures", "account"), B: budgetAt(b, s.Now()), Unit: s.policy.OnUnit(people.From(ctx), people.AllHours) == nil}
	if p.Of, err = s.Wall.UnitLimit(ctx); err != nil {
		return err
	}
	if p.Unit {
		if p.Lookers, err = s.Wall.Hours(ctx); err != nil {
			return err
		}
		for n := range wall.DaysOfHours {
			p.Days = append(p.Days, b.Day.AddDate(0, 0, -n).Format("2 Jan"))
		}
	}
	return s.render(w, http.StatusOK, "looking", p)
}

// setLimit sets one's own limit of a day, or the unit's.
func (s *server) setLimit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	n, _ := strconv.Atoi(r.PostForm.Get("minutes"))
	if _, err := s.Wall.SetLimit(r.Context(), r.PostForm.Get("of") == "unit", n); err != nil {
		return err
	}
	http.Redirect(w, r, "/looking", http.StatusSeeOther)
	return nil
}
