package flow

import (
	"net/netip"
	"slices"
	"strings"

	"suraag/casework"
	"suraag/digest"
	"suraag/fault"
	"suraag/media"
	"suraag/pdq"
	"suraag/sighting"
)

// question is a target with what is needed to look for it.
type question struct {
	target casework.Target
	turned []turned // PDQ values to look for, in every orientation that is known
}

// turned is the PDQ value of the target by one preparation in one orientation.
type turned struct {
	value       digest.Digest
	orientation string
	preparation string // empty where it is not known
	shown       bool   // so turned the picture is shown, says its EXIF data
}

// Image makes the question for a picture that was handed in to be traced. The
// picture itself is hashed and dropped.
func Image(name string, p media.Print, policy Policy) question {
	q := question{target: casework.Target{Asked: name, Kind: "image", Quality: p.Quality}}
	if !p.Value.IsZero() {
		q.target.Kind, q.target.Digests = "digest", []digest.Digest{p.Value}
		return q
	}
	for _, d := range []digest.Digest{p.SHA256, p.SHA1, p.MD5, p.PDQ, p.PDQNN512, p.VPDQ} {
		if !d.IsZero() && !slices.Contains(q.target.Digests, d) {
			q.target.Digests = append(q.target.Digests, d)
		}
	}
	if strings.HasPrefix(p.MediaType, "video/") {
		q.target.Kind = "video"
	}
	switch {
	case !p.VPDQ.IsZero():
	case q.target.Kind == "video":
		q.target.Unavailable = p.Problem
	case p.PDQ.IsZero():
		q.target.Unavailable = "it is not a picture that can be decoded"
		if p.Problem != "" {
			q.target.Unavailable = p.Problem
		}
	case p.Quality < policy.PDQQuality:
		q.target.Unavailable = "it has too little detail for PDQ to be trusted"
	default:
		for _, f := range []struct {
			preparation pdq.Preparation
			values      [8]digest.Digest
			quality     int
		}{{pdq.Full, p.Orientations, p.Quality}, {pdq.NN512, p.OrientationsNN512, p.QualityNN512}} {
			q.target.Forms = append(q.target.Forms, sighting.Form{Value: f.values[pdq.Original], Preparation: string(f.preparation), Quality: f.quality})
			if f.quality < policy.PDQQuality {
				continue
			}
			for o, v := range f.values {
				q.turned = append(q.turned, turned{v, pdq.Orientation(o).String(), string(f.preparation), pdq.Orientation(o) == p.Shown && p.Shown != pdq.Original})
			}
		}
	}
	return q
}

// Ask reads what an officer typed: a digest, an address with or without port, or
// an identifier.
func Ask(text string) (question, error) {
	text = strings.TrimSpace(text)
	q := question{target: casework.Target{Asked: text}}
	if e, ok := endpoint(text); ok {
		q.target.Kind, q.target.Endpoint = "address", &e
		return q, nil
	}
	if ds := digests(text); len(ds) > 0 {
		q.target.Kind, q.target.Digests = "digest", ds
		for _, d := range ds {
			if d.Kind() == digest.PDQ {
				q.turned = append(q.turned, turned{value: d})
			}
		}
		return q, nil
	}
	if i, ok := identifier(text); ok {
		q.target.Kind, q.target.Identifier = "identifier", &i
		return q, nil
	}
	err := fault.Newf(fault.Invalid, "target %q is no file, digest, address or identifier", text)
	return q, fault.WithHint(err, "give a file, a hash (md5:… or bare), an ip or ip:port, a phone with +, an e-mail, or kind:service:value such as account:instagram:900000000000001")
}

func endpoint(text string) (sighting.Endpoint, bool) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		e, err := sighting.ParseEndpoint(ap.Addr().String(), "")
		e.Port = ap.Port()
		return e, err == nil
	}
	e, err := sighting.ParseEndpoint(text, "")
	return e, err == nil
}

// digests reads "kind:value" or a bare value, which may be of several kinds.
func digests(text string) []digest.Digest {
	if d, err := digest.Parse(text); err == nil {
		return []digest.Digest{d}
	}
	if strings.Contains(text, ":") {
		return nil
	}
	return digest.Judge(text)
}

func identifier(text string) (sighting.Identifier, bool) {
	if i, err := sighting.ParseIdentifier(text); err == nil {
		return i, true
	}
	for _, kind := range []sighting.IDKind{sighting.Email, sighting.Phone, sighting.URL} {
		value := text
		if kind == sighting.Phone {
			value = sighting.Indian(text)
		}
		if i, err := sighting.Identify(kind, "", value); err == nil {
			return i, true
		}
	}
	return sighting.Identifier{}, false
}
