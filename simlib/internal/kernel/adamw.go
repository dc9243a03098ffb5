package kernel

import (
	"math"
	"unsafe"
)

// AdamWStep holds the numbers of one update.
type AdamWStep struct {
	Decay        float64 // the factor of w
	Beta1, Beta2 float64
	Rate         float64 // learning rate over the correction of m
	Root         float64 // the factor that corrects √v
	Eps          float64
}

// AdamW sets m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g² and w = Decay·w − Rate·m/(Root·√v + Eps).
// All have the length of w.
func AdamW[T Float](w, g, m, v []T, s AdamWStep) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	decay, b1, b2, c1, c2 := T(s.Decay), T(s.Beta1), T(s.Beta2), T(1-s.Beta1), T(1-s.Beta2)
	rate, root, eps := T(s.Rate), T(s.Root), T(s.Eps)
	n := 0
	if n = whole[T](len(w)); n > 0 && unsafe.Sizeof(w[0]) == 4 {
		adamW32(n*4, p32(w), p32(g), p32(m), p32(v), &[8]float32{float32(decay), float32(b1), float32(c1), float32(b2), float32(c2), -float32(rate), float32(root), float32(eps)})
	} else {
		n = 0
	}
	for i := n; i < len(w); i++ {
		d := g[i]
		mi := b1*m[i] + c1*d
		vi := b2*v[i] + c2*d*d
		m[i], v[i] = mi, vi
		w[i] = decay*w[i] - rate*mi/(root*T(math.Sqrt(float64(vi)))+eps)
	}
}
