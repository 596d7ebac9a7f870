package complaint

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/sighting"
)

// Victim is who a complaint is about. It is kept apart from the complaint,
// encrypted, and shown only where it is needed (POCSO Act 2012, sections 24(5)
// and 33(7): the identity of the child is not disclosed).
type Victim struct {
	Name     string `json:"name,omitempty"`
	Guardian string `json:"guardian,omitempty"` // who speaks for a child
	Phone    string `json:"phone,omitempty"`
	Address  string `json:"address,omitempty"`
	Note     string `json:"note,omitempty"`
	// ChatNames are the names under which the complainant stands in attached chats:
	// mostly the child's own.
	ChatNames []string `json:"chat_names,omitempty"`
}

// NewReference makes the name under which a complaint speaks of its victim. It
// tells nothing.
func NewReference(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fault.As(fault.Internal, err)
	}
	return "victim-" + hex.EncodeToString(b[:]), nil
}

// Words gives the victim as bytes to encrypt, and ReadVictim reads them.
func (v Victim) Words() ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return b, nil
}

// ReadVictim reads what Words gave.
func ReadVictim(b []byte) (v Victim, err error) {
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fault.Newf(fault.Corrupt, "victim: %w", err)
	}
	return v, nil
}

// NamedIn lists where the form tells who the victim is, or takes the victim for the
// one accused, so that it can be taken out before the document is sealed: a sealed
// document cannot be mended.
func (v Victim) NamedIn(f Form) []Problem {
	var out []Problem
	if own, err := sighting.Identify(sighting.Phone, "", sighting.Indian(v.Phone)); err == nil {
		for n, s := range f.Accused {
			if i, err := s.Identify(); err == nil && i == own {
				out = append(out, Problem{fmt.Sprintf("accused.%d", n), "This is the victim's own number. Only what belongs to the one accused stands here."})
			}
		}
	}
	for _, named := range [][2]string{{"name", v.Name}, {"phone", v.Phone}, {"guardian's name", v.Guardian}} {
		what, said := named[0], named[1]
		if len([]rune(said)) < 4 {
			continue
		}
		if strings.Contains(strings.ToLower(f.Story), strings.ToLower(said)) {
			out = append(out, Problem{"story", "The story holds the victim's " + what + ". Write \"the child\" instead: who it is stands in its own place."})
		}
	}
	return out
}
