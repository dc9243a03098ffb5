package kernel

import "unsafe"

// The convolutions of Winograd (1980), as Lavin and Gray (2016) use them for 3×3 filters: F(2×2, 3×3). An
// image is cut into tiles of 2×2 pixels of the result, for which 4×4 of the input are needed. Both the
// input's tile d and the filter g are transformed to 4×4 numbers, whose products, summed over the channels, transform
// back to the result:
//
//	y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A
//
//	     1  0 -1  0          1   0   0         1  0
//	Bᵀ = 0  1  1  0     G = ½   ½   ½     A = 1  1
//	     0 -1  1  0         ½  -½   ½         1 -1
//	     0  1  0 -1          0   0   1         0 -1
//
// That takes 16 products in place of 36. The gradient by the filter is Gᵀ[(A dy Aᵀ) ⊙ (Bᵀ d B)]G. For many channels and tiles each of
// the 16 is a product of matrices.
//
// The functions here do a row of tiles. The transformed numbers lie in 16 planes, that begin plane apart, with a row of c
// channels for each tile, step apart. Pixels begin ld apart and rows of pixels row apart.

// WinogradInput transforms the input Bᵀ d B of tiles; x begins with the first tile's upper left pixel, one above and one left of
// the result's.
func WinogradInput[T Float](tiles, c int, x []T, ld, row int, v []T, plane, step int) {
	if tiles <= 0 || c <= 0 {
		return
	}
	_, _ = x[3*row+(2*tiles+1)*ld+c-1], v[15*plane+(tiles-1)*step+c-1]
	if fast && c%8 == 0 && unsafe.Sizeof(x[0]) == 4 {
		winogradInput32(tiles, c/8, p32(x), ld*4, row*4, p32(v), plane*4, (step-c)*4)
		return
	}
	for t := range tiles {
		for k := range c {
			var d [4][4]T
			for j := range 4 {
				at := (2*t+j)*ld + k
				a, b, e, f := x[at], x[at+row], x[at+2*row], x[at+3*row]
				d[0][j], d[1][j], d[2][j], d[3][j] = a-e, b+e, e-b, b-f
			}
			at := t*step + k
			for i := range 4 {
				r := &d[i]
				v[at], v[at+plane], v[at+2*plane], v[at+3*plane] = r[0]-r[2], r[1]+r[2], r[2]-r[1], r[1]-r[3]
				at += 4 * plane
			}
		}
	}
}

// WinogradOutput sets the pixels of tiles to Aᵀ m A plus bias, or adds that to them. A bias of nil is none.
func WinogradOutput[T Float](tiles, c int, m []T, plane, step int, bias []T, add bool, y []T, ld, row int) {
	if tiles <= 0 || c <= 0 {
		return
	}
	_, _ = m[15*plane+(tiles-1)*step+c-1], y[row+(2*tiles-1)*ld+c-1]
	if bias != nil {
		_ = bias[c-1]
	}
	if fast && c%8 == 0 && unsafe.Sizeof(y[0]) == 4 {
		flag := 0
		if add {
			flag = 1
		}
		winogradOutput32(tiles, c/8, p32(m), plane*4, p32(bias), flag, p32(y), ld*4, row*4, (step-c)*4)
		return
	}
	for t := range tiles {
		for k := range c {
			var s [2][4]T
			for j := range 4 {
				at := j*plane + t*step + k
				a, b, e, f := m[at], m[at+4*plane], m[at+8*plane], m[at+12*plane]
				s[0][j], s[1][j] = a+b+e, b-e-f
			}
			var offset T
			if bias != nil {
				offset = bias[k]
			}
			for i := range 2 {
				r := &s[i]
				p, q := r[0]+r[1]+r[2]+offset, r[1]-r[2]-r[3]+offset
				at := i*row + 2*t*ld + k
				if add {
					p, q = p+y[at], q+y[at+ld]
				}
				y[at], y[at+ld] = p, q
			}
		}
	}
}

// WinogradGradient transforms the gradient A dy Aᵀ by the pixels of tiles.
func WinogradGradient[T Float](tiles, c int, dy []T, ld, row int, z []T, plane, step int) {
	if tiles <= 0 || c <= 0 {
		return
	}
	_, _ = dy[row+(2*tiles-1)*ld+c-1], z[15*plane+(tiles-1)*step+c-1]
	if fast && c%8 == 0 && unsafe.Sizeof(z[0]) == 4 {
		winogradGradient32(tiles, c/8, p32(dy), ld*4, row*4, p32(z), plane*4, (step-c)*4)
		return
	}
	for t := range tiles {
		for k := range c {
			at := 2*t*ld + k
			a, b, e, f := dy[at], dy[at+ld], dy[at+row], dy[at+row+ld]
			at = t*step + k
			for _, r := range [4][2]T{{a, b}, {a + e, b + f}, {a - e, b - f}, {-e, -f}} {
				z[at], z[at+plane], z[at+2*plane], z[at+3*plane] = r[0], r[0]+r[1], r[0]-r[1], -r[1]
				at += 4 * plane
			}
		}
	}
}

// WinogradFilter transforms n filters G g Gᵀ. Tap t of filter i is g[t·step+i]; number k of its transform becomes
// u[k·plane+i].
func WinogradFilter[T Float](n int, g []T, step int, u []T, plane int) {
	from := 0
	if n >= 8 && fast && unsafe.Sizeof(g[0]) == 4 {
		_, _ = g[8*step+n-1], u[15*plane+n-1]
		winogradFilter32(n/8, p32(g), step*4, p32(u), plane*4)
		from = n / 8 * 8
	}
	for i := from; i < n; i++ {
		var d [4][3]T
		for j := range 3 {
			a, b, c := g[j*step+i], g[(3+j)*step+i], g[(6+j)*step+i]
			d[0][j], d[1][j], d[2][j], d[3][j] = a, (a+b+c)/2, (a-b+c)/2, c
		}
		for k := range 4 {
			a, b, c := d[k][0], d[k][1], d[k][2]
			at := 4*k*plane + i
			u[at], u[at+plane], u[at+2*plane], u[at+3*plane] = a, (a+b+c)/2, (a-b+c)/2, c
		}
	}
}

// WinogradFilterGradient adds Gᵀ u G to the gradients g of n filters, laid out as [WinogradFilter] has them.
func WinogradFilterGradient[T Float](n int, u []T, plane int, g []T, step int) {
	from := 0
	if n >= 8 && fast && unsafe.Sizeof(g[0]) == 4 {
		_, _ = g[8*step+n-1], u[15*plane+n-1]
		winogradFilterGradient32(n/8, p32(u), plane*4, p32(g), step*4)
		from = n / 8 * 8
	}
	for i := from; i < n; i++ {
		var d [3][4]T
		for k := range 4 {
			at := k*plane + i
			a, b, c, e := u[at], u[at+4*plane], u[at+8*plane], u[at+12*plane]
			d[0][k], d[1][k], d[2][k] = a+(b+c)/2, (b-c)/2, (b+c)/2+e
		}
		for j := range 3 {
			r := &d[j]
			at := 3*j*step + i
			g[at] += r[0] + (r[1]+r[2])/2
			g[at+step] += (r[1] - r[2]) / 2
			g[at+2*step] += (r[1]+r[2])/2 + r[3]
		}
	}
}
