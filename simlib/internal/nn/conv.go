package nn

import (
	"math/rand/v2"

	"swingby/simlib/internal/kernel"
)

// A Conv is one 3×3 convolution from channels to channels by itself, in the layout it has inside of a network: what
// a U-Net's speed depends on most, and the way to measure it.
type Conv[T kernel.Float] struct {
	layout[T]
	m            *matrix[T]
	x, y, dx, dy image[T]
	w            *Weights[T]
}

// NewConv returns a convolution of n samples of random numbers.
func NewConv[T kernel.Float](n, h, w, in, out int, rng *rand.Rand) *Conv[T] {
	c := &Conv[T]{}
	a, b := padded[T](in), padded[T](out)
	c.m = c.conv3("", h, w, a, b, false)
	c.x, c.y = newImage[T](n, h, w, a), newImage[T](n, h, w, b)
	c.dx, c.dy = newImage[T](n, h, w, a), newImage[T](n, h, w, b)
	for _, im := range []*image[T]{&c.x, &c.dy} {
		x := make([]T, n*h*w*im.ch.n())
		for i := range x {
			x[i] = T(rng.NormFloat64())
		}
		im.load(n, x)
	}
	c.w = c.NewWeights()
	c.Init(c.w.W, rng)
	c.w.Changed()
	return c
}

// A ConvLane has the buffers for some of the samples, and the gradient by the weights.
type ConvLane[T kernel.Float] struct {
	u    trunkLane[T]
	Grad []T
}

// NewLane returns a lane.
func (c *Conv[T]) NewLane() *ConvLane[T] {
	l := &ConvLane[T]{Grad: make([]T, c.n)}
	l.u.scratch, l.u.grad, l.u.w = make([]T, c.scratch), l.Grad, c.w
	l.u.reserve(c.m, c.x.w)
	return l
}

// Part runs samples lo to hi forwards and backwards, and adds their gradient by the weights to the lane's.
func (c *Conv[T]) Part(lo, hi int, l *ConvLane[T]) {
	cut := func(im image[T]) image[T] {
		im.x = im.x[lo*im.stride():]
		return im
	}
	p := &l.u.pass
	p.n = hi - lo
	x, y, dx, dy := cut(c.x), cut(c.y), cut(c.dx), cut(c.dy)
	p.conv(c.m, &x, &y, c.m.biasRow(c.w), 0, false)
	p.convBack(c.m, &x, &dy, &dx)
	sum := p.scratch[:c.m.outN]
	dy.sum(p.n, sum, p.scratch[c.m.outN:])
	c.m.addBias(sum, p.grad)
}

// Weights returns the weights.
func (c *Conv[T]) Weights() *Weights[T] { return c.w }
