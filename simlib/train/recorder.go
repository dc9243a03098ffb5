package train

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/layers"
	"swingby/simlib/sim"
)

// recorder makes a Run from a network as it is trained.
type recorder[T kernel.Float] struct {
	run     *Run
	record  Record
	view    *view
	net     *layers.Net[T]
	probes  *layers.Batch[T]
	all     *layers.Judge[T]
	weight  float64
	heldOut *layers.Judge[T]
	share   float64 // the weight of held-out samples
}

func newRecorder[T kernel.Float](v *view, net *layers.Net[T], r Record, data *layers.Samples, loss Loss) *recorder[T] {
	n := v.net
	c := &recorder[T]{run: &Run{net: n, outputs: make([][][]float64, len(r.Probes))}, record: r, view: v, net: net}
	if len(r.Probes) > 0 {
		points := mat.NewDense(len(r.Probes), n.D, nil)
		for i, p := range r.Probes {
			c.run.probes = append(c.run.probes, sim.Centroid{Label: p.Label, X: slices.Clone(p.X), Role: p.Role, Weight: p.Weight})
			points.SetRow(i, p.X)
		}
		c.probes = net.Batch(v.samples(points, nil), nil, false)
	}
	if r.Loss {
		c.weight = loss.weight(data.N, n.D)
		c.all = net.Judge(data)
	}
	if r.HeldOut != nil {
		s := v.samples(r.HeldOut, nil)
		c.share = loss.weight(s.N, n.D)
		c.heldOut = net.Judge(s)
	}
	return c
}

func (c *recorder[T]) weights() *Weights {
	return c.view.whole(unload(c.view.shape(), c.view.net.Tied, c.net.LD, c.net.W, c.net.B))
}

func (c *recorder[T]) keep(time float64) {
	r := c.run
	r.times = append(r.times, time)
	if c.probes != nil {
		c.net.Forward(c.probes)
		d := r.net.D
		for i := range r.probes {
			y := make([]float64, d)
			c.net.Output(c.probes, i, y)
			if c.view.u != nil {
				v := mat.NewVecDense(d, nil)
				v.MulVec(c.view.u, mat.NewVecDense(d, y))
				y = v.RawVector().Data
			}
			r.outputs[i] = append(r.outputs[i], y)
		}
	}
	if c.all != nil {
		r.loss = append(r.loss, c.all.Loss()*c.weight)
	}
	if c.heldOut != nil {
		r.heldOut = append(r.heldOut, c.heldOut.Loss()*c.share)
	}
	if !c.record.Jacobian && !c.record.Weights && c.record.Measure == nil {
		return
	}
	w := c.weights()
	if c.record.Jacobian {
		x := make([]float64, r.net.D)
		if len(r.probes) > 0 {
			x = turned(mat.NewDense(1, r.net.D, r.probes[0].X), c.view.u)
		}
		j := r.net.jacobian(w, x)
		if u := c.view.u; u != nil {
			j.Product(u, j, u.T())
		}
		r.jacobians = append(r.jacobians, j)
	}
	if c.record.Measure != nil {
		// A flow counts its records.
		number := len(r.times) - 1
		if r.perEpoch > 0 {
			number = int(time)
		}
		r.measures = append(r.measures, c.record.Measure(number, w))
	}
	if c.record.Weights {
		r.weights = append(r.weights, w)
	}
}

func (c *recorder[T]) finish() *Run {
	c.run.final = c.weights()
	return c.run
}
