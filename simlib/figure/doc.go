// Package figure draws what package [swingby/simlib/theory] computes, ready for print.
//
//	figure.Trajectory(run)               // the output at x̂ on its way through concept space
//	figure.Matrix(run)                   // the entries of W, with the loss on a second axis
//	figure.Losses(run.TrainLoss(), run.TestLoss())
//	figure.Row(figure.Trajectory(run), figure.Matrix(run)).Save("fig5.pdf")
//
// A [Figure] is one panel or a row of them. It draws itself on any canvas of
// gonum/plot, and writes SVG, PNG and PDF files. In a notebook it shows by being a cell's result.
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
