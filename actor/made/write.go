package made

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// A script is an opening, a threat, a demand and a closing. Their numbers are
// taken from a code in which any two scripts share at most one of the four parts
// (a, b, a+b, a+2b modulo 11: Reed and Solomon 1960), so that scripts are like
// each other without being the same, which is what makes linking hard.
const (
	partsOfKind   = 11
	scripts       = 2 * partsOfKind * partsOfKind // Hindi first, then English
	commonScripts = 40                            // the first of a mixed order are passed around
)

// write writes one text by a script: slots filled, words exchanged or left out,
// Hindi in Devanagari or in Roman letters with its many spellings.
func write(r *rand.Rand, script int) string {
	// Multiplying by a number without common factor mixes the two languages.
	k := script * 97 % scripts
	kinds := hindi
	if k >= scripts/2 {
		kinds, k = english, k-scripts/2
	}
	a, b := k/partsOfKind, k%partsOfKind
	parts := [4]int{a, b, (a + b) % partsOfKind, (a + 2*b) % partsOfKind}
	var words []string
	for n, p := range parts {
		words = append(words, strings.Fields(fill(r, kinds[n][p]))...)
	}
	words = careless(r, words)
	text := strings.Join(words, " ")
	if kinds == hindi && r.Float64() < 0.7 {
		text = romanize(r, text)
	}
	return text
}

// careless leaves out one word in twenty-five and repeats or exchanges others.
func careless(r *rand.Rand, words []string) []string {
	var out []string
	for _, w := range words {
		switch x := r.Float64(); {
		case x < 0.04:
		case x < 0.06:
			out = append(out, w, w)
		case x < 0.10:
			out = append(out, pick(r, fillers))
		default:
			out = append(out, w)
		}
	}
	return out
}

func fill(r *rand.Rand, s string) string {
	return strings.NewReplacer(
		"{name}", pick(r, names), "{sum}", fmt.Sprint((1+r.IntN(40))*500), "{pay}", fmt.Sprintf("%s%d@examplebank", pick(r, second), r.IntN(1000)),
		"{time}", fmt.Sprintf("%d", 1+r.IntN(23)), "{link}", fmt.Sprintf("https://example.com/%d", r.IntN(10000)),
	).Replace(s)
}

var letters = map[rune]string{
	'अ': "a", 'आ': "aa", 'इ': "i", 'ई': "ee", 'उ': "u", 'ऊ': "oo", 'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au", 'ऑ': "o",
	'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ट': "t", 'ठ': "th", 'ड': "d", 'ढ': "dh", 'ण': "n",
	'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n", 'प': "p", 'फ': "f", 'ब': "b", 'भ': "bh", 'म': "m", 'य': "y", 'र': "r", 'ल': "l", 'व': "v",
	'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
	'ा': "aa", 'ि': "i", 'ी': "ee", 'ु': "u", 'ू': "oo", 'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au", 'ॉ': "o", 'ं': "n", 'ँ': "n", '्': "", '़': "",
}

// romanize writes Hindi as people type it: long vowels short or not, aspirates
// with or without h, some vowels left out, w for v, z for j.
func romanize(r *rand.Rand, text string) string {
	var out []string
	for _, w := range strings.Fields(text) {
		out = append(out, romanWord(r, []rune(w)))
	}
	return strings.Join(out, " ")
}

func romanWord(r *rand.Rand, w []rune) string {
	var b strings.Builder
	for n, c := range w {
		s, known := letters[c]
		if !known {
			b.WriteRune(c)
			continue
		}
		vowel := unicode.Is(unicode.Mn, c) || unicode.Is(unicode.Mc, c) || c <= 'औ'
		switch {
		case vowel && len(s) == 2 && s[0] == s[1] && r.Float64() < 0.7:
			s = map[string]string{"aa": "a", "ee": "i", "oo": "u"}[s]
		case vowel && n > 0 && n < len(w)-1 && r.Float64() < 0.12:
			s = ""
		case !vowel && len(s) > 1 && strings.HasSuffix(s, "h") && s != "ch" && s != "sh" && r.Float64() < 0.3:
			s = strings.TrimSuffix(s, "h")
		case s == "v" && r.Float64() < 0.4:
			s = "w"
		case c == 'ं' && n == len(w)-1 && r.Float64() < 0.5:
			s = ""
		}
		b.WriteString(s)
		// A consonant carries an a, but not at the end of a word or before a sign.
		if !vowel && n+1 < len(w) && !unicode.Is(unicode.Mn, w[n+1]) && !unicode.Is(unicode.Mc, w[n+1]) && r.Float64() < 0.85 {
			b.WriteByte('a')
		}
	}
	return b.String()
}

// chatter is what else stands in a chat.
func chatter(r *rand.Rand) string {
	var out []string
	for range 1 + r.IntN(3) {
		out = append(out, pick(r, everyday))
	}
	return strings.Join(out, " ")
}

var (
	names    = strings.Fields("Asha Bela Chitra Deepa Esha Farah Gauri Hema Ila Jaya Kavya Lata Maya Neha")
	fillers  = strings.Fields("yaar please ok suno dekho bas jaldi abhi really just now listen")
	everyday = []string{
		"hi how are you doing today", "kya kar rahi ho", "good morning have a nice day", "khana kha liya kya tumne", "tomorrow is the physics test",
		"coaching kitne baje hai kal", "send me the notes of chapter four", "happy birthday to you", "mummy bula rahi hai baad mein baat karte hain",
		"match dekha kal raat ka", "school bus late hai aaj", "ok thanks", "aaj mausam bahut achha hai", "did you finish the homework", "bye good night", "hmm", "lol",
	}
	chainLetter = "Forward this to all your groups: a good soul has lost a black leather wallet with papers near the central railway station yesterday evening, please share until it reaches the owner"
)
