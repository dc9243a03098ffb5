package train

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/layers"
)

// A view is how a network sees its data: turned by u, and where the data leave coordinates out, without them.
//
// The published data have a few coordinates, one for each concept, of 64; the others are zero before the rotation. Descent moves
// the first layer within their span alone: ΔW = −η Σ δ xᵀ, and with x = Bᵀc, for coordinates c and orthonormal rows B, the
// matrix WBᵀ of as many columns as there are coordinates follows the same descent, and all of W from it:
// W(t) = W(0) + (W(t)Bᵀ − W(0)Bᵀ)B. Only rounding differs.
type view struct {
	net  Net
	u    *mat.Dense
	cols []int      // the coordinates in use; nil for all, seen as they are
	b    *mat.Dense // their directions in the model's space
	w0   *mat.Dense // the first layer's matrix at the beginning, and what is seen of it
	seen *mat.Dense
}

// view returns how the training's network may see its data.
func (t Training) view() *view {
	v := &view{net: t.Net, u: t.U}
	o := t.Optimizer
	// Rules that treat each parameter by itself, or all of W alike, need all of it.
	if t.EverySample || t.Net.Tied || o.Rule != RuleSGD || o.WeightDecay != 0 {
		return v
	}
	d := t.Net.D
	used := make([]bool, d)
	mark := func(rows *mat.Dense) {
		if rows == nil {
			return
		}
		n, _ := rows.Dims()
		for i := range n {
			for k, x := range rows.RawRowView(i) {
				used[k] = used[k] || x != 0
			}
		}
	}
	mark(t.X)
	mark(t.Record.HeldOut)
	for _, p := range t.Record.Probes {
		mark(mat.NewDense(1, d, p.X))
	}
	var cols []int
	for k, u := range used {
		if u {
			cols = append(cols, k)
		}
	}
	if len(cols) == 0 || 2*len(cols) > d {
		return v
	}
	b := mat.NewDense(len(cols), d, nil)
	for i, k := range cols {
		if t.U == nil {
			b.Set(i, k, 1)
		} else {
			b.SetRow(i, t.U.RawRowView(k))
		}
	}
	var e mat.Dense
	e.Mul(b, b.T())
	for i := range cols {
		for j := range cols {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(e.At(i, j)-want) > 1e-6 {
				return v
			}
		}
	}
	v.cols, v.b = cols, b
	return v
}

// config is the network's with the inputs in use.
func (v *view) config() layers.Config {
	c := v.net.config()
	if v.cols != nil {
		c.Dims[0] = len(v.cols)
	}
	return c
}

// start returns the parameters that correspond to w.
func (v *view) start(w *Weights) *Weights {
	if v.cols == nil {
		return w
	}
	s := w.Clone()
	v.w0, v.seen = w.W[0], new(mat.Dense)
	v.seen.Mul(w.W[0], v.b.T())
	s.W[0] = v.seen
	return s
}

// shape returns weights of zero, of the shapes that are seen.
func (v *view) shape() *Weights {
	w := v.net.zero()
	if v.cols != nil {
		rows, _ := w.W[0].Dims()
		w.W[0] = mat.NewDense(rows, len(v.cols), nil)
	}
	return w
}

// whole returns all the parameters for those that are seen.
func (v *view) whole(w *Weights) *Weights {
	if v.cols == nil {
		return w
	}
	var step, all mat.Dense
	step.Sub(w.W[0], v.seen)
	all.Mul(&step, v.b)
	all.Add(&all, v.w0)
	w.W[0] = &all
	return w
}

// samples returns checked inputs and targets by rows, as the model sees them. A nil y stands for x.
func (v *view) samples(x, y *mat.Dense) *layers.Samples {
	if v.cols == nil {
		return v.net.samples(x, y, v.u)
	}
	n, _ := x.Dims()
	s := &layers.Samples{N: n, In: len(v.cols), Out: v.net.D, X: make([]float64, 0, n*len(v.cols))}
	for i := range n {
		row := x.RawRowView(i)
		for _, k := range v.cols {
			s.X = append(s.X, row[k])
		}
	}
	if y != nil {
		s.Y = turned(y, v.u)
		return s
	}
	s.Map, s.Y = flatten(v.b), make([]float64, n*v.net.D)
	mat.NewDense(n, v.net.D, s.Y).Mul(mat.NewDense(n, s.In, s.X), v.b)
	return s
}
