package jsonwalk

import (
	"errors"
	"strconv"

	"suraag/fault"
)

// Walk goes through a document from its beginning to its end.
//
// enter is asked of each object and list whether Walk should go into it; it gets
// the way to it, "$.chats.list[].messages" (lists without numbers), and where it
// stands for people, "$.chats.list[3].messages". What it does not go into, and
// every scalar, is given whole. A node beyond the limits goes to over, and Walk
// goes on after it.
func (r *Reader) Walk(enter func(way, locator string) bool, give func(way, locator string, n Node) error, over func(locator string, o *Oversize) error) error {
	w := walker{r, enter, give, over}
	if r.Kind() == Absent {
		_, err := r.Node()
		return err
	}
	if err := w.value("$", "$", 0); err != nil {
		return err
	}
	return r.End()
}

type walker struct {
	*Reader
	enter func(way, locator string) bool
	give  func(way, locator string, n Node) error
	over  func(locator string, o *Oversize) error
}

func (w walker) value(way, locator string, depth int) error {
	kind := w.Kind()
	if kind != Object && kind != List || !w.enter(way, locator) {
		n, err := w.Node()
		var o *Oversize
		switch {
		case errors.As(err, &o):
			return w.over(locator, o)
		case err != nil:
			return err
		}
		return w.give(way, locator, n)
	}
	if depth >= w.limits.Depth {
		return fault.Newf(fault.TooLarge, "JSON at byte %d: lists and objects are nested more than %d deep", w.Offset(), w.limits.Depth)
	}
	if err := w.Enter(); err != nil {
		return err
	}
	for n := 0; w.More(); n++ {
		way, locator := way+"[]", locator+"["+strconv.Itoa(n)+"]"
		if kind == Object {
			name, err := w.Name()
			if err != nil {
				return err
			}
			way, locator = way[:len(way)-2]+"."+name, locator[:len(locator)-len(strconv.Itoa(n))-2]+"."+name
		}
		if err := w.value(way, locator, depth+1); err != nil {
			return err
		}
	}
	return w.Leave()
}
