// Package s3test is a store that resembles S3, for tests.
//
// Takes a test. Gives a server over TLS that holds one bucket in memory, with what
// package bucket asks of a store, and that errs where it is told to. Never reaches
// beyond this machine.
package s3test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"suraag/custody/bucket"
)

// The only key, and the only bucket.
const (
	Name      = "unit-7"
	AccessKey = "AKIDEXAMPLE" // as in Amazon's own examples
	Secret    = "a made secret of the test"
)

// version is what stands under a name at a time.
type version struct {
	id     string
	body   []byte
	marker bool // that it was removed
	until  time.Time
}

// Server is a store.
type Server struct {
	*httptest.Server
	Roots string // file with its certificate

	mu        sync.Mutex
	objects   map[string][]version
	n         int
	versioned bool
	lock      time.Duration
	fault     func(http.ResponseWriter, *http.Request) bool
	requests  int
	open      bool // takes no notice of If-None-Match
}

// Start starts a store, and ends it with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{objects: map[string][]version{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it errs because it is told to
	s.StartTLS()
	t.Cleanup(s.Close)
	s.Roots = filepath.Join(t.TempDir(), "roots.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(s.Roots, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// Settings are those by which the store is reached.
func (s *Server) Settings() bucket.Settings {
	return bucket.Settings{Endpoint: s.URL, Bucket: Name, AccessKey: AccessKey, Secret: Secret, Roots: s.Roots, Patience: 5 * time.Second, Tries: 3}
}

// Err has each request looked at first; one that f answers is done.
func (s *Server) Err(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Keep has the store keep every version, and hold each for a time.
func (s *Server) Keep(lock time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versioned, s.lock = true, lock
}

// Overwrites has the store take no notice of If-None-Match.
func (s *Server) Overwrites() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
}

// Requests tells how many there were.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Keys gives the names under which anything lies, older versions too.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// Change changes what lies under a name, as somebody with the disk would.
func (s *Server) Change(key string, f func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.objects[key]; len(v) > 0 {
		v[len(v)-1].body = f(slices.Clone(v[len(v)-1].body))
	}
}

// Lose forgets what lies under a name, as a store does that said it had it.
func (s *Server) Lose(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests++
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if !strings.Contains(r.Header.Get("Authorization"), "Credential="+AccessKey+"/") {
		refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case name != Name:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodHead:
		w.WriteHeader(http.StatusOK)
	case key == "" && query.Has("versions"):
		s.versions(w, query.Get("prefix"))
	case key == "" && r.Method == http.MethodGet:
		s.list(w, query.Get("prefix"), query.Get("continuation-token"))
	case query.Has("retention"):
		s.retention(w, key, query.Get("versionId"))
	case r.Method == http.MethodPut:
		s.put(w, r, key)
	case r.Method == http.MethodDelete:
		s.remove(w, key, query.Get("versionId"))
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.get(w, r, key)
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>made by the test</Message></Error>", code)
}

// Refuse is an answer of S3 that says no.
func Refuse(w http.ResponseWriter, status int, code string) { refuse(w, status, code) }

func etag(b []byte) string { s := md5.Sum(b); return `"` + hex.EncodeToString(s[:]) + `"` }

func (s *Server) put(w http.ResponseWriter, r *http.Request, key string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut off: nothing is kept
	}
	sum, md := sha256.Sum256(body), md5.Sum(body)
	if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) || r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(md[:]) {
		refuse(w, http.StatusBadRequest, "BadDigest")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.objects[key]
	if !s.open && r.Header.Get("If-None-Match") == "*" && len(old) > 0 && !old[len(old)-1].marker {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	v := version{id: "null", body: body}
	if s.versioned {
		s.n++
		v.id = fmt.Sprintf("version-%d", s.n)
		v.until = time.Now().Add(s.lock)
		w.Header().Set("X-Amz-Version-Id", v.id)
	} else {
		old = nil
	}
	s.objects[key] = append(old, v)
	w.Header().Set("ETag", etag(body))
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	v := s.objects[key]
	s.mu.Unlock()
	if len(v) == 0 || v[len(v)-1].marker {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	body := v[len(v)-1].body
	if m := r.Header.Get("If-Match"); m != "" && m != etag(body) {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	w.Header().Set("ETag", etag(body))
	w.Header().Set("Last-Modified", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/octet-stream")
	if part, is := strings.CutPrefix(r.Header.Get("Range"), "bytes="); is {
		first, last, _ := strings.Cut(part, "-")
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || from >= len(body) {
			refuse(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
			return
		}
		to = min(to, len(body)-1)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(body)))
		w.Header().Set("Content-Length", strconv.Itoa(to-from+1))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(body[from : to+1])
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

func (s *Server) remove(w http.ResponseWriter, key, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" && s.versioned {
		s.n++
		s.objects[key] = append(s.objects[key], version{id: fmt.Sprintf("version-%d", s.n), marker: true})
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var left []version
	for _, v := range s.objects[key] {
		if id != "" && v.id != id {
			left = append(left, v)
		} else if v.until.After(time.Now()) {
			refuse(w, http.StatusForbidden, "AccessDenied") // as S3 answers of what is locked
			return
		}
	}
	if s.objects[key] = left; len(left) == 0 {
		delete(s.objects, key)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) retention(w http.ResponseWriter, key, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.objects[key] {
		if v.id == id && !v.until.IsZero() {
			fmt.Fprintf(w, "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>%s</RetainUntilDate></Retention>", v.until.UTC().Format(time.RFC3339))
			return
		}
	}
	refuse(w, http.StatusNotFound, "NoSuchObjectLockConfiguration")
}

// perPage is small, so that a test needs few things for many pages.
const perPage = 3

func (s *Server) list(w http.ResponseWriter, prefix, after string) {
	type contents struct {
		Key          string
		LastModified string
		ETag         string
		Size         int
	}
	out := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		Prefix                string
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []contents
	}{Name: Name, Prefix: prefix}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		v := s.objects[key]
		if last := v[len(v)-1]; !strings.HasPrefix(key, prefix) || key <= after || last.marker {
			continue
		} else if len(out.Contents) < perPage {
			out.Contents = append(out.Contents, contents{key, "2025-03-01T00:00:00.000Z", etag(last.body), len(last.body)})
		} else {
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[perPage-1].Key
			break
		}
	}
	answer(w, out)
}

func (s *Server) versions(w http.ResponseWriter, prefix string) {
	type one struct {
		Key          string
		VersionId    string
		LastModified string
		IsLatest     bool
		Size         int
	}
	out := struct {
		XMLName      xml.Name `xml:"ListVersionsResult"`
		Name         string
		Prefix       string
		Version      []one
		DeleteMarker []one
	}{Name: Name, Prefix: prefix}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		for n, v := range slices.Backward(s.objects[key]) {
			x := one{key, v.id, "2025-03-01T00:00:00.000Z", n == len(s.objects[key])-1, len(v.body)}
			if v.marker {
				out.DeleteMarker = append(out.DeleteMarker, x)
			} else {
				out.Version = append(out.Version, x)
			}
		}
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(doc); err != nil {
		panic(err) // the documents above are whole
	}
}

// Take keeps what a request sends under a name, and answers nothing.
func (s *Server) Take(r *http.Request, key string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = append(s.objects[key], version{id: "null", body: body})
}

// Mark removes what lies under a name as somebody does who knows of no versions.
func (s *Server) Mark(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.objects[key] = append(s.objects[key], version{id: fmt.Sprintf("version-%d", s.n), marker: true})
}
