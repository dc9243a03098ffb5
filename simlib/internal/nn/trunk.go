package nn

import (
	"fmt"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
)

// A trunk is a U-Net from an image to the channels of its first level, at every pixel, before the last layer.
type trunk[T kernel.Float] struct {
	layout[T]
	c      UNetConfig
	in     *matrix[T]
	downs  []level[T] // all levels; the last is the bottom
	middle *attention[T]
	ups    []level[T] // all levels but the bottom
	last   *norm[T]
}

// A level is blocks at one resolution and the way from it (down) or to it (up).
type level[T kernel.Float] struct {
	blocks []*block[T]
	sample *resample[T]
}

// UNetConfig describes a U-Net. From the image a 3×3 convolution leads to the first level; each level has Blocks residual
// blocks, and a 2×2 convolution with stride 2 leads to the next. The way up mirrors it: a transposed 2×2 convolution, whose result is put
// beside what the level gave on the way down, and Blocks residual blocks. The last level is passed once. Then
// follow GroupNorm, GELU and a 3×3 convolution, zero at the start, and the sum with the input.
type UNetConfig struct {
	Height, Width int   // of the images, divisible by 2 for each level after the first
	In            int   // channels of the images, 3 if zero
	Levels        []int // channels of each level, divisible by Groups
	Blocks        int   // residual blocks of a level each way, 2 if zero
	Groups        int   // of GroupNorm, 8 if zero
	// Cond is the length of the conditioning vector, may be 0. It goes, beside the time's embedding, into every residual block.
	Cond int
	// Time is the dimension of the sines and cosines of the time, even, 64 if zero; TimeScale their highest angular frequency,
	// 1000 if zero. Two linear layers with GELU between make Embed numbers of them, 4·Levels[0] if zero.
	Time      int
	TimeScale float64
	Embed     int
	Dropout   float64 // probability, 0 ≤ Dropout < 1
	// Attention heads after the first block of the last level, 0 for none. Its channels must be divisible by it.
	Heads int
}

// check completes a configuration.
func (c *UNetConfig) check(name string) error {
	for _, f := range []struct {
		v       *int
		usually int
	}{{&c.In, 3}, {&c.Blocks, 2}, {&c.Groups, 8}, {&c.Time, 64}} {
		if *f.v == 0 {
			*f.v = f.usually
		}
	}
	if c.TimeScale == 0 {
		c.TimeScale = 1000
	}
	name = "nn: " + name
	if n := len(c.Levels); n == 0 || n > 8 {
		return check.Bad(name+".Levels", c.Levels, "the channels of 1 to 8 levels")
	}
	for i, n := range c.Levels {
		if g := max(c.Groups, 1); n < 1 || n > 1<<12 || n%g != 0 {
			return check.Bad(fmt.Sprintf("%s.Levels[%d]", name, i), n, fmt.Sprintf("a number of channels from 1 to 4096 that is divisible by Groups, %d", g))
		}
	}
	if c.Embed == 0 {
		c.Embed = 4 * c.Levels[0]
	}
	for _, f := range []struct {
		name     string
		v, least int
	}{{"Height", c.Height, 1}, {"Width", c.Width, 1}, {"In", c.In, 1}, {"Blocks", c.Blocks, 1}, {"Groups", c.Groups, 1},
		{"Cond", c.Cond, 0}, {"Embed", c.Embed, 1}, {"Heads", c.Heads, 0}} {
		if f.v < f.least || f.v > 1<<12 {
			return check.Bad(name+"."+f.name, f.v, fmt.Sprintf("an integer from %d to 4096", f.least))
		}
	}
	by := 1 << (len(c.Levels) - 1)
	for _, f := range []struct {
		name string
		v    int
	}{{"Height", c.Height}, {"Width", c.Width}} {
		if f.v%by != 0 {
			return check.Bad(name+"."+f.name, f.v, fmt.Sprintf("a multiple of %d, for %d levels halve the image %d times", by, len(c.Levels), len(c.Levels)-1))
		}
	}
	if err := checkTime(name, c.Time, c.TimeScale); err != nil {
		return err
	}
	if !(c.Dropout >= 0 && c.Dropout <= .99) {
		return check.Bad(name+".Dropout", c.Dropout, "a probability from 0 to 0.99")
	}
	if last := c.Levels[len(c.Levels)-1]; c.Heads > 0 && last%c.Heads != 0 {
		return check.Bad(name+".Heads", c.Heads, fmt.Sprintf("a divisor of the last level's channels, %d", last))
	}
	return nil
}

// build adds the parameters, with an embedding for the blocks or without.
func (u *trunk[T]) build(c UNetConfig, emb *channels) {
	u.c = c
	first := padded[T](c.Levels[0])
	u.in = u.conv3("in", c.Height, c.Width, dense(c.In), first, false)
	blocks := func(name string, level int, in, ch channels) (r []*block[T]) {
		for i := range c.Blocks {
			r = append(r, u.block(fmt.Sprintf("%s.block%d", name, i), c.Height>>level, c.Width>>level, c.Groups, emb, in, ch))
			in = ch
		}
		return r
	}
	for i, n := range c.Levels {
		ch, name := padded[T](n), fmt.Sprintf("down%d", i)
		l := level[T]{blocks: blocks(name, i, ch, ch)}
		if i+1 < len(c.Levels) {
			l.sample = u.down(name+".conv", ch, padded[T](c.Levels[i+1]))
		} else if c.Heads > 0 {
			u.middle = u.attention("attention", c.Heads, ch)
		}
		u.downs = append(u.downs, l)
	}
	u.ups = make([]level[T], len(c.Levels)-1)
	for i := len(u.ups) - 1; i >= 0; i-- {
		ch, name := padded[T](c.Levels[i]), fmt.Sprintf("up%d", i)
		u.ups[i].sample = u.up(name+".conv", padded[T](c.Levels[i+1]), ch)
		u.ups[i].blocks = blocks(name, i, ch.beside(ch), ch)
	}
	u.last = u.norm("last.norm", c.Groups, first)
}

// A step is a layer bound to its buffers.
type step[T kernel.Float] interface {
	forward(p *pass[T])
	backward(p *pass[T])
}

// A trunkLane is a trunk with its buffers.
type trunkLane[T kernel.Float] struct {
	pass[T]
	max     int
	trunk   *trunk[T]
	x, h, g image[T] // input, after the first convolution, and the gradient there
	dx      image[T] // gradient by the input
	steps   []step[T]
	last    *normAct[T]
	dlast   image[T] // gradient by the last block's output
	cond    *condition[T]
	drop    *dropout[T]
	shared  map[string]image[T]
}

// share returns a buffer that layers of the same shape have in common.
func (u *trunkLane[T]) share(what string, h, w int, ch channels) image[T] {
	key := fmt.Sprint(what, h, w, ch.ld)
	im, ok := u.shared[key]
	if !ok {
		im = newImage[T](u.max, h, w, ch)
		u.shared[key] = im
	}
	im.ch = ch
	return im
}

// reserve makes room for the tiles of a convolution of images of width w.
func (u *trunkLane[T]) reserve(m *matrix[T], w int) {
	if !m.winograd {
		return
	}
	n := 16 * w / 2 * m.tileRows(w/2) * max(tileStep[T](m.in.ld), tileStep[T](m.out.ld))
	if n > len(u.tiles[0]) {
		u.tiles[0], u.tiles[1] = make([]T, n), make([]T, n)
	}
}

// bind makes the lane. Gradients by what flows from layer to layer alternate between two buffers of a
// shape, since a layer needs only that by its output and that by its input at a time.
func (u *trunk[T]) bind(max int, cond *condition[T]) *trunkLane[T] {
	c := u.c
	l := &trunkLane[T]{trunk: u, max: max, cond: cond, shared: map[string]image[T]{}}
	l.scratch = make([]T, u.scratch)
	if c.Dropout > 0 {
		l.drop = newDropout[T](c.Dropout)
	}
	turn := 0
	gradient := func(h, w int, ch channels) image[T] {
		turn++
		return l.share(fmt.Sprint("gradient", turn%2), h, w, ch)
	}
	first := padded[T](c.Levels[0])
	h, w := c.Height, c.Width
	l.x = newImage[T](max, h, w, dense(c.In))
	l.dx = newImage[T](max, h, w, padded[T](c.In))
	x, g := newImage[T](max, h, w, first), gradient(h, w, first)
	l.h, l.g = x, g
	// add binds a layer from the present image to the next, y.
	add := func(bind func(x, y, dx, dy image[T]) step[T], y, dy image[T]) {
		l.steps = append(l.steps, bind(x, y, g, dy))
		x, g = y, dy
	}
	addBlock := func(b *block[T], y, dy image[T]) {
		add(func(x, y, dx, dy image[T]) step[T] { return l.bindBlock(b, x, y, dx, dy) }, y, dy)
	}
	addSample := func(r *resample[T], y, dy image[T]) {
		add(func(x, y, dx, dy image[T]) step[T] { return l.bindResample(r, x, y, dx, dy) }, y, dy)
	}
	// What comes from below and from the side, and the gradient by both.
	cats, dcats := make([]image[T], len(u.ups)), make([]image[T], len(u.ups))
	for i, down := range u.downs {
		ch := padded[T](c.Levels[i])
		for j, b := range down.blocks {
			if down.sample != nil && j+1 == len(down.blocks) {
				cats[i], dcats[i] = newImage[T](max, h, w, ch.beside(ch)), newImage[T](max, h, w, ch.beside(ch))
				addBlock(b, cats[i].part(ch.ld, ch), dcats[i].part(ch.ld, ch))
				break
			}
			addBlock(b, newImage[T](max, h, w, ch), gradient(h, w, ch))
			if j == 0 && u.middle != nil && down.sample == nil {
				add(func(x, y, dx, dy image[T]) step[T] { return l.bindAttention(u.middle, x, y, dx, dy) }, newImage[T](max, h, w, ch), gradient(h, w, ch))
			}
		}
		if down.sample != nil {
			h, w = h/2, w/2
			next := padded[T](c.Levels[i+1])
			addSample(down.sample, newImage[T](max, h, w, next), gradient(h, w, next))
		}
	}
	for i := len(u.ups) - 1; i >= 0; i-- {
		ch := padded[T](c.Levels[i])
		h, w = 2*h, 2*w
		addSample(u.ups[i].sample, cats[i].part(0, ch), dcats[i].part(0, ch))
		x, g = cats[i], dcats[i]
		for _, b := range u.ups[i].blocks {
			addBlock(b, newImage[T](max, h, w, ch), gradient(h, w, ch))
		}
	}
	l.last = newNormAct(u.last, max, x, false)
	l.dlast = g
	return l
}

func (l *trunkLane[T]) forward() {
	l.pass.conv(l.trunk.in, &l.x, &l.h, l.trunk.in.biasRow(l.w), 0, false)
	for _, s := range l.steps {
		s.forward(&l.pass)
	}
	l.last.forward(&l.pass)
}

// backward takes the gradient by the output of last, which it uses up.
func (l *trunkLane[T]) backward(dy *image[T]) {
	l.last.backward(&l.pass, dy, &l.dlast, false)
	for i := len(l.steps) - 1; i >= 0; i-- {
		l.steps[i].backward(&l.pass)
	}
	in := l.trunk.in
	sum := l.scratch[:in.out.ld]
	l.g.sum(l.n, sum, l.scratch[in.out.ld:])
	in.addBias(sum, l.grad)
	l.pass.convBack(in, &l.x, &l.g, &l.dx)
}
