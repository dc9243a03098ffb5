package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
	"swingby/simlib/train"
)

func normal(seed uint64, rows, cols int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, rows*cols)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return mat.NewDense(rows, cols, x)
}

func nets() []train.Net {
	biased := train.DeepLinear(3, 4, 2)
	biased.Bias = true
	tanh := train.MLP(3, 5, 3)
	tanh.Activation = train.Tanh
	own := train.DeepLinear(3, 20, 2)
	own.Activation = train.Activation{
		Name:  "cube",
		F:     func(x float64) float64 { return x * x * x },
		Slope: func(x float64) float64 { return 3 * x * x },
	}
	return []train.Net{train.OneLayer(3), train.Symmetric(3, 5), train.DeepLinear(3, 4, 3), biased, train.MLP(3, 17, 3), tanh, own}
}

func weights(t testing.TB, n train.Net, seed uint64) *train.Weights {
	t.Helper()
	w, err := n.Init(seed)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// each calls f with a pointer to every parameter of w and the gradient's entry for it.
func each(w, g *train.Weights, f func(p *float64, slope float64)) {
	for l, m := range w.W {
		x, dx := m.RawMatrix().Data, g.W[l].RawMatrix().Data
		for i := range x {
			f(&x[i], dx[i])
		}
	}
	for l, b := range w.B {
		for i := range b {
			f(&b[i], g.B[l][i])
		}
	}
}

func TestGradientAgainstDifferences(t *testing.T) {
	const h = 1e-5
	x, y := normal(1, 7, 3), normal(2, 7, 3)
	for _, n := range nets() {
		for _, loss := range []train.Loss{train.MeanSquare, train.HalfSquare} {
			w := weights(t, n, 5)
			g, value, err := n.Gradient(w, x, y, loss)
			if err != nil {
				t.Fatal(err)
			}
			if l, err := n.Loss(w, x, y, loss); err != nil || math.Abs(l-value) > 1e-14 {
				t.Errorf("%v: Gradient gives the loss %g, Loss %g, %v", n, value, l, err)
			}
			count := 0
			each(w, g, func(p *float64, slope float64) {
				at := func(v float64) float64 {
					was := *p
					defer func() { *p = was }()
					*p = v
					l, err := n.Loss(w, x, y, loss)
					if err != nil {
						t.Fatal(err)
					}
					return l
				}
				if d := (at(*p+h) - at(*p-h)) / (2 * h); math.Abs(d-slope) > 1e-7 {
					t.Errorf("%v, %v: the gradient is %g, differences give %g", n, loss, slope, d)
				}
				count++
			})
			if count != w.Count() {
				t.Errorf("%v: %d parameters of %d looked at", n, count, w.Count())
			}
		}
	}
}

func TestJacobianAgainstDifferences(t *testing.T) {
	const h = 1e-6
	x := []float64{.3, -.7, 1.1}
	for _, n := range nets() {
		w := weights(t, n, 6)
		j, err := n.Jacobian(w, x)
		if err != nil {
			t.Fatal(err)
		}
		for k := range x {
			both := mat.NewDense(2, 3, append(append([]float64(nil), x...), x...))
			both.Set(0, k, x[k]+h)
			both.Set(1, k, x[k]-h)
			y, err := n.Forward(w, both)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				if d := (y.At(0, i) - y.At(1, i)) / (2 * h); math.Abs(d-j.At(i, k)) > 1e-8 {
					t.Errorf("%v: ∂f_%d/∂x_%d is %g, differences give %g", n, i, k, j.At(i, k), d)
				}
			}
		}
	}
}

// apart returns the largest difference between two networks' weights.
func apart(a, b *train.Weights) float64 {
	var x, y []float64
	each(a, a, func(p *float64, _ float64) { x = append(x, *p) })
	each(b, b, func(p *float64, _ float64) { y = append(y, *p) })
	return worst(x, y)
}

// Descent with smaller and smaller steps tends to the flow: halving the step halves the distance.
func TestFlowAgainstSmallSteps(t *testing.T) {
	ctx := context.Background()
	x, y := normal(3, 9, 3), normal(4, 9, 3)
	x.Scale(.5, x)
	for _, n := range nets() {
		if n.Activation.Name == "ReLU" {
			continue // its kinks let the distance shrink unevenly; see below
		}
		w := weights(t, n, 7)
		flow, err := train.Flow{Net: n, W0: w, X: x, Y: y, Loss: train.HalfSquare, Times: []float64{1, 2}}.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var off []float64
		for _, steps := range []int{500, 1000} {
			run, err := train.Training{Net: n, W0: w, X: x, Y: y, Loss: train.HalfSquare,
				Optimizer: train.SGD(2 / float64(steps)), Updates: steps}.Run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			off = append(off, apart(run.Final(), flow.Final()))
		}
		if ratio := off[0] / off[1]; !(ratio > 1.9 && ratio < 2.1) || off[1] > 1e-2 {
			t.Errorf("%v: steps of 1/250 and 1/500 are %g and %g off the flow", n, off[0], off[1])
		}
	}
	n := train.MLP(3, 17, 3)
	w := weights(t, n, 7)
	flow, err := train.Flow{Net: n, W0: w, X: x, Loss: train.HalfSquare, Times: []float64{2}}.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	run, err := train.Training{Net: n, W0: w, X: x, Loss: train.HalfSquare, Optimizer: train.SGD(1e-3), Updates: 2000}.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(run.Final(), flow.Final()); d > 1e-3 {
		t.Errorf("%v: small steps are %g off the flow", n, d)
	}
}

// The flow of one layer on the population is the closed form of Theorem 4.1.
func TestFlowAgainstClosedForm(t *testing.T) {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.3, .1, 0}, D: 3})
	if err != nil {
		t.Fatal(err)
	}
	w0, err := torch.Factor(1, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	x, err := train.Population(task)
	if err != nil {
		t.Fatal(err)
	}
	times := []float64{0, .1, 1, 3, 10}
	run, err := train.Flow{Net: train.OneLayer(3), W0: &train.Weights{W: []*mat.Dense{w0}}, X: x, Loss: train.HalfSquare,
		Times: times, Record: train.Record{Probes: task.Probes()}}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want, err := theory.OneLayer{Task: task, W0: w0}.Solve(task.Target(), times)
	if err != nil {
		t.Fatal(err)
	}
	got := run.Trajectory(0)
	if len(got.X) != len(times) {
		t.Fatalf("%d records, want %d", len(got.X), len(times))
	}
	for k := range times {
		if w := worst(got.X[k], want.Output.X[k]); w > 1e-7 {
			t.Errorf("t = %g: off by %g", times[k], w)
		}
	}
}

// The symmetric network's UUᵀ follows the matrix equation of package theory, whose time runs twice as fast.
func TestSymmetricAgainstTheory(t *testing.T) {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	if err != nil {
		t.Fatal(err)
	}
	u, err := torch.Factor(2333, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	w0, err := torch.UUT(2333, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	x, err := train.Population(task)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := train.Flow{Net: train.Symmetric(3, 3), W0: &train.Weights{W: []*mat.Dense{u}}, X: x, Loss: train.HalfSquare,
		Times: []float64{1, 2, 4}, Record: train.Record{Jacobian: true}}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const steps = 80000
	run, err := theory.Symmetric{Task: task, W0: w0, Eta: 8. / steps, Steps: steps, Every: steps / 8}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, tm := range []float64{0, 1, 2, 4} {
		got, err := flow.Jacobian(k)
		if err != nil {
			t.Fatal(err)
		}
		want, err := run.W(int(tm * steps / 4))
		if err != nil {
			t.Fatal(err)
		}
		got.Sub(got, want)
		if off := mat.Norm(got, math.Inf(1)); off > 1e-3 {
			t.Errorf("t = %g: W is off by %g", tm, off)
		}
	}
}

// Fewer rows with the same sums of products give the same training.
func TestFewerRowsAgree(t *testing.T) {
	x, y := normal(8, 50, 3), normal(9, 50, 3)
	for _, n := range nets()[:4] {
		for _, targets := range []*mat.Dense{nil, y} {
			for _, o := range []train.Optimizer{train.SGD(.05), train.Momentum(.02, .9), train.Adam(.01)} {
				tr := train.Training{Net: n, W0: weights(t, n, 10), X: x, Y: targets, Optimizer: o, Batch: 20, Epochs: 20,
					Shuffle: train.Once, Record: train.Record{BatchLoss: true, Loss: true}}
				few, err := tr.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				tr.EverySample = true
				all, err := tr.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if w := apart(few.Final(), all.Final()); w > 1e-11 {
					t.Errorf("%v, %v: weights differ by %g", n, o, w)
				}
				if w := worst(few.BatchLoss().Y, all.BatchLoss().Y); w > 1e-12 || len(few.BatchLoss().Y) != 60 {
					t.Errorf("%v, %v: batch losses differ by %g", n, o, w)
				}
			}
		}
	}
}

// A custom activation with ReLU's functions trains as ReLU does.
func TestCustomActivationAgrees(t *testing.T) {
	n := train.MLP(3, 17, 3)
	tr := train.Training{Net: n, W0: weights(t, n, 11), X: normal(12, 40, 3), Optimizer: train.SGD(.1), Batch: 16, Epochs: 30}
	fast, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tr.Net.Activation = train.Activation{Name: "mine", F: train.ReLU.F, Slope: train.ReLU.Slope}
	slow, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if w := apart(fast.Final(), slow.Final()); w > 1e-13 {
		t.Errorf("weights differ by %g", w)
	}
}

// Single precision follows double precision.
func TestPrecisionsAgree(t *testing.T) {
	for _, n := range nets() {
		tr := train.Training{Net: n, W0: weights(t, n, 13), X: normal(14, 40, 3), Optimizer: train.SGD(.02), Batch: 16, Epochs: 30}
		double, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		tr.Precision = train.Float32
		single, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if w := apart(double.Final(), single.Final()); w > 1e-4 || w == 0 {
			t.Errorf("%v: weights differ by %g", n, w)
		}
	}
}
