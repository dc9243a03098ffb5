package behaviour

import (
	"maps"
	"math"
	"slices"
	"testing"

	plain "plain/maps"
)

type ages map[string]int

func TestMaps(t *testing.T) {
	r := random()
	table := func() ages {
		if r.IntN(10) == 0 {
			return nil
		}
		m := ages{}
		for range r.IntN(5) {
			m[string(rune('a'+r.IntN(4)))] = r.IntN(3)
		}
		return m
	}
	less := func(a, b int) bool { return a <= b }
	for range rounds {
		a, b := table(), table()
		same(t, "Equal", plain.Equal(a, b), maps.Equal(a, b))
		same(t, "EqualFunc", plain.EqualFunc(a, b, less), maps.EqualFunc(a, b, less))
		same(t, "Clone", nilness(plain.Clone(a)), nilness(maps.Clone(a)))
		same(t, "Collect", plain.Collect(maps.All(a)), maps.Collect(maps.All(a)))
		same(t, "All", maps.Collect(plain.All(a)), maps.Collect(maps.All(a)))
		same(t, "Keys", slices.Sorted(plain.Keys(a)), slices.Sorted(maps.Keys(a)))
		same(t, "Values", slices.Sorted(plain.Values(a)), slices.Sorted(maps.Values(a)))

		c, d := maps.Clone(a), maps.Clone(a)
		same(t, "Copy", outcome(func() any { plain.Copy(c, b); return c }), outcome(func() any { maps.Copy(d, b); return d }))
		c, d = maps.Clone(a), maps.Clone(a)
		same(t, "Insert", outcome(func() any { plain.Insert(c, maps.All(b)); return c }), outcome(func() any { maps.Insert(d, maps.All(b)); return d }))
		odd := func(k string, v int) bool { return k > "a" && v > 0 }
		c, d = maps.Clone(a), maps.Clone(a)
		plain.DeleteFunc(c, odd)
		maps.DeleteFunc(d, odd)
		same(t, "DeleteFunc", c, d)
	}
	nan := map[float64]int{math.NaN(): 1, 1: 1}
	same(t, "Equal with NaN", plain.Equal(nan, nan), false)
	same(t, "Clone with NaN", len(plain.Clone(nan)), 2)
	same(t, "Collect of nothing", plain.Collect(maps.All(ages(nil))) != nil, true)
	n := 0
	for range plain.All(ages{"a": 1, "b": 2, "c": 3}) {
		n++
		break
	}
	for range plain.Keys(ages{"a": 1, "b": 2, "c": 3}) {
		n++
		break
	}
	for range plain.Values(ages{"a": 1, "b": 2, "c": 3}) {
		n++
		break
	}
	same(t, "iterations until break", n, 3)
}
