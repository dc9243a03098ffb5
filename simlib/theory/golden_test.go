package theory_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

// goldenRun is one run of an independent program; see testdata/README.md.
type goldenRun struct {
	Config struct {
		Mu, Sigma    []float64
		S            int
		Seed         uint64
		Scale, Eta   float64
		Steps, Power int
	}
	Rates   []float64
	W0      [][]float64
	Parts   struct{ G, S, N [][]float64 } `json:"parts_at_W0"`
	Steps   []int
	W       [][][]float64
	Loss    []float64
	Extrema [][3]any `json:"loss_extrema"`
}

func golden(t *testing.T) map[string]goldenRun {
	t.Helper()
	text, err := os.ReadFile("testdata/theory.json")
	if err != nil {
		t.Fatal(err)
	}
	var runs map[string]goldenRun
	if err := json.Unmarshal(text, &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) < 4 {
		t.Fatalf("%d golden runs, want at least 4", len(runs))
	}
	return runs
}

// run repeats a golden run from its seed.
func (g goldenRun) run(t *testing.T) *theory.Run {
	t.Helper()
	d := len(g.Config.Mu)
	task, err := sim.NewTask(sim.Axes{Mu: g.Config.Mu[:g.Config.S], Sigma: g.Config.Sigma, D: d})
	if err != nil {
		t.Fatal(err)
	}
	w0, err := torch.UUT(g.Config.Seed, d, g.Config.Scale)
	if err != nil {
		t.Fatal(err)
	}
	rate := theory.RateA
	if g.Config.Power == 2 {
		rate = theory.RateA2
	}
	r, err := theory.Symmetric{Task: task, W0: w0, Eta: g.Config.Eta, Steps: g.Config.Steps, Rate: rate}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const tol = 1e-12

func compare(t *testing.T, what string, got mat.Matrix, want [][]float64) {
	t.Helper()
	for i := range want {
		for j, w := range want[i] {
			if g := got.At(i, j); math.Abs(g-w) > tol {
				t.Errorf("%s(%d,%d) = %.17g, want %.17g", what, i+1, j+1, g, w)
			}
		}
	}
}

func TestRecurrenceMatchesGolden(t *testing.T) {
	for name, g := range golden(t) {
		r := g.run(t)
		for k, want := range g.Rates {
			if got := r.Rates()[k]; math.Abs(got-want) > tol {
				t.Errorf("%s: rate %d is %.17g, want %.17g", name, k+1, got, want)
			}
		}
		loss := r.TestLoss()
		for n, update := range g.Steps {
			w, err := r.W(update)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name+": W", w, g.W[n])
			if got := loss.At(float64(update)); math.Abs(got-g.Loss[n]) > tol {
				t.Errorf("%s: loss after update %d is %.17g, want %.17g", name, update, got, g.Loss[n])
			}
		}
		d := len(g.Config.Mu)
		w0, err := torch.UUT(g.Config.Seed, d, g.Config.Scale)
		if err != nil {
			t.Fatal(err)
		}
		terms, err := theory.Decompose(w0, r.Rates())
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name+": G", terms.G, g.Parts.G)
		compare(t, name+": S", terms.S, g.Parts.S)
		compare(t, name+": N", terms.N, g.Parts.N)
	}
}

// The golden list also has a last minimum where the loss trembles at the
// smallest numbers it can reach; that one is no turn and must be left out.
func TestExtremaMatchGolden(t *testing.T) {
	for name, g := range golden(t) {
		var want []theory.Extremum
		for _, e := range g.Extrema {
			x := theory.Extremum{T: e[0].(float64), Value: e[1].(float64)}
			if e[2] == "max" {
				x.Kind = theory.Maximum
			}
			if x.Value > 0 {
				want = append(want, x)
			}
		}
		got := g.run(t).TestLoss().Extrema()
		if len(got) != len(want) {
			t.Errorf("%s: extrema %v, want %v", name, got, want)
			continue
		}
		for i, e := range got {
			if e.Kind != want[i].Kind || e.T != want[i].T || math.Abs(e.Value-want[i].Value) > 1e-6 || e.Step != int(e.T)-1 {
				t.Errorf("%s: %v, want %v", name, e, want[i])
			}
		}
	}
}
