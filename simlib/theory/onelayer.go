package theory

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// OneLayer is the linear model f(W; x) = Wx on the population loss. [OneLayer.Solve]
// gives gradient flow in closed form (Theorem 4.1), [OneLayer.Run] gradient
// descent W ← W − η(W−I)A. Where the second moment A is not diagonal both hold along its [Modes].
type OneLayer struct {
	// Task is what the model learns.
	Task *sim.Task
	// W0 is the initialisation, d×d; nil stands for zero.
	W0 *mat.Dense
	// Eta is gradient descent's step size η > 0. Solve does not need it.
	Eta float64
	// Steps is the number of updates, at least 1. Solve does not need it.
	Steps int
	// Moment is the second moment to learn from, in place of the task's own, as in [Symmetric].
	Moment *mat.SymDense
	// Every keeps W after every so many updates, as in [Symmetric].
	Every int
}

// A Solution is the output of the one-layer model at a point z under gradient
// flow, and the two terms it is the sum of.
type Solution struct {
	// Output is f(W(t); z) = Growth + Init.
	Output Trajectory
	// Growth has the coordinates (1 − e^{−a_k t}) z_k, in general (1 − e^{−At}) z. Where
	// a_k = 0, as on the axes without data, it stays 0.
	Growth Trajectory
	// Init has the coordinates Σ_i e^{−a_i t} w_ki(0) z_i, in general W(0) e^{−At} z.
	Init Trajectory
}

func (m OneLayer) check() ([]float64, error) {
	if m.Task == nil {
		return nil, check.Bad("theory: OneLayer.Task", nil, "a task from sim.NewTask")
	}
	d := m.Task.D()
	if m.W0 == nil {
		return make([]float64, d*d), nil
	}
	if r, c := m.W0.Dims(); r != d || c != d {
		return nil, check.Bad("theory: the size of OneLayer.W0", fmt.Sprintf("%d×%d", r, c), fmt.Sprintf("%d×%[1]d, the dimension of the task", d))
	}
	w := flatten(m.W0)
	return w, check.Finite("theory: OneLayer.W0", w)
}

// Solve returns the closed form at a point z of length d and the given times,
// which must be finite, ≥ 0 and increasing. For comparison with [OneLayer.Run], t = η · updates.
func (m OneLayer) Solve(z, times []float64) (Solution, error) {
	w, err := m.check()
	if err != nil {
		return Solution{}, err
	}
	d := m.Task.D()
	if err := check.Len("theory: z", z, d, "the dimension of the task"); err != nil {
		return Solution{}, err
	}
	if err := check.Finite("theory: z", z); err != nil {
		return Solution{}, err
	}
	for i, t := range times {
		if !(t >= 0) || math.IsInf(t, 0) || i > 0 && t <= times[i-1] {
			return Solution{}, check.Bad(fmt.Sprintf("theory: times[%d]", i), t, "finite times ≥ 0 in increasing order")
		}
	}
	if len(times) > maxFloats/(3*d) {
		return Solution{}, check.Bad("theory: len(times)", len(times), fmt.Sprintf("at most %d at d = %d", maxFloats/(3*d), d))
	}
	modes, err := modesOf("OneLayer", m.Task, m.Moment)
	if err != nil {
		return Solution{}, err
	}
	a, zm := modes.A, modes.to(z)
	name := fmt.Sprintf("%.4g", z)
	if slices.Equal(z, m.Task.Target()) {
		name = m.Task.Probes()[0].Label
	}
	blank := func(name string) Trajectory {
		return Trajectory{Name: name, Target: slices.Clone(z), T: slices.Clone(times), X: make([][]float64, len(times))}
	}
	s := Solution{Output: blank(name), Growth: blank(name + " growth"), Init: blank(name + " init")}
	for n, t := range times {
		// Along the modes, e^{−At} z and (1 − e^{−At}) z are products.
		left, grown := make([]float64, d), make([]float64, d)
		for k := range d {
			left[k] = math.Exp(-a[k]*t) * zm[k]
			grown[k] = -math.Expm1(-a[k]*t) * zm[k]
		}
		left, g := modes.from(left), modes.from(grown)
		f, h := make([]float64, d), make([]float64, d)
		for k := range d {
			for i := range d {
				h[k] += w[k*d+i] * left[i]
			}
			f[k] = g[k] + h[k]
		}
		s.Output.X[n], s.Growth.X[n], s.Init.X[n] = f, g, h
	}
	return s, nil
}

// Run makes the updates of gradient descent. It stops for ctx and for
// divergence as [Symmetric.Run] does.
func (m OneLayer) Run(ctx context.Context) (*Run, error) {
	w, err := m.check()
	if err != nil {
		return nil, err
	}
	r, err := newRun("OneLayer", m.Task, m.Moment, m.Eta, m.Steps, m.Every)
	if err != nil {
		return nil, err
	}
	d := r.d
	if r.modes.Q == nil {
		err = r.iterate(ctx, w, func(stop func(work int) error) error {
			if err := stop(d * d); err != nil {
				return err
			}
			for i := range d {
				for j, a := range r.rates {
					e := w[i*d+j]
					if i == j {
						e--
					}
					w[i*d+j] -= m.Eta * e * a
				}
			}
			return nil
		})
		return r, err
	}
	full, row := r.modes.moment(), make([]float64, d)
	err = r.iterate(ctx, w, func(stop func(work int) error) error {
		for i := range d {
			if err := stop(d * d); err != nil {
				return err
			}
			copy(row, w[i*d:(i+1)*d])
			row[i]--
			for j := range d {
				sum := 0.0
				for k, e := range row {
					sum += e * full[k*d+j]
				}
				w[i*d+j] -= m.Eta * sum
			}
		}
		return nil
	})
	return r, err
}
