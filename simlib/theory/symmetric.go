package theory

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// Rate says which diagonal matrix drives the symmetric recurrence.
type Rate int

const (
	// RateA takes a, the diagonal of the second moment, as Equation 4.3 of the paper has it.
	RateA Rate = iota
	// RateA2 takes a², the square, as the published code does: the published
	// curves of Figures 5, 8, 9 and 10 are runs of this kind.
	RateA2
)

// String returns "a" or "a²".
func (r Rate) String() string {
	switch r {
	case RateA:
		return "a"
	case RateA2:
		return "a²"
	}
	return fmt.Sprintf("Rate(%d)", int(r))
}

// Symmetric is the symmetric two-layer linear model f(U; x) = UUᵀx, followed
// through W = UUᵀ by the recurrence
//
//	W ← W + η (WA + AW − ½(AW² + W²A + 2WAW))
//
// for the population loss. The task's second moment must be diagonal.
type Symmetric struct {
	// Task is what the model learns.
	Task *sim.Task
	// W0 is the initialisation, d×d; [swingby/simlib/torch.UUT] makes the published ones.
	W0 *mat.SymDense
	// Eta is the step size η > 0.
	Eta float64
	// Steps is the number of updates, at least 1.
	Steps int
	// Rate chooses between a and a²; the zero value is the paper's equation.
	Rate Rate
	// Every keeps W after every so many updates; 0 stands for 1. The
	// initialisation and the last W are always kept.
	Every int
}

// Run makes the updates. When ctx is done it stops within 100 ms with
// ctx's error, and when an entry becomes infinite or not a number with a
// [DivergedError]; the Run returned beside either error holds the updates made until then.
func (m Symmetric) Run(ctx context.Context) (*Run, error) {
	r, err := newRun("Symmetric", m.Task, m.Eta, m.Steps, m.Every)
	if err != nil {
		return nil, err
	}
	if m.W0 == nil || m.W0.IsEmpty() {
		return nil, check.Bad("theory: Symmetric.W0", "empty", fmt.Sprintf("a symmetric %d×%[1]d matrix, such as torch.UUT makes", r.d))
	}
	if n := m.W0.SymmetricDim(); n != r.d {
		return nil, check.Bad("theory: the size of Symmetric.W0", fmt.Sprintf("%d×%[1]d", n), fmt.Sprintf("%d×%[1]d, the dimension of the task", r.d))
	}
	w := flatten(m.W0)
	if err := check.Finite("theory: Symmetric.W0", w); err != nil {
		return nil, err
	}
	switch m.Rate {
	case RateA:
	case RateA2:
		for k, a := range r.rates {
			r.rates[k] = a * a
		}
	default:
		return nil, check.Bad("theory: Symmetric.Rate", int(m.Rate), "theory.RateA or theory.RateA2")
	}
	if err := check.Finite("theory: the rates of Symmetric.Task", r.rates); err != nil {
		return nil, err
	}
	r.symmetric = true
	d := r.d
	next := make([]float64, len(w))
	err = r.iterate(ctx, w, func(stop func(work int) error) error {
		for i := range d {
			if err := stop(d * (d - i)); err != nil {
				return err
			}
			symmetricRow(next, w, r.rates, i, m.Eta)
		}
		copy(w, next)
		return nil
	})
	return r, err
}

// symmetricRow computes the entries (i, j), j ≥ i, of the next W and mirrors
// them. With A diagonal the matrix form is, entry by entry,
//
//	ẇ_ij = w_ij (a_i + a_j) − ½ Σ_k w_ik w_kj (a_i + a_j + 2a_k)
//
// one sum instead of four products.
func symmetricRow(next, w, a []float64, i int, eta float64) {
	d := len(a)
	wi := w[i*d : i*d+d]
	for j := i; j < d; j++ {
		wj := w[j*d : j*d+d]
		sum, aij := 0.0, a[i]+a[j]
		for k, ak := range a {
			sum += wi[k] * wj[k] * (aij + 2*ak)
		}
		v := wi[j] + eta*(wi[j]*aij-sum/2)
		next[i*d+j], next[j*d+i] = v, v
	}
}

func flatten(w mat.Matrix) []float64 {
	rows, cols := w.Dims()
	flat := make([]float64, 0, rows*cols)
	for i := range rows {
		for j := range cols {
			flat = append(flat, w.At(i, j))
		}
	}
	return flat
}
