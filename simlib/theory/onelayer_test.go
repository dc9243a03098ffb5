package theory_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

func oneLayer(t *testing.T) theory.OneLayer {
	t.Helper()
	task := axes(t, sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.3, .1}, D: 4})
	w0, err := torch.Factor(11, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	return theory.OneLayer{Task: task, W0: w0}
}

// At t = 0 the output is W(0)z; as t → ∞ it is z on the axes with data, and what
// W(0) makes of the axes without data stays.
func TestClosedFormLimits(t *testing.T) {
	m := oneLayer(t)
	z := []float64{1, 2, 3, 0}
	s, err := m.Solve(z, []float64{0, 1, 1e6})
	if err != nil {
		t.Fatal(err)
	}
	var first mat.VecDense
	first.MulVec(m.W0, mat.NewVecDense(4, z))
	for k := range 4 {
		if got, want := s.Output.X[0][k], first.AtVec(k); math.Abs(got-want) > 1e-15 {
			t.Errorf("f_%d at t = 0 is %g, want (W(0)z)_%d = %g", k+1, got, k+1, want)
		}
		want := m.W0.At(k, 2) * z[2]
		if k < 2 {
			want += z[k]
		}
		if got := s.Output.X[2][k]; math.Abs(got-want) > 1e-12 {
			t.Errorf("f_%d at the end is %g, want %g", k+1, got, want)
		}
		for n := range s.Output.X {
			if sum := s.Growth.X[n][k] + s.Init.X[n][k]; sum != s.Output.X[n][k] {
				t.Errorf("terms add up to %g, want the output %g", sum, s.Output.X[n][k])
			}
		}
	}
}

// Gradient descent with ever smaller steps approaches the closed form, to first order.
func TestDescentApproachesClosedForm(t *testing.T) {
	m := oneLayer(t)
	z := m.Task.Target()
	const end = 2.0
	s, err := m.Solve(z, []float64{end})
	if err != nil {
		t.Fatal(err)
	}
	deviation := func(steps int) float64 {
		m.Eta, m.Steps = end/float64(steps), steps
		r, err := m.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		tr, err := r.Output(z)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for k, x := range tr.X[len(tr.X)-1] {
			sum += math.Abs(x - s.Output.X[0][k])
		}
		return sum
	}
	coarse, fine := deviation(1000), deviation(10000)
	if ratio := coarse / fine; ratio < 9.8 || ratio > 10.2 || coarse > 1e-2 {
		t.Errorf("deviation %g at 1000 steps, %g at 10000: want a small number and its tenth", coarse, fine)
	}
}

// Descent itself has a closed form too: (W − I) is multiplied by I − ηA.
func TestDescentIsGeometric(t *testing.T) {
	m := oneLayer(t)
	m.Eta, m.Steps = .1, 40
	r, err := m.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	a := m.Task.Rates()
	for i := range 4 {
		for j := range 4 {
			unit := 0.0
			if i == j {
				unit = 1
			}
			want := unit + (m.W0.At(i, j)-unit)*math.Pow(1-.1*a[j], 40)
			if got := r.Final().At(i, j); math.Abs(got-want) > 1e-14 {
				t.Errorf("w(%d,%d) = %.17g, want %.17g", i+1, j+1, got, want)
			}
		}
	}
	if n := len(r.Entries()); n != 16 {
		t.Errorf("%d entries of a 4×4 matrix that is not symmetric, want 16", n)
	}
	if _, _, _, err := r.Terms(1, 1); err == nil || !strings.Contains(err.Error(), "one layer") {
		t.Errorf("terms of a one-layer run: error %v", err)
	}
}

func TestOneLayerBadInput(t *testing.T) {
	m := oneLayer(t)
	for _, tt := range []struct {
		z, times []float64
		want     string
	}{
		{[]float64{1}, []float64{0}, "len(z) is 1; want 4"},
		{[]float64{1, 2, math.NaN(), 0}, []float64{0}, "z[2] is NaN; want"},
		{make([]float64, 4), []float64{-1}, "times[0] is -1; want finite times ≥ 0"},
		{make([]float64, 4), []float64{0, 0}, "times[1] is 0; want"},
		{make([]float64, 4), []float64{math.Inf(1)}, "times[0] is +Inf; want"},
	} {
		if _, err := m.Solve(tt.z, tt.times); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Solve(%v, %v): error %v, want %q", tt.z, tt.times, err, tt.want)
		}
	}
	if _, err := (theory.OneLayer{}).Solve(nil, nil); err == nil || !strings.Contains(err.Error(), "OneLayer.Task is <nil>") {
		t.Errorf("without a task: error %v", err)
	}
	m.W0 = mat.NewDense(2, 3, nil)
	if _, err := m.Solve(make([]float64, 4), []float64{1}); err == nil || !strings.Contains(err.Error(), "size of OneLayer.W0 is 2×3; want 4×4") {
		t.Errorf("a 2×3 W0: error %v", err)
	}
}
