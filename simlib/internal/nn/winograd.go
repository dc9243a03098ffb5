package nn

import "swingby/simlib/internal/kernel"

// A convolution of images of even height and width goes by Winograd's way: 4 products of each pair of channels for
// a pixel in place of 9, see package kernel. Tiles of 2×2 pixels are taken block by block, a block being some rows of tiles, perhaps of
// several samples, whose transforms fit into the nearer caches.

// tileRows is the number of rows of a block, of tiles each. For few channels a small block stays in the caches;
// for many the filters do not, and should serve more tiles each time they pass. The assembly likes multiples of 6.
func (m *matrix[T]) tileRows(tiles int) int {
	return max(1, min(96, max(24, (m.in.ld+m.out.ld)*3/8))/tiles)
}

// packWinograd writes the transformed filters as 16 matrices, panels of [in, out] and of [out, in]. A filter
// turned by 180°, as the gradient by the input needs it, has the transform with its outer rows and columns exchanged.
func (m *matrix[T]) packWinograd(w, panels []T) {
	p := kernel.Tile[T]()
	in, out := m.in.n(), m.out.n()
	plane := m.in.ld * m.outN
	fwd, bwd := panels[m.fwd:], panels[m.bwd:]
	for i, to := range m.in.at {
		for o := 0; o < out; {
			at := m.out.at[o]
			// A run of channels side by side in one panel.
			n := min(p-at%p, out-o)
			if m.out.at[o+n-1] != at+n-1 {
				n = 1
			}
			kernel.WinogradFilter(n, w[m.off+i*out+o:], in*out, fwd[(at/p*m.in.ld+to)*p+at%p:], plane)
			o += n
		}
	}
	other := [4]int{3, 1, 2, 0}
	for k := range 16 {
		src, dst := fwd[k*plane:], bwd[(other[k/4]*4+other[k%4])*plane:]
		for o := 0; o < m.outN; o += p {
			for i := 0; i < m.in.ld; i += p {
				kernel.Transpose(p, p, src[o*m.in.ld+i*p:], p, dst[i*m.outN+o*p:], p)
			}
		}
	}
}

// A tileBlock is a block of tiles, one of those into which all are cut evenly.
type tileBlock struct {
	from, to int // rows of tiles, counted through the samples
	plane    int // tiles
}

// tileStep is the distance of tiles with c channels. Where that were a multiple of half a kilobyte, the rows of
// a plane would get into each other's way in the caches.
func tileStep[T kernel.Float](c int) int {
	if c%128 == 0 {
		return c + kernel.Tile[T]()
	}
	return c
}

// cut returns block b, and whether there is one.
func (m *matrix[T]) cut(b, n int, im *image[T]) (tileBlock, bool) {
	total := n * (im.h / 2)
	per := m.tileRows(im.w / 2)
	count := (total + per - 1) / per
	if b >= count {
		return tileBlock{}, false
	}
	from, to := b*total/count, (b+1)*total/count
	return tileBlock{from, to, (to - from) * (im.w / 2)}, true
}

// tileRow returns the index of the first pixel of a row of tiles, and the sample it belongs to.
func (im *image[T]) tileRow(r int) (at, sample int) {
	half := im.h / 2
	return im.start(r/half) + 2*(r%half)*(im.w+1)*im.ld, r / half
}

// winograd computes y = bias + B∗x by the matrices in panels, or adds to y.
func (p *pass[T]) winograd(m *matrix[T], x, y *image[T], panels []T, in, out int, bias []T, step int, add bool) {
	tiles := x.w / 2
	v, products := p.tiles[0], p.tiles[1]
	stepIn, stepOut := tileStep[T](in), tileStep[T](out)
	for i := 0; ; i++ {
		b, ok := m.cut(i, p.n, x)
		if !ok {
			return
		}
		p.tileInput(b, x, in, v)
		product := kernel.Product[T]{K: in, Segs: 1, ARS: stepIn, N: out, LDC: stepOut}
		for k := range 16 {
			product.Do(b.plane, v[k*b.plane*stepIn:], panels[k*in*out:], nil, products[k*b.plane*stepOut:])
		}
		for r := b.from; r < b.to; r++ {
			at, s := y.tileRow(r)
			var row []T
			if bias != nil {
				row = bias[s*step:]
			}
			kernel.WinogradOutput(tiles, out, products[(r-b.from)*tiles*stepOut:], b.plane*stepOut, stepOut, row, add, y.x[at:], y.ld, (y.w+1)*y.ld)
		}
	}
}

// tileInput transforms a block's tiles of x.
func (p *pass[T]) tileInput(b tileBlock, x *image[T], in int, v []T) {
	tiles, step := x.w/2, tileStep[T](in)
	for r := b.from; r < b.to; r++ {
		at, _ := x.tileRow(r)
		kernel.WinogradInput(tiles, in, x.x[at-(x.w+2)*x.ld:], x.ld, (x.w+1)*x.ld, v[(r-b.from)*tiles*step:], b.plane*step, step)
	}
}

// winogradGradient adds the gradient by B.
func (p *pass[T]) winogradGradient(m *matrix[T], x, dy *image[T]) {
	tiles := x.w / 2
	v, z := p.tiles[0], p.tiles[1]
	in, out := m.in.ld, m.outN
	stepIn, stepOut := tileStep[T](in), tileStep[T](out)
	sum := p.scratch[:16*in*out]
	clear(sum)
	for i := 0; ; i++ {
		b, ok := m.cut(i, p.n, x)
		if !ok {
			break
		}
		p.tileInput(b, x, in, v)
		for r := b.from; r < b.to; r++ {
			at, _ := dy.tileRow(r)
			kernel.WinogradGradient(tiles, out, dy.x[at:], dy.ld, (dy.w+1)*dy.ld, z[(r-b.from)*tiles*stepOut:], b.plane*stepOut, stepOut)
		}
		for k := range 16 {
			kernel.MulOuter(in, out, b.plane, v[k*b.plane*stepIn:], stepIn, z[k*b.plane*stepOut:], stepOut, sum[k*in*out:], out)
		}
	}
	n := m.out.n()
	for i, at := range m.in.at {
		for o := 0; o < n; {
			// A run of channels side by side.
			run := 1
			for o+run < n && m.out.at[o+run] == m.out.at[o]+run {
				run++
			}
			kernel.WinogradFilterGradient(run, sum[at*out+m.out.at[o]:], in*out, p.grad[m.off+i*n+o:], m.in.n()*n)
			o += run
		}
	}
}
