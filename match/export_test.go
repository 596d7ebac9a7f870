package match

// NewBandsSealedAt lets tests have segments of few entries.
func NewBandsSealedAt(n int) Index { return newBands(n) }

// Shuffled gives a code shuffled and put back in order.
func Shuffled(c Code) Code {
	s := shuffle(c)
	return s.restore()
}

// Share gives how far each of a number of bands is looked up for a radius.
func Share(bands, radius int) []int {
	return (&segment{bands: make([]band, bands)}).share(radius)
}
