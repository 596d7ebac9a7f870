package pdf

import (
	"fmt"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
)

// shape is Devanagari text as glyphs: conjuncts formed, matras moved to their
// places. Measures are in units of the font.
type shape struct {
	glyphs []placed
	width  float64
}

// placed is the outline of a glyph at its place from the origin of its run.
type placed struct {
	x, y     float64
	segments []font.Segment
}

// maxShaped bounds what is remembered of one document.
const maxShaped = 1 << 14

func (t *typesetter) shape(text string) shape {
	if s, known := t.shaped[text]; known {
		return s
	}
	buf := harfbuzz.NewBuffer()
	buf.Props = harfbuzz.SegmentProperties{Direction: harfbuzz.LeftToRight, Script: language.Devanagari, Language: "hi"}
	buf.AddRunes([]rune(text), 0, -1)
	buf.Shape(t.shaper, nil)
	var s shape
	for n, g := range buf.Info {
		p := buf.Pos[n]
		if outline, ok := t.faces[devanagari].GlyphDataOutline(g.Glyph); ok && len(outline.Segments) > 0 {
			s.glyphs = append(s.glyphs, placed{s.width + float64(p.XOffset), float64(p.YOffset), outline.Segments})
		}
		s.width += float64(p.XAdvance)
	}
	if len(t.shaped) >= maxShaped {
		clear(t.shaped)
	}
	t.shaped[text] = s
	return s
}

// outline draws a run with its origin at x, y, y upwards from the page's foot
// (ISO 32000-1 §8.5.2). A bold style is drawn with a thin stroke around it.
func (r run) outline(x, y float64, s style) string {
	var out strings.Builder
	scale := s.size / unitsPerEm
	fmt.Fprintf(&out, "q %.2f g %.2f G %.5f 0 0 %.5f %.2f %.2f cm", s.grey, s.grey, scale, scale, x, y)
	paint := "f"
	if s.face == bold {
		fmt.Fprint(&out, " 26 w")
		paint = "B"
	}
	for _, g := range r.glyphs {
		at := func(p font.SegmentPoint) (float64, float64) { return g.x + float64(p.X), g.y + float64(p.Y) }
		var px, py float64
		for _, seg := range g.segments {
			switch seg.Op {
			case opentype.SegmentOpMoveTo:
				px, py = at(seg.Args[0])
				fmt.Fprintf(&out, "\n%.0f %.0f m", px, py)
			case opentype.SegmentOpLineTo:
				px, py = at(seg.Args[0])
				fmt.Fprintf(&out, "\n%.0f %.0f l", px, py)
			case opentype.SegmentOpQuadTo: // PDF has cubic curves only
				cx, cy := at(seg.Args[0])
				ex, ey := at(seg.Args[1])
				fmt.Fprintf(&out, "\n%.1f %.1f %.1f %.1f %.0f %.0f c", px+(cx-px)*2/3, py+(cy-py)*2/3, ex+(cx-ex)*2/3, ey+(cy-ey)*2/3, ex, ey)
				px, py = ex, ey
			case opentype.SegmentOpCubeTo:
				ax, ay := at(seg.Args[0])
				bx, by := at(seg.Args[1])
				px, py = at(seg.Args[2])
				fmt.Fprintf(&out, "\n%.1f %.1f %.1f %.1f %.0f %.0f c", ax, ay, bx, by, px, py)
			}
		}
	}
	fmt.Fprintf(&out, "\nh %s Q", paint)
	return out.String()
}
