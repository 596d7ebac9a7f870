package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"

	"suraag/fault"
)

// style is how a line is set. Sizes are in points.
type style struct {
	face face
	size float64
	grey float64
}

func (s style) leading() float64 { return s.size * 1.36 }
func (s style) ascent() float64  { return s.size * 1.05 }

// line is one line of text, in runs of one font.
type line struct {
	runs  []run
	width float64
}

// run is text in one font. Glyphs are set for Devanagari only.
type run struct {
	face   face
	text   string
	width  float64
	glyphs []placed
}

// typesetter measures and breaks text.
type typesetter struct {
	faces  [faceCount]*font.Face
	shaper *harfbuzz.Font
	wide   map[advance]float64 // of one rune, in units of the font
	shaped map[string]shape
}

type advance struct {
	face face
	r    rune
}

func newTypesetter() (*typesetter, error) {
	t := &typesetter{wide: map[advance]float64{}, shaped: map[string]shape{}}
	for f, b := range fontBytes {
		parsed, err := font.ParseTTF(bytes.NewReader(b))
		if err != nil {
			return nil, fault.Newf(fault.Internal, "font %q: %w", face(f).family(), err)
		}
		t.faces[f] = parsed
	}
	t.shaper = harfbuzz.NewFont(t.faces[devanagari])
	return t, nil
}

// faceOf chooses the font for a rune: the one of the style where it has the
// glyph, else the Devanagari. Marks and joiners stay with what they follow.
func (t *typesetter) faceOf(r rune, s style, before face) (face, bool) {
	if before == devanagari && (r == zwj || r == zwnj) {
		return devanagari, true
	}
	if isDevanagari(r) {
		_, has := t.faces[devanagari].NominalGlyph(r)
		return devanagari, has
	}
	if !unicode.IsPrint(r) || r == zwj || r == zwnj {
		return s.face, false
	}
	_, has := t.faces[s.face].NominalGlyph(r)
	return s.face, has
}

const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

func isDevanagari(r rune) bool {
	return r >= 0x0900 && r <= 0x097f || r >= 0xa8e0 && r <= 0xa8ff || r >= 0x1cd0 && r <= 0x1cff
}

func codePoint(r rune) string { return fmt.Sprintf("[U+%04X]", r) }

// atom is the least that a line can hold: a letter with its marks, or the code
// point of what cannot be drawn.
type atom struct {
	face  face
	text  string
	width float64
	space bool
}

// atoms cuts one line of text. Every byte of it becomes something to be seen.
func (t *typesetter) atoms(text string, s style) []atom {
	var out []atom
	before := s.face
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 {
			out = append(out, t.atom(s.face, fmt.Sprintf("[0x%02X]", text[0]), s))
			text, before = text[1:], s.face
			continue
		}
		text = text[n:]
		if r == '\t' {
			out = append(out, t.atom(s.face, "    ", s))
			continue
		}
		f, has := t.faceOf(r, s, before)
		switch {
		case !has:
			out = append(out, t.atom(s.face, codePoint(r), s))
			f = s.face
		case len(out) > 0 && joins(r, out[len(out)-1], f):
			last := &out[len(out)-1]
			*last = t.atom(f, last.text+string(r), s)
		default:
			out = append(out, t.atom(f, string(r), s))
		}
		before = f
	}
	return out
}

// joins tells whether a rune belongs to the letter before it: a mark, a joiner,
// or a consonant behind a virama, with which it makes one syllable.
func joins(r rune, last atom, f face) bool {
	const virama = '\u094d'
	if last.face != f || last.space || strings.HasPrefix(last.text, "[") && len(last.text) > 1 {
		return false
	}
	if f != devanagari {
		return unicode.Is(unicode.Mn, r)
	}
	if unicode.In(r, unicode.Mn, unicode.Mc) || r == zwj || r == zwnj {
		return utf8.RuneCountInString(last.text) < maxSyllable
	}
	end, _ := utf8.DecodeLastRuneInString(strings.TrimRight(last.text, string(zwj)))
	return end == virama && unicode.IsLetter(r) && utf8.RuneCountInString(last.text) < maxSyllable
}

// maxSyllable bounds the runes of one syllable; honest ones have fewer than ten.
const maxSyllable = 32

func (t *typesetter) atom(f face, text string, s style) atom {
	a := atom{face: f, text: text, space: strings.Trim(text, " ") == ""}
	a.width = t.measure(f, text, s)
	return a
}

// measure gives the width of text of one font in points.
func (t *typesetter) measure(f face, text string, s style) float64 {
	units := 0.0
	if f == devanagari {
		units = t.shape(text).width
	} else {
		for _, r := range text {
			units += t.advance(f, r)
		}
	}
	return units * s.size / unitsPerEm
}

func (t *typesetter) advance(f face, r rune) float64 {
	key := advance{f, r}
	if w, known := t.wide[key]; known {
		return w
	}
	g, _ := t.faces[f].NominalGlyph(r)
	w := float64(t.faces[f].HorizontalAdvance(g))
	t.wide[key] = w
	return w
}

// lines breaks text to a width: at spaces, else between two letters, never
// inside a syllable. A line break of the text stays one.
func (t *typesetter) lines(text string, s style, width float64) []line {
	if text == "" {
		return nil
	}
	var out []line
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, para := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		out = append(out, t.fill(t.atoms(para, s), s, width)...)
	}
	return out
}

func (t *typesetter) fill(atoms []atom, s style, width float64) (out []line) {
	for {
		n, w, space := 0, 0.0, -1
		for n < len(atoms) && (n == 0 || w+atoms[n].width <= width || atoms[n].space) {
			if atoms[n].space && n > 0 {
				space = n
			}
			w += atoms[n].width
			n++
		}
		if n == len(atoms) {
			return append(out, t.join(atoms, s))
		}
		if space > 0 { // the space at which the line is broken is not set
			out = append(out, t.join(atoms[:space], s))
			atoms = atoms[space+1:]
			continue
		}
		out = append(out, t.join(atoms[:n], s))
		atoms = atoms[n:]
	}
}

// join makes runs of atoms.
func (t *typesetter) join(atoms []atom, s style) (l line) {
	for n := 0; n < len(atoms); {
		f, text := atoms[n].face, ""
		for ; n < len(atoms) && atoms[n].face == f; n++ {
			text += atoms[n].text
		}
		r := run{face: f, text: text, width: t.measure(f, text, s)}
		if f == devanagari {
			r.glyphs = t.shape(text).glyphs
		}
		l.runs = append(l.runs, r)
		l.width += r.width
	}
	return l
}

// visible writes what a title or an outline's entry cannot show as code points.
// Other scripts stay: the reader's own program sets these.
func visible(text string) string {
	var out strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) || r == zwj || r == zwnj {
			out.WriteRune(r)
		} else {
			out.WriteString(codePoint(r))
		}
	}
	return out.String()
}
