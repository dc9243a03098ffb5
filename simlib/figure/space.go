package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// A View is where a drawing in three dimensions is seen from.
type View struct {
	// Azimuth is the angle of the eye around the third axis, in degrees from the first axis
	// towards the second; any finite number.
	Azimuth float64
	// Elevation is the height of the eye over the plane of the first two axes, −90 to 90 degrees.
	Elevation float64
}

// DefaultView shows all three axes well.
var DefaultView = View{Azimuth: -62, Elevation: 24}

// Space draws the output at the target and at the training centroids over a run in the space of the first three
// concepts, seen from [DefaultView]: AllTrajectories in three dimensions.
func Space(run *theory.Run) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of Space is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	trs := run.TrainOutputs()
	if tr := run.TestOutput(); len(tr.T) > 0 {
		trs = append([]theory.Trajectory{tr}, trs...)
	}
	return Space3(DefaultView, 1, 2, 3, run.Task(), trs...)
}

// Space3 draws trajectories in the space of the coordinates k, l and m, counted from 1, with the task's
// centroids. Grey lines are shadows on the floor, and stems lead from the centroids down to it. Marks
// along the trajectories are marks of equal time, as in [Plane]. A task of less than three dimensions
// has no space.
func Space3(view View, k, l, m int, task *sim.Task, trs ...theory.Trajectory) *Figure {
	switch {
	case task == nil:
		return failed(errors.New("figure: the task of Space3 is nil; want one from sim.NewTask"))
	case min(k, l, m) < 1 || max(k, l, m) > task.D() || k == l || l == m || k == m:
		return failed(fmt.Errorf("figure: the space is (%d, %d, %d); want three different axes from 1 to d = %d", k, l, m, task.D()))
	case len(trs) == 0:
		return failed(errors.New("figure: no trajectories; want at least one"))
	case !finite(view.Azimuth):
		return failed(fmt.Errorf("figure: View.Azimuth is %g; want an angle in degrees", view.Azimuth))
	case !(view.Elevation >= -90 && view.Elevation <= 90):
		return failed(fmt.Errorf("figure: View.Elevation is %g; want -90 to 90 degrees", view.Elevation))
	}
	axes := [3]int{k - 1, l - 1, m - 1}
	pick := func(x []float64) (p point3) {
		for i, a := range axes {
			p[i] = x[a]
		}
		return p
	}
	all := []point3{{}}
	end := 0.
	for _, tr := range trs {
		if len(tr.T) == 0 || len(tr.T) != len(tr.X) {
			return failed(fmt.Errorf("figure: trajectory %q has %d times and %d points; want the same number, at least 1", tr.Name, len(tr.T), len(tr.X)))
		}
		for _, x := range tr.X {
			if len(x) != task.D() {
				return failed(fmt.Errorf("figure: a point of trajectory %q has %d coordinates; want d = %d", tr.Name, len(x), task.D()))
			}
			all = append(all, pick(x))
		}
		end = math.Max(end, tr.T[len(tr.T)-1])
	}
	for _, c := range task.Centroids() {
		all = append(all, pick(c.X))
	}
	b := newBox3(view, all)
	for i, a := range axes {
		b.labels[i] = "f" + sim.Subscript(a+1)
	}

	p := newPanel("", "")
	p.plot.HideAxes()
	p.bare, p.equal = true, true
	p.plot.Add(b)
	every := niceStep(math.Max(end, 1e-300) / 25)
	var shadows, paths []*path
	for i, tr := range trs {
		pa := &path{color: paletteColor(i), t: tr.T, every: every}
		pa.style = stroke(pa.color, lineWidth, nil)
		sh := &path{}
		sh.style = stroke(color.RGBA{0xC4, 0xC4, 0xC4, 0xff}, 1, nil)
		for _, x := range tr.X {
			q := pick(x)
			px, py := b.project(q)
			pa.x, pa.y = append(pa.x, px), append(pa.y, py)
			q[2] = b.lo[2]
			px, py = b.project(q)
			sh.x, sh.y = append(sh.x, px), append(sh.y, py)
		}
		shadows, paths = append(shadows, sh), append(paths, pa)
		if len(trs) > 1 {
			p.key = append(p.key, keyEntry{name: "f(" + tr.Name + ")", line: pa.style})
		}
	}
	for _, sh := range shadows {
		p.plot.Add(&sh.line)
	}
	var marks []*mark
	for _, c := range task.Centroids() {
		q := pick(c.X)
		mk := &mark{label: c.Label, probe: c.Role == sim.Probe, color: ink, panel: p}
		mk.x, mk.y = b.project(q)
		for i, tr := range trs {
			if tr.Name == c.Label {
				mk.color = paletteColor(i)
			}
		}
		q[2] = b.lo[2]
		fx, fy := b.project(q)
		p.plot.Add(&line{x: []float64{mk.x, fx}, y: []float64{mk.y, fy}, style: stroke(pale, .7, dotted)})
		marks = append(marks, mk)
	}
	for _, pa := range paths {
		p.plot.Add(pa)
		p.lines = append(p.lines, &pa.line)
		p.paths = append(p.paths, pa)
	}
	for _, mk := range marks {
		p.plot.Add(mk)
	}
	p.note = fmt.Sprintf("marks every %g steps", every)
	if continuous(trs) {
		p.note = fmt.Sprintf("marks at intervals of t = %g", every)
	}
	x0, x1, y0, y1 := b.extent()
	w, h := x1-x0, y1-y0
	// Room for numbers and names, which are as large whatever the shape of the box.
	room := math.Max(w, h)
	p.plot.X.Min, p.plot.X.Max = x0-.2*room, x1+.14*room
	p.plot.Y.Min, p.plot.Y.Max = y0-.15*room, y1+.06*room
	w, h = p.plot.X.Max-p.plot.X.Min, p.plot.Y.Max-p.plot.Y.Min
	p.spec = func() map[string]any { return spaceSpec(p, b, trs, pick, paths, marks) }
	const height, header = 3.9 * vg.Inch, .45 * vg.Inch
	return newFigure(p, min(max(vg.Length(w/h)*(height-header), 2.2*vg.Inch), 5*vg.Inch), height)
}

type point3 [3]float64

// box3 is the box around data in three dimensions, seen in parallel projection.
type box3 struct {
	lo, hi             point3
	size               point3 // of the box as drawn: units are alike unless an axis would vanish
	right, up, towards point3 // of the picture, unit vectors in the box's space
	labels             [3]string
	ticks              [3][]plot.Tick
}

func newBox3(v View, pts []point3) *box3 {
	b := &box3{}
	longest := 0.
	for i := range 3 {
		var xs []float64
		for _, p := range pts {
			xs = append(xs, p[i])
		}
		lo, hi := bounds(xs)
		if !(hi > lo) || math.IsInf(hi-lo, 0) {
			lo, hi = lo-.5, lo+.5
		}
		room := .04 * (hi - lo)
		b.lo[i], b.hi[i] = lo-room, hi+room
		longest = math.Max(longest, b.hi[i]-b.lo[i])
	}
	for i := range 3 {
		b.size[i] = math.Max((b.hi[i]-b.lo[i])/longest, .4)
		b.ticks[i] = linearTicks{4}.Ticks(b.lo[i], b.hi[i])
	}
	sa, ca := math.Sincos(v.Azimuth * math.Pi / 180)
	se, ce := math.Sincos(v.Elevation * math.Pi / 180)
	b.right = point3{-sa, ca, 0}
	b.up = point3{-se * ca, -se * sa, ce}
	b.towards = point3{ce * ca, ce * sa, se}
	return b
}

// inBox maps the box to −size/2 … size/2.
func (b *box3) inBox(p point3) (q point3) {
	for i := range 3 {
		q[i] = ((p[i]-b.lo[i])/(b.hi[i]-b.lo[i]) - .5) * b.size[i]
	}
	return q
}

func dot3(a, b point3) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func (b *box3) project(p point3) (x, y float64) {
	q := b.inBox(p)
	return dot3(q, b.right), dot3(q, b.up)
}

// corner returns a corner of the box by which ends of the axes it is at.
func (b *box3) corner(n int) (p point3) {
	for i := range 3 {
		p[i] = b.lo[i]
		if n>>i&1 == 1 {
			p[i] = b.hi[i]
		}
	}
	return p
}

func (b *box3) extent() (x0, x1, y0, y1 float64) {
	var xs, ys []float64
	for n := range 8 {
		x, y := b.project(b.corner(n))
		xs, ys = append(xs, x), append(ys, y)
	}
	x0, x1 = bounds(xs)
	y0, y1 = bounds(ys)
	return x0, x1, y0, y1
}

// Plot draws floor, back walls, and the axes along the edges that the data do not hide.
func (b *box3) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(q point3) vg.Point {
		x, y := b.project(q)
		return vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))}
	}
	// Of the two walls across an axis the one away from the eye is drawn.
	grid := stroke(color.RGBA{0xE3, 0xE3, 0xE3, 0xff}, .6, nil)
	var far, near point3
	for i := range 3 {
		far[i], near[i] = b.lo[i], b.hi[i]
		if b.towards[i] < 0 {
			far[i], near[i] = near[i], far[i]
		}
	}
	// Without a view from below the floor is at the bottom.
	for i := range 3 {
		for j := range 3 {
			if i == j {
				continue
			}
			// The wall across axis i, with lines across axis j.
			k := 3 - i - j
			for _, t := range b.ticks[j] {
				a := far
				a[j] = t.Value
				e := a
				a[k], e[k] = b.lo[k], b.hi[k]
				pa, pe := at(a), at(e)
				c.StrokeLine2(grid, pa.X, pa.Y, pe.X, pe.Y)
			}
		}
	}
	edge := stroke(ink, thinLine, nil)
	thin := stroke(color.RGBA{0xB5, 0xB5, 0xB5, 0xff}, thinLine, nil)
	for i := range 3 { // the three edges that meet at the far corner
		a, e := far, far
		e[i] = near[i]
		pa, pe := at(a), at(e)
		c.StrokeLine2(thin, pa.X, pa.Y, pe.X, pe.Y)
	}
	middle := at(point3{(b.lo[0] + b.hi[0]) / 2, (b.lo[1] + b.hi[1]) / 2, (b.lo[2] + b.hi[2]) / 2})
	for i := range 3 {
		a := b.axisEdge(i, far, near, at)
		e := a
		a[i], e[i] = b.lo[i], b.hi[i]
		pa, pe := at(a), at(e)
		c.StrokeLine2(edge, pa.X, pa.Y, pe.X, pe.Y)
		along := pe.Sub(pa)
		if length(along) < 12 {
			continue // seen end on: no room for numbers
		}
		// Outward is across the axis and away from the middle of the box.
		out := vg.Point{X: -along.Y, Y: along.X}.Scale(1 / length(along))
		mid := pa.Add(pe).Scale(.5)
		if mid.Sub(middle).Dot(out) < 0 {
			out = out.Scale(-1)
		}
		widest := vg.Length(0)
		for _, t := range b.ticks[i] {
			if t.Label == "" {
				continue
			}
			q := a
			q[i] = t.Value
			foot := at(q)
			tip := foot.Add(out.Scale(tickLength))
			c.StrokeLine2(edge, foot.X, foot.Y, tip.X, tip.Y)
			w, _, _ := mathText{}.Box(t.Label, sans(tickSize, false))
			widest = max(widest, w)
			pt := foot.Add(out.Scale(tickLength + 2 + w/2*vg.Length(math.Abs(float64(out.X))) + tickSize/2*vg.Length(math.Abs(float64(out.Y)))))
			drawAt(c, t.Label, words(tickSize, text.XCenter, ink), vg.Point{X: pt.X, Y: pt.Y - .36*tickSize})
		}
		reach := tickLength + 11 + widest*vg.Length(math.Abs(float64(out.X))) + tickSize*vg.Length(math.Abs(float64(out.Y)))
		pt := mid.Add(out.Scale(reach))
		drawAt(c, b.labels[i], words(labelSize+1, text.XCenter, ink), vg.Point{X: pt.X, Y: pt.Y - .36*labelSize})
	}
}

// axisEdge returns a point on the edge along axis i where its numbers stand: an edge of the outline, the
// lowest for the axes of the floor, the one furthest left for the third.
func (b *box3) axisEdge(i int, far, near point3, at func(point3) vg.Point) point3 {
	var best point3
	var least vg.Length
	found := false
	j, k := (i+1)%3, (i+2)%3
	for _, pair := range [2][2]bool{{true, false}, {false, true}} { // an outline's edge has one far wall and one near
		q := far
		q[i] = (b.lo[i] + b.hi[i]) / 2
		if pair[0] {
			q[j] = near[j]
		}
		if pair[1] {
			q[k] = near[k]
		}
		cost := at(q).Y
		if i == 2 {
			cost = at(q).X
		}
		if !found || cost < least {
			best, least, found = q, cost, true
		}
	}
	return best
}

// spaceSpec is the projection in Vega-Lite, which has no third dimension: names and coordinates are under the pointer.
func spaceSpec(p *panel, b *box3, trs []theory.Trajectory, pick func([]float64) point3, paths []*path, marks []*mark) map[string]any {
	var lines []series
	var points, frame []any
	for i, tr := range trs {
		lines = append(lines, series{name: "f(" + tr.Name + ")", x: paths[i].x, y: paths[i].y, line: paths[i].style})
	}
	for _, m := range marks {
		points = append(points, map[string]any{"label": m.label, "x": m.x, "y": m.y, "role": m.role()})
	}
	for n := range 8 {
		for i := range 3 {
			if n>>i&1 == 0 {
				x, y := b.project(b.corner(n))
				x2, y2 := b.project(b.corner(n | 1<<i))
				frame = append(frame, map[string]any{"x": x, "y": y, "x2": x2, "y2": y2})
			}
		}
	}
	hidden := func(a *plot.Axis) map[string]any {
		return map[string]any{"axis": nil, "scale": map[string]any{"domain": []any{a.Min, a.Max}, "nice": false}}
	}
	layer := lineLayer(lines, "x", "y", hidden(&p.plot.X), hidden(&p.plot.Y), zoom)
	// The plane's coordinates say nothing.
	layer["layer"].([]any)[1].(map[string]any)["encoding"].(map[string]any)["tooltip"] = []any{tip("name", "output")}
	// Axes must be hidden in every layer alike.
	x, y := quantitative("x"), quantitative("y")
	x["axis"], y["axis"] = nil, nil
	var times []any
	for i, tr := range trs {
		next := 0.0
		for n, t := range tr.T {
			if t >= next {
				next += paths[i].every
				q := pick(tr.X[n])
				times = append(times, map[string]any{"name": lines[i].name, "t": t, "x": number(paths[i].x[n]), "y": number(paths[i].y[n]),
					"a": number(q[0]), "b": number(q[1]), "c": number(q[2])})
			}
		}
	}
	centroids := markLayer(points, x, y)
	centroids["layer"].([]any)[0].(map[string]any)["encoding"].(map[string]any)["tooltip"] = []any{tip("label", "centroid")}
	const side = 380
	w, h := p.plot.X.Max-p.plot.X.Min, p.plot.Y.Max-p.plot.Y.Min
	return map[string]any{"layer": []any{
		map[string]any{"data": map[string]any{"values": frame}, "mark": map[string]any{"type": "rule", "color": "#c4c4c4", "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "x2": map[string]any{"field": "x2"}, "y2": map[string]any{"field": "y2"}}},
		layer,
		map[string]any{"data": map[string]any{"values": times}, "mark": map[string]any{"type": "point", "filled": true, "size": 25, "opacity": 1, "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "color": layer["encoding"].(map[string]any)["color"],
				"tooltip": []any{tip("name", "output"), tip("t", "step"), tip("a", b.labels[0]), tip("b", b.labels[1]), tip("c", b.labels[2])}}},
		centroids,
	}, "width": side, "height": math.Round(side * h / w)}
}
