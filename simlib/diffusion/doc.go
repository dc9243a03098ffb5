// Package diffusion trains text-conditioned diffusion models on images of two or three concepts, and follows in
// concept space what they make of a composition that they never saw: the second half of
//
//	Yang, Park, Lubana, Okawa, Hu, Tanaka: Swing-by Dynamics in Concept
//	Learning and Compositional Generalization. ICLR 2025, arXiv:2410.08309
//
// # The question
//
// A model sees big red, small red and big blue discs. Asked for a small blue one, what does it draw, and when? The
// paper's answer is that of its linear models (package [swingby/simlib/theory]): the concept with the stronger signal is learned
// first, and on its way the output swings by the training class that shows that concept alone.
//
//	e := diffusion.Laptop()                                    // minutes a run; Paper is as published
//	judge, err := e.TrainJudge(ctx, .689)                      // tells blue and small from images
//	course, err := e.Run(ctx, .689, 1, judge, 0, progress)     // colour signal .689, seed 1
//	course.Trajectory()                                        // through concept space, to (1,1)
//	course.MSE().Rise()                                        // the depth of the swing-by
//
// # Images
//
// [Discs] draws the data set: a disc, or with a third concept a triangle, whose colour signal, sizes, ground, blur and
// noise are parameters, and whose classes may be held out. Each image has a random stream of its own.
//
// # What to show
//
// A [Condition] says what a sample shows: in numbers, as in the paper (the colour drawn and the radius), or in words. A model with [Text]
// conditioning learns an embedding for every word together with its network; "small blue circle" is the sum of three.
//
// # The model
//
// It is the variational diffusion model of
//
//	Kingma, Salimans, Poole, Ho: Variational Diffusion Models. NeurIPS 2021, arXiv:2107.00630
//
// A sample x is hidden in noise, z = α(t)x + σ(t)ε for t from 0 to 1, where α² = sigmoid(−γ(t)), σ² = sigmoid(γ(t)) and γ is a
// line whose ends are learned ([Schedule]). A network, a [UNet] for images or an [MLP] for vectors, predicts the
// noise ε from z, t and the condition. Its [Loss] is a bound on −log p(x) in bits per dimension. Sampling goes from noise at t = 1 to a
// sample at t = 0, with new noise at every step or without ([Method]).
//
// Times are antithetic: one draw a batch, the others at equal distances from it. The reconstruction's noise enters its loss as a mean
// square, whose mean, 1, stands for a draw.
//
// # Vectors
//
// The clusters of a SIM task (package [swingby/simlib/sim]) are a diffusion task too, one of seconds: [TaskData] with an [MLP]. What is to
// be learned is then known: [Mixture] has the exact score. With [Preconditioning], [Training.Antithetic] noise and a balanced
// [Training.Weighting] an MLP of three layers of 32 learns that of two clusters to 5 % at every time from σ = .05 to 1: in the root mean
// square over samples of that noise, relative to the score's own. It takes eight million draws, some 20 seconds.
//
// # The judge
//
// A [Judge] is a classifier for every concept, trained on all classes, with its accuracy on other images. The mean of its
// probabilities over some samples is their point of concept space: (1,1) is small and blue. A [Course] has these points
// over a training, [Summarise] puts the courses of several seeds together: mean trajectory with confidence intervals, order of learning,
// bend, and the rise of the squared error.
//
// # Determinism
//
// Every number follows from the seed. Draws of an update depend on seed and step alone, so that a run that goes on from a file
// ([Training.Checkpoint]) gives the numbers of one without a break, to the last bit. A batch is cut into a fixed number of lanes, which
// any number of cores compute; so the numbers do not depend on the cores. Processors
// without AVX2 round some sums differently, which a training carries on.
package diffusion
