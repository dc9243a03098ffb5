package torch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// Uniform fills dst with what tensor.uniform_(lo, hi) would put into a float32 tensor, and returns it.
func (g *Generator) Uniform(dst []float32, lo, hi float64) []float32 {
	from, to := float32(lo), float32(hi)
	for i := range dst {
		dst[i] = float32(float64(g.Float32())*float64(to-from) + float64(from))
	}
	return dst
}

// Perm returns what torch.randperm(n) would: a random order of 0 … n−1. It is nil for n < 1.
func (g *Generator) Perm(n int) []int {
	if n < 1 {
		return nil
	}
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := range n - 1 {
		j := i + int(g.Uint32()%uint32(n-i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Linear holds the parameters of a linear layer x ↦ Wx + b.
type Linear struct {
	// W is the weight, out × in.
	W *mat.Dense
	// B is the bias, of length out; nil for a layer without one.
	B []float64
}

// maxParams bounds the weights of a layer: a gigabyte.
const maxParams = 1 << 27

// Linear returns the layer torch.nn.Linear(in, out, bias) would be made with: weights, then
// biases, uniform in ±1/√in. (PyTorch calls this kaiming_uniform_ with a = √5.) The
// numbers are float32 ones. in and out are at least 1, their product at most 2^27.
func (g *Generator) Linear(in, out int, bias bool) (Linear, error) {
	if in < 1 || in > maxParams {
		return Linear{}, check.Bad("torch: in", in, "1 to 2^27")
	}
	if out < 1 || out > maxParams/in {
		return Linear{}, check.Bad("torch: out", out, fmt.Sprintf("1 to %d, for in·out is at most 2^27", maxParams/in))
	}
	// The two bounds are equal on paper; PyTorch rounds that of the weights on its way
	// through √3·√(2/(1+5))/√in.
	bound := math.Sqrt(3) * (math.Sqrt(2.0/6.0) / math.Sqrt(float64(in)))
	l := Linear{W: mat.NewDense(out, in, widen(g.Uniform(make([]float32, in*out), -bound, bound)))}
	if bias {
		bound = 1 / math.Sqrt(float64(in))
		l.B = widen(g.Uniform(make([]float32, out), -bound, bound))
	}
	return l, nil
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
