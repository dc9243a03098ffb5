package sim

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// A Lattice is a set of points in the order of composition. In terms of the concepts' vectors c_p every point is
// Σ_p v_p c_p, and u ⪯ v, "u is below v", says that u shows no concept more than v does: each u_p is 0 or between 0 and v_p. The
// paper finds that learning respects it: u ⪯ v ⇒ loss(u) ≤ loss(v) (Figure 7).
// [Task.Lattice] and [NewLattice] make one; it cannot be changed.
type Lattice struct {
	points []Centroid
	coords [][]float64 // in terms of the concepts
	below  [][]bool    // below[i][j]: i ⪯ j
}

// maxNodes bounds a lattice: the order is a table of a number of entries that is its square.
const maxNodes = 1 << 12

// same is how close two coordinates are taken for the same, relative to the largest of all points.
const same = 1e-9

// Lattice returns the composition lattice of the task: all 2^s compositions, labelled as by [Task.Compositions], and the
// centroids that are none of them. Without concepts the points are the centroids and
// the order goes by their coordinates. It takes 4096 points at most, so s ≤ 12, and concepts that are linearly independent.
func (t *Task) Lattice() (*Lattice, error) {
	concepts := t.l.Concepts
	if len(concepts) == 0 {
		points := t.Centroids()
		if len(points) > maxNodes {
			return nil, check.Bad("sim: the number of points of the lattice", len(points), fmt.Sprintf("1 to %d", maxNodes))
		}
		coords := make([][]float64, len(points))
		for i, c := range points {
			coords[i] = slices.Clone(c.X)
		}
		return newLattice(points, coords, make([]bool, len(points))), nil
	}
	if s := len(concepts); s > 12 {
		return nil, check.Bad("sim: the number of concepts s", s, "at most 12, for the lattice has 2^s points")
	}
	points, err := t.Compositions()
	if err != nil {
		return nil, err
	}
	compositions, centroids := len(points), t.Centroids()
	scale := extent(append(slices.Clone(points), centroids...))
	for _, c := range centroids {
		if !slices.ContainsFunc(points[:compositions], func(p Centroid) bool { return equal(p.X, c.X, scale) }) {
			points = append(points, c)
		}
	}
	return NewLattice(points, concepts)
}

// NewLattice returns the order of points in terms of concept vectors, all of the same length d. The
// concepts must be linearly independent. A point off their span is comparable to itself only. There are 1 to 4096 points.
func NewLattice(points []Centroid, concepts [][]float64) (*Lattice, error) {
	n, s := len(points), len(concepts)
	if n < 1 || n > maxNodes {
		return nil, check.Bad("sim: the number of points of the lattice", n, fmt.Sprintf("1 to %d", maxNodes))
	}
	d := len(points[0].X)
	if d < 1 || d > MaxDim {
		return nil, check.Bad("sim: len(points[0].X)", d, fmt.Sprintf("1 to %d", MaxDim))
	}
	if s < 1 || s > d {
		return nil, check.Bad("sim: the number of concepts s", s, fmt.Sprintf("1 to d = %d", d))
	}
	// Vectors of length 1, so that the condition number speaks of their angles alone.
	c, length := mat.NewDense(d, s, nil), make([]float64, s)
	for p, v := range concepts {
		if err := vector(fmt.Sprintf("sim: concepts[%d]", p), v, d); err != nil {
			return nil, err
		}
		if length[p] = mat.Norm(mat.NewVecDense(d, slices.Clone(v)), 2); length[p] == 0 {
			return nil, check.Bad(fmt.Sprintf("sim: concepts[%d]", p), v, "a vector other than zero")
		}
		for k, x := range v {
			c.Set(k, p, x/length[p])
		}
	}
	b := mat.NewDense(d, n, nil)
	for i, p := range points {
		if err := vector(fmt.Sprintf("sim: points[%d].X", i), p.X, d); err != nil {
			return nil, err
		}
		b.SetCol(i, p.X)
	}
	var qr mat.QR
	qr.Factorize(c)
	if cond := qr.Cond(); !(cond < 1e8) {
		return nil, check.Bad("sim: the condition number of the concepts", cond,
			"less than 1e8, for vectors that depend on each other leave open what a point shows")
	}
	var v, back mat.Dense
	if err := qr.SolveTo(&v, false, b); err != nil {
		return nil, fmt.Errorf("sim: points in terms of the concepts: %w", err)
	}
	back.Mul(c, &v)
	coords, off := make([][]float64, n), make([]bool, n)
	scale := extent(points)
	for i := range n {
		coords[i] = mat.Col(nil, i, &v)
		for p := range coords[i] {
			coords[i][p] /= length[p]
		}
		off[i] = !equal(mat.Col(nil, i, &back), points[i].X, scale)
	}
	return newLattice(points, coords, off), nil
}

// newLattice compares points by their coordinates, those that are not off them.
func newLattice(points []Centroid, coords [][]float64, off []bool) *Lattice {
	n, s := len(points), len(coords[0])
	l := &Lattice{points: cloneCentroids(points), coords: coords, below: make([][]bool, n)}
	tol := make([]float64, s)
	for p := range tol {
		for i := range coords {
			tol[p] = max(tol[p], same*math.Abs(coords[i][p]))
		}
	}
	for i := range n {
		l.below[i] = make([]bool, n)
		for j := range n {
			l.below[i][j] = i == j || !off[i] && !off[j] && within(coords[i], coords[j], tol)
		}
	}
	return l
}

// extent returns the largest coordinate of points.
func extent(points []Centroid) float64 {
	e := 0.0
	for _, c := range points {
		for _, x := range c.X {
			e = max(e, math.Abs(x))
		}
	}
	return e
}

// equal reports whether two points are the same but for rounding, among points of an extent.
func equal(a, b []float64, extent float64) bool {
	for k := range a {
		if math.Abs(a[k]-b[k]) > same*extent {
			return false
		}
	}
	return true
}

// within reports whether every u_p is between 0 and v_p.
func within(u, v, tol []float64) bool {
	for p := range u {
		if u[p] < min(0, v[p])-tol[p] || u[p] > max(0, v[p])+tol[p] {
			return false
		}
	}
	return true
}

// Points returns the points, in the order that the other methods number them.
func (l *Lattice) Points() []Centroid { return cloneCentroids(l.points) }

// Coordinates returns the coordinates of each point in terms of the concepts, s numbers a point.
func (l *Lattice) Coordinates() [][]float64 {
	cs := slices.Clone(l.coords)
	for i := range cs {
		cs[i] = slices.Clone(cs[i])
	}
	return cs
}

// Below reports whether point i ⪯ point j. Every point is below itself. It panics for an index out of range.
func (l *Lattice) Below(i, j int) bool { return l.below[i][j] }

// strictly reports whether i ≺ j: below it and not at the same place.
func (l *Lattice) strictly(i, j int) bool { return l.below[i][j] && !l.below[j][i] }

// Covers returns the edges of the drawn lattice: the pairs i, j with i below j and no point in between.
func (l *Lattice) Covers() [][2]int {
	var edges [][2]int
	for i := range l.points {
		var above []int
		for j := range l.points {
			if l.strictly(i, j) {
				above = append(above, j)
			}
		}
		for _, j := range above {
			if !slices.ContainsFunc(above, func(k int) bool { return l.strictly(k, j) }) {
				edges = append(edges, [2]int{i, j})
			}
		}
	}
	return edges
}

// Levels returns the height of each point: the number of edges of the longest chain up to it from a lowest point.
func (l *Lattice) Levels() []int {
	n := len(l.points)
	under := make([]int, n) // the number of points strictly below: an order to visit them in
	order := make([]int, n)
	for j := range n {
		order[j] = j
		for i := range n {
			if l.strictly(i, j) {
				under[j]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return under[a] - under[b] })
	level := make([]int, n)
	for at, j := range order {
		for _, i := range order[:at] {
			if l.strictly(i, j) {
				level[j] = max(level[j], level[i]+1)
			}
		}
	}
	return level
}

// A Violation is a pair of points that breaks the order of learning: Low is below High and has the larger loss.
type Violation struct {
	// Low and High are the points' indices, and LowLabel and HighLabel their names.
	Low, High           int
	LowLabel, HighLabel string
	// LowLoss and HighLoss are their losses.
	LowLoss, HighLoss float64
}

// Excess returns by how much the order is broken, LowLoss − HighLoss.
func (v Violation) Excess() float64 { return v.LowLoss - v.HighLoss }

// String says what is wrong.
func (v Violation) String() string {
	return fmt.Sprintf("%s ⪯ %s, but the loss is %.4g > %.4g", v.LowLabel, v.HighLabel, v.LowLoss, v.HighLoss)
}

// Violations checks u ⪯ v ⇒ loss(u) ≤ loss(v) for the loss at each point and returns the pairs for which it does
// not hold, the worst first; none means the order is respected. A difference up to tol ≥ 0 is let pass. The error is for
// a number of losses other than that of the points, and for one that is not a number.
func (l *Lattice) Violations(loss []float64, tol float64) ([]Violation, error) {
	if err := check.Len("sim: loss", loss, len(l.points), "one for each point"); err != nil {
		return nil, err
	}
	for i, v := range loss {
		if math.IsNaN(v) {
			return nil, check.Bad(fmt.Sprintf("sim: loss[%d]", i), v, "a number")
		}
	}
	if !(tol >= 0) {
		return nil, check.Bad("sim: tol", tol, "a number from 0")
	}
	var vs []Violation
	for i := range l.points {
		for j := range l.points {
			if l.strictly(i, j) && loss[i] > loss[j]+tol {
				vs = append(vs, Violation{i, j, l.points[i].Label, l.points[j].Label, loss[i], loss[j]})
			}
		}
	}
	slices.SortStableFunc(vs, func(a, b Violation) int {
		switch d := b.Excess() - a.Excess(); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return vs, nil
}
