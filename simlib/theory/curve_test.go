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

func TestPasses(t *testing.T) {
	c := theory.Curve{T: []float64{0, 1, 3, 4}, Y: []float64{0, .2, 1, .5}}
	for _, v := range []struct{ y, want float64 }{{0, 0}, {.2, 1}, {.6, 2}, {1, 3}, {.1, .5}, {-1, math.Inf(1)}, {2, math.Inf(1)}} {
		if got := c.Passes(v.y); math.Abs(got-v.want) > 1e-15 {
			t.Errorf("passes %g at %g, want %g", v.y, got, v.want)
		}
	}
	falling := theory.Curve{T: []float64{10, 20}, Y: []float64{3, 1}}
	if got := falling.Passes(2); got != 15 {
		t.Errorf("a falling curve passes 2 at %g, want 15", got)
	}
	if got := (theory.Curve{}).Passes(1); !math.IsInf(got, 1) {
		t.Errorf("an empty curve passes 1 at %g, want +Inf", got)
	}
}

func TestTurns(t *testing.T) {
	// A descent, a rise of 0.3 and small ripples.
	c := theory.Curve{T: []float64{0, 1, 2, 3, 4, 5, 6}, Y: []float64{1, .6, .62, .2, .5, .49, 0}}
	got := c.Turns(.1)
	if len(got) != 2 || got[0].T != 3 || got[0].Kind != theory.Minimum || got[1].T != 4 || got[1].Kind != theory.Maximum {
		t.Errorf("turns above a tenth: %v, want the minimum at 3 and the maximum at 4", got)
	}
	if n := len(c.Extrema()); n != 4 {
		t.Errorf("%d extrema in all, want 4", n)
	}
	if n := len(c.Turns(.5)); n != 0 {
		t.Errorf("%d turns above a half, want none", n)
	}
}

func TestRise(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{nil, 0}, {[]float64{2}, 0}, {[]float64{3, 2, 1}, 0}, {[]float64{3, 1, 2, 0}, 1}, {[]float64{3, 1, 1.5, 1.25, 2, 0}, 1}, {[]float64{0, 2}, 2},
	} {
		if got := (theory.Curve{Y: c.y}).Rise(); got != c.want {
			t.Errorf("rise of %v is %g, want %g", c.y, got, c.want)
		}
	}
}
