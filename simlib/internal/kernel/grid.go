package kernel

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

// Sum sets sum to the sum of each channel.
func Sum[T Float](sum []T, h, w int, x Grid[T]) {
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
	for i := range h {
		for j := range w {
			pd, px := dst.at(i, j, n), x.at(i, j, n)
			for c, v := range px {
				pd[c] += v
			}
		}
	}
}
