package nn

import (
	"fmt"
	"math/rand/v2"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
)

// MLPConfig describes a denoiser for vectors: the input, an embedding of the time and the conditioning side by
// side go through a linear layer and GELU, then through Layers−1 layers h + GELU(Wh + b), then through a last linear
// layer, whose output is added to the input.
type MLPConfig struct {
	Dim    int // of the vectors
	Cond   int // numbers of conditioning, may be 0
	Hidden int // width, 128 if zero
	Layers int // hidden layers, 3 if zero
	// Time is the dimension of the time's embedding, even, 32 if zero; TimeScale its highest angular frequency,
	// 100 if zero: times run from 0 to 1.
	Time      int
	TimeScale float64
}

func (c *MLPConfig) complete() error {
	for _, f := range []struct {
		v       *int
		usually int
	}{{&c.Hidden, 128}, {&c.Layers, 3}, {&c.Time, 32}} {
		if *f.v == 0 {
			*f.v = f.usually
		}
	}
	if c.TimeScale == 0 {
		c.TimeScale = 100
	}
	for _, f := range []struct {
		name  string
		v     int
		least int
	}{{"Dim", c.Dim, 1}, {"Cond", c.Cond, 0}, {"Hidden", c.Hidden, 1}, {"Layers", c.Layers, 1}} {
		if f.v < f.least || f.v > 1<<16 {
			return check.Bad("nn: MLPConfig."+f.name, f.v, fmt.Sprintf("an integer from %d to 65536", f.least))
		}
	}
	if err := checkTime("nn: MLPConfig", c.Time, c.TimeScale); err != nil {
		return err
	}
	return nil
}

func checkTime(config string, dim int, scale float64) error {
	if dim < 2 || dim%2 != 0 || dim > 1<<12 {
		return check.Bad(config+".Time", dim, "an even number from 2 to 4096, half sines and half cosines")
	}
	if !(scale > 0) || scale > 1e6 {
		return check.Bad(config+".TimeScale", scale, "a number above 0, up to 1e6")
	}
	return nil
}

type mlp[T kernel.Float] struct {
	layout[T]
	c      MLPConfig
	emb    embedding
	in     channels
	layers []*matrix[T]
	last   *matrix[T]
}

// NewMLPDenoiser returns the network of a configuration.
func NewMLPDenoiser[T kernel.Float](c MLPConfig) (Net[T], error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	n := &mlp[T]{c: c, emb: newEmbedding(c.Time, c.TimeScale), in: padded[T](c.Dim + c.Time + c.Cond)}
	in, hidden := n.in, padded[T](c.Hidden)
	for i := range c.Layers {
		n.layers = append(n.layers, n.linear(fmt.Sprintf("layer%d", i), in, hidden))
		in = hidden
	}
	n.last = n.linear("out", hidden, padded[T](c.Dim))
	return n, nil
}

func (n *mlp[T]) InLen() int   { return n.c.Dim }
func (n *mlp[T]) OutLen() int  { return n.c.Dim }
func (n *mlp[T]) CondLen() int { return n.c.Cond }

type mlpLane[T kernel.Float] struct {
	*mlp[T]
	n           int
	e, de       view[T]   // input of the first layer and the gradient by it
	h, slope    []view[T] // output of each hidden layer, and the slope of its GELU
	dh, dz      view[T]
	last, dlast view[T]
	scratch     []T
	out         []T
	dx, dt, dc  []T
}

func (n *mlp[T]) NewLane(max int) Lane[T] {
	rows := func(c channels) view[T] { return view[T]{make([]T, max*c.ld), c.ld, 0} }
	hidden, out := n.last.in, n.last.out
	l := &mlpLane[T]{mlp: n,
		e: rows(n.in), de: rows(n.in), dh: rows(hidden), dz: rows(hidden), last: rows(out), dlast: rows(out),
		scratch: make([]T, n.scratch),
		out:     make([]T, max*n.c.Dim), dx: make([]T, max*n.c.Dim), dt: make([]T, max), dc: make([]T, max*n.c.Cond),
	}
	for range n.layers {
		l.h, l.slope = append(l.h, rows(hidden)), append(l.slope, rows(hidden))
	}
	return l
}

func (l *mlpLane[T]) Forward(w *Weights[T], n int, x, t, cond []T, drop *rand.Rand) []T {
	l.n = n
	d, ld := l.c.Dim, l.e.ld
	for i := range n {
		row := l.e.x[i*ld:]
		copy(row, x[i*d:][:d])
		copy(row[d+l.c.Time:], cond[i*l.c.Cond:][:l.c.Cond])
	}
	embed(l.emb, t[:n], l.e.x[d:], ld)
	in := l.e
	for i, layer := range l.layers {
		h := l.h[i]
		layer.forward(w, n, in, h, false)
		all := h.x[:n*h.ld]
		kernel.GELU(all, l.slope[i].x[:len(all)], all)
		if i > 0 {
			kernel.AddScaled(all, 1, in.x[:len(all)])
		}
		in = h
	}
	l.mlp.last.forward(w, n, in, l.last, false)
	for i := range n {
		for k := range d {
			l.out[i*d+k] = l.last.x[i*l.last.ld+k] + x[i*d+k]
		}
	}
	return l.out[:n*d]
}

func (l *mlpLane[T]) Backward(w *Weights[T], dout, grad []T) (dx, dt, dcond []T) {
	n, d := l.n, l.c.Dim
	for i := range n {
		copy(l.dlast.x[i*l.dlast.ld:], dout[i*d:][:d])
	}
	top := l.h[len(l.h)-1]
	l.mlp.last.gradient(1, n, top, 0, l.dlast, 0, grad, l.scratch)
	l.mlp.last.biasGradient(n, l.dlast, grad, l.scratch)
	l.mlp.last.backward(w, n, l.dlast, l.dh, false)
	for i := len(l.layers) - 1; i >= 0; i-- {
		layer, in := l.layers[i], l.e
		if i > 0 {
			in = l.h[i-1]
		}
		all := l.dz.x[:n*l.dz.ld]
		copy(all, l.dh.x)
		kernel.MulBy(all, l.slope[i].x[:len(all)])
		layer.gradient(1, n, in, 0, l.dz, 0, grad, l.scratch)
		layer.biasGradient(n, l.dz, grad, l.scratch)
		if i > 0 {
			layer.backward(w, n, l.dz, l.dh, true)
		} else {
			layer.backward(w, n, l.dz, l.de, false)
		}
	}
	ld := l.de.ld
	for i := range n {
		row := l.de.x[i*ld:]
		for k := range d {
			l.dx[i*d+k] = row[k] + dout[i*d+k]
		}
		copy(l.dc[i*l.c.Cond:][:l.c.Cond], row[d+l.c.Time:])
	}
	embedGrad(l.emb, l.e.x[d:], l.de.x[d:], ld, l.dt[:n])
	return l.dx[:n*d], l.dt[:n], l.dc[:n*l.c.Cond]
}
