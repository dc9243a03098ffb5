package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"swingby/simlib/internal/kernel"
)

func random[T kernel.Float](rng *rand.Rand, n int, scale float64) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(scale * rng.NormFloat64())
	}
	return x
}

// times returns n times from 0 to 1.
func times[T kernel.Float](rng *rand.Rand, n int) []T {
	t := make([]T, n)
	for i := range t {
		t[i] = T(rng.Float64())
	}
	return t
}

// checkGradients compares all gradients of Σ out·g with central differences: of each parameter a few numbers, and
// of each input. Weights are drawn so that nothing is zero.
func checkGradients(t *testing.T, net Net[float64], n int, dropout bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 11))
	w := net.NewWeights()
	net.Init(w.W, rng)
	for i := range w.W {
		w.W[i] += .1 * rng.NormFloat64()
	}
	w.Changed()
	x, ts, cond := random[float64](rng, n*net.InLen(), 1), times[float64](rng, n), random[float64](rng, n*net.CondLen(), 1)
	g := random[float64](rng, n*net.OutLen(), 1)
	lane := net.NewLane(n + 1) // room to spare
	// A call with other numbers before it shows what a call leaves behind.
	lane.Forward(w, n+1, random[float64](rng, (n+1)*net.InLen(), 3), times[float64](rng, n+1), random[float64](rng, (n+1)*net.CondLen(), 3), nil)
	lane.Backward(w, random[float64](rng, (n+1)*net.OutLen(), 3), make([]float64, net.NumParams()))
	forward := func() []float64 {
		var drop *rand.Rand
		if dropout {
			drop = rand.New(rand.NewPCG(3, 4))
		}
		return lane.Forward(w, n, x, ts, cond, drop)
	}
	value := func() float64 {
		sum := 0.0
		for i, v := range forward() {
			sum += v * g[i]
		}
		return sum
	}
	forward()
	grad := make([]float64, net.NumParams())
	for i := range grad {
		grad[i] = 1 // Backward adds
	}
	dx, dt, dc := lane.Backward(w, g, grad)
	dx, dt, dc = append([]float64(nil), dx...), append([]float64(nil), dt...), append([]float64(nil), dc...)
	// compare takes the derivative in a random direction of the numbers p.
	compare := func(what string, p, got []float64, h float64) {
		t.Helper()
		was, dir := append([]float64(nil), p...), random[float64](rng, len(p), 1)
		slope := 0.0
		for i, v := range dir {
			slope += v * got[i]
		}
		at := func(d float64) float64 {
			for i, v := range dir {
				p[i] = was[i] + d*v
			}
			w.Changed()
			return value()
		}
		// Fourth order.
		want := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		copy(p, was)
		if !(math.Abs(slope-want) <= 1e-6*(1+math.Abs(want))) {
			t.Errorf("gradient by %s is %.10g, by differences %.10g", what, slope, want)
		}
	}
	for i := range grad {
		grad[i]--
	}
	for _, p := range net.Params() {
		compare(p.Name, w.W[p.Offset:][:p.Len], grad[p.Offset:][:p.Len], 1e-6)
	}
	w.Changed()
	for i := range dt {
		compare(fmt.Sprintf("t[%d]", i), ts[i:i+1], dt[i:i+1], 1e-6)
	}
	compare("x", x, dx, 1e-6)
	compare("cond", cond, dc, 1e-6)
}

// checkLayout sees that the parameters fill the flat vector, each name once.
func checkLayout(t *testing.T, net Net[float64]) {
	t.Helper()
	at, names := 0, map[string]bool{}
	for _, p := range net.Params() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		if p.Offset != at || p.Len != n || names[p.Name] {
			t.Errorf("parameter %+v at %d", p, at)
		}
		at, names[p.Name] = at+n, true
	}
	if at != net.NumParams() {
		t.Errorf("%d parameters, %d named", net.NumParams(), at)
	}
}

// checkSteady sees that a step does not allocate once a lane is there.
func checkSteady[T kernel.Float](t *testing.T, net Net[T], n int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	w, lane := net.NewWeights(), net.NewLane(n)
	net.Init(w.W, rng)
	w.Changed()
	x, ts, cond := random[T](rng, n*net.InLen(), 1), times[T](rng, n), random[T](rng, n*net.CondLen(), 1)
	g, grad := random[T](rng, n*net.OutLen(), 1), make([]T, net.NumParams())
	opt := NewAdamW[T](1e-3)
	opt.Step(w.W, grad)
	if a := testing.AllocsPerRun(3, func() {
		lane.Forward(w, n, x, ts, cond, rng)
		lane.Backward(w, g, grad)
		opt.Step(w.W, grad)
		w.Changed()
	}); a != 0 {
		t.Errorf("a step makes %v allocations", a)
	}
}

// checkPrecisions compares float32 with float64 on the same numbers.
func checkPrecisions(t *testing.T, net32 Net[float32], net64 Net[float64], n int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 9))
	w64, w32 := net64.NewWeights(), net32.NewWeights()
	net64.Init(w64.W, rng)
	narrow := func(x []float64) []float32 {
		r := make([]float32, len(x))
		for i := range x {
			r[i] = float32(x[i])
			x[i] = float64(r[i])
		}
		return r
	}
	for i := range w64.W {
		w64.W[i] += .05 * rng.NormFloat64()
	}
	copy(w32.W, narrow(w64.W))
	w32.Changed()
	w64.Changed()
	x, ts, cond := random[float64](rng, n*net64.InLen(), 1), times[float64](rng, n), random[float64](rng, n*net64.CondLen(), 1)
	g := random[float64](rng, n*net64.OutLen(), 1)
	x32, t32, c32, g32 := narrow(x), narrow(ts), narrow(cond), narrow(g)
	l64, l32 := net64.NewLane(n), net32.NewLane(n)
	grad64, grad32 := make([]float64, net64.NumParams()), make([]float32, net32.NumParams())
	near := func(what string, got []float32, want []float64) {
		t.Helper()
		size := 0.0
		for _, v := range want {
			size = max(size, math.Abs(v))
		}
		for i, v := range want {
			if !(math.Abs(float64(got[i])-v) <= 2e-5*(size+1)) {
				t.Fatalf("%s[%d] is %v in float32, %v in float64 (largest %v)", what, i, got[i], v, size)
			}
		}
	}
	near("output", l32.Forward(w32, n, x32, t32, c32, nil), l64.Forward(w64, n, x, ts, cond, nil))
	dx32, _, dc32 := l32.Backward(w32, g32, grad32)
	dx, _, dc := l64.Backward(w64, g, grad64)
	near("dx", dx32, dx)
	near("dcond", dc32, dc)
	for _, p := range net64.Params() {
		near(p.Name, grad32[p.Offset:][:p.Len], grad64[p.Offset:][:p.Len])
	}
}
