package sim

import (
	"fmt"

	"swingby/simlib/internal/check"
)

// Tree is the structure of concepts in a hierarchy: whatever shows a concept shows all those above it. Concept
// i adds μ_i e_i to its parent's centroid, so that its cluster lies at Σ μ_j e_j over the path from the root. Where
// all concepts are roots this is [Axes].
type Tree struct {
	// Parent is the parent of each concept, an earlier one, or −1 for a root; its length is s, at least 1.
	Parent []int
	// Mu is the strength μ_i ≥ 0 that each concept adds; s numbers.
	Mu []float64
	// Train lists the concepts whose cluster is trained on; the others are probes. Nil stands for all.
	Train []int
	// Sigma, D, N and Origin are those of [Axes].
	Sigma  []float64
	D      int
	N      int
	Origin bool
}

// Layout returns the clusters, labelled by the path from the root as in "1.3", then the probe x̂ where all
// concepts come together, then the other probes.
func (t Tree) Layout() (Layout, error) {
	s := len(t.Parent)
	if s == 0 {
		return Layout{}, check.Bad("sim: len(Tree.Parent)", 0, "at least 1, one for each concept")
	}
	l, err := frame("Tree", s, "s = len(Parent)", t.D, t.N, t.Sigma, t.Origin)
	if err != nil {
		return Layout{}, err
	}
	if err := check.Len("sim: Tree.Mu", t.Mu, s, "one for each concept"); err != nil {
		return Layout{}, err
	}
	if err := check.NonNegative("sim: Tree.Mu", t.Mu); err != nil {
		return Layout{}, err
	}
	train := make([]bool, s)
	for i := range train {
		train[i] = t.Train == nil
	}
	for i, c := range t.Train {
		if c < 0 || c >= s {
			return Layout{}, check.Bad(fmt.Sprintf("sim: Tree.Train[%d]", i), c, fmt.Sprintf("0 to %d, a concept", s-1))
		}
		train[c] = true
	}

	target := make([]float64, l.D)
	nodes := make([]Centroid, s)
	for i, parent := range t.Parent {
		if parent < -1 || parent >= i {
			return Layout{}, check.Bad(fmt.Sprintf("sim: Tree.Parent[%d]", i), parent,
				fmt.Sprintf("-1 for a root, or an earlier concept, 0 to %d", i-1))
		}
		c := Centroid{Label: fmt.Sprint(i + 1), X: make([]float64, l.D), Role: Probe}
		if parent >= 0 {
			copy(c.X, nodes[parent].X)
			c.Label = nodes[parent].Label + "." + c.Label
		}
		c.X[i], target[i] = t.Mu[i], t.Mu[i]
		if train[i] {
			c.Role = Train
			l.Centroids = append(l.Centroids, c)
		}
		nodes[i] = c
		v := make([]float64, l.D)
		v[i] = t.Mu[i]
		l.Concepts = append(l.Concepts, v)
	}
	l.Centroids = append(l.Centroids, Centroid{Label: "x̂", X: target, Role: Probe})
	for _, c := range nodes {
		if c.Role == Probe {
			l.Centroids = append(l.Centroids, c)
		}
	}
	return l, nil
}
