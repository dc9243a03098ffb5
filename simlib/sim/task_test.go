package sim_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
)

func newTask(t *testing.T, s sim.Structure) *sim.Task {
	t.Helper()
	task, err := sim.NewTask(s)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestBadInputIsNamed(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	point := func(x ...float64) []sim.Centroid { return []sim.Centroid{{X: x}} }
	for _, tt := range []struct {
		name string
		s    sim.Structure
		want []string // field, value, accepted range
	}{
		{"nothing", nil, []string{"Structure", "nil", "sim.Axes"}},
		{"no concepts", sim.Axes{}, []string{"Axes.Mu", "0", "at least 1"}},
		{"s > d", sim.Axes{Mu: []float64{1, 2, 3}, D: 2}, []string{"Axes.D", "2", "at least s = len(Mu) = 3"}},
		{"negative d", sim.Axes{Mu: []float64{1}, D: -1}, []string{"Axes.D", "-1", "at least"}},
		{"huge d", sim.Axes{Mu: []float64{1}, D: 1 << 40}, []string{"Axes.D", "1099511627776", "at most 4096"}},
		{"negative n", sim.Axes{Mu: []float64{1}, N: -3}, []string{"Axes.N", "-3", "0 for the population"}},
		{"negative mu", sim.Axes{Mu: []float64{1, -2}}, []string{"Axes.Mu[1]", "-2", "from 0"}},
		{"NaN mu", sim.Axes{Mu: []float64{nan}}, []string{"Axes.Mu[0]", "NaN", "from 0"}},
		{"overflowing mu", sim.Axes{Mu: []float64{1e200}}, []string{"Axes.Mu[0]", "1e+200", "1e154"}},
		{"sigma's length", sim.Axes{Mu: []float64{1, 2}, D: 4, Sigma: make([]float64, 3)}, []string{"Axes.Sigma", "3", "s = 2, d = 4"}},
		{"negative sigma", sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{1, -.5}}, []string{"Axes.Sigma[1]", "-0.5", "from 0"}},
		{"NaN sigma", sim.Axes{Mu: []float64{1}, Sigma: []float64{nan}}, []string{"Axes.Sigma[0]", "NaN", "from 0"}},
		{"infinite sigma", sim.Axes{Mu: []float64{1}, Sigma: []float64{inf}}, []string{"Axes.Sigma[0]", "+Inf", "from 0"}},
		{"layout without d", sim.Layout{}, []string{"Layout.D", "0", "1 to 4096"}},
		{"layout's n", sim.Layout{D: 1, N: -1, Centroids: point(1)}, []string{"Layout.N", "-1", "0 for the population"}},
		{"layout without clusters", sim.Layout{D: 1}, []string{"training centroids", "0", "at least 1"}},
		{"only probes", sim.Layout{D: 1, Centroids: []sim.Centroid{{X: []float64{1}, Role: sim.Probe}}}, []string{"training centroids", "0", "at least 1"}},
		{"centroid's length", sim.Layout{D: 2, Centroids: point(1)}, []string{"Centroids[0].X", "1", "2, the ambient dimension"}},
		{"centroid's value", sim.Layout{D: 2, Centroids: point(1, nan)}, []string{"Centroids[0].X[1]", "NaN", "1e154"}},
		{"centroid's role", sim.Layout{D: 1, Centroids: []sim.Centroid{{X: []float64{1}, Role: 7}}}, []string{"Centroids[0].Role", "7", "sim.Train or sim.Probe"}},
		{"centroid's weight", sim.Layout{D: 1, Centroids: []sim.Centroid{{X: []float64{1}, Weight: -1}}}, []string{"Centroids[0].Weight", "-1", "> 0"}},
		{"concept's length", sim.Layout{D: 1, Centroids: point(1), Concepts: [][]float64{{1, 2}}}, []string{"Concepts[0]", "2", "1, the ambient"}},
		{"layout's sigma", sim.Layout{D: 1, Centroids: point(1), Sigma: []float64{1, 2}}, []string{"Layout.Sigma", "2", "1, one for each axis"}},
	} {
		task, err := sim.NewTask(tt.s)
		if err == nil {
			t.Errorf("%s: got %v, want an error", tt.name, task)
			continue
		}
		for _, w := range append(tt.want, "sim: ", "want ") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not say %q", tt.name, err, w)
			}
		}
	}
}

func TestAxes(t *testing.T) {
	axes := sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .25}, D: 3, N: 10}
	task := newTask(t, axes)
	if got := fmt.Sprint(task.Rates()); got != "[0.75 2.0625 0]" {
		t.Errorf("rates %s, want σ² + μ²/s on the concept axes and 0 beyond", got)
	}
	axes.Origin = true
	withOrigin := newTask(t, axes)
	for k, want := range []float64{.25 + 1./3, .0625 + 4./3, 0} {
		if got := withOrigin.Rates()[k]; math.Abs(got-want) > 1e-15 {
			t.Errorf("rate %d with origin cluster: %g, want divisor s+1: %g", k+1, got, want)
		}
	}
	if n := len(withOrigin.Train()); n != 3 {
		t.Errorf("%d clusters with the origin's, want 3", n)
	}
	if got := fmt.Sprint(task.Target(), task.Mu(), task.D(), task.S(), task.N()); got != "[1 2 0] [1 2] 3 2 10" {
		t.Errorf("x̂, μ, d, s, n = %s", got)
	}
	axes.Sigma = []float64{.5, .25, .1}
	if got := newTask(t, axes).Rates()[2]; math.Abs(got-.01) > 1e-15 {
		t.Errorf("σ of length d: rate %g on the axis without a concept, want σ² = .01", got)
	}
}

// The second moment must be what its definition says for weights and crossed axes too.
func TestSecondMoment(t *testing.T) {
	task := newTask(t, sim.Layout{
		D: 2, Sigma: []float64{.5, 0},
		Centroids: []sim.Centroid{
			{X: []float64{1, 2}, Weight: 3},
			{X: []float64{-1, 1}},
			{X: []float64{50, 50}, Role: sim.Probe},
		},
	})
	want := mat.NewSymDense(2, []float64{
		(3*1+1)/4. + .25, (3*2 - 1) / 4.,
		0, (3*4 + 1) / 4.,
	})
	if a := task.SecondMoment(); !mat.EqualApprox(a, want, 1e-15) {
		t.Errorf("A = %v, want %v", mat.Formatted(a), mat.Formatted(want))
	}
	for k, r := range task.Rates() {
		if math.Abs(r-want.At(k, k)) > 1e-15 {
			t.Errorf("rate %d is %g, want the diagonal's %g", k+1, r, want.At(k, k))
		}
	}
	if task.Uncorrelated() {
		t.Error("a second moment with an off-diagonal entry counts as uncorrelated")
	}
	square := newTask(t, sim.Layout{D: 2, Centroids: []sim.Centroid{
		{X: []float64{1, 1}}, {X: []float64{1, -1}}, {X: []float64{-1, 1}}, {X: []float64{-1, -1}}}})
	if !square.Uncorrelated() {
		t.Error("the corners of a square count as correlated")
	}
}

func TestCompositions(t *testing.T) {
	task := newTask(t, sim.Axes{Mu: []float64{1, 2, 4}, D: 4})
	cs, err := task.Compositions()
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 8 {
		t.Fatalf("%d compositions of 3 concepts, want 8", len(cs))
	}
	for i, c := range cs {
		// Strengths 1, 2, 4 make every sum of coordinates different: the digits
		// of the label, most significant first, are its bits in reverse.
		sum := c.X[0] + c.X[1] + c.X[2] + c.X[3]
		v := [3]int{i >> 2 & 1, i >> 1 & 1, i & 1}
		if want := float64(v[0] + 2*v[1] + 4*v[2]); sum != want {
			t.Errorf("%s is %v, want coordinates that add up to %g", c.Label, c.X, want)
		}
		if want := fmt.Sprintf("(%d,%d,%d)", v[0], v[1], v[2]); c.Label != want || c.Role != sim.Probe {
			t.Errorf("composition %d is a %v labelled %s, want probe %s", i, c.Role, c.Label, want)
		}
	}
	if fmt.Sprint(cs[7].X) != fmt.Sprint(task.Target()) {
		t.Errorf("the last composition is %v, want x̂ = %v", cs[7].X, task.Target())
	}
	if _, err := task.Composition(1, 0); err == nil {
		t.Error("two choices for three concepts: want an error")
	}
	if _, err := task.Composition(1, 0, 2); err == nil {
		t.Error("choice 2: want an error")
	}
	many := newTask(t, sim.Axes{Mu: make([]float64, 30)})
	if _, err := many.Compositions(); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Errorf("2^30 compositions: error %v, want the accepted number of concepts", err)
	}
}

func TestTaskCannotBeChanged(t *testing.T) {
	axes := sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}}
	l, err := axes.Layout()
	if err != nil {
		t.Fatal(err)
	}
	task := newTask(t, l)
	before := fmt.Sprint(task.Centroids(), task.Mu(), task.Sigma(), task.Rates())
	l.Sigma[0], l.Concepts[0][0], l.Centroids[0].X[0] = 9, 9, 9
	task.Sigma()[0], task.Centroids()[0].X[0], task.Target()[0], task.Mu()[0] = 9, 9, 9, 9
	if after := fmt.Sprint(task.Centroids(), task.Mu(), task.Sigma(), task.Rates()); after != before {
		t.Errorf("task changed from outside:\n%s\n%s", before, after)
	}
}
