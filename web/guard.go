package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"suraag/fault"
)

// policy lets a page load our own files and nothing else (CSP Level 3). There is
// no inline script or style, so none is allowed.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands before every route: headers, host, foreign pages, panics.
func (s *server) guard(next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(s.wrap(func(http.ResponseWriter, *http.Request) error {
		err := fault.Newf(fault.Denied, "this request was sent by a page of another site")
		return fault.WithHint(err, "open Suraag in its own window and do it there")
	}))
	inner := own.Handler(next)
	return s.recovered(s.wrap(func(w http.ResponseWriter, r *http.Request) error {
		protect(w.Header())
		if s.TLS {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000") // RFC 6797
		}
		if !loopback(r.Host) && !s.named(r.Host) {
			err := fault.Newf(fault.Denied, "host %q is not this machine", short(r.Host))
			return fault.WithHint(err, "open the address that suraag serve printed")
		}
		if embedded(r) {
			err := fault.Newf(fault.Denied, "a page of another site asked for %q", short(r.URL.Path))
			return fault.WithHint(err, "open the address itself")
		}
		inner.ServeHTTP(w, r)
		return nil
	}))
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("X-Robots-Tag", "noindex")
}

// loopback tells whether a Host header names this machine. A foreign name means
// that some site has its own name point here (DNS rebinding), and would read the
// record with the officer's browser.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback() && addr.Zone() == ""
}

// named tells whether a Host header is one of the names that these pages have.
func (s *server) named(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return slices.Contains(s.Hosts, strings.ToLower(strings.TrimSuffix(host, ".")))
}

// embedded tells whether a page of another site asks for ours as a part of it.
// A link that someone follows from there is another thing and harmless: a GET
// changes nothing (Fetch Metadata, W3C).
func embedded(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	if site != "cross-site" && site != "same-site" {
		return false
	}
	followed := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return r.Method != http.MethodPost && !followed // a foreign POST is refused by its own rule
}

// recovered turns a defect of ours into a page that says so.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, is := p.(error); is && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the server's own way to drop a connection
			}
			s.Log.Error("panic", "path", r.URL.Path, "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.renderError(w, r, fault.Newf(fault.Internal, "%s %q met a defect of Suraag", r.Method, short(r.URL.Path)))
		}()
		next.ServeHTTP(w, r)
	})
}

// timed bounds a question, and the time in which its answer must be taken.
func timed(limit time.Duration, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		rc := http.NewResponseController(w)
		rc.SetReadDeadline(time.Now().Add(limit)) // a server that has no deadlines has none to set
		rc.SetWriteDeadline(time.Now().Add(limit + idleTime))
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

// limited bounds a body. What says beforehand that it is larger is refused at
// once; what turns out larger ends with http.MaxBytesError.
func limited(most int64, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.ContentLength > most {
			return tooLarge(most)
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		return h(w, r)
	}
}

func tooLarge(most int64) error {
	err := fault.Newf(fault.TooLarge, "what was sent has more than %s", bytesInWords(most))
	return fault.WithHint(err, "hand in large files with suraag intake on the machine itself")
}

// sorted gives errors of the library their kind.
func sorted(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	case errors.Is(err, context.DeadlineExceeded) && fault.KindOf(err) == fault.Internal:
		return fault.WithHint(fault.Newf(fault.Unavailable, "the answer took too long: %w", err), "try again, or ask for less")
	}
	return err
}

// short keeps a quoted value readable in an error.
func short(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return s
}
