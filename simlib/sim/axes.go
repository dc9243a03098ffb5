package sim

import (
	"fmt"

	"swingby/simlib/internal/check"
)

// Axes is the paper's structure: concept p has a cluster at distance
// μ_p from the origin along axis p, and the target x̂ shows all concepts.
type Axes struct {
	// Mu is the signal strength μ_p ≥ 0 of each concept; its length is s, and
	// at least 1.
	Mu []float64
	// Sigma is the diversity σ_p ≥ 0, a standard deviation. With length s there
	// is noise along the concept axes alone, as in the paper; with length d there
	// is noise along every axis, as in the code behind its Figure 5; nil is none.
	Sigma []float64
	// D is the ambient dimension d, s to [MaxDim]; 0 stands for s.
	D int
	// N is the number of samples per cluster; 0 stands for the population.
	N int
	// Origin adds a cluster of the same size centred on the origin.
	Origin bool
}

// Layout returns the clusters (the origin's first, where there is one), then the probe x̂.
func (a Axes) Layout() (Layout, error) {
	s := len(a.Mu)
	if s == 0 {
		return Layout{}, check.Bad("sim: len(Axes.Mu)", 0, "at least 1, one strength for each concept")
	}
	l, err := frame("Axes", s, "s = len(Mu)", a.D, a.N, a.Sigma, a.Origin)
	if err != nil {
		return Layout{}, err
	}
	if err := check.NonNegative("sim: Axes.Mu", a.Mu); err != nil {
		return Layout{}, err
	}
	d := l.D
	target := make([]float64, d)
	for p, mu := range a.Mu {
		x := make([]float64, d)
		x[p], target[p] = mu, mu
		l.Concepts = append(l.Concepts, x)
		l.Centroids = append(l.Centroids, Centroid{Label: "μ" + Subscript(p+1), X: x})
	}
	l.Centroids = append(l.Centroids, Centroid{Label: "x̂", X: target, Role: Probe})
	return l, nil
}

// Subscript returns n ≥ 0 in subscript digits, as in μ₁₂, for names of quantities.
func Subscript(n int) string {
	r := []rune(fmt.Sprint(n))
	for i, c := range r {
		if c >= '0' && c <= '9' {
			r[i] = c - '0' + '₀'
		}
	}
	return string(r)
}
