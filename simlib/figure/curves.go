package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

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
	t := &turns{curves: curves, panel: p}
	for i := range curves {
		t.colors = append(t.colors, curveStyle(i).Color)
	}
	p.plot.Add(t)
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
		p.addLine(&line{x: c.T, y: c.Y, style: sty})
		p.key = append(p.key, keyEntry{name: c.Name, line: sty})
		xs, ys = append(xs, c.T), append(ys, c.Y)
	}
	p.plot.X.Min, p.plot.X.Max = bounds(xs...)
	p.plot.Y.Min, p.plot.Y.Max = padRange(bounds(ys...))
	p.positive = func() (lo, hi float64) { return positiveBounds(ys...) }
	p.positiveX = func() (lo, hi float64) { return positiveBounds(xs...) }
	p.spec = func() map[string]any {
		var lines []series
		for i, c := range curves {
			lines = append(lines, series{name: c.Name, x: c.T, y: c.Y, line: curveStyle(i)})
		}
		x, y := p.vegaAxes(lines)
		return lineLayer(lines, xlabel, ylabel, x, y, zoom)
	}
	return newFigure(p, defaultWidth, defaultHeight)
}

// vegaAxes returns the axes in Vega-Lite, with the ends that they have in print, and breaks lines where a logarithmic one has no place for them.
func (p *panel) vegaAxes(lines []series) (x, y map[string]any) {
	axis := func(a *plot.Axis) (m map[string]any, log bool) {
		scale := map[string]any{"domain": []any{a.Min, a.Max}, "nice": false}
		if _, log = a.Scale.(logScale); log {
			scale["type"] = "log"
		}
		return map[string]any{"scale": scale}, log
	}
	x, logX := axis(&p.plot.X)
	y, logY := axis(&p.plot.Y)
	for i := range lines {
		l := &lines[i]
		l.low, l.high = p.plot.Y.Min, p.plot.Y.Max
		if l.logX = logX; logX {
			l.x = positive(l.x)
		}
		if l.logY = logY; logY {
			l.y = positive(l.y)
		}
	}
	return x, y
}

// positive returns numbers without those that have no logarithm.
func positive(v []float64) []float64 {
	v = slices.Clone(v)
	for k, x := range v {
		if !(x > 0) {
			v[k] = math.NaN()
		}
	}
	return v
}

// Bound draws one of the lemmas of the paper's proof over a run: the entry of W, and the limit that it is to stay
// above or below, which stands above the data.
func Bound(b theory.Bound) *Figure {
	b.Limit.Name = b.Lemma
	f := Curves("step", "entry of W", b.Value, b.Limit)
	if f.err != nil {
		return f
	}
	// A limit that grows without end says nothing once it is far from the entry.
	if lo, hi := bounds(b.Value.Y); hi >= lo && !b.Lower {
		_, top := bounds(b.Limit.Y)
		f.panels[0].plot.Y.Min, f.panels[0].plot.Y.Max = padRange(math.Min(lo, 0), math.Max(hi, math.Min(top, 2.5*hi)))
	}
	return f
}

// curveStyle tells curves apart by colour, and by dash when the colours come round again.
func curveStyle(i int) draw.LineStyle {
	dashes := [][]vg.Length{nil, dashed, dotted}
	return stroke(paletteColor(i), lineWidth, dashes[i/max(1, len(Palette))%len(dashes)])
}

// turns marks the extrema of curves with a ring and the number of the step.
type turns struct {
	curves []theory.Curve
	colors []color.Color
	right  *rightAxis
	panel  *panel
}

// Plot draws the marks, all rings before all numbers, so that no number stands on a ring or on another number.
func (t *turns) Plot(c draw.Canvas, p *plot.Plot) {
	type turn struct {
		theory.Extremum
		at    vg.Point
		curve int
	}
	var all []turn
	for i, curve := range t.curves {
		ex := curve.Extrema()
		if len(ex) > 12 {
			continue // an oscillation, which numbers would only hide
		}
		for _, e := range ex {
			ny := p.Y.Norm(e.Value)
			if t.right != nil {
				ny = t.right.norm(e.Value)
			}
			if at := (vg.Point{X: c.X(p.X.Norm(e.T)), Y: c.Y(ny)}); c.Contains(at) {
				all = append(all, turn{e, at, i})
			}
		}
	}
	var taken []obstacle
	for _, e := range all {
		taken = append(taken, obstacle{e.at, 12})
		c.SetColor(color.White)
		c.Fill(circle(e.at, 2.4))
		c.SetLineStyle(stroke(t.colors[e.curve], 1.2, nil))
		c.Stroke(circle(e.at, 2.4))
	}
	sty := words(noteSize, text.XLeft, ink)
	for _, e := range all {
		up := 1.
		if e.Kind == theory.Minimum {
			up = -1
		}
		label := fmt.Sprint(e.Step)
		avoid := append(t.panel.obstacles(c, t.curves[e.curve].Y), taken...)
		box := place(c.Rectangle, e.at, label, sty, avoid, 5, []direction{
			{0, up}, {-.5, up}, {.5, up}, {-1, up}, {1, up}, {0, -up}, {-1, -up}, {1, -up}, {-1, 0}, {1, 0},
			{0, 3 * up}, {-1, 3 * up}, {1, 3 * up}, {0, -3 * up}})
		for x := box.Min.X; x <= box.Max.X; x += 2 {
			for y := box.Min.Y; y <= box.Max.Y; y += 2 {
				taken = append(taken, obstacle{vg.Point{X: x, Y: y}, 12})
			}
		}
		c.SetColor(color.White)
		c.Fill(box.Path())
		drawAt(c, label, sty, box.Min)
	}
}
