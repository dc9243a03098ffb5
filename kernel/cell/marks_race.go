//go:build race

package cell

// The race detector would report the marks of a function that two goroutines run.
const atomicMarks = true
