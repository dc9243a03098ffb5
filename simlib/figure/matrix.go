package figure

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/theory"
)

// maxNamed is the number of entries of one kind up to which each has its own colour and name.
const maxNamed = 6

// Matrix draws the entries of W over a run, and the test loss on a second axis
// with its turning points marked by their steps: what the paper's Figure 5
// shows, for any dimension. As the paper names them, major entries (w_pp of
// a concept p) are solid, minor ones (off the diagonal, in the row or
// column of a concept) dashed, and irrelevant ones grey and dotted.
func Matrix(run *theory.Run) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of Matrix is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	p := newPanel("step", "entries of W")
	loss := run.TestLoss()
	if len(loss.Y) > 0 {
		_, top := bounds(loss.Y)
		p.right = newRightAxis("test loss", 0, top)
	}

	s := run.Task().S()
	// Major entries are drawn last among the entries, on top.
	var irrelevant, minor, major []theory.Curve
	symmetric, d := run.Symmetric(), run.Task().D()
	for i := 1; i <= d; i++ {
		for j := 1; j <= d; j++ {
			if symmetric && j > i {
				continue
			}
			w, err := run.Entry(i, j)
			if err != nil {
				return failed(err)
			}
			switch {
			case i == j && i <= s:
				major = append(major, w)
			case i != j && (i <= s || j <= s):
				minor = append(minor, w)
			default:
				irrelevant = append(irrelevant, w)
			}
		}
	}
	var drawn []series
	n := 0 // colours taken
	add := func(kind string, ws []theory.Curve, style func(i int) draw.LineStyle) (key []keyEntry) {
		named := len(ws) <= maxNamed
		for i, w := range ws {
			sty := style(n)
			drawn = append(drawn, series{name: w.Name, x: w.T, y: w.Y, line: sty})
			p.addLine(&line{x: w.T, y: w.Y, style: sty})
			switch {
			case named:
				key = append(key, keyEntry{name: w.Name, line: sty})
				n++
			case i == 0:
				key = append(key, keyEntry{name: fmt.Sprintf("%d %s entries", len(ws), kind), line: sty})
			}
		}
		if !named {
			n++
		}
		return key
	}
	last := add("irrelevant", irrelevant, func(int) draw.LineStyle { return stroke(pale, lineWidth, dotted) })
	// Minor entries take the colours that the major ones leave.
	if n = len(major); n > maxNamed {
		n = 1
	}
	middle := add("minor", minor, func(i int) draw.LineStyle { return stroke(paletteColor(i), lineWidth, dashed) })
	n = 0
	first := add("major", major, func(i int) draw.LineStyle { return stroke(paletteColor(i), heavyLine, nil) })
	p.key = slices.Concat(first, middle, last)

	var ys [][]float64
	for _, w := range run.Entries() {
		ys = append(ys, w.Y)
	}
	p.plot.X.Min, p.plot.X.Max = bounds(run.Times())
	lo, hi := bounds(ys...)
	// The loss ends at zero, so both axes start there unless an entry is negative.
	p.plot.Y.Min, p.plot.Y.Max = padRange(min(lo, 0), hi)
	if p.right != nil && p.plot.Y.Min < 0 && p.plot.Y.Max > 0 {
		// One height for both zeros.
		p.right.min = p.right.max * p.plot.Y.Min / p.plot.Y.Max
	}
	p.positive = func() (lo, hi float64) { return positiveBounds(ys...) }
	p.positiveX = func() (lo, hi float64) { return positiveBounds(run.Times()) }

	if p.right != nil {
		sty := stroke(Black, lineWidth, nil)
		p.addLine(&line{x: loss.T, y: loss.Y, style: sty, right: p.right})
		p.plot.Add(&turns{curves: []theory.Curve{loss}, colors: []color.Color{Black}, right: p.right, panel: p})
		p.key = append(p.key, keyEntry{name: "test loss (right)", line: sty})
	}
	p.spec = func() map[string]any {
		lines := slices.Clone(drawn)
		x, y := p.vegaAxes(lines)
		if p.right == nil {
			return lineLayer(lines, "step", "entries of W", x, y, zoom)
		}
		name := "test loss (right)"
		all := append(slices.Clone(lines), series{name: name, x: loss.T, y: loss.Y, line: stroke(Black, lineWidth, nil)})
		over, _ := p.vegaAxes(all[len(lines):])
		all[len(lines)].y, all[len(lines)].logY, all[len(lines)].low, all[len(lines)].high = loss.Y, false, p.right.min, p.right.max
		// An axis that is not shared cannot be dragged: the entries are.
		entries := lineLayer(lines, "step", "entries of W", x, y, zoom)
		right := lineLayer(all[len(lines):], "step", "test loss", over, map[string]any{
			"axis":  map[string]any{"orient": "right"},
			"scale": map[string]any{"domain": []any{p.right.min, p.right.max}, "nice": false},
		}, nil)
		// Each layer knows all names, so that both share one legend.
		col, dash := styleEncoding(all)
		for _, l := range []map[string]any{entries, right} {
			l["encoding"].(map[string]any)["color"] = col
			l["layer"].([]any)[0].(map[string]any)["encoding"].(map[string]any)["strokeDash"] = dash
		}
		return map[string]any{"layer": []any{entries, right}, "resolve": map[string]any{"scale": map[string]any{"y": "independent"}}}
	}
	return newFigure(p, defaultWidth, defaultHeight)
}
