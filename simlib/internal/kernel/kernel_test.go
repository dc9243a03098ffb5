package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random[T Float](rng *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(rng.NormFloat64())
	}
	return x
}

// eps is what one rounding may change, relatively.
func eps[T Float]() float64 {
	if tile[T]() == 16 {
		return 1.0 / (1 << 23)
	}
	return 1.0 / (1 << 52)
}

func near[T Float](t *testing.T, what string, got, want T, scale float64) {
	t.Helper()
	if !(math.Abs(float64(got)-float64(want)) <= eps[T]()*scale) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// checkMul compares a product with its definition, summed in float64, and sees
// that nothing beside C is written.
func checkMul[T Float](t *testing.T, rng *rand.Rand, m, n, k int, transposed, add bool) {
	t.Helper()
	lda, ldb, ldc := k+rng.IntN(3), n+rng.IntN(3), n+rng.IntN(3)
	ars, aks := lda, 1
	a := random[T](rng, m*lda)
	if transposed {
		lda = m + rng.IntN(3)
		ars, aks = 1, lda
		a = random[T](rng, k*lda)
	}
	b, c := random[T](rng, k*ldb), random[T](rng, m*ldc+40)
	before := append([]T(nil), c...)
	Mul(m, n, k, a, ars, aks, b, ldb, c, ldc, add)
	for i, v := range c {
		row, col := i/ldc, i%ldc
		if row >= m || col >= n {
			if v != before[i] {
				t.Fatalf("%d×%d×%d writes beside C", m, n, k)
			}
			continue
		}
		sum, size := 0.0, 0.0
		if add {
			sum = float64(before[i])
		}
		for p := range k {
			x := float64(a[row*ars+p*aks]) * float64(b[p*ldb+col])
			sum += x
			size += math.Abs(x)
		}
		near(t, "an element of the product", v, T(sum), float64(k+2)*(size+math.Abs(sum)+1))
	}
}

func mulAll[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 7, 8, 16, 17, 40, 64} {
		for m := 1; m <= 14; m++ {
			for _, k := range []int{1, 2, 3, 5, 64} {
				checkMul[T](t, rng, m, n, k, m%2 == 0, k%2 == 0)
				checkMul[T](t, rng, m, n, k, m%2 != 0, k%2 != 0)
			}
		}
	}
}

func TestMul(t *testing.T) {
	t.Run("float32", mulAll[float32])
	t.Run("float64", mulAll[float64])
	slowly(func() {
		t.Run("float32 in Go", mulAll[float32])
		t.Run("float64 in Go", mulAll[float64])
	})
	narrowly(func() {
		t.Run("float32 without AVX-512", mulAll[float32])
		t.Run("float64 without AVX-512", mulAll[float64])
	})
}

// The width of the registers changes no bit.
func widths[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	a, b := random[T](rng, 20*70), random[T](rng, 70*96)
	c, d := random[T](rng, 20*96), make([]T, 20*96)
	copy(d, c)
	Mul(20, 96, 70, a, 70, 1, b, 96, c, 96, true)
	narrowly(func() { Mul(20, 96, 70, a, 70, 1, b, 96, d, 96, true) })
	for i := range c {
		if c[i] != d[i] {
			t.Fatalf("element %d is %v with AVX-512 and %v without", i, c[i], d[i])
		}
	}
}

func TestWidthsAgree(t *testing.T) {
	t.Run("float32", widths[float32])
	t.Run("float64", widths[float64])
}

// What the assembly computes is what the Go code computes, within the rounding of each sum.
func sameAsGo[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		m, n, k := 1+rng.IntN(20), 1+rng.IntN(70), 1+rng.IntN(70)
		a, b := random[T](rng, m*k), random[T](rng, k*n)
		c, d := make([]T, m*n), make([]T, m*n)
		Mul(m, n, k, a, k, 1, b, n, c, n, false)
		slowly(func() { Mul(m, n, k, a, k, 1, b, n, d, n, false) })
		for i := range c {
			near(t, "an element in assembly", c[i], d[i], 4*float64(k)*float64(k))
		}
	}
	for _, n := range []int{1, 8, 15, 16, 48, 100} {
		x, y := random[T](rng, n), random[T](rng, n)
		type pass struct {
			name string
			f    func(dst []T) T
		}
		for _, p := range []pass{
			{"Sub", func(dst []T) T { return Sub(dst, 3, x, y) }},
			{"AddScaled", func(dst []T) T { AddScaled(dst, -.7, x); return 0 }},
			{"ReLU", func(dst []T) T { ReLU(dst); return 0 }},
			{"ReLUGrad", func(dst []T) T { h := append([]T(nil), x...); ReLU(h); ReLUGrad(dst, h); return 0 }},
		} {
			got, want := append([]T(nil), y...), append([]T(nil), y...)
			r := p.f(got)
			var s T
			slowly(func() { s = p.f(want) })
			near(t, p.name+"'s result", r, s, 10*float64(n)*float64(n))
			for i := range got {
				near(t, p.name, got[i], want[i], 40)
			}
		}
	}
}

func TestAssemblyAgrees(t *testing.T) {
	t.Run("float32", sameAsGo[float32])
	t.Run("float64", sameAsGo[float64])
}

func vectors[T Float](t *testing.T) {
	nan := T(math.NaN())
	x := make([]T, 40)
	for i := range x {
		x[i] = T(i%5) - 2
	}
	x[3], x[37] = nan, nan
	h := append([]T(nil), x...)
	ReLU(h)
	delta := make([]T, len(x))
	for i := range delta {
		delta[i] = 1
	}
	ReLUGrad(delta, h)
	for i, v := range x {
		want, slope := max(v, 0), T(0)
		if v > 0 || v != v {
			slope = 1
		}
		if h[i] != want && want == want || (h[i] != h[i]) != (v != v) || delta[i] != slope {
			t.Errorf("ReLU(%v) = %v with slope %v", v, h[i], delta[i])
		}
	}
	dst, y := make([]T, 40), make([]T, 40)
	y[39] = 2
	if got := Sub(dst, 2, y, make([]T, 40)); got != 4 || dst[39] != 4 || dst[0] != 0 {
		t.Errorf("Sub gives Σ = %v and %v", got, dst)
	}
	AddScaled(dst, -1, y)
	if dst[39] != 2 {
		t.Errorf("AddScaled gives %v, want 2", dst[39])
	}
}

func TestVectors(t *testing.T) {
	t.Run("float32", vectors[float32])
	t.Run("float64", vectors[float64])
	slowly(func() {
		t.Run("float32 in Go", vectors[float32])
		t.Run("float64 in Go", vectors[float64])
	})
}

func TestTranspose(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, s := range [][2]int{{1, 1}, {3, 5}, {8, 8}, {5, 3}, {65, 64}} {
		m, n := s[0], s[1]
		src, dst := random[float32](rng, m*(n+2)), make([]float32, n*(m+1))
		Transpose(m, n, src, n+2, dst, m+1)
		for i := range m {
			for j := range n {
				if dst[j*(m+1)+i] != src[i*(n+2)+j] {
					t.Fatalf("%d×%d: element (%d, %d) is not in its place", m, n, i, j)
				}
			}
		}
	}
}

func TestShortSlicePanics(t *testing.T) {
	for _, short := range []int{0, 1, 2} {
		n := [3]int{64, 64, 64}
		n[short]--
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("operand %d one element short is accepted", short)
				}
			}()
			Mul(8, 8, 8, make([]float64, n[0]), 8, 1, make([]float64, n[1]), 8, make([]float64, n[2]), 8, false)
		}()
	}
}

func BenchmarkMul(b *testing.B) {
	for _, n := range []int{16, 64, 128} {
		b.Run(map[int]string{16: "16", 64: "64", 128: "128"}[n], func(b *testing.B) {
			x, y, z := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
			for b.Loop() {
				Mul(n, n, n, x, n, 1, y, n, z, n, false)
			}
			b.ReportMetric(2*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
