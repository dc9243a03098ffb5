package train

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/layers"
)

// checkData returns an error unless x is n×d and y, if not nil, as large, with finite numbers.
func (n Net) checkData(fx string, x *mat.Dense, fy string, y *mat.Dense) error {
	if err := checkMatrix(fx, x, 0, n.D); err != nil {
		return err
	}
	if y == nil {
		return nil
	}
	rows, _ := x.Dims()
	return checkMatrix(fy, y, rows, n.D)
}

// checkRotation returns an error unless u is nil or an orthogonal d×d matrix.
func (n Net) checkRotation(field string, u *mat.Dense) error {
	if u == nil {
		return nil
	}
	if err := checkMatrix(field, u, n.D, n.D); err != nil {
		return err
	}
	var e mat.Dense
	e.Mul(u, u.T())
	for i := range n.D {
		e.Set(i, i, e.At(i, i)-1)
	}
	if off := mat.Norm(&e, math.Inf(1)); !(off <= 1e-3) {
		return check.Bad(field+"·Uᵀ − 1", fmt.Sprintf("up to %.3g", off), "an orthogonal matrix, such as sim.Data has")
	}
	return nil
}

// samples returns checked inputs and targets by rows, as the model sees them under u. A nil y stands for x.
func (n Net) samples(x, y, u *mat.Dense) *layers.Samples {
	rows, _ := x.Dims()
	s := &layers.Samples{N: rows, In: n.D, Out: n.D, X: turned(x, u)}
	s.Y = s.X
	if y != nil {
		s.Y = turned(y, u)
	}
	return s
}

// turned returns the rows of x·u, and of x itself for a nil u.
func turned(x, u *mat.Dense) []float64 {
	if u == nil {
		return flatten(x)
	}
	var y mat.Dense
	y.Mul(x, u)
	return flatten(&y)
}

func flatten(m *mat.Dense) []float64 {
	rows, cols := m.Dims()
	flat := make([]float64, 0, rows*cols)
	for i := range rows {
		flat = append(flat, m.RawRowView(i)...)
	}
	return flat
}

// prepare checks everything and returns a network with its weights and a batch of all samples.
func (n Net) prepare(w *Weights, x, y *mat.Dense) (*layers.Net[float64], *layers.Batch[float64], error) {
	if err := n.Check(); err != nil {
		return nil, nil, err
	}
	if err := n.checkWeights("train: w", w); err != nil {
		return nil, nil, err
	}
	if err := n.checkData("train: x", x, "train: y", y); err != nil {
		return nil, nil, err
	}
	s := n.samples(x, y, nil)
	net := layers.New[float64](n.config(), s.N)
	load(net, w)
	return net, net.Batch(s, nil, false), nil
}

// Forward returns the outputs f(x) of the n×d inputs x, n×d, in float64.
func (n Net) Forward(w *Weights, x *mat.Dense) (*mat.Dense, error) {
	net, batch, err := n.prepare(w, x, nil)
	if err != nil {
		return nil, err
	}
	net.Forward(batch)
	y := mat.NewDense(batch.Rows, n.D, nil)
	for i := range batch.Rows {
		net.Output(batch, i, y.RawRowView(i))
	}
	return y, nil
}

// Loss returns the loss of the n×d inputs x with targets y, in float64; a nil y stands for x.
func (n Net) Loss(w *Weights, x, y *mat.Dense, loss Loss) (float64, error) {
	if err := loss.check("train: loss"); err != nil {
		return 0, err
	}
	net, batch, err := n.prepare(w, x, y)
	if err != nil {
		return 0, err
	}
	return net.Loss(batch) * loss.weight(batch.Count, n.D), nil
}

// Gradient returns the gradient of [Net.Loss] with respect to the weights, and the loss.
func (n Net) Gradient(w *Weights, x, y *mat.Dense, loss Loss) (*Weights, float64, error) {
	if err := loss.check("train: loss"); err != nil {
		return nil, 0, err
	}
	net, batch, err := n.prepare(w, x, y)
	if err != nil {
		return nil, 0, err
	}
	weight := loss.weight(batch.Count, n.D)
	sum := net.Gradient(batch, 2*weight)
	return unload(n.zero(), n.Tied, net.LD, net.GW, net.GB), sum * weight, nil
}

func (l Loss) check(field string) error {
	if l != MeanSquare && l != HalfSquare {
		return check.Bad(field, int(l), "train.MeanSquare or train.HalfSquare")
	}
	return nil
}

// Jacobian returns ∂f/∂x at a point x of length d, a d×d matrix. For a linear network it is
// the product of the layers' matrices, wherever x is.
func (n Net) Jacobian(w *Weights, x []float64) (*mat.Dense, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	if err := n.checkWeights("train: w", w); err != nil {
		return nil, err
	}
	if err := n.point("train: x", x); err != nil {
		return nil, err
	}
	return n.jacobian(w, x), nil
}

func (n Net) jacobian(w *Weights, x []float64) *mat.Dense {
	layer := func(l int) mat.Matrix {
		switch {
		case !n.Tied:
			return w.W[l]
		case l == 0:
			return w.W[0].T()
		}
		return w.W[0]
	}
	h := mat.NewVecDense(n.D, append([]float64(nil), x...))
	jac := mat.NewDense(n.D, n.D, nil)
	for i := range n.D {
		jac.Set(i, i, 1)
	}
	depth := len(n.dims()) - 1
	for l := range depth {
		var j mat.Dense
		var v mat.VecDense
		j.Mul(layer(l), jac)
		v.MulVec(layer(l), h)
		if n.Bias {
			v.AddVec(&v, mat.NewVecDense(len(w.B[l]), w.B[l]))
		}
		if act := n.Activation; act.F != nil && l+1 < depth {
			for i := range v.Len() {
				z := v.AtVec(i)
				slope := act.Slope(z)
				for k := range n.D {
					j.Set(i, k, slope*j.At(i, k))
				}
				v.SetVec(i, act.F(z))
			}
		}
		jac, h = &j, &v
	}
	return jac
}

// point checks one input.
func (n Net) point(field string, x []float64) error {
	if err := check.Len(field, x, n.D, "the dimension of the network"); err != nil {
		return err
	}
	return check.Finite(field, x)
}
