// Package stdlib is everything a cell can import: the standard library, gonum,
// gonum/plot, and Swingby's own packages.
package stdlib

//go:generate go run ./internal/gen
