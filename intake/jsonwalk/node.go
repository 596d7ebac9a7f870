package jsonwalk

import (
	"iter"
	"strconv"

	"suraag/sighting"
)

// Kind is the kind of a node: the first byte of its JSON.
type Kind byte

// The kinds.
const (
	Absent Kind = 0
	Null   Kind = 'n'
	False  Kind = 'f'
	True   Kind = 't'
	Text   Kind = '"'
	Number Kind = '0'
	Object Kind = '{'
	List   Kind = '['
)

// item is one node. The items of a tree lie in the order of the file; next is
// the item after the last of its kids, so that a tree is one slice and can be
// used again for the next record.
type item struct {
	name, text string
	start, end int64
	next       int32
	kind       Kind
	lossy      bool
}

// Node is a value with its place in the file. The zero Node is absent, and every
// method of an absent Node answers with nothing, because any node of these
// documents may be missing or null. A Node is good until the next one is read.
type Node struct {
	items []item
	at    int32
}

func (n Node) item() item {
	if n.items == nil {
		return item{}
	}
	return n.items[n.at]
}

// Kind gives the kind, Absent where there is no such node.
func (n Node) Kind() Kind { return n.item().kind }

// Stated tells whether the node is there and not null.
func (n Node) Stated() bool { k := n.Kind(); return k != Absent && k != Null }

// Name is the name under which the node stands in its object.
func (n Node) Name() string { return n.item().name }

// Start is the first byte of the node in the file.
func (n Node) Start() int64 { return n.item().start }

// End is the byte after the node.
func (n Node) End() int64 { return n.item().end }

// Lossy tells whether the text held bytes that are not UTF-8, each of which was
// replaced by U+FFFD.
func (n Node) Lossy() bool { return n.item().lossy }

// Text gives a scalar as text: a string without its quotes, a number or flag as
// written, nothing for null, objects and lists.
func (n Node) Text() string { return n.item().text }

// Value gives the text of a scalar that states something, and nothing for "",
// null and "N/A" (formats.md, import rule 2).
func (n Node) Value() string {
	// No words for "nothing" are that long; most values are hashes that are.
	if t := n.item().text; len(t) > 64 || sighting.Stated(t) {
		return t
	}
	return ""
}

// Kids are the members of an object or the elements of a list, in file order. A
// name that stands twice comes twice.
func (n Node) Kids() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.items == nil {
			return
		}
		for k := n.at + 1; k < n.items[n.at].next; k = n.items[k].next {
			if !yield(Node{n.items, k}) {
				return
			}
		}
	}
}

// Get follows names from object to object and gives the first node of each name.
func (n Node) Get(names ...string) Node {
	for _, name := range names {
		if n = n.member(name); n.items == nil {
			return Node{}
		}
	}
	return n
}

func (n Node) member(name string) Node {
	if n.Kind() != Object {
		return Node{}
	}
	for kid := range n.Kids() {
		if kid.item().name == name {
			return kid
		}
	}
	return Node{}
}

// Flatten gives every stated scalar under a node with a name that tells its way:
// "incident.additionalInformations[0].value".
func Flatten(n Node, name string, add func(name, value string)) {
	switch n.Kind() {
	case Object:
		for kid := range n.Kids() {
			Flatten(kid, name+"."+kid.Name(), add)
		}
	case List:
		count := 0
		for kid := range n.Kids() {
			Flatten(kid, name+"["+strconv.Itoa(count)+"]", add)
			count++
		}
	default:
		if v := n.Value(); v != "" {
			add(name, v)
		}
	}
}

// Twice gives the members whose name stood before in the same object. JSON leaves
// open which of them counts (RFC 8259 §4).
func Twice(n Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { twice(n, yield) }
}

func twice(n Node, yield func(Node) bool) bool {
	var seen map[string]bool
	if n.Kind() == Object {
		seen = map[string]bool{}
	}
	for kid := range n.Kids() {
		if seen[kid.Name()] && !yield(kid) {
			return false
		}
		if seen != nil {
			seen[kid.Name()] = true
		}
		if !twice(kid, yield) {
			return false
		}
	}
	return true
}
