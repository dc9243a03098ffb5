package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// normEps is added to the variance before its root, as in the paper's code.
const normEps = 1e-6

// A norm is GroupNorm: of each sample the channels of each group are brought to mean 0 and
// variance 1 over all pixels, then scaled and shifted channel by channel.
type norm[T kernel.Float] struct {
	ch     channels
	groups int
	gamma  int // offsets of scale and shift
	beta   int
}

func (l *layout[T]) norm(name string, groups int, ch channels) *norm[T] {
	return &norm[T]{ch, groups, l.add(name+".weight", 1, 0, ch.n()), l.add(name+".bias", 0, 0, ch.n())}
}

// A normAct is GroupNorm, GELU and dropout in one: what stands before every convolution.
type normAct[T kernel.Float] struct {
	*norm[T]
	drops bool
	x     image[T]
	y     image[T] // output, its border zero
	slope []T      // of GELU and dropout at each number of y, laid out as y

	mean, rstd []T // of each sample and group
	centre     []T // rows of the channels, padding zero
	a, b, c    []T
}

// newNormAct binds a norm to its input, for up to n samples.
func newNormAct[T kernel.Float](nm *norm[T], n int, x image[T], drops bool) *normAct[T] {
	row := func() []T { return make([]T, nm.ch.ld) }
	y := newImage[T](n, x.h, x.w, nm.ch)
	return &normAct[T]{norm: nm, drops: drops, x: x, y: y, slope: make([]T, len(y.x)),
		mean: make([]T, n*nm.groups), rstd: make([]T, n*nm.groups),
		centre: row(), a: row(), b: row(), c: row()}
}

// spread writes the means of sample s to centre and calls f for each channel with its index in a row and its group.
func (l *normAct[T]) spread(s int) {
	size := l.ch.n() / l.groups
	for i, at := range l.ch.at {
		l.centre[at] = l.mean[s*l.groups+i/size]
	}
}

func (l *normAct[T]) slopes(s int) kernel.Grid[T] {
	g := l.y.grid(s)
	g.X = l.slope[l.y.start(s):]
	return g
}

func (l *normAct[T]) forward(p *pass[T]) {
	h, w, size := l.x.h, l.x.w, l.ch.n()/l.groups
	count := T(size * h * w)
	gamma, beta := p.w.W[l.gamma:], p.w.W[l.beta:]
	for s := range p.n {
		x := l.x.grid(s)
		mean, rstd := l.mean[s*l.groups:][:l.groups], l.rstd[s*l.groups:][:l.groups]
		clear(mean)
		clear(rstd)
		kernel.Sum(l.a, h, w, x)
		for i, at := range l.ch.at {
			mean[i/size] += l.a[at]
		}
		for g := range mean {
			mean[g] /= count
		}
		l.spread(s)
		kernel.SumSquares(l.a, l.centre, h, w, x)
		for i, at := range l.ch.at {
			rstd[i/size] += l.a[at]
		}
		for g := range rstd {
			rstd[g] = T(1 / math.Sqrt(float64(rstd[g]/count)+normEps))
		}
		clear(l.a)
		for i, at := range l.ch.at {
			l.a[at] = gamma[i] * rstd[i/size]
			l.b[at] = beta[i] - l.a[at]*mean[i/size]
		}
		kernel.ScaleGELU(l.a, l.b, h, w, x, l.y.grid(s), l.slopes(s))
		if l.drops && p.dropout != nil {
			p.dropout.mask(h, w, l.ch.ld, l.y.grid(s), l.slopes(s))
		}
	}
}

// backward sets dx, or adds to it, from the gradient dy by y, which it uses up.
func (l *normAct[T]) backward(p *pass[T], dy, dx *image[T], add bool) {
	h, w, size := l.x.h, l.x.w, l.ch.n()/l.groups
	count := T(size * h * w)
	gamma := p.w.W[l.gamma:]
	dgamma, dbeta := p.grad[l.gamma:], p.grad[l.beta:]
	for s := range p.n {
		x, v := l.x.grid(s), dy.grid(s)
		rstd := l.rstd[s*l.groups:][:l.groups]
		l.spread(s)
		kernel.MulSums(l.a, l.b, l.centre, h, w, v, l.slopes(s), x)
		for g, r := range rstd {
			var m0, m1 T
			for i := g * size; i < (g+1)*size; i++ {
				at := l.ch.at[i]
				s0, s1 := l.a[at], l.b[at]*r
				dbeta[i] += s0
				dgamma[i] += s1
				m0 += gamma[i] * s0
				m1 += gamma[i] * s1
			}
			m0, m1 = m0/count, m1/count
			for i := g * size; i < (g+1)*size; i++ {
				at := l.ch.at[i]
				l.a[at], l.b[at], l.c[at] = r*gamma[i], -r*r*m1, -r*m0
			}
		}
		kernel.Combine(l.a, l.b, l.c, l.centre, h, w, v, x, dx.grid(s), add)
	}
}
