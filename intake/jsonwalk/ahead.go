package jsonwalk

// Ahead gives what is at hand of the next value, without a copy: its first byte
// stands at start in the file. It may be cut off anywhere, and nothing of it has
// been checked. It is good until the next call.
func (r *Reader) Ahead() (text []byte, start int64) {
	r.dec.PeekKind() // so that something is at hand
	text, start = r.dec.UnreadBuffer(), r.base+r.dec.InputOffset()
	for n, b := range text {
		if b != ' ' && b != '\n' && b != '\r' && b != '\t' && b != ',' {
			return text[n:], start + int64(n)
		}
	}
	return nil, start
}

// Pass passes over the next value at once and checks its syntax. Only for one that
// Ahead gave whole: it is held in memory, however large it is.
func (r *Reader) Pass() error {
	err := r.dec.SkipValue()
	r.step()
	return r.fault(err)
}
