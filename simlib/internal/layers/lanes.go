package layers

import "swingby/simlib/internal/kernel"

// mostNarrow is the width up to which a network computes in lanes: from there on
// padded rows are full enough.
const mostNarrow = 8

// narrow reports whether every layer is.
func (c Config) narrow() bool {
	for _, d := range c.Dims {
		if d > mostNarrow {
			return false
		}
	}
	return !c.Tied
}

// forwardLanes is Forward for batches in lanes: h is outputs × samples, and the bias inputs stand under
// each layer's inputs as one more of them.
func (n *Net[T]) forwardLanes(b *Batch[T]) []T {
	n.h[0] = b.X
	for l := range n.Depth() {
		in, out := n.Dims[l], n.Dims[l+1]
		if n.Bias {
			if l > 0 {
				copy(n.h[l][in*b.ld:], b.One[:b.ld])
			}
			in++
		}
		h := n.h[l+1][:out*b.ld]
		kernel.Mul(out, b.ld, in, n.wb[l], 1, n.LD[l+1], n.h[l], b.ld, h, b.ld, false)
		if l+1 == n.Depth() {
			return h
		}
		switch n.Act {
		case ReLU:
			kernel.ReLU(h)
		case Custom:
			pre := n.pre[l+1][:len(h)]
			copy(pre, h)
			each(len(h), b.ld, b.Rows, func(i int) { h[i] = T(n.F(float64(pre[i]))) })
		}
	}
	return nil
}

// backwardLanes is backward for batches in lanes.
func (n *Net[T]) backwardLanes(b *Batch[T], scale T, g [][]T, add bool) T {
	out := n.Forward(b)
	now, other := 0, 1
	delta := n.delta[now][:len(out)]
	sum := kernel.Sub(delta, scale, out, b.Y)
	for l := n.Depth() - 1; l >= 0; l-- {
		in, out, ld := n.Dims[l], n.Dims[l+1], n.LD[l+1]
		var below []T
		if l > 0 {
			below = n.delta[other][:in*b.ld]
			kernel.Mul(in, b.ld, out, n.W[l], ld, 1, delta, b.ld, below, b.ld, false)
			switch n.Act {
			case ReLU:
				kernel.ReLUGrad(below, n.h[l][:len(below)])
			case Custom:
				pre := n.pre[l]
				each(len(below), b.ld, b.Rows, func(i int) { below[i] *= T(n.Slope(float64(pre[i]))) })
			}
		}
		if n.Bias {
			in++
		}
		turned := n.turned[l+1]
		kernel.Transpose(out, b.Rows, delta, b.ld, turned, ld)
		kernel.Mul(in, ld, b.Rows, n.h[l], b.ld, 1, turned, ld, g[l], ld, add)
		delta, now, other = below, other, now
	}
	return sum
}
