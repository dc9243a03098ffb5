package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A gridTest is the arguments of one call: grids of h×w pixels with c channels, and rows of c numbers.
type gridTest[T Float] struct {
	h, w, c int
	grids   []Grid[T]
	rows    [][]T
}

func newGridTest[T Float](rng *rand.Rand) *gridTest[T] {
	g := &gridTest[T]{h: 1 + rng.IntN(4), w: 1 + rng.IntN(5), c: 16 * (1 + rng.IntN(3))}
	if rng.IntN(4) == 0 {
		g.c = 1 + rng.IntN(20)
	}
	for range 3 {
		ld := g.c + rng.IntN(20)
		row := g.w*ld + rng.IntN(20)
		g.grids = append(g.grids, Grid[T]{random[T](rng, g.h*row+40), ld, row})
		// slope and y share their distances
	}
	for range 4 {
		g.rows = append(g.rows, random[T](rng, g.c))
	}
	return g
}

func (g *gridTest[T]) clone() *gridTest[T] {
	r := &gridTest[T]{h: g.h, w: g.w, c: g.c}
	for _, a := range g.grids {
		a.X = append([]T(nil), a.X...)
		r.grids = append(r.grids, a)
	}
	for _, a := range g.rows {
		r.rows = append(r.rows, append([]T(nil), a...))
	}
	return r
}

// inside says whether index i of a grid belongs to a pixel's channels.
func (g *gridTest[T]) inside(a Grid[T], i int) bool {
	y, x := i/a.Row, i%a.Row
	return y < g.h && x/a.LD < g.w && x%a.LD < g.c
}

// Each function of grids computes in assembly what it computes in Go, and writes nothing beside its pixels.
func gridsAgree[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, f := range map[string]func(g *gridTest[T]){
		"Sum":        func(g *gridTest[T]) { Sum(g.rows[0], g.h, g.w, g.grids[0]) },
		"SumSquares": func(g *gridTest[T]) { SumSquares(g.rows[0], g.rows[1], g.h, g.w, g.grids[0]) },
		"ScaleGELU": func(g *gridTest[T]) {
			g.grids[2].LD, g.grids[2].Row = g.grids[1].LD, g.grids[1].Row
			g.grids[2].X = append(g.grids[2].X, make([]T, len(g.grids[1].X))...)
			ScaleGELU(g.rows[0], g.rows[1], g.h, g.w, g.grids[0], g.grids[1], g.grids[2])
		},
		"MulSums": func(g *gridTest[T]) {
			MulSums(g.rows[0], g.rows[1], g.rows[2], g.h, g.w, g.grids[0], g.grids[1], g.grids[2])
		},
		"Combine": func(g *gridTest[T]) {
			Combine(g.rows[0], g.rows[1], g.rows[2], g.rows[3], g.h, g.w, g.grids[0], g.grids[1], g.grids[2], false)
		},
		"Combine, adding": func(g *gridTest[T]) {
			Combine(g.rows[0], g.rows[1], g.rows[2], g.rows[3], g.h, g.w, g.grids[0], g.grids[1], g.grids[2], true)
		},
		"AddGrid": func(g *gridTest[T]) { AddGrid(g.c, g.h, g.w, g.grids[0], g.grids[1]) },
	} {
		for range 30 {
			before := newGridTest[T](rng)
			got, want := before.clone(), before.clone()
			f(got)
			slowly(func() { f(want) })
			for k, a := range got.grids {
				for i, v := range a.X[:len(before.grids[k].X)] {
					if !before.inside(a, i) && v != before.grids[k].X[i] {
						t.Fatalf("%s of %d×%d×%d writes beside grid %d at %d", name, before.h, before.w, before.c, k, i)
					}
					near(t, name+"'s grid", v, want.grids[k].X[i], 200)
				}
			}
			for k, a := range got.rows {
				for i, v := range a {
					near(t, name+"'s sum", v, want.rows[k][i], 2000)
				}
			}
		}
	}
}

func TestGridsAgree(t *testing.T) {
	t.Run("float32", gridsAgree[float32])
	t.Run("float64", gridsAgree[float64])
}

// Definitions, on a grid without gaps.
func TestGridDefinitions(t *testing.T) {
	x := Grid[float64]{[]float64{1, 10, 2, 20, 3, 30, 4, 40}, 2, 4} // two by two pixels of two channels
	sum := make([]float64, 2)
	if Sum(sum, 2, 2, x); sum[0] != 10 || sum[1] != 100 {
		t.Errorf("Sum is %v", sum)
	}
	if SumSquares(sum, []float64{2, 20}, 2, 2, x); sum[0] != 6 || sum[1] != 600 {
		t.Errorf("SumSquares is %v", sum)
	}
	v := Grid[float64]{[]float64{1, 1, 1, 1, 1, 1, 1, 1}, 2, 4}
	slope := Grid[float64]{[]float64{1, 2, 1, 2, 1, 2, 1, 2}, 2, 4}
	sum1 := make([]float64, 2)
	if MulSums(sum, sum1, []float64{2, 20}, 2, 2, v, slope, x); sum[0] != 4 || sum[1] != 8 || sum1[0] != 2 || sum1[1] != 40 || v.X[1] != 2 {
		t.Errorf("MulSums gives %v, %v and %v", sum, sum1, v.X)
	}
	one := []float64{1, 1}
	Combine(one, []float64{2, 3}, []float64{5, 6}, one, 2, 2, v, x, v, false)
	if v.X[0] != 1+2*0+5 || v.X[7] != 2+3*39+6 {
		t.Errorf("Combine gives %v", v.X)
	}
}

func gelus[T Float](t *testing.T) {
	var x []T
	for v := -12.0; v <= 12; v += 1.0 / 64 {
		x = append(x, T(v))
	}
	x = append(x, 0, T(math.NaN()), 1e-30, 3e4, -3e4)
	for len(x)%16 != 0 {
		x = append(x, 0)
	}
	y, slope := make([]T, len(x)), make([]T, len(x))
	GELU(y, slope, x)
	tol := 3e-7
	if tile[T]() == 8 {
		tol = 1e-15
	}
	for i, v := range x {
		f := float64(v)
		cdf := .5 * math.Erfc(-f/math.Sqrt2)
		want, wantSlope := f*cdf, cdf+f*math.Exp(-f*f/2)/math.Sqrt(2*math.Pi)
		if f != f {
			if y[i] == y[i] || slope[i] == slope[i] {
				t.Errorf("GELU of NaN is %v with slope %v", y[i], slope[i])
			}
			continue
		}
		if !(math.Abs(float64(y[i])-want) <= tol*(1+math.Abs(want))) || !(math.Abs(float64(slope[i])-wantSlope) <= 2*tol) {
			t.Errorf("GELU(%v) = %v with slope %v, want %v and %v", v, y[i], slope[i], want, wantSlope)
		}
	}
}

func TestGELU(t *testing.T) {
	t.Run("float32", gelus[float32])
	t.Run("float64", gelus[float64])
	slowly(func() { t.Run("float32 in Go", gelus[float32]) })
}

func adamWs[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	s := AdamWStep{Decay: .9, Beta1: .8, Beta2: .95, Rate: .1, Root: 1.5, Eps: 1e-3}
	w, g, m, v := random[T](rng, 37), random[T](rng, 37), random[T](rng, 37), random[T](rng, 37)
	for i := range v {
		v[i] *= v[i]
	}
	before := append([]T(nil), w...)
	m0, v0 := append([]T(nil), m...), append([]T(nil), v...)
	AdamW(w, g, m, v, s)
	for i := range w {
		d := float64(g[i])
		mi, vi := .8*float64(m0[i])+.2*d, .95*float64(v0[i])+.05*d*d
		near(t, "m", m[i], T(mi), 10)
		near(t, "v", v[i], T(vi), 10)
		near(t, "w", w[i], T(.9*float64(before[i])-.1*mi/(1.5*math.Sqrt(vi)+1e-3)), 20)
	}
	x, y := random[T](rng, 37), random[T](rng, 37)
	want := append([]T(nil), x...)
	MulBy(x, y)
	for i := range x {
		near(t, "a product", x[i], want[i]*y[i], 1)
	}
}

func TestAdamW(t *testing.T) {
	t.Run("float32", adamWs[float32])
	t.Run("float64", adamWs[float64])
}
