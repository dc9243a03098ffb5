package sim

import (
	"fmt"
	"strings"

	"swingby/simlib/internal/check"
)

// frame checks what the structures have in common and starts their layout. need is the dimension the
// structure spans and what says how it comes about, as in "s = len(Mu)"; d, sigma and n are its fields.
func frame(name string, need int, what string, d, n int, sigma []float64, origin bool) (Layout, error) {
	if d == 0 {
		d = need
	}
	switch {
	case d < need:
		return Layout{}, check.Bad("sim: "+name+".D", d, fmt.Sprintf("at least %s = %d, an axis for each", what, need))
	case d > MaxDim:
		return Layout{}, check.Bad("sim: "+name+".D", d, fmt.Sprintf("at most %d", MaxDim))
	case n < 0:
		return Layout{}, check.Bad("sim: "+name+".N", n, "a number of samples, or 0 for the population")
	}
	if k := len(sigma); k != 0 && k != need && k != d {
		short, _, _ := strings.Cut(what, " =")
		return Layout{}, check.Bad("sim: len("+name+".Sigma)", k, fmt.Sprintf("%s = %d, d = %d or 0", short, need, d))
	}
	if err := check.NonNegative("sim: "+name+".Sigma", sigma); err != nil {
		return Layout{}, err
	}
	l := Layout{D: d, N: n, Sigma: make([]float64, d)}
	copy(l.Sigma, sigma)
	if origin {
		l.Centroids = append(l.Centroids, Centroid{Label: "0", X: make([]float64, d)})
	}
	return l, nil
}

// maxCentroids bounds what a structure lays out, and d times it is at most 2^26 numbers.
const maxCentroids = 1 << 16

// fits checks the number of centroids, a float64 for it may be astronomic.
func fits(field string, value any, centroids float64, d int) error {
	if limit := min(maxCentroids, 1<<26/d); centroids > float64(limit) {
		return check.Bad(field, value, fmt.Sprintf("less, for that makes %.4g centroids and at most %d of dimension %d are possible",
			centroids, limit, d))
	}
	return nil
}

// held returns which of n points are held out as probes: those listed, or without a list the last one.
func held(field string, list []int, n int) ([]bool, error) {
	out := make([]bool, n)
	if list == nil && n > 0 {
		out[n-1] = true
	}
	for i, p := range list {
		if p < 0 || p >= n {
			return nil, check.Bad(fmt.Sprintf("%s[%d]", field, i), p, fmt.Sprintf("0 to %d, a point", n-1))
		}
		out[p] = true
	}
	return out, nil
}

// tuple writes choices as in "(1,0,1)".
func tuple(v []int) string {
	names := make([]string, len(v))
	for p, k := range v {
		names[p] = fmt.Sprint(k)
	}
	return "(" + strings.Join(names, ",") + ")"
}

// chosen checks a list of index tuples, index p below size[p], and returns them by name.
func chosen(field string, list [][]int, size []int) (map[string]bool, error) {
	set := make(map[string]bool, len(list))
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		if len(v) != len(size) {
			return nil, check.Bad(strings.Replace(at, "sim: ", "sim: len(", 1)+")", len(v), fmt.Sprintf("%d, one for each concept", len(size)))
		}
		for p, k := range v {
			if k < 0 || k >= size[p] {
				return nil, check.Bad(fmt.Sprintf("%s[%d]", at, p), k, fmt.Sprintf("0 to %d", size[p]-1))
			}
		}
		set[tuple(v)] = true
	}
	return set, nil
}
