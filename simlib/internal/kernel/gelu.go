package kernel

import (
	"math"
	"unsafe"
)

// GELU sets y = x Φ(x) and slope to its derivative Φ(x) + x φ(x), with Φ the
// distribution function of the standard normal and φ its density. All have the length of x;
// y may be x. In float32 the assembly is within 2e-7 of them.
func GELU[T Float](y, slope, x []T) {
	y, slope = y[:len(x)], slope[:len(x)]
	n := 0
	if n = whole[T](len(x)); n > 0 && unsafe.Sizeof(x[0]) == 4 {
		scaleGELU32(1, 1, n/16, &ones[0], &zeros[0], p32(x), 64, 0, p32(y), p32(slope), 64, 0)
	} else {
		n = 0
	}
	for i := n; i < len(x); i++ {
		y[i], slope[i] = gelu(x[i])
	}
}

var ones = [16]float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
var zeros [16]float32

func gelu[T Float](v T) (y, slope T) {
	f := float64(v)
	cdf := .5 * math.Erfc(-f*math.Sqrt2/2)
	return T(f * cdf), T(cdf + f*math.Exp(-f*f/2)*(1/math.Sqrt(2*math.Pi)))
}

// MulBy sets dst = dst·x element by element; both have the length of dst.
func MulBy[T Float](dst, x []T) {
	x = x[:len(dst)]
	n := 0
	if n = whole[T](len(x)); n > 0 && unsafe.Sizeof(x[0]) == 4 {
		mulBy32(n*4, p32(dst), p32(x))
	} else {
		n = 0
	}
	for i := n; i < len(dst); i++ {
		dst[i] *= x[i]
	}
}
