package nn

import "swingby/simlib/internal/kernel"

// A pass is one call of Forward or Backward.
type pass[T kernel.Float] struct {
	w       *Weights[T]
	n       int
	grad    []T
	scratch []T
	tiles   [2][]T      // transformed tiles and their products
	dropout *dropout[T] // nil: none
}

// conv computes the 3×3 convolution y = B∗x, from rows of bias, one for each sample if step is above zero, and
// adds it to y under add.
func (p *pass[T]) conv(m *matrix[T], x, y *image[T], bias []T, step int, add bool) {
	if m.winograd {
		p.winograd(m, x, y, p.w.panels[m.fwd:], m.in.ld, m.outN, bias, step, add)
		return
	}
	for s := range p.n {
		m.product(p.w, x.run(), x.windows(s), y.pixels(s), bias[s*step:], add)
	}
}

// convBack computes dx = Bᵀ∗dy, unless dx is nil, and adds to the gradients by B. The border of dy is zero.
func (p *pass[T]) convBack(m *matrix[T], x, dy, dx *image[T]) {
	if m.winograd {
		p.winogradGradient(m, x, dy)
		p.winograd(m, dy, dx, p.w.panels[m.bwd:], m.out.ld, m.inN, nil, 0, false)
		return
	}
	m.gradient(p.n, x.run(), x.windows(0), x.stride(), dy.pixels(0), dy.stride(), p.grad, p.scratch)
	for s := range p.n {
		m.backward(p.w, dy.run(), dy.windows(s), dx.pixels(s), false)
	}
}
