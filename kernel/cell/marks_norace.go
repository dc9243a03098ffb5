//go:build !race

package cell

const atomicMarks = false
