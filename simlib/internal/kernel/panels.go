package kernel

import "unsafe"

// Tile returns the width of a panel: 16 numbers in float32, 8 in float64, with and without assembly.
func Tile[T Float]() int { return tile[T]() }

// Tiled rounds n up to a multiple of [Tile].
func Tiled[T Float](n int) int {
	t := tile[T]()
	return (n + t - 1) / t * t
}

// A Product is a matrix product with a matrix B that was packed beforehand into
// panels: K·Segs rows of [Tile] columns, panel after panel, each contiguous. Row i of A begins at a[i·ARS] and
// consists of Segs segments of K contiguous numbers, one every Jump numbers: a
// window of three rows of an image is three such segments.
type Product[T Float] struct {
	K, Segs, Jump int
	ARS           int // from a row of A to the next
	N             int // columns, a multiple of Tile
	LDC           int // from a row of C to the next
	Add           bool
}

// Do computes C = AB for the first m rows of A, or C += AB, and adds the row
// bias to each row of C unless it is nil.
func (p *Product[T]) Do(m int, a, panels, bias, c []T) {
	if m <= 0 || p.N <= 0 {
		return
	}
	t := tile[T]()
	size := p.K * p.Segs * t
	// The assembly sees no lengths.
	_ = a[(m-1)*p.ARS+(p.Segs-1)*p.Jump+p.K-1]
	_ = panels[p.N/t*size-1]
	_ = c[(m-1)*p.LDC+p.N-1]
	if bias != nil {
		_ = bias[p.N-1]
	}
	if fast && t == 16 {
		args := panelArgs{k: p.K, segs: p.Segs, ars: p.ARS * 4, jump: (p.Jump - p.K) * 4, ldc: p.LDC * 4}
		if p.Add {
			args.add = 1
		}
		for j := 0; j < p.N; j += 16 {
			args.a, args.b, args.c, args.rows = unsafe.Pointer(&a[0]), unsafe.Pointer(&panels[j*p.K*p.Segs]), unsafe.Pointer(&c[j]), m
			if bias != nil {
				args.bias = unsafe.Pointer(&bias[j])
			}
			panel32(&args)
		}
		return
	}
	for j := 0; j < p.N; j += t {
		b := panels[j/t*size:]
		for i := 0; i < m; i += tileRows {
			rows := min(tileRows, m-i)
			add := p.Add
			if bias != nil {
				for r := range rows {
					row := c[(i+r)*p.LDC+j:][:t]
					for x, v := range bias[j : j+t] {
						if p.Add {
							row[x] += v
						} else {
							row[x] = v
						}
					}
				}
				add = true
			}
			for s := range p.Segs {
				if fast {
					mulTile(rows, p.K, &a[i*p.ARS+s*p.Jump], p.ARS, 1, &b[s*p.K*t], t, &c[i*p.LDC+j], p.LDC, add || s > 0)
				} else {
					mulGo(rows, t, p.K, a[i*p.ARS+s*p.Jump:], p.ARS, 1, b[s*p.K*t:], t, c[i*p.LDC+j:], p.LDC, add || s > 0)
				}
			}
		}
	}
}

// SumRows adds n rows of x, ld apart, to sum, and takes the length of a row from sum.
func SumRows[T Float](sum []T, n int, x []T, ld int) {
	for i := range n {
		row := x[i*ld:][:len(sum)]
		for j, v := range row {
			sum[j] += v
		}
	}
}

// MulOuter computes C += AᵀB for A with k rows of m numbers, lda apart, B with k rows of n, ldb apart, and C with m rows of n.
// It is [Mul] for a transposed A of many rows: what sums the gradient of weights over samples.
func MulOuter[T Float](m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int) {
	round := (m + tileRows - 1) / tileRows * tileRows
	if k <= 0 || m <= 0 || n <= 0 {
		return
	}
	if t := tile[T](); !fast || t != 16 || n%t != 0 || (k-1)*lda+round > len(a) {
		Mul(m, n, k, a, 1, lda, b, ldb, c, ldc, true)
		return
	}
	_ = b[(k-1)*ldb+n-1]
	_ = c[(m-1)*ldc+n-1]
	// The rows that one turn takes stay in the nearest cache.
	turn := max(16, 6144/(round+n))
	for from := 0; from < k; from += turn {
		args := panelArgs{k: min(turn, k-from), ars: lda * 4, jump: ldb * 4, ldc: ldc * 4}
		for j := 0; j < n; j += 16 {
			args.a, args.b, args.c, args.rows = unsafe.Pointer(&a[from*lda]), unsafe.Pointer(&b[from*ldb+j]), unsafe.Pointer(&c[j]), m
			outer32(&args)
		}
	}
}
