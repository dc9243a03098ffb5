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

// The paper's Figure 5, as a picture for print.
func ExampleFigure() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
	w0, _ := torch.UUT(2333, 3, 5)
	run, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2}.Run(context.Background())
	if err != nil {
		panic(err)
	}
	f := figure.Row(figure.Trajectory(run), figure.Matrix(run)).Titles("a", "b").Size(6.5, 3)
	var pdf bytes.Buffer
	err = f.WritePDF(&pdf)
	fmt.Printf("%d panels, %.4s, %v\n", len(f.Plots()), pdf.String(), err)
	// Output: 2 panels, %PDF, <nil>
}

// What is wrong with a figure is kept until it is written.
func ExampleFigure_Err() {
	f := figure.Losses().LogY().Size(4, 3)
	fmt.Println(f.Err())
	fmt.Println(f.Save("losses.svg"))
	// Output:
	// figure: no curves; want at least one
	// figure: no curves; want at least one
}
