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
// [Box] has all combinations of the concepts as corners of a hyperrectangle, any of them trained on; [Grid] several
// strengths of each concept; [Tree] concepts in a hierarchy; [Correlated] concepts at an angle; [Simplex] and
// [Ring] points at equal distances, all around or in a circle. [Points] takes any points, and [ParseTable] reads
// them from a table:
//
//	layout, err := sim.ParseTable(`
//		label   x    y   role    weight
//		A       1    0   train
//		B       0    2   train   2
//		A+B     1    2   probe
//		noise   .1   .1  sigma
//	`)
//	task, err := sim.NewTask(layout)
//
// A [Task] knows nothing of any of them. It is made from a [Layout]: a finite set of
// labelled centroids, each marked [Train] or [Probe], with the vectors of the
// concepts and the spread of the clusters. Whatever has a Layout method is a
// [Structure], so that a new one is one method:
//
//	type Spiral struct{ Turns, Radius float64 }
//
//	func (s Spiral) Layout() (sim.Layout, error) {
//		l := sim.Layout{D: 2}
//		for k := range 8 {
//			at := float64(k+1) / 8
//			sin, cos := math.Sincos(2 * math.Pi * s.Turns * at)
//			l.Centroids = append(l.Centroids, sim.Centroid{
//				Label: fmt.Sprint(k), X: []float64{s.Radius * at * cos, s.Radius * at * sin},
//			})
//		}
//		return l, nil
//	}
//
// [With] changes the layout of any structure, to add a covariance, say. NewTask checks every layout the same way, and an
// error names the field, the value found there and the values that would do.
//
// # Samples
//
// [Task.Sample] draws the training set from a seed, the same on any number of cores; rotated at random, or
// truncated to keep clear of x̂, if [Sampling] says so. [Task.SecondMoment] is the population's second moment,
// [Data.SecondMoment] the sample's.
//
// # The order of composition
//
// [Task.Lattice] says which composition is part of which, for the drawing of Figure 7, and
// [Lattice.Violations] where a loss does not rise with it.
//
// # The published runs
//
// [Released] gives each of the 29 training commands that the authors published, and [Command.Draw] what such
// a run starts from: data, order and initialisation as NumPy and PyTorch draw them from its seed.
package sim
