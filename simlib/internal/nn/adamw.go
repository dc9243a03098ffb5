package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// AdamW is the optimiser of Loshchilov and Hutter (2019) as PyTorch has it: w ← w·(1 − LR·WeightDecay),
// then w ← w − LR·m̂/(√v̂ + Eps), with the running means m of the gradient and v of its square and
// their corrections m̂ = m/(1 − Beta1ᵗ), v̂ = v/(1 − Beta2ᵗ).
type AdamW[T kernel.Float] struct {
	LR, Beta1, Beta2, Eps, WeightDecay float64
	// M and V are the running means, made at the first step; Steps counts the updates.
	M, V  []T
	Steps int
}

// NewAdamW returns the optimiser with PyTorch's constants: 0.9, 0.999, 1e-8 and weight decay 0.01.
func NewAdamW[T kernel.Float](lr float64) *AdamW[T] {
	return &AdamW[T]{LR: lr, Beta1: .9, Beta2: .999, Eps: 1e-8, WeightDecay: .01}
}

// Step changes w by the gradient grad, of the same length every time.
func (a *AdamW[T]) Step(w, grad []T) {
	a.begin(len(w))
	a.part(w, grad, 0, len(w))
}

// begin counts a step for n weights.
func (a *AdamW[T]) begin(n int) {
	if a.M == nil {
		a.M, a.V = make([]T, n), make([]T, n)
	}
	a.Steps++
}

// part changes w[lo:hi] by their gradient.
func (a *AdamW[T]) part(w, grad []T, lo, hi int) {
	t := float64(a.Steps)
	kernel.AdamW(w[lo:hi], grad, a.M[lo:hi], a.V[lo:hi], kernel.AdamWStep{
		Decay: 1 - a.LR*a.WeightDecay,
		Beta1: a.Beta1, Beta2: a.Beta2,
		Rate: a.LR / (1 - math.Pow(a.Beta1, t)),
		Root: 1 / math.Sqrt(1-math.Pow(a.Beta2, t)),
		Eps:  a.Eps,
	})
}
