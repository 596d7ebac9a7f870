package script

// sharedWords gives how many telling words two texts have in the same order: the
// length of their longest common subsequence, telling words counted alone. Time
// is the product of the lengths, at most MaxWords².
func sharedWords(a, b []word) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0 // row[j] of the line above
		for j := range b {
			above := row[j+1]
			row[j+1] = max(above, row[j])
			if a[i].key == b[j].key && a[i].telling() {
				row[j+1] = max(row[j+1], diagonal+1)
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// align gives for each word of a the place of its partner in b, or -1. Slots may
// be partners too; telling words weigh more, so that they are never given up for
// a slot.
func align(a, b []word) []int {
	width := len(b) + 1
	best := make([]int, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			v := max(best[(i+1)*width+j], best[i*width+j+1])
			if a[i].key == b[j].key {
				v = max(v, best[(i+1)*width+j+1]+weight(a[i]))
			}
			best[i*width+j] = v
		}
	}
	partner := make([]int, len(a))
	i, j := 0, 0
	for i < len(a) {
		switch {
		case j < len(b) && a[i].key == b[j].key && best[i*width+j] == best[(i+1)*width+j+1]+weight(a[i]):
			partner[i] = j
			i, j = i+1, j+1
		case j < len(b) && best[i*width+j] == best[i*width+j+1]:
			j++
		default:
			partner[i] = -1
			i++
		}
	}
	return partner
}

func weight(w word) int {
	if w.telling() {
		return 4
	}
	return 1
}
