package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// channels says where the channels of a pixel lie: channel i at index at[i] of ld numbers, the rest being zero.
type channels struct {
	at []int
	ld int
}

// dense returns n channels without padding.
func dense(n int) channels {
	c := channels{make([]int, n), n}
	for i := range c.at {
		c.at[i] = i
	}
	return c
}

// padded returns n channels in rows that the kernels like.
func padded[T kernel.Float](n int) channels {
	c := dense(n)
	c.ld = kernel.Tiled[T](n)
	return c
}

// beside returns the channels of c, then those of d, in one row.
func (c channels) beside(d channels) channels {
	r := channels{append([]int(nil), c.at...), c.ld + d.ld}
	for _, i := range d.at {
		r.at = append(r.at, c.ld+i)
	}
	return r
}

// times returns n copies side by side.
func (c channels) times(n int) channels {
	r := channels{}
	for range n {
		r = r.beside(c)
	}
	return r
}

func (c channels) n() int { return len(c.at) }

// isDense says that the channels lie in their order without padding.
func (c channels) isDense() bool {
	for i, at := range c.at {
		if at != i {
			return false
		}
	}
	return len(c.at) == c.ld
}

// A matrix is the weights of a layer that is a product, y = x·B + b, and of its
// gradients, dx = dy·Bᵀ, dB = xᵀ·dy and db = Σ dy. A 3×3 convolution is one whose x is a window
// of nine taps; its dx is a convolution with the taps in the opposite order.
type matrix[T kernel.Float] struct {
	taps, span int // taps, and how many of them lie side by side
	// winograd says that a 3×3 convolution is computed by way of 16 products, see winograd.go, whose
	// matrices then are in the panels instead.
	winograd  bool
	in, out   channels
	inN, outN int  // padded columns of Bᵀ and of B
	direct    bool // rows and columns of the panels are those of the parameter
	off       int  // offset of the parameter: taps × in × out
	bias      int  // offset of the bias
	biases    int  // its length: out channel o has bias o mod biases
	// offsets of the panels
	fwd, bwd, row int
}

// matrix adds a parameter of the given shape, of taps·in·out numbers, and a bias for each of the last
// dimension of the shape; both are drawn between ±bound.
func (l *layout[T]) matrix(name string, bound float64, taps, span int, in, out channels, shape ...int) *matrix[T] {
	return l.place(&matrix[T]{taps: taps, span: span, in: in, out: out}, name, bound, shape...)
}

func (l *layout[T]) place(m *matrix[T], name string, bound float64, shape ...int) *matrix[T] {
	in, out := m.in, m.out
	m.biases = shape[len(shape)-1]
	m.off = l.add(name+".weight", 0, bound, shape...)
	m.bias = l.add(name+".bias", 0, bound, m.biases)
	m.outN, m.inN = kernel.Tiled[T](out.ld), kernel.Tiled[T](in.ld)
	m.direct = in.isDense() && out.isDense() && m.outN == out.ld
	matrices := m.taps
	if m.winograd {
		matrices = 16
	}
	for _, p := range []struct {
		off  *int
		size int
	}{{&m.fwd, matrices * in.ld * m.outN}, {&m.bwd, matrices * out.ld * m.inN}, {&m.row, m.outN}} {
		*p.off = l.panels
		l.panels += p.size
	}
	l.matrices = append(l.matrices, m)
	l.scratch = max(l.scratch, 2*m.outN)
	if !m.direct || m.winograd {
		l.scratch = max(l.scratch, matrices*in.ld*m.outN)
	}
	return m
}

// linear adds a linear layer for rows of a batch.
func (l *layout[T]) linear(name string, in, out channels) *matrix[T] {
	return l.matrix(name, 1/math.Sqrt(float64(in.n())), 1, 1, in, out, in.n(), out.n())
}

// pack writes the panels of B, of Bᵀ and the bias.
func (m *matrix[T]) pack(w, panels []T) {
	row := panels[m.row:]
	for o, at := range m.out.at {
		row[at] = w[m.bias+o%m.biases]
	}
	if m.winograd {
		m.packWinograd(w, panels)
		return
	}
	p := kernel.Tile[T]()
	in, out := m.in.n(), m.out.n()
	fwd, bwd := panels[m.fwd:], panels[m.bwd:]
	fwdSize, bwdSize := m.taps*m.in.ld*p, m.taps*m.out.ld*p
	for t := range m.taps {
		tap := w[m.off+t*in*out:][:in*out]
		for i := range in {
			row := tap[i*out:][:out]
			fi := (t*m.in.ld + m.in.at[i]) * p
			for o := 0; o < out; {
				at := m.out.at[o]
				// A run of channels side by side in one panel.
				n := min(p-at%p, out-o)
				if m.out.at[o+n-1] != at+n-1 {
					n = 1
				}
				copy(fwd[at/p*fwdSize+fi+at%p:][:n], row[o:])
				o += n
			}
		}
		back := (m.taps - 1 - t) * m.out.ld * p
		for i := 0; i < in; {
			at := m.in.at[i]
			n := min(p-at%p, in-i)
			if m.in.at[i+n-1] != at+n-1 {
				n = 1
			}
			panel := bwd[at/p*bwdSize+back+at%p:]
			for o, to := range m.out.at {
				dst := panel[to*p:][:n]
				src := tap[i*out+o:]
				for k := range dst {
					dst[k] = src[k*out]
				}
			}
			i += n
		}
	}
}

// A view is a matrix of numbers in a lane: the rows begin ld apart, and for a convolution the taps
// of a window's next row lie jump further.
type view[T kernel.Float] struct {
	x        []T
	ld, jump int
}

// biasRow returns the bias as a padded row.
func (m *matrix[T]) biasRow(w *Weights[T]) []T { return w.panels[m.row:][:m.outN] }

// forward sets y = x·B + b for n rows, or adds it to y. Rows of y must have room for a multiple of
// the assembly's width.
func (m *matrix[T]) forward(w *Weights[T], n int, x, y view[T], add bool) {
	m.product(w, n, x, y, m.biasRow(w), add)
}

// product is forward with any row as bias.
func (m *matrix[T]) product(w *Weights[T], n int, x, y view[T], bias []T, add bool) {
	p := kernel.Product[T]{K: m.span * m.in.ld, Segs: m.taps / m.span, Jump: x.jump, ARS: x.ld, N: m.outN, LDC: y.ld, Add: add}
	p.Do(n, x.x, w.panels[m.fwd:], bias, y.x)
}

// backward sets dx = dy·Bᵀ for n rows, or adds it to dx. Rows of dx must have room for a multiple of the assembly's width.
func (m *matrix[T]) backward(w *Weights[T], n int, dy view[T], dx view[T], add bool) {
	p := kernel.Product[T]{K: m.span * m.out.ld, Segs: m.taps / m.span, Jump: dy.jump, ARS: dy.ld, N: m.inN, LDC: dx.ld, Add: add}
	p.Do(n, dy.x, w.panels[m.bwd:], nil, dx.x)
}

// gradient adds xᵀ·dy to grad for groups of n rows, of which group g begins at g·stepX and g·stepY.
// Rows of dy must have room for a multiple of the assembly's width, with zeros there.
func (m *matrix[T]) gradient(groups, n int, x view[T], stepX int, dy view[T], stepY int, grad, scratch []T) {
	k := m.span * m.in.ld
	dst := grad[m.off:]
	if !m.direct {
		dst = scratch[:m.taps*m.in.ld*m.outN]
		clear(dst)
	}
	for s := range m.taps / m.span {
		for g := range groups {
			kernel.MulOuter(k, m.outN, n, x.x[g*stepX+s*x.jump:], x.ld, dy.x[g*stepY:], dy.ld, dst[s*k*m.outN:], m.outN)
		}
	}
	if m.direct {
		return
	}
	in, out := m.in.n(), m.out.n()
	for t := range m.taps {
		for i := range in {
			src := dst[(t*m.in.ld+m.in.at[i])*m.outN:]
			g := grad[m.off+(t*in+i)*out:][:out]
			for o := range g {
				g[o] += src[m.out.at[o]]
			}
		}
	}
}

// biasGradient adds the sum of n rows of dy to grad.
func (m *matrix[T]) biasGradient(n int, dy view[T], grad, scratch []T) {
	sum := scratch[:m.out.ld]
	clear(sum)
	kernel.SumRows(sum, n, dy.x, dy.ld)
	m.addBias(sum, grad)
}

// addBias adds a padded row to the bias's gradient.
func (m *matrix[T]) addBias(sum, grad []T) {
	for o, at := range m.out.at {
		grad[m.bias+o%m.biases] += sum[at]
	}
}
