package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A product with panels is what its definition says, and writes nothing beside C.
func products[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	tile := Tile[T]()
	for range 60 {
		m, n := 1+rng.IntN(15), tile*(1+rng.IntN(3))
		p := Product[T]{K: 1 + rng.IntN(21), Segs: 1 + rng.IntN(3), N: n, LDC: n + rng.IntN(9), Add: rng.IntN(2) == 0}
		p.Jump, p.ARS = p.K+rng.IntN(5), 1+rng.IntN(30)
		size := p.K * p.Segs
		a := random[T](rng, (m-1)*p.ARS+(p.Segs-1)*p.Jump+p.K)
		b, panels := random[T](rng, size*n), make([]T, size*n)
		for k := range size {
			for j := range n {
				panels[j/tile*size*tile+k*tile+j%tile] = b[k*n+j]
			}
		}
		bias := random[T](rng, n)
		if rng.IntN(2) == 0 {
			bias = nil
		}
		c := random[T](rng, m*p.LDC+20)
		before := append([]T(nil), c...)
		p.Do(m, a, panels, bias, c)
		for i, v := range c {
			row, col := i/p.LDC, i%p.LDC
			if row >= m || col >= n {
				if v != before[i] {
					t.Fatalf("%d×%d of %+v writes beside C", m, n, p)
				}
				continue
			}
			sum := 0.0
			if p.Add {
				sum += float64(before[i])
			}
			if bias != nil {
				sum += float64(bias[col])
			}
			scale := math.Abs(sum)
			for k := range size {
				x := float64(a[row*p.ARS+k/p.K*p.Jump+k%p.K]) * float64(b[k*n+col])
				sum, scale = sum+x, scale+math.Abs(x)
			}
			near(t, "an element", v, T(sum), float64(size+4)*(1+scale))
		}
	}
}

func outers[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 40 {
		m, n, k := 1+rng.IntN(20), Tile[T]()*(1+rng.IntN(3)), 1+rng.IntN(400)
		if rng.IntN(4) == 0 {
			n = 1 + rng.IntN(40)
		}
		lda, ldb, ldc := m+rng.IntN(9), n+rng.IntN(9), n+rng.IntN(9)
		a, b, c := random[T](rng, k*lda), random[T](rng, k*ldb), random[T](rng, m*ldc)
		want := append([]T(nil), c...)
		Mul(m, n, k, a, 1, lda, b, ldb, want, ldc, true)
		MulOuter(m, n, k, a, lda, b, ldb, c, ldc)
		for i, v := range c {
			near(t, "an element", v, want[i], 20*float64(k))
		}
	}
}

func TestProducts(t *testing.T) {
	for _, p := range []struct {
		name     string
		f32, f64 func(*testing.T)
	}{{"panels", products[float32], products[float64]}, {"outer", outers[float32], outers[float64]}} {
		t.Run(p.name+" float32", p.f32)
		t.Run(p.name+" float64", p.f64)
		slowly(func() {
			t.Run(p.name+" float32 in Go", p.f32)
			t.Run(p.name+" float64 in Go", p.f64)
		})
	}
}

func TestSumRows(t *testing.T) {
	sum := []float64{1, 2}
	if SumRows(sum, 2, []float64{1, 2, 9, 3, 4}, 3); sum[0] != 5 || sum[1] != 8 {
		t.Errorf("SumRows gives %v", sum)
	}
}
