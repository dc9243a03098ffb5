package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/train"
)

// Each bad value is refused by an error that names the field, the value and what would do.
func TestBadTraining(t *testing.T) {
	for want, spoil := range map[string]func(tr *train.Training){
		"train: Net.D is 0; want 1 to 4096":                                        func(tr *train.Training) { tr.Net.D = 0 },
		"train: Net.Layers is -1; want 1 to 1000, or 0 for 1":                      func(tr *train.Training) { tr.Net.Layers = -1 },
		"train: Net.Width is -3; want 1 to 65536, or 0 for D":                      func(tr *train.Training) { tr.Net.Width = -3 },
		"train: Net.Bias is true; want false for a tied network":                   func(tr *train.Training) { tr.Net.Tied = true },
		"train: the number of parameters of Net is ":                               func(tr *train.Training) { tr.Net.Width, tr.Net.Layers = 1<<16, 3 },
		"train: Net.Activation is half a pair; want both F and Slope":              func(tr *train.Training) { tr.Net.Activation = train.Activation{F: math.Sin} },
		"train: Training.W0 is nil; want weights such as Net.Init makes":           func(tr *train.Training) { tr.W0 = nil },
		"train: Training.W0: the number of matrices is 1; want 2":                  func(tr *train.Training) { tr.W0.W = tr.W0.W[:1] },
		"train: Training.W0: the number of biases is 0; want 2":                    func(tr *train.Training) { tr.W0.B = nil },
		"train: Training.W0.W[0]'s size is 3×5; want 5×3":                          func(tr *train.Training) { tr.W0.W[0] = mat.NewDense(3, 5, nil) },
		"train: Training.W0.W[1] is empty; want a matrix with numbers":             func(tr *train.Training) { tr.W0.W[1] = nil },
		"train: len(Training.W0.B[1]) is 2; want 3, the layer's outputs":           func(tr *train.Training) { tr.W0.B[1] = tr.W0.B[1][:2] },
		"train: Training.W0.B[0][1] is NaN; want a finite number":                  func(tr *train.Training) { tr.W0.B[0][1] = math.NaN() },
		"train: Training.X is empty; want a matrix with numbers":                   func(tr *train.Training) { tr.X = nil },
		"train: Training.X's size is 4×2; want 3 columns":                          func(tr *train.Training) { tr.X = mat.NewDense(4, 2, nil) },
		"train: Training.X[2][1] is +Inf; want a finite number":                    func(tr *train.Training) { tr.X.Set(2, 1, math.Inf(1)) },
		"train: Training.Y's size is 4×3; want 20×3":                               func(tr *train.Training) { tr.Y = mat.NewDense(4, 3, nil) },
		"train: Training.U's size is 2×2; want 3×3":                                func(tr *train.Training) { tr.U = mat.NewDense(2, 2, nil) },
		"train: Training.U·Uᵀ − 1 is up to ":                                       func(tr *train.Training) { tr.U = mat.NewDense(3, 3, nil) },
		"train: Training.Loss is 7; want train.MeanSquare or train.HalfSquare":     func(tr *train.Training) { tr.Loss = 7 },
		"train: Training.Optimizer.Rule is 9; want train.RuleSGD":                  func(tr *train.Training) { tr.Optimizer.Rule = 9 },
		"train: Training.Optimizer.LR is 0; want a finite number > 0":              func(tr *train.Training) { tr.Optimizer = train.Optimizer{} },
		"train: Training.Optimizer.LR is NaN; want a finite number > 0":            func(tr *train.Training) { tr.Optimizer.LR = math.NaN() },
		"train: Training.Optimizer.Momentum is 1; want a number from 0 to below 1": func(tr *train.Training) { tr.Optimizer.Momentum = 1 },
		"train: Training.Optimizer.Momentum is 0.9; want 0 for Adam":               func(tr *train.Training) { tr.Optimizer = train.Adam(1); tr.Optimizer.Momentum = .9 },
		"train: Training.Optimizer.Dampening is -1; want a number from 0 to 1":     func(tr *train.Training) { tr.Optimizer.Dampening = -1 },
		"train: Training.Optimizer.Nesterov is true; want false, or a Momentum":    func(tr *train.Training) { tr.Optimizer.Nesterov = true },
		"train: Training.Optimizer.WeightDecay is -1; want a finite number ≥ 0":    func(tr *train.Training) { tr.Optimizer.WeightDecay = -1 },
		"train: Training.Optimizer.Beta1 is 1; want a number from 0 to below 1":    func(tr *train.Training) { tr.Optimizer = train.Adam(1); tr.Optimizer.Beta1 = 1 },
		"train: Training.Optimizer.Beta2 is -1; want a number from 0 to below 1":   func(tr *train.Training) { tr.Optimizer = train.Adam(1); tr.Optimizer.Beta2 = -1 },
		"train: Training.Optimizer.Eps is 0; want a finite number > 0":             func(tr *train.Training) { tr.Optimizer = train.Adam(1); tr.Optimizer.Eps = 0 },
		"train: Training.Batch is 21; want 1 to 20":                                func(tr *train.Training) { tr.Batch = 21 },
		"train: Training.Batch is -1; want 1 to 20":                                func(tr *train.Training) { tr.Batch = -1 },
		"train: Training.Epochs is -1; want 1 to ":                                 func(tr *train.Training) { tr.Epochs = -1 },
		"train: Training.Epochs is 0; want at least 1, or Updates instead":         func(tr *train.Training) { tr.Epochs = 0 },
		"train: Training.Updates is 5; want 0 beside Epochs":                       func(tr *train.Training) { tr.Updates = 5 },
		"train: Training.Updates is -5; want 1 to ":                                func(tr *train.Training) { tr.Updates = -5 },
		"train: Training.Shuffle is 3; want train.InOrder":                         func(tr *train.Training) { tr.Shuffle = 3 },
		"train: Training.Precision is 2; want train.Float64 or train.Float32":      func(tr *train.Training) { tr.Precision = 2 },
		"train: Record.Epochs is -1; want at least 1, or 0 for none":               func(tr *train.Training) { tr.Record.Epochs = -1 },
		"train: Record.Every is -1; want at least 1, or 0 for none":                func(tr *train.Training) { tr.Record.Every = -1 },
		"train: Record.PerDecade is -1; want 1 to 10000, or 0 for none":            func(tr *train.Training) { tr.Record.PerDecade = -1 },
		"train: Record.At[0] is 13; want 0 to 12, the number of updates":           func(tr *train.Training) { tr.Record.At = []int{13} },
		"train: len(Record.Probes[0].X) is 1; want 3, the dimension":               func(tr *train.Training) { tr.Record.Probes = []sim.Centroid{{X: []float64{1}}} },
		"train: Record.HeldOut's size is 2×2; want 3 columns":                      func(tr *train.Training) { tr.Record.HeldOut = mat.NewDense(2, 2, nil) },
		"train: Record.HeldOut[1][0] is NaN; want a finite number":                 func(tr *train.Training) { tr.Record.HeldOut = mat.NewDense(2, 3, []float64{1, 1, 1, math.NaN(), 1, 1}) },
		"train: Record.HeldOut is empty; want a matrix with numbers":               func(tr *train.Training) { tr.Record.HeldOut = new(mat.Dense) },
		"train: the size of what Record keeps is ": func(tr *train.Training) {
			tr.Epochs, tr.Record = 1e9, train.Record{BatchLoss: true, At: []int{1}}
		},
	} {
		tr := small(t)
		spoil(&tr)
		run, err := tr.Run(context.Background())
		if run != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s…", err, want)
		}
		tr.Warnings() // must not panic either
	}
}

func TestBadFlow(t *testing.T) {
	for want, spoil := range map[string]func(f *train.Flow){
		"train: Net.D is -1; want 1 to 4096":                                      func(f *train.Flow) { f.Net.D = -1 },
		"train: Flow.W0 is nil; want weights":                                     func(f *train.Flow) { f.W0 = nil },
		"train: Flow.X is empty":                                                  func(f *train.Flow) { f.X = nil },
		"train: Flow.Y's size is 1×3; want 20×3":                                  func(f *train.Flow) { f.Y = mat.NewDense(1, 3, nil) },
		"train: Flow.Loss is -1":                                                  func(f *train.Flow) { f.Loss = -1 },
		"train: Flow.Times is empty; want at least one time":                      func(f *train.Flow) { f.Times = nil },
		"train: Flow.Times[1] is 1; want increasing numbers":                      func(f *train.Flow) { f.Times = []float64{1, 1} },
		"train: Flow.Times[0] is NaN; want a finite number":                       func(f *train.Flow) { f.Times = []float64{math.NaN()} },
		"train: Flow.RelTol is -1; want 1e-14 to 0.1, or 0":                       func(f *train.Flow) { f.RelTol = -1 },
		"train: Flow.AbsTol is NaN; want 1e-14 to 0.1, or 0":                      func(f *train.Flow) { f.AbsTol = math.NaN() },
		"train: Flow.MaxSteps is -1; want at least 1, or 0 for a million":         func(f *train.Flow) { f.MaxSteps = -1 },
		"train: Flow.MaxSteps is 1; want more, or looser tolerances: the flow":    func(f *train.Flow) { f.MaxSteps = 1 },
		"train: Flow.Record's times is not empty; want none; Flow.Times says":     func(f *train.Flow) { f.Record.Every = 1 },
		"train: Flow.Record.BatchLoss is true; want false; a flow has no batches": func(f *train.Flow) { f.Record.BatchLoss = true },
	} {
		tr := small(t)
		f := train.Flow{Net: tr.Net, W0: tr.W0, X: tr.X, Times: []float64{1}}
		spoil(&f)
		if _, err := f.Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s…", err, want)
		}
	}
}

func TestBadArguments(t *testing.T) {
	n := train.MLP(3, 5, 2)
	w, x := weights(t, n, 1), normal(1, 4, 3)
	for want, f := range map[string]func() error{
		"train: w is nil":         func() error { _, err := n.Forward(nil, x); return err },
		"train: x is empty":       func() error { _, err := n.Forward(w, nil); return err },
		"train: y's size is 4×2":  func() error { _, err := n.Loss(w, x, mat.NewDense(4, 2, nil), train.MeanSquare); return err },
		"train: loss is 2":        func() error { _, _, err := n.Gradient(w, x, nil, 2); return err },
		"train: len(x) is 1":      func() error { _, err := n.Jacobian(w, []float64{1}); return err },
		"train: the generator is": func() error { _, err := n.InitFrom(nil); return err },
		"train: the task is nil":  func() error { _, err := train.Population(nil); return err },
		"train: Net.D is 0":       func() error { _, err := train.Net{}.Init(1); return err },
		"train: n is -1":          func() error { return train.Each(context.Background(), -1, nil) },
		"train: Record.Jacobian is f": func() error {
			run, err := small(t).Run(context.Background())
			if err != nil {
				return err
			}
			_, err = run.Jacobian(0)
			return err
		},
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s…", err, want)
		}
	}
	// Overflowing data must end as an error or as a divergence, never as a panic.
	tr := small(t)
	tr.X.Scale(1e300, tr.X)
	if _, err := tr.Run(context.Background()); err == nil {
		t.Error("data of 1e300 trains")
	}
	tr.Net = train.DeepLinear(3, 3, 2)
	tr.W0 = weights(t, tr.Net, 1)
	if _, err := tr.Run(context.Background()); err == nil {
		t.Error("data of 1e300 trains")
	}
}
