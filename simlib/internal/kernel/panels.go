package kernel

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
