package display

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

type point struct {
	X, Y float64
}

type node struct {
	Value int
	Next  *node
}

type secretive struct {
	Open   int
	hidden string
}

type shouter struct{ s string }

func (s *shouter) String() string { return strings.ToUpper(s.s) + "!" }

type faulty struct{ A int }

func (faulty) String() string { panic("no string today") }

type weekday int

func (d weekday) String() string { return [...]string{"Mon", "Tue"}[d] }

func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// TestText is the catalogue of plain text forms.
func TestText(t *testing.T) {
	ring := &node{Value: 1}
	ring.Next = &node{Value: 2, Next: ring}
	self := map[string]any{"n": 1}
	self["me"] = self
	loop := []any{1, nil}
	loop[1] = loop
	var anyLoop any
	anyLoop = &anyLoop
	long := make(map[int]string)
	for i := range 5000 {
		long[i] = fmt.Sprint(i)
	}
	deep := any("bottom")
	for range 20 {
		deep = []any{deep}
	}
	several := 7
	type local = struct {
		Xx     int
		Xcount []float64
		Y      string
	}
	cell := local{1, []float64{2.5}, "z"}
	cases := []struct {
		name string
		v    any
		typ  string
	}{
		{"int", 42, "int"},
		{"negative", int8(-3), "int8"},
		{"rune", 'x', "rune"},
		{"byte", byte(200), "byte"},
		{"float", 0.1, "float64"},
		{"float32", float32(0.1), "float32"},
		{"large float", 1e21, "float64"},
		{"infinity", math.Inf(-1), "float64"},
		{"not a number", math.NaN(), "float64"},
		{"complex", complex(1, -2), "complex128"},
		{"bool", true, "bool"},
		{"uintptr", uintptr(255), "uintptr"},
		{"unsafe pointer", unsafe.Pointer(nil), "unsafe.Pointer"},
		{"string", "say \"hi\"\t<b>", "string"},
		{"lines", "one\ntwo\n", "string"},
		{"lines with backquote", "one\n`two`", "string"},
		{"control", "bell\a", "string"},
		{"long string", strings.Repeat("é", 20_000), "string"},
		{"nil in any", nil, "any"},
		{"nil pointer", (*int)(nil), "*int"},
		{"nil slice", []int(nil), "[]int"},
		{"nil map", map[string]int(nil), "map[string]int"},
		{"nil func", (func(int) error)(nil), "func(int) error"},
		{"nil chan", (chan int)(nil), "chan int"},
		{"func", strings.ToUpper, "func(s string) string"},
		{"func, unnamed", strings.ToUpper, ""},
		{"chan", make(chan int, 3), "chan int"},
		{"error", errors.New("disk full"), "error"},
		{"nested error", []error{errors.New("a"), nil}, "[]error"},
		{"stringer", 90 * time.Second, "time.Duration"},
		{"stringer on pointer", shouter{"hey"}, ""},
		{"stringers", []weekday{0, 1}, ""},
		{"stringer that panics", faulty{1}, ""},
		{"stringer that panics, nested", []faulty{{1}}, ""},
		{"formatter", big.NewFloat(1.5), ""},
		{"time", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), ""},
		{"empty slice", []int{}, "[]int"},
		{"slice", []int{1, 2, 3}, "[]int"},
		{"filled lines", seq(60), "[]int"},
		{"cut slice", seq(1000), "[]int"},
		{"nested slices", [][]float64{{1, 2}, {3}}, "[][]float64"},
		{"cut nested", [][]int{seq(3), seq(50)}, "[][]int"},
		{"array", [3]bool{true}, "[3]bool"},
		{"any slice", []any{1, "a", 2.5, nil, point{1, 2}}, "[]any"},
		{"bytes", []byte("text, naïve"), "[]byte"},
		{"binary", []byte{0, 1, 0xff}, "[]byte"},
		{"long binary", make([]byte, 100), "[]byte"},
		{"map", map[string]int{"b": 2, "a": 1}, "map[string]int"},
		{"map of any", map[any]any{"b": 2, 1: "x", true: nil, 2.5: 0}, "map[any]any"},
		{"map by struct", map[point]string{{2, 1}: "b", {1, 9}: "a"}, ""},
		{"cut map", long, "map[int]string"},
		{"struct", point{1, 2.5}, ""},
		{"pointer to struct", &point{1, 2.5}, ""},
		{"pointers to structs", []*point{{1, 2}, nil}, ""},
		{"pointer to int", &several, "*int"},
		{"unexported fields", secretive{1, "x"}, ""},
		{"anonymous struct", struct{ A, B int }{1, 2}, "struct{A, B int}"},
		{"wide struct", map[string][]point{"first": {{1, 2}, {3, 4}}, "second": {{5, 6}}, "a third one, which is longer": {{7, 8}}}, ""},
		{"ring", ring, ""},
		{"map in itself", self, ""},
		{"slice in itself", loop, ""},
		{"pointer to itself", anyLoop, "any"},
		{"deep", deep, ""},
		{"interpreted struct", cell, "main.Sample"},
		{"interpreted struct, no type", cell, ""},
		{"interpreted slice", []local{cell}, "[]main.Sample"},
		{"interpreted pointer", &cell, "*main.Sample"},
		{"interpreted map", map[string]local{"k": cell}, "map[string]main.Sample"},
		{"interpreted, in any", []any{cell}, "[]any"},
		{"interpreted, literal type", cell, "struct{x int; count []float64; Y string}"},
		{"interpreted number", 21.5, "main.Celsius"},
		{"reflect.Value", reflect.ValueOf(3), "reflect.Value"},
		{"invalid type", 3, "main.T·2"},
	}
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "-- %s\n%s\n", c.name, formatText(c.v, c.typ))
	}
	golden(t, "text.golden", b.String())
}

// TestTypeSource checks that declared field names replace guessed ones.
func TestTypeSource(t *testing.T) {
	defer SetTypeSource(nil)
	SetTypeSource(func(name string) string {
		return map[string]string{
			"main.Sample": "struct{x int; main.Inner; Xmin float64}",
			"main.Inner":  "struct{Xa int}",
			"main.List":   "[]main.Sample",
			"main.Loop":   "main.Loop",
			"main.Shape":  "interface{Area() float64}",
		}[name]
	})
	type inner = struct{ Xa int }
	type sample = struct {
		Xx    int
		Inner inner
		Xmin  float64
	}
	v := sample{1, inner{2}, 3}
	for _, c := range []struct {
		v    any
		typ  string
		want string
	}{
		{v, "main.Sample", "Sample{x: 1, Inner: Inner{Xa: 2}, Xmin: 3}"},
		{[]sample{v}, "main.List", "List{{x: 1, Inner: Inner{Xa: 2}, Xmin: 3}}"},
		{v, "main.Shape", "struct{x: 1, Inner: struct{a: 2}, min: 3}"},
		{v, "main.Loop", "Loop{x: 1, Inner: struct{a: 2}, min: 3}"},
		{v, "main.Other", "Other{x: 1, Inner: struct{a: 2}, min: 3}"},
	} {
		if got := formatText(c.v, c.typ); got != c.want {
			t.Errorf("%s: got %s, want %s", c.typ, got, c.want)
		}
	}
}

// TestTextBounded checks that no value, however large, gives much text or makes
// much work, which shows in what is allocated.
func TestTextBounded(t *testing.T) {
	huge := make(map[int]int)
	for i := range 300_000 {
		huge[i] = i
	}
	wide := make([]any, 90)
	for i := range wide {
		row := make([]any, 20)
		for j := range row {
			row[j] = strings.Repeat("x", 5000)
		}
		wide[i] = row
	}
	chain := &node{}
	for i := range 100_000 {
		chain = &node{i, chain}
	}
	for name, v := range map[string]any{
		"slice": make([]float64, 10_000_000), "map": huge, "strings": wide, "chain": chain,
		"bytes": make([]byte, 100_000_000), "text": strings.Repeat("a\n", 10_000_000),
		"structs": make([]point, 1_000_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b := Render([]any{v}, nil)
		runtime.ReadMemStats(&after)
		size := 0
		for _, x := range b.Data {
			size += len(x.(string))
		}
		if size > maxText+1000 {
			t.Errorf("%s: %d bytes", name, size)
		}
		allowed := uint64(100_000)
		if name == "map" {
			allowed += 3 * uint64(len(huge)) // all of which are compared, to show the least
		}
		if n := after.Mallocs - before.Mallocs; n > allowed {
			t.Errorf("%s takes %d allocations, at most %d may be", name, n, allowed)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 100<<20 {
			t.Errorf("%s takes %d bytes", name, n)
		}
	}
}

func TestTrimMain(t *testing.T) {
	for in, want := range map[string]string{
		"main.T": "T", "[]*main.T": "[]*T", "map[main.K]main.V": "map[K]V", "domain.T": "domain.T",
		"x.main.T": "x.main.T", "func(main.A, domain.B) main.C": "func(A, domain.B) C", "main": "main",
	} {
		if got := trimMain(in); got != want {
			t.Errorf("trimMain(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestOddValues shows values that are easy to stumble over: with locks, with
// cycles, with methods that do not expect to be called, and large ones.
func TestOddValues(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	var nilMap *map[string]int
	for _, v := range []any{
		t, &mu, os.Stdout, http.DefaultClient, http.DefaultServeMux, reflect.TypeFor[int](), reflect.ValueOf(nil),
		reflect.Value{}, time.Time{}, &time.Location{}, new(big.Int), (*big.Int)(nil), (*time.Time)(nil), &mat.Dense{}, mat.VecDense{},
		(*mat.Dense)(nil), []mat.Matrix{nil, mat.NewDense(1, 1, nil)}, nilMap, context.Background(), &url.URL{Host: "x"},
		[]error{nil}, []fmt.Stringer{nil}, [0]int{}, struct{}{}, []struct{}{{}, {}}, map[struct{}]struct{}{{}: {}},
		func() {}, []func(){nil, func() {}}, map[string]func(){"a": nil}, [][]point{{{1, 2}}, nil}, []*point{nil},
		map[float64]int{math.NaN(): 1}, map[any]int{nil: 1, [2]int{1, 2}: 2}, sync.Map{}, plot.New().Legend, vg.Inch,
		[]any{[]any{}, map[string]any{}, &[]int{1}, &map[int]int{}}, []reflect.Value{reflect.ValueOf(1)}, Bundle{}, []Bundle{HTML("x")},
		&Handle{}, []*Handle{nil}, Object{Value: Object{Value: 1}}, atomic.Int64{}, make(chan<- int), complex64(1),
	} {
		b := Render([]any{v, 1}, nil)
		if strings.Contains(b.String(), "cannot") || b.Data == nil {
			t.Errorf("%T: %.300s", v, b)
		}
		if len(b.String()) > maxText {
			t.Errorf("%T: %d bytes of text", v, len(b.String()))
		}
		if _, err := json.Marshal(b); err != nil {
			t.Errorf("%T: %v", v, err)
		}
		t.Logf("%T: %.200s", v, b)
	}
}

func BenchmarkRender(b *testing.B) {
	for _, c := range []struct {
		name string
		v    any
	}{{"int", 2}, {"slice", make([]float64, 1000)}, {"structs", make([]point, 1000)}, {"matrix", mat.NewDense(100, 100, nil)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Render([]any{c.v}, []string{"int"})
			}
		})
	}
}
