package figure

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A direction says where a label stands as seen from its mark: (1, 1) is to
// the right and above, (0, −1) centred below.
type direction struct{ x, y float64 }

// place returns the box of a label beside a mark, with the text's baseline at the bottom. Of the
// directions, which are in order of preference, it takes the one where
// the box covers least of what is to be avoided and stays within the frame.
func place(frame vg.Rectangle, at vg.Point, label string, sty text.Style, avoid []obstacle, gap vg.Length, dirs []direction) vg.Rectangle {
	w, _, _ := mathText{}.Box(label, sty.Font)
	h := .72 * sty.Font.Size
	var best vg.Rectangle
	least := -1
	for i, d := range dirs {
		x, y := vg.Length(d.x), vg.Length(d.y)
		min := vg.Point{X: at.X + x*gap - w*(1-x)/2, Y: at.Y + y*gap - h*(1-y)/2}
		box := vg.Rectangle{Min: min, Max: min.Add(vg.Point{X: w, Y: h})}
		cost := i
		for _, o := range avoid {
			if o.X > box.Min.X-2 && o.X < box.Max.X+2 && o.Y > box.Min.Y-2 && o.Y < box.Max.Y+2 {
				cost += o.weight
			}
		}
		if box.Min.X < frame.Min.X || box.Min.Y < frame.Min.Y || box.Max.X > frame.Max.X+8 || box.Max.Y > frame.Max.Y+4 {
			cost += 1000
		}
		if least < 0 || cost < least {
			best, least = box, cost
		}
	}
	return best
}

// obstacle is a point that labels keep away from, the more so the larger its weight.
type obstacle struct {
	vg.Point
	weight int
}

// obstacles returns points along all lines of the panel at equal distances,
// those of the line drawn from own with a larger weight.
func (p *panel) obstacles(c draw.Canvas, own []float64) []obstacle {
	const spacing = 1.5
	var os []obstacle
	for _, l := range p.lines {
		weight := 2
		if len(own) > 0 && len(l.y) > 0 && &l.y[0] == &own[0] {
			weight = 6
		}
		for _, pts := range l.stretches(c, p.plot) {
			pts = simplify(pts, .5)
			for i := 1; i < len(pts); i++ {
				d := pts[i].Sub(pts[i-1])
				n := int(length(d)/spacing) + 1
				for k := range min(n, 1000) {
					os = append(os, obstacle{pts[i-1].Add(d.Scale(vg.Length(k) / vg.Length(n))), weight})
				}
			}
		}
	}
	return os
}
