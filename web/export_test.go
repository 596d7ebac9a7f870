package web

import (
	"net/http"
	"time"

	"suraag/circulation"
)

// NewTicking is New with another time between two messages of the stream.
func NewTicking(c Config, tick time.Duration) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	s.tick = tick
	return s.guard(s.mux()), nil
}

// PageNames lists every template that is a page.
func PageNames() ([]string, error) {
	p, err := parsePages()
	var out []string
	for name := range p {
		out = append(out, name)
	}
	return out, err
}

// Quoted is how bytes are shown.
func Quoted(b []byte) string { return plain(legible(b)) }

// Draw lays a graph out: the corner and size of each box, how many arrows, and
// what had no room.
func Draw(p circulation.Passing) (boxes [][4]int, arrows, left int) {
	d := draw(p)
	for _, b := range d.Boxes {
		boxes = append(boxes, [4]int{b.X, b.Y, b.Width, b.Height})
	}
	return boxes, len(d.Arrows), d.Left
}
