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

// Trajectory draws the output at the target x̂ over a run, in the plane of the first two concepts:
// as in the paper's Figure 5. Squares are the training centroids, a ring is the target,
// and arrowheads, or dots where
// arrowheads would touch, are marks of equal time.
func Trajectory(run *theory.Run) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of Trajectory is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	tr := run.TestOutput()
	if len(tr.T) == 0 {
		return failed(errors.New("figure: the run's task has no target; want a task with a probe"))
	}
	return Plane(1, 2, run.Task(), tr)
}

// AllTrajectories draws what Trajectory draws, and the outputs at the training
// centroids as well: the paper's Figure 18.
func AllTrajectories(run *theory.Run) *Figure {
	if run == nil {
		return failed(errors.New("figure: the run of AllTrajectories is nil; want one from theory.Symmetric or theory.OneLayer"))
	}
	trs := run.TrainOutputs()
	if tr := run.TestOutput(); len(tr.T) > 0 {
		trs = append([]theory.Trajectory{tr}, trs...)
	}
	return Plane(1, 2, run.Task(), trs...)
}

// Plane draws trajectories projected onto the coordinates k and l, counted from
// 1, with the task's centroids. A task of one dimension has no plane. The legend has f(x̂) for a
// trajectory named like the centroid x̂, and any other name as it is, which tells runs apart.
func Plane(k, l int, task *sim.Task, trs ...theory.Trajectory) *Figure {
	switch {
	case task == nil:
		return failed(errors.New("figure: the task of Plane is nil; want one from sim.NewTask"))
	case k < 1 || l < 1 || k > task.D() || l > task.D() || k == l:
		return failed(fmt.Errorf("figure: the plane is (%d, %d); want two different axes from 1 to d = %d", k, l, task.D()))
	case len(trs) == 0:
		return failed(errors.New("figure: no trajectories; want at least one"))
	}
	return plane("f", k, l, task, nil, trs)
}

// axisName labels an axis of a task, with the concept that lies along it if one does.
func axisName(name string, k int, task *sim.Task) string {
	name += sim.Subscript(k)
	if k > task.S() {
		return name
	}
	alone := make([]int, task.S())
	alone[k-1] = 1
	x, err := task.Composition(alone...)
	for i := range x {
		if (x[i] != 0) != (i == k-1) {
			return name
		}
	}
	if err != nil {
		return name
	}
	return fmt.Sprintf("%s (concept %d)", name, k)
}

// plane draws samples, trajectories over them, and the centroids.
func plane(name string, k, l int, task *sim.Task, dots cloud, trs []theory.Trajectory) *Figure {
	p := newPanel(axisName(name, k, task), axisName(name, l, task))
	xs, ys := []float64{0}, []float64{0}
	for _, s := range dots {
		xs, ys = append(xs, s.x), append(ys, s.y)
	}
	p.plot.Add(dots)
	var paths []*path
	end := 0.0
	for i, tr := range trs {
		if len(tr.T) == 0 || len(tr.T) != len(tr.X) {
			return failed(fmt.Errorf("figure: trajectory %q has %d times and %d points; want the same number, at least 1", tr.Name, len(tr.T), len(tr.X)))
		}
		pa := &path{color: paletteColor(i), t: tr.T}
		pa.style = stroke(pa.color, lineWidth, nil)
		for _, x := range tr.X {
			if len(x) != task.D() {
				return failed(fmt.Errorf("figure: a point of trajectory %q has %d coordinates; want d = %d", tr.Name, len(x), task.D()))
			}
			pa.x, pa.y = append(pa.x, x[k-1]), append(pa.y, x[l-1])
		}
		end = math.Max(end, tr.T[len(tr.T)-1])
		xs, ys = append(xs, pa.x...), append(ys, pa.y...)
		paths = append(paths, pa)
		if len(trs) > 1 {
			p.key = append(p.key, keyEntry{name: outputName(task, tr), line: pa.style})
		}
	}
	every := 0.0
	if len(trs) > 0 {
		every = niceStep(end / 25)
		p.note = fmt.Sprintf("marks every %g steps", every)
		if continuous(trs) {
			p.note = fmt.Sprintf("marks at intervals of t = %g", every)
		}
	}
	for _, pa := range paths {
		pa.every = every
		p.plot.Add(pa)
		p.lines = append(p.lines, &pa.line)
		p.paths = append(p.paths, pa)
	}
	for _, c := range task.Centroids() {
		if len(c.X) != task.D() {
			continue
		}
		m := &mark{x: c.X[k-1], y: c.X[l-1], label: c.Label, probe: c.Role == sim.Probe, color: ink, panel: p, rim: dots != nil}
		for i, tr := range trs {
			if tr.Name == c.Label {
				m.color = paletteColor(i)
			}
		}
		xs, ys = append(xs, m.x), append(ys, m.y)
		p.plot.Add(m)
	}
	p.spec = func() map[string]any { return planeSpec(p, dots, trs, paths, task, k, l) }
	planeFrame(p, xs, ys)
	return newFigure(p, planeWidth(p), defaultHeight)
}

// continuous reports whether times are those of a flow instead of numbers of updates.
func continuous(trs []theory.Trajectory) bool {
	for _, tr := range trs {
		for _, t := range tr.T {
			if t != math.Round(t) {
				return true
			}
		}
	}
	return false
}

// planeFrame makes the axes of a plane fit points, with the same marks on both.
func planeFrame(p *panel, xs, ys []float64) {
	frame := func(a *plot.Axis, v []float64) {
		lo, hi := bounds(v)
		room := .07 * math.Max(hi-lo, 1e-9)
		a.Min, a.Max = lo-room, hi+room*1.6
	}
	frame(&p.plot.X, xs)
	frame(&p.plot.Y, ys)
	p.equal = true
	w, h := p.plot.X.Max-p.plot.X.Min, p.plot.Y.Max-p.plot.Y.Min
	ticks := stepTicks(niceStep(math.Max(w, h) / 5))
	p.plot.X.Tick.Marker, p.plot.Y.Tick.Marker = ticks, ticks
}

// planeWidth is the width of a figure that has the shape of its data.
func planeWidth(p *panel) vg.Length {
	w, h := p.plot.X.Max-p.plot.X.Min, p.plot.Y.Max-p.plot.Y.Min
	const margins, least, most = .6 * vg.Inch, 2 * vg.Inch, 4.2 * vg.Inch
	return min(max(margins+vg.Length(w/h)*(defaultHeight-margins), least), most)
}

// outputName is a trajectory's name in the legend. One at a centroid of the task is the output there; any other name stands
// as it is, as of one run among several.
func outputName(task *sim.Task, tr theory.Trajectory) string {
	for _, c := range task.Centroids() {
		if c.Label == tr.Name {
			return "f(" + tr.Name + ")"
		}
	}
	return tr.Name
}

// path is a trajectory in the plane.
type path struct {
	line
	t     []float64
	every float64 // time between marks
	color color.Color
}

// Plot draws the line, a dot at its start and marks along it.
func (pa *path) Plot(c draw.Canvas, p *plot.Plot) {
	pa.line.Plot(c, p)
	at := func(i int) vg.Point {
		return vg.Point{X: c.X(p.X.Norm(pa.x[i])), Y: c.Y(p.Y.Norm(pa.y[i]))}
	}
	const apart = 11   // the least distance between arrows, in points; nearer marks become dots
	const touching = 4 // the least distance between dots
	const look = 4     // how far back along the path an arrow takes its direction from
	var last, dot vg.Point
	if len(pa.x) > 0 && finite(pa.x[0]) && finite(pa.y[0]) {
		last = at(0)
		c.SetColor(pa.color)
		c.Fill(circle(last, 2.2))
		dot = last
	}
	for next, i := pa.every, 1; i < len(pa.t); i++ {
		if pa.t[i] < next {
			continue
		}
		next += pa.every
		if !finite(pa.x[i]) || !finite(pa.y[i]) {
			continue
		}
		tip := at(i)
		if !c.Contains(tip) || length(tip.Sub(dot)) < touching {
			continue
		}
		dot = tip
		if length(tip.Sub(last)) < apart {
			c.SetColor(color.White)
			c.Fill(circle(tip, 1.4))
			c.SetLineStyle(stroke(pa.color, .7, nil))
			c.Stroke(circle(tip, 1.4))
			continue
		}
		tail := tip
		for j := i - 1; j >= 0 && finite(pa.x[j]) && finite(pa.y[j]) && length(tip.Sub(tail)) < look; j-- {
			tail = at(j)
		}
		arrowhead(c, tail, tip, pa.color)
		last = tip
	}
}

func length(p vg.Point) vg.Length { return vg.Length(math.Hypot(float64(p.X), float64(p.Y))) }

// arrowhead fills a swept triangle with its tip a little beyond tip, seen from tail.
func arrowhead(c draw.Canvas, tail, tip vg.Point, col color.Color) {
	d := tip.Sub(tail)
	l := length(d)
	if l == 0 {
		return
	}
	u := d.Scale(1 / l)
	v := vg.Point{X: -u.Y, Y: u.X}
	var p vg.Path
	p.Move(tip.Add(u.Scale(2.6)))
	p.Line(tip.Add(u.Scale(-3)).Add(v.Scale(2.7)))
	p.Line(tip.Add(u.Scale(-1.6)))
	p.Line(tip.Add(u.Scale(-3)).Add(v.Scale(-2.7)))
	p.Close()
	c.SetColor(col)
	c.Fill(p)
}

// mark is a centroid with its label.
type mark struct {
	x, y  float64
	label string
	probe bool
	color color.Color
	panel *panel
	rim   bool // whether the name has a white rim, to be read among samples
}

// role is whether it was trained on.
func (m *mark) role() string {
	if m.probe {
		return sim.Probe.String()
	}
	return sim.Train.String()
}

// Plot draws a square for a training centroid and a ring for a probe.
func (m *mark) Plot(c draw.Canvas, p *plot.Plot) {
	at := vg.Point{X: c.X(p.X.Norm(m.x)), Y: c.Y(p.Y.Norm(m.y))}
	if !c.Contains(at) {
		return
	}
	if m.probe {
		c.SetLineStyle(stroke(m.color, 1.4, nil))
		c.Stroke(circle(at, 4.5))
	} else {
		c.SetColor(m.color)
		c.Fill(vg.Rectangle{Min: at.Sub(vg.Point{X: 3, Y: 3}), Max: at.Add(vg.Point{X: 3, Y: 3})}.Path())
	}
	sty := words(labelSize+1, text.XLeft, ink)
	box := place(c.Rectangle, at, m.label, sty, m.panel.obstacles(c, nil), 6, []direction{
		{1, 1}, {0, 1}, {1, -1}, {0, -1}, {1, 0}, {-1, 1}, {-1, 0}, {-1, -1}})
	if m.rim {
		white := sty
		white.Color = color.White
		for k := range 8 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 4)
			drawAt(c, m.label, white, box.Min.Add(vg.Point{X: vg.Length(cos), Y: vg.Length(sin)}))
		}
	}
	drawAt(c, m.label, sty, box.Min)
}

// planeSpec is the plane in Vega-Lite: paths, marks of equal time and centroids.
func planeSpec(p *panel, dots cloud, trs []theory.Trajectory, paths []*path, task *sim.Task, k, l int) map[string]any {
	var lines []series
	var marks, points []any
	for i, tr := range trs {
		name := outputName(task, tr)
		lines = append(lines, series{name: name, x: paths[i].x, y: paths[i].y, line: paths[i].style})
		next := 0.0
		for n, t := range paths[i].t {
			if t >= next {
				next += paths[i].every
				marks = append(marks, map[string]any{"name": name, "t": t, "x": number(paths[i].x[n]), "y": number(paths[i].y[n])})
			}
		}
	}
	for _, c := range task.Centroids() {
		points = append(points, map[string]any{"label": c.Label, "x": c.X[k-1], "y": c.X[l-1], "role": c.Role.String()})
	}
	axis := func(a *plot.Axis) map[string]any {
		return map[string]any{"scale": map[string]any{"domain": []any{a.Min, a.Max}, "nice": false}}
	}
	xl, yl := p.plot.X.Label.Text, p.plot.Y.Label.Text
	path := lineLayer(lines, xl, yl, axis(&p.plot.X), axis(&p.plot.Y), zoom)
	x, y := quantitative("x"), quantitative("y")
	layers := []any{path}
	if len(dots) > 0 {
		layers = append(layers, dots.spec(task, x, y))
	}
	layers = append(layers,
		map[string]any{
			"data": map[string]any{"values": marks},
			"mark": map[string]any{"type": "point", "filled": true, "size": 25, "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "color": path["encoding"].(map[string]any)["color"], "tooltip": []any{
				tip("name", "output"), tip("t", "step"), tip("x", xl), tip("y", yl)}},
		},
		markLayer(points, x, y),
	)
	const side = 340
	w, h := p.plot.X.Max-p.plot.X.Min, p.plot.Y.Max-p.plot.Y.Min
	s := map[string]any{"layer": layers, "width": math.Round(side * math.Sqrt(w/h)), "height": math.Round(side * math.Sqrt(h/w))}
	return s
}
