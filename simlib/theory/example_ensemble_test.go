package theory_test

import (
	"context"
	"fmt"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

// seeds runs Figure 5 from several seeds.
func seeds(n int) []theory.Trajectory {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	if err != nil {
		panic(err)
	}
	var trs []theory.Trajectory
	for seed := range uint64(n) {
		w0, err := torch.UUT(seed, 3, 5)
		if err != nil {
			panic(err)
		}
		run, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 600, Rate: theory.RateA2}.Run(context.Background())
		if err != nil {
			panic(err)
		}
		trs = append(trs, run.TestOutput())
	}
	return trs
}

// The mean of five seeds with its 95 % interval.
func ExampleEnsemble() {
	e, err := theory.Average(.95, seeds(5)...)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d runs, f₂ after 200 updates: %.2f, %.2f to %.2f\n", e.N, e.X[200][1], e.Low[200][1], e.High[200][1])
	// Output: 5 runs, f₂ after 200 updates: 1.05, 0.49 to 1.61
}

func ExampleBand() {
	e, err := theory.Average(.95, seeds(5)...)
	if err != nil {
		panic(err)
	}
	b := e.Band(1)
	fmt.Printf("%s: %.2f, %.2f to %.2f\n", b.Name, b.Last(), b.Low[600], b.High[600])
	// Output: f(x̂)₁: 0.18, 0.04 to 0.32
}

func ExampleBend() {
	fmt.Println(seeds(1)[0].Bend())
	// Output: bends 0.702 toward concept 2 at t = 331
}
