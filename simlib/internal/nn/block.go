package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// A block is a residual block: the input plus two times GroupNorm, GELU and convolution. A perceptron of two layers,
// with GELU between, turns the embedding of time and conditioning into a number for each channel,
// added after the first convolution. The second convolution starts at zero, with dropout before it. Where the
// block changes the number of channels the input goes through a 1×1 convolution.
type block[T kernel.Float] struct {
	norm1, norm2 *norm[T]
	conv1, conv2 *matrix[T]
	emb1, emb2   *matrix[T] // nil without embedding
	skip         *matrix[T] // nil if the numbers of channels agree
}

// conv3 adds a 3×3 convolution of images of h×w pixels. Zero weights are what it starts with under zero.
func (l *layout[T]) conv3(name string, h, w int, in, out channels, zero bool) *matrix[T] {
	bound := 1 / math.Sqrt(float64(9*in.n()))
	if zero {
		bound = 0
	}
	m := &matrix[T]{taps: 9, span: 3, in: in, out: out}
	m.winograd = h%2 == 0 && w%2 == 0 && in.ld == kernel.Tiled[T](in.ld) && out.ld == kernel.Tiled[T](out.ld)
	return l.place(m, name, bound, 3, 3, in.n(), out.n())
}

func (l *layout[T]) block(name string, h, w, groups int, emb *channels, in, out channels) *block[T] {
	b := &block[T]{
		norm1: l.norm(name+".norm1", groups, in),
		conv1: l.conv3(name+".conv1", h, w, in, out, false),
	}
	if emb != nil {
		b.emb1, b.emb2 = l.linear(name+".embed1", *emb, out), l.linear(name+".embed2", out, out)
	}
	b.norm2 = l.norm(name+".norm2", groups, out)
	b.conv2 = l.conv3(name+".conv2", h, w, out, out, true)
	if in.n() != out.n() {
		b.skip = l.matrix(name+".skip", 1/math.Sqrt(float64(in.n())), 1, 1, in, out, 1, 1, in.n(), out.n())
	}
	return b
}

// A blockLane is a block bound to its buffers.
type blockLane[T kernel.Float] struct {
	*block[T]
	a1, a2  *normAct[T]
	h       image[T] // after the first convolution
	e       *condition[T]
	z, sl   view[T] // the perceptron's hidden layer and the slope of its GELU
	bias    view[T] // bias of the first convolution for each sample
	x, y    image[T]
	dx, dy  image[T]
	wide    image[T] // the gradient by y where that lies beside others
	da, dh  image[T] // shared among blocks
	dz, dzz view[T]
}

// A condition is the embedding that all blocks share, rows of samples, and the gradient by it.
type condition[T kernel.Float] struct{ x, g view[T] }

// bindBlock makes the buffers for x → y, with the gradients by them.
func (u *trunkLane[T]) bindBlock(b *block[T], x, y, dx, dy image[T]) *blockLane[T] {
	out := b.conv1.out
	r := &blockLane[T]{block: b, x: x, y: y, dx: dx, dy: dy, e: u.cond}
	r.a1 = newNormAct(b.norm1, u.max, x, false)
	r.h = newImage[T](u.max, x.h, x.w, out)
	r.a2 = newNormAct(b.norm2, u.max, r.h, true)
	rows := func() view[T] { return view[T]{make([]T, u.max*out.ld), out.ld, 0} }
	r.bias = rows()
	if b.emb1 != nil {
		r.z, r.sl, r.dz, r.dzz = rows(), rows(), rows(), rows()
	}
	if dy.ld > dy.ch.ld {
		// A window is contiguous only without neighbours.
		r.wide, r.dy = dy, u.share("dy", y.h, y.w, out)
	}
	u.reserve(b.conv1, x.w)
	u.reserve(b.conv2, x.w)
	r.da = u.share("da", x.h, x.w, widest(b.conv1.in, out))
	r.dh = u.share("dh", x.h, x.w, out)
	return r
}

func widest(a, b channels) channels {
	if a.ld > b.ld {
		return a
	}
	return b
}

func (b *blockLane[T]) forward(p *pass[T]) {
	step := 0
	if b.emb1 != nil {
		b.emb1.forward(p.w, p.n, b.e.x, b.z, false)
		z := b.z.x[:p.n*b.z.ld]
		kernel.GELU(z, b.sl.x[:len(z)], z)
		b.emb2.forward(p.w, p.n, b.z, b.bias, false)
		for s := range p.n {
			kernel.AddScaled(b.bias.x[s*b.bias.ld:][:b.bias.ld], 1, b.conv1.biasRow(p.w))
		}
		step = b.bias.ld
	} else {
		copy(b.bias.x, b.conv1.biasRow(p.w))
	}
	b.a1.forward(p)
	p.conv(b.conv1, &b.a1.y, &b.h, b.bias.x, step, false)
	b.a2.forward(p)
	if b.skip != nil {
		for s := range p.n {
			b.skip.forward(p.w, b.x.run(), b.x.pixels(s), b.y.pixels(s), false)
		}
	} else {
		b.y.copyFrom(p.n, &b.x)
	}
	p.conv(b.conv2, &b.a2.y, &b.y, b.conv2.biasRow(p.w), 0, true)
}

// backward sets dx from dy.
func (b *blockLane[T]) backward(p *pass[T]) {
	out := b.conv1.out
	if b.wide.x != nil {
		b.dy.copyFrom(p.n, &b.wide)
	}
	da := b.da.as(out)
	p.convBack(b.conv2, &b.a2.y, &b.dy, &da)
	b.a2.backward(p, &da, &b.dh, false)
	// The sum over the pixels is the gradient by the bias of each sample.
	db := b.dz
	if b.emb1 == nil {
		db = b.bias
	}
	for s := range p.n {
		kernel.Sum(db.x[s*db.ld:][:db.ld], b.h.h, b.h.w, b.dh.grid(s))
	}
	b.conv1.biasGradient(p.n, db, p.grad, p.scratch)
	if b.emb1 != nil {
		b.emb2.gradient(1, p.n, b.z, 0, db, 0, p.grad, p.scratch)
		b.emb2.biasGradient(p.n, db, p.grad, p.scratch)
		b.emb2.backward(p.w, p.n, db, b.dzz, false)
		z := b.dzz.x[:p.n*b.dzz.ld]
		kernel.MulBy(z, b.sl.x[:len(z)])
		b.emb1.gradient(1, p.n, b.e.x, 0, b.dzz, 0, p.grad, p.scratch)
		b.emb1.biasGradient(p.n, b.dzz, p.grad, p.scratch)
		b.emb1.backward(p.w, p.n, b.dzz, b.e.g, true)
	}
	da = b.da.as(b.conv1.in)
	p.convBack(b.conv1, &b.a1.y, &b.dh, &da)
	b.a1.backward(p, &da, &b.dx, false)
	// The second convolution and the skip have the same gradient by their biases.
	sum := p.scratch[:out.ld]
	b.dy.sum(p.n, sum, p.scratch[out.ld:])
	b.conv2.addBias(sum, p.grad)
	if b.skip == nil {
		for s := range p.n {
			kernel.AddGrid(out.ld, b.x.h, b.x.w, b.dx.grid(s), b.dy.grid(s))
		}
		return
	}
	b.skip.addBias(sum, p.grad)
	b.skip.gradient(p.n, b.x.run(), b.x.pixels(0), b.x.stride(), b.dy.pixels(0), b.dy.stride(), p.grad, p.scratch)
	for s := range p.n {
		b.skip.backward(p.w, b.x.run(), b.dy.pixels(s), b.dx.pixels(s), true)
	}
}

// A resample is a 2×2 convolution with stride 2 from a big picture to a small one, or its transpose.
type resample[T kernel.Float] struct {
	*matrix[T]
	up bool
}

func (l *layout[T]) down(name string, in, out channels) *resample[T] {
	m := l.matrix(name, 1/math.Sqrt(float64(4*in.n())), 1, 1, in.times(4), out, 2, 2, in.n(), out.n())
	return &resample[T]{m, false}
}

// up adds a transposed convolution. PyTorch takes the output's channels to bound its weights.
func (l *layout[T]) up(name string, in, out channels) *resample[T] {
	m := l.matrix(name, 1/math.Sqrt(float64(4*out.n())), 1, 1, in, out.times(4), in.n(), 2, 2, out.n())
	return &resample[T]{m, true}
}

type resampleLane[T kernel.Float] struct {
	*resample[T]
	x, y, dx, dy image[T]
	patch, dp    image[T] // of the small picture, four pixels at each position
}

func (u *trunkLane[T]) bindResample(r *resample[T], x, y, dx, dy image[T]) *resampleLane[T] {
	small, ch := y, r.in
	if r.up {
		small, ch = x, r.out
	}
	l := &resampleLane[T]{resample: r, x: x, y: y, dx: dx, dy: dy, dp: u.share("gradient of patches", small.h, small.w, ch)}
	if r.up {
		l.patch = u.share("patches", small.h, small.w, ch)
	} else {
		l.patch = newImage[T](u.max, small.h, small.w, ch)
	}
	return l
}

func (r *resampleLane[T]) forward(p *pass[T]) {
	for s := range p.n {
		if r.up {
			r.matrix.forward(p.w, r.x.run(), r.x.pixels(s), r.patch.pixels(s), false)
			r.y.scatter(s, &r.patch)
		} else {
			r.x.gather(s, &r.patch)
			r.matrix.forward(p.w, r.y.run(), r.patch.pixels(s), r.y.pixels(s), false)
		}
	}
}

// backward sets dx from dy where it goes up, and adds to dx where it goes down.
func (r *resampleLane[T]) backward(p *pass[T]) {
	if r.up {
		for s := range p.n {
			r.dy.gather(s, &r.dp)
			r.matrix.backward(p.w, r.x.run(), r.dp.pixels(s), r.dx.pixels(s), false)
		}
		r.gradient(p.n, r.x.run(), r.x.pixels(0), r.x.stride(), r.dp.pixels(0), r.dp.stride(), p.grad, p.scratch)
		sum := p.scratch[:r.out.ld]
		r.dp.sum(p.n, sum, p.scratch[r.out.ld:])
		r.addBias(sum, p.grad)
		return
	}
	r.gradient(p.n, r.y.run(), r.patch.pixels(0), r.patch.stride(), r.dy.pixels(0), r.dy.stride(), p.grad, p.scratch)
	sum := p.scratch[:r.out.ld]
	r.dy.sum(p.n, sum, p.scratch[r.out.ld:])
	r.addBias(sum, p.grad)
	for s := range p.n {
		r.matrix.backward(p.w, r.y.run(), r.dy.pixels(s), r.dp.pixels(s), false)
		r.dx.scatterAdd(s, &r.dp)
	}
}
