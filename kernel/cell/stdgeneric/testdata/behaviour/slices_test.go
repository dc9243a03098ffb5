package behaviour

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	plain "plain/slices"
)

func TestSearch(t *testing.T) {
	r := random()
	for range rounds {
		a, b, v := ints(r), ints(r), r.IntN(9)
		if r.IntN(2) == 0 {
			b = slices.Clone(a)
		}
		is := func(x int) bool { return x == v }
		eq := func(x, y int) bool { return x/2 == y/2 }
		sub := func(x, y int) int { return x/2 - y/2 }
		same(t, "Equal", plain.Equal(a, b), slices.Equal(a, b))
		same(t, "EqualFunc", plain.EqualFunc(a, b, eq), slices.EqualFunc(a, b, eq))
		same(t, "Compare", plain.Compare(a, b), slices.Compare(a, b))
		same(t, "CompareFunc", plain.CompareFunc(a, b, sub), slices.CompareFunc(a, b, sub))
		same(t, "Index", plain.Index(a, v), slices.Index(a, v))
		same(t, "Contains", plain.Contains(a, v), slices.Contains(a, v))
		same(t, "IndexFunc", plain.IndexFunc(a, is), slices.IndexFunc(a, is))
		same(t, "ContainsFunc", plain.ContainsFunc(a, is), slices.ContainsFunc(a, is))
		slices.Sort(a)
		i, ok := plain.BinarySearch(a, v)
		j, want := slices.BinarySearch(a, v)
		same(t, "BinarySearch", []any{i, ok}, []any{j, want})
		i, ok = plain.BinarySearchFunc(a, v, sub)
		j, want = slices.BinarySearchFunc(a, v, sub)
		same(t, "BinarySearchFunc", []any{i, ok}, []any{j, want})

		x, y := floats(r), floats(r)
		if r.IntN(2) == 0 {
			y = slices.Clone(x)
		}
		same(t, "Equal", plain.Equal(x, y), slices.Equal(x, y))
		same(t, "Compare", plain.Compare(x, y), slices.Compare(x, y))
		slices.Sort(x)
		for _, f := range append(y, math.NaN()) {
			i, ok := plain.BinarySearch(x, f)
			j, want := slices.BinarySearch(x, f)
			same(t, "BinarySearch", []any{i, ok}, []any{j, want})
			same(t, "Index", plain.Index(x, f), slices.Index(x, f))
		}
	}
	same(t, "Contains NaN", plain.Contains([]any{math.NaN(), "a"}, any(math.NaN())), false)
	same(t, "Index of an interface", plain.Index([]any{1, "a", nil}, nil), 2)
	same(t, "panic", outcome(func() any { return plain.Index([]any{[]int{}}, any([]int{})) }), "run-time error")
}

func TestMinMax(t *testing.T) {
	r := random()
	last := func(a, b point) int { return a.X - b.X }
	for range rounds {
		a, x, p := ints(r), floats(r), points(r)
		same(t, "Min", outcome(func() any { return plain.Min(a) }), outcome(func() any { return slices.Min(a) }))
		same(t, "Max", outcome(func() any { return plain.Max(a) }), outcome(func() any { return slices.Max(a) }))
		same(t, "Min", outcome(func() any { return plain.Min(x) }), outcome(func() any { return slices.Min(x) }))
		same(t, "Max", outcome(func() any { return plain.Max(x) }), outcome(func() any { return slices.Max(x) }))
		same(t, "MinFunc", outcome(func() any { return plain.MinFunc(p, last) }), outcome(func() any { return slices.MinFunc(p, last) }))
		same(t, "MaxFunc", outcome(func() any { return plain.MaxFunc(p, last) }), outcome(func() any { return slices.MaxFunc(p, last) }))
	}
	zeros := []float64{0, math.Copysign(0, -1), 0}
	same(t, "Min of zeros", math.Signbit(plain.Min(zeros)), true)
	same(t, "Max of zeros", math.Signbit(plain.Max(zeros[1:])), false)
	same(t, "Max of words", plain.Max([]word{"a", "c", "b"}), word("c"))
}

// edited compares an edit's result, what it left in the array it was given,
// and whether that array is the result's.
func edited(t *testing.T, what string, s days, ours, std func(days) days) {
	t.Helper()
	a, b := full(s), full(s)
	got := outcome(func() any { return ours(a) })
	want := outcome(func() any { return std(b) })
	same(t, what, got, want)
	same(t, what+": the array", a[:cap(a)], b[:cap(b)])
	x, ok := got.(days)
	if !ok {
		return
	}
	y := want.(days)
	same(t, what+": nil", x == nil, y == nil)
	if len(x) > 0 && cap(a) > 0 {
		same(t, what+": in place", &x[0] == &a[:1][0], &y[0] == &b[:1][0])
	}
	if cap(x) < len(x) {
		t.Fatalf("%s: capacity %d", what, cap(x))
	}
}

func TestEdit(t *testing.T) {
	r := random()
	for range 4 * rounds {
		s, v := days(ints(r)), ints(r)
		i, j := r.IntN(len(s)+3)-1, r.IntN(len(s)+3)-1
		if r.IntN(2) == 0 && len(s) > 0 {
			i = r.IntN(len(s))
			j = i + r.IntN(len(s)-i+1)
		}
		k := r.IntN(8)
		is := func(x int) bool { return x < k }
		eq := func(x, y int) bool { return x == y || x == y+1 }
		edited(t, "Insert", s, func(s days) days { return plain.Insert(s, i, v...) }, func(s days) days { return slices.Insert(s, i, v...) })
		edited(t, "Delete", s, func(s days) days { return plain.Delete(s, i, j) }, func(s days) days { return slices.Delete(s, i, j) })
		edited(t, "Replace", s, func(s days) days { return plain.Replace(s, i, j, v...) }, func(s days) days { return slices.Replace(s, i, j, v...) })
		edited(t, "DeleteFunc", s, func(s days) days { return plain.DeleteFunc(s, is) }, func(s days) days { return slices.DeleteFunc(s, is) })
		edited(t, "Compact", s, plain.Compact[days], slices.Compact[days])
		edited(t, "CompactFunc", s, func(s days) days { return plain.CompactFunc(s, eq) }, func(s days) days { return slices.CompactFunc(s, eq) })
		edited(t, "Clone", s, plain.Clone[days], slices.Clone[days])
		edited(t, "Clip", s, plain.Clip[days], slices.Clip[days])
		edited(t, "Reverse", s, func(s days) days { plain.Reverse(s); return s }, func(s days) days { slices.Reverse(s); return s })
		edited(t, "Grow", s, func(s days) days { return plain.Grow(s, i) }, func(s days) days { return slices.Grow(s, i) })
		edited(t, "Concat", s, func(s days) days { return plain.Concat(s, v, nil, s) }, func(s days) days { return slices.Concat(s, v, nil, s) })
		edited(t, "Repeat", s, func(s days) days { return plain.Repeat(s, i) }, func(s days) days { return slices.Repeat(s, i) })

		// The new elements may be the slice's own.
		if 0 <= i && i <= j && j <= len(s) {
			edited(t, "Insert itself", s, func(s days) days { return plain.Insert(s, i, s[i:j]...) }, func(s days) days { return slices.Insert(s, i, s[i:j]...) })
			edited(t, "Insert itself", s, func(s days) days { return plain.Insert(s, j, s[:i]...) }, func(s days) days { return slices.Insert(s, j, s[:i]...) })
			edited(t, "Replace itself", s, func(s days) days { return plain.Replace(s, i, j, s[i/2:j]...) }, func(s days) days { return slices.Replace(s, i, j, s[i/2:j]...) })
			edited(t, "Replace itself", s, func(s days) days { return plain.Replace(s, i/2, i, s[i:j]...) }, func(s days) days { return slices.Replace(s, i/2, i, s[i:j]...) })
		}
		if i >= 0 {
			if g := plain.Grow(s, i); cap(g)-len(g) < i {
				t.Fatalf("Grow(%d) left room for %d", i, cap(g)-len(g))
			}
		}
		c := plain.Clip(s)
		same(t, "capacity", cap(c), len(c))
	}
	same(t, "Compact NaN", len(plain.Compact([]float64{math.NaN(), math.NaN(), 1, 1})), 3)
	same(t, "Repeat", outcome(func() any { return plain.Repeat(make([]int, 4), math.MaxInt/2) }),
		outcome(func() any { return slices.Repeat(make([]int, 4), math.MaxInt/2) }))
	same(t, "Repeat of nothing", nilness(plain.Repeat([]int(nil), math.MaxInt)), nilness(slices.Repeat([]int(nil), math.MaxInt)))
	same(t, "Concat of nothing", nilness(plain.Concat([]int{}, nil)), nilness(slices.Concat([]int{}, nil)))

	// Appending by inserting at the end must not copy everything each time.
	var s []int
	moves := 0
	for i := range 2000 {
		old := cap(s)
		s = plain.Insert(s, len(s), i)
		if cap(s) != old {
			moves++
		}
	}
	if moves > 60 {
		t.Errorf("2000 elements inserted at the end were moved %d times", moves)
	}
}

func sorts[E cmp.Ordered](t *testing.T, s []E) {
	t.Helper()
	got, want := slices.Clone(s), slices.Clone(s)
	plain.Sort(got)
	slices.Sort(want)
	for i := range got { // zeros of either sign in any order
		if cmp.Compare(got[i], want[i]) != 0 {
			t.Fatalf("Sort(%v) = %v, want %v", s, got, want)
		}
	}
	same(t, "IsSorted", plain.IsSorted(s), slices.IsSorted(s))
	same(t, "IsSorted", plain.IsSorted(got), true)
	same(t, "Sorted", len(plain.Sorted(slices.Values(s))), len(s))
}

func convert[T, E any](s []E, f func(E) T) []T {
	out := make([]T, len(s))
	for i, v := range s {
		out[i] = f(v)
	}
	return out
}

func TestSort(t *testing.T) {
	r := random()
	for range rounds {
		a, x := ints(r), floats(r)
		sorts(t, a)
		sorts(t, x)
		sorts(t, convert(x, func(v float64) float32 { return float32(v) }))
		sorts(t, convert(x, func(v float64) celsius { return celsius(v) }))
		sorts(t, convert(a, func(v int) word { return word(strings.Repeat("x", v)) }))
		sorts(t, convert(a, func(v int) string { return strings.Repeat("x", v) }))
		sorts(t, convert(a, func(v int) uint8 { return uint8(v) }))
		sorts(t, convert(a, func(v int) uint64 { return uint64(v) << 61 }))
		sorts(t, convert(a, func(v int) int64 { return int64(v) << 61 }))
		sorts(t, convert(a, func(v int) time.Duration { return -time.Duration(v) }))
		d := days(slices.Clone(a))
		plain.Sort(d)
		slices.Sort(a)
		same(t, "Sort", []int(d), a)

		p := points(r)
		by := func(a, b point) int { return a.X - b.X }
		same(t, "IsSortedFunc", plain.IsSortedFunc(p, by), slices.IsSortedFunc(p, by))
		want := slices.Clone(p)
		slices.SortStableFunc(want, by)
		got := slices.Clone(p)
		plain.SortStableFunc(got, by)
		same(t, "SortStableFunc", got, want)
		got = slices.Clone(p)
		plain.SortFunc(got, by)
		same(t, "SortFunc", got, want) // which is stable here
		same(t, "IsSortedFunc", plain.IsSortedFunc(got, by), true)
		same(t, "SortedStableFunc", plain.SortedStableFunc(slices.Values(p), by), slices.SortedStableFunc(slices.Values(p), by))
		same(t, "SortedFunc", plain.SortedFunc(slices.Values(p), by), slices.SortedStableFunc(slices.Values(p), by))
	}
	for n := range 40 { // every short length, and an order that is none
		s := rand.New(rand.NewPCG(uint64(n), 1)).Perm(n)
		c := slices.Clone(s)
		plain.SortFunc(c, func(a, b int) int { return 1 - r.IntN(3) })
		plain.SortFunc(c, func(a, b int) int { return b - a })
		slices.Sort(s)
		slices.Reverse(s)
		same(t, "SortFunc", c, s)
	}
}

// Comparisons are what sorting costs.
func TestSortComparisons(t *testing.T) {
	const n = 10000
	count := 0
	by := func(a, b int) int { count++; return a - b }
	s := random().Perm(n)
	plain.SortFunc(s, by)
	if limit := int(1.02 * n * math.Log2(n)); count > limit {
		t.Errorf("%d comparisons for %d elements, want no more than %d", count, n, limit)
	}
	count = 0
	plain.SortFunc(s, by)
	if count > 3*n/2 {
		t.Errorf("%d comparisons for %d sorted elements", count, n)
	}
}

func TestSliceIterators(t *testing.T) {
	r := random()
	for range rounds {
		s, v := days(ints(r)), ints(r)
		stop := r.IntN(len(s) + 2)
		pairs := func(all func(func(int, int) bool)) (out []int) {
			n := 0
			for i, v := range all {
				if n++; n > stop {
					break
				}
				out = append(out, i, v)
			}
			return out
		}
		same(t, "All", pairs(plain.All(s)), pairs(slices.All(s)))
		same(t, "Backward", pairs(plain.Backward(s)), pairs(slices.Backward(s)))
		values := func(all func(func(int) bool)) (out []int) {
			n := 0
			for v := range all {
				if n++; n > stop {
					break
				}
				out = append(out, v)
			}
			return out
		}
		same(t, "Values", values(plain.Values(s)), values(slices.Values(s)))
		same(t, "Collect", nilness(plain.Collect(slices.Values(s))), nilness(slices.Collect(slices.Values(s))))
		edited(t, "AppendSeq", s, func(s days) days { return plain.AppendSeq(s, slices.Values(v)) },
			func(s days) days { return slices.AppendSeq(s, slices.Values(v)) })
		n := r.IntN(6) - 1
		chunks := func(chunk func(days, int) func(func(days) bool)) any {
			return outcome(func() any {
				var out [][]int
				for c := range chunk(s, n) {
					if len(out) > stop {
						break
					}
					out = append(out, c, []int{cap(c)})
				}
				return out
			})
		}
		same(t, "Chunk",
			chunks(func(s days, n int) func(func(days) bool) { return plain.Chunk(s, n) }),
			chunks(func(s days, n int) func(func(days) bool) { return slices.Chunk(s, n) }))
	}
	same(t, "Chunk of 0", outcome(func() any { return plain.Chunk([]int{}, 0) }), []any{"panic", "cannot be less than 1"})
}
