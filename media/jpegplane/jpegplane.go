// Package jpegplane decodes common JPEG files for hashing, faster than the standard library.
//
// Takes a whole file in memory. Gives the samples of each component, exactly as the
// "islow" transform of libjpeg does, which the reference decoders of PDQ use: baseline and
// progressive Huffman coding, eight bits, grey or YCbCr whose colour is at full resolution or
// halved in either direction. Never decides that a file is damaged: whatever is
// unusual in any way, it leaves to another decoder. So it may be strict where others
// are lenient, and every file it gives a picture for is one that they read too.
//
// The format is ITU-T T.81; section numbers in this package are of it.
package jpegplane

import (
	"context"
	"errors"
	"image"
)

// ErrUnusual says that the file is not of the common forms, or is damaged, or begins
// no JPEG at all. Another decoder must say which.
var ErrUnusual = errors.New("not a JPEG of a common form")

// Decode gives the picture as an *image.Gray or *image.YCbCr. The bytes of file are changed.
//
// Beside the picture it holds two bytes for each sample of a progressive file, and
// little else. It looks at the context between rows of blocks; errors are
// ErrUnusual and the cause of the context's end.
func Decode(ctx context.Context, file []byte) (image.Image, error) {
	d := &decoder{ctx: ctx, data: file}
	if err := d.segments(); err != nil {
		return nil, err
	}
	if d.progressive {
		if err := d.reconstruct(); err != nil {
			return nil, err
		}
	}
	return d.picture(), nil
}

// component is one plane: brightness, or a colour difference.
type component struct {
	id         byte
	h, v       int // blocks in an MCU, across and down
	quant      int // number of the quantization table
	across     int // blocks in a row, those that fill the last MCU included
	down       int
	plane      []byte // 8*across samples in each of 8*down lines
	stored     []int16
	coded      bool // some scan had it
	cols, rows int  // blocks that show, which a scan of this component alone holds
}

type decoder struct {
	ctx  context.Context
	data []byte
	at   int // next byte of data

	width, height int
	progressive   bool
	comps         []component
	mcuX, mcuY    int
	interval      int // MCUs between restart markers, 0 for none
	scans         int

	quant    [4]*[64]int32 // in zigzag order
	dc, ac   [4]*huffman
	bits     bitReader
	eobRun   int
	previous [3]int32 // DC of the last block of each component
}

func (d *decoder) picture() image.Image {
	shown, y := image.Rect(0, 0, d.width, d.height), &d.comps[0]
	if len(d.comps) == 1 {
		return &image.Gray{Pix: y.plane, Stride: 8 * y.across, Rect: shown}
	}
	ratio := image.YCbCrSubsampleRatio444
	switch {
	case y.h == 2 && y.v == 2:
		ratio = image.YCbCrSubsampleRatio420
	case y.h == 2:
		ratio = image.YCbCrSubsampleRatio422
	case y.v == 2:
		ratio = image.YCbCrSubsampleRatio440
	}
	return &image.YCbCr{
		Y: y.plane, Cb: d.comps[1].plane, Cr: d.comps[2].plane,
		YStride: 8 * y.across, CStride: 8 * d.comps[1].across,
		SubsampleRatio: ratio, Rect: shown,
	}
}
