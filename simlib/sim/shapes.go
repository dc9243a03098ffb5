package sim

import (
	"fmt"
	"math"

	"swingby/simlib/internal/check"
)

// Simplex is the structure of K points with the same distance between any two, around the origin: concepts of
// which none is closer to another. With the origin in the middle the points sum to zero.
type Simplex struct {
	// K is the number of points, at least 2. They span K−1 dimensions.
	K int
	// Radius is the distance of each from the origin, > 0; 0 stands for 1.
	Radius float64
	// Probe lists the points, 0 to K−1, that are probes; nil stands for the last one, an empty list for none.
	Probe []int
	// Sigma and N are those of [Axes]; D is at least K−1, and 0 stands for that.
	Sigma []float64
	D     int
	N     int
}

// Layout returns the points, trained on and probes in their order; the vectors of the concepts are those trained on.
func (s Simplex) Layout() (Layout, error) {
	if s.K < 2 || s.K > MaxDim {
		return Layout{}, check.Bad("sim: Simplex.K", s.K, fmt.Sprintf("2 to %d points", MaxDim))
	}
	l, err := frame("Simplex", s.K-1, "K−1", s.D, s.N, s.Sigma, false)
	if err != nil {
		return Layout{}, err
	}
	radius, err := radius("sim: Simplex.Radius", s.Radius)
	if err != nil {
		return Layout{}, err
	}
	if err := fits("sim: Simplex.K", s.K, float64(s.K), l.D); err != nil {
		return Layout{}, err
	}
	probe, err := held("sim: Simplex.Probe", s.Probe, s.K)
	if err != nil {
		return Layout{}, err
	}
	// Axis k is left to the points after the k-th: they all have the coordinate there that
	// makes their sum with the k-th point's zero, and the k-th point has zeros beyond.
	points := make([][]float64, s.K)
	for i := range points {
		points[i] = make([]float64, l.D)
	}
	rest := 1.0 // what is left of the squared length of the points from the k-th on
	for k := range s.K - 1 {
		more := float64(s.K - 1 - k)
		points[k][k] = radius * math.Sqrt(rest)
		for _, x := range points[k+1:] {
			x[k] = -points[k][k] / more
		}
		rest -= rest / (more * more)
	}
	l.add(points, probe, func(i int) string { return fmt.Sprint(i + 1) })
	for i, x := range points {
		if !probe[i] {
			l.Concepts = append(l.Concepts, x)
		}
	}
	return l, nil
}

// Ring is the structure of K points around a circle in the plane of the first two axes, neighbours closest: a
// cyclic concept such as hue, whose circle shows whether the gap between trained points is filled.
type Ring struct {
	// K is the number of points, at least 1, the first on axis 1, the next ones counterclockwise.
	K int
	// Radius is the circle's, > 0; 0 stands for 1. Phase turns the points, in radians.
	Radius, Phase float64
	// Probe lists the points, 0 to K−1, that are probes; nil stands for the last one, an empty list for none.
	Probe []int
	// Sigma and N are those of [Axes]; D is at least 2, and 0 stands for that.
	Sigma []float64
	D     int
	N     int
}

// Layout returns the points, trained on and probes in their order. The two concepts are the axes, of the radius' length.
func (r Ring) Layout() (Layout, error) {
	l, err := frame("Ring", 2, "the plane's dimension", r.D, r.N, r.Sigma, false)
	if err != nil {
		return Layout{}, err
	}
	if r.K < 1 {
		return Layout{}, check.Bad("sim: Ring.K", r.K, "at least 1 point")
	}
	if err := fits("sim: Ring.K", r.K, float64(r.K), l.D); err != nil {
		return Layout{}, err
	}
	radius, err := radius("sim: Ring.Radius", r.Radius)
	if err != nil {
		return Layout{}, err
	}
	if err := check.Finite("sim: Ring.Phase", []float64{r.Phase}); err != nil {
		return Layout{}, check.Bad("sim: Ring.Phase", r.Phase, "a finite angle")
	}
	probe, err := held("sim: Ring.Probe", r.Probe, r.K)
	if err != nil {
		return Layout{}, err
	}
	points := make([][]float64, r.K)
	for i := range points {
		points[i] = make([]float64, l.D)
		sin, cos := math.Sincos(r.Phase + 2*math.Pi*float64(i)/float64(r.K))
		points[i][0], points[i][1] = radius*cos, radius*sin
	}
	l.add(points, probe, func(i int) string { return fmt.Sprint(i + 1) })
	for p := range 2 {
		v := make([]float64, l.D)
		v[p] = radius
		l.Concepts = append(l.Concepts, v)
	}
	return l, nil
}

func radius(field string, r float64) (float64, error) {
	if r == 0 {
		r = 1
	}
	if !(r > 0) || math.IsInf(r*r, 0) {
		return 0, check.Bad(field, r, "a number > 0, at most 1e154, or 0 for 1")
	}
	return r, nil
}

// add appends points as centroids.
func (l *Layout) add(points [][]float64, probe []bool, label func(int) string) {
	for i, x := range points {
		c := Centroid{Label: label(i), X: x}
		if probe[i] {
			c.Role = Probe
		}
		l.Centroids = append(l.Centroids, c)
	}
}

// Correlated is the structure of [Axes] with concepts at an angle: the vectors of concepts p and q have
// the cosine c_pq between them. With cosine 0 it is Axes.
type Correlated struct {
	// Mu is the strength μ_p ≥ 0 of each concept, the length of its vector; its length is s, at least 1.
	Mu []float64
	// Cosine is the cosine between any two concepts, from −1/(s−1) to 1.
	Cosine float64
	// Cosines has the cosine of each pair instead, s×s, symmetric, ones on the diagonal, positive
	// semidefinite. Cosine is 0 then.
	Cosines [][]float64
	// Sigma, D, N and Origin are those of [Axes]. The noise is along the axes, not the concepts;
	// [Layout.Cov] gives it any shape.
	Sigma  []float64
	D      int
	N      int
	Origin bool
}

// Layout returns the clusters, then the probe x̂, the sum of all concepts. Concept 1 lies along axis 1, concept 2 in the
// plane of axes 1 and 2, and so on.
func (c Correlated) Layout() (Layout, error) {
	s := len(c.Mu)
	if s == 0 {
		return Layout{}, check.Bad("sim: len(Correlated.Mu)", 0, "at least 1, one strength for each concept")
	}
	l, err := frame("Correlated", s, "s = len(Mu)", c.D, c.N, c.Sigma, c.Origin)
	if err != nil {
		return Layout{}, err
	}
	if err := check.NonNegative("sim: Correlated.Mu", c.Mu); err != nil {
		return Layout{}, err
	}
	cosines := c.Cosines
	switch {
	case cosines != nil && c.Cosine != 0:
		return Layout{}, check.Bad("sim: Correlated.Cosine", c.Cosine, "0 where Cosines is set")
	case cosines == nil:
		least := -1.0
		if s > 1 {
			least = -1 / float64(s-1)
		}
		if !(c.Cosine >= least-1e-12 && c.Cosine <= 1) {
			return Layout{}, check.Bad("sim: Correlated.Cosine", c.Cosine, fmt.Sprintf("%.4g to 1 for %d concepts", least, s))
		}
		cosines = make([][]float64, s)
		for p := range cosines {
			cosines[p] = make([]float64, s)
			for q := range cosines[p] {
				cosines[p][q] = c.Cosine
			}
			cosines[p][p] = 1
		}
	}
	directions, err := factor("sim: Correlated.Cosines", cosines, s)
	if err != nil {
		return Layout{}, err
	}
	for p := range cosines {
		if math.Abs(cosines[p][p]-1) > 1e-12 {
			return Layout{}, check.Bad(fmt.Sprintf("sim: Correlated.Cosines[%d][%d]", p, p), cosines[p][p], "1, for a concept with itself")
		}
	}
	target := make([]float64, l.D)
	for p, mu := range c.Mu {
		x := make([]float64, l.D)
		for k := range p + 1 {
			x[k] = mu * directions.At(p, k)
			target[k] += x[k]
		}
		l.Concepts = append(l.Concepts, x)
		l.Centroids = append(l.Centroids, Centroid{Label: "μ" + Subscript(p+1), X: x})
	}
	l.Centroids = append(l.Centroids, Centroid{Label: "x̂", X: target, Role: Probe})
	return l, nil
}
