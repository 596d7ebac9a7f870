// Package pdq computes the PDQ hash of a picture.
//
// Takes a decoded image and the preparation it should undergo. Gives a 256-bit
// hash, a quality from 0 to 100 and, at no further cost, the hashes that the
// seven turned and mirrored copies of the picture would have. Never reads a
// file, never compares against a list, never keeps a pixel.
//
// The algorithm is Meta's: "The TMK+PDQF video-hashing algorithm and the PDQ
// image-hashing algorithm" (hashing.pdf in facebook/ThreatExchange). Every sum
// is taken in the order, and in the 32-bit precision, of its C++ reference, so
// that equal pixels give equal bits on every machine.
//
// # What a picture is taken to be
//
// Brightness is 0.299 R + 0.587 G + 0.114 B of the 8-bit colours. Where the users of the reference
// disagree with one another, or with what a picture shows, this package does what is named here; whoever compares with values
// of another program has to know it:
//
//   - Grey gives its own value.
//   - Transparency is dropped and the colour beneath it counts, as in the reference; a picture that is shown on white
//     or on black hashes otherwise.
//   - Sixteen-bit samples lose their low eight bits. Pillow, and so some users of the Python binding, clip sixteen-bit grey to
//     255 instead, which leaves little but white.
//   - YCbCr (JPEG, WebP) is converted to RGB first, with the rounding, the clamping and the smooth
//     raising of coarse colour that libjpeg uses. The Y plane alone moves one hash in three.
//   - CMYK is converted to the colours that show, plainly. The reference takes its first three channels as if they were red, green
//     and blue: its values are tens of bits away, and not followed.
//   - A picture with a palette counts by its colours. The reference hashes the index numbers, which depend on how
//     the palette happens to be sorted; not followed.
//   - A turn stated in EXIF is not applied, as in the reference; compare all [Orientations].
//
// # Agreement
//
// Over 539 JPEGs, with package media's decoder, every bit of all eight orientations in both preparations,
// and every quality, is that of the C++ reference (media/testdata/agreement).
package pdq

import (
	"image"

	"suraag/fault"
)

// Preparation names what is done to a picture before it is hashed. Two
// preparations of one picture differ by a few bits, seldom by many, so a hash
// means little without the name of its preparation.
type Preparation string

const (
	// Full takes the brightness of the whole picture, as the Python binding,
	// the Java port and so Hasher-Matcher-Actioner do.
	Full Preparation = "full"

	// NN512 first takes the nearest-neighbour samples to 512×512, whatever
	// the proportions, if a side is longer than 512. The C++ photo hasher and
	// the WebAssembly build do this.
	NN512 Preparation = "nn512"
)

const (
	// shortest is the least side that the reference hashes (MIN_HASHABLE_DIM).
	shortest = 5

	// sampled is the side to which NN512 brings a longer picture.
	sampled = 512
)

// Result is the hash of a picture with the quality of that hash.
type Result struct {
	Hash Hash

	// Quality tells how much there is to see, 0 to 100. Flat pictures give
	// hashes that match one another by chance; the reference advises to
	// discard anything of 49 or less.
	Quality int
}

// Of computes the hash of a picture. A picture with a side under 5 pixels, or a
// preparation that is not known, is an error of kind fault.Invalid. The reference gives an
// all-zero hash for so small a picture, and all such pictures would match.
func Of(img image.Image, p Preparation) (Result, error) {
	f, quality, err := spectrumOf(img, p)
	if err != nil {
		return Result{}, err
	}
	return Result{Hash: f.hash(), Quality: quality}, nil
}

// spectrumOf runs the picture through every step but the last.
func spectrumOf(img image.Image, p Preparation) (*spectrum, int, error) {
	if err := hashable(img); err != nil {
		return nil, 0, err
	}
	cols, rows, err := p.grid(img.Bounds().Dx(), img.Bounds().Dy())
	if err != nil {
		return nil, 0, err
	}
	t := reduce(lumaOf(img), cols, rows)
	return transform(t), quality(t), nil
}

func hashable(img image.Image) error {
	if img == nil {
		return fault.Newf(fault.Invalid, "pdq: no picture")
	}
	b := img.Bounds()
	if b.Dx() < shortest || b.Dy() < shortest {
		return fault.Newf(fault.Invalid, "pdq: a picture of %dx%d pixels is too small, both sides need %d", b.Dx(), b.Dy(), shortest)
	}
	return nil
}

// reduce takes the columns and rows of a picture down to a tile.
func reduce(luma lumaRow, cols, rows []int) *tile {
	r, raw := newReducer(len(cols), len(rows)), make([]lanes, len(cols))
	for y := 0; y < len(rows); y += abreast {
		for lane := range min(abreast, len(rows)-y) {
			luma(raw, lane, rows[y+lane], cols)
		}
		r.push(raw)
	}
	return r.tile()
}

// grid lists the columns and rows of the picture that take part.
func (p Preparation) grid(width, height int) (cols, rows []int, err error) {
	switch p {
	case Full:
		return steps(width, width), steps(height, height), nil
	case NN512:
		if width > sampled || height > sampled {
			return steps(width, sampled), steps(height, sampled), nil
		}
		return steps(width, width), steps(height, height), nil
	}
	return nil, nil, fault.Newf(fault.Invalid, "pdq preparation %q: want %q or %q", clip(string(p)), Full, NN512)
}

// steps spreads n samples over a side, each at the near edge of its share: the
// nearest-neighbour rule of the CImg library, which the photo hasher uses.
func steps(side, n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = int(int64(i) * int64(side) / int64(n))
	}
	return at
}
