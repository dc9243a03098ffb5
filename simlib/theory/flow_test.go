package theory_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// A single entry follows the logistic curve, which is known exactly.
func TestFlowOfOneEntry(t *testing.T) {
	task := axes(t, sim.Axes{Mu: []float64{1.5}})
	w0 := mat.NewSymDense(1, []float64{.01})
	for _, eta := range []float64{.01, .5} {
		r, err := theory.Symmetric{Task: task, W0: w0, Eta: eta, Steps: int(6 / eta)}.Flow(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.Entry(1, 1)
		if err != nil {
			t.Fatal(err)
		}
		for k, u := range e.T {
			want := .01 / (.01 + .99*math.Exp(-2*2.25*u*eta))
			if math.Abs(e.Y[k]-want) > 1e-9 {
				t.Fatalf("η = %g: w after %g is %.12f, want %.12f", eta, u, e.Y[k], want)
			}
		}
	}
}

// Recurrence and flow must part by an error of the first order in η, and the flows of W and of U not at all.
func TestFlowIsTheLimitOfTheRecurrence(t *testing.T) {
	for _, task := range []*sim.Task{axes(t, sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.2, .2}, D: 3}), oblique(t)} {
		u0, err := theory.Init{D: 3, Scale: .2, Seed: 5}.U0()
		if err != nil {
			t.Fatal(err)
		}
		w0, err := theory.Init{D: 3, Scale: .2, Seed: 5}.W0()
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		flow, err := theory.Symmetric{Task: task, W0: w0, Eta: .5, Steps: 8}.Flow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ofU, err := theory.Symmetric{Task: task, U0: u0, Eta: .5, Steps: 8}.Flow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(flow.Final(), ofU.Final(), 1e-9) {
			t.Errorf("flow of W\n%v\nof U\n%v", mat.Formatted(flow.Final()), mat.Formatted(ofU.Final()))
		}
		off := func(steps int) float64 {
			r, err := theory.Symmetric{Task: task, W0: w0, Eta: 4 / float64(steps), Steps: steps, Every: steps}.Run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var diff mat.Dense
			diff.Sub(r.Final(), flow.Final())
			return mat.Norm(&diff, 2)
		}
		coarse, fine := off(400), off(4000)
		if ratio := coarse / fine; ratio < 9 || ratio > 11 || coarse > .05 {
			t.Errorf("the recurrence is %g from the flow at 400 steps and %g at 4000: want a small number and its tenth", coarse, fine)
		}
	}
}

// The failure of Figure 10 is not in the flow.
func TestFlowOfFigure10(t *testing.T) {
	m, _ := descent(t, []float64{.7, 1.7, 3}, even(.05, 3), .01)
	r, err := m.Flow(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Stages(); s.Descents != 3 || s.Learned[2].Negative {
		t.Errorf("%v\nwant three descents and no negative entry", s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Flow(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("already cancelled: error %v", err)
	}
}

// The closed form and the flow agree to a few percent for every concept: most of what the prediction of
// a run is off by is the run's step size.
func TestPredictionOfTheFlow(t *testing.T) {
	for _, mu := range [][]float64{{1, 1.5}, {1, 1.5, 2.2}, {1, 1.5, 2.2, 2.7}, {.7, 1.7, 3}} {
		m, _ := descent(t, mu, even(.05, len(mu)), .01)
		m.Steps = 30_000
		r, err := m.Flow(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict()
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.Compare(p)
		if err != nil {
			t.Fatal(err)
		}
		for k, l := range c.Simulated {
			if q := c.Predicted[k]; !c.SameOrder || !(math.Abs(q.T/l.T-1) < .1) {
				t.Errorf("μ = %v: %v, predicted %v", mu, l, q)
			}
		}
		t.Log("\n" + c.String())
	}
}

// The published step size against the flow: the turns of Figure 5 come a few steps apart.
func ExampleSymmetric_Flow() {
	model := figure8()
	run, _ := model.Run(context.Background())
	flow, err := model.Flow(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println("steps:", run.Stages().Learned)
	fmt.Println("flow: ", flow.Stages().Learned)
	// Output:
	// steps: [concept 3 after 74 concept 2 after 518 concept 1 after 3708]
	// flow:  [concept 3 after 73 concept 2 after 510 concept 1 after 3507]
}
