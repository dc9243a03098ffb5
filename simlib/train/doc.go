// Package train defines small networks and trains them on tasks of package
// [swingby/simlib/sim]: by stochastic gradient descent and its relatives, as
// PyTorch does it, and by gradient flow.
//
//	net := train.MLP(2, 64, 3)             // ReLU, width 64, 3 layers
//	w0, err := net.Init(2333)              // PyTorch's default initialisation
//	run, err := train.Training{
//		Net: net, W0: w0, X: x,            // x is n×2; the target is x itself
//		Optimizer: train.SGD(0.01),
//		Batch: 128, Epochs: 40,
//		Record: train.Record{Probes: task.Probes()},
//	}.Run(ctx)
//	run.Trajectory(0)                      // f(θ(t); x̂)
//
// # Models
//
// A [Net] is a stack of layers y = Wx + b with an activation between them, or
// the symmetric UUᵀx. [OneLayer], [Symmetric], [DeepLinear] and [MLP] make those of
//
//	Yang, Park, Lubana, Okawa, Hu, Tanaka: Swing-by Dynamics in Concept
//	Learning and Compositional Generalization. ICLR 2025, arXiv:2410.08309
//
// # Losses
//
// The paper's loss is ½‖f(x) − y‖² averaged over the samples, [HalfSquare]; the
// published code's is the square averaged over samples and coordinates,
// [MeanSquare]. One is 2/d of the other, and so are the gradients: a rate η under
// the code's loss does what 2η/d does under the paper's.
//
// # Counting
//
// Time is counted in updates done; 0 is the initialisation. Batches are taken in
// order, the last of an epoch may be short, and a checkpoint lies before each
// epoch and after the last.
//
// # Precision and speed
//
// A [Training] computes in float64 or, like the published code, in float32. Of a
// linear network's batch only the sums of products count; where batches keep
// their samples from epoch to epoch, each is replaced by the fewest
// weighted rows with the same sums, at most d + 1 of them, so that an update's cost
// does not depend on the batch's size. Loss and gradients are the same but for rounding.
//
// # Determinism
//
// A training uses one goroutine and draws from its own seed: it gives the same
// numbers on any number of cores. [Each] and [All] spread many of them over the cores.
// Processors without AVX2 round some sums differently in the last bit.
package train
