package theory_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// oblique is a task of two concepts that are not orthogonal, and a third dimension.
func oblique(t *testing.T) *sim.Task {
	t.Helper()
	task, err := sim.NewTask(sim.Layout{
		D: 3,
		Centroids: []sim.Centroid{
			{Label: "a", X: []float64{1, .3, 0}}, {Label: "b", X: []float64{.4, 1.5, 0}, Weight: 2},
			{Label: "x̂", X: []float64{1.4, 1.8, 0}, Role: sim.Probe},
		},
		Concepts: [][]float64{{1, .3, 0}, {.4, 1.5, 0}},
		Sigma:    []float64{.1, .05, .2},
	})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestModesTakeTheMomentApart(t *testing.T) {
	task := oblique(t)
	m, err := theory.TaskModes(task)
	if err != nil {
		t.Fatal(err)
	}
	a := task.SecondMoment()
	var back, left mat.Dense
	left.Mul(m.Q, mat.NewDiagDense(3, m.A))
	back.Mul(&left, m.Q.T())
	if !mat.EqualApprox(&back, a, 1e-14) {
		t.Errorf("Q diag(a) Qᵀ =\n%v\nwant the second moment\n%v", mat.Formatted(&back), mat.Formatted(a))
	}
	if m.A[0] < m.A[1] || m.A[1] < m.A[2] || m.A[2] <= 0 {
		t.Errorf("a = %v, want it positive and falling", m.A)
	}
	x := []float64{1, 2, 3}
	y, err := m.To(x)
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.From(y)
	if err != nil {
		t.Fatal(err)
	}
	if !close(x, z, 1e-14) || close(x, y, .1) {
		t.Errorf("%v along the modes is %v, and back %v", x, y, z)
	}
	// Modes of a diagonal moment are the axes, in their own order.
	m, err = theory.TaskModes(axes(t, sim.Axes{Mu: []float64{1, 2, .5}}))
	if err != nil || !m.Diagonal() || m.A[1] < m.A[0] {
		t.Errorf("modes %v, %v: want the axes as they are", m, err)
	}
}

func close(x, y []float64, tol float64) bool {
	for i := range x {
		if math.Abs(x[i]-y[i]) > tol {
			return false
		}
	}
	return len(x) == len(y)
}

// With a correlated second moment, every update must still be the matrix form.
func TestUpdateIsTheMatrixFormForAnyMoment(t *testing.T) {
	task := oblique(t)
	w := uut(t, 7, 3, 3)
	m := theory.Symmetric{Task: task, W0: w, Eta: .05, Steps: 30}
	r, err := m.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	a := task.SecondMoment()
	for k := range 30 {
		kept, err := r.W(k)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(kept, w, 1e-13) {
			t.Fatalf("W after %d updates\n%v\nwant\n%v", k, mat.Formatted(kept), mat.Formatted(w))
		}
		if k == 0 && !mat.Equal(kept, w) {
			t.Fatal("W(0) must be kept to the last bit")
		}
		step := matrixMoment(w, a)
		next := mat.NewSymDense(3, nil)
		for i := range 3 {
			for j := i; j < 3; j++ {
				next.SetSym(i, j, w.At(i, j)+.05*step.At(i, j))
			}
		}
		w = next
	}
	// The loss does not depend on the basis; the terms add up in that of the modes.
	v := r.InModes()
	if !close(r.TestLoss().Y, v.TestLoss().Y, 1e-13) || !close(r.TrainLoss().Y, v.TrainLoss().Y, 1e-13) {
		t.Error("the losses seen along the modes differ")
	}
	if _, _, _, err := r.Terms(1, 2); err == nil || !strings.Contains(err.Error(), "InModes()") {
		t.Errorf("terms along the axes: error %v, want a hint to InModes", err)
	}
	g, s, n, err := v.Terms(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Entry(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k+1 < len(e.Y); k++ {
		if want := e.Y[k] + .05*(g.Y[k]-s.Y[k]-n.Y[k]); math.Abs(e.Y[k+1]-want) > 1e-14 {
			t.Fatalf("mode entry after update %d is %g, want %g", k+1, e.Y[k+1], want)
		}
	}
	if v.InModes() != v {
		t.Error("a run seen in modes must be itself when asked again")
	}
	if got := v.Concepts(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("modes with centroids %v, want 1 and 2", got)
	}
}

func matrixMoment(w *mat.SymDense, a *mat.SymDense) *mat.Dense {
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

// The closed form of one layer must be the limit of small steps, for any second moment.
func TestOneLayerForAnyMoment(t *testing.T) {
	task := oblique(t)
	w0 := mat.NewDense(3, 3, []float64{.1, .2, .05, -.1, .3, 0, .2, .1, .1})
	deviation := func(steps int) float64 {
		m := theory.OneLayer{Task: task, W0: w0, Eta: 3 / float64(steps), Steps: steps, Every: steps}
		r, err := m.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		s, err := m.Solve(task.Target(), []float64{3})
		if err != nil {
			t.Fatal(err)
		}
		x := r.TestOutput().X
		far := 0.0
		for k, v := range s.Output.X[0] {
			far = math.Max(far, math.Abs(v-x[len(x)-1][k]))
		}
		return far
	}
	coarse, fine := deviation(200), deviation(2000)
	if ratio := coarse / fine; ratio < 9 || ratio > 11 || coarse > .02 {
		t.Errorf("deviation %g at 200 steps and %g at 2000: want a small number and its tenth", coarse, fine)
	}
}

// Descent on the samples themselves is the model with their moment.
func TestSampleMoment(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	samples := make([][]float64, 7)
	for n := range samples {
		samples[n] = []float64{rng.NormFloat64(), 1 + rng.NormFloat64(), rng.NormFloat64()}
	}
	a, err := theory.SampleMoment(samples)
	if err != nil {
		t.Fatal(err)
	}
	task := oblique(t)
	m := theory.OneLayer{Task: task, Moment: a, Eta: .1, Steps: 20}
	r, err := m.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, 9)
	for range 20 {
		grad := make([]float64, 9)
		for _, x := range samples {
			for i := range 3 {
				e := -x[i]
				for j := range 3 {
					e += w[i*3+j] * x[j]
				}
				for j := range 3 {
					grad[i*3+j] += e * x[j] / 7
				}
			}
		}
		for k := range w {
			w[k] -= .1 * grad[k]
		}
	}
	if !mat.EqualApprox(r.Final(), mat.NewDense(3, 3, w), 1e-13) {
		t.Errorf("W =\n%v\nwant that of descent on the samples\n%v", mat.Formatted(r.Final()), mat.Formatted(mat.NewDense(3, 3, w)))
	}
	for _, tt := range []struct {
		x    [][]float64
		want string
	}{
		{nil, "len(samples) is 0; want at least 1"},
		{[][]float64{{}}, "len(samples[0]) is 0; want"},
		{[][]float64{{1, 2}, {1}}, "len(samples[1]) is 1; want 2"},
		{[][]float64{{1, math.NaN()}}, "samples[0][1] is NaN; want"},
	} {
		if _, err := theory.SampleMoment(tt.x); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// The spread must be the one that many drawn samples show.
func TestFiniteSampleAgainstDraws(t *testing.T) {
	// One cluster has noise of its own.
	own := []float64{.3, 0, .1}
	task, err := sim.NewTask(sim.Layout{
		D: 3,
		Centroids: []sim.Centroid{
			{Label: "a", X: []float64{1, .3, 0}, Sigma: own}, {Label: "b", X: []float64{.4, 1.5, 0}, Weight: 2},
		},
		Sigma: []float64{.1, .05, .2},
	})
	if err != nil {
		t.Fatal(err)
	}
	const n, draws = 5, 4000
	spread, err := theory.FiniteSample(task, n)
	if err != nil {
		t.Fatal(err)
	}
	if spread.N != 3*n {
		t.Errorf("%d samples, want %d: the second cluster has twice the weight", spread.N, 3*n)
	}
	rng := rand.New(rand.NewPCG(4, 5))
	sum, square := make([]float64, 9), make([]float64, 9)
	for range draws {
		var samples [][]float64
		for i, c := range task.Train() {
			sigma := [][]float64{own, task.Sigma()}[i]
			for range n * int(c.Weight) {
				x := make([]float64, 3)
				for k := range x {
					x[k] = c.X[k] + sigma[k]*rng.NormFloat64()
				}
				samples = append(samples, x)
			}
		}
		a, err := theory.SampleMoment(samples)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 9 {
			v := a.At(k/3, k%3)
			sum[k] += v / draws
			square[k] += v * v / draws
		}
	}
	for k := range 9 {
		sd := math.Sqrt(square[k] - sum[k]*sum[k])
		want, mean := spread.SD.At(k/3, k%3), spread.Mean.At(k/3, k%3)
		// The standard deviation of 4000 draws is right to about 1/√8000.
		if math.Abs(sd/want-1) > .06 || math.Abs(sum[k]-mean) > 5*want/math.Sqrt(draws) {
			t.Errorf("entry %d: drawn %g ± %g, computed %g ± %g", k, sum[k], sd, mean, want)
		}
	}
	if _, err := theory.FiniteSample(task, 0); err == nil || !strings.Contains(err.Error(), "n is 0; want at least 1") {
		t.Errorf("no number of samples: error %v", err)
	}
	if _, err := theory.FiniteSample(nil, 1); err == nil {
		t.Error("no task: want an error")
	}
}

func TestInit(t *testing.T) {
	w, err := theory.Init{D: 3, Scale: .2, Seed: 2333}.W0()
	if err != nil {
		t.Fatal(err)
	}
	if want := uut(t, 2333, 3, 5); !mat.EqualApprox(w, want, 1e-16) {
		t.Errorf("W(0) =\n%v\nwant that of UUT\n%v", mat.Formatted(w), mat.Formatted(want))
	}
	// One hidden unit: a matrix of rank one, and descent on U keeps the rank.
	u, err := theory.Init{D: 3, Width: 1, Scale: .2, Seed: 2333}.U0()
	if err != nil {
		t.Fatal(err)
	}
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, D: 3})
	r, err := theory.Symmetric{Task: task, U0: u, Eta: .01, Steps: 3000}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	f := r.Final()
	if det := f.At(0, 0)*f.At(1, 1) - f.At(0, 1)*f.At(0, 1); math.Abs(det) > 1e-12 {
		t.Errorf("a minor of the matrix of one hidden unit is %g, want 0", det)
	}
	if loss := r.TestLoss().Last(); loss < .1 {
		t.Errorf("one hidden unit ends at loss %g, want it not to learn two concepts", loss)
	}
	for _, tt := range []struct {
		in   theory.Init
		want string
	}{
		{theory.Init{Scale: 1}, "Init.D is 0; want 1 to 1024"},
		{theory.Init{D: 2, Width: -1, Scale: 1}, "Init.Width is -1; want"},
		{theory.Init{D: 2}, "Init.Scale is 0; want"},
		{theory.Init{D: 2, Scale: math.Inf(1)}, "Init.Scale is +Inf; want"},
	} {
		if _, err := tt.in.W0(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// Descent on U and the recurrence of W have the same flow, for a correlated moment too.
func TestDescentOnUApproachesTheRecurrence(t *testing.T) {
	task := oblique(t)
	u, err := theory.Init{D: 3, Width: 5, Scale: .2, Seed: 1}.U0()
	if err != nil {
		t.Fatal(err)
	}
	w, err := theory.Init{D: 3, Width: 5, Scale: .2, Seed: 1}.W0()
	if err != nil {
		t.Fatal(err)
	}
	deviation := func(steps int) float64 {
		m := theory.Symmetric{Task: task, W0: w, Eta: 4 / float64(steps), Steps: steps, Every: steps}
		a, err := m.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		m.W0, m.U0 = nil, u
		b, err := m.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var diff mat.Dense
		diff.Sub(a.Final(), b.Final())
		return mat.Norm(&diff, 2)
	}
	coarse, fine := deviation(400), deviation(4000)
	if ratio := coarse / fine; ratio < 9 || ratio > 11 || coarse > .05 {
		t.Errorf("the two are %g apart at 400 steps and %g at 4000: want a small number and its tenth", coarse, fine)
	}
	for _, tt := range []struct {
		w    *mat.SymDense
		u    *mat.Dense
		want string
	}{
		{w, u, "Symmetric.U0 is set beside W0; want one"},
		{nil, &mat.Dense{}, "Symmetric.U0 is empty; want a matrix of d = 3 rows"},
		{nil, mat.NewDense(2, 2, nil), "size of Symmetric.U0 is 2×2; want 3 rows"},
		{nil, mat.NewDense(3, 1, []float64{1, math.Inf(1), 0}), "Symmetric.U0[1] is +Inf; want"},
	} {
		_, err := theory.Symmetric{Task: task, W0: tt.w, U0: tt.u, Eta: .1, Steps: 1}.Run(context.Background())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// Of Figure 5's model some seeds have a W(0) so close to singular that the recurrence of W, at the published step
// size, makes an eigenvalue negative, which then runs away. Descent on U cannot, and learns.
func TestDescentOnUDoesNotRunAway(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	sweep := func(u bool) *theory.Phase {
		ph, err := theory.Sweep{
			X: theory.Linear("seed", 1, 130, 130), Y: theory.Linear("run", 1, 1, 1),
			Model: func(seed, _ float64) (theory.Symmetric, error) {
				in := theory.Init{D: 3, Scale: .2, Seed: uint64(math.Round(seed))}
				m := theory.Symmetric{Task: task, Eta: .01, Steps: 2000, Rate: theory.RateA2}
				var err error
				if u {
					m.U0, err = in.U0()
				} else {
					m.W0, err = in.W0()
				}
				return m, err
			},
		}.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return ph
	}
	ofW, ofU := sweep(false), sweep(true)
	away := 0
	for i, o := range ofW.At[0] {
		if o.Diverged {
			away++
		}
		if q := ofU.At[0][i]; q.Diverged || len(q.Stages.Learned) != 2 || q.Stages.Learned[0].Negative || q.Stages.Learned[1].Negative {
			t.Errorf("seed %g: descent on U gives %v", o.X, q.Stages)
		}
	}
	if away == 0 {
		t.Error("no seed runs away: want some for which U0 is of use")
	}
}
