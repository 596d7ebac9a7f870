package script

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text: as written, and the key under which it is compared.
type word struct {
	written string
	key     string
	slot    Slot // what kind of thing that changes from text to text, or none
}

// Slot is a kind of thing that scripts put in from text to text.
type Slot string

// The kinds of slot that are known by their form. A place where the words differ
// from text to text is a slot too, of the kind Words.
const (
	None    Slot = ""
	Number  Slot = "number"
	Link    Slot = "link"
	Address Slot = "e-mail"
	Payment Slot = "payment handle"
	Handle  Slot = "handle"
	Words   Slot = "words"
)

// telling words count in a comparison. Slots say nothing, and words with one
// consonant ("me", "to", "hai") stand in every text.
func (w word) telling() bool { return w.slot == None && len(w.key) > 1 }

// maxWritten bounds one word; longer runs without a space are cut.
const maxWritten = 64

// split cuts a text into its words.
func split(text string) []word {
	var out []word
	for _, f := range strings.Fields(norm.NFKC.String(strings.ToValidUTF8(text, " "))) {
		if slot := form(f); slot != None {
			out = append(out, word{written: f, key: "#" + string(slot), slot: slot})
		} else {
			out = appendWords(out, f)
		}
		if len(out) >= MaxWords {
			return out[:MaxWords]
		}
	}
	return out
}

// form tells by its form what kind of slot a field is.
func form(f string) Slot {
	f = strings.Trim(f, ".,;:!?()[]\"'।")
	lower := strings.ToLower(f)
	if strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "www.") || strings.Contains(lower, "t.me/") || strings.Contains(lower, "wa.me/") {
		return Link
	}
	if name, host, at := strings.Cut(f, "@"); at {
		switch {
		case name == "" && host != "":
			return Handle
		case strings.Contains(host, "."):
			return Address
		case name != "" && host != "":
			return Payment // UPI: name@bank, no dot (NPCI UPI Procedural Guidelines)
		}
	}
	digits, others := 0, 0
	for _, r := range f {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			others++
		}
	}
	if digits > 0 && digits >= others { // "5000", "₹5,000/-", "10am", "५०००"
		return Number
	}
	return None
}

// appendWords cuts a field at everything that is no letter, mark or digit.
func appendWords(out []word, f string) []word {
	for _, w := range strings.FieldsFunc(f, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if len(w) > maxWritten {
			cut := maxWritten
			for !utf8.RuneStart(w[cut]) {
				cut--
			}
			w = w[:cut]
		}
		if k := key(w); k != "" {
			out = append(out, word{written: w, key: k})
		}
	}
	return out
}

// key brings a word to what stays the same under the usual ways of spelling it:
// its consonants, with those that are exchanged in Roman Hindi made one, and the
// class of a vowel at its beginning. "mujhe", "muje", "mjhe" and "मुझे" are "mj";
// "nahin", "nahi", "nhi" and "नहीं" are "n"; "picture" and "pictur" are "pktr".
// It loses much, on purpose: a key says nothing alone, only a row of them does.
func key(w string) string {
	var b strings.Builder
	var last byte
	vowel, drop := false, false // the letter before was a vowel; the next c of "ck", h of "sh" …
	put := func(c byte) {
		if c != last || vowel {
			b.WriteByte(c)
		}
		last, vowel = c, false
	}
	rs := []rune(strings.ToLower(roman(w)))
	for i, r := range rs {
		next := rune(0)
		if i+1 < len(rs) {
			next = rs[i+1]
		}
		if drop {
			drop = false
			continue
		}
		switch r {
		case 'a', 'e', 'i', 'o', 'u':
			if b.Len() == 0 && last == 0 {
				put(initial(r, next))
			}
			vowel = true
		case 'h', 'y':
			// In the middle an aspirate or a glide, and left out as often as written.
			if b.Len() == 0 {
				put(byte(r))
			}
		case 'c':
			switch next {
			case 'c': // "bachcha", "baccha"
			case 'h':
				if last == 's' && !vowel { // "school", "skool", "स्कूल"
					put('k')
				} else {
					put('c')
				}
				drop = true
			case 'k':
				put('k')
				drop = true
			case 'e', 'i', 'y':
				put('s')
			default:
				put('k')
			}
		case 'p':
			if next == 'h' {
				put('f')
				drop = true
			} else {
				put('p')
			}
		case 'q':
			put('k')
		case 'w':
			put('v')
		case 'x':
			put('k')
			put('s')
		case 'z':
			put('j')
		case 'n', nasal:
			// "mein", "me", "में": a nasal at the end is written or not.
			if i == len(rs)-1 && (r == nasal || vowel && b.Len() > 0) {
				continue
			}
			put('n')
		default:
			if r < utf8.RuneSelf && unicode.IsLetter(r) || unicode.IsDigit(r) && r < utf8.RuneSelf {
				put(byte(r))
			} else if unicode.IsLetter(r) {
				b.WriteRune(r) // a script that we do not fold stands for itself
				last, vowel = 0, false
			}
		}
	}
	return b.String()
}

// initial gives the class of a vowel at the beginning: "aur", "or" and "और" are
// one, so are "ek", "ik" and "एक".
func initial(r, next rune) byte {
	switch {
	case r == 'a' && (next == 'u' || next == 'o'):
		return 'u'
	case r == 'a':
		return 'a'
	case r == 'e' || r == 'i':
		return 'i'
	}
	return 'u'
}

// nasal stands for anusvara and candrabindu; virama takes the vowel of the
// consonant before it away.
const (
	nasal  = '~'
	virama = '्'
)

// devanagari gives the usual Roman letters (after ISO 15919, with aspirates and
// the two rows of t and d made one, as in everyday Roman Hindi). The vowels only
// matter at a beginning.
var devanagari = map[rune]string{
	'अ': "a", 'आ': "a", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ऋ': "ri", 'ए': "e", 'ऐ': "e", 'ओ': "o", 'औ': "o", 'ऑ': "o", 'ऍ': "e",
	'क': "k", 'ख': "k", 'ग': "g", 'घ': "g", 'ङ': "n", 'च': "ch", 'छ': "ch", 'ज': "j", 'झ': "j", 'ञ': "n",
	'ट': "t", 'ठ': "t", 'ड': "d", 'ढ': "d", 'ण': "n", 'त': "t", 'थ': "t", 'द': "d", 'ध': "d", 'न': "n",
	'प': "p", 'फ': "f", 'ब': "b", 'भ': "b", 'म': "m", 'य': "y", 'र': "r", 'ल': "l", 'ळ': "l", 'व': "v",
	'श': "s", 'ष': "s", 'स': "s", 'ह': "h",
	'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'ृ': "ri", 'े': "e", 'ै': "e", 'ो': "o", 'ौ': "o", 'ॉ': "o", 'ॅ': "e",
	'ं': "~", 'ँ': "~", 'ः': "", '़': "",
}

// roman writes a word in Roman letters, without accents. Each consonant of
// Devanagari carries an a that a virama takes away; a nukta changes nothing that
// keys keep.
func roman(w string) string {
	var out []byte
	for _, r := range norm.NFD.String(w) {
		letters, known := devanagari[r]
		switch {
		case r == virama:
			if n := len(out); n > 0 && out[n-1] == 'a' {
				out = out[:n-1]
			}
		case known:
			out = append(out, letters...)
			if r >= 'क' && r <= 'ह' {
				out = append(out, 'a')
			}
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			out = append(out, "ss"...)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}
