package pdf

import "fmt"

// Field is a labelled value of a form.
type Field struct {
	Label string
	Value string
	Mono  bool
}

// Fields sets labels with their values beside them. A value that is empty is
// set as a dash: nothing is stated. What a person has to fill in is a Blank.
func (d *Doc) Fields(fields []Field) {
	const left = 130.0
	for _, f := range fields {
		s := plain
		if f.Mono {
			s = fixed
		}
		value := f.Value
		if value == "" {
			value = "–"
		}
		label := d.set.lines(f.Label, fine, left-8)
		text := d.set.lines(value, s, body-left)
		for n := range max(len(label), len(text)) {
			d.room(plain.leading())
			if n < len(label) {
				d.line(margin, d.y+1.4, label[n], fine)
			}
			if n < len(text) {
				d.line(margin+left, d.y, text[n], s)
			}
			d.y += plain.leading()
		}
		d.y += 1
	}
	d.y += 4
}

// Blank leaves a line for something that only a person can state.
func (d *Doc) Blank(label string) {
	text := d.set.lines(label, plain, body*0.6)
	d.room(float64(len(text))*plain.leading() + 8)
	end := 0.0
	for n, l := range text {
		d.line(margin, d.y, l, plain)
		d.y += plain.leading()
		if n == len(text)-1 {
			end = l.width + 6
		}
	}
	d.rule(margin+end, d.y-1, body-end, 0.5, dark)
	d.y += 8
}

// Tick is one box of a form.
type Tick struct {
	Label string
	On    bool
}

// Ticks sets boxes beside each other under a label. In the document's text a
// box reads [x] or [_].
func (d *Doc) Ticks(label string, ticks []Tick) {
	const box = 8.0
	if label != "" {
		d.block(label, plain, margin, body)
	}
	x := margin
	d.room(plain.leading() + 3)
	for _, t := range ticks {
		text := d.set.lines(t.Label, plain, body-box-6)
		if len(text) == 0 {
			continue
		}
		if x > margin && x+box+6+text[0].width > margin+body {
			x = margin
			d.y += plain.leading() + 3
			d.room(plain.leading() + 3)
		}
		d.box(x, d.y+1.5, box, t.On)
		for n, l := range text {
			if n > 0 {
				d.y += plain.leading()
				d.room(plain.leading())
			}
			d.line(x+box+6, d.y, l, plain)
		}
		x += box + 6 + text[len(text)-1].width + 16
	}
	d.y += plain.leading() + 7
}

func (d *Doc) box(x, y, size float64, on bool) {
	if d.err != nil {
		return
	}
	d.pdf.RawWriteStr(fmt.Sprintf("q 0 G 0.7 w %.2f %.2f %.2f %.2f re S Q", x, pageHeight-y-size, size, size))
	word := "[_]"
	if on {
		word = "[x]"
		d.pdf.RawWriteStr(fmt.Sprintf("q 0 G 1.1 w %.2f %.2f m %.2f %.2f l %.2f %.2f m %.2f %.2f l S Q",
			x+1.5, pageHeight-y-1.5, x+size-1.5, pageHeight-y-size+1.5, x+1.5, pageHeight-y-size+1.5, x+size-1.5, pageHeight-y-1.5))
	}
	d.font(sans, size*0.8)
	d.pdf.RawWriteStr("3 Tr")
	d.pdf.Text(x, y+size, word)
	d.pdf.RawWriteStr("0 Tr")
}
