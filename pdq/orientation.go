package pdq

import "image"

// Orientation names one of the eight ways to turn and mirror a picture. The order
// and the senses are those of the reference's "dihedral" output.
type Orientation uint8

// The eight orientations. Turns are counter-clockwise. FlipX mirrors over the
// horizontal axis (up and down change places), FlipY over the vertical one,
// FlipPlus1 over the diagonal from the top left, FlipMinus1 over the other diagonal.
const (
	Original Orientation = iota
	Rotate90
	Rotate180
	Rotate270
	FlipX
	FlipY
	FlipPlus1
	FlipMinus1
)

// String gives the name, such as "rotate90" or "flip-plus-1".
func (o Orientation) String() string {
	names := [...]string{"original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flip-plus-1", "flip-minus-1"}
	if int(o) >= len(names) {
		return "unknown"
	}
	return names[o]
}

// Orientations computes the hashes that a picture would have if it were turned or
// mirrored, from one transform of it. The array is indexed by [Orientation]; its
// first element is what [Of] gives. The quality holds for all. Errors are those of Of.
//
// A frequency only changes its sign when the picture is mirrored, and changes
// places with another when it is turned, so nothing need be hashed twice. The
// values may differ by a few bits from hashing a turned file, because the
// sampling is not quite symmetrical.
func Orientations(img image.Image, p Preparation) (hashes [8]Hash, quality int, err error) {
	if err := hashable(img); err != nil {
		return hashes, 0, err
	}
	cols, rows, err := p.grid(img.Bounds().Dx(), img.Bounds().Dy())
	if err != nil {
		return hashes, 0, err
	}
	e := eight(reduce(lumaOf(img), cols, rows))
	return e.Hashes, e.Quality, nil
}

// turn gives the spectrum of the picture in another orientation. Index 0 is
// frequency 1, so mirroring changes the sign at even indexes.
func (f *spectrum) turn(o Orientation) *spectrum {
	mirrorRows := o == Rotate270 || o == Rotate180 || o == FlipX || o == FlipMinus1
	mirrorCols := o == Rotate90 || o == Rotate180 || o == FlipY || o == FlipMinus1
	transpose := o == Rotate90 || o == Rotate270 || o == FlipPlus1 || o == FlipMinus1

	g := new(spectrum)
	for i := range f {
		for j, v := range f[i] {
			if mirrorRows && i%2 == 0 {
				v = -v
			}
			if mirrorCols && j%2 == 0 {
				v = -v
			}
			if transpose {
				g[j][i] = v
			} else {
				g[i][j] = v
			}
		}
	}
	return g
}
