package figure

import (
	"errors"
	"fmt"
	"image"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Pictures draws images in rows of so many columns: samples of a data set or of a model. Rows and columns may
// have labels, rows from the top; nil leaves them out. The pixels of an image are drawn as squares. With the
// classes as rows and the colour signals as columns it is the paper's Figure 19.
func Pictures(columns int, images []image.Image, rowLabels, columnLabels []string) *Figure {
	if len(images) == 0 {
		return failed(errors.New("figure: no pictures; want at least one"))
	}
	if columns < 1 || columns > 100 {
		return failed(fmt.Errorf("figure: the number of columns of Pictures is %d; want 1 to 100", columns))
	}
	columns = min(columns, len(images))
	rows := (len(images) + columns - 1) / columns
	switch {
	case rows > 100:
		return failed(fmt.Errorf("figure: %d pictures in %d columns make %d rows; want at most 100", len(images), columns, rows))
	case len(rowLabels) > 0 && len(rowLabels) != rows:
		return failed(fmt.Errorf("figure: %d labels for %d rows of pictures; want as many or none", len(rowLabels), rows))
	case len(columnLabels) > 0 && len(columnLabels) != columns:
		return failed(fmt.Errorf("figure: %d labels for %d columns of pictures; want as many or none", len(columnLabels), columns))
	}
	for i, m := range images {
		if m == nil || m.Bounds().Empty() {
			return failed(fmt.Errorf("figure: picture %d has no pixels", i))
		}
	}
	p := newPanel("", "")
	p.bare, p.equal = true, true
	p.plot.HideAxes()
	p.plot.X.Min, p.plot.X.Max = 0, float64(columns)
	p.plot.Y.Min, p.plot.Y.Max = 0, float64(rows)
	s := &pictures{columns: columns, rows: rows, images: images, rowLabels: rowLabels, columnLabels: columnLabels}
	p.plot.X.Min -= s.left() / float64(pictureSide)
	if len(columnLabels) > 0 {
		p.plot.Y.Max += .22 * float64(vg.Inch) / float64(pictureSide)
	}
	p.plot.Add(s)
	p.spec = s.spec
	w := vg.Length(p.plot.X.Max-p.plot.X.Min)*pictureSide + 2*margin + 4
	h := vg.Length(p.plot.Y.Max-p.plot.Y.Min)*pictureSide + 2*margin
	if most := maxSide * vg.Inch; w > most || h > most {
		f := most / max(w, h)
		w, h = w*f, h*f
	}
	return newFigure(p, w, h)
}

// pictureSide is the width of a picture with the gap around it.
const pictureSide = .62 * vg.Inch

// pictures draws images in the unit squares of the plane, the first on top at the left.
type pictures struct {
	columns, rows           int
	images                  []image.Image
	rowLabels, columnLabels []string
}

// left is the room for the labels of the rows, in points.
func (s *pictures) left() float64 {
	most := vg.Length(0)
	for _, l := range s.rowLabels {
		w, _, _ := mathText{}.Box(l, sans(tickSize, false))
		most = max(most, w)
	}
	if most > 0 {
		most += 6
	}
	return float64(most)
}

// Plot draws the images.
func (s *pictures) Plot(c draw.Canvas, p *plot.Plot) {
	const gap = .04 // of a picture's side, on each edge
	x := func(v float64) vg.Length { return c.X(p.X.Norm(v)) }
	y := func(v float64) vg.Length { return c.Y(p.Y.Norm(v)) }
	for n, m := range s.images {
		left, top := float64(n%s.columns)+gap, float64(s.rows-n/s.columns)-gap
		b := m.Bounds()
		side := (1 - 2*gap) / float64(max(b.Dx(), b.Dy()))
		c.DrawImage(vg.Rectangle{
			Min: vg.Point{X: x(left), Y: y(top - side*float64(b.Dy()))},
			Max: vg.Point{X: x(left + side*float64(b.Dx())), Y: y(top)}}, enlarged(m))
	}
	for i, l := range s.rowLabels {
		drawAt(c, l, words(tickSize, text.XRight, ink), vg.Point{X: x(0) - 3, Y: y(float64(s.rows-i)-.5) - .35*tickSize})
	}
	for j, l := range s.columnLabels {
		drawAt(c, l, words(tickSize, text.XCenter, ink), vg.Point{X: x(float64(j) + .5), Y: y(float64(s.rows)) + 4})
	}
}

// enlarged makes squares of the pixels of a small image, which a viewer would smooth otherwise.
func enlarged(m image.Image) image.Image {
	b := m.Bounds()
	f := 128 / max(b.Dx(), b.Dy())
	if f < 2 {
		return m
	}
	e := image.NewNRGBA(image.Rect(0, 0, f*b.Dx(), f*b.Dy()))
	for i := range f * b.Dy() {
		for j := range f * b.Dx() {
			e.Set(j, i, m.At(b.Min.X+j/f, b.Min.Y+i/f))
		}
	}
	return e
}

// spec is the pictures in Vega-Lite: a square for each pixel.
func (s *pictures) spec() map[string]any {
	var values []any
	place := func(labels []string, i int) any {
		if len(labels) > 0 {
			return labels[i]
		}
		return i + 1
	}
	for n, m := range s.images {
		b := m.Bounds()
		row, column := place(s.rowLabels, n/s.columns), place(s.columnLabels, n%s.columns)
		side := float64(max(b.Dx(), b.Dy()))
		left, top := float64(n%s.columns), float64(n/s.columns)
		for i := range b.Dy() {
			for j := range b.Dx() {
				values = append(values, map[string]any{"x": left + .04 + .92*float64(j)/side, "x2": left + .04 + .92*float64(j+1)/side,
					"y": top + .04 + .92*float64(i)/side, "y2": top + .04 + .92*float64(i+1)/side, "c": hex(m.At(b.Min.X+j, b.Min.Y+i)),
					"row": row, "column": column})
			}
		}
	}
	axis := func(name string, n int, labels []string) map[string]any {
		a := map[string]any{"field": name, "type": "quantitative", "title": nil, "axis": nil,
			"scale": map[string]any{"domain": []any{0, n}, "nice": false, "reverse": name == "y"}}
		if len(labels) > 0 {
			var at []any
			var names []any
			for i, l := range labels {
				at, names = append(at, float64(i)+.5), append(names, l)
			}
			a["axis"] = map[string]any{"values": at, "grid": false, "domain": false, "ticks": false, "orient": map[string]string{"x": "top", "y": "left"}[name],
				"labelExpr": labelExpr(names)}
		}
		return a
	}
	return map[string]any{
		"data": map[string]any{"values": values},
		// As in heatSpec, edges hide seams.
		"mark": map[string]any{"type": "rect", "strokeWidth": .8},
		"encoding": map[string]any{"x": axis("x", s.columns, s.columnLabels), "y": axis("y", s.rows, s.rowLabels),
			"x2": map[string]any{"field": "x2"}, "y2": map[string]any{"field": "y2"},
			"color":   map[string]any{"field": "c", "type": "nominal", "scale": nil, "legend": nil},
			"stroke":  map[string]any{"field": "c", "type": "nominal", "scale": nil, "legend": nil},
			"tooltip": []any{map[string]any{"field": "row"}, map[string]any{"field": "column"}, map[string]any{"field": "c", "title": "colour"}}},
		"width": 60 * s.columns, "height": 60 * s.rows,
	}
}

// labelExpr is a Vega expression that names the labels in the middle of unit steps.
func labelExpr(names []any) string {
	text := "["
	for i, n := range names {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf("%q", n)
	}
	return text + "][floor(datum.value)]"
}
