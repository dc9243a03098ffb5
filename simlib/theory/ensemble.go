package theory

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"swingby/simlib/internal/check"
)

// A Band is the mean of a curve over several runs, with a confidence band around it.
type Band struct {
	Curve
	// Low and High bound the band at each time; as long as T.
	Low, High []float64
}

// An Ensemble is the mean of a trajectory over several runs, such as those of different seeds, with
// a confidence interval of the mean for every coordinate.
type Ensemble struct {
	Trajectory
	// Low and High bound the interval, for each time d numbers.
	Low, High [][]float64
	// N is the number of runs.
	N int
}

// Average returns the mean of n ≥ 1 trajectories over the same times and at the same target, with the interval that
// Student's t distribution gives for a confidence above 0 and below 1, such as .95: mean ± t·s/√n. Of a single
// run the interval has no width.
func Average(confidence float64, trs ...Trajectory) (Ensemble, error) {
	if len(trs) == 0 {
		return Ensemble{}, check.Bad("theory: the number of trajectories", 0, "at least 1")
	}
	if !(confidence > 0 && confidence < 1) {
		return Ensemble{}, check.Bad("theory: confidence", confidence, "above 0 and below 1, such as .95")
	}
	first := trs[0]
	e := Ensemble{Trajectory: Trajectory{Name: first.Name, Target: slices.Clone(first.Target), T: slices.Clone(first.T)}, N: len(trs)}
	for k, tr := range trs {
		if !slices.Equal(tr.T, first.T) || !slices.Equal(tr.Target, first.Target) || len(tr.X) != len(tr.T) {
			return Ensemble{}, check.Bad(fmt.Sprintf("theory: trajectory %d", k), fmt.Sprintf("one of %d points", len(tr.X)),
				"the times and the target of trajectory 0")
		}
		for i, x := range tr.X {
			if len(x) != len(first.Target) {
				return Ensemble{}, check.Bad(fmt.Sprintf("theory: point %d of trajectory %d", i, k), fmt.Sprintf("of length %d", len(x)),
					fmt.Sprintf("%d, that of the target", len(first.Target)))
			}
		}
	}
	y := make([]float64, len(trs))
	for i := range first.T {
		mean, low, high := make([]float64, len(first.Target)), make([]float64, len(first.Target)), make([]float64, len(first.Target))
		for c := range mean {
			for k, tr := range trs {
				y[k] = tr.X[i][c]
			}
			mean[c], low[c], high[c] = interval(confidence, y)
		}
		e.X, e.Low, e.High = append(e.X, mean), append(e.Low, low), append(e.High, high)
	}
	return e, nil
}

// AverageCurves does for curves what Average does for trajectories.
func AverageCurves(confidence float64, curves ...Curve) (Band, error) {
	var trs []Trajectory
	for i, c := range curves {
		if len(c.Y) != len(c.T) {
			return Band{}, check.Bad(fmt.Sprintf("theory: curve %d", i), fmt.Sprintf("of %d times and %d values", len(c.T), len(c.Y)), "as many of both")
		}
		tr := Trajectory{Name: c.Name, Target: []float64{0}, T: c.T}
		for _, y := range c.Y {
			tr.X = append(tr.X, []float64{y})
		}
		trs = append(trs, tr)
	}
	e, err := Average(confidence, trs...)
	if err != nil {
		return Band{}, err
	}
	b := e.Band(1)
	b.Name = curves[0].Name
	return b, nil
}

// Band returns coordinate k = 1 … d of the mean with its interval. It is empty for a k out of that range.
func (e Ensemble) Band(k int) Band {
	b := Band{Curve: e.Coordinate(k)}
	for i := range b.T {
		b.Low, b.High = append(b.Low, e.Low[i][k-1]), append(b.High, e.High[i][k-1])
	}
	return b
}

func interval(confidence float64, y []float64) (mean, low, high float64) {
	mean, sd := stat.MeanStdDev(y, nil)
	if len(y) < 2 {
		return mean, mean, mean
	}
	n := float64(len(y))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(.5 + confidence/2)
	return mean, mean - t*sd/math.Sqrt(n), mean + t*sd/math.Sqrt(n)
}

// A Bend is where a trajectory is farthest from the straight way to its target.
type Bend struct {
	// Toward is the coordinate, from 1, that is ahead there: its concept draws the output to itself.
	Toward int
	// Depth is the distance from the straight line.
	Depth float64
	// T is the time.
	T float64
}

// String says it in words.
func (b Bend) String() string {
	return fmt.Sprintf("bends %.3f toward concept %d at t = %g", b.Depth, b.Toward, b.T)
}

// Bend returns where the trajectory is farthest from the straight line through its first point and the target. Toward is 0 for a trajectory of
// fewer than 3 points, of one dimension, or without a bend.
func (tr Trajectory) Bend() Bend {
	var b Bend
	if len(tr.X) < 3 {
		return b
	}
	way := make([]float64, len(tr.Target))
	l := math.Sqrt(2 * halfSquare(tr.Target, tr.X[0]))
	for k := range way {
		way[k] = (tr.Target[k] - tr.X[0][k]) / l
	}
	if !(l > 0) {
		return b
	}
	for i, x := range tr.X {
		along := 0.0
		for k := range way {
			along += way[k] * (x[k] - tr.X[0][k])
		}
		square, ahead, toward := 0.0, 0.0, 0
		for k := range way {
			r := x[k] - tr.X[0][k] - along*way[k]
			square += r * r
			if r > ahead {
				ahead, toward = r, k+1
			}
		}
		if d := math.Sqrt(square); d > b.Depth+noise {
			b = Bend{Toward: toward, Depth: d, T: tr.T[i]}
		}
	}
	return b
}
