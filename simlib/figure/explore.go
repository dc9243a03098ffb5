package figure

import (
	"errors"
	"fmt"
	"math"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// Most steps and dimensions that [Explore] puts into its data.
const (
	exploreSteps = 150
	exploreDim   = 12
)

// Explore is a run to look through with a slider for the step, in Vega-Lite: the outputs on their way through the
// plane of the first two concepts, W as a heat map and the losses, up to the step chosen; [Learning] to take in hand. The values
// are under the pointer. It shows up to 150 steps, closer together in the beginning; W is left out in more than
// 12 dimensions. Clients that do not know Vega-Lite show the end.
func Explore(run *theory.Run) *Vega {
	if run == nil {
		return &Vega{err: errors.New("figure: the run of Explore is nil; want one from theory.Symmetric or theory.OneLayer")}
	}
	d := run.Task().D()
	if d < 2 {
		return &Vega{err: fmt.Errorf("figure: the run of Explore has d = %d; want at least 2 for a plane of outputs", d)}
	}
	plane, losses := AllTrajectories(run), []theory.Curve{run.TrainLoss()}
	if l := run.TestLoss(); len(l.Y) > 0 {
		losses = append(losses, l)
	}
	curves := Losses(losses...)
	v := &Vega{fig: Row(plane, curves)}
	if v.err = v.fig.err; v.err != nil {
		return v
	}
	times := run.Times()
	frames := frameRecords(len(times), exploreSteps)

	at := func(p map[string]any, n int, k int) map[string]any {
		p["n"], p["step"] = n, times[k]
		return p
	}
	upTo, now := map[string]any{"filter": "datum.n <= frame"}, map[string]any{"filter": "datum.n == frame"}
	mark := func(kind string, more map[string]any) map[string]any {
		more["type"], more["clip"] = kind, true
		return more
	}
	layer := func(values []any, filter map[string]any, mark, enc map[string]any) map[string]any {
		l := map[string]any{"data": map[string]any{"values": values}, "mark": mark, "encoding": enc}
		if filter != nil {
			l["transform"] = []any{filter}
		}
		return l
	}

	// Outputs.
	trs := run.TrainOutputs()
	if tr := run.TestOutput(); len(tr.T) > 0 {
		trs = append([]theory.Trajectory{tr}, trs...)
	}
	p := plane.panels[0]
	var outputs, centroids []any
	var lines []series
	for i, tr := range trs {
		name := "f(" + tr.Name + ")"
		lines = append(lines, series{name: name, line: p.paths[i].style})
		for n, k := range frames {
			outputs = append(outputs, at(map[string]any{"name": name, "x": number(tr.X[k][0]), "y": number(tr.X[k][1])}, n, k))
		}
	}
	for _, c := range run.Task().Centroids() {
		centroids = append(centroids, map[string]any{"label": c.Label, "x": c.X[0], "y": c.X[1], "role": c.Role.String()})
	}
	color, _ := styleEncoding(lines)
	axis := func(title string, lo, hi float64) map[string]any {
		return map[string]any{"type": "quantitative", "title": title, "scale": map[string]any{"domain": []any{lo, hi}, "nice": false}}
	}
	field := func(a map[string]any, name string) map[string]any { a["field"] = name; return a }
	px, py := p.plot.X, p.plot.Y
	x, y := field(axis(px.Label.Text, px.Min, px.Max), "x"), field(axis(py.Label.Text, py.Min, py.Max), "y")
	tip := []any{map[string]any{"field": "name", "title": "output"}, map[string]any{"field": "step"},
		map[string]any{"field": "x", "title": px.Label.Text, "format": ".4~g"}, map[string]any{"field": "y", "title": py.Label.Text, "format": ".4~g"}}
	order := map[string]any{"field": "n"}
	const side = 300
	outputPart := map[string]any{"width": math.Round(side * math.Sqrt((px.Max-px.Min)/(py.Max-py.Min))), "height": math.Round(side * math.Sqrt((py.Max-py.Min)/(px.Max-px.Min))),
		"layer": []any{
			layer(outputs, nil, mark("line", map[string]any{"opacity": .25}), map[string]any{"x": x, "y": y, "color": color, "order": order}),
			layer(outputs, upTo, mark("line", map[string]any{"strokeWidth": 2.5}), map[string]any{"x": x, "y": y, "color": color, "order": order}),
			layer(outputs, now, mark("point", map[string]any{"filled": true, "size": 90, "opacity": 1}), map[string]any{"x": x, "y": y, "color": color, "tooltip": tip}),
			layer(centroids, nil, mark("point", map[string]any{"size": 90, "color": hex(ink)}), map[string]any{"x": x, "y": y, "tooltip": []any{map[string]any{"field": "label"}},
				"shape": map[string]any{"field": "role", "type": "nominal", "scale": map[string]any{"domain": []any{sim.Train.String(), sim.Probe.String()}, "range": []any{"square", "circle"}}, "legend": nil}}),
			layer(centroids, nil, mark("text", map[string]any{"dx": 10, "dy": -10, "fontSize": 13, "color": hex(ink)}), map[string]any{"x": x, "y": y, "text": map[string]any{"field": "label"}}),
		}}
	parts := []any{outputPart}

	// W.
	if d <= exploreDim {
		top := 1e-300
		var cells []any
		for n, k := range frames {
			w, err := run.W(int(times[k]))
			if err != nil {
				return &Vega{err: fmt.Errorf("figure: %w", err)}
			}
			for i := range d {
				for j := range d {
					e := w.At(i, j)
					if finite(e) {
						top = math.Max(top, math.Abs(e))
					}
					cells = append(cells, at(map[string]any{"row": i + 1, "column": j + 1, "w": number(e)}, n, k))
				}
			}
		}
		heat := heatSpec(cells, "column", "row", "w", "W", colorScale{ramp: diverging, min: -top, max: top}, true)
		heat["transform"], heat["width"], heat["height"] = []any{now}, 200, 200
		parts = append(parts, heat)
	}

	// Losses.
	q := curves.panels[0]
	var values, steps []any
	lines = nil
	for i, c := range losses {
		lines = append(lines, series{name: c.Name, line: curveStyle(i)})
		for n, k := range frames {
			values = append(values, at(map[string]any{"name": c.Name, "y": number(c.Y[k])}, n, k))
		}
	}
	for n, k := range frames {
		steps = append(steps, at(map[string]any{"label": fmt.Sprintf("step %g", times[k])}, n, k))
	}
	color, _ = styleEncoding(lines)
	x, y = field(axis("step", q.plot.X.Min, q.plot.X.Max), "step"), field(axis("loss", q.plot.Y.Min, q.plot.Y.Max), "y")
	tip = []any{map[string]any{"field": "name", "title": "curve"}, map[string]any{"field": "step"}, map[string]any{"field": "y", "title": "loss", "format": ".4~g"}}
	parts = append(parts, map[string]any{"width": 320, "height": 260, "layer": []any{
		layer(values, nil, mark("line", map[string]any{"opacity": .25}), map[string]any{"x": x, "y": y, "color": color}),
		layer(values, upTo, mark("line", map[string]any{"strokeWidth": 2.5}), map[string]any{"x": x, "y": y, "color": color}),
		layer(steps, now, mark("rule", map[string]any{"color": "#8a8a8a", "strokeDash": []any{3, 3}}), map[string]any{"x": x}),
		layer(values, now, mark("point", map[string]any{"filled": true, "size": 90, "opacity": 1}), map[string]any{"x": x, "y": y, "color": color, "tooltip": tip}),
		layer(steps, now, mark("text", map[string]any{"align": "right", "dx": -5, "dy": 8, "fontSize": 12, "color": hex(ink)}), map[string]any{"x": map[string]any{"value": "width"}, "y": map[string]any{"value": 0}, "text": map[string]any{"field": "label"}}),
	}})

	v.spec = vegaFrame()
	v.spec["params"] = []any{map[string]any{"name": "frame", "value": len(frames) - 1,
		"bind": map[string]any{"input": "range", "min": 0, "max": len(frames) - 1, "step": 1, "name": "time "}}}
	v.spec["hconcat"] = parts
	v.spec["resolve"] = map[string]any{"scale": map[string]any{"color": "independent"}}
	return v
}

// frameRecords chooses at most so many of n records, closer together in the beginning, when more happens. The first
// and the last are among them.
func frameRecords(n, most int) []int {
	var list []int
	for i := range most {
		k := int(math.Round(math.Pow(float64(i)/float64(most-1), 1.6) * float64(n-1)))
		if len(list) == 0 || k > list[len(list)-1] {
			list = append(list, k)
		}
	}
	return list
}
