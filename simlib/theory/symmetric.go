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
// for the population loss. Where the task's second moment A is not diagonal the
// same recurrence runs along its [Modes], and W is given along the axes.
type Symmetric struct {
	// Task is what the model learns.
	Task *sim.Task
	// W0 is the initialisation, d×d; [swingby/simlib/torch.UUT] makes the published ones.
	W0 *mat.SymDense
	// U0 is the initialisation of the layers themselves, d×h, in place of W0. The updates are then those of
	// gradient descent on U, which the recurrence of W approaches for small η:
	//
	//	U ← U − ½η ((W−I)A + A(W−I)) U,  W = UUᵀ
	//
	// A W of rank h < d needs this form: the recurrence of W keeps the rank only up to η², and
	// what it makes of the rest may be negative and run away.
	U0 *mat.Dense
	// Eta is the step size η > 0.
	Eta float64
	// Steps is the number of updates, at least 1.
	Steps int
	// Rate chooses between a and a²; the zero value is the paper's equation.
	Rate Rate
	// Moment is the second moment to learn from, d×d, in place of the task's own: that of
	// a finite sample ([SampleMoment]), say. nil stands for the task's.
	Moment *mat.SymDense
	// Every keeps W after every so many updates; 0 stands for 1. The
	// initialisation and the last W are always kept.
	Every int

	flow bool // whether to follow the flow between the updates instead of making them
}

// Run makes the updates. When ctx is done it stops within 100 ms with
// ctx's error, and when an entry becomes infinite or not a number with a
// [DivergedError]; the Run returned beside either error holds the updates made until then.
func (m Symmetric) Run(ctx context.Context) (*Run, error) {
	return m.run(ctx, nil)
}

// run makes the updates, which observe sees instead of a record where it is set.
func (m Symmetric) run(ctx context.Context, observe func(update int, w []float64) error) (*Run, error) {
	r, err := newRun("Symmetric", m.Task, m.Moment, m.Eta, m.Steps, m.Every)
	if err != nil {
		return nil, err
	}
	r.observe = observe
	d := r.d
	var w, u []float64
	if m.U0 != nil {
		if u, err = m.layers(r); err != nil {
			return nil, err
		}
		w = product(nil, u, d)
	} else {
		if m.W0 == nil || m.W0.IsEmpty() {
			return nil, check.Bad("theory: Symmetric.W0", "empty", fmt.Sprintf("a symmetric %d×%[1]d matrix, such as torch.UUT makes", d))
		}
		if n := m.W0.SymmetricDim(); n != d {
			return nil, check.Bad("theory: the size of Symmetric.W0", fmt.Sprintf("%d×%[1]d", n), fmt.Sprintf("%d×%[1]d, the dimension of the task", d))
		}
		w = flatten(m.W0)
	}
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
	if r.modes.Q != nil {
		r.first = w
		w = r.modes.conjugate(w, false)
		for i := range d {
			for j := range i { // of one value, not of two that differ by rounding
				w[i*d+j] = w[j*d+i]
			}
		}
		if u != nil {
			var turned mat.Dense
			turned.Mul(r.modes.Q.T(), mat.NewDense(d, len(u)/d, u))
			u = turned.RawMatrix().Data
		}
	}
	next := make([]float64, max(len(w), len(u)))
	update := func(stop func(work int) error) error {
		for i := range d {
			if err := stop(d * (d - i)); err != nil {
				return err
			}
			symmetricRow(next, w, r.rates, i, m.Eta)
		}
		copy(w, next)
		return nil
	}
	if u != nil {
		update = func(stop func(work int) error) error {
			h := len(u) / d
			for i := range d {
				if err := stop(2 * d * h); err != nil {
					return err
				}
				row := next[i*h : (i+1)*h]
				copy(row, u[i*h:(i+1)*h])
				for k := range d {
					e := w[i*d+k]
					if i == k {
						e--
					}
					e *= m.Eta / 2 * (r.rates[i] + r.rates[k])
					for l, v := range u[k*h : (k+1)*h] {
						row[l] -= e * v
					}
				}
			}
			copy(u, next)
			product(w, u, d)
			return nil
		}
	}
	if m.flow {
		update = m.flowUpdate(r, w, u)
	}
	err = r.iterate(ctx, w, update)
	return r, err
}

// flowUpdate returns the update that moves w, or u and with it w, along the flow for a time η.
func (m Symmetric) flowUpdate(r *Run, w, u []float64) func(stop func(work int) error) error {
	d := r.d
	state := w
	slope := func(dst, y []float64) {
		clear(dst)
		for i := range d {
			symmetricSlope(dst, y, r.rates, i)
		}
	}
	if u != nil {
		state = u
		h := len(u) / d
		now := make([]float64, d*d)
		slope = func(dst, y []float64) {
			clear(dst)
			product(now, y, d)
			for i := range d {
				for k := range d {
					e := now[i*d+k]
					if i == k {
						e--
					}
					e *= (r.rates[i] + r.rates[k]) / 2
					for l, v := range y[k*h : (k+1)*h] {
						dst[i*h+l] -= e * v
					}
				}
			}
		}
	}
	in := newIntegrator(len(state), m.Eta, slope)
	return func(stop func(work int) error) error {
		work := 7 * len(state) * d
		if err := in.advance(state, m.Eta, func() error { return stop(work) }); err != nil {
			return err
		}
		if u != nil {
			product(w, u, d)
		}
		return nil
	}
}

// layers returns U0 by rows after a look at its size and entries.
func (m Symmetric) layers(r *Run) ([]float64, error) {
	if m.W0 != nil {
		return nil, check.Bad("theory: Symmetric.U0", "set beside W0", "one of the two")
	}
	if m.U0.IsEmpty() {
		return nil, check.Bad("theory: Symmetric.U0", "empty", fmt.Sprintf("a matrix of d = %d rows, one column for each hidden unit", r.d))
	}
	rows, h := m.U0.Dims()
	if rows != r.d || h > maxInitWidth {
		return nil, check.Bad("theory: the size of Symmetric.U0", fmt.Sprintf("%d×%d", rows, h), fmt.Sprintf("%d rows, the dimension of the task, and at most %d columns", r.d, maxInitWidth))
	}
	u := flatten(m.U0)
	return u, check.Finite("theory: Symmetric.U0", u)
}

// product sets w = UUᵀ, d×d by rows, and returns it; nil stands for a new one.
func product(w, u []float64, d int) []float64 {
	if w == nil {
		w = make([]float64, d*d)
	}
	h := len(u) / d
	for i := range d {
		for j := i; j < d; j++ {
			sum := 0.0
			for k, v := range u[i*h : (i+1)*h] {
				sum += float64(v * u[j*h+k]) // rounded by itself, alike on every machine
			}
			w[i*d+j], w[j*d+i] = sum, sum
		}
	}
	return w
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

// symmetricSlope computes the entries (i, j), j ≥ i, of Ẇ and mirrors them.
func symmetricSlope(dst, w, a []float64, i int) {
	d := len(a)
	wi := w[i*d : i*d+d]
	for j := i; j < d; j++ {
		wj := w[j*d : j*d+d]
		sum, aij := 0.0, a[i]+a[j]
		for k, ak := range a {
			sum += wi[k] * wj[k] * (aij + 2*ak)
		}
		v := wi[j]*aij - sum/2
		dst[i*d+j], dst[j*d+i] = v, v
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
