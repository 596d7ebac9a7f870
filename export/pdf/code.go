package pdf

// codeSize is the side of a code in points: about 22 mm, which a telephone reads.
const codeSize = 62.0

// Code sets a square code of side modules to a side, black where the function
// says so, with the empty margin of four modules that readers need (ISO/IEC
// 18004 §6.3.8).
func (d *Doc) Code(side int, black func(x, y int) bool) {
	const quiet = 4
	module := codeSize / float64(side)
	d.room(codeSize + 2*quiet*module)
	d.pdf.SetFillColor(0, 0, 0)
	for y := range side {
		for x := 0; x < side; x++ {
			if !black(x, y) {
				continue
			}
			run := 1 // neighbours in one rectangle, so that no hair line parts them
			for x+run < side && black(x+run, y) {
				run++
			}
			d.pdf.Rect(margin+(quiet+float64(x))*module, d.y+(quiet+float64(y))*module, float64(run)*module, module, "F")
			x += run
		}
	}
	d.y += codeSize + 2*quiet*module
}
