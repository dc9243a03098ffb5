package sim

import (
	"fmt"

	"swingby/simlib/internal/check"
)

// Grid is the structure of concepts that each come in several strengths: axis p takes the coordinates Levels[p], and
// the centroids are all combinations. The first level of a concept stands for its absence.
type Grid struct {
	// Levels lists the coordinates along each concept's axis, at least one, from −1e154 to 1e154.
	Levels [][]float64
	// Train lists the points trained on, each by the index of its level for every concept; the others
	// are probes. Nil stands for the points that show at most one concept, those with at most one index other than 0.
	Train [][]int
	// Sigma, D and N are those of [Axes].
	Sigma []float64
	D     int
	N     int
}

// Layout returns the training points, the last concept's level changing fastest, then the probes in the opposite
// order: the first of them, the task's target, is the one with the highest levels. The vector of concept p ends at its last level.
func (g Grid) Layout() (Layout, error) { return g.layout("Grid", "Levels") }

func (g Grid) layout(name, field string) (Layout, error) {
	s := len(g.Levels)
	if s == 0 {
		return Layout{}, check.Bad("sim: len("+name+"."+field+")", 0, "at least 1, one for each concept")
	}
	l, err := frame(name, s, "s = len("+field+")", g.D, g.N, g.Sigma, false)
	if err != nil {
		return Layout{}, err
	}
	size, points := make([]int, s), 1.0
	for p, levels := range g.Levels {
		size[p] = len(levels)
		points *= float64(len(levels))
		at := fmt.Sprintf("sim: Grid.Levels[%d]", p)
		if len(levels) == 0 {
			return Layout{}, check.Bad(fmt.Sprintf("sim: len(Grid.Levels[%d])", p), 0, "at least 1 level")
		}
		if err := vector(at, levels, len(levels)); err != nil {
			return Layout{}, err
		}
		c := make([]float64, l.D)
		c[p] = levels[len(levels)-1]
		l.Concepts = append(l.Concepts, c)
	}
	if err := fits("sim: len("+name+"."+field+")", s, points, l.D); err != nil {
		return Layout{}, err
	}
	train, err := chosen("sim: "+name+".Train", g.Train, size)
	if err != nil {
		return Layout{}, err
	}

	var probes []Centroid
	index := make([]int, s)
	for range int(points) {
		c := Centroid{Label: tuple(index), X: make([]float64, l.D)}
		shown := 0
		for p, k := range index {
			c.X[p] = g.Levels[p][k]
			if k != 0 {
				shown++
			}
		}
		if g.Train == nil && shown <= 1 || train[c.Label] {
			l.Centroids = append(l.Centroids, c)
		} else {
			c.Role = Probe
			probes = append(probes, c)
		}
		for p := s - 1; p >= 0; p-- {
			if index[p]++; index[p] < size[p] {
				break
			}
			index[p] = 0
		}
	}
	for i := range probes {
		l.Centroids = append(l.Centroids, probes[len(probes)-1-i])
	}
	return l, nil
}

// Box is the structure of a hyperrectangle: its corners are all the combinations of the concepts, Σ_p v_p μ_p e_p with v_p
// 0 or 1, and any of them may be trained on.
type Box struct {
	// Mu is the side μ_p ≥ 0 along each concept's axis; its length is s, at least 1.
	Mu []float64
	// Train lists the corners trained on, each by s digits 0 or 1; the others are probes. Nil
	// stands for all but (1,…,1), where all concepts come together.
	Train [][]int
	// Sigma, D and N are those of [Axes].
	Sigma []float64
	D     int
	N     int
}

// Layout returns the corners trained on in binary order, the first concept being the most significant
// digit, then the probes in the opposite order.
func (b Box) Layout() (Layout, error) {
	if err := check.NonNegative("sim: Box.Mu", b.Mu); err != nil {
		return Layout{}, err
	}
	g := Grid{Train: b.Train, Sigma: b.Sigma, D: b.D, N: b.N}
	for _, mu := range b.Mu {
		g.Levels = append(g.Levels, []float64{0, mu})
	}
	if s := len(b.Mu); b.Train == nil && s > 0 && s <= 16 {
		g.Train = [][]int{}
		for i := range 1<<s - 1 {
			v := make([]int, s)
			for p := range v {
				v[p] = i >> (s - 1 - p) & 1
			}
			g.Train = append(g.Train, v)
		}
	}
	return g.layout("Box", "Mu")
}
