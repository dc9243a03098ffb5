package theory_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

func axes(t *testing.T, a sim.Axes) *sim.Task {
	t.Helper()
	task, err := sim.NewTask(a)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func uut(t *testing.T, seed uint64, d int, c float64) *mat.SymDense {
	t.Helper()
	w, err := torch.UUT(seed, d, c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// figure5 is the published run, with a or a² as the rates.
func figure5(t *testing.T, rate theory.Rate) *theory.Run {
	t.Helper()
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	r, err := theory.Symmetric{Task: task, W0: uut(t, 2333, 3, 5), Eta: .01, Steps: 2000, Rate: rate}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// matrixForm is WA + AW − ½(AW² + W²A + 2WAW) by gonum's products.
func matrixForm(w *mat.SymDense, rates []float64) *mat.Dense {
	a := mat.NewDiagDense(len(rates), rates)
	var wa, aw, ww, aww, wwa, waw, sum mat.Dense
	wa.Mul(w, a)
	aw.Mul(a, w)
	ww.Mul(w, w)
	aww.Mul(a, &ww)
	wwa.Mul(&ww, a)
	waw.Mul(&wa, w)
	waw.Scale(2, &waw)
	sum.Add(&aww, &wwa)
	sum.Add(&sum, &waw)
	sum.Scale(-.5, &sum)
	sum.Add(&sum, &wa)
	sum.Add(&sum, &aw)
	return &sum
}

func TestTermsAddUpToTheMatrixForm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for d := 1; d <= 7; d++ {
		for range 20 {
			w, rates := mat.NewSymDense(d, nil), make([]float64, d)
			for i := range d {
				rates[i] = 3 * rng.Float64()
				for j := i; j < d; j++ {
					w.SetSym(i, j, rng.NormFloat64())
				}
			}
			terms, err := theory.Decompose(w, rates)
			if err != nil {
				t.Fatal(err)
			}
			if want := matrixForm(w, rates); !mat.EqualApprox(terms.Sum(), want, 1e-12) {
				t.Fatalf("d = %d: G − S − N =\n%v\nwant the matrix form\n%v", d, mat.Formatted(terms.Sum()), mat.Formatted(want))
			}
		}
	}
}

// One update of Run must be the matrix form as well, in more than three dimensions.
func TestUpdateIsTheMatrixForm(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1, 2, .5}, Sigma: []float64{.3, .2, .1}, D: 6})
	w0 := uut(t, 7, 6, 4)
	r, err := theory.Symmetric{Task: task, W0: w0, Eta: .03, Steps: 1}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := matrixForm(w0, task.Rates())
	want.Scale(.03, want)
	want.Add(want, w0)
	if !mat.EqualApprox(r.Final(), want, 1e-14) {
		t.Errorf("after one update\n%v\nwant\n%v", mat.Formatted(r.Final()), mat.Formatted(want))
	}
}

// W = UUᵀ under gradient flow on U is the flow of W: ten times smaller steps
// of the recurrence must come ten times closer to it.
func TestRecurrenceApproachesTheFlowOfU(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.2, .2}})
	u, err := torch.Factor(5, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	w0 := uut(t, 5, 2, 3)
	a := task.SecondMoment()
	// dU/dt = ½·(velocity that makes d(UUᵀ)/dt the recurrence's): −½∇, with
	// ∇ = (W−I)AU + A(W−I)U the gradient of ½ tr((W−I)A(W−I)ᵀ) in U.
	velocity := func(u *mat.Dense) *mat.Dense {
		var w, wa, aw mat.Dense
		w.Mul(u, u.T())
		for i := range 2 {
			w.Set(i, i, w.At(i, i)-1)
		}
		wa.Mul(&w, a)
		aw.Mul(a, &w)
		wa.Add(&wa, &aw)
		v := mat.NewDense(2, 2, nil)
		v.Mul(&wa, u)
		v.Scale(-.5, v)
		return v
	}
	const end = 3.0
	const n = 3000 // steps of the midpoint rule, whose error is far below the recurrence's
	for range n {
		half := mat.NewDense(2, 2, nil)
		half.Scale(end/n/2, velocity(u))
		half.Add(u, half)
		full := velocity(half)
		full.Scale(end/n, full)
		u.Add(u, full)
	}
	var exact mat.Dense
	exact.Mul(u, u.T())
	deviation := func(steps int) float64 {
		r, err := theory.Symmetric{Task: task, W0: w0, Eta: end / float64(steps), Steps: steps, Every: steps}.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var diff mat.Dense
		diff.Sub(r.Final(), &exact)
		return mat.Norm(&diff, 2)
	}
	coarse, fine := deviation(300), deviation(3000)
	if ratio := coarse / fine; ratio < 9 || ratio > 11 || coarse > .02 {
		t.Errorf("deviation from the flow %g at 300 steps, %g at 3000: want a small number and its tenth", coarse, fine)
	}
}

func TestFigure17(t *testing.T) {
	for _, rate := range []theory.Rate{theory.RateA2, theory.RateA} {
		r := figure5(t, rate)
		if ex := r.TestLoss().Extrema(); len(ex) != 2 || ex[0].Kind != theory.Minimum || ex[1].Kind != theory.Maximum {
			t.Errorf("rates %v: extrema of the test loss %v, want a minimum and a maximum", rate, ex)
		}
		train := r.TrainLoss()
		for k := 1; k < len(train.Y); k++ {
			if train.Y[k] > train.Y[k-1] {
				t.Fatalf("rates %v: training loss rises at update %d from %g to %g", rate, k, train.Y[k-1], train.Y[k])
			}
		}
	}
}

// What Figure 5 shows: w₂₂ is learned first, and w₂₁ grows, then is suppressed.
func TestFigure5Stages(t *testing.T) {
	r := figure5(t, theory.RateA2)
	half := func(i, j int) float64 {
		c, err := r.Entry(i, j)
		if err != nil {
			t.Fatal(err)
		}
		for k, y := range c.Y {
			if y > .5 {
				return c.T[k]
			}
		}
		return math.Inf(1)
	}
	if t22, t11 := half(2, 2), half(1, 1); !(t22 < t11) || math.IsInf(t11, 0) {
		t.Errorf("w₂₂ passes ½ at %g and w₁₁ at %g, want w₂₂ first and w₁₁ later", t22, t11)
	}
	w21, err := r.Entry(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	top := 0.0
	for _, y := range w21.Y {
		top = max(top, y)
	}
	if top < 3*w21.Y[0] || w21.Last() > top/10 {
		t.Errorf("w₂₁ starts at %g, reaches %g and ends at %g: want growth, then suppression", w21.Y[0], top, w21.Last())
	}
}

// The expected training loss must be the mean over samples: exactly so for
// clusters without noise.
func TestTrainLossIsTheMeanOverCentroids(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1, 2}, D: 3, Origin: true})
	r, err := theory.Symmetric{Task: task, W0: uut(t, 3, 3, 4), Eta: .02, Steps: 50}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	train := r.TrainLoss()
	outputs := r.TrainOutputs()
	for k := range train.Y {
		mean := 0.0
		for _, tr := range outputs {
			mean += tr.Loss().Y[k] / float64(len(outputs))
		}
		if math.Abs(mean-train.Y[k]) > 1e-14 {
			t.Fatalf("training loss at update %d is %g, want the mean over centroids %g", k, train.Y[k], mean)
		}
	}
}

func TestTermsOfARunAddUpToItsSteps(t *testing.T) {
	r := figure5(t, theory.RateA)
	g, s, n, err := r.Terms(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.Entry(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k+1 < len(w.Y); k++ {
		want := w.Y[k] + r.Eta()*(g.Y[k]-s.Y[k]-n.Y[k])
		if math.Abs(w.Y[k+1]-want) > 1e-15 {
			t.Fatalf("w₂₁ after update %d is %.17g, want %.17g", k+1, w.Y[k+1], want)
		}
	}
}

func TestEveryKeepsTheSameNumbers(t *testing.T) {
	// A hundred dimensions fill several chunks of the record.
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, D: 100})
	m := theory.Symmetric{Task: task, W0: uut(t, 1, 100, 20), Eta: .01, Steps: 25}
	all, err := m.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	m.Every = 10
	some, err := m.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, update := range []int{0, 10, 20, 25} {
		a, err := all.W(update)
		if err != nil {
			t.Fatal(err)
		}
		b, err := some.W(update)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(a, b) {
			t.Errorf("W after update %d differs when fewer are kept", update)
		}
	}
	if n := len(some.Times()); n != 4 {
		t.Errorf("%d matrices kept, want those after 0, 10, 20 and 25 updates", n)
	}
	if _, err := some.W(11); err == nil || !strings.Contains(err.Error(), "multiple of 10") {
		t.Errorf("W(11): error %v, want the updates that were kept", err)
	}
}

// A run that is cancelled in its midst ends there, with what it has.
func TestCancelStops(t *testing.T) {
	for _, tt := range []struct{ d, steps int }{{3, 7_000_000}, {200, 1600}} {
		m := theory.Symmetric{
			Task: axes(t, sim.Axes{Mu: []float64{.1}, D: tt.d}), W0: uut(t, 1, tt.d, 100),
			Eta: 1e-6, Steps: tt.steps,
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		r, err := m.Run(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("d = %d: error %v, want context.Canceled", tt.d, err)
		}
		if n := len(r.Times()); n < 1 || n > tt.steps {
			t.Errorf("d = %d: %d matrices kept, want those before the cancel", tt.d, n)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := theory.Symmetric{Task: axes(t, sim.Axes{Mu: []float64{1}}), W0: uut(t, 1, 1, 1), Eta: .1, Steps: 3}.Run(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("already cancelled: error %v, want context.Canceled", err)
	}
}

func TestDivergenceNamesTheStep(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{3, 4}})
	m := theory.Symmetric{Task: task, W0: uut(t, 1, 2, 1), Eta: 2, Steps: 1000}
	r, err := m.Run(context.Background())
	var div *theory.DivergedError
	if !errors.As(err, &div) {
		t.Fatalf("error %v, want a DivergedError", err)
	}
	// The record must end with the last finite matrix, just before that step.
	times := r.Times()
	if last := int(times[len(times)-1]); last != div.Step {
		t.Errorf("diverged at step %d, but the last of the finite matrices is after %d updates", div.Step, last)
	}
	m.Steps = div.Step
	if _, err := m.Run(context.Background()); err != nil {
		t.Errorf("%d updates: %v, want none to diverge before step %d", m.Steps, err, div.Step)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, D: 3})
	good := theory.Symmetric{Task: task, W0: uut(t, 1, 3, 5), Eta: .01, Steps: 10}
	wide := axes(t, sim.Axes{Mu: []float64{1}, D: 1000})
	for _, tt := range []struct {
		change func(*theory.Symmetric)
		want   string
	}{
		{func(m *theory.Symmetric) { m.Task = nil }, "Symmetric.Task is <nil>; want a task"},
		{func(m *theory.Symmetric) { m.Moment = mat.NewSymDense(2, nil) }, "size of Symmetric.Moment is 2×2; want 3×3"},
		{func(m *theory.Symmetric) { m.Moment = &mat.SymDense{} }, "size of Symmetric.Moment is 0×0; want 3×3"},
		{func(m *theory.Symmetric) { m.Moment = mat.NewSymDense(3, []float64{1, 2, 0, 2, 1, 0, 0, 0, 1}) }, "Symmetric.Moment is one with the eigenvalue -1; want"},
		{func(m *theory.Symmetric) { m.Moment = mat.NewSymDense(3, []float64{-1, 0, 0, 0, 1, 0, 0, 0, 1}) }, "Symmetric.Moment[0,0] is -1; want"},
		{func(m *theory.Symmetric) { m.W0 = nil }, "Symmetric.W0 is empty; want a symmetric 3×3"},
		{func(m *theory.Symmetric) { m.W0 = &mat.SymDense{} }, "Symmetric.W0 is empty; want a symmetric 3×3"},
		{func(m *theory.Symmetric) { m.W0 = uut(t, 1, 2, 5) }, "size of Symmetric.W0 is 2×2; want 3×3"},
		{func(m *theory.Symmetric) { m.W0 = mat.NewSymDense(3, nil); m.W0.SetSym(0, 1, math.NaN()) }, "Symmetric.W0[1] is NaN; want a finite"},
		{func(m *theory.Symmetric) { m.Eta = 0 }, "Symmetric.Eta is 0; want"},
		{func(m *theory.Symmetric) { m.Eta = -1 }, "Symmetric.Eta is -1; want"},
		{func(m *theory.Symmetric) { m.Eta = math.NaN() }, "Symmetric.Eta is NaN; want"},
		{func(m *theory.Symmetric) { m.Steps = 0 }, "Symmetric.Steps is 0; want at least 1"},
		{func(m *theory.Symmetric) { m.Steps = 1 << 40 }, "Symmetric.Steps is 1099511627776; want at most 7456538; or set Every"},
		{func(m *theory.Symmetric) { m.Task, m.Steps = wide, 1<<20 }, "Symmetric.Steps is 1048576; want at most 65; or set Every to at least"},
		{func(m *theory.Symmetric) { m.Every = -1 }, "Symmetric.Every is -1; want"},
		{func(m *theory.Symmetric) { m.Rate = 5 }, "Symmetric.Rate is 5; want theory.RateA"},
	} {
		m := good
		tt.change(&m)
		if _, err := m.Run(context.Background()); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "theory: ") {
			t.Errorf("error %v, want one that says %q", err, tt.want)
		}
	}
	r, err := good.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Entry(0, 1); err == nil || !strings.Contains(err.Error(), "(0, 1); want row and column from 1 to 3") {
		t.Errorf("Entry(0, 1): error %v", err)
	}
	if _, _, _, err := r.Terms(4, 1); err == nil {
		t.Error("Terms(4, 1) of a 3×3 run: want an error")
	}
	if _, err := r.Output([]float64{1}); err == nil || !strings.Contains(err.Error(), "len(x) is 1; want 3") {
		t.Errorf("Output of one coordinate: error %v", err)
	}
	if _, err := theory.Decompose(nil, nil); err == nil {
		t.Error("Decompose(nil, nil): want an error")
	}
	if _, err := theory.Decompose(good.W0, []float64{1}); err == nil {
		t.Error("Decompose with one rate for three axes: want an error")
	}
}

// Asking for every Every-th matrix as the error says must work.
func TestSuggestedEveryIsAccepted(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1}, D: 1000})
	m := theory.Symmetric{Task: task, W0: mat.NewSymDense(1000, nil), Eta: 1e-3, Steps: 1 << 20, Every: (1<<20)/65 + 1}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the run to be accepted and then cancelled", err)
	}
}
