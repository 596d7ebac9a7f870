package match

// NewBandsSealedAt lets tests have segments of few entries.
func NewBandsSealedAt(n int) Index { return newBands(n) }

// ShuffledDistance counts the bits in which two codes differ once shuffled.
func ShuffledDistance(a, b Code) int {
	x, y := shuffle(a), shuffle(b)
	return x.distance(&y)
}

// Plans gives, by radius, how far each band is looked up for so many evenly spread
// codes, -1 for not at all; nothing for a radius that is scanned for.
func Plans(codes int) (widths []int, within [][]int8) {
	widths = widthsFor(codes)
	var all []*flips
	var perKey []float64
	for _, w := range widths {
		all = append(all, newFlips(w))
		perKey = append(perKey, float64(codes)/float64(int(1)<<w))
	}
	for radius := range farthest + 1 {
		p, _ := deal(all, radius, perKey)
		within = append(within, p.within)
	}
	return widths, within
}

// Settled waits until nothing is being made and gives how many entries each
// segment holds.
func Settled(x Index) []int {
	b := x.(*bands)
	b.writing.Lock()
	defer b.writing.Unlock()
	for b.tending {
		b.sealed.Wait()
	}
	var sizes []int
	for _, s := range b.now.Load().segments {
		sizes = append(sizes, s.alive())
	}
	return sizes
}
