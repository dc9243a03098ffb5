package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// An attention is multi-head attention between the pixels of an image, added to its input: queries, keys and
// values are 1×1 convolutions of the input, each head is softmax(QKᵀ/√d)·V of its d channels, and a last 1×1
// convolution mixes the heads. Channel c of head h is channel c·heads + h.
type attention[T kernel.Float] struct {
	heads, size  int // size is d, padded
	q, k, v, out *matrix[T]
	scale        T
}

func (l *layout[T]) attention(name string, heads int, ch channels) *attention[T] {
	d := ch.n() / heads
	a := &attention[T]{heads: heads, size: kernel.Tiled[T](d), scale: T(1 / math.Sqrt(float64(d)))}
	inner := channels{make([]int, ch.n()), heads * a.size}
	for i := range inner.at {
		inner.at[i] = i%heads*a.size + i/heads
	}
	bound := 1 / math.Sqrt(float64(ch.n()))
	conv := func(name string, in, out channels) *matrix[T] {
		return l.matrix(name, bound, 1, 1, in, out, 1, 1, in.n(), out.n())
	}
	a.q, a.k, a.v = conv(name+".q", ch, inner), conv(name+".k", ch, inner), conv(name+".v", ch, inner)
	a.out = conv(name+".out", inner, ch)
	return a
}

// An attentionLane keeps the pixels of each sample without border: rows of tokens.
type attentionLane[T kernel.Float] struct {
	*attention[T]
	x, y, dx, dy image[T]
	tokens       int
	in           view[T] // of all samples, as the following
	q, k, v, o   view[T]
	s            view[T] // softmax of each sample and head, tokens × tokens
	// of one sample
	g, gq, gk, gv, go_ view[T]
	gs, t              view[T] // gradient by a head's softmax; a head's transpose
}

func (u *trunkLane[T]) bindAttention(a *attention[T], x, y, dx, dy image[T]) *attentionLane[T] {
	n := x.h * x.w
	rows := func(m, ld int) view[T] { return view[T]{make([]T, m*ld), ld, 0} }
	ch, inner := a.q.in.ld, a.q.out.ld
	return &attentionLane[T]{attention: a, x: x, y: y, dx: dx, dy: dy, tokens: n,
		in: rows(u.max*n, ch), q: rows(u.max*n, inner), k: rows(u.max*n, inner), v: rows(u.max*n, inner), o: rows(u.max*n, inner),
		s: rows(u.max*a.heads*n, n),
		g: rows(n, ch), gq: rows(n, inner), gk: rows(n, inner), gv: rows(n, inner), go_: rows(n, inner),
		gs: rows(n, n), t: rows(a.size, n),
	}
}

// from returns the rows from r on.
func (v view[T]) from(r int) view[T] { return view[T]{v.x[r*v.ld:], v.ld, v.jump} }

func (a *attentionLane[T]) forward(p *pass[T]) {
	n := a.tokens
	for s := range p.n {
		in, q, k, v, o := a.in.from(s*n), a.q.from(s*n), a.k.from(s*n), a.v.from(s*n), a.o.from(s*n)
		a.x.flatten(s, in)
		a.attention.q.forward(p.w, n, in, q, false)
		a.attention.k.forward(p.w, n, in, k, false)
		a.attention.v.forward(p.w, n, in, v, false)
		for h := range a.heads {
			c := h * a.size
			soft := a.s.from((s*a.heads + h) * n)
			kernel.Transpose(n, a.size, k.x[c:], k.ld, a.t.x, n)
			kernel.Mul(n, n, a.size, q.x[c:], q.ld, 1, a.t.x, n, soft.x, n, false)
			for i := range n {
				softmax(soft.x[i*n:][:n], a.scale)
			}
			kernel.Mul(n, a.size, n, soft.x, n, 1, v.x[c:], v.ld, o.x[c:], o.ld, false)
		}
		a.out.forward(p.w, n, o, a.g, false)
		kernel.AddScaled(a.g.x, 1, in.x[:len(a.g.x)])
		a.y.unflatten(s, a.g)
	}
}

// softmax replaces x by exp(scale·x) over its sum.
func softmax[T kernel.Float](x []T, scale T) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(scale * (v - most)))
		x[i] = T(e)
		sum += e
	}
	inv := T(1 / sum)
	for i := range x {
		x[i] *= inv
	}
}

// softmaxGrad turns the gradient g by s = softmax(scale·x) into that by x.
func softmaxGrad[T kernel.Float](g, s []T, scale T) {
	var dot T
	s = s[:len(g)]
	for i, v := range s {
		dot += v * g[i]
	}
	for i, v := range s {
		g[i] = scale * v * (g[i] - dot)
	}
}

// backward sets dx from dy.
func (a *attentionLane[T]) backward(p *pass[T]) {
	n := a.tokens
	for s := range p.n {
		in, q, k, v, o := a.in.from(s*n), a.q.from(s*n), a.k.from(s*n), a.v.from(s*n), a.o.from(s*n)
		a.dy.flatten(s, a.g)
		a.out.gradient(1, n, o, 0, a.g, 0, p.grad, p.scratch)
		a.out.biasGradient(n, a.g, p.grad, p.scratch)
		a.out.backward(p.w, n, a.g, a.go_, false)
		for h := range a.heads {
			c := h * a.size
			soft := a.s.from((s*a.heads + h) * n)
			// O = S·V
			kernel.Mul(n, a.size, n, soft.x, 1, n, a.go_.x[c:], a.go_.ld, a.gv.x[c:], a.gv.ld, false)
			kernel.Transpose(n, a.size, v.x[c:], v.ld, a.t.x, n)
			kernel.Mul(n, n, a.size, a.go_.x[c:], a.go_.ld, 1, a.t.x, n, a.gs.x, n, false)
			for i := range n {
				softmaxGrad(a.gs.x[i*n:][:n], soft.x[i*n:][:n], a.scale)
			}
			// S = Q·Kᵀ
			kernel.Mul(n, a.size, n, a.gs.x, n, 1, k.x[c:], k.ld, a.gq.x[c:], a.gq.ld, false)
			kernel.Mul(n, a.size, n, a.gs.x, 1, n, q.x[c:], q.ld, a.gk.x[c:], a.gk.ld, false)
		}
		// The residual's gradient is in g already.
		for _, l := range [...]struct {
			m *matrix[T]
			g view[T]
		}{{a.attention.q, a.gq}, {a.attention.k, a.gk}, {a.attention.v, a.gv}} {
			l.m.gradient(1, n, in, 0, l.g, 0, p.grad, p.scratch)
			l.m.biasGradient(n, l.g, p.grad, p.scratch)
			l.m.backward(p.w, n, l.g, a.g, true)
		}
		a.dx.unflatten(s, a.g)
	}
}
