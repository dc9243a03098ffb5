package nn

import (
	"math/rand/v2"

	"swingby/simlib/internal/kernel"
)

type unet[T kernel.Float] struct {
	trunk[T]
	emb          embedding
	side         channels // of the time's embedding and the conditioning beside it
	time1, time2 *matrix[T]
	out          *matrix[T]
}

// NewUNet returns the denoiser of a configuration: its output has the shape of its input.
func NewUNet[T kernel.Float](c UNetConfig) (Net[T], error) {
	c.Levels = append([]int(nil), c.Levels...)
	if err := c.check("UNetConfig"); err != nil {
		return nil, err
	}
	u := &unet[T]{emb: newEmbedding(c.Time, c.TimeScale)}
	e := padded[T](c.Embed)
	u.side = e.beside(padded[T](c.Cond))
	u.time1 = u.linear("time1", padded[T](c.Time), e)
	u.time2 = u.linear("time2", e, e)
	u.build(c, &u.side)
	u.out = u.conv3("out", c.Height, c.Width, padded[T](c.Levels[0]), padded[T](c.In), true)
	u.inits[len(u.inits)-1].bound = 0
	return u, nil
}

func (u *unet[T]) InLen() int   { return u.c.Height * u.c.Width * u.c.In }
func (u *unet[T]) OutLen() int  { return u.InLen() }
func (u *unet[T]) CondLen() int { return u.c.Cond }

type unetLane[T kernel.Float] struct {
	*trunkLane[T]
	u           *unet[T]
	t           view[T] // sines and cosines of the times
	z, slope    view[T] // hidden layer of the time's perceptron
	dt, dz      view[T]
	y, dy       image[T] // output before the sum, and the gradient by it
	da          image[T]
	out, dx     []T
	dtime, dcon []T
}

func (u *unet[T]) NewLane(max int) Lane[T] {
	rows := func(c channels) view[T] { return view[T]{make([]T, max*c.ld), c.ld, 0} }
	cond := &condition[T]{x: rows(u.side), g: rows(u.side)}
	l := &unetLane[T]{trunkLane: u.bind(max, cond), u: u,
		t: rows(u.time1.in), dt: rows(u.time1.in), z: rows(u.time1.out), slope: rows(u.time1.out), dz: rows(u.time1.out),
		y:   newImage[T](max, u.c.Height, u.c.Width, u.out.out),
		dy:  newImage[T](max, u.c.Height, u.c.Width, u.out.out),
		out: make([]T, max*u.OutLen()), dx: make([]T, max*u.InLen()), dtime: make([]T, max), dcon: make([]T, max*u.c.Cond),
	}
	l.reserve(u.out, u.c.Width)
	l.da = l.share("da", u.c.Height, u.c.Width, u.out.in)
	return l
}

func (l *unetLane[T]) Forward(w *Weights[T], n int, x, t, cond []T, drop *rand.Rand) []T {
	l.n, l.w = n, w
	l.dropout = nil
	if l.drop != nil && drop != nil {
		l.dropout = l.drop
		l.drop.rng = drop
	}
	e := l.cond.x
	embed(l.u.emb, t[:n], l.t.x, l.t.ld)
	l.u.time1.forward(w, n, l.t, l.z, false)
	z := l.z.x[:n*l.z.ld]
	kernel.GELU(z, l.slope.x[:len(z)], z)
	l.u.time2.forward(w, n, l.z, e, false)
	c, at := l.u.c.Cond, l.u.time2.out.ld
	for s := range n {
		copy(e.x[s*e.ld+at:], cond[s*c:][:c])
	}
	l.x.load(n, x)
	l.forward()
	l.conv(l.u.out, &l.last.y, &l.y, l.u.out.biasRow(w), 0, false)
	l.y.store(n, l.out, x)
	return l.out[:n*l.u.OutLen()]
}

func (l *unetLane[T]) Backward(w *Weights[T], dout, grad []T) (dx, dt, dcond []T) {
	n := l.n
	l.w, l.grad = w, grad
	e := l.cond.g
	clear(e.x[:n*e.ld])
	l.dy.load(n, dout)
	out := l.u.out
	sum := l.scratch[:out.out.ld]
	l.dy.sum(n, sum, l.scratch[out.out.ld:])
	out.addBias(sum, grad)
	l.convBack(out, &l.last.y, &l.dy, &l.da)
	l.backward(&l.da)
	l.trunkLane.dx.store(n, l.dx, dout)
	c, at := l.u.c.Cond, l.u.time2.out.ld
	for s := range n {
		copy(l.dcon[s*c:][:c], e.x[s*e.ld+at:])
	}
	l.u.time2.gradient(1, n, l.z, 0, e, 0, grad, l.scratch)
	l.u.time2.biasGradient(n, e, grad, l.scratch)
	l.u.time2.backward(w, n, e, l.dz, false)
	z := l.dz.x[:n*l.dz.ld]
	kernel.MulBy(z, l.slope.x[:len(z)])
	l.u.time1.gradient(1, n, l.t, 0, l.dz, 0, grad, l.scratch)
	l.u.time1.biasGradient(n, l.dz, grad, l.scratch)
	l.u.time1.backward(w, n, l.dz, l.dt, false)
	embedGrad(l.u.emb, l.t.x, l.dt.x, l.dt.ld, l.dtime[:n])
	return l.dx[:n*l.u.InLen()], l.dtime[:n], l.dcon[:n*c]
}
