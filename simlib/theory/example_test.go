package theory_test

import (
	"context"
	"fmt"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

// Figure 5 of the paper: the loss at the composite point falls, rises and falls again.
func ExampleSymmetric() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	w0, _ := torch.UUT(2333, 3, 5)
	run, err := theory.Symmetric{
		Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2,
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	for _, e := range run.TestLoss().Extrema() {
		fmt.Println(e)
	}
	fmt.Printf("end %.1e\n", run.TestLoss().Last())
	// Output:
	// minimum 0.18096 at step 254
	// maximum 0.25463 at step 440
	// end 7.5e-04
}

// With a, as the paper's equation has it, instead of the published code's a².
func ExampleRate() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	w0, _ := torch.UUT(2333, 3, 5)
	m := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA}
	run, _ := m.Run(context.Background())
	fmt.Printf("rates %v = %.4f\n%v\n", m.Rate, run.Rates(), run.TestLoss().Extrema())
	// Output:
	// rates a = [0.5025 1.1275 0.0025]
	// [minimum 0.03080 at step 323 maximum 0.03201 at step 367]
}

func ExampleRun() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, D: 2})
	w0, _ := torch.UUT(2333, 2, 5)
	run, _ := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 500}.Run(context.Background())
	fmt.Println(run)
	w21, _ := run.Entry(2, 1)
	fmt.Println(w21)
	fmt.Println(run.TrainLoss())
	// Output:
	// symmetric two-layer run: 500 updates, η = 0.01, d = 2, final test loss 0.04137
	// w₂₁: 0.02662 at t = 0 … 0.02104 at t = 500
	// training loss: 0.7542 at t = 0 … 0.02574 at t = 500
}

func ExampleTerms() {
	w0, _ := torch.UUT(2333, 2, 5)
	terms, _ := theory.Decompose(w0, []float64{1, 2})
	fmt.Printf("growth %.5f, suppression %.5f, interaction %.5f\n",
		terms.G.At(0, 1), terms.S.At(0, 1), terms.N.At(0, 1))
	// Output: growth 0.07987, suppression 0.00576, interaction 0.00000
}

func ExampleOneLayer() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}})
	m := theory.OneLayer{Task: task}
	s, err := m.Solve(task.Target(), []float64{0, 1, 10})
	if err != nil {
		panic(err)
	}
	for n, t := range s.Output.T {
		fmt.Printf("t = %g: %.3f\n", t, s.Output.X[n])
	}
	// Output:
	// t = 0: [0.000 0.000]
	// t = 1: [0.400 1.732]
	// t = 10: [0.994 2.000]
}

func ExampleSolution() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}})
	w0, _ := torch.Factor(2333, 2, 5)
	s, _ := theory.OneLayer{Task: task, W0: w0}.Solve(task.Target(), []float64{1})
	fmt.Printf("%.4f = %.4f + %.4f\n", s.Output.X[0], s.Growth.X[0], s.Init.X[0])
	// Output: [0.5033 1.8535] = [0.3935 1.7293] + [0.1098 0.1242]
}

func ExampleTrajectory() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}})
	s, _ := theory.OneLayer{Task: task}.Solve(task.Target(), []float64{0, 1, 2})
	fmt.Printf("loss at %s: %.3f\n", s.Output.Name, s.Output.Loss().Y)
	// Output: loss at x̂: [2.500 0.221 0.068]
}

func ExampleCurve() {
	c := theory.Curve{Name: "loss", T: []float64{0, 1, 2, 3}, Y: []float64{4, 2, 3, 0}}
	fmt.Println(c, c.At(2), c.Extrema())
	// Output: loss: 4 at t = 0 … 0 at t = 3 3 [minimum 2.00000 at step 0 maximum 3.00000 at step 1]
}

func ExampleExtremum() {
	e := theory.Extremum{Kind: theory.Maximum, Step: 440, T: 441, Value: 0.25463}
	fmt.Println(e)
	// Output: maximum 0.25463 at step 440
}

func ExampleKind() {
	fmt.Println(theory.Minimum, theory.Maximum)
	// Output: minimum maximum
}

func ExampleDivergedError() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{3, 4}})
	w0, _ := torch.UUT(1, 2, 1)
	_, err := theory.Symmetric{Task: task, W0: w0, Eta: 2, Steps: 100}.Run(context.Background())
	fmt.Println(err)
	// Output: theory: W is not finite after step 8; want a step size smaller than 2, or a smaller W0
}
