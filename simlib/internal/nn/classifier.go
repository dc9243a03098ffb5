package nn

import (
	"math/rand/v2"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
)

// ClassifierConfig describes a classifier of images: a U-Net without time and conditioning up to its last GroupNorm and GELU, the
// maximum of each channel over all pixels, and a perceptron with one hidden layer of GELU.
type ClassifierConfig struct {
	Trunk   UNetConfig // Cond, Time, TimeScale and Embed are not used
	Hidden  int        // width of the hidden layer, 64 if zero
	Classes int        // numbers in the output
}

type classifier[T kernel.Float] struct {
	trunk[T]
	classes int
	l1, l2  *matrix[T]
}

// NewClassifier returns the network of a configuration. Its output are logits, Classes numbers; it ignores times and conditionings.
func NewClassifier[T kernel.Float](c ClassifierConfig) (Net[T], error) {
	if c.Hidden == 0 {
		c.Hidden = 64
	}
	c.Trunk.Levels = append([]int(nil), c.Trunk.Levels...)
	if err := c.Trunk.check("ClassifierConfig.Trunk"); err != nil {
		return nil, err
	}
	if c.Hidden < 1 || c.Hidden > 1<<12 {
		return nil, check.Bad("nn: ClassifierConfig.Hidden", c.Hidden, "an integer from 1 to 4096")
	}
	if c.Classes < 1 || c.Classes > 1<<12 {
		return nil, check.Bad("nn: ClassifierConfig.Classes", c.Classes, "an integer from 1 to 4096")
	}
	n := &classifier[T]{classes: c.Classes}
	n.build(c.Trunk, nil)
	hidden := padded[T](c.Hidden)
	n.l1 = n.linear("hidden", padded[T](c.Trunk.Levels[0]), hidden)
	n.l2 = n.linear("logits", hidden, padded[T](c.Classes))
	return n, nil
}

func (c *classifier[T]) InLen() int   { return c.c.Height * c.c.Width * c.c.In }
func (c *classifier[T]) OutLen() int  { return c.classes }
func (c *classifier[T]) CondLen() int { return 0 }

type classifierLane[T kernel.Float] struct {
	*trunkLane[T]
	net         *classifier[T]
	pooled      view[T]
	where       []int // of each maximum in the image
	z, slope    view[T]
	y           view[T]
	dy, dz, dp  view[T]
	da          image[T]
	out, dx, dt []T
}

func (c *classifier[T]) NewLane(max int) Lane[T] {
	rows := func(c channels) view[T] { return view[T]{make([]T, max*c.ld), c.ld, 0} }
	l := &classifierLane[T]{trunkLane: c.bind(max, nil), net: c,
		pooled: rows(c.l1.in), dp: rows(c.l1.in), where: make([]int, max*c.l1.in.ld),
		z: rows(c.l1.out), slope: rows(c.l1.out), dz: rows(c.l1.out), y: rows(c.l2.out), dy: rows(c.l2.out),
		out: make([]T, max*c.classes), dx: make([]T, max*c.InLen()), dt: make([]T, max),
	}
	l.da = l.share("da", c.c.Height, c.c.Width, c.l1.in)
	return l
}

func (l *classifierLane[T]) Forward(w *Weights[T], n int, x, t, cond []T, drop *rand.Rand) []T {
	l.n, l.w = n, w
	l.dropout = nil
	if l.drop != nil && drop != nil {
		l.dropout = l.drop
		l.drop.rng = drop
	}
	l.x.load(n, x)
	l.forward()
	maxPool(n, &l.last.y, l.pooled, l.where)
	l.net.l1.forward(w, n, l.pooled, l.z, false)
	z := l.z.x[:n*l.z.ld]
	kernel.GELU(z, l.slope.x[:len(z)], z)
	l.net.l2.forward(w, n, l.z, l.y, false)
	k := l.net.classes
	for s := range n {
		copy(l.out[s*k:][:k], l.y.x[s*l.y.ld:])
	}
	return l.out[:n*k]
}

func (l *classifierLane[T]) Backward(w *Weights[T], dout, grad []T) (dx, dt, dcond []T) {
	n, k := l.n, l.net.classes
	l.w, l.grad = w, grad
	for s := range n {
		copy(l.dy.x[s*l.dy.ld:], dout[s*k:][:k])
	}
	l.net.l2.gradient(1, n, l.z, 0, l.dy, 0, grad, l.scratch)
	l.net.l2.biasGradient(n, l.dy, grad, l.scratch)
	l.net.l2.backward(w, n, l.dy, l.dz, false)
	z := l.dz.x[:n*l.dz.ld]
	kernel.MulBy(z, l.slope.x[:len(z)])
	l.net.l1.gradient(1, n, l.pooled, 0, l.dz, 0, grad, l.scratch)
	l.net.l1.biasGradient(n, l.dz, grad, l.scratch)
	l.net.l1.backward(w, n, l.dz, l.dp, false)
	maxPoolGrad(n, &l.da, l.dp, l.where)
	l.backward(&l.da)
	l.trunkLane.dx.store(n, l.dx, nil)
	return l.dx[:n*l.net.InLen()], l.dt[:n], nil
}

// maxPool sets each row of y to the maxima of a sample's channels and where to their indices in the image, the first of equal ones.
func maxPool[T kernel.Float](n int, x *image[T], y view[T], where []int) {
	c := x.ch.ld
	for s := range n {
		row, at := y.x[s*y.ld:][:c], where[s*y.ld:][:c]
		for i := range x.h {
			for j := range x.w {
				p := x.start(s) + (i*(x.w+1)+j)*x.ld
				for k, v := range x.x[p : p+c] {
					// A NaN wins, and stays.
					if i+j == 0 || v > row[k] || v != v {
						row[k], at[k] = v, p+k
					}
				}
			}
		}
	}
}

// maxPoolGrad sets dx, of the image's shape, from the gradient by the maxima.
func maxPoolGrad[T kernel.Float](n int, dx *image[T], dy view[T], where []int) {
	c := dx.ch.ld
	clear(dx.x[:dx.start(n)])
	for s := range n {
		for k, p := range where[s*dy.ld:][:c] {
			dx.x[p] = dy.x[s*dy.ld+k]
		}
	}
}
