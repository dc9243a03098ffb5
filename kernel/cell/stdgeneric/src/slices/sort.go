//go:build swingbycell

package slices

import (
	"cmp"
	"reflect"
	"sort"
	"strconv"
)

// Sort sorts x in increasing order, NaN first.
func Sort[S ~[]E, E cmp.Ordered](x S) {
	switch v := any([]E(x)).(type) {
	case []float64:
		sort.Float64s(v)
	case []int:
		sort.Ints(v)
	case []string:
		sort.Strings(v)
	default:
		if !sortWide(reflect.ValueOf([]E(x))) {
			mergeFunc([]E(x), cmp.Compare[E])
		}
	}
}

// sortWide sorts a slice of any ordered kind as the widest of its sort, which
// compiled code does: going there and back costs far less than comparing here.
// It reports whether it could; where int has 32 bits, it cannot for integers.
func sortWide(v reflect.Value) bool {
	n := v.Len()
	switch v.Type().Elem().Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if strconv.IntSize < 64 {
			return false
		}
		wide := make([]int, n)
		for i := 0; i < n; i++ {
			wide[i] = int(v.Index(i).Int())
		}
		sort.Ints(wide)
		for i := 0; i < n; i++ {
			v.Index(i).SetInt(int64(wide[i]))
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if strconv.IntSize < 64 {
			return false
		}
		const half = 1 << 63 // is where the negative numbers begin
		wide := make([]int, n)
		for i := 0; i < n; i++ {
			wide[i] = int(v.Index(i).Uint() ^ half)
		}
		sort.Ints(wide)
		for i := 0; i < n; i++ {
			v.Index(i).SetUint(uint64(wide[i]) ^ half)
		}
	case reflect.Float32, reflect.Float64:
		wide := make([]float64, n)
		for i := 0; i < n; i++ {
			wide[i] = v.Index(i).Float()
		}
		sort.Float64s(wide)
		for i := 0; i < n; i++ {
			v.Index(i).SetFloat(wide[i])
		}
	case reflect.String:
		wide := make([]string, n)
		for i := 0; i < n; i++ {
			wide[i] = v.Index(i).String()
		}
		sort.Strings(wide)
		for i := 0; i < n; i++ {
			v.Index(i).SetString(wide[i])
		}
	default:
		return false
	}
	return true
}

// SortFunc sorts x as cmp orders the elements: negative if a comes before b,
// positive if it comes after it. This one is stable, so that nothing is gained
// by SortStableFunc; nothing is lost either, for merging needs fewer
// comparisons than any method in place, and they are what takes the time.
func SortFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	mergeFunc([]E(x), cmp)
}

// SortStableFunc sorts x as cmp orders the elements, equal ones in the order
// they had.
func SortStableFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	mergeFunc([]E(x), cmp)
}

// IsSorted reports whether x is in increasing order, NaN first.
func IsSorted[S ~[]E, E cmp.Ordered](x S) bool {
	for i := len(x) - 1; i > 0; i-- {
		v := x[i]
		w := x[i-1]
		if v < w || v != v && w == w {
			return false
		}
	}
	return true
}

// IsSortedFunc reports whether x is sorted as cmp orders the elements.
func IsSortedFunc[S ~[]E, E any](x S, cmp func(a, b E) int) bool {
	for i := len(x) - 1; i > 0; i-- {
		if cmp(x[i], x[i-1]) < 0 {
			return false
		}
	}
	return true
}

// runLength is how many elements are sorted by insertion before runs are
// merged. More cost comparisons, fewer cost passes.
const runLength = 6

// mergeFunc sorts x by insertion in short runs, then by merging neighbours
// from one slice into another and back.
func mergeFunc[E any](x []E, cmp func(a, b E) int) {
	n := len(x)
	for lo := 0; lo < n; lo += runLength {
		hi := min(lo+runLength, n)
		for i := lo + 1; i < hi; i++ {
			v := x[i]
			j := i
			for j > lo && cmp(v, x[j-1]) < 0 {
				x[j] = x[j-1]
				j--
			}
			x[j] = v
		}
	}
	if n <= runLength {
		return
	}
	from, to := x, make([]E, n)
	back := false // from is the other slice, not x
	for width := runLength; width < n; width *= 2 {
		for lo := 0; lo < n; lo += 2 * width {
			mid := lo + width
			if mid >= n {
				copy(to[lo:], from[lo:])
				break
			}
			hi := min(mid+width, n)
			if cmp(from[mid], from[mid-1]) >= 0 { // in order as they are
				copy(to[lo:hi], from[lo:hi])
				continue
			}
			i, j, k := lo, mid, lo
			a, b := from[i], from[j]
			for {
				if cmp(b, a) < 0 {
					to[k] = b
					k++
					j++
					if j == hi {
						copy(to[k:], from[i:mid])
						break
					}
					b = from[j]
				} else {
					to[k] = a
					k++
					i++
					if i == mid {
						copy(to[k:], from[j:hi])
						break
					}
					a = from[i]
				}
			}
		}
		from, to = to, from
		back = !back
	}
	if back {
		copy(x, from)
	}
}
