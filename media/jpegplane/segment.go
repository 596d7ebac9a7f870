package jpegplane

import "context"

// Markers, table B.1.
const (
	soi  = 0xd8
	eoi  = 0xd9
	sof0 = 0xc0 // baseline
	sof1 = 0xc1 // extended sequential
	sof2 = 0xc2 // progressive
	dht  = 0xc4
	rst0 = 0xd0
	sos  = 0xda
	dqt  = 0xdb
	dri  = 0xdd
	app0 = 0xe0
	appE = 0xee // Adobe's
	appF = 0xef
	com  = 0xfe
)

// segments reads from the first marker to the last.
func (d *decoder) segments() error {
	if len(d.data) < 4 || d.data[0] != 0xff || d.data[1] != soi {
		return ErrUnusual
	}
	d.at = 2
	for {
		marker, ok := d.marker()
		if !ok {
			return ErrUnusual
		}
		if marker == eoi {
			break
		}
		body, ok := d.body()
		if !ok {
			return ErrUnusual
		}
		if marker == sos {
			if err := d.scan(body); err != nil {
				return err
			}
		} else if !d.segment(marker, body) {
			return ErrUnusual
		}
	}
	if d.scans == 0 {
		return ErrUnusual
	}
	return nil
}

// marker reads the next one; nothing may lie before it but fill bytes (§B.1.1.2).
func (d *decoder) marker() (byte, bool) {
	if d.at >= len(d.data) || d.data[d.at] != 0xff {
		return 0, false
	}
	for d.at < len(d.data) && d.data[d.at] == 0xff {
		d.at++
	}
	if d.at >= len(d.data) || d.data[d.at] == 0 {
		return 0, false
	}
	d.at++
	return d.data[d.at-1], true
}

func (d *decoder) body() ([]byte, bool) {
	if len(d.data)-d.at < 2 {
		return nil, false
	}
	n := int(d.data[d.at])<<8 | int(d.data[d.at+1])
	if n < 2 || n > len(d.data)-d.at {
		return nil, false
	}
	body := d.data[d.at+2 : d.at+n]
	d.at += n
	return body, true
}

func (d *decoder) segment(marker byte, body []byte) bool {
	switch {
	case marker == sof0 || marker == sof1 || marker == sof2:
		d.progressive = marker == sof2
		return d.frame(body)
	case marker == dht:
		return d.huffmanTables(body)
	case marker == dqt:
		return d.quantTables(body)
	case marker == dri && len(body) == 2:
		d.interval = int(body[0])<<8 | int(body[1])
		return true
	case marker == appE && len(body) >= 12 && string(body[:5]) == "Adobe":
		return body[11] != 0 // 0: no YCbCr
	}
	return marker >= app0 && marker <= appF || marker == com
}

// frame reads the frame header, §B.2.2.
func (d *decoder) frame(body []byte) bool {
	const fixed, each = 6, 3
	if d.comps != nil || len(body) < fixed || body[0] != 8 {
		return false
	}
	n := int(body[5])
	d.height, d.width = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4])
	if d.height == 0 || d.width == 0 || n != 1 && n != 3 || len(body) != fixed+each*n {
		return false
	}
	d.comps = make([]component, n)
	for i := range d.comps {
		c := body[fixed+each*i:]
		d.comps[i] = component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), quant: int(c[2])}
		if c[2] > 3 {
			return false
		}
	}
	return d.commonSampling() && d.measure()
}

// commonSampling admits what cameras and programs write. The factors of the only
// component mean nothing (§A.2.2).
func (d *decoder) commonSampling() bool {
	y := &d.comps[0]
	if len(d.comps) == 1 {
		ok := y.h >= 1 && y.h <= 2 && y.v >= 1 && y.v <= 2
		y.h, y.v = 1, 1
		return ok
	}
	b, r := &d.comps[1], &d.comps[2]
	if y.id == b.id || y.id == r.id || b.id == r.id {
		return false
	}
	if y.id == 'R' && b.id == 'G' && r.id == 'B' {
		return false
	}
	return y.h >= 1 && y.h <= 2 && y.v >= 1 && y.v <= 2 && b.h == 1 && b.v == 1 && r.h == 1 && r.v == 1
}

// measure counts blocks and makes nothing yet: the planes wait for the first scan.
func (d *decoder) measure() bool {
	h, v := d.comps[0].h, d.comps[0].v
	d.mcuX, d.mcuY = (d.width+8*h-1)/(8*h), (d.height+8*v-1)/(8*v)
	for i := range d.comps {
		c := &d.comps[i]
		c.across, c.down = d.mcuX*c.h, d.mcuY*c.v
		c.cols = (d.width*c.h + 8*h - 1) / (8 * h)
		c.rows = (d.height*c.v + 8*v - 1) / (8 * v)
	}
	return true
}

// quantTables reads §B.2.4.1. One that comes after a scan would hold for some scans only.
func (d *decoder) quantTables(body []byte) bool {
	for len(body) > 0 {
		wide, which := int(body[0]>>4), int(body[0]&15)
		body = body[1:]
		if d.scans > 0 || wide > 1 || which > 3 || len(body) < 64*(1+wide) {
			return false
		}
		t := new([64]int32)
		for k := range t {
			if wide == 1 {
				t[k] = int32(body[2*k])<<8 | int32(body[2*k+1])
			} else {
				t[k] = int32(body[k])
			}
		}
		d.quant[which] = t
		body = body[64*(1+wide):]
	}
	return true
}

func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
