package display

import (
	"math"
	"strconv"
	"strings"
)

// numberFormat returns how to write a set of numbers that stand together, with
// precision significant digits (1 to 17) for the largest. All get the same number
// of decimals, no more than one of them needs, so that they align at the right.
// Where that would lose the smallest number or pad the largest with zeros, each
// is written for itself with precision digits, as %.*g does.
func numberFormat(values []float64, precision int) func(float64) string {
	precision = min(max(precision, 1), 17)
	largest, smallest, whole := 0.0, math.Inf(1), true
	for _, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		a := math.Abs(x)
		largest = math.Max(largest, a)
		if a > 0 {
			smallest = math.Min(smallest, a)
		}
		whole = whole && x == math.Trunc(x)
	}
	if whole && largest < 1e15 {
		return fixed(0)
	}
	order := math.Floor(math.Log10(largest)) + 1 // digits before the point
	decimals := max(0, precision-int(order))
	if order > 7 || order < -3 || math.Log10(smallest) < float64(-decimals) {
		return func(x float64) string { return strconv.FormatFloat(x+0, 'g', precision, 64) }
	}
	needed := 0
	for _, x := range values {
		s := strings.TrimRight(fixed(decimals)(x), "0")
		if i := strings.IndexByte(s, '.'); i >= 0 {
			needed = max(needed, len(s)-i-1)
		}
	}
	return fixed(needed)
}

// fixed writes a number with so many decimals, and no zero as negative.
func fixed(decimals int) func(float64) string {
	return func(x float64) string {
		s := strconv.FormatFloat(x, 'f', decimals, 64)
		if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
			return s[1:]
		}
		return s
	}
}
