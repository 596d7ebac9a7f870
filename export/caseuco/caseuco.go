// Package caseuco writes facts of the record in the CASE/UCO ontology (CASE 1.4,
// UCO 1.4.0) as JSON-LD, which other forensic tools read.
//
// Takes sealed sources and the sightings that were read from them. Gives one
// graph: the sources with their hashes, authorities and hand-ins, the reading of
// each, and every sighting as an action with its accounts, addresses and content.
// Never says more than a sighting states: an action has no performer, because a
// record knows the account and not the person; a time that is a span stays one.
package caseuco

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/sighting"
)

// Facts are what is written.
type Facts struct {
	Name      string // of the investigation
	About     string
	AsOf      time.Time
	Tool      string
	Version   string
	Sources   []Source
	Sightings []sighting.Sighting
}

// Source is a sealed original.
type Source struct {
	ID          string // SHA-256, hex
	Exhibit     string // how the other documents number it: S1
	Name        string
	Size        int64
	SealedAt    time.Time
	Authorities []string
	BroughtBy   []string
}

// node is one object of the graph. encoding/json writes its keys in order.
type node = map[string]any

type graph struct {
	nodes []node
	known map[string]bool
}

// context names the ontologies. kb: is ours: nothing is found under it.
var context = node{
	"kb":                 "http://example.org/kb/",
	"case-investigation": "https://ontology.caseontology.org/case/investigation/",
	"uco-action":         "https://ontology.unifiedcyberontology.org/uco/action/",
	"uco-core":           "https://ontology.unifiedcyberontology.org/uco/core/",
	"uco-identity":       "https://ontology.unifiedcyberontology.org/uco/identity/",
	"uco-observable":     "https://ontology.unifiedcyberontology.org/uco/observable/",
	"uco-tool":           "https://ontology.unifiedcyberontology.org/uco/tool/",
	"uco-types":          "https://ontology.unifiedcyberontology.org/uco/types/",
	"uco-vocabulary":     "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
	"xsd":                "http://www.w3.org/2001/XMLSchema#",
}

// Write gives the graph as JSON-LD, the same bytes for the same facts.
func Write(f Facts) ([]byte, error) {
	g := &graph{known: map[string]bool{}}
	tool := g.add("tool", f.Tool+f.Version, node{"@type": "uco-tool:AnalyticTool", "uco-core:name": f.Tool, "uco-tool:version": f.Version})
	read := map[string][]any{} // source → what was read from it
	for _, s := range f.Sightings {
		read[s.Source] = append(read[s.Source], ref(g.sighting(s)))
	}
	var authorities []any
	for _, s := range f.Sources {
		authorities = append(authorities, g.source(s, tool, read[s.ID])...)
	}
	var objects []any
	for _, n := range g.nodes {
		if id, is := n["@id"].(string); is {
			objects = append(objects, ref(id))
		}
	}
	investigation := node{
		"@id": id("investigation", f.Name+f.About), "@type": "case-investigation:Investigation", "uco-core:name": f.Name, "uco-core:description": f.About,
		"uco-core:objectCreatedTime": moment(f.AsOf),
	}
	if len(objects) > 0 {
		investigation["uco-core:object"] = objects
	}
	if len(authorities) > 0 {
		investigation["case-investigation:relevantAuthorization"] = unique(authorities)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(node{"@context": context, "@graph": append(g.nodes, investigation)}); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return out.Bytes(), nil
}

// id names an object by what it is, so that the same fact has the same name in
// every export: a UUID of version 8 (RFC 9562 §5.8) from SHA-256.
func id(kind, what string) string {
	sum := sha256.Sum256([]byte("suraag case/uco 1\n" + kind + "\n" + what))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return fmt.Sprintf("kb:%s-%s-%s-%s-%s-%s", kind, h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

func ref(id string) node { return node{"@id": id} }

func unique(list []any) (out []any) {
	seen := map[string]bool{}
	for _, r := range list {
		if k := fmt.Sprint(r); !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}

// add puts an object into the graph, once, and gives its name.
func (g *graph) add(kind, what string, n node) string {
	name := id(kind, what)
	if !g.known[name] {
		g.known[name] = true
		n["@id"] = name
		g.nodes = append(g.nodes, n)
	}
	return name
}

func moment(t time.Time) node {
	return node{"@type": "xsd:dateTime", "@value": t.UTC().Format(time.RFC3339Nano)}
}

// facet is a facet of an object, named after it.
func facet(kind, what string, n node) node {
	n["@id"] = id(strings.ToLower(kind), what)
	n["@type"] = "uco-observable:" + kind
	return n
}

// source writes an original, under which authorities it is held, and its reading.
func (g *graph) source(s Source, tool string, results []any) (authorities []any) {
	file := g.add("file", s.ID, node{
		"@type": "uco-observable:File", "uco-core:name": s.Name,
		"uco-core:hasFacet": []any{
			facet("FileFacet", s.ID, node{"uco-observable:fileName": s.Name, "uco-observable:sizeInBytes": s.Size}),
			facet("ContentDataFacet", s.ID, node{"uco-observable:sizeInBytes": s.Size, "uco-observable:hash": []any{hash("SHA256", s.ID)}}),
		},
	})
	for _, a := range s.Authorities {
		authorities = append(authorities, ref(g.add("authorization", a, node{
			"@type": "case-investigation:Authorization", "uco-core:name": a, "case-investigation:authorizationIdentifier": a,
		})))
	}
	record := g.add("provenance-record", s.ID, node{
		"@type": "case-investigation:ProvenanceRecord", "case-investigation:exhibitNumber": s.Exhibit,
		"uco-core:description": "sealed original, SHA-256 " + s.ID, "uco-core:object": []any{ref(file)},
	})
	sealing := node{
		"@type": "case-investigation:InvestigativeAction", "uco-core:name": "sealed", "uco-action:endTime": moment(s.SealedAt),
		"uco-action:object": []any{ref(file)}, "uco-action:result": []any{ref(record)}, "uco-action:instrument": []any{ref(tool)},
	}
	if len(s.BroughtBy) > 0 {
		by := s.BroughtBy[0]
		sealing["uco-action:performer"] = ref(g.add("identity", by, node{"@type": "uco-identity:Identity", "uco-core:name": by}))
	}
	g.add("sealing", s.ID, sealing)
	if len(results) > 0 {
		g.add("reading", s.ID, node{
			"@type": "case-investigation:InvestigativeAction", "uco-core:name": "read",
			"uco-action:object": []any{ref(file)}, "uco-action:result": unique(results), "uco-action:instrument": []any{ref(tool)},
		})
	}
	return authorities
}

func hash(method, value string) node {
	return node{
		"@id": id("hash", method+value), "@type": "uco-types:Hash",
		"uco-types:hashMethod": method,
		"uco-types:hashValue":  node{"@type": "xsd:hexBinary", "@value": strings.ToUpper(value)},
	}
}

// sighting writes an act as stated. Who acted is an account or a number, and so
// an instrument of the action; nobody is its performer.
func (g *graph) sighting(s sighting.Sighting) string {
	n := node{
		"@type": "uco-action:Action", "uco-core:name": string(s.Act),
		"uco-core:description": fmt.Sprintf("As stated by %s in source %s at %s.", s.Standing, s.Source, s.Place),
	}
	if !s.When.IsZero() {
		n["uco-action:startTime"], n["uco-action:endTime"] = moment(s.When.At), moment(s.When.Until)
	}
	var instruments, participants, objects []any
	for _, i := range s.Who {
		instruments = append(instruments, ref(g.identifier(i)))
	}
	for _, i := range append(append([]sighting.Identifier{}, s.To...), s.Via...) {
		participants = append(participants, ref(g.identifier(i)))
	}
	if s.Content.Identified() {
		objects = append(objects, ref(g.content(s.Content)))
	}
	if !s.From.IsZero() {
		n["uco-action:environment"] = ref(g.connection(s))
	}
	for key, list := range map[string][]any{"uco-action:instrument": instruments, "uco-action:participant": participants, "uco-action:object": objects} {
		if len(list) > 0 {
			n[key] = unique(list)
		}
	}
	return g.add("action", s.ID, n)
}

// connection writes the two ends that a sighting states.
func (g *graph) connection(s sighting.Sighting) string {
	f := node{"uco-observable:src": []any{ref(g.address(s.From))}}
	if s.From.Port != 0 {
		f["uco-observable:sourcePort"] = s.From.Port
	}
	if !s.At.IsZero() {
		f["uco-observable:dst"] = []any{ref(g.address(s.At))}
		if s.At.Port != 0 {
			f["uco-observable:destinationPort"] = s.At.Port
		}
	}
	if !s.When.IsZero() {
		f["uco-observable:startTime"], f["uco-observable:endTime"] = moment(s.When.At), moment(s.When.Until)
	}
	return g.add("network-connection", s.ID, node{"@type": "uco-observable:NetworkConnection", "uco-core:hasFacet": []any{facet("NetworkConnectionFacet", s.ID, f)}})
}

func (g *graph) address(e sighting.Endpoint) string {
	kind := "IPv4Address"
	if e.IP.Is6() {
		kind = "IPv6Address"
	}
	ip := e.IP.String()
	return g.add("ip-address", ip, node{
		"@type": "uco-observable:" + kind, "uco-core:hasFacet": []any{facet(kind+"Facet", ip, node{"uco-observable:addressValue": ip})},
	})
}

// methods are the names of hashes in UCO's vocabulary (HashNameVocab); others are
// written as plain strings, which the vocabulary allows.
var methods = map[digest.Kind]string{digest.MD5: "MD5", digest.SHA1: "SHA1", digest.SHA256: "SHA256"}

func (g *graph) content(c sighting.Content) string {
	f := node{}
	var hashes []any
	what := strings.Join(c.Refs, "\n")
	for _, d := range c.Digests {
		what += "\n" + d.String()
		if method := methods[d.Kind()]; method != "" {
			hashes = append(hashes, hash(method, d.Hex()))
		}
	}
	if len(hashes) > 0 {
		f["uco-observable:hash"] = hashes
	}
	if c.MediaType != "" {
		f["uco-observable:mimeType"] = c.MediaType
	}
	if c.Size > 0 {
		f["uco-observable:sizeInBytes"] = c.Size
	}
	n := node{"@type": "uco-observable:ContentData", "uco-core:hasFacet": []any{facet("ContentDataFacet", what, f)}}
	if other := others(c); other != "" {
		n["uco-core:description"] = other
	}
	return g.add("content", what, n)
}

// others writes what identifies a content beside the hashes of the vocabulary.
func others(c sighting.Content) string {
	words := append([]string{}, c.Refs...)
	for _, d := range c.Digests {
		if methods[d.Kind()] == "" {
			words = append(words, d.String())
		}
	}
	return strings.Join(words, ", ")
}

// identifier writes an identifier as the kind of object that UCO has for it.
func (g *graph) identifier(i sighting.Identifier) string {
	what := i.String()
	object := func(kind string, facets ...node) string {
		n := node{"@type": "uco-observable:" + kind, "uco-core:name": what}
		var list []any
		for _, f := range facets {
			list = append(list, f)
		}
		if len(list) > 0 {
			n["uco-core:hasFacet"] = list
		}
		return g.add("identifier", what, n)
	}
	switch i.Kind {
	case sighting.Phone:
		return object("PhoneAccount", facet("PhoneAccountFacet", what, node{"uco-observable:phoneNumber": i.Value}))
	case sighting.Email:
		return object("EmailAddress", facet("EmailAddressFacet", what, node{"uco-observable:addressValue": i.Value}))
	case sighting.Account, sighting.UserID:
		return object("DigitalAccount", facet("AccountFacet", what, g.issued(i, node{"uco-observable:accountIdentifier": i.Value})))
	case sighting.Handle:
		return object("DigitalAccount", facet("AccountFacet", what, g.issued(i, node{})), facet("DigitalAccountFacet", what, node{"uco-observable:accountLogin": i.Value}))
	case sighting.IMEI:
		return object("MobileDevice", facet("MobileDeviceFacet", what, node{"uco-observable:IMEI": i.Value}))
	case sighting.IMSI:
		return object("SIMCard", facet("SIMCardFacet", what, node{"uco-observable:IMSI": i.Value}))
	case sighting.ICCID:
		return object("SIMCard", facet("SIMCardFacet", what, node{"uco-observable:ICCID": i.Value}))
	case sighting.URL:
		return object("URL", facet("URLFacet", what, node{"uco-observable:fullValue": i.Value}))
	case sighting.MAC:
		return object("MACAddress", facet("MACAddressFacet", what, node{"uco-observable:addressValue": i.Value}))
	}
	return object("ObservableObject")
}

// issued adds the service that issues an account.
func (g *graph) issued(i sighting.Identifier, f node) node {
	if i.Service != "" {
		f["uco-observable:accountIssuer"] = ref(g.add("organization", i.Service, node{"@type": "uco-identity:Organization", "uco-core:name": i.Service}))
	}
	return f
}
