package figure

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/sim"
)

// Samples draws the training samples of a task in the plane of the coordinates k and l, counted from 1, each in the colour
// of its cluster, with the centroids: squares for those trained on, rings for probes. A nil data draws the centroids alone.
func Samples(k, l int, task *sim.Task, data *sim.Data) *Figure {
	switch {
	case task == nil:
		return failed(errors.New("figure: the task of Samples is nil; want one from sim.NewTask"))
	case k < 1 || l < 1 || k > task.D() || l > task.D() || k == l:
		return failed(fmt.Errorf("figure: the plane is (%d, %d); want two different axes from 1 to d = %d", k, l, task.D()))
	}
	centroids := task.Centroids()
	p := newPanel("x"+sim.Subscript(k)+" (concept "+fmt.Sprint(k)+")", "x"+sim.Subscript(l)+" (concept "+fmt.Sprint(l)+")")
	xs, ys := []float64{0}, []float64{0}
	var dots cloud
	if data != nil {
		n, d := data.X.Dims()
		if d != task.D() || len(data.Cluster) != n {
			return failed(fmt.Errorf("figure: the data have %d coordinates and %d clusters for %d samples; want those of the task's Sample, with d = %d", d, len(data.Cluster), n, task.D()))
		}
		for i, c := range data.Cluster {
			x, y := data.X.At(i, k-1), data.X.At(i, l-1)
			xs, ys = append(xs, x), append(ys, y)
			dots = append(dots, dot{x, y, c})
		}
	}
	p.plot.Add(dots)
	for _, c := range centroids {
		m := &mark{x: c.X[k-1], y: c.X[l-1], label: c.Label, probe: c.Role == sim.Probe, color: ink, panel: p}
		xs, ys = append(xs, m.x), append(ys, m.y)
		p.plot.Add(m)
	}
	planeFrame(p, xs, ys)
	p.spec = func() map[string]any { return samplesSpec(p, dots, centroids, k, l) }
	return newFigure(p, planeWidth(p), defaultHeight)
}

// dot is a sample and its cluster; cloud draws many.
type dot struct {
	x, y    float64
	cluster int
}

type cloud []dot

// Plot draws the samples, of all clusters in their order, so that none hides another.
func (cl cloud) Plot(c draw.Canvas, p *plot.Plot) {
	for _, s := range cl {
		at := vg.Point{X: c.X(p.X.Norm(s.x)), Y: c.Y(p.Y.Norm(s.y))}
		if !c.Contains(at) {
			continue
		}
		c.SetColor(paletteColor(s.cluster))
		c.Fill(circle(at, 1))
	}
}

// samplesSpec is the plane of samples in Vega-Lite.
func samplesSpec(p *panel, dots cloud, centroids []sim.Centroid, k, l int) map[string]any {
	var samples, points []any
	for _, s := range dots {
		samples = append(samples, map[string]any{"cluster": centroids[s.cluster].Label, "x": s.x, "y": s.y})
	}
	var labels, colors []any
	for i, c := range centroids {
		points = append(points, map[string]any{"label": c.Label, "x": c.X[k-1], "y": c.X[l-1], "role": c.Role.String()})
		labels, colors = append(labels, c.Label), append(colors, hex(paletteColor(i)))
	}
	field := func(name string, a *plot.Axis) map[string]any {
		return map[string]any{"field": name, "type": "quantitative", "title": a.Label.Text,
			"scale": map[string]any{"domain": []any{a.Min, a.Max}, "nice": false}}
	}
	x, y := field("x", &p.plot.X), field("y", &p.plot.Y)
	tip := []any{map[string]any{"field": "x"}, map[string]any{"field": "y"}}
	return map[string]any{"params": zoom(), "layer": []any{
		map[string]any{
			"data": map[string]any{"values": samples},
			"mark": map[string]any{"type": "point", "filled": true, "size": 8, "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "tooltip": append([]any{map[string]any{"field": "cluster"}}, tip...),
				"color": map[string]any{"field": "cluster", "type": "nominal", "scale": map[string]any{"domain": labels, "range": colors}}},
		},
		map[string]any{
			"data": map[string]any{"values": points},
			"mark": map[string]any{"type": "point", "size": 90, "color": hex(ink), "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "tooltip": append([]any{map[string]any{"field": "label"}}, tip...),
				"shape": map[string]any{"field": "role", "type": "nominal", "scale": map[string]any{"domain": []any{"train", "probe"}, "range": []any{"square", "circle"}}, "legend": nil}},
		},
	}}
}
