package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"suraag/fault"
)

// handler answers a request, or says why not.
type handler func(w http.ResponseWriter, r *http.Request) error

// wrap makes a handler a http.Handler.
func (s *server) wrap(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.renderError(w, r, err)
		}
	})
}

// inJSON tells whether a request is answered to a program.
func inJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/intake/progress" || strings.HasSuffix(r.URL.Path, "/media/uncover") || strings.HasSuffix(r.URL.Path, "/media/cover")
}

// errorPage says what went wrong, with which thing, why, and what to do next.
type errorPage struct {
	base
	Status   int
	Kind     string
	Sentence string
	Next     string
}

// apiError is an error as JSON.
type apiError struct {
	Kind  string `json:"kind"`
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

// headings say in plain words what a kind of error means to whoever sees it.
var headings = map[fault.Kind]string{
	fault.Internal:    "Suraag has a defect here",
	fault.NotFound:    "There is nothing here",
	fault.Invalid:     "That could not be understood",
	fault.Denied:      "That is not allowed",
	fault.Conflict:    "That contradicts the record",
	fault.Corrupt:     "These bytes are not what they should be",
	fault.Unavailable: "The record does not answer now",
	fault.TooLarge:    "That is too large",
}

// next is what to do where the error itself has no better advice.
var next = map[fault.Kind]string{
	fault.Internal:    "Nothing in the record was changed by this. Note the time and tell whoever looks after Suraag.",
	fault.NotFound:    "Check the address, or search for it.",
	fault.Invalid:     "Go back, correct it and send it again.",
	fault.Denied:      "If you think it should be allowed, ask whoever looks after Suraag.",
	fault.Conflict:    "Look at what the record already holds before you go on.",
	fault.Corrupt:     "Run suraag verify, and do not rely on this original until it is explained.",
	fault.Unavailable: "Wait a moment and try again.",
	fault.TooLarge:    "Send less at once.",
}

// renderError is the one place where an error is shown.
func (s *server) renderError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == context.Canceled {
		return // nobody is there to read it
	}
	err = sorted(err)
	kind := fault.KindOf(err)
	if kind == fault.Internal {
		s.Log.Error("page", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	hint := fault.Hint(err)
	if hint == "" {
		hint = next[kind]
	}
	w.Header().Del("Content-Length")
	if inJSON(r) {
		writeJSON(w, kind.HTTP(), apiError{Kind: kind.String(), Error: err.Error(), Hint: hint})
		return
	}
	p := errorPage{base: s.base(r, headings[kind], ""), Status: kind.HTTP(), Kind: kind.String(), Sentence: ended(err.Error()), Next: ended(hint)}
	p.Query = strings.TrimSpace(r.URL.Query().Get("target")) // so that it can be corrected
	if renderErr := s.render(w, kind.HTTP(), "error", p); renderErr != nil {
		s.Log.Error("page of an error", "error", renderErr)
		http.Error(w, p.Sentence, kind.HTTP())
	}
}

// ended writes words as a sentence: a capital at its start, a stop at its end.
// The words themselves stay as they are.
func ended(words string) string {
	words = strings.TrimSpace(words)
	if words == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(words)
	words = string(unicode.ToUpper(first)) + words[n:]
	if !strings.ContainsRune(".!?…", rune(words[len(words)-1])) {
		words += "."
	}
	return words
}

func nowhere(_ http.ResponseWriter, r *http.Request) error {
	return fault.Newf(fault.NotFound, "no page %q", short(r.URL.Path))
}

// writeJSON writes a document as it is meant to be read by people too.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(append(body, '\n')) // whoever went away misses nothing that could be told
	return nil
}
