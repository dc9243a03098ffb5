package theory_test

import (
	"context"
	"fmt"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

// figure8 is the model of the paper's Figure 8, as its caption has it.
func figure8() theory.Symmetric {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5, 2.2}, Sigma: []float64{.05, .05, .05}})
	if err != nil {
		panic(err)
	}
	w0, err := torch.UUT(233333, 3, 10)
	if err != nil {
		panic(err)
	}
	return theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 10000, Rate: theory.RateA2}
}

// The story of Figure 8: three concepts, three descents.
func ExampleStages() {
	run, err := figure8().Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(run.Stages())
	// Output:
	// learned: concept 3 after 74, concept 2 after 518, concept 1 after 3708
	// growth of concept 3, 0–95
	// suppression by concept 3, 95–183
	// growth of concept 2, 183–615
	// suppression by concept 2, 615–1021
	// growth of concept 1, 1021–4682
	// test loss: 3 descents, minimum 1.15626 at step 106, maximum 1.38545 at step 240, minimum 0.42130 at step 719, maximum 0.48012 at step 1679
}

func ExampleStage() {
	fmt.Println(theory.Stage{Kind: theory.Suppression, Concept: 2, From: 205, To: 344})
	// Output: suppression by concept 2, 205–344
}

func ExampleStageKind() {
	fmt.Println(theory.Growth, theory.Suppression)
	// Output: growth suppression
}

func ExampleLearning() {
	run, _ := figure8().Run(context.Background())
	for _, l := range run.Stages().Learned {
		fmt.Printf("%v: w passes ½ at %.1f\n", l, l.T)
	}
	// Output:
	// concept 3 after 74: w passes ½ at 74.1
	// concept 2 after 518: w passes ½ at 518.0
	// concept 1 after 3708: w passes ½ at 3708.4
}

func ExamplePrediction() {
	p, err := figure8().Predict()
	if err != nil {
		panic(err)
	}
	fmt.Println(p)
	fmt.Println("alone:", p.Alone)
	// Output:
	// predicted: concept 3 after 72, concept 2 after 513, concept 1 after 3523
	// alone: [concept 3 after 72 concept 2 after 401 concept 1 after 1802]
}

// Where simulation and prediction differ, and by how much.
func ExampleComparison() {
	model := figure8()
	run, _ := model.Run(context.Background())
	p, _ := model.Predict()
	c, err := run.Compare(p)
	if err != nil {
		panic(err)
	}
	fmt.Println(c)
	// Output:
	// concept  simulated  predicted  difference
	//       3         74         72          +2
	//       2        518        513          +5
	//       1       3708       3523        +185
	// test loss differs by up to 0.08, after 62
	// w₁₁ differs by up to 0.104, after 3616
	// w₃₃ differs by up to 0.0324, after 80
	// w₂₂ differs by up to 0.0153, after 535
	// w₂₁ differs by up to 0.00218, after 496
}

func ExampleDifference() {
	model := figure8()
	run, _ := model.Run(context.Background())
	p, _ := model.Predict()
	c, _ := run.Compare(p)
	fmt.Printf("%s: %.3f after %g\n", c.Loss.Name, c.Loss.Most, c.Loss.T)
	// Output: test loss: 0.080 after 62
}

// Which assumptions of the proof a published run satisfies.
func ExampleAssumptions() {
	a, err := figure8().Assumptions(theory.Constants{})
	if err != nil {
		panic(err)
	}
	fmt.Println(a.Holds())
	for _, c := range a.Checks {
		if !c.Holds {
			fmt.Println(c)
		}
	}
	// Output:
	// false
	// D.2 fails: η ≤ 1/(9Kγα), 0.01 ≤ 0.002128, margin 0.213
	// D.4 fails: ω ≤ min(κ−1, 1−κ^(−1/2))/(PKγdβ²), 0.01058 ≤ 3.426e-05, margin 0.00324
	// D.5 fails: (a₃+a₂)/(2a₃) ≤ log P/(10κ² log(1/(Pβω)) + log(Pβ)), 0.6084 ≤ 0.001959, margin 0.00322
}

func ExampleCheck() {
	a, _ := figure8().Assumptions(theory.Constants{})
	fmt.Println(a.Worst())
	// Output: D.5 fails: (a₃+a₂)/(2a₃) ≤ log P/(10κ² log(1/(Pβω)) + log(Pβ)), 0.6084 ≤ 0.001959, margin 0.00322
}

// Constants of one's own choice; those left 0 are searched for.
func ExampleConstants() {
	a, _ := figure8().Assumptions(theory.Constants{K: 20, P: 3, Kappa: 1.2})
	fmt.Printf("%+v\n", a.Constants)
	// Output: {K:20 P:3 Kappa:1.2 C:1.01}
}

// The lemmas as envelopes of a run, whether their assumptions hold or not.
func ExampleBound() {
	model := figure8()
	run, _ := model.Run(context.Background())
	a, _ := model.Assumptions(theory.Constants{})
	bounds, err := run.Bounds(a)
	if err != nil {
		panic(err)
	}
	for _, b := range bounds {
		if !b.Holds {
			fmt.Println(b)
		}
	}
	// Output:
	// w₁₁: w ≥ w(0) exp(2ηta₁/κ) until T1 broken after 40 updates
	// w₂₁: |w| ≤ Pβω broken after 469 updates
	// w₃₁: |w| ≤ Pβω broken after 41 updates
	// w₃₂: |w| ≤ Pβω broken after 46 updates
}

// Is there swing-by, and how deep? Over the strength of one concept and the scale of the initialisation.
func ExampleSweep() {
	phase, err := theory.Sweep{
		X: theory.Linear("μ₂", 1, 2, 5),
		Y: theory.Log("scale", .05, .2, 3),
		Model: func(x, y float64) (theory.Symmetric, error) {
			task, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}, Sigma: []float64{.05, .05}})
			if err != nil {
				return theory.Symmetric{}, err
			}
			w0, err := theory.Init{D: 2, Scale: y, Seed: 2333}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 3000, Rate: theory.RateA2}, err
		},
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(phase)
	depth, _ := phase.Map("depth")
	for j, row := range depth {
		fmt.Printf("scale %.2f: %.3f\n", phase.Y.Values[j], row)
	}
	// Output:
	// phase diagram over μ₂ and scale: 15 of 15 points, swing-by at 9, deepest 0.054
	// scale 0.05: [0.000 0.000 0.014 0.016 0.014]
	// scale 0.10: [0.000 0.000 0.021 0.028 0.028]
	// scale 0.20: [0.000 0.000 0.030 0.050 0.054]
}

func ExamplePhase() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}})
	phase, _ := theory.Sweep{
		X: theory.Linear("width", 1, 3, 3), Y: theory.Linear("seed", 1, 2, 2),
		Model: func(x, y float64) (theory.Symmetric, error) {
			u0, err := theory.Init{D: 2, Width: int(x), Scale: .2, Seed: uint64(y)}.U0()
			return theory.Symmetric{Task: task, U0: u0, Eta: .01, Steps: 3000}, err
		},
	}.Run(context.Background())
	learned, _ := phase.Map("learned")
	fmt.Println("concepts learned at widths 1, 2, 3:", learned[0])
	fmt.Println("orders:", phase.Orders())
	// Output:
	// concepts learned at widths 1, 2, 3: [1 2 2]
	// orders: [2 2, 1]
}

func ExampleOutcome() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}})
	phase, _ := theory.Sweep{
		X: theory.Linear("η", .01, .02, 2), Y: theory.Linear("seed", 2333, 2333, 1),
		Model: func(x, y float64) (theory.Symmetric, error) {
			w0, err := theory.Init{D: 2, Scale: .2, Seed: uint64(y)}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: x, Steps: 2000}, err
		},
	}.Run(context.Background())
	for _, o := range phase.At[0] {
		fmt.Printf("η = %g: %v, loss below 10⁻⁹: %v\n", o.X, o.Stages.Learned, o.Loss < 1e-9)
	}
	// Output:
	// η = 0.01: [concept 2 after 147 concept 1 after 423], loss below 10⁻⁹: true
	// η = 0.02: [concept 2 after 74 concept 1 after 213], loss below 10⁻⁹: true
}

func ExampleParam() {
	fmt.Println(theory.Linear("μ₂", 1, 2, 5).Values)
	fmt.Println(theory.Log("scale", .01, 1, 3).Values)
	// Output:
	// [1 1.25 1.5 1.75 2]
	// [0.01 0.1 1]
}

// Two concepts that share a direction are learned as two modes.
func ExampleModes() {
	task, _ := sim.NewTask(sim.Layout{D: 2, Centroids: []sim.Centroid{
		{X: []float64{1, 0}}, {X: []float64{1, 1}}, {X: []float64{2, 1}, Role: sim.Probe},
	}})
	m, err := theory.TaskModes(task)
	if err != nil {
		panic(err)
	}
	fmt.Println(m)
	y, _ := m.To(task.Target())
	fmt.Printf("x̂ along them: %.3f\n", y)
	// Output:
	// 2 modes, mixtures of axes: a = [1.309 0.191]
	// x̂ along them: [2.227 -0.201]
}

// How far a training set of 100 samples per cluster strays from its population.
func ExampleMomentSpread() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.3, .3}})
	s, err := theory.FiniteSample(task, 100)
	if err != nil {
		panic(err)
	}
	fmt.Println(s)
	// Output: second moment of 200 samples: a₁ = 0.59 ± 0.031 a₂ = 2.09 ± 0.061
}

// Figure 5's initialisation at another width: four hidden units instead of three.
func ExampleInit() {
	u0, err := theory.Init{D: 3, Width: 4, Scale: .2, Seed: 2333}.U0()
	if err != nil {
		panic(err)
	}
	rows, cols := u0.Dims()
	fmt.Printf("%d×%d, first entry %.4f\n", rows, cols, u0.At(0, 0))
	// Output: 3×4, first entry 0.1246
}
