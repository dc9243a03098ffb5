// Package behaviour compares the plain implementations with the standard library.
package behaviour

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

// rounds is how many random inputs each property is tried with.
const rounds = 400

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

type celsius float64

type word string

type days []int

type point struct {
	X int
	Y string
}

// ints makes a short slice with many equal elements, sometimes nil, empty or
// with room to spare that is not zero.
func ints(r *rand.Rand) []int {
	switch r.IntN(12) {
	case 0:
		return nil
	case 1:
		return []int{}
	}
	n, spare := r.IntN(30), 0
	if r.IntN(2) == 0 {
		spare = r.IntN(12)
	}
	s := make([]int, n+spare)
	for i := range s {
		s[i] = r.IntN(8)
	}
	return s[:n]
}

func points(r *rand.Rand) []point {
	s := make([]point, r.IntN(120))
	for i := range s {
		s[i] = point{r.IntN(10), fmt.Sprint(i)}
	}
	return s
}

func floats(r *rand.Rand) []float64 {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1, -1}
	s := make([]float64, r.IntN(60))
	for i := range s {
		s[i] = r.NormFloat64()
		if r.IntN(4) == 0 {
			s[i] = special[r.IntN(len(special))]
		}
	}
	return s
}

// full returns a copy with its own spare room, so that what becomes of that shows.
func full[S ~[]E, E any](s S) S {
	if s == nil {
		return nil
	}
	c := make(S, cap(s))
	copy(c, s[:cap(s)])
	return c[:len(s)]
}

// alike is reflect.DeepEqual with bits compared, so that NaN is like NaN and 0 unlike -0.
func alike(a, b any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !alike(got, want) {
		t.Fatalf("%s = %#v, want %#v", what, got, want)
	}
}

// outcome is what a call returns or panics with; run-time errors are alike.
func outcome(f func() any) (v any) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			v = "run-time error"
		default:
			v = []any{"panic", p}
		}
	}()
	return f()
}

func nilness(s any) string {
	v := reflect.ValueOf(s)
	return fmt.Sprintf("%#v nil:%t", s, v.IsNil())
}
