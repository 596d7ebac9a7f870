package validate

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write renders the report as Markdown.
func (r *Results) Write(w io.Writer) error {
	p := &page{w: w}
	p.line(title)
	p.line(r.meaning())
	p.line(r.made())
	p.line("## Altered pictures found again\n")
	p.line(reading)
	r.mainTable(p)
	r.stepsTable(p)
	r.unrelated(p)
	p.line(limits)
	r.sources(p)
	return p.err
}

// page keeps the first error of writing.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, text)
	}
}

func (p *page) row(cells ...string) { p.line("| " + strings.Join(cells, " | ") + " |") }

const title = `# How far a match can be trusted

Made by ` + "`suraag validate --write doc`" + ` (or ` + "`make validation`" + `), which fetches the pictures, alters them, hashes and compares them, and writes this page and the figures in [validation.json](validation.json).
Nobody edits either by hand. Tests do the same with drawn pictures and fail when a figure changes.
`

const reading = `An original stands on a list; its altered copy is asked about. A copy counts as found if it is at most so many bits away, of 256. "Suraag" hashes the copy in both preparations and
eight orientations and counts it as found only if it is found **whichever way the list's owner prepared the original** (the worse of the two). "Reference, same way" is the whole-picture
preparation (FULL) in the orientation as it is, against a list made the same way; "other way" is the same against a list made of 512×512 samples (NN512). The default threshold is 31.
In brackets: the 95 % confidence interval (Wilson; where all or none were found, the rule of three). A copy with too little detail left is not compared and counts as not found.
`

const limits = `## What these figures do not show

- The pictures are landscapes, objects and textures that their makers gave away. They are not what lists of abuse images hold. Pictures of one studio, one series or one video are nearer
  to each other than these; no figure here bounds how often two of them come within the threshold.
- The pictures are the sample, not the steps: a picture that is hard to recognise is so under many steps, so rows are not independent of each other, nor are the comparisons among altered ones.
- A list of a hundred million entries is some million times more comparisons than were made here. That no false match was seen among thousands of pairs does not say that there is none among
  a hundred million entries; flat pictures, text, logos and screens of the same program are known to come near each other. So every near match is looked at by a person before anything rests on it.
- Alterations were done one at a time. Two at once are found less often than either.
- Nobody tried here to defeat the hash on purpose. It can be done; not to be found proves nothing.
`

func (r *Results) meaning() string {
	return `## What a match means, and what it does not

**Same MD5, SHA-1 or SHA-256**: the two files are the same, byte for byte, but for a collision made on purpose, which exists for MD5 and SHA-1 and for no known pair in SHA-256.
The figures below are not about these.

**PDQ within 31 bits**: the two pictures, shrunk to 64×64 grey dots, have much the same coarse light and dark. As a rule one is a copy of the other that was saved again, scaled, turned or marked.
It is a reason to look at both, no more:

- It does not say that the two files show the same thing, nor who made either, nor which came first.
- It does not say that a picture is unlawful. What the entry of the list stands for says its owner, and lists have errors.
- It says nothing about a person, an account or an address.
- **No match means nothing.** Copies that were cropped by some per cent, turned by a degree or two, framed, given a bar of text, shown in a screenshot or mounted with others are mostly missed, as the tables show.
`
}

func (r *Results) made() string {
	flat := "None was left out."
	if len(r.TooFlat) > 0 {
		flat = fmt.Sprintf("Left out because their PDQ quality is under %d, so that we would not compare them: %s.", leastQuality, strings.Join(r.TooFlat, ", "))
	}
	pr := r.Preparation
	return fmt.Sprintf(`## What was done

%d photographs of different scenes (listed at the end), reduced to at most %d pixels on the longer side, each altered in %d ways by code of ours with fixed seeds. %s

Of the pictures in their full size, the two preparations that lists use gave hashes %d to %d bits apart, %d in the middle; %d of %d were more than 31 bits apart. Bits that go to another preparation are
missing for what else befalls a copy, so both are computed and looked for.
`, r.Pictures, longestSide, len(r.Alterations), flat, pr.Least, pr.Greatest, pr.Middle, pr.Beyond31, r.Pictures)
}

// share writes a count as per cent with its interval.
func share(k, n int) string {
	low, high := interval(k, n)
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100*float64(k)/float64(n), 100*low, 100*high)
}

func (r *Results) at(counts []int, threshold int) int {
	return counts[slices.Index(r.Thresholds, threshold)]
}

func (r *Results) mainTable(p *page) {
	p.line("### Within 31 bits\n")
	p.row("alteration", "step", "Suraag", "reference, same way", "reference, other way", "bits away: least, middle, greatest", "too flat")
	p.row("---", "---", "---", "---", "---", "---", "---")
	for _, o := range r.Alterations {
		far := fmt.Sprintf("%d, %d, %d", o.Distances[0], o.Distances[1], o.Distances[2])
		p.row(o.Kind, o.Step, share(r.at(o.Ours, 31), r.Pictures), share(r.at(o.Same, 31), r.Pictures), share(r.at(o.Other, 31), r.Pictures), strings.ReplaceAll(far, "256", "–"), fmt.Sprint(o.TooFlat))
	}
	p.line("")
}

func (r *Results) stepsTable(p *page) {
	p.line("### By threshold\n")
	p.line(fmt.Sprintf("Pictures found of %d, by Suraag / by the reference against a list made the same way / the other way.\n", r.Pictures))
	head, rule := []string{"alteration", "step"}, []string{"---", "---"}
	for _, t := range r.Thresholds {
		head, rule = append(head, fmt.Sprint(t)), append(rule, "---")
	}
	p.row(head...)
	p.row(rule...)
	for _, o := range r.Alterations {
		cells := []string{o.Kind, o.Step}
		for i := range r.Thresholds {
			cells = append(cells, fmt.Sprintf("%d / %d / %d", o.Ours[i], o.Same[i], o.Other[i]))
		}
		p.row(cells...)
	}
	p.line("")
}

func (r *Results) unrelated(p *page) {
	p.line("## Unrelated pictures taken for near copies\n")
	p.line(`Each picture was compared with every other: by Suraag in both preparations on both sides and eight orientations, of which the nearest counts, and by the reference alone. To look in
more ways finds more copies, and would find more strangers too. Then every altered picture was compared with every other scene (of a montage only with scenes that it does not show).
`)
	head, rule := []string{"compared", "pairs", "by"}, []string{"---", "---", "---"}
	for _, t := range r.Thresholds {
		head, rule = append(head, fmt.Sprintf("within %d", t)), append(rule, "---")
	}
	p.row(append(head, "share within 31, at most (95 %)", "nearest")...)
	p.row(append(rule, "---", "---")...)
	for _, x := range []struct {
		what string
		u    Unrelated
	}{{"pictures as they are", r.Unrelated}, {"altered with others", r.Altered}} {
		for _, by := range []struct {
			name    string
			counts  []int
			nearest int
		}{{"Suraag", x.u.Ours, x.u.Nearest}, {"reference", x.u.Reference, x.u.NearestRef}} {
			cells := []string{x.what, fmt.Sprint(x.u.Compared), by.name}
			for _, n := range by.counts {
				cells = append(cells, fmt.Sprint(n))
			}
			_, high := interval(r.at(by.counts, 31), x.u.Compared)
			p.row(append(cells, fmt.Sprintf("%.2g", high), fmt.Sprintf("%d bits", by.nearest))...)
		}
	}
	p.line("")
	p.line(fmt.Sprintf("The nearest two as they are: %s. The nearest with one altered: %s.\n", r.Unrelated.Between, r.Altered.Between))
}

func (r *Results) sources(p *page) {
	if len(r.Sources) == 0 {
		return
	}
	p.line("## The pictures\n")
	p.line("From Debian packages, which the command downloads into a temporary folder and does not install; none is part of this repository.\n")
	p.row("package", "version", "licence", "pictures")
	p.row("---", "---", "---", "---")
	for _, s := range r.Sources {
		p.row(s.Package, s.Version, s.Licence, strings.Join(s.Pictures, ", "))
	}
}
