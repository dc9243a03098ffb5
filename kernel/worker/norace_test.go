//go:build !race

package worker

// slower is how much more processor time this build needs.
const slower = 1
