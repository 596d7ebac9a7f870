package web

import (
	"net/http"
	"time"
)

// NewTicking is New with another time between two messages of the stream.
func NewTicking(c Config, tick time.Duration) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	s.tick = tick
	return s.guard(s.routes()), nil
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
