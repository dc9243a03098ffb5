package stdlib

import (
	"path"
	"strings"
)

// nearest returns the known import path that was most likely meant, or "". A path
// whose last element is the name asked for wins ("gonum/mat" → "gonum.org/v1/gonum/mat"),
// then one that differs in few letters ("math/randd" → "math/rand").
func nearest(want string) string {
	base := strings.ToLower(path.Base(want))
	if bare, ok := Preloaded(base); ok && bare != want {
		return bare
	}
	best, bestCost := "", 0
	for _, p := range Packages() {
		cost := distance(strings.ToLower(want), p.Path)
		if path.Base(p.Path) == base {
			cost = min(cost, 1)
		}
		if best == "" || cost < bestCost {
			best, bestCost = p.Path, cost
		}
	}
	if bestCost > 1+len(want)/5 {
		return ""
	}
	return best
}

// distance counts the letters to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
