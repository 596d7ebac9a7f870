package script_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/actor/script"
)

const (
	threat = "Tumhari photo maine save kar li hai, agar 5000 rupaye abhi nahi bheje to ye photo tumhare papa aur school ke sab logo ko bhej dunga, paytm karo rahul@okexample"
	spelt  = "tumari foto mene sev kar li he agar 12000 rupye abi nhi bheje toh yeh foto tumhare mummy or skool ke sb logon ko bhej dunga paytm kro vicky@exbank"
	hindi  = "तुम्हारी फोटो मैंने सेव कर ली है, अगर 8000 रुपये अभी नहीं भेजे तो ये फोटो तुम्हारे भाई और स्कूल के सब लोगों को भेज दूंगा, पेटीएम करो raj@okexample"
	other  = "Kal coaching ke baad library mein milna, physics ke notes le aana, aur Sharma sir ka assignment bhi poora karna hai warna Monday ko problem hogi sabko"
)

func TestWhatFollowsOneScript(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		follows    bool
	}{
		{"other spelling, other sum, other handle", threat, spelt, true},
		{"Devanagari and Roman letters", threat, hindi, true},
		{"another matter", threat, other, false},
		{"a greeting is no script", "hi how are you", "hi how are you", false},
		{"an everyday sentence is no script", "good morning have a nice day to you", "good morning have a nice day to you", false},
		{"the same words in another order are no script", "one photo friends school send money wallet father tonight video call message delete account",
			"account delete message call video tonight father wallet money send school friends photo one", false},
		{"nothing", "", "", false},
		{"numbers alone", "1 2 3 4 5 6 7 8 9 10 11 12", "1 2 3 4 5 6 7 8 9 10 11 12", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, follows := script.Compare(script.Text{ID: "a", Words: c.a}, script.Text{ID: "b", Words: c.b})
			if follows != c.follows {
				t.Errorf("follows: %v, shared %d, coverage %.2f", follows, m.Shared, m.Coverage)
			}
		})
	}
}

func TestSpellings(t *testing.T) {
	for _, row := range [][]string{
		{"mujhe", "muje", "mjhe", "मुझे"},
		{"nahin", "nahi", "nhi", "नहीं"},
		{"aur", "or", "और"},
		{"mein", "me", "में", "main"},
		{"bachcha", "baccha", "बच्चा"},
		{"photo", "foto", "फोटो", "फ़ोटो"},
		{"paise", "paisa", "पैसे"},
		{"kyunki", "kyonki", "क्योंकि"},
		{"school", "skool", "skul", "स्कूल"},
		{"bhejo", "bejo", "भेजो"},
	} {
		want := script.Key(row[0])
		for _, w := range row[1:] {
			if got := script.Key(w); got != want {
				t.Errorf("%q is %q, %q is %q", row[0], want, w, got)
			}
		}
	}
	if a, b := script.Key("photo"), script.Key("paise"); a == b {
		t.Errorf("photo and paise are both %q", a)
	}
}

func add(x *script.Index, n int, words string) {
	x.Add(script.Text{ID: fmt.Sprintf("t%02d", n), Within: fmt.Sprintf("complaint %d", n), Words: words})
}

func TestTemplateShowsItsSlots(t *testing.T) {
	x := script.NewIndex()
	for n, words := range []string{threat, spelt, hindi, other} {
		add(x, n, words)
	}
	got := x.Clusters()
	if len(got) != 1 || len(got[0].Members) != 3 || got[0].Within != 3 {
		t.Fatalf("%+v", got)
	}
	var b strings.Builder
	for _, p := range got[0].Template {
		if p.Slot == script.None {
			fmt.Fprintf(&b, "%s ", p.Words)
			continue
		}
		fmt.Fprintf(&b, "[%s", p.Slot)
		for _, v := range p.Values {
			fmt.Fprintf(&b, " | %s", v.Words)
		}
		b.WriteString("] ")
	}
	want := "तुम्हारी फोटो मैंने सेव कर ली है अगर [number | 12000 | 5000 | 8000] रुपये अभी नहीं भेजे तो ये फोटो तुम्हारे [words | mummy | papa | भाई] और स्कूल के सब लोगों को भेज दूंगा पेटीएम करो [payment handle | rahul@okexample | raj@okexample | vicky@exbank] "
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got[0].Sentence, "second, independent identifier") {
		t.Error(got[0].Sentence)
	}
}

// TestChainDoesNotGlue: each text shares most words with the next one, the first
// and the last share little.
func TestChainDoesNotGlue(t *testing.T) {
	words := strings.Fields("photo video school father money wallet tonight delete account friend picture message mother secret number station market college hostel teacher brother sister uncle village district railway ticket hospital doctor window garden kitchen bottle pencil marker ladder bridge mirror candle pillow")
	x := script.NewIndex()
	for n := range 6 {
		add(x, n, strings.Join(words[n*5:n*5+15], " "))
	}
	for _, c := range x.Clusters() {
		for _, m := range c.Members {
			if m.Coverage < script.MinCoverage {
				t.Errorf("%s follows %s by a chain: %+v", m.ID, c.Middle, m)
			}
		}
		if len(c.Members) > 3 {
			t.Errorf("a chain made one script of %d texts", len(c.Members))
		}
	}
}

func TestOneComplaintIsNoPattern(t *testing.T) {
	x := script.NewIndex()
	for n := range 3 {
		x.Add(script.Text{ID: fmt.Sprint(n), Within: "complaint 1", Words: threat})
	}
	if got := x.Clusters(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestOrderOfArrivalChangesNothing, nor does taking out and putting back.
func TestOrderOfArrivalChangesNothing(t *testing.T) {
	texts := []string{threat, spelt, hindi, other, other + " jaldi", strings.Replace(threat, "papa", "bhai", 1)}
	var want []script.Cluster
	for seed := range uint64(20) {
		x := script.NewIndex()
		r := rand.New(rand.NewPCG(seed, 1))
		for _, n := range r.Perm(len(texts)) {
			add(x, n, texts[n])
		}
		n := r.IntN(len(texts))
		x.Remove(fmt.Sprintf("t%02d", n))
		add(x, n, texts[n])
		got := x.Clusters()
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
	if len(want) != 2 {
		t.Errorf("%d clusters", len(want))
	}
}

func TestRemovedMatchesNothing(t *testing.T) {
	x := script.NewIndex()
	add(x, 1, threat)
	add(x, 2, spelt)
	if got := x.Near(script.Text{ID: "t02", Within: "complaint 2", Words: spelt}); len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	x.Remove("t01")
	if got := x.Near(script.Text{ID: "q", Words: spelt}); len(got) != 1 || got[0].A != "q" || got[0].B != "t02" {
		t.Errorf("%+v", got)
	}
	if x.Len() != 1 {
		t.Errorf("%d held", x.Len())
	}
}

func TestCommonScriptSaysLittle(t *testing.T) {
	x := script.NewIndex()
	chain := "Forward this message to all your groups today, a good soul has lost a black leather wallet near the central railway station please share"
	for n := range script.CommonAbove + 1 {
		add(x, n, chain)
	}
	got := x.Clusters()
	if len(got) != 1 || !got[0].Common || !strings.Contains(got[0].Sentence, "says little") {
		t.Errorf("%+v", got)
	}
}

// FuzzCompare: comparing is symmetric, a text follows itself or is too short,
// and no input is too much.
func FuzzCompare(f *testing.F) {
	seeds := []string{threat, spelt, hindi, other, "", "\xff\xfe", strings.Repeat("a ", 5000), strings.Repeat("क्", 400), "@ @a a@ a@b.c http://", "१२३ ٣٤"}
	for _, a := range seeds {
		for _, b := range seeds[:4] {
			f.Add(a, b)
		}
	}
	if len(seeds) != 10 {
		f.Fatal("seeds are missing")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		one, follows := script.Compare(script.Text{ID: "a", Words: a}, script.Text{ID: "b", Words: b})
		back, followsBack := script.Compare(script.Text{ID: "b", Words: b}, script.Text{ID: "a", Words: a})
		if one != back || follows != followsBack {
			t.Errorf("not symmetric: %+v %+v", one, back)
		}
		self, followsSelf := script.Compare(script.Text{ID: "a", Words: a}, script.Text{ID: "b", Words: a})
		if self.Shared > 0 && self.Coverage != 1 || followsSelf != (self.Shared >= script.MinShared) {
			t.Errorf("a text does not follow itself: %+v", self)
		}
	})
}

func BenchmarkAddAt100k(b *testing.B) {
	x := script.NewIndex()
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := make([]string, 4000)
	for n := range vocabulary {
		word := make([]byte, 3+r.IntN(7))
		for k := range word {
			word[k] = "bcdfghjklmnprstv aeiou"[r.IntN(22)]
		}
		vocabulary[n] = strings.ReplaceAll(string(word), " ", "")
	}
	text := func() string {
		words := make([]string, 20+r.IntN(40))
		for n := range words {
			// Frequent words are frequent, as in any language (Zipf).
			words[n] = vocabulary[int(float64(len(vocabulary))*r.Float64()*r.Float64()*r.Float64())]
		}
		return strings.Join(words, " ")
	}
	for n := range 100_000 {
		add(x, n, text())
	}
	b.ReportAllocs()
	for b.Loop() {
		x.Near(script.Text{ID: "q", Words: text()})
	}
}
