package kernel

import (
	"math/rand/v2"
	"testing"
)

// A convolution channel by channel, and the gradients by its filters, by way of the transforms and as defined.
func winograds[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 40 {
		tiles, c := 1+rng.IntN(5), 1+rng.IntN(40)
		if rng.IntN(2) == 0 {
			c = 8 * (1 + rng.IntN(4))
		}
		ld, step := c+rng.IntN(9), c+rng.IntN(9)
		row := (2*tiles+2)*ld + rng.IntN(9)
		plane := tiles*step + rng.IntN(9)
		taps := c + rng.IntN(9)
		x, y, dy := random[T](rng, 4*row), random[T](rng, 2*row), random[T](rng, 2*row)
		g, dg := random[T](rng, 9*taps), random[T](rng, 9*taps)
		bias := random[T](rng, c)
		if rng.IntN(2) == 0 {
			bias = nil
		}
		add := rng.IntN(2) == 0
		v, u, z := make([]T, 16*plane), make([]T, 16*plane), make([]T, 16*plane)
		before, dgBefore := append([]T(nil), y...), append([]T(nil), dg...)
		WinogradInput(tiles, c, x, ld, row, v, plane, step)
		WinogradFilter(c, g, taps, u, plane)
		WinogradGradient(tiles, c, dy, ld, row, z, plane, step)
		du := make([]T, 16*plane)
		for k := range 16 {
			for i := range tiles {
				for j := range c {
					at := k*plane + i*step + j
					du[k*plane+j] += v[at] * z[at]
					v[at] *= u[k*plane+j]
				}
			}
		}
		WinogradOutput(tiles, c, v, plane, step, bias, add, y, ld, row)
		WinogradFilterGradient(c, du, plane, dg, taps)
		for i, got := range y {
			r, at := i/row, i%row
			px, k := at/ld, at%ld
			if px >= 2*tiles || k >= c {
				if got != before[i] {
					t.Fatalf("%d tiles of %d channels write beside the pixels, at %d", tiles, c, i)
				}
				continue
			}
			want := T(0)
			if add {
				want = before[i]
			}
			if bias != nil {
				want += bias[k]
			}
			for tap := range 9 {
				want += g[tap*taps+k] * x[(r+tap/3)*row+(px+tap%3)*ld+k]
			}
			near(t, "a pixel", got, want, 300)
		}
		for i, got := range dg {
			tap, k := i/taps, i%taps
			want := dgBefore[i]
			if k < c {
				for r := range 2 {
					for px := range 2 * tiles {
						want += dy[r*row+px*ld+k] * x[(r+tap/3)*row+(px+tap%3)*ld+k]
					}
				}
			}
			near(t, "a tap's gradient", got, want, 1000)
		}
	}
}

func TestWinograd(t *testing.T) {
	t.Run("float32", winograds[float32])
	t.Run("float64", winograds[float64])
	slowly(func() { t.Run("float32 in Go", winograds[float32]) })
}
