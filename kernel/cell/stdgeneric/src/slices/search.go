//go:build swingbycell

// Package slices works on slices of any type.
package slices

import "cmp"

// Equal reports whether two slices have the same length and equal elements.
func Equal[S ~[]E, E comparable](s1, s2 S) bool {
	if len(s1) != len(s2) {
		return false
	}
	for i, v := range s1 {
		if v != s2[i] {
			return false
		}
	}
	return true
}

// EqualFunc is Equal with elements compared by eq, as far as the first
// difference.
func EqualFunc[S1 ~[]E1, S2 ~[]E2, E1, E2 any](s1 S1, s2 S2, eq func(E1, E2) bool) bool {
	if len(s1) != len(s2) {
		return false
	}
	for i, v := range s1 {
		if !eq(v, s2[i]) {
			return false
		}
	}
	return true
}

// Compare compares the elements in turn, as cmp.Compare does, and returns the
// first result that is not 0. A slice comes after its own beginning.
func Compare[S ~[]E, E cmp.Ordered](s1, s2 S) int {
	n := len(s2)
	for i, v := range s1 {
		if i == n {
			return 1
		}
		w := s2[i]
		if v == w {
			continue
		}
		if c := cmp.Compare(v, w); c != 0 {
			return c
		}
	}
	if len(s1) < n {
		return -1
	}
	return 0
}

// CompareFunc is Compare with elements compared by cmp.
func CompareFunc[S1 ~[]E1, S2 ~[]E2, E1, E2 any](s1 S1, s2 S2, cmp func(E1, E2) int) int {
	n := len(s2)
	for i, v := range s1 {
		if i == n {
			return 1
		}
		if c := cmp(v, s2[i]); c != 0 {
			return c
		}
	}
	if len(s1) < n {
		return -1
	}
	return 0
}

// Index returns the index of the first element equal to v, or -1.
func Index[S ~[]E, E comparable](s S, v E) int {
	for i, e := range s {
		if e == v {
			return i
		}
	}
	return -1
}

// IndexFunc returns the index of the first element for which f returns true, or -1.
func IndexFunc[S ~[]E, E any](s S, f func(E) bool) int {
	for i, e := range s {
		if f(e) {
			return i
		}
	}
	return -1
}

// Contains reports whether an element of s is equal to v.
func Contains[S ~[]E, E comparable](s S, v E) bool {
	for _, e := range s {
		if e == v {
			return true
		}
	}
	return false
}

// ContainsFunc reports whether f returns true for an element of s.
func ContainsFunc[S ~[]E, E any](s S, f func(E) bool) bool {
	for _, e := range s {
		if f(e) {
			return true
		}
	}
	return false
}

// BinarySearch looks for target in x, which must be sorted in increasing
// order. It returns where target is or would have to be inserted, and whether
// it is there.
func BinarySearch[S ~[]E, E cmp.Ordered](x S, target E) (int, bool) {
	lo, hi := 0, len(x)
	if target != target {
		// NaN comes first: either x[0] is one, or there is none.
		return 0, hi > 0 && x[0] != x[0]
	}
	for lo < hi {
		mid := lo + (hi-lo)/2
		if v := x[mid]; v < target || v != v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(x) && x[lo] == target
}

// BinarySearchFunc is BinarySearch in an x that is sorted as cmp compares:
// negative for an element that comes before target, 0 for one that matches.
func BinarySearchFunc[S ~[]E, E, T any](x S, target T, cmp func(E, T) int) (int, bool) {
	lo, hi := 0, len(x)
	found := false
	for lo < hi {
		mid := lo + (hi-lo)/2
		c := cmp(x[mid], target)
		if c < 0 {
			lo = mid + 1
		} else {
			hi = mid
			found = c == 0 // of x[hi], which is where the search ends
		}
	}
	return lo, found
}
