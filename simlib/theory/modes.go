package theory

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// Modes is the second moment A = Q diag(a) Qᵀ of a task taken apart. The theory
// of the paper has A diagonal. It holds for every task all the same: flow and
// recurrence look the same in any orthonormal basis, and in that of the
// columns of Q the second moment is diagonal. What the paper says of concept p
// and its axis then holds of mode p, a direction in which concepts come mixed.
//
// Where A is diagonal the modes are the axes, in the order of the axes. Where it is
// not they are in the order of a, the one that is learned fastest first, each with the
// sign that makes its largest coordinate positive. Modes with equal a may be any
// basis of the space they span.
type Modes struct {
	// A holds a_k, d numbers: the mean square of the data along each mode.
	A []float64
	// Q has the modes as its columns, d×d; nil where the modes are the axes.
	Q *mat.Dense
}

// TaskModes returns the modes of a task's second moment.
func TaskModes(task *sim.Task) (Modes, error) {
	if task == nil {
		return Modes{}, check.Bad("theory: the task of TaskModes", nil, "a task from sim.NewTask")
	}
	if task.Uncorrelated() {
		return Modes{A: task.Rates()}, nil
	}
	return momentModes("theory: the second moment of the task", task.SecondMoment())
}

// maxModes bounds the d×d eigenvalue problem to some seconds.
const maxModes = 1024

// momentModes takes a given second moment apart.
func momentModes(field string, a *mat.SymDense) (Modes, error) {
	d := a.SymmetricDim()
	flat := flatten(a)
	if err := check.Finite(field, flat); err != nil {
		return Modes{}, err
	}
	diagonal, diag := true, make([]float64, d)
	for i := range d {
		diag[i] = a.At(i, i)
		if diag[i] < 0 {
			return Modes{}, check.Bad(fmt.Sprintf("%s[%d,%[2]d]", field, i), diag[i], "a mean square, at least 0")
		}
		for j := range i {
			diagonal = diagonal && math.Abs(a.At(i, j)) <= 1e-12*math.Sqrt(diag[i]*a.At(j, j))
		}
	}
	if diagonal {
		return Modes{A: diag}, nil
	}
	if d > maxModes {
		return Modes{}, check.Bad(field, fmt.Sprintf("not diagonal at d = %d", d), fmt.Sprintf("at most d = %d, or a diagonal one", maxModes))
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(a, true) {
		return Modes{}, check.Bad(field, "without eigenvalues that could be found", "entries of similar size")
	}
	values := eigen.Values(nil) // in increasing order
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	if least := values[0]; least < -1e-9*values[d-1] {
		return Modes{}, check.Bad(field, fmt.Sprintf("one with the eigenvalue %g", least), "a mean of x xᵀ, whose eigenvalues are at least 0")
	}
	m := Modes{A: make([]float64, d), Q: mat.NewDense(d, d, nil)}
	for k := range d {
		from := d - 1 - k
		m.A[k] = max(values[from], 0)
		top := 0.0
		for i := range d {
			// Of two coordinates that differ by rounding alone the first counts.
			if v := vectors.At(i, from); math.Abs(v) > math.Abs(top)*(1+1e-9) {
				top = v
			}
		}
		for i := range d {
			m.Q.Set(i, k, math.Copysign(1, top)*vectors.At(i, from))
		}
	}
	return m, nil
}

// D returns the number of modes, the dimension of the task.
func (m Modes) D() int { return len(m.A) }

// Diagonal reports whether the modes are the axes.
func (m Modes) Diagonal() bool { return m.Q == nil }

// To returns the coordinates Qᵀx of a point along the modes; it takes d numbers.
func (m Modes) To(x []float64) ([]float64, error) {
	if err := check.Len("theory: x", x, m.D(), "the dimension of the modes"); err != nil {
		return nil, err
	}
	return m.to(x), nil
}

// From returns the point Qy whose coordinates along the modes are y; it takes d numbers.
func (m Modes) From(y []float64) ([]float64, error) {
	if err := check.Len("theory: y", y, m.D(), "the dimension of the modes"); err != nil {
		return nil, err
	}
	return m.from(y), nil
}

func (m Modes) from(y []float64) []float64 {
	if m.Q == nil {
		return slices.Clone(y)
	}
	x := make([]float64, len(y))
	for i := range x {
		for k, v := range y {
			x[i] += m.Q.At(i, k) * v
		}
	}
	return x
}

func (m Modes) to(x []float64) []float64 {
	if m.Q == nil {
		return slices.Clone(x)
	}
	y := make([]float64, len(x))
	for i, v := range x {
		for k := range y {
			y[k] += m.Q.At(i, k) * v
		}
	}
	return y
}

// String lists a in one line.
func (m Modes) String() string {
	what := "axes"
	if m.Q != nil {
		what = "modes, mixtures of axes"
	}
	return fmt.Sprintf("%d %s: a = %.4g", len(m.A), what, m.A)
}

// conjugate returns QᵀWQ, or QWQᵀ where back is set, by rows; w itself where the modes are the axes.
func (m Modes) conjugate(w []float64, back bool) []float64 {
	if m.Q == nil {
		return w
	}
	d := len(m.A)
	var left, both mat.Dense
	q := mat.Matrix(m.Q)
	if back {
		q = m.Q.T()
	}
	left.Mul(q.T(), mat.NewDense(d, d, w))
	both.Mul(&left, q)
	return both.RawMatrix().Data
}

// moment returns A by rows.
func (m Modes) moment() []float64 {
	d := len(m.A)
	a := make([]float64, d*d)
	for k, v := range m.A {
		a[k*d+k] = v
	}
	return m.conjugate(a, true)
}

// concepts returns the modes, counted from 1, along which training centroids stand: for
// the paper's structure 1 … s, those of strength 0 left out. A mode with
// nothing but noise is not among them.
func (m Modes) concepts(task *sim.Task) []int {
	size, largest := make([]float64, m.D()), 0.0
	for _, c := range task.Train() {
		for k, v := range m.to(c.X) {
			size[k] = math.Max(size[k], math.Abs(v))
			largest = math.Max(largest, size[k])
		}
	}
	var ks []int
	for k, v := range size {
		if v > 1e-9*largest {
			ks = append(ks, k+1)
		}
	}
	return ks
}
