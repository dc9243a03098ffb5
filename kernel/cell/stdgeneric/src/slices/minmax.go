//go:build swingbycell

package slices

import "cmp"

// Min returns the least element of x; NaN if x has one. It panics if x is empty.
func Min[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) == 0 {
		panic("slices.Min: empty list")
	}
	m := x[0]
	for _, v := range x {
		if v > m {
			continue
		}
		m = min(m, v) // which knows about NaN and -0
	}
	return m
}

// Max returns the greatest element of x; NaN if x has one. It panics if x is empty.
func Max[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) == 0 {
		panic("slices.Max: empty list")
	}
	m := x[0]
	for _, v := range x {
		if v < m {
			continue
		}
		m = max(m, v)
	}
	return m
}

// MinFunc returns the first of the least elements of x as cmp orders them. It
// panics if x is empty.
func MinFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) == 0 {
		panic("slices.MinFunc: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		if v := x[i]; cmp(v, m) < 0 {
			m = v
		}
	}
	return m
}

// MaxFunc returns the first of the greatest elements of x as cmp orders them.
// It panics if x is empty.
func MaxFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) == 0 {
		panic("slices.MaxFunc: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		if v := x[i]; cmp(v, m) > 0 {
			m = v
		}
	}
	return m
}
