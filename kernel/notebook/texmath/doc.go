// Package texmath turns the mathematics of TeX into MathML, which browsers draw
// without any script.
//
// It knows what notebooks and papers write: fractions, roots, scripts, accents,
// fences that grow, operators with limits, alphabets (\mathbb, \mathcal, …),
// matrices, cases and aligned equations. The output keeps to MathML Core, the
// part of MathML that all current browsers share.
//
// A command it does not know is an error, never a guess: the caller then shows
// the TeX itself, which a reader of formulas can read.
//
// The way of a formula: [parser] reads TeX and builds a tree of [node]s, one
// function per construct; symbols.go says which character a command stands for;
// environment.go reads what stands between \begin and \end.
package texmath
