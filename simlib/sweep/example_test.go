package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

func ExampleParameter() {
	p, err := sweep.ParseParameter("mu=1,2,linspace(3,4,3)")
	fmt.Println(p.Name, p.Type, p.Values, err)
	// Output: mu float64 [1 2 3 3.5 4] <nil>
}

func ExampleGrid() {
	mu, err := sweep.Values("mu", []float64{1, 2})
	if err != nil {
		panic(err)
	}
	seed, err := sweep.Values("seed", []int{7, 8})
	if err != nil {
		panic(err)
	}
	grid := sweep.Grid{mu, seed}
	for i := range grid.Len() {
		fmt.Println(i, grid.Point(i))
	}
	// Output:
	// 0 mu=1, seed=7
	// 1 mu=1, seed=8
	// 2 mu=2, seed=7
	// 3 mu=2, seed=8
}

// A point that fails does not stop the others, and is all that a later run does again.
func ExampleOptions() {
	dir, err := os.MkdirTemp("", "sweep-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	grid, err := sweep.Parse("mu=1..4")
	if err != nil {
		panic(err)
	}
	o := sweep.Options{Folder: filepath.Join(dir, "mu.sweep"), Target: "an example", Cores: 1}
	_, err = o.Run(context.Background(), grid, func(p sweep.Point) (sweep.Row, error) {
		if p.Int("mu") == 3 {
			return nil, errors.New("does not converge")
		}
		return sweep.Row{"loss": 1 / p.Float("mu")}, nil
	})
	var f *sweep.Failure
	if errors.As(err, &f) {
		fmt.Printf("%d of %d failed, first %v: %s\n", f.Failed, f.Total, f.Point, f.First.Error)
	}
	calls := 0
	t, err := o.Run(context.Background(), grid, func(p sweep.Point) (sweep.Row, error) {
		calls++
		return sweep.Row{"loss": 1 / p.Float("mu")}, nil
	})
	fmt.Println(calls, t.Rows(), err)
	// Output:
	// 1 of 4 failed, first mu=3: does not converge
	// 1 4 <nil>
}

// What a process of one's own does to take part in a sweep.
func ExampleFolder() {
	dir, err := os.MkdirTemp("", "sweep-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	grid, err := sweep.Parse("mu=1..3")
	if err != nil {
		panic(err)
	}
	folder, err := sweep.Create(filepath.Join(dir, "mu.sweep"), sweep.Spec{Target: "an example", Parameters: grid})
	if err != nil {
		panic(err)
	}
	w, err := folder.Writer("mine")
	if err != nil {
		panic(err)
	}
	for _, i := range folder.Missing()[:2] {
		fields := []sweep.Field{{Name: "loss", Value: 1 / grid.Point(i).Float("mu")}}
		if err := w.Append(grid.NewResult(i, fields, nil)); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if err := folder.Refresh(); err != nil {
		panic(err)
	}
	finished, failed := folder.Count()
	fmt.Println(finished, failed, folder.Missing())
	// Output: 2 0 [2]
}
