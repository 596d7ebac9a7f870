package xmlwalk

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"suraag/fault"
)

// source hands bytes to the XML decoder one by one. It replaces, byte for byte so
// that offsets stay true, what XML forbids but real exports contain: bytes that
// are not UTF-8, control characters, and references to them (XML 1.0 §2.2, §4.1).
type source struct {
	r        *bufio.Reader
	given    int64
	done     int64 // where the decoder stands
	limit    int64
	pass     int   // bytes that are checked already
	blank    int   // bytes to replace
	replaced int64 // how many were
	first    int64 // where the first was
	err      error
}

// mark stands for a byte that was replaced.
const mark = '?'

// Read is here because the decoder asks for it; it uses ReadByte.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

func (s *source) ReadByte() (byte, error) {
	if s.given-s.done > s.limit {
		s.err = fault.Newf(fault.TooLarge, "a single text or tag at byte %d has more than %d bytes", s.done, s.limit)
		return 0, s.err
	}
	b, err := s.r.ReadByte()
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return 0, err
	}
	s.given++
	switch {
	case s.blank > 0:
		s.blank--
		return mark, nil
	case s.pass > 0:
		s.pass--
		return b, nil
	case b >= ' ' && b < utf8.RuneSelf && b != '&', b == '\n', b == '\t', b == '\r':
		return b, nil
	}
	return s.judge(b), nil
}

// judge looks at a byte that may begin something forbidden.
func (s *source) judge(b byte) byte {
	switch {
	case b < ' ':
		s.replace(1)
		return mark
	case b == '&':
		if n := s.forbiddenReference(); n > 0 {
			s.replace(n)
			return mark
		}
		return b
	}
	rest, _ := s.r.Peek(utf8.UTFMax - 1)
	char, size := utf8.DecodeRune(append([]byte{b}, rest...))
	if char == utf8.RuneError && size == 1 || !allowed(char) {
		s.replace(size)
		return mark
	}
	s.pass = size - 1
	return b
}

// replace blanks the byte just read and those that belong to it.
func (s *source) replace(size int) {
	if s.replaced == 0 {
		s.first = s.given - 1
	}
	s.replaced++
	s.blank = size - 1
}

// forbiddenReference gives the length of a reference such as &#0; to a character
// that XML does not allow, or 0.
func (s *source) forbiddenReference() int {
	rest, _ := s.r.Peek(12)
	body, _, found := strings.Cut(string(rest), ";")
	if !found || len(body) < 2 || body[0] != '#' {
		return 0
	}
	digits, base := body[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || allowed(rune(n)) {
		return 0
	}
	return len("&") + len(body) + len(";")
}

// allowed is the production Char of XML 1.0 §2.2.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
