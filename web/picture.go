package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"suraag/casework"
	"suraag/fault"
)

// picture is what someone asks about. It lives in memory until it is hashed, and
// is never written anywhere.
type picture struct {
	name  string
	bytes []byte
	zone  string
}

// tracePicture answers for a picture that was dropped on the page.
func (s *server) tracePicture(w http.ResponseWriter, r *http.Request) error {
	t, b, err := s.askPicture(r)
	if err != nil {
		return err
	}
	return s.renderTrace(w, r, b, t, true, showRows)
}

func (s *server) apiTracePicture(w http.ResponseWriter, r *http.Request) error {
	t, _, err := s.askPicture(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, t)
}

// askPicture reads a picture, asks about it and lets go of it.
func (s *server) askPicture(r *http.Request) (casework.Trace, base, error) {
	var t casework.Trace
	var b base
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
	case <-r.Context().Done():
		return t, b, fault.Newf(fault.Unavailable, "other pictures are being hashed: %w", r.Context().Err())
	}
	p, err := readPicture(r)
	if err != nil {
		return t, b, err
	}
	b = s.base(r, "Trace of "+short(p.name), "search")
	if p.zone != "" {
		if b.Zone, err = readZone(p.zone, s.Zone); err != nil {
			return t, b, err
		}
		b.asked = p.zone
	}
	t, err = s.Desk.TraceImage(r.Context(), p.name, bytes.NewReader(p.bytes), int64(len(p.bytes)), b.Zone)
	return t, b, err
}

// readPicture takes a form with a file called picture, or a bare body.
func readPicture(r *http.Request) (picture, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return picture{}, fault.Newf(fault.Invalid, "content type %q: %w", short(r.Header.Get("Content-Type")), err)
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
	case kind != "" && kind != "application/octet-stream" && !strings.HasPrefix(kind, "image/"):
		err := fault.Newf(fault.Invalid, "content type %q is no picture", short(kind))
		return picture{}, fault.WithHint(err, "send a form with a file called picture, or the bare bytes as application/octet-stream")
	default:
		p := picture{name: "picture"}
		p.bytes, err = io.ReadAll(r.Body)
		return p.checked(bodyError(err))
	}
	form, err := r.MultipartReader()
	if err != nil {
		return picture{}, fault.As(fault.Invalid, err)
	}
	var p picture
	err = eachPart(form, func(part *multipart.Part) error {
		switch part.FormName() {
		case "picture":
			p.name = baseName(part.FileName())
			p.bytes, err = io.ReadAll(part)
		case "zone":
			p.zone, err = readField(part)
		}
		return bodyError(err)
	})
	return p.checked(err)
}

func (p picture) checked(err error) (picture, error) {
	if err == nil && len(p.bytes) == 0 {
		err = fault.WithHint(fault.Newf(fault.Invalid, "no picture was sent"), "choose a picture, or drop one on the box")
	}
	return p, err
}

// maxParts bounds the fields and files of one form.
const maxParts = 1000

// eachPart hands on the parts of a form in the order in which they come.
func eachPart(form *multipart.Reader, take func(*multipart.Part) error) error {
	for range maxParts {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bodyError(err)
		}
		err = take(part)
		part.Close()
		if err != nil {
			return err
		}
	}
	return fault.WithHint(fault.Newf(fault.TooLarge, "the form has more than %d parts", maxParts), "hand in fewer files at once")
}

// maxField bounds one field of words.
const maxField = 4096

func readField(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxField+1))
	if err != nil {
		return "", bodyError(err)
	}
	if len(b) > maxField {
		return "", fault.Newf(fault.TooLarge, "a field has more than %d characters", maxField)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(b), "\uFFFD")), nil
}

// bodyError sorts what goes wrong while a body is read: too large, or cut off.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.WithHint(fault.Newf(fault.Invalid, "what was sent broke off: %w", err), "send it again")
}

// baseName drops the folders that some browsers send with a name.
func baseName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if at := strings.LastIndexByte(name, '\\'); at >= 0 {
		name = name[at+1:]
	}
	name = filepath.Base(filepath.ToSlash(name))
	if name == "." || name == "/" || name == "" {
		return "unnamed"
	}
	return short(name)
}

// moving is a body whose deadline moves on while bytes come, so that a slow line
// may take its time and a silent one may not.
type moving struct {
	io.ReadCloser
	rc *http.ResponseController
}

func (m moving) Read(p []byte) (int, error) {
	m.rc.SetReadDeadline(time.Now().Add(idleTime)) // a recorder has no deadlines to set
	return m.ReadCloser.Read(p)
}
