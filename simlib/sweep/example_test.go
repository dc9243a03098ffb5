package sweep_test

import (
	"context"
	"fmt"

	"swingby/simlib/sweep"
)

func Example() {
	grid, err := sweep.Parse("mu=linspace(1,2,3)", "seed=0..1")
	if err != nil {
		panic(err)
	}
	t, err := sweep.Run(context.Background(), grid, func(p sweep.Point) (sweep.Row, error) {
		return sweep.Row{"loss": p.Float("mu") * float64(1+p.Int("seed"))}, nil
	})
	if err != nil {
		panic(err)
	}
	losses, _ := t.Floats("loss")
	fmt.Println(t.Names(), losses)
	// Output: [mu seed loss] [1 2 1.5 3 2 4]
}
