package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/theory"
)

// Heat draws W after given numbers of updates as heat maps, rows downwards, on one scale of colours, blue below
// and vermillion above 0; without numbers, after none, a few in between and the last. Small
// matrices have their entries written in. It is an error to ask for an update that the run did not keep.
func Heat(run *theory.Run, updates ...int) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of Heat is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	if len(updates) == 0 {
		// Learning is fast at first: times at equal ratios show more than at equal distances.
		t := run.Times()
		last := -1
		for _, share := range []float64{0, .03, .1, .3, 1} {
			k := int(share * float64(len(t)-1))
			if k != last {
				updates = append(updates, int(t[k]))
			}
			last = k
		}
	}
	const most = 24
	if len(updates) > most {
		return failed(fmt.Errorf("figure: %d updates; want at most %d heat maps side by side", len(updates), most))
	}
	var all [][][]float64
	lo, hi := 0., 0.
	for _, u := range updates {
		w, err := run.W(u)
		if err != nil {
			return failed(fmt.Errorf("figure: %w", err))
		}
		d, _ := w.Dims()
		rows := make([][]float64, d)
		for i := range rows {
			rows[i] = make([]float64, d)
			for j := range rows[i] {
				rows[i][j] = w.At(i, j)
				if finite(rows[i][j]) {
					lo, hi = math.Min(lo, rows[i][j]), math.Max(hi, rows[i][j])
				}
			}
		}
		all = append(all, rows)
	}
	// Zero is white and 1, where a learned entry stands, as strong as −1 would be.
	top := math.Max(math.Max(-lo, hi), 1e-300)
	scale := colorScale{ramp: diverging, min: -top, max: top}
	if lo >= -.01*top {
		scale.ramp, scale.min = diverging[3:], 0
	}
	var figs []*Figure
	for n, rows := range all {
		f := matrixMap(rows, scale)
		f.panels[0].note = fmt.Sprintf("step %d", updates[n])
		if n == len(all)-1 {
			f.panels[0].bar = &colorBar{label: "entries of W", scale: scale}
			f.width += f.panels[0].bar.width()
		}
		figs = append(figs, f)
	}
	return Row(figs...)
}

// matrixMap is one matrix, first row on top.
func matrixMap(rows [][]float64, scale colorScale) *Figure {
	d := len(rows)
	// Rows go down and columns to the right, as everyone expects: no names, and more room.
	p := newPanel("", "")
	p.equal = true
	cells := &cellMap{scale: scale}
	for i := range rows {
		cells.y = append(cells.y, float64(d-i))
	}
	for j := range rows {
		cells.x = append(cells.x, float64(j+1))
	}
	cells.z = rows
	cells.written = d <= 5
	p.plot.Add(cells)
	p.plot.X.Min, p.plot.X.Max = .5, float64(d)+.5
	p.plot.Y.Min, p.plot.Y.Max = .5, float64(d)+.5
	every := int(math.Ceil(float64(d) / 8))
	var xt, yt []plot.Tick
	for k := 1; k <= d; k++ {
		if (k-1)%every == 0 {
			xt = append(xt, plot.Tick{Value: float64(k), Label: strconv.Itoa(k)})
			yt = append(yt, plot.Tick{Value: float64(d + 1 - k), Label: strconv.Itoa(k)})
		}
	}
	p.plot.X.Tick.Marker, p.plot.Y.Tick.Marker = plot.ConstantTicks(xt), plot.ConstantTicks(yt)
	p.spec = func() map[string]any {
		var values []any
		for i, row := range rows {
			for j, v := range row {
				values = append(values, map[string]any{"row": i + 1, "column": j + 1, "w": number(v)})
			}
		}
		s := heatSpec(values, "column", "row", "w", "entries of W", scale, p.bar != nil)
		side := min(max(34*len(rows), 110), 360)
		s["width"], s["height"] = side, side
		return s
	}
	const side = 1.7 * vg.Inch
	return newFigure(p, side, side+.25*vg.Inch)
}

// Evolution draws every entry of W over a run as a row of a heat map, time from left to
// right: the entries of a large matrix at one glance. Of more than 64 entries only those among the
// run's concepts are shown.
func Evolution(run *theory.Run) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of Evolution is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	entries := run.Entries()
	if len(entries) > 64 {
		entries = nil
		for n, i := range run.Concepts() {
			for _, j := range run.Concepts() {
				if e, err := run.Entry(i, j); err == nil && (i >= j || !run.Symmetric()) && n < 16 {
					entries = append(entries, e)
				}
			}
		}
	}
	if len(entries) == 0 {
		return failed(errors.New("figure: the run of Evolution has no entries to show; want a task with a centroid away from the origin"))
	}
	p := newPanel("step", "entry of W")
	t := entries[0].T
	// As many columns as a print can show.
	const columns = 240
	cells := &cellMap{}
	n := min(columns, len(t))
	at := make([]int, n)
	for k := range at {
		at[k] = int(math.Round(float64(k) / float64(max(n-1, 1)) * float64(len(t)-1)))
		cells.x = append(cells.x, t[at[k]])
	}
	var ticks []plot.Tick
	lo, hi := 0., 0.
	for i, e := range entries {
		y := float64(len(entries) - i)
		ticks = append(ticks, plot.Tick{Value: y, Label: e.Name})
		row := make([]float64, n)
		for k := range row {
			row[k] = e.Y[at[k]]
			if finite(row[k]) {
				lo, hi = math.Min(lo, row[k]), math.Max(hi, row[k])
			}
		}
		cells.y, cells.z = append(cells.y, y), append(cells.z, row)
	}
	top := math.Max(math.Max(-lo, hi), 1e-300)
	cells.scale = colorScale{ramp: diverging, min: -top, max: top}
	if lo >= -.01*top {
		cells.scale.ramp, cells.scale.min = diverging[3:], 0
	}
	p.plot.Add(cells)
	p.plot.X.Min, p.plot.X.Max = bounds(t)
	p.plot.Y.Min, p.plot.Y.Max = .5, float64(len(entries))+.5
	if p.plot.X.Min == p.plot.X.Max {
		p.plot.X.Max++
	}
	p.plot.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.bar = &colorBar{label: "value", scale: cells.scale}
	p.spec = func() map[string]any {
		x0, x1 := edges(cells.x, false)
		var values []any
		for i, row := range cells.z {
			for k, v := range row {
				values = append(values, map[string]any{"step": cells.x[k], "from": x0[k], "to": x1[k], "entry": entries[i].Name, "w": number(v)})
			}
		}
		s := heatSpec(values, "step", "entry", "w", "value", cells.scale, true)
		enc := s["encoding"].(map[string]any)
		enc["x"] = map[string]any{"field": "from", "type": "quantitative", "title": "step", "scale": map[string]any{"domain": []any{p.plot.X.Min, p.plot.X.Max}, "nice": false}}
		enc["x2"] = map[string]any{"field": "to"}
		enc["y"] = map[string]any{"field": "entry", "type": "nominal", "sort": nil, "title": "entry of W"}
		enc["tooltip"] = []any{map[string]any{"field": "entry"}, map[string]any{"field": "step"}, map[string]any{"field": "w", "format": ".4~g", "type": "quantitative"}}
		s["mark"] = map[string]any{"type": "rect", "clip": true, "strokeWidth": .8}
		return s
	}
	h := max(1.6*vg.Inch, vg.Length(len(entries))*.21*vg.Inch+.7*vg.Inch)
	return newFigure(p, defaultWidth, min(h, 12*vg.Inch))
}

// cellMap draws numbers on a rectangular lattice of points as filled cells around them.
type cellMap struct {
	x, y    []float64   // the points, y in any order
	z       [][]float64 // a row for each y
	scale   colorScale
	paint   func(v float64) color.Color // in place of the scale
	written bool                        // whether the numbers are written in
}

// edges returns the borders between points, which lie halfway; on a logarithmic axis halfway in the
// logarithm.
func edges(v []float64, log bool) (lo, hi []float64) {
	n := len(v)
	lo, hi = make([]float64, n), make([]float64, n)
	f, g := func(x float64) float64 { return x }, func(x float64) float64 { return x }
	if log {
		f, g = math.Log, math.Exp
	}
	for k := range v {
		before, after := math.NaN(), math.NaN()
		if k > 0 {
			before = (f(v[k-1]) + f(v[k])) / 2
		}
		if k < n-1 {
			after = (f(v[k]) + f(v[k+1])) / 2
		}
		half := .5
		switch {
		case n == 1:
			before, after = f(v[k])-half, f(v[k])+half
		case k == 0:
			before = 2*f(v[k]) - after
		case k == n-1:
			after = 2*f(v[k]) - before
		}
		lo[k], hi[k] = math.Min(g(before), g(after)), math.Max(g(before), g(after))
	}
	return lo, hi
}

func (m *cellMap) color(v float64) color.Color {
	if m.paint != nil {
		return m.paint(v)
	}
	return m.scale.at(v)
}

// Plot draws the cells.
func (m *cellMap) Plot(c draw.Canvas, p *plot.Plot) {
	_, logX := p.X.Scale.(logScale)
	_, logY := p.Y.Scale.(logScale)
	x0, x1 := edges(m.x, logX)
	y0, y1 := edges(m.y, logY)
	clip := func(v, lo, hi vg.Length) vg.Length { return max(lo, min(hi, v)) }
	// From the bottom up, for every cell reaches a little under the next.
	rows := make([]int, len(m.z))
	for i := range rows {
		rows[i] = i
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Compare(m.y[a], m.y[b]) })
	for _, i := range rows {
		row := m.z[i]
		bottom, top := clip(c.Y(p.Y.Norm(y0[i])), c.Min.Y, c.Max.Y), clip(c.Y(p.Y.Norm(y1[i])), c.Min.Y, c.Max.Y)
		for j := 0; j < len(row); j++ {
			v := row[j]
			col := m.color(v)
			left, right := clip(c.X(p.X.Norm(x0[j])), c.Min.X, c.Max.X), clip(c.X(p.X.Norm(x1[j])), c.Min.X, c.Max.X)
			// Neighbours of one colour are one rectangle: small files, no seams.
			for !m.written && j+1 < len(row) {
				if m.color(row[j+1]) != col {
					break
				}
				j++
				right = clip(c.X(p.X.Norm(x1[j])), c.Min.X, c.Max.X)
			}
			over := vg.Length(.8) // under the next, over the seam that antialiasing leaves
			if right >= c.Max.X-.01 {
				over = 0
			}
			c.SetColor(col)
			c.Fill(vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: right + over, Y: min(top+.8, c.Max.Y)}}.Path())
			if m.written && finite(v) {
				label := shortNumber(v)
				size := min(noteSize, (right-left)/3.2)
				drawAt(c, label, words(size, text.XCenter, contrast(m.scale.at(v))), vg.Point{X: (left + right) / 2, Y: (bottom+top)/2 - .36*size})
			}
		}
	}
}

// shortNumber writes a number in at most five letters.
func shortNumber(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	switch a := math.Abs(v); {
	case a >= 1000 || a >= 1e5:
		s = strconv.FormatFloat(v, 'e', 0, 64)
	case a >= 100:
		s = strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		s = strconv.FormatFloat(v, 'f', 1, 64)
	case s == "-0.00":
		s = "0.00"
	}
	return strings.Replace(s, "-", "−", 1)
}
