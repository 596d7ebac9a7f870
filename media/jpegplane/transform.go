package jpegplane

// The transform is Loeffler, Ligtenberg and Moschytz' ("Practical fast 1-D DCT algorithms
// with 11 multiplications", ICASSP 1989) in the fixed point of libjpeg's "islow":
// constants of 13 bits, two bits more than the result between the passes, halves
// rounded up. Nothing is rounded inside a pass, so that leaving
// out what is zero changes no result.
const (
	constBits = 13
	passBits  = 2

	c0298 = 2446 // 0.298631336 · 2¹³, and so on
	c0390 = 3196
	c0541 = 4433
	c0765 = 6270
	c0899 = 7373
	c1175 = 9633
	c1501 = 12299
	c1847 = 15137
	c1961 = 16069
	c2053 = 16819
	c2562 = 20995
	c3072 = 25172
)

// inverse turns dequantized coefficients, the last of which in zigzag order is known,
// into 8 lines of samples.
func inverse(block *[64]int32, last int, out []byte, stride int) {
	if last == 0 {
		flat(block[0], out, stride)
		return
	}
	wide := false
	for x := range 8 {
		if x >= 4 && last < 10 {
			break // the first ten lie in the upper left quarter
		}
		if columnPass(block, x) && x >= 4 {
			wide = true
		}
	}
	for y := range 8 {
		row := (*[8]int32)(block[8*y:])
		if wide {
			rowPass(row, (*[8]byte)(out[y*stride:]))
		} else {
			rowPass4(row, (*[8]byte)(out[y*stride:]))
		}
	}
}

// flat is the block of a constant alone.
func flat(dc int32, out []byte, stride int) {
	const half = 1 << (passBits + 2)
	v := clamp((int64(dc)<<passBits+half)>>(passBits+3) + 128)
	line := [8]byte{v, v, v, v, v, v, v, v}
	for y := range 8 {
		*(*[8]byte)(out[y*stride:]) = line
	}
}

// columnPass works in place and tells whether anything but zero is in the column.
func columnPass(b *[64]int32, x int) bool {
	const half, shift = 1 << (constBits - passBits - 1), constBits - passBits
	x &= 7
	x0, x1, x2, x3 := int64(b[x]), int64(b[x+8]), int64(b[x+16]), int64(b[x+24])
	x4, x5, x6, x7 := int64(b[x+32]), int64(b[x+40]), int64(b[x+48]), int64(b[x+56])
	var e0, e1, e2, e3, o0, o1, o2, o3 int64
	if x4|x5|x6|x7 != 0 {
		e0, e1, e2, e3 = even(x0<<constBits+half, x2, x4, x6)
		o0, o1, o2, o3 = odd(x1, x3, x5, x7)
	} else if x1|x2|x3 != 0 {
		e0, e1, e2, e3 = even2(x0<<constBits+half, x2)
		o0, o1, o2, o3 = odd2(x1, x3)
	} else {
		v := int32(x0) << passBits
		b[x], b[x+8], b[x+16], b[x+24] = v, v, v, v
		b[x+32], b[x+40], b[x+48], b[x+56] = v, v, v, v
		return x0 != 0
	}
	b[x], b[x+56] = int32((e0+o0)>>shift), int32((e0-o0)>>shift)
	b[x+8], b[x+48] = int32((e1+o1)>>shift), int32((e1-o1)>>shift)
	b[x+16], b[x+40] = int32((e2+o2)>>shift), int32((e2-o2)>>shift)
	b[x+24], b[x+32] = int32((e3+o3)>>shift), int32((e3-o3)>>shift)
	return true
}

// A row's result is eight samples, which lie in the middle of this shift.
const (
	rowShift  = constBits + passBits + 3
	rowCentre = 1<<(rowShift-1) + 128<<rowShift // rounds, and makes samples of what is around zero
)

func rowPass(r *[8]int32, out *[8]byte) {
	e0, e1, e2, e3 := even(int64(r[0])<<constBits+rowCentre, int64(r[2]), int64(r[4]), int64(r[6]))
	o0, o1, o2, o3 := odd(int64(r[1]), int64(r[3]), int64(r[5]), int64(r[7]))
	out[0], out[7] = clamp((e0+o0)>>rowShift), clamp((e0-o0)>>rowShift)
	out[1], out[6] = clamp((e1+o1)>>rowShift), clamp((e1-o1)>>rowShift)
	out[2], out[5] = clamp((e2+o2)>>rowShift), clamp((e2-o2)>>rowShift)
	out[3], out[4] = clamp((e3+o3)>>rowShift), clamp((e3-o3)>>rowShift)
}

// rowPass4 is for rows whose right half is zero.
func rowPass4(r *[8]int32, out *[8]byte) {
	e0, e1, e2, e3 := even2(int64(r[0])<<constBits+rowCentre, int64(r[2]))
	o0, o1, o2, o3 := odd2(int64(r[1]), int64(r[3]))
	out[0], out[7] = clamp((e0+o0)>>rowShift), clamp((e0-o0)>>rowShift)
	out[1], out[6] = clamp((e1+o1)>>rowShift), clamp((e1-o1)>>rowShift)
	out[2], out[5] = clamp((e2+o2)>>rowShift), clamp((e2-o2)>>rowShift)
	out[3], out[4] = clamp((e3+o3)>>rowShift), clamp((e3-o3)>>rowShift)
}

// even mixes coefficients 0, 2, 4 and 6. The first is scaled, with the rounding in it.
func even(x0, x2, x4, x6 int64) (e0, e1, e2, e3 int64) {
	z := (x2 + x6) * c0541
	low, high := z-x6*c1847, z+x2*c0765
	sum, diff := x0+x4<<constBits, x0-x4<<constBits
	return sum + high, diff + low, diff - low, sum - high
}

func even2(x0, x2 int64) (e0, e1, e2, e3 int64) {
	low, high := x2*c0541, x2*(c0541+c0765)
	return x0 + high, x0 + low, x0 - low, x0 - high
}

// odd mixes coefficients 1, 3, 5 and 7.
func odd(x1, x3, x5, x7 int64) (o0, o1, o2, o3 int64) {
	z5 := (x7 + x3 + x5 + x1) * c1175
	z1, z2 := (x7+x1)*c0899, (x5+x3)*c2562
	z3, z4 := z5-(x7+x3)*c1961, z5-(x5+x1)*c0390
	return x1*c1501 - z1 + z4, x3*c3072 - z2 + z3, x5*c2053 - z2 + z4, x7*c0298 - z1 + z3
}

func odd2(x1, x3 int64) (o0, o1, o2, o3 int64) {
	return x1*(c1501-c0899+c1175-c0390) + x3*c1175,
		x1*c1175 + x3*(c3072-c2562+c1175-c1961),
		x1*(c1175-c0390) + x3*(c1175-c2562),
		x1*(c1175-c0899) + x3*(c1175-c1961)
}

// clamp keeps a sample within a byte.
func clamp(v int64) byte {
	if uint64(v) > 255 {
		v = ^(v >> 63)
	}
	return byte(v)
}
