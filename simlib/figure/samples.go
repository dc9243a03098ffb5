package figure

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// Samples draws the training samples of a task in the plane of the coordinates k and l, counted from 1, each in the colour
// of its cluster, with the centroids: squares for those trained on, rings for probes. A nil data draws the centroids alone;
// trajectories are drawn over the samples as by [Plane]. Of more than 1000 samples the first 1000 are drawn.
func Samples(k, l int, task *sim.Task, data *sim.Data, trs ...theory.Trajectory) *Figure {
	switch {
	case task == nil:
		return failed(errors.New("figure: the task of Samples is nil; want one from sim.NewTask"))
	case k < 1 || l < 1 || k > task.D() || l > task.D() || k == l:
		return failed(fmt.Errorf("figure: the plane is (%d, %d); want two different axes from 1 to d = %d", k, l, task.D()))
	}
	var dots cloud
	if data != nil {
		n, d := data.X.Dims()
		if d != task.D() || len(data.Cluster) != n {
			return failed(fmt.Errorf("figure: the data have %d coordinates and %d clusters for %d samples; want those of the task's Sample, with d = %d", d, len(data.Cluster), n, task.D()))
		}
		centroids := len(task.Centroids())
		for i, c := range data.Cluster[:min(n, mostDots)] {
			if c < 0 || c >= centroids {
				return failed(fmt.Errorf("figure: sample %d is of cluster %d; want 0 to %d, a centroid of the task", i, c, centroids-1))
			}
			dots = append(dots, dot{data.X.At(i, k-1), data.X.At(i, l-1), c})
		}
	}
	return plane("x", k, l, task, dots, trs)
}

// mostDots is the number of samples drawn, which keeps a figure small enough for a page.
const mostDots = 1000

// dot is a sample and the index of its cluster's centroid; cloud draws many.
type dot struct {
	x, y    float64
	cluster int
}

type cloud []dot

// dotColor is the colour of a cluster's samples: those that Palette has after its first, pale enough to draw lines on.
func dotColor(cluster int) color.RGBA {
	c := paletteColor(cluster + 1)
	pale := func(v uint8) uint8 { return uint8(255 - (255-int(v))*6/10) }
	return color.RGBA{pale(c.R), pale(c.G), pale(c.B), 0xff}
}

// Plot draws the samples in their order, which mixes the clusters, so that none hides another.
func (cl cloud) Plot(c draw.Canvas, p *plot.Plot) {
	for _, s := range cl {
		at := vg.Point{X: c.X(p.X.Norm(s.x)), Y: c.Y(p.Y.Norm(s.y))}
		if !c.Contains(at) {
			continue
		}
		c.SetColor(dotColor(s.cluster))
		c.Fill(vg.Rectangle{Min: at.Sub(vg.Point{X: .8, Y: .8}), Max: at.Add(vg.Point{X: .8, Y: .8})}.Path())
	}
}

// spec is the samples as a layer in Vega-Lite.
func (cl cloud) spec(task *sim.Task, x, y map[string]any) map[string]any {
	centroids := task.Centroids()
	var samples, labels, colors []any
	seen := make([]bool, len(centroids))
	for _, s := range cl {
		samples = append(samples, map[string]any{"cluster": centroids[s.cluster].Label, "x": s.x, "y": s.y})
		seen[s.cluster] = true
	}
	for i, c := range centroids {
		if seen[i] {
			labels, colors = append(labels, c.Label), append(colors, hex(dotColor(i)))
		}
	}
	return map[string]any{
		"data": map[string]any{"values": samples},
		"mark": map[string]any{"type": "point", "filled": true, "size": 8, "clip": true},
		"encoding": map[string]any{"x": x, "y": y, "tooltip": []any{map[string]any{"field": "cluster"}, tip("x", x["field"].(string)), tip("y", y["field"].(string))},
			"fill": map[string]any{"field": "cluster", "type": "nominal", "legend": map[string]any{"title": "samples"}, "scale": map[string]any{"domain": labels, "range": colors}}},
	}
}
