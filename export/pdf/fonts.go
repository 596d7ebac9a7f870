package pdf

import _ "embed" // the fonts travel in the program

// The fonts are cut to what documents need; font/OFL.txt is their licence.
var (
	//go:embed font/NotoSans-Regular.ttf
	notoSans []byte
	//go:embed font/NotoSans-Bold.ttf
	notoBold []byte
	//go:embed font/NotoSansMono-Regular.ttf
	notoMono []byte
	//go:embed font/NotoSansDevanagari-Regular.ttf
	notoDevanagari []byte
)

// face is one of the fonts.
type face int

const (
	sans face = iota
	bold
	mono
	devanagari
	faceCount
)

var fontBytes = [faceCount][]byte{notoSans, notoBold, notoMono, notoDevanagari}

func (f face) family() string { return [...]string{"sans", "bold", "mono", "devanagari"}[f] }

// unitsPerEm is the grid on which the fonts are drawn; all four have the same.
const unitsPerEm = 1000
