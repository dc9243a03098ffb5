// Package theory computes how linear models learn the task of package
// [swingby/simlib/sim]: the closed form of the one-layer model and the
// recurrence of the symmetric two-layer model, as
//
//	Yang, Park, Lubana, Okawa, Hu, Tanaka: Swing-by Dynamics in Concept
//	Learning and Compositional Generalization. ICLR 2025, arXiv:2410.08309
//
// derives them. A = E[xxᵀ] is the second moment of the training data, for the paper's task diag(a).
//
// # One layer
//
// For f(W; x) = Wx, gradient flow is Ẇ = −(W−I)A, and the output at a point z is
// the sum of two terms (Theorem 4.1):
//
//	f(W(t); z)_k = (1 − e^{−a_k t}) z_k        growth: axis k is learned at rate a_k
//	             + Σ_i e^{−a_i t} w_ki(0) z_i   initialisation: forgotten
//
// Each axis is learned on its own and the loss cannot rise for a small
// initialisation: [OneLayer] explains the order of learning but no swing-by.
//
// # Two symmetric layers
//
// For f(U; x) = UUᵀx and W = UUᵀ the flow is
//
//	Ẇ = WA + AW − ½(AW² + W²A + 2WAW)
//
// and entry by entry ẇ_ij = G_ij − S_ij − N_ij: growth, suppression and the
// interaction with other entries (Equation 4.3). [Symmetric] takes small steps
// W ← W + ηẆ, keeps every W in a [Run], [Symmetric.Flow] follows the flow itself, and [Terms] takes the three apart. An off-diagonal
// entry first grows and is later suppressed by the diagonal entry it belongs
// to; in between, the output at a point that was never trained on swings by
// the training centroids, and its loss falls, rises and falls again.
//
// # What happens in a run
//
// [Run.Stages] reads growth, suppression and second growth off the entries, with their
// times, and counts the descents of the loss. [Symmetric.Predict] says the same beforehand, in closed form, and
// [Run.Compare] where the two differ. [Symmetric.Assumptions] checks what the paper's proof asks for, and
// [Run.Bounds] draws its lemmas over a run. A [Sweep] asks these questions at every point of a plane of two
// parameters.
//
// # Other tasks
//
// Concepts that are not orthogonal, and any other second moment, are seen along its
// eigenvectors: [Modes] and [Run.InModes]. [SampleMoment] and [FiniteSample] tell a
// training set from its population, [Init] sets the scale and the width of the layers.
//
// # Counting
//
// A run of T updates visits T+1 matrices; update 0 is the initialisation and
// the abscissa of every [Curve] over a run is the number of updates done. An
// [Extremum] also has a Step, which counts from 0 at the first update, as
// the arrays of the published code do: step = updates − 1.
//
// Entries w_ij are counted from 1, as in the paper.
package theory
