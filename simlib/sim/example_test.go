package sim_test

import (
	"fmt"
	"math"

	"swingby/simlib/sim"
)

// The task of the paper's Figure 5: two concepts in three dimensions.
func ExampleAxes() {
	task, err := sim.NewTask(sim.Axes{
		Mu:    []float64{1, 1.5},
		Sigma: []float64{0.05, 0.05},
		D:     3,
	})
	fmt.Println(task, err)
	_, err = sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{0.05, -0.05}})
	fmt.Println(err)
	// Output:
	// SIM task: d = 3, s = 2, 2 clusters, population, x̂ = [1 1.5 0] <nil>
	// sim: Axes.Sigma[1] is -0.05; want a number from 0 to 1e154
}

func ExampleTask() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{0.5, 0.5}})
	fmt.Println("x̂ =", task.Target())
	fmt.Println("a =", task.Rates())
	all, _ := task.Compositions()
	for _, c := range all {
		fmt.Println(c.Label, c.X)
	}
	// Output:
	// x̂ = [1 2]
	// a = [0.75 2.25]
	// (0,0) [0 0]
	// (0,1) [0 2]
	// (1,0) [1 0]
	// (1,1) [1 2]
}

func ExampleCentroid() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Origin: true})
	for _, c := range task.Centroids() {
		fmt.Println(c.Label, c.X, c.Role)
	}
	// Output:
	// 0 [0 0] train
	// μ₁ [1 0] train
	// μ₂ [0 2] train
	// x̂ [1 2] probe
}

func ExampleRole() {
	var r sim.Role
	fmt.Println(r, sim.Probe)
	// Output: train probe
}

// A layout written out by hand: concepts that are not orthogonal.
func ExampleLayout() {
	task, err := sim.NewTask(sim.Layout{
		D: 2,
		Centroids: []sim.Centroid{
			{Label: "A", X: []float64{1, 0}},
			{Label: "B", X: []float64{1, 1}, Weight: 2},
			{Label: "A+B", X: []float64{2, 1}, Role: sim.Probe},
		},
		Concepts: [][]float64{{1, 0}, {1, 1}},
	})
	fmt.Println(task.Target(), task.Uncorrelated(), err)
	// Output: [2 1] false <nil>
}

// spiral is a structure that the package does not have.
type spiral struct{ turns, radius float64 }

func (s spiral) Layout() (sim.Layout, error) {
	l := sim.Layout{D: 2}
	for k := range 8 {
		at := float64(k+1) / 8
		sin, cos := math.Sincos(2 * math.Pi * s.turns * at)
		l.Centroids = append(l.Centroids, sim.Centroid{
			Label: fmt.Sprint(k), X: []float64{s.radius * at * cos, s.radius * at * sin},
		})
	}
	return l, nil
}

// A new structure is one method.
func ExampleStructure() {
	task, err := sim.NewTask(spiral{turns: 2, radius: 1})
	fmt.Printf("%d clusters, a = %.3f %v\n", len(task.Train()), task.Rates(), err)
	// Output: 8 clusters, a = [0.234 0.164] <nil>
}
