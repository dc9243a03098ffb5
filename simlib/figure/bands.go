package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/theory"
)

// Bands draws means of curves over several runs, from [theory.AverageCurves], each with its confidence band, under the labels given.
func Bands(xlabel, ylabel string, bands ...theory.Band) *Figure {
	if len(bands) == 0 {
		return failed(errors.New("figure: no bands; want at least one"))
	}
	p := newPanel(xlabel, ylabel)
	var xs, ys [][]float64
	for i, b := range bands {
		n := len(b.T)
		if n == 0 || len(b.Y) != n || len(b.Low) != n || len(b.High) != n {
			return failed(fmt.Errorf("figure: band %q has %d times, %d values and %d and %d bounds; want the same number, at least 1", b.Name, n, len(b.Y), len(b.Low), len(b.High)))
		}
		p.plot.Add(&band{band: b, color: curveStyle(i).Color})
		xs, ys = append(xs, b.T), append(ys, b.Y, b.Low, b.High)
	}
	if len(bands) > 1 { // one must be seen through another
		for i, b := range bands {
			edge := stroke(mix(paletteColor(i), color.RGBA{0xff, 0xff, 0xff, 0xff}, .45), .6, nil)
			p.plot.Add(&bandEdge{line{x: b.T, y: b.Low, style: edge}}, &bandEdge{line{x: b.T, y: b.High, style: edge}})
		}
	}
	for i, b := range bands { // lines lie on all bands
		sty := curveStyle(i)
		p.addLine(&line{x: b.T, y: b.Y, style: sty})
		p.key = append(p.key, keyEntry{name: b.Name, line: sty})
	}
	p.plot.X.Min, p.plot.X.Max = bounds(xs...)
	p.plot.Y.Min, p.plot.Y.Max = padRange(bounds(ys...))
	p.positive = func() (lo, hi float64) {
		// Down to the means alone: a bound comes as near to 0 as it likes.
		var means, all [][]float64
		for _, b := range bands {
			means, all = append(means, b.Y), append(all, b.Y, b.High)
		}
		lo, _ = positiveBounds(means...)
		_, hi = positiveBounds(all...)
		return lo, hi
	}
	p.spec = func() map[string]any {
		var lines []series
		for i, b := range bands {
			lines = append(lines, series{name: b.Name, x: b.T, y: b.Y, line: curveStyle(i)})
		}
		x, y := p.vegaAxes(lines)
		_, log := p.plot.Y.Scale.(logScale)
		means := lineLayer(lines, xlabel, ylabel, x, y, zoom)
		var values []any
		for _, b := range bands {
			for k, t := range b.T {
				low := b.Low[k]
				if log && !(low > 0) {
					low = math.NaN()
				}
				values = append(values, map[string]any{"name": b.Name, "x": t, "low": number(low), "high": number(b.High[k])})
			}
		}
		area := map[string]any{
			"data": map[string]any{"values": values},
			"mark": map[string]any{"type": "area", "opacity": .2, "clip": true},
			"encoding": map[string]any{
				"x":     map[string]any{"field": "x", "type": "quantitative"},
				"y":     map[string]any{"field": "low", "type": "quantitative"},
				"y2":    map[string]any{"field": "high"},
				"color": means["encoding"].(map[string]any)["color"],
			},
		}
		return map[string]any{"layer": []any{area, means}}
	}
	return newFigure(p, defaultWidth, defaultHeight)
}

// band fills the area between the bounds of a band.
type band struct {
	band  theory.Band
	color color.Color
}

// Plot fills the area.
func (b *band) Plot(c draw.Canvas, p *plot.Plot) {
	_, log := p.Y.Scale.(logScale)
	var upper, lower []vg.Point
	flush := func() {
		if len(upper) > 1 {
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			c.FillPolygon(faint(b.color), c.ClipPolygonXY(upper))
		}
		upper, lower = nil, nil
	}
	for i, t := range b.band.T {
		lo, hi := b.band.Low[i], b.band.High[i]
		if log {
			lo = math.Max(lo, p.Y.Min/10)
		}
		if !finite(lo) || !finite(hi) || log && !(hi > 0) {
			flush()
			continue
		}
		x := c.X(p.X.Norm(t))
		lower = append(lower, vg.Point{X: x, Y: c.Y(p.Y.Norm(lo))})
		upper = append(upper, vg.Point{X: x, Y: c.Y(p.Y.Norm(hi))})
	}
	flush()
}

// bandEdge draws one end of a band.
type bandEdge struct{ line }

// Plot draws the line, which on a logarithmic axis leaves the picture where it has no logarithm.
func (e *bandEdge) Plot(c draw.Canvas, p *plot.Plot) {
	l := e.line
	if _, log := p.Y.Scale.(logScale); log {
		l.y = slices.Clone(l.y)
		for k, v := range l.y {
			l.y[k] = math.Max(v, p.Y.Min/10)
		}
	}
	l.Plot(c, p)
}

// faint is a colour mixed with the white ground: formats without transparency draw it alike.
func faint(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	light := func(v uint32) uint8 { return uint8(255 - (255-float64(v>>8))*.22) }
	return color.RGBA{light(r), light(g), light(b), 0xff}
}

// ConceptSpace draws means of trajectories over several runs, from [theory.Average], in the plane of two concepts named by their labels: from
// 0, where samples do not show the concept, to 1, where they do. Crosses are confidence intervals in both
// coordinates, of at most 60 points, squares the three training classes, and the ring at (1,1) is the composition that was never trained on: as in
// the paper's Figure 6.
func ConceptSpace(xlabel, ylabel string, paths ...theory.Ensemble) *Figure {
	if len(paths) == 0 {
		return failed(errors.New("figure: no trajectories; want at least one"))
	}
	p := newPanel(xlabel, ylabel)
	p.equal = true
	xs, ys := []float64{0, 1}, []float64{0, 1}
	var lines []series
	for i, e := range paths {
		if len(e.T) == 0 || len(e.X) != len(e.T) || len(e.Low) != len(e.T) || len(e.High) != len(e.T) || len(e.Target) < 2 {
			return failed(fmt.Errorf("figure: trajectory %q has %d times, %d points of %d coordinates; want as many, at least 1, of at least 2", e.Name, len(e.T), len(e.X), len(e.Target)))
		}
		sty := stroke(paletteColor(i), lineWidth, nil)
		x, y := e.Coordinate(1).Y, e.Coordinate(2).Y
		p.plot.Add(&crosses{e: e, color: paletteColor(i)})
		p.addLine(&line{x: x, y: y, style: sty})
		p.key = append(p.key, keyEntry{name: e.Name, line: sty})
		xs, ys = append(xs, x...), append(ys, y...)
		lines = append(lines, series{name: e.Name, x: x, y: y, line: sty})
	}
	marks := []*mark{{x: 0, y: 0, label: "00"}, {x: 1, y: 0, label: "10"}, {x: 0, y: 1, label: "01"}, {x: 1, y: 1, label: "11", probe: true}}
	for _, m := range marks {
		m.color, m.panel = ink, p
		p.plot.Add(m)
	}
	lo, hi := bounds(xs, ys)
	p.plot.X.Min, p.plot.X.Max = lo-.08, hi+.08
	p.plot.Y.Min, p.plot.Y.Max = lo-.08, hi+.08
	ticks := stepTicks(.25)
	p.plot.X.Tick.Marker, p.plot.Y.Tick.Marker = ticks, ticks
	p.spec = func() map[string]any {
		axis := func() map[string]any {
			return map[string]any{"scale": map[string]any{"domain": []any{p.plot.X.Min, p.plot.X.Max}, "nice": false}}
		}
		path := lineLayer(lines, xlabel, ylabel, axis(), axis(), zoom)
		color := path["encoding"].(map[string]any)["color"]
		x, y := quantitative("x"), quantitative("y")
		var means, classes []any
		for _, e := range paths {
			for _, k := range crossed(len(e.X)) {
				m := e.X[k]
				means = append(means, map[string]any{"name": e.Name, "t": e.T[k], "x": number(m[0]), "y": number(m[1]),
					"x0": number(e.Low[k][0]), "x1": number(e.High[k][0]), "y0": number(e.Low[k][1]), "y1": number(e.High[k][1])})
			}
		}
		for _, m := range marks {
			classes = append(classes, map[string]any{"label": m.label, "x": m.x, "y": m.y, "role": m.role()})
		}
		rule := func(x, y map[string]any, end, field string) map[string]any {
			return map[string]any{"mark": map[string]any{"type": "rule", "opacity": .25, "clip": true},
				"encoding": map[string]any{"x": x, "y": y, end: map[string]any{"field": field}, "color": color}}
		}
		points := map[string]any{
			"mark": map[string]any{"type": "point", "filled": true, "size": 25, "opacity": 1, "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "color": color, "tooltip": []any{tip("name", "mean of"), tip("t", "step"),
				tip("x", xlabel), tip("x0", "from"), tip("x1", "to"), tip("y", ylabel), tip("y0", "from"), tip("y1", "to")}},
		}
		return map[string]any{"layer": []any{
			map[string]any{"data": map[string]any{"values": means}, "layer": []any{
				rule(quantitative("x0"), y, "x2", "x1"), rule(x, quantitative("y0"), "y2", "y1")}},
			path,
			map[string]any{"data": map[string]any{"values": means}, "layer": []any{points}},
			markLayer(classes, x, y),
		}, "width": 340, "height": 340}
	}
	return newFigure(p, 3.6*vg.Inch, 3.9*vg.Inch)
}

// crosses draws the confidence intervals and the points of a mean trajectory, its start as a larger one.
type crosses struct {
	e     theory.Ensemble
	color color.Color
}

// crossed chooses those of n points that get a cross, at most 60, the first and the last among them.
func crossed(n int) []int {
	const most = 60
	var list []int
	for i := range min(n, most) {
		list = append(list, i*(n-1)/max(1, min(n, most)-1))
	}
	return list
}

// Plot draws the crosses.
func (k *crosses) Plot(c draw.Canvas, p *plot.Plot) {
	sty := stroke(faint(k.color), .8, nil)
	at := func(x, y float64) vg.Point { return vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))} }
	chosen := crossed(len(k.e.X))
	for _, i := range chosen {
		m := k.e.X[i]
		if !finite(m[0]) || !finite(m[1]) {
			continue
		}
		c.StrokeLines(sty, c.ClipLinesXY([]vg.Point{at(k.e.Low[i][0], m[1]), at(k.e.High[i][0], m[1])},
			[]vg.Point{at(m[0], k.e.Low[i][1]), at(m[0], k.e.High[i][1])})...)
	}
	for _, i := range chosen {
		m := k.e.X[i]
		pt := at(m[0], m[1])
		if !finite(m[0]) || !finite(m[1]) || !c.Contains(pt) {
			continue
		}
		r := vg.Length(1.3)
		if i == 0 {
			r = 2.4
		}
		c.SetColor(k.color)
		c.Fill(circle(pt, r))
	}
}
