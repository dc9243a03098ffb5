package torch

import "math"

// vector is the number of elements from which on torch.randn takes another path.
const vector = 16

// Randn fills dst with what torch.randn(len(dst)) would hold in float32, and returns it.
//
// PyTorch has two ways. Fewer than 16 numbers are drawn one by one, in float64 by [Generator.NormFloat64].
// From 16 on the whole is filled with uniform numbers first; then each block of 16 is
// turned into normal ones, eight radii and eight angles, and where the length is no multiple of 16
// the last 16 places are drawn anew. The logarithm, sine and cosine of that path are the float32
// polynomials of the Cephes library with the roundings of PyTorch's build for CPUs with AVX2 and FMA,
// so that it is matched to the last bit; on other CPUs PyTorch itself differs by up to 1e-6.
func (g *Generator) Randn(dst []float32) []float32 {
	n := len(dst)
	if n < vector {
		for i := range dst {
			dst[i] = float32(g.NormFloat64())
		}
		return dst
	}
	g.Rand(dst)
	for i := 0; i+vector <= n; i += vector {
		boxMuller16(dst[i : i+vector])
	}
	if n%vector != 0 {
		last := dst[n-vector:]
		g.Rand(last)
		boxMuller16(last)
	}
	return dst
}

// boxMuller16 turns 16 uniform numbers into normal ones in place.
func boxMuller16(x []float32) {
	for j := range 8 {
		r := float32(math.Sqrt(float64(-2 * log32(1-x[j]))))
		sin, cos := sincos32(2 * math.Pi * x[j+8])
		x[j], x[j+8] = r*cos, r*sin
	}
}

// Float64 returns what torch.rand(1, dtype=torch.float64) would: a uniform number
// in [0, 1) that is a multiple of 2^-53, from two words.
func (g *Generator) Float64() float64 {
	hi, lo := uint64(g.Uint32()), uint64(g.Uint32())
	return float64((hi<<32|lo)&(1<<53-1)) / (1 << 53)
}

// NormFloat64 returns a standard normal number as PyTorch draws fewer than 16 of them: by the
// Box–Muller method in float64, two at a time, the second kept for the next call. The last bit may differ from
// PyTorch's, for its logarithm, sine and cosine are the C library's.
func (g *Generator) NormFloat64() float64 {
	if g.hasNext {
		g.hasNext = false
		return g.next
	}
	u1, u2 := g.Float64(), g.Float64()
	r := math.Sqrt(-2 * math.Log1p(-u2))
	sin, cos := math.Sincos(2 * math.Pi * u1)
	g.next, g.hasNext = r*sin, true
	return r * cos
}

// Randn64 fills dst with what torch.randn(len(dst), dtype=torch.float64) would hold, but
// for the last bits, and returns it. From 16 numbers on it goes block by block as [Generator.Randn] does.
func (g *Generator) Randn64(dst []float64) []float64 {
	n := len(dst)
	if n < vector {
		for i := range dst {
			dst[i] = g.NormFloat64()
		}
		return dst
	}
	block := func(x []float64) {
		for j := range 8 {
			r := math.Sqrt(-2 * math.Log(1-x[j]))
			sin, cos := math.Sincos(2 * math.Pi * x[j+8])
			x[j], x[j+8] = r*cos, r*sin
		}
	}
	for i := range dst {
		dst[i] = g.Float64()
	}
	for i := 0; i+vector <= n; i += vector {
		block(dst[i : i+vector])
	}
	if n%vector != 0 {
		last := dst[n-vector:]
		for i := range last {
			last[i] = g.Float64()
		}
		block(last)
	}
	return dst
}

// fma32 returns a·b + c rounded once. The product of two float32 is exact in float64; the sum is rounded twice,
// which can matter for one in 2^29 only.
func fma32(a, b, c float32) float32 {
	return float32(float64(a)*float64(b) + float64(c))
}

// logCoeff and the constants below are those of logf, sinf and cosf in S. Moshier's Cephes
// library (netlib.org/cephes, single precision).
var logCoeff = [...]float32{
	7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
	-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
}

// log32 returns the natural logarithm of a normal x > 0. Every product that an addition follows is
// fused with it where PyTorch's build has them fused; the other conversions keep a compiler from fusing more.
func log32(x float32) float32 {
	bits := math.Float32bits(x)
	e := float32(int32(bits>>23) - 126)
	x = math.Float32frombits(bits&0x7FFFFF | 0x3F000000) // in [½, 1)
	if x < 0.707106781186547524 {
		e--
		x += x - 1
	} else {
		x--
	}
	z := float32(x * x)
	y := logCoeff[0]
	for _, c := range logCoeff[1:] {
		y = fma32(y, x, c)
	}
	y = fma32(float32(y*x), z, float32(e*-2.12194440e-4))
	y = fma32(-z, 0.5, y)
	return fma32(e, 0.693359375, x+y)
}

// sincos32 returns the sine and cosine of x ≥ 0, x at most a few turns.
func sincos32(x float32) (sin, cos float32) {
	octant := (int32(float32(x*1.27323954473516)) + 1) &^ 1
	y := float32(octant)
	for _, part := range [...]float32{-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8} {
		x = fma32(y, part, x)
	}
	z := float32(x * x)
	c := fma32(2.443315711809948e-5, z, -1.388731625493765e-3)
	c = float32(fma32(c, z, 4.166664568298827e-2) * z)
	c = fma32(c, z, -float32(z*0.5)) + 1
	s := fma32(-1.9515295891e-4, z, 8.3321608736e-3)
	s = float32(fma32(s, z, -1.6666654611e-1) * z)
	s = fma32(s, x, x)
	sin, cos = s, c
	if octant&2 != 0 {
		sin, cos = c, s
	}
	if octant&4 != 0 {
		sin = -sin
	}
	if (octant-2)&4 == 0 {
		cos = -cos
	}
	return sin, cos
}
