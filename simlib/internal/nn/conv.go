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
	p            pass[T]
}

// NewConv returns a convolution of n samples of random numbers.
func NewConv[T kernel.Float](n, h, w, in, out int, rng *rand.Rand) *Conv[T] {
	c := &Conv[T]{}
	a, b := padded[T](in), padded[T](out)
	c.m = c.conv3("", a, b, false)
	c.x, c.y = newImage[T](n, h, w, a), newImage[T](n, h, w, b)
	c.dx, c.dy = newImage[T](n, h, w, a), newImage[T](n, h, w, b)
	for _, im := range []*image[T]{&c.x, &c.dy} {
		x := make([]T, n*h*w*im.ch.n())
		for i := range x {
			x[i] = T(rng.NormFloat64())
		}
		im.load(n, x)
	}
	c.p.w = c.NewWeights()
	c.Init(c.p.w.W, rng)
	c.p.w.Changed()
	c.p.grad, c.p.scratch = make([]T, c.n), make([]T, c.scratch)
	return c
}

// Part runs samples lo to hi forwards and backwards, and adds their gradient by the weights to grad.
func (c *Conv[T]) Part(lo, hi int, grad, scratch []T) {
	cut := func(im image[T]) image[T] {
		im.x = im.x[lo*im.stride():]
		return im
	}
	p := c.p
	p.n, p.grad, p.scratch = hi-lo, grad, scratch
	x, y, dx, dy := cut(c.x), cut(c.y), cut(c.dx), cut(c.dy)
	p.conv(c.m, &x, &y, c.m.biasRow(p.w), 0, false)
	p.convBack(c.m, &x, &dy, &dx)
	sum := scratch[:c.m.outN]
	dy.sum(p.n, sum, scratch[c.m.outN:])
	c.m.addBias(sum, grad)
}

// Scratch returns a buffer for Part.
func (c *Conv[T]) Scratch() []T { return make([]T, c.scratch) }

// Weights returns the weights.
func (c *Conv[T]) Weights() *Weights[T] { return c.p.w }
