package pdq

import "image"

// Eight are the hashes of a picture in all orientations, indexed by [Orientation],
// and their quality.
type Eight struct {
	Hashes  [8]Hash
	Quality int
}

// Both gives what [Orientations] gives for [Full] and for [NN512], in one pass over
// the pixels. Errors are those of Of.
func Both(img image.Image) (full, nn512 Eight, err error) {
	if err := hashable(img); err != nil {
		return Eight{}, Eight{}, err
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	luma, cols := lumaOf(img), steps(w, w)
	if w <= sampled && h <= sampled {
		full = eight(reduce(luma, cols, steps(h, h)))
		return full, full, nil
	}
	whole, few, raw := newReducer(w, h), newSampler(w, h), make([]lanes, w)
	for y := 0; y < h; y += abreast {
		for lane := range min(abreast, h-y) {
			luma(raw, lane, y+lane, cols)
			few.take(raw, lane, y+lane)
		}
		whole.push(raw)
	}
	return eight(whole.tile()), eight(few.to.tile()), nil
}

func eight(t *tile) Eight {
	f := transform(t)
	e := Eight{Quality: quality(t)}
	for o := range e.Hashes {
		e.Hashes[o] = f.turn(Orientation(o)).hash()
	}
	return e
}

// sampler picks the samples of NN512 out of whole rows.
type sampler struct {
	cols, rows []int
	next       int // which of rows is due
	raw        []lanes
	to         *reducer
}

func newSampler(width, height int) *sampler {
	return &sampler{
		cols: steps(width, sampled), rows: steps(height, sampled),
		raw: make([]lanes, sampled), to: newReducer(sampled, sampled),
	}
}

// take uses the row y, which is in one lane of row, as often as it is wanted: not
// at all, once, or more often if the picture is lower than the samples are.
func (s *sampler) take(row []lanes, lane, y int) {
	for s.next < sampled && s.rows[s.next] == y {
		at := s.next & (abreast - 1)
		for i, x := range s.cols {
			s.raw[i][at] = row[x][lane&(abreast-1)]
		}
		s.next++
		if at == abreast-1 {
			s.to.push(s.raw)
		}
	}
}
