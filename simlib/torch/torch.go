// Package torch reproduces random numbers of PyTorch's CPU generator to the last bit,
// so that a published seed gives the published initialisation.
//
// After torch.manual_seed(seed) that generator is the Mersenne Twister MT19937 started from
// the low 32 bits of the seed by Knuth's initialisation. torch.rand in float32, PyTorch's default type,
// spends one 32-bit word for a number and keeps its low 24 bits:
//
//	u = (word & 0xFFFFFF) / 2^24,  0 ≤ u < 1
//
// Matrices are filled row by row. Normal numbers, random orders and the initial parameters of
// nn.Linear are drawn from the same words, each as its method says. An example that draws
// a published run's initialisation has to make the same calls in the same order: the generator is one stream.
//
// Golden draws of PyTorch 1.13.1 are in testdata, with the program that wrote them.
package torch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext/prng"

	"swingby/simlib/internal/check"
	"swingby/simlib/provenance"
)

// A Generator gives the numbers PyTorch's CPU generator gives after
// torch.manual_seed. It must not be used from several goroutines at once.
type Generator struct {
	mt *prng.MT19937
	// next is the second number of a Box–Muller pair, waiting where hasNext.
	next    float64
	hasNext bool
}

// NewGenerator returns a generator as torch.manual_seed(seed) leaves it. Only the low 32 bits
// of the seed count.
func NewGenerator(seed uint64) *Generator {
	provenance.Seed("torch.NewGenerator", seed)
	mt := prng.NewMT19937()
	mt.Seed(seed)
	return &Generator{mt: mt}
}

// Uint32 returns the next 32-bit word.
func (g *Generator) Uint32() uint32 { return g.mt.Uint32() }

// Float32 returns what torch.rand(1) would: a uniform number in [0, 1) that is a multiple of 2^-24.
func (g *Generator) Float32() float32 {
	return float32(g.Uint32()&0xFFFFFF) / (1 << 24)
}

// Rand fills dst with what torch.rand(len(dst)) would hold, and returns it.
func (g *Generator) Rand(dst []float32) []float32 {
	for i := range dst {
		dst[i] = g.Float32()
	}
	return dst
}

// maxDim bounds UUT, whose work grows with d³, to about a second.
const maxDim = 1024

// Factor returns U = rand(d, d)/c after seeding with seed: drawn as float32,
// divided as float64. d is 1 to 1024 and c > 0.
func Factor(seed uint64, d int, c float64) (*mat.Dense, error) {
	if d < 1 || d > maxDim {
		return nil, check.Bad("torch: d", d, fmt.Sprintf("1 to %d", maxDim))
	}
	if !(c > 0) || math.IsInf(c, 0) {
		return nil, check.Bad("torch: c", c, "a finite number > 0")
	}
	g := NewGenerator(seed)
	u := make([]float64, d*d)
	for i := range u {
		u[i] = float64(g.Float32()) / c
	}
	return mat.NewDense(d, d, u), nil
}

// UUT returns W(0) = UUᵀ, the d×d initialisation of the paper's theory figures, with U
// as [Factor] makes it. Figure 5 uses seed 2333, d = 3, c = 5; Figures 8 to 10 seed 233333, c = 10.
func UUT(seed uint64, d int, c float64) (*mat.SymDense, error) {
	u, err := Factor(seed, d, c)
	if err != nil {
		return nil, err
	}
	w := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			sum := 0.0
			for k, ui := range u.RawRowView(i) {
				// The conversion rounds the product by itself: without it a compiler may fuse
				// product and sum, and the last bit would depend on the machine.
				sum += float64(ui * u.At(j, k))
			}
			w.SetSym(i, j, sum)
		}
	}
	return w, nil
}
