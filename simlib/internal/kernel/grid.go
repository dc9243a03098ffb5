package kernel

import "unsafe"

// A Grid is one sample's image: pixels that begin LD numbers apart, rows that begin Row apart. The functions of
// grids treat each channel by itself; they take the number of channels from the first slice of numbers by channel, and height and width.
type Grid[T Float] struct {
	X       []T
	LD, Row int
}

// at returns the channels of a pixel.
func (g Grid[T]) at(y, x, c int) []T {
	i := y*g.Row + x*g.LD
	return g.X[i : i+c : i+c]
}

// ld and skip are what the assembly takes: from a pixel to the next, and from behind a row to the next one, in bytes.
func (g Grid[T]) ld() int        { return g.LD * 4 }
func (g Grid[T]) skip(w int) int { return (g.Row - w*g.LD) * 4 }

// pixels returns the first of h×w pixels with n channels for the assembly, which sees no lengths.
func (g Grid[T]) pixels(h, w, n int) *float32 {
	_ = g.X[(h-1)*g.Row+(w-1)*g.LD+n-1]
	return p32(g.X)
}

// blocks returns how many blocks of 16 channels the assembly shall compute: all or none.
func blocks[T Float](n, h, w int) int {
	var v T
	if !fast || unsafe.Sizeof(v) != 4 || n%16 != 0 || h <= 0 || w <= 0 {
		return 0
	}
	return n / 16
}

// Sum sets sum to the sum of each channel.
func Sum[T Float](sum []T, h, w int, x Grid[T]) {
	if b := blocks[T](len(sum), h, w); b > 0 {
		sum32(b, h, w, p32(sum), x.pixels(h, w, len(sum)), x.ld(), x.skip(w))
		return
	}
	clear(sum)
	for i := range h {
		for j := range w {
			for c, v := range x.at(i, j, len(sum)) {
				sum[c] += v
			}
		}
	}
}

// SumSquares sets sum to the sum of (x − centre)² of each channel.
func SumSquares[T Float](sum, centre []T, h, w int, x Grid[T]) {
	if b := blocks[T](len(sum), h, w); b > 0 {
		_ = centre[len(sum)-1]
		squares32(b, h, w, p32(sum), p32(centre), x.pixels(h, w, len(sum)), x.ld(), x.skip(w))
		return
	}
	clear(sum)
	centre = centre[:len(sum)]
	for i := range h {
		for j := range w {
			for c, v := range x.at(i, j, len(sum)) {
				d := v - centre[c]
				sum[c] += d * d
			}
		}
	}
}

// ScaleGELU sets y = GELU(scale·x + shift) and slope to the derivative of GELU there.
func ScaleGELU[T Float](scale, shift []T, h, w int, x, y, slope Grid[T]) {
	if n := len(scale); blocks[T](n, h, w) > 0 && y.LD == slope.LD && y.Row == slope.Row {
		_ = shift[n-1]
		scaleGELU32(n/16, h, w, p32(scale), p32(shift), x.pixels(h, w, n), x.ld(), x.skip(w),
			y.pixels(h, w, n), slope.pixels(h, w, n), y.ld(), y.skip(w))
		return
	}
	n := len(scale)
	shift = shift[:n]
	for i := range h {
		for j := range w {
			px, py, ps := x.at(i, j, n), y.at(i, j, n), slope.at(i, j, n)
			for c, v := range px {
				py[c], ps[c] = gelu(scale[c]*v + shift[c])
			}
		}
	}
}

// MulSums sets v = v·slope, and of each channel sum0 = Σ v and sum1 = Σ v·(x − centre).
func MulSums[T Float](sum0, sum1, centre []T, h, w int, v, slope, x Grid[T]) {
	if n := len(sum0); blocks[T](n, h, w) > 0 {
		_, _ = sum1[n-1], centre[n-1]
		mulSums32(n/16, h, w, p32(sum0), p32(sum1), p32(centre), v.pixels(h, w, n), v.ld(), v.skip(w),
			slope.pixels(h, w, n), slope.ld(), slope.skip(w), x.pixels(h, w, n), x.ld(), x.skip(w))
		return
	}
	n := len(sum0)
	clear(sum0)
	clear(sum1)
	for i := range h {
		for j := range w {
			pv, ps, px := v.at(i, j, n), slope.at(i, j, n), x.at(i, j, n)
			for c := range pv {
				d := pv[c] * ps[c]
				pv[c] = d
				sum0[c] += d
				sum1[c] += d * (px[c] - centre[c])
			}
		}
	}
}

// Combine sets dst = a·v + b·(x − centre) + c, or adds it to dst.
func Combine[T Float](a, b, c, centre []T, h, w int, v, x, dst Grid[T], add bool) {
	if n := len(a); blocks[T](n, h, w) > 0 {
		_, _, _ = b[n-1], c[n-1], centre[n-1]
		flag := 0
		if add {
			flag = 1
		}
		combine32(n/16, h, w, p32(a), p32(b), p32(c), p32(centre), v.pixels(h, w, n), v.ld(), v.skip(w),
			x.pixels(h, w, n), x.ld(), x.skip(w), dst.pixels(h, w, n), dst.ld(), dst.skip(w), flag)
		return
	}
	n := len(a)
	for i := range h {
		for j := range w {
			pv, px, pd := v.at(i, j, n), x.at(i, j, n), dst.at(i, j, n)
			for k := range pv {
				r := a[k]*pv[k] + (b[k]*(px[k]-centre[k]) + c[k])
				if add {
					r += pd[k]
				}
				pd[k] = r
			}
		}
	}
}

// AddGrid sets dst += x for n channels.
func AddGrid[T Float](n, h, w int, dst, x Grid[T]) {
	if b := blocks[T](n, h, w); b > 0 {
		addGrid32(b, h, w, dst.pixels(h, w, n), dst.ld(), dst.skip(w), x.pixels(h, w, n), x.ld(), x.skip(w))
		return
	}
	for i := range h {
		for j := range w {
			pd, px := dst.at(i, j, n), x.at(i, j, n)
			for c, v := range px {
				pd[c] += v
			}
		}
	}
}
