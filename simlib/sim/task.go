package sim

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// A Task is a checked layout of centroids. Make one with [NewTask]; it cannot
// be changed afterwards, and what its methods return are copies.
type Task struct {
	l Layout
	// noise is that of each centroid, by index; clusters without their own share one.
	noise []*spread
	// shared is the layout's.
	shared *spread
}

// NewTask checks a structure and returns its task. The error for a bad value
// names the field, the value and the values accepted.
func NewTask(s Structure) (*Task, error) {
	if s == nil {
		return nil, check.Bad("sim: Structure", nil, "a structure such as sim.Axes")
	}
	l, err := s.Layout()
	if err != nil {
		return nil, err
	}
	if l.D < 1 || l.D > MaxDim {
		return nil, check.Bad("sim: Layout.D", l.D, fmt.Sprintf("1 to %d", MaxDim))
	}
	if l.N < 0 {
		return nil, check.Bad("sim: Layout.N", l.N, "a number of samples, or 0 for the population")
	}
	shared, err := newSpread("Layout.", l.Sigma, l.Cov, l.D)
	if err != nil {
		return nil, err
	}
	if shared == nil {
		shared = &spread{sigma: make([]float64, l.D)}
	}
	noise := make([]*spread, len(l.Centroids))
	train := 0
	for i, c := range l.Centroids {
		field := fmt.Sprintf("sim: Layout.Centroids[%d]", i)
		if err := vector(field+".X", c.X, l.D); err != nil {
			return nil, err
		}
		if !(c.Weight >= 0) || math.IsInf(c.Weight, 0) {
			return nil, check.Bad(field+".Weight", c.Weight, "a finite number > 0, or 0 for 1")
		}
		if noise[i], err = newSpread(fmt.Sprintf("Layout.Centroids[%d].", i), c.Sigma, c.Cov, l.D); err != nil {
			return nil, err
		}
		if noise[i] == nil {
			noise[i] = shared
		}
		switch c.Role {
		case Train:
			train++
			if l.N > 0 && samples(c, l.N) < 1 {
				return nil, check.Bad(field+".Weight", c.Weight,
					fmt.Sprintf("at least %g, for a sample of N = %d", .5/float64(l.N), l.N))
			}
		case Probe:
		default:
			return nil, check.Bad(field+".Role", int(c.Role), "sim.Train or sim.Probe")
		}
	}
	if train == 0 {
		return nil, check.Bad("sim: the number of training centroids", 0, "at least 1")
	}
	for p, v := range l.Concepts {
		if err := vector(fmt.Sprintf("sim: Layout.Concepts[%d]", p), v, l.D); err != nil {
			return nil, err
		}
	}
	l.Sigma, l.Cov = nil, nil // the spreads know
	l.Centroids = cloneCentroids(l.Centroids)
	l.Concepts = slices.Clone(l.Concepts)
	for p := range l.Concepts {
		l.Concepts[p] = slices.Clone(l.Concepts[p])
	}
	return &Task{l: l, noise: noise, shared: shared}, nil
}

// samples returns how many of n samples per weight a cluster has, and less than 1 for too few.
func samples(c Centroid, n int) float64 {
	w := c.Weight
	if w == 0 {
		w = 1
	}
	return math.Round(w * float64(n))
}

// vector checks one point of R^d, squares included, for they enter the second moment.
func vector(field string, x []float64, d int) error {
	if err := check.Len(field, x, d, "the ambient dimension"); err != nil {
		return err
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v*v, 0) {
			return check.Bad(fmt.Sprintf("%s[%d]", field, i), v, "a number from -1e154 to 1e154")
		}
	}
	return nil
}

func cloneCentroids(cs []Centroid) []Centroid {
	cs = slices.Clone(cs)
	for i := range cs {
		cs[i].X = slices.Clone(cs[i].X)
		cs[i].Sigma = slices.Clone(cs[i].Sigma)
		cs[i].Cov = slices.Clone(cs[i].Cov)
		for r := range cs[i].Cov {
			cs[i].Cov[r] = slices.Clone(cs[i].Cov[r])
		}
		if cs[i].Weight == 0 {
			cs[i].Weight = 1
		}
	}
	return cs
}

// D returns the ambient dimension d.
func (t *Task) D() int { return t.l.D }

// S returns the number of concepts s.
func (t *Task) S() int { return len(t.l.Concepts) }

// N returns the number of samples per cluster, 0 for the population.
func (t *Task) N() int { return t.l.N }

// Mu returns the signal strength of each concept, the length of its vector; s numbers.
func (t *Task) Mu() []float64 {
	mu := make([]float64, len(t.l.Concepts))
	for p, v := range t.l.Concepts {
		mu[p] = mat.Norm(mat.NewVecDense(len(v), slices.Clone(v)), 2)
	}
	return mu
}

// Sigma returns the standard deviation along each axis of the noise that clusters share; d numbers.
func (t *Task) Sigma() []float64 {
	if t.shared.lower == nil {
		return slices.Clone(t.shared.sigma)
	}
	s := t.shared.variances()
	for i, v := range s {
		s[i] = math.Sqrt(v)
	}
	return s
}

// Covariance returns the d×d covariance of the noise around centroid i of [Task.Centroids], a cluster or a
// probe. It is nil for an i out of range.
func (t *Task) Covariance(i int) *mat.SymDense {
	if i < 0 || i >= len(t.noise) {
		return nil
	}
	a := mat.NewSymDense(t.l.D, nil)
	t.noise[i].addTo(a, 1)
	return a
}

// Centroids returns all centroids, clusters and probes, in the structure's order.
func (t *Task) Centroids() []Centroid { return cloneCentroids(t.l.Centroids) }

// Train returns the centroids of the training clusters.
func (t *Task) Train() []Centroid { return t.role(Train) }

// Probes returns the centroids that are only looked at.
func (t *Task) Probes() []Centroid { return t.role(Probe) }

func (t *Task) role(r Role) []Centroid {
	var cs []Centroid
	for _, c := range t.l.Centroids {
		if c.Role == r {
			cs = append(cs, c)
		}
	}
	return cloneCentroids(cs)
}

// Target returns the point that the model is judged by: the first probe, which
// for [Axes] is the composite point x̂ = Σ_p μ_p e_p. It is nil where there is no probe.
func (t *Task) Target() []float64 {
	for _, c := range t.l.Centroids {
		if c.Role == Probe {
			return slices.Clone(c.X)
		}
	}
	return nil
}

// Composition returns Σ_p v_p c_p, where c_p is the vector of concept p and
// every v_p is 0 or 1: the point that shows the concepts chosen. It takes s numbers.
func (t *Task) Composition(v ...int) ([]float64, error) {
	if len(v) != len(t.l.Concepts) {
		return nil, check.Bad("sim: the number of choices", len(v),
			fmt.Sprintf("s = %d, one for each concept", len(t.l.Concepts)))
	}
	x := make([]float64, t.l.D)
	for p, on := range v {
		switch on {
		case 0:
		case 1:
			for k, c := range t.l.Concepts[p] {
				x[k] += c
			}
		default:
			return nil, check.Bad(fmt.Sprintf("sim: choice %d", p+1), on, "0 or 1")
		}
	}
	return x, nil
}

// maxConcepts bounds what Compositions returns to about a million points.
const maxConcepts = 20

// Compositions returns all 2^s compositions as probes, labelled like "(1,0,1)",
// in binary order with the first concept as the most significant digit: from
// the origin to the composite point. It takes at most 20 concepts.
func (t *Task) Compositions() ([]Centroid, error) {
	s := len(t.l.Concepts)
	if s > maxConcepts || t.l.D<<s > 1<<26 {
		return nil, check.Bad("sim: the number of concepts s", s,
			fmt.Sprintf("at most %d, and d·2^s at most 2^26, for 2^s points are returned", maxConcepts))
	}
	cs := make([]Centroid, 1<<s)
	v := make([]int, s)
	for i := range cs {
		names := make([]string, s)
		for p := range v {
			v[p] = i >> (s - 1 - p) & 1
			names[p] = fmt.Sprint(v[p])
		}
		x, err := t.Composition(v...)
		if err != nil {
			return nil, err
		}
		cs[i] = Centroid{Label: "(" + strings.Join(names, ",") + ")", X: x, Role: Probe, Weight: 1}
	}
	return cs, nil
}

// SecondMoment returns A = E[xxᵀ] over the population of training samples, a d×d
// matrix. For [Axes] it is diagonal with a_p = σ_p² + μ_p²/s, or μ_p²/(s+1) with a
// cluster at the origin.
func (t *Task) SecondMoment() *mat.SymDense {
	a := mat.NewSymDense(t.l.D, nil)
	total := t.weight()
	for _, c := range t.l.Centroids {
		if c.Role != Train {
			continue
		}
		for i, xi := range c.X {
			if xi == 0 {
				continue // most coordinates of most centroids are
			}
			for j := i; j < t.l.D; j++ {
				a.SetSym(i, j, a.At(i, j)+c.Weight*xi*c.X[j]/total)
			}
		}
	}
	for s, share := range t.shares() {
		s.addTo(a, share)
	}
	return a
}

// shares returns each noise and the share of samples that have it, those of the clusters' own in their order.
func (t *Task) shares() iter.Seq2[*spread, float64] {
	return func(yield func(*spread, float64) bool) {
		total, shared := t.weight(), 0.0
		for i, c := range t.l.Centroids {
			if c.Role != Train {
				continue
			}
			if t.noise[i] == t.shared {
				shared += c.Weight
			} else if !yield(t.noise[i], c.Weight/total) {
				return
			}
		}
		if shared > 0 {
			yield(t.shared, shared/total)
		}
	}
}

func (t *Task) weight() float64 {
	total := 0.0
	for _, c := range t.l.Centroids {
		if c.Role == Train {
			total += c.Weight
		}
	}
	return total
}

// Rates returns a_k = E[x_k²], the diagonal of [Task.SecondMoment]; d numbers. They
// are the speeds at which a one-layer linear model learns each axis (Theorem 4.1).
func (t *Task) Rates() []float64 {
	a := make([]float64, t.l.D)
	total := t.weight()
	for _, c := range t.l.Centroids {
		if c.Role == Train {
			for k, x := range c.X {
				a[k] += c.Weight * x * x / total
			}
		}
	}
	for s, share := range t.shares() {
		for k, v := range s.variances() {
			a[k] += share * v
		}
	}
	return a
}

// Uncorrelated reports whether the second moment is diagonal, which the
// paper's theory takes for granted and [Axes] always gives.
func (t *Task) Uncorrelated() bool {
	// A product of coordinates of a single centroid settles most layouts
	// without the d×d matrix.
	crossed := false
	for _, c := range t.l.Centroids {
		nonzero := 0
		for _, x := range c.X {
			if x != 0 {
				nonzero++
			}
		}
		crossed = crossed || c.Role == Train && nonzero > 1
	}
	for s := range t.shares() {
		crossed = crossed || s.crossed()
	}
	if !crossed {
		return true
	}
	a := t.SecondMoment()
	for i := range t.l.D {
		for j := i + 1; j < t.l.D; j++ {
			if math.Abs(a.At(i, j)) > 1e-12*math.Sqrt(a.At(i, i)*a.At(j, j)) {
				return false
			}
		}
	}
	return true
}

// String describes the task in one line.
func (t *Task) String() string {
	n := "population"
	if t.l.N > 0 {
		n = fmt.Sprintf("n = %d", t.l.N)
	}
	return fmt.Sprintf("SIM task: d = %d, s = %d, %d clusters, %s, x̂ = %.4g",
		t.l.D, len(t.l.Concepts), len(t.role(Train)), n, t.Target())
}
