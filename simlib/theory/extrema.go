package theory

import (
	"fmt"
	"math"
)

// Kind says whether an [Extremum] is a minimum or a maximum.
type Kind int

const (
	Minimum Kind = iota
	Maximum
)

// String returns "minimum" or "maximum".
func (k Kind) String() string {
	switch k {
	case Minimum:
		return "minimum"
	case Maximum:
		return "maximum"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// An Extremum is a turning point inside a curve.
type Extremum struct {
	Kind Kind
	// Step is T−1: for a curve over a run, the number of the update that led
	// there, counted from 0 at the first as the published code does. Over
	// continuous time it means nothing.
	Step int
	// T is the abscissa: for a curve over a run, the number of updates done.
	T float64
	// Value is the ordinate.
	Value float64
}

// String gives kind, value and step: "minimum 0.18096 at step 254".
func (e Extremum) String() string {
	return fmt.Sprintf("%v %.5f at step %d", e.Kind, e.Value, e.Step)
}

// noise is the part of a curve's range below which a rise or fall counts as
// rounding: a loss that has fallen by thirty orders of magnitude trembles.
const noise = 1e-9

// Extrema returns the interior minima and maxima of a curve in order of time;
// they alternate. The end points are never among them, nor are turns smaller
// than 10⁻⁹ of the curve's range. Of a level stretch the first point counts.
func (c Curve) Extrema() []Extremum { return c.Turns(noise) }

// Turns returns the extrema without the small ones: what rises or falls by no more than the given part of the curve's
// range, 0 to 1, between two turns is no turn. It is for curves that tremble, such as a loss under stochastic gradient descent.
func (c Curve) Turns(part float64) []Extremum {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, y := range c.Y {
		lo, hi = math.Min(lo, y), math.Max(hi, y)
	}
	tol := part * (hi - lo)
	var found []Extremum
	// The walk carries the lowest and highest points since the last turn; a turn
	// is certain once the curve has left one of them by more than tol.
	low, high, rising, falling := 0, 0, false, false
	add := func(k Kind, i int) {
		if i > 0 {
			found = append(found, Extremum{Kind: k, Step: int(math.Round(c.T[i])) - 1, T: c.T[i], Value: c.Y[i]})
		}
	}
	for i, y := range c.Y {
		if y < c.Y[low] {
			low = i
		}
		if y > c.Y[high] {
			high = i
		}
		switch {
		case !rising && y > c.Y[low]+tol:
			add(Minimum, low)
			rising, falling, high = true, false, i
		case !falling && y < c.Y[high]-tol:
			add(Maximum, high)
			rising, falling, low = false, true, i
		}
	}
	return found
}
