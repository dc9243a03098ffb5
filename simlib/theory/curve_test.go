package theory_test

import (
	"fmt"
	"math"
	"testing"

	"swingby/simlib/theory"
)

func TestExtrema(t *testing.T) {
	for _, tt := range []struct {
		y    []float64
		want string
	}{
		{nil, "[]"},
		{[]float64{1}, "[]"},
		{[]float64{1, 1, 1}, "[]"},
		{[]float64{3, 2, 1}, "[]"},
		{[]float64{3, 1, 2}, "[minimum 1.00000 at step 0]"},
		{[]float64{1, 3, 2, 4}, "[maximum 3.00000 at step 0 minimum 2.00000 at step 1]"},
		{[]float64{3, 1, 1, 1, 2}, "[minimum 1.00000 at step 0]"},
		{[]float64{0, 1, 1, 2, 2, 1}, "[maximum 2.00000 at step 2]"},
		// Turns of 10⁻¹² of the range are rounding.
		{[]float64{1, 1e-12, 2e-12, 0, 1e-12}, "[]"},
	} {
		c := theory.Curve{Y: tt.y}
		for i := range tt.y {
			c.T = append(c.T, float64(i))
		}
		if got := fmt.Sprint(c.Extrema()); got != tt.want {
			t.Errorf("extrema of %v: %s, want %s", tt.y, got, tt.want)
		}
	}
}

// A sum of waves must turn as often as its derivative changes sign.
func TestExtremaOfWaves(t *testing.T) {
	var c theory.Curve
	for i := range 2000 {
		x := float64(i) / 100
		c.T, c.Y = append(c.T, float64(i)), append(c.Y, math.Sin(x)+.4*math.Sin(2.7*x))
	}
	turns := 0
	for i := 1; i+1 < len(c.Y); i++ {
		if (c.Y[i]-c.Y[i-1])*(c.Y[i+1]-c.Y[i]) < 0 {
			turns++
		}
	}
	found := c.Extrema()
	if len(found) != turns || turns < 10 {
		t.Fatalf("%d extrema, want %d", len(found), turns)
	}
	for i, e := range found {
		if i > 0 && e.Kind == found[i-1].Kind {
			t.Errorf("%v follows %v: minima and maxima must alternate", e, found[i-1])
		}
	}
}

func TestCurveAt(t *testing.T) {
	c := theory.Curve{T: []float64{0, 10, 20}, Y: []float64{5, 6, 7}}
	if got := fmt.Sprint(c.At(-1), c.At(0), c.At(9), c.At(10), c.At(99), c.Last()); got != "NaN 5 5 6 7 7" {
		t.Errorf("values %s", got)
	}
	if v := (theory.Curve{}).Last(); !math.IsNaN(v) {
		t.Errorf("last value of no points is %g, want NaN", v)
	}
}

func TestTrajectorySpeed(t *testing.T) {
	tr := theory.Trajectory{Name: "z", Target: []float64{0, 0}, T: []float64{0, 1, 3}, X: [][]float64{{0, 0}, {3, 4}, {3, 4}}}
	if got := fmt.Sprint(tr.Speed().T, tr.Speed().Y); got != "[1 3] [5 0]" {
		t.Errorf("speed %s, want 5 then 0", got)
	}
	if got := fmt.Sprint(tr.Loss().Y, tr.Coordinate(2).Y, tr.Coordinate(3).Y); got != "[0 12.5 12.5] [0 4 4] []" {
		t.Errorf("loss and coordinates %s", got)
	}
}
