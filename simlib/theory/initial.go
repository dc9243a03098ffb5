package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/torch"
)

// Init draws W(0) = UUᵀ of a two-layer model of any width: U is d×h, its entries uniform in
// [0, Scale), drawn by PyTorch's generator row by row. W(0) grows as Scale²·h.
//
// Gradient flow keeps the rank of W, which is at most h: a model narrower than the number of
// concepts cannot learn them all. Start such a model from its U0. At width D and Scale 1/c, W0 is the matrix
// of [swingby/simlib/torch.UUT] but for rounding.
type Init struct {
	// D is the dimension of the task, 1 to 1024.
	D int
	// Width is the number h of hidden units, 1 to 65536; 0 stands for D.
	Width int
	// Scale bounds the entries of U; it must be > 0.
	Scale float64
	// Seed is that of torch.manual_seed.
	Seed uint64
}

const (
	maxInitDim   = 1024
	maxInitWidth = 1 << 16
)

// U0 draws the layers, D×h.
func (in Init) U0() (*mat.Dense, error) {
	h := in.Width
	if h == 0 {
		h = in.D
	}
	switch {
	case in.D < 1 || in.D > maxInitDim:
		return nil, check.Bad("theory: Init.D", in.D, fmt.Sprintf("1 to %d", maxInitDim))
	case h < 1 || h > maxInitWidth:
		return nil, check.Bad("theory: Init.Width", in.Width, fmt.Sprintf("1 to %d, or 0 for D", maxInitWidth))
	case !(in.Scale > 0) || math.IsInf(in.Scale*in.Scale*float64(h), 0):
		return nil, check.Bad("theory: Init.Scale", in.Scale, "a number > 0 whose square is finite")
	}
	g := torch.NewGenerator(in.Seed)
	u := make([]float64, in.D*h)
	for i := range u {
		u[i] = float64(g.Float32()) * in.Scale
	}
	return mat.NewDense(in.D, h, u), nil
}

// W0 draws the layers and returns their product UUᵀ, D×D.
func (in Init) W0() (*mat.SymDense, error) {
	u, err := in.U0()
	if err != nil {
		return nil, err
	}
	return mat.NewSymDense(in.D, product(nil, u.RawMatrix().Data, in.D)), nil
}
