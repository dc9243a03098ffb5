package theory

import (
	"fmt"
	"math"
)

// A Curve is one number followed over time.
type Curve struct {
	// Name says what is followed, such as "w₁₂" or "test loss".
	Name string
	// T holds the times in increasing order: updates done, or the flow's t.
	T []float64
	// Y holds the value at each time; as long as T.
	Y []float64
}

// At returns the value at the last recorded time that is not after t, and NaN before the first.
func (c Curve) At(t float64) float64 {
	y := math.NaN()
	for i, ti := range c.T {
		if ti > t {
			break
		}
		y = c.Y[i]
	}
	return y
}

// Passes returns the time at which the curve first comes to the value y from where it begins, on a straight line
// between its points; +Inf where it never does.
func (c Curve) Passes(y float64) float64 {
	for i, v := range c.Y {
		switch {
		case v == y:
			return c.T[i]
		case i > 0 && (c.Y[i-1] < y) != (v < y):
			return c.T[i-1] + (y-c.Y[i-1])/(v-c.Y[i-1])*(c.T[i]-c.T[i-1])
		}
	}
	return math.Inf(1)
}

// Rise returns the most by which the curve climbs above a value it had before, 0 for one that only falls: of a test
// loss the depth of its swing-by, whatever trembling lies on it.
func (c Curve) Rise() float64 {
	rise, low := 0.0, math.Inf(1)
	for _, y := range c.Y {
		low = math.Min(low, y)
		rise = math.Max(rise, y-low)
	}
	return rise
}

// Last returns the final value, and NaN for an empty curve.
func (c Curve) Last() float64 {
	if len(c.Y) == 0 {
		return math.NaN()
	}
	return c.Y[len(c.Y)-1]
}

// String describes the curve in one line.
func (c Curve) String() string {
	if len(c.T) == 0 || len(c.T) != len(c.Y) {
		return fmt.Sprintf("%s: no points", c.Name)
	}
	n := len(c.T) - 1
	return fmt.Sprintf("%s: %.4g at t = %g … %.4g at t = %g", c.Name, c.Y[0], c.T[0], c.Y[n], c.T[n])
}

// A Trajectory is the output f(W(t); x) at one point x, followed over time.
type Trajectory struct {
	// Name labels the point, such as "x̂" or "μ₁".
	Name string
	// Target is x itself, what the output ought to become; of length d.
	Target []float64
	// T holds the times in increasing order.
	T []float64
	// X holds the output at each time; len(T) points of length d.
	X [][]float64
}

// Loss returns the curve of ½‖f(W(t); x) − x‖².
func (tr Trajectory) Loss() Curve {
	c := Curve{Name: "loss at " + tr.Name, T: tr.T, Y: make([]float64, len(tr.X))}
	for i, x := range tr.X {
		c.Y[i] = halfSquare(x, tr.Target)
	}
	return c
}

// Coordinate returns the curve of coordinate k of the output, k = 1 … d. It is
// empty for a k out of that range.
func (tr Trajectory) Coordinate(k int) Curve {
	c := Curve{Name: fmt.Sprintf("f(%s)%s", tr.Name, subscript(k))}
	if k < 1 || k > len(tr.Target) {
		return c
	}
	c.T, c.Y = tr.T, make([]float64, len(tr.X))
	for i, x := range tr.X {
		c.Y[i] = x[k-1]
	}
	return c
}

// Speed returns the curve of ‖df/dt‖ as the difference between neighbouring
// points, at the times of the later ones.
func (tr Trajectory) Speed() Curve {
	c := Curve{Name: "speed at " + tr.Name}
	for i := 1; i < len(tr.X); i++ {
		d := math.Sqrt(2*halfSquare(tr.X[i], tr.X[i-1])) / (tr.T[i] - tr.T[i-1])
		c.T, c.Y = append(c.T, tr.T[i]), append(c.Y, d)
	}
	return c
}

func halfSquare(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return sum / 2
}
