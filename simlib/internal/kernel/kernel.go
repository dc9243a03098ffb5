// Package kernel has the arithmetic of small networks and of convolutional ones.
//
// Matrices are slices by rows with a stride, the leading dimension. [Mul] multiplies small ones;
// a [Product] has a matrix packed beforehand, whose rows may overlap, which makes it a convolution, and [MulOuter] sums
// what becomes the gradient of weights. A [Grid] is an image, pixel by pixel, whose channels are
// normalised and activated side by side. 3×3 convolutions of many channels take fewer products by Winograd's transforms, see
// [WinogradInput].
//
// On amd64 with AVX2 and FMA,
// asked for once when the program starts, they run in assembly: products on tiles of
// 6 rows by 64 bytes, in [Mul] 128 with AVX-512. Everywhere else, and under the build tag purego, they run in Go; so do
// grids and transforms in float64. Rows that are padded with zeros to a
// multiple of [Pad] numbers stay wholly in assembly; other columns take the Go
// code. There are no approximate instructions, so that processors of all makers give the same numbers.
//
// Assembly and Go add products in the same order. They differ by rounding, for the
// assembly rounds product and sum once where Go rounds each, and adds a bias last. Nothing here
// starts a goroutine, so results do not depend on the number of cores.
package kernel

import "unsafe"

// Float is what the kernels compute with.
type Float interface{ float32 | float64 }

// rows of a tile.
const tileRows = 6

// tileBytes is the width of a tile's rows.
const tileBytes = 64

// Pad returns the number of elements that the length of rows should be a multiple of
// to be computed in assembly alone: 16 in float32, 8 in float64, and 1 where
// there is no assembly.
func Pad[T Float]() int {
	if !fast {
		return 1
	}
	return tile[T]()
}

func tile[T Float]() int {
	var v T
	return tileBytes / int(unsafe.Sizeof(v))
}

// Padded rounds n up to a multiple of [Pad].
func Padded[T Float](n int) int {
	p := Pad[T]()
	return (n + p - 1) / p * p
}

// Fast reports whether the assembly is in use.
func Fast() bool { return fast }

// Mul computes C = AB, or C += AB under add, for A of m×k, B of k×n and C of m×n.
// Element (i, p) of A is a[i·ars + p·aks], so that a transpose is a swap of the
// two strides; B and C have rows of stride ldb and ldc. C must not overlap A or B.
// It panics when a slice is too short.
func Mul[T Float](m, n, k int, a []T, ars, aks int, b []T, ldb int, c []T, ldc int, add bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if k <= 0 {
		if !add {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	// The assembly sees no lengths.
	_ = a[(m-1)*ars+(k-1)*aks]
	_ = b[(k-1)*ldb+n-1]
	_ = c[(m-1)*ldc+n-1]
	j := 0
	if fast {
		t := tile[T]()
		for ; wide && j+2*t <= n; j += 2 * t {
			for i := 0; i < m; i += tileRows {
				mulWide(min(tileRows, m-i), k, &a[i*ars], ars, aks, &b[j], ldb, &c[i*ldc+j], ldc, add)
			}
		}
		for ; j+t <= n; j += t {
			for i := 0; i < m; i += tileRows {
				mulTile(min(tileRows, m-i), k, &a[i*ars], ars, aks, &b[j], ldb, &c[i*ldc+j], ldc, add)
			}
		}
	}
	if j < n {
		mulGo(m, n-j, k, a, ars, aks, b[j:], ldb, c[j:], ldc, add)
	}
}

// mulTile computes up to six rows of one tile's width in assembly.
func mulTile[T Float](m, k int, a *T, ars, aks int, b *T, ldb int, c *T, ldc int, add bool) {
	flag := 0
	if add {
		flag = 1
	}
	if unsafe.Sizeof(*a) == 4 {
		mul6x16((*float32)(unsafe.Pointer(a)), ars, aks, (*float32)(unsafe.Pointer(b)), ldb, (*float32)(unsafe.Pointer(c)), ldc, m, k, flag)
		return
	}
	mul6x8((*float64)(unsafe.Pointer(a)), ars, aks, (*float64)(unsafe.Pointer(b)), ldb, (*float64)(unsafe.Pointer(c)), ldc, m, k, flag)
}

// mulWide is mulTile for two tiles side by side.
func mulWide[T Float](m, k int, a *T, ars, aks int, b *T, ldb int, c *T, ldc int, add bool) {
	flag := 0
	if add {
		flag = 1
	}
	if unsafe.Sizeof(*a) == 4 {
		mul6x32((*float32)(unsafe.Pointer(a)), ars, aks, (*float32)(unsafe.Pointer(b)), ldb, (*float32)(unsafe.Pointer(c)), ldc, m, k, flag)
		return
	}
	mul6x16d((*float64)(unsafe.Pointer(a)), ars, aks, (*float64)(unsafe.Pointer(b)), ldb, (*float64)(unsafe.Pointer(c)), ldc, m, k, flag)
}

func mulGo[T Float](m, n, k int, a []T, ars, aks int, b []T, ldb int, c []T, ldc int, add bool) {
	for i := range m {
		ci := c[i*ldc : i*ldc+n]
		if !add {
			clear(ci)
		}
		for p := range k {
			v := a[i*ars+p*aks]
			bp := b[p*ldb : p*ldb+n]
			bp = bp[:len(ci)]
			for j := range ci {
				ci[j] += v * bp[j]
			}
		}
	}
}

// whole returns how many leading elements of n the assembly may take.
func whole[T Float](n int) int {
	if !fast {
		return 0
	}
	t := tile[T]()
	return n / t * t
}

// Sub sets dst = scale·(x − y) element by element and returns Σ (x − y)². All have the length of dst.
func Sub[T Float](dst []T, scale T, x, y []T) T {
	x, y = x[:len(dst)], y[:len(dst)]
	n := whole[T](len(dst))
	var sum T
	if n > 0 {
		if unsafe.Sizeof(scale) == 4 {
			sum = T(sub32(n*4, p32(dst), p32(x), p32(y), float32(scale)))
		} else {
			sum = T(sub64(n*8, p64(dst), p64(x), p64(y), float64(scale)))
		}
	}
	for i := n; i < len(dst); i++ {
		d := x[i] - y[i]
		sum += d * d
		dst[i] = scale * d
	}
	return sum
}

// AddScaled sets dst += scale·x element by element; both have the length of dst.
func AddScaled[T Float](dst []T, scale T, x []T) {
	x = x[:len(dst)]
	n := whole[T](len(dst))
	if n > 0 {
		if unsafe.Sizeof(scale) == 4 {
			axpy32(n*4, p32(dst), p32(x), float32(scale))
		} else {
			axpy64(n*8, p64(dst), p64(x), float64(scale))
		}
	}
	for i := n; i < len(dst); i++ {
		dst[i] += scale * x[i]
	}
}

// ReLU replaces what is below zero by zero. A NaN stays one.
func ReLU[T Float](x []T) {
	n := whole[T](len(x))
	if n > 0 {
		if unsafe.Sizeof(x[0]) == 4 {
			relu32(n*4, p32(x))
		} else {
			relu64(n*8, p64(x))
		}
	}
	for i := n; i < len(x); i++ {
		if x[i] < 0 {
			x[i] = 0
		}
	}
}

// ReLUGrad sets delta to zero where h, a result of [ReLU], is zero; both have the length of delta.
func ReLUGrad[T Float](delta, h []T) {
	h = h[:len(delta)]
	n := whole[T](len(delta))
	if n > 0 {
		if unsafe.Sizeof(delta[0]) == 4 {
			mask32(n*4, p32(delta), p32(h))
		} else {
			mask64(n*8, p64(delta), p64(h))
		}
	}
	for i := n; i < len(delta); i++ {
		if h[i] <= 0 {
			delta[i] = 0
		}
	}
}

func p32[T Float](x []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }
func p64[T Float](x []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(x))) }

// Transpose sets dst, of n rows and stride ldd, to the transpose of the m×n
// matrix src with stride lds.
func Transpose[T Float](m, n int, src []T, lds int, dst []T, ldd int) {
	// Four columns at a time: each is written along a row of dst.
	j := 0
	for ; j+4 <= n; j += 4 {
		d0, d1 := dst[j*ldd:j*ldd+m], dst[(j+1)*ldd:(j+1)*ldd+m]
		d2, d3 := dst[(j+2)*ldd:(j+2)*ldd+m], dst[(j+3)*ldd:(j+3)*ldd+m]
		d1, d2, d3 = d1[:len(d0)], d2[:len(d0)], d3[:len(d0)]
		for i := range d0 {
			s := src[i*lds+j : i*lds+j+4 : i*lds+j+4]
			d0[i], d1[i], d2[i], d3[i] = s[0], s[1], s[2], s[3]
		}
	}
	for ; j < n; j++ {
		for i := range m {
			dst[j*ldd+i] = src[i*lds+j]
		}
	}
}
