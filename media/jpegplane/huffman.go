package jpegplane

// peek is how many bits are looked up at once. Nearly all codes and many of the
// values that follow them fit; the table of 4 KiB stays in the nearest cache.
const peek = 10

// huffman decodes the codes of one table. An entry of look holds, from the top:
// sixteen bits of value (if the bits of the value were seen too), eight bits
// of run and size as coded, eight bits of length: of code and value together
// if there is a value, of the code alone if not. An entry of 0 means a longer code.
type huffman struct {
	look    [1 << peek]uint32
	most    [18]uint32 // first code of 16 bits, left-aligned, beyond those of each length
	offset  [17]int32  // index of a code's symbol, less its first code
	symbols []byte
}

// huffmanTables reads §B.2.4.2.
func (d *decoder) huffmanTables(body []byte) bool {
	for len(body) > 0 {
		if len(body) < 17 {
			return false
		}
		class, which, n := body[0]>>4, body[0]&15, 0
		for _, count := range body[1:17] {
			n += int(count)
		}
		if class > 1 || which > 3 || n == 0 || n > 256 || len(body) < 17+n {
			return false
		}
		if !d.progressive && which > 1 {
			return false // extended files may; they are rare
		}
		t, ok := newHuffman([16]byte(body[1:17]), body[17:17+n])
		if !ok {
			return false
		}
		if class == 0 {
			d.dc[which] = t
		} else {
			d.ac[which] = t
		}
		body = body[17+n:]
	}
	return true
}

// newHuffman assigns the codes, annex C. It refuses lengths that no codes could have.
func newHuffman(counts [16]byte, symbols []byte) (*huffman, bool) {
	t := &huffman{symbols: append([]byte(nil), symbols...)}
	code, index := uint32(0), 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		t.offset[length] = int32(index) - int32(code)
		if int(code)+n > 1<<length {
			return nil, false
		}
		for range n {
			if length <= peek {
				t.enter(code, length, t.symbols[index])
			}
			code++
			index++
		}
		t.most[length] = code << (16 - length)
		code <<= 1
	}
	return t, true
}

// enter fills the entries that begin with a code.
func (t *huffman) enter(code uint32, length int, symbol byte) {
	size, rest := int(symbol&15), peek-length
	for tail := range uint32(1) << rest {
		e := uint32(symbol)<<8 | uint32(length)
		if size > 0 && size <= rest {
			v := extend(tail>>(rest-size), size)
			e = uint32(v)<<16 | uint32(symbol)<<8 | uint32(length+size)
		}
		t.look[code<<rest|tail] = e
	}
}

// extend gives the value that size bits stand for, §F.2.2.1.
func extend(bits uint32, size int) int32 {
	if bits < 1<<(size-1) {
		return int32(bits) - 1<<size + 1
	}
	return int32(bits)
}

// long finds the symbol of a code longer than peek in the next 16 bits; length 0 if there is none.
func (t *huffman) long(next uint32) (symbol byte, length uint) {
	for n := peek + 1; n <= 16; n++ {
		if next < t.most[n] {
			i := int(next>>(16-n)) + int(t.offset[n])
			if i < 0 || i >= len(t.symbols) {
				return 0, 0
			}
			return t.symbols[i], uint(n)
		}
	}
	return 0, 0
}
