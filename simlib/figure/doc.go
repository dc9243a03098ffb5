// Package figure draws what package [swingby/simlib/theory] computes, ready for print.
//
//	figure.Trajectory(run)               // the output at x̂ on its way through concept space
//	figure.Matrix(run)                   // the entries of W, with the loss on a second axis
//	figure.Losses(run.TrainLoss(), run.TestLoss())
//	figure.Row(figure.Trajectory(run), figure.Matrix(run)).Save("fig5.pdf")
//
//	figure.Space(run)                    // the same in three dimensions
//	figure.Heat(run)                     // W as heat maps, a few times
//	figure.Evolution(run)                // every entry over time
//	figure.Lattice(task, losses)         // the losses at all compositions of concepts
//	figure.Phase(phase, "depth")         // a phase diagram
//	figure.Samples(1, 2, task, data)     // training samples, under trajectories if there are some
//	figure.Learning(run, 60)             // an animation
//	figure.Explore(run)                  // the same in hand, with a slider for the step
//
// A [Figure] is one panel, a row or a grid of them. It draws itself on any canvas of
// gonum/plot, and writes SVG, PNG and PDF files. In a notebook it shows by being a cell's result; its
// [Figure.Vega] is the same for hover and zoom.
//
// Colours are Okabe and Ito's, which readers with any kind of colour vision can
// tell apart, and curves of different kinds differ in dash as well. Names are set
// as mathematics: in "w₂₁" or "x̂" the letters are slanted and the digits are
// lowered, whatever glyphs the font has. Legends stand above the data, never on it.
//
// Functions that draw return only the figure, so that they can be nested
// and chained. What is wrong with a figure is shown in its place, and returned
// by [Figure.Err] and by everything that writes a file.
package figure
