package nn

import (
	"math/rand/v2"

	"swingby/simlib/internal/kernel"
)

// A dropout sets numbers to zero with a probability and divides the others by what is left of it.
type dropout[T kernel.Float] struct {
	threshold uint64 // of 65536
	keep      [2]T   // factor of a number that goes, and of one that stays
	rng       *rand.Rand
}

// newDropout rounds the probability to a multiple of 1/65536.
func newDropout[T kernel.Float](p float64) *dropout[T] {
	d := &dropout[T]{threshold: uint64(p*65536 + .5)}
	d.keep[1] = T(65536 / float64(65536-d.threshold))
	return d
}

// mask multiplies y and slope by the same factors. Of every 64 random bits each 16 decide about a number.
func (d *dropout[T]) mask(h, w, c int, y, slope kernel.Grid[T]) {
	for i := range h {
		for j := range w {
			at := i*y.Row + j*y.LD
			py, ps := y.X[at:at+c], slope.X[at:at+c]
			var bits uint64
			for k := range py {
				if k%4 == 0 {
					bits = d.rng.Uint64()
				}
				f := d.keep[1]
				if bits&0xFFFF < d.threshold {
					f = 0
				}
				bits >>= 16
				py[k] *= f
				ps[k] *= f
			}
		}
	}
}
