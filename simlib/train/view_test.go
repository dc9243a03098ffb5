package train_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/train"
)

// pad returns points with d coordinates, those beyond zero.
func pad(x *mat.Dense, d int) *mat.Dense {
	n, k := x.Dims()
	y := mat.NewDense(n, d, nil)
	for i := range n {
		copy(y.RawRowView(i)[:k], x.RawRowView(i))
	}
	return y
}

// Where the data leave coordinates out, training that leaves them out too gives what training on all of them gives.
func TestUnusedCoordinatesChangeNothing(t *testing.T) {
	const d = 12
	var qr mat.QR
	qr.Factorize(normal(5, d, d))
	u := new(mat.Dense)
	qr.QTo(u)
	relu := train.MLP(d, 9, 3)
	two := train.MLP(d, 20, 2)
	tanh := train.MLP(d, 5, 2)
	tanh.Activation = train.Tanh
	for _, net := range []train.Net{train.OneLayer(d), train.DeepLinear(d, 4, 3), relu, two, tanh} {
		for _, o := range []train.Optimizer{train.SGD(.2), train.Momentum(.05, .8)} {
			for _, turn := range []*mat.Dense{nil, u} {
				tr := train.Training{
					Net: net, W0: weights(t, net, 3), X: pad(normal(1, 50, 2), d), U: turn, Optimizer: o, Batch: 16, Epochs: 6,
					Shuffle: train.EachEpoch,
					Record: train.Record{
						Every: 1, Probes: []sim.Centroid{{X: []float64{1, 2, 11: 0}}}, HeldOut: pad(normal(2, 30, 2), d),
						Loss: true, Weights: true, Jacobian: true,
					},
				}
				few, err := tr.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				tr.EverySample = true
				all, err := tr.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%v, %v, turned %v", net, o, turn != nil)
				last := len(all.Times()) - 1
				for k := range last + 1 {
					if w := worst(few.Trajectory(0).X[k], all.Trajectory(0).X[k]); w > 1e-12 {
						t.Fatalf("%s: record %d is off by %g", what, k, w)
					}
				}
				if w := worst(few.HeldOutLoss().Y, all.HeldOutLoss().Y); w > 1e-12 {
					t.Errorf("%s: the held-out loss is off by %g", what, w)
				}
				if w := worst(few.TrainLoss().Y, all.TrainLoss().Y); w > 1e-12 {
					t.Errorf("%s: the training loss is off by %g", what, w)
				}
				a, err := few.Weights(last)
				if err != nil {
					t.Fatal(err)
				}
				if w := apart(a, all.Final()); w > 1e-12 {
					t.Errorf("%s: the weights are off by %g", what, w)
				}
				ja, err := few.Jacobian(last)
				if err != nil {
					t.Fatal(err)
				}
				if jb, err := all.Jacobian(last); err != nil || !mat.EqualApprox(ja, jb, 1e-12) {
					t.Errorf("%s: the Jacobians differ, %v", what, err)
				}
			}
		}
	}
}

// A probe, or a rule, that needs every coordinate gets it.
func TestCoordinatesInUse(t *testing.T) {
	const d = 6
	for name, change := range map[string]func(*train.Training){
		"a probe off the data's axes": func(tr *train.Training) {
			tr.Record.Probes = []sim.Centroid{{X: []float64{1, 2, 3, 4, 5, 6}}}
		},
		"held-out samples off them": func(tr *train.Training) { tr.Record.HeldOut = normal(7, 5, d) },
		"Adam":                      func(tr *train.Training) { tr.Optimizer = train.Adam(.01) },
		"weight decay":              func(tr *train.Training) { tr.Optimizer.WeightDecay = .1 },
		"targets of their own":      func(tr *train.Training) { tr.Y = normal(8, 40, d) },
		"no data but zeros":         func(tr *train.Training) { tr.X = mat.NewDense(40, d, nil) },
	} {
		net := train.MLP(d, 7, 2)
		tr := train.Training{
			Net: net, W0: weights(t, net, 3), X: pad(normal(1, 40, 2), d), Optimizer: train.SGD(.1), Batch: 10, Epochs: 5,
			Record: train.Record{Probes: []sim.Centroid{{X: []float64{1, 1, 5: 0}}}},
		}
		change(&tr)
		few, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		tr.EverySample = true
		all, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if w := apart(few.Final(), all.Final()); w > 1e-12 {
			t.Errorf("%s: the weights are off by %g", name, w)
		}
	}
}

// The held-out loss is the loss of those samples.
func TestHeldOutLoss(t *testing.T) {
	for _, loss := range []train.Loss{train.MeanSquare, train.HalfSquare} {
		tr := small(t)
		tr.Loss, tr.Record.HeldOut, tr.Record.Weights = loss, normal(9, 11, 3), true
		run, err := tr.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		c := run.HeldOutLoss()
		if len(c.T) != 5 || len(c.Y) != 5 {
			t.Fatalf("%d times and %d losses, want 5", len(c.T), len(c.Y))
		}
		for k, y := range c.Y {
			w, err := run.Weights(k)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tr.Net.Loss(w, tr.Record.HeldOut, nil, loss)
			if err != nil || math.Abs(y-want) > 1e-13 {
				t.Errorf("%v, record %d: %g, want %g, %v", loss, k, y, want, err)
			}
		}
	}
}
