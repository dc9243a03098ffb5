package figure_test

import (
	"bytes"
	"context"
	"fmt"

	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

// figure8 is the paper's Figure 8: three concepts, three descents.
func figure8() *theory.Run {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.7, 2.25}, Sigma: []float64{.5, .25, .25}})
	if err != nil {
		panic(err)
	}
	w0, err := torch.UUT(233333, 3, 10)
	if err != nil {
		panic(err)
	}
	run, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	return run
}

// The same figure for hover and zoom. In a notebook, figure.Matrix(run).Vega() shows by being
// the result of a cell.
func ExampleVega() {
	v := figure.Row(figure.Trajectory(figure8()), figure.Matrix(figure8())).Vega()
	spec, err := v.Spec()
	fmt.Println(v, err)
	fmt.Println(bytes.Contains(spec, []byte(`"test loss (right)"`)))
	// Output:
	// Vega-Lite figure of 2 panels <nil>
	// true
}

// Three concepts in three dimensions, from another side.
func ExampleView() {
	run := figure8()
	f := figure.Space3(figure.View{Azimuth: 35, Elevation: 40}, 1, 2, 3, run.Task(), run.TestOutput())
	fmt.Println(len(f.Plots()), f.Err())
	// Output: 1 <nil>
}

// Learning as it happens.
func ExampleMovie() {
	m := figure.Learning(figure8(), 50)
	fmt.Println(m)
	// Output: movie of 50 frames, 0.16 s each
}

func ExampleFrames() {
	run := figure8()
	var frames []*figure.Figure
	for k := range 36 {
		view := figure.View{Azimuth: 10 * float64(k), Elevation: 25}
		frames = append(frames, figure.Space3(view, 1, 2, 3, run.Task(), run.TestOutput()).Size(4, 4))
	}
	fmt.Println(figure.Frames(.1, frames...))
	// Output: movie of 36 frames, 0.1 s each
}

// Figure 7: the losses at all compositions of four concepts.
func ExampleLattice() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2, 3, 4}, Sigma: []float64{.7, .7, .7, .7}})
	run, err := theory.OneLayer{Task: task, Eta: .02, Steps: 40}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	compositions, _ := task.Compositions()
	var early, late []float64
	for _, c := range compositions {
		loss, _ := run.Loss(c.X)
		early, late = append(early, loss.At(1)), append(late, loss.At(40))
	}
	f := figure.Lattice(task, early, late).Titles("after 1 step", "after 40 steps")
	fmt.Println(len(f.Plots()), f.Err())
	// Output: 2 <nil>
}

// W as heat maps, and all entries over time.
func ExampleHeat() {
	run := figure8()
	f := figure.Stack(figure.Heat(run, 0, 100, 400, 2000), figure.Evolution(run))
	fmt.Println(len(f.Plots()), f.Err())
	// Output: 5 <nil>
}

// Whether there is swing-by, and how deep.
func ExamplePhase() {
	phase, err := theory.Sweep{
		X: theory.Linear("μ₂", 1, 2, 5), Y: theory.Log("scale", .05, .2, 3),
		Model: func(x, y float64) (theory.Symmetric, error) {
			task, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}})
			if err != nil {
				return theory.Symmetric{}, err
			}
			w0, err := theory.Init{D: 2, Scale: y, Seed: 2333}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2}, err
		},
	}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	f := figure.Row(figure.Phase(phase, "depth"), figure.Phase(phase, "order"))
	fmt.Println(len(f.Plots()), f.Err())
	// Output: 2 <nil>
}
