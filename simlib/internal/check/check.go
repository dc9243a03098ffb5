// Package check words the errors of bad input the same way everywhere: the
// field, the value found, and the values that would do.
package check

import (
	"fmt"
	"math"
	"strings"
)

// Bad returns the error for a field whose value is out of range. The field is
// written with its package in front: "sim: Axes.D".
func Bad(field string, value any, want string) error {
	return fmt.Errorf("%s is %v; want %s", field, value, want)
}

// Finite returns an error unless every element is a finite number.
func Finite(field string, x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Bad(fmt.Sprintf("%s[%d]", field, i), v, "a finite number")
		}
	}
	return nil
}

// NonNegative returns an error unless every element is a finite number ≥ 0
// whose square is finite too.
func NonNegative(field string, x []float64) error {
	for i, v := range x {
		if !(v >= 0) || math.IsInf(v*v, 0) {
			return Bad(fmt.Sprintf("%s[%d]", field, i), v, "a number from 0 to 1e154")
		}
	}
	return nil
}

// Len returns an error unless x has n elements.
func Len(field string, x []float64, n int, what string) error {
	if len(x) != n {
		pkg, name, _ := strings.Cut(field, ": ")
		return Bad(pkg+": len("+name+")", len(x), fmt.Sprintf("%d, %s", n, what))
	}
	return nil
}
