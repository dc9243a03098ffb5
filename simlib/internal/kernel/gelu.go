package kernel

import "math"

// GELU sets y = x Φ(x) and slope to its derivative Φ(x) + x φ(x), with Φ the
// distribution function of the standard normal and φ its density. All have the length of x;
// y may be x.
func GELU[T Float](y, slope, x []T) {
	y, slope = y[:len(x)], slope[:len(x)]
	for i, v := range x {
		y[i], slope[i] = gelu(v)
	}
}

func gelu[T Float](v T) (y, slope T) {
	f := float64(v)
	cdf := .5 * math.Erfc(-f*math.Sqrt2/2)
	return T(f * cdf), T(cdf + f*math.Exp(-f*f/2)*(1/math.Sqrt(2*math.Pi)))
}

// MulBy sets dst = dst·x element by element; both have the length of dst.
func MulBy[T Float](dst, x []T) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] *= v
	}
}
