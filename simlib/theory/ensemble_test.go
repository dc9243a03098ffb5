package theory_test

import (
	"fmt"
	"testing"

	"swingby/simlib/theory"
)

func ExampleAverage() {
	path := func(shift float64) theory.Trajectory {
		return theory.Trajectory{Name: "x̂", Target: []float64{1, 1}, T: []float64{0, 1, 2},
			X: [][]float64{{0, 0}, {.2 + shift, .8 - shift}, {1, 1}}}
	}
	e, err := theory.Average(.95, path(-.1), path(0), path(.1))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f, from %.3f to %.3f\n", e.X[1][1], e.Low[1][1], e.High[1][1])
	fmt.Println(e.Bend())
	// Output:
	// 0.800, from 0.552 to 1.048
	// bends 0.424 toward concept 2 at t = 1
}

func TestAverageOfOne(t *testing.T) {
	b, err := theory.AverageCurves(.9, theory.Curve{T: []float64{1, 2}, Y: []float64{3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	for i, y := range []float64{3, 4} {
		if b.Y[i] != y || b.Low[i] != y || b.High[i] != y {
			t.Errorf("point %d is %v in %v … %v, want %v alone", i, b.Y[i], b.Low[i], b.High[i], y)
		}
	}
}

func TestAverageErrors(t *testing.T) {
	tr := theory.Trajectory{Target: []float64{1}, T: []float64{0}, X: [][]float64{{0}}}
	later := tr
	later.T = []float64{1}
	for _, c := range []struct {
		confidence float64
		trs        []theory.Trajectory
		want       string
	}{
		{.95, nil, "theory: the number of trajectories is 0; want at least 1"},
		{1, []theory.Trajectory{tr}, "theory: confidence is 1; want above 0 and below 1, such as .95"},
		{.95, []theory.Trajectory{tr, later}, "theory: trajectory 1 is one of 1 points; want the times and the target of trajectory 0"},
	} {
		if _, err := theory.Average(c.confidence, c.trs...); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestNoBend(t *testing.T) {
	straight := theory.Trajectory{Target: []float64{1, 1}, T: []float64{0, 1, 2}, X: [][]float64{{0, 0}, {.5, .5}, {1, 1}}}
	if b := straight.Bend(); b.Toward != 0 {
		t.Errorf("a straight line %v, want no bend", b)
	}
}
