package table_test

import (
	"fmt"
	"os"
	"path/filepath"

	"swingby/simlib/table"
)

func ExampleTable() {
	dir, err := os.MkdirTemp("", "table-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	t, err := table.New("mu", []float64{1, 1.5}, "order", []string{"[2 1]", "[1 2]"})
	if err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "sweep.parquet")
	if err := t.Save(path); err != nil {
		panic(err)
	}
	again, err := table.Load(path)
	if err != nil {
		panic(err)
	}
	mu, err := again.Floats("mu")
	fmt.Println(again.Names(), again.Rows(), mu, err)
	// Output: [mu order] 2 [1 1.5] <nil>
}
