package figure

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/theory"
)

// Losses draws loss curves over the steps of a run and marks the turning
// points of those that turn, with the step of each.
func Losses(curves ...theory.Curve) *Figure {
	f := Curves("step", "loss", curves...)
	if f.err != nil {
		return f
	}
	p := f.panels[0]
	for i, c := range curves {
		p.plot.Add(&turns{curve: c, color: curveStyle(i).Color})
	}
	return f
}

// Curves draws curves over a common time axis under the labels given. It takes at least one curve.
func Curves(xlabel, ylabel string, curves ...theory.Curve) *Figure {
	if len(curves) == 0 {
		return failed(errors.New("figure: no curves; want at least one"))
	}
	p := newPanel(xlabel, ylabel)
	var xs, ys [][]float64
	for i, c := range curves {
		if len(c.T) != len(c.Y) || len(c.T) == 0 {
			return failed(fmt.Errorf("figure: curve %q has %d times and %d values; want the same number, at least 1", c.Name, len(c.T), len(c.Y)))
		}
		sty := curveStyle(i)
		p.plot.Add(&line{x: c.T, y: c.Y, style: sty})
		p.key = append(p.key, keyEntry{name: c.Name, line: sty})
		xs, ys = append(xs, c.T), append(ys, c.Y)
	}
	p.plot.X.Min, p.plot.X.Max = bounds(xs...)
	p.plot.Y.Min, p.plot.Y.Max = padRange(bounds(ys...))
	p.positive = func() (lo, hi float64) { return positiveBounds(ys...) }
	return newFigure(p, defaultWidth, defaultHeight)
}

// curveStyle tells curves apart by colour, and by dash when the colours come round again.
func curveStyle(i int) draw.LineStyle {
	dashes := [][]vg.Length{nil, dashed, dotted}
	return stroke(paletteColor(i), lineWidth, dashes[i/max(1, len(Palette))%len(dashes)])
}

// turns marks the extrema of a curve with a ring and the number of the step.
type turns struct {
	curve theory.Curve
	color color.Color
	right *rightAxis
}

// Plot draws the marks.
func (t *turns) Plot(c draw.Canvas, p *plot.Plot) {
	ex := t.curve.Extrema()
	if len(ex) > 12 {
		return // an oscillation, which numbers would only hide
	}
	for _, e := range ex {
		ny := p.Y.Norm(e.Value)
		if t.right != nil {
			ny = t.right.norm(e.Value)
		}
		at := vg.Point{X: c.X(p.X.Norm(e.T)), Y: c.Y(ny)}
		if !c.Contains(at) {
			continue
		}
		c.SetColor(color.White)
		c.Fill(circle(at, 2.4))
		c.SetLineStyle(stroke(t.color, 1.2, nil))
		c.Stroke(circle(at, 2.4))
		dy := vg.Length(6)
		if e.Kind == theory.Minimum {
			dy = -6 - .72*noteSize
		}
		haloed(c, fmt.Sprint(e.Step), words(noteSize, text.XCenter, ink), vg.Point{X: at.X, Y: at.Y + dy})
	}
}

// haloed is drawAt on a white ground that lets a curve behind it fade.
func haloed(c draw.Canvas, txt string, sty text.Style, pt vg.Point) {
	w, _, _ := mathText{}.Box(txt, sty.Font)
	min := vg.Point{X: pt.X + w*vg.Length(sty.XAlign) - 1.5, Y: pt.Y - 1.5}
	c.SetColor(color.NRGBA{255, 255, 255, 210})
	c.Fill(vg.Rectangle{Min: min, Max: min.Add(vg.Point{X: w + 3, Y: .72*sty.Font.Size + 3})}.Path())
	drawAt(c, txt, sty, pt)
}
