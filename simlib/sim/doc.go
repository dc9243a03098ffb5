// Package sim defines the structured identity mapping task (SIM) of
//
//	Yang, Park, Lubana, Okawa, Hu, Tanaka: Swing-by Dynamics in Concept
//	Learning and Compositional Generalization. ICLR 2025, arXiv:2410.08309
//
// in which a model learns to return its input unchanged. What makes the task
// worth studying is where the training points lie: in clusters, one per
// concept, and never where the concepts come together. Whether the model also
// returns a point that shows all concepts at once is the question of
// compositional generalisation.
//
// # The paper's task
//
// [Axes] lays the clusters out as the paper does. There are s concepts in a
// space of dimension d ≥ s. Cluster p holds n samples
//
//	x ~ N(μ_p e_p, diag(σ²)),  p = 1 … s
//
// where e_p is the unit vector of axis p, μ_p is the strength of concept p's
// signal and σ_p its diversity. The model never sees the composite point
//
//	x̂ = Σ_p μ_p e_p
//
// and is judged by the error it makes there.
//
//	task, err := sim.NewTask(sim.Axes{
//		Mu:    []float64{1, 1.5},
//		Sigma: []float64{0.05, 0.05},
//		D:     3,
//	})
//	task.Target() // x̂ = (1, 1.5, 0)
//	task.Rates()  // a_p = σ_p² + μ_p²/s: how fast concept p is learned
//
// # Other structures
//
// A [Task] knows nothing of axes. It is made from a [Layout]: a finite set of
// labelled centroids, each marked [Train] or [Probe], with the vectors of the
// concepts and the spread of the clusters. Whatever has a Layout method is a
// [Structure]; Axes is one and a Layout written out by hand is another, so that a
// new structure is one method:
//
//	type Ring struct{ K int; Radius float64 }
//
//	func (r Ring) Layout() (sim.Layout, error) {
//		l := sim.Layout{D: 2}
//		for k := range r.K {
//			sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(r.K))
//			l.Centroids = append(l.Centroids, sim.Centroid{
//				Label: fmt.Sprint(k), X: []float64{r.Radius * cos, r.Radius * sin},
//			})
//		}
//		return l, nil
//	}
//
// NewTask checks every layout the same way, and an error names the field, the
// value found there and the values that would do.
package sim
