// Package layers computes small networks of linear layers and their gradients
// in either precision: what packages model and train share.
//
// A layer computes h = W x + c b for every row of a batch, where c is the row's
// bias input, 1 for a sample. Weights are kept transposed, an input to a row,
// and rows are padded with zeros to what package kernel likes; pads stay zero
// through every pass.
//
// # Fewer rows than samples
//
// For a network without activation and the squared error, a batch counts only
// through the sums of products Zᵀ Z of its rows z = (x, 1, y). Any other
// rows R with RᵀR = ZᵀZ give the same loss and gradient, and [Net.Batch] finds
// the fewest: the triangular factor of Z, of as many rows as Z has rank. Their
// bias input is no longer 1, which is why it is kept for every row. A cluster
// task with s concepts has at most s + 1 such rows, whatever the dimension and
// the number of samples.
//
// # Lanes
//
// A network of a few units a layer would leave most of a padded row empty. Its batches are
// kept the other way round, a coordinate to a row and the samples side by side; see lanes.go.
//
// # A loss asked for at every update
//
// [Net.Judge] prepares the loss over samples that stay the same: a few rows of a linear network, and of
// a ReLU layer sums of products that change only with the samples a unit's kink passes; see kinks.go.
package layers

import (
	"swingby/simlib/internal/kernel"
)

// Activation names what stands between two layers.
type Activation int

const (
	// Linear is no activation.
	Linear Activation = iota
	// ReLU is max(x, 0).
	ReLU
	// Custom is a pair of functions.
	Custom
)

// Config describes a network.
type Config struct {
	// Dims holds the input's dimension and each layer's.
	Dims []int
	Bias bool
	// Tied makes the second of two layers the transpose of the first, f = U Uᵀ x, without biases. Its only
	// parameter, W[0], is U.
	Tied bool
	Act  Activation
	// F and Slope are the custom activation and its derivative.
	F, Slope func(float64) float64
}

// Depth returns the number of layers.
func (c Config) Depth() int { return len(c.Dims) - 1 }

// IsLinear reports whether the network's output is linear in its input.
func (c Config) IsLinear() bool { return c.Act == Linear || c.Depth() == 1 }

// Net holds a network's parameters, their gradients and the buffers for a batch.
type Net[T kernel.Float] struct {
	Config
	// LD holds the padded dimensions.
	LD []int
	// W[l] is the transposed matrix of layer l, Dims[l] rows of stride LD[l+1], and B[l]
	// its bias, LD[l+1] numbers. Of a tied network W[1] is computed from W[0].
	W, B [][]T
	// GW and GB are the gradients, laid out as W and B.
	GW, GB [][]T

	lanes  bool  // whether a batch's samples lie side by side
	wb, gb [][]T // a layer's matrix with its bias as a last row: what W and B, GW and GB are parts of

	h, pre [][]T // h[l] is the input of layer l, pre[l] its argument of a custom activation
	delta  [2][]T
	wt     []T
	turned [][]T // of lanes: errors at each layer's output, a sample to a row
	rows   int
}

// Batch is a set of rows: inputs, bias inputs and targets.
type Batch[T kernel.Float] struct {
	Rows int
	// X and Y have rows of the padded first and last dimension. In lanes they hold a coordinate to
	// a row of stride ld, and X has the bias inputs as a last one.
	X, Y []T
	// One holds the bias input of each row.
	One []T
	// Count is the number of samples the rows stand for.
	Count int

	ld int // 0 for no lanes
}

// New returns a network of zeros with room for batches of the given number of rows.
func New[T kernel.Float](c Config, rows int) *Net[T] {
	n := &Net[T]{Config: c, lanes: c.narrow()}
	widest := 0
	for _, d := range c.Dims {
		n.LD = append(n.LD, kernel.Padded[T](d))
		widest = max(widest, kernel.Padded[T](d))
	}
	room := func(l int) (wb, w, b []T) {
		size := c.Dims[l] * n.LD[l+1]
		wb = make([]T, size+n.LD[l+1])
		return wb, wb[:size:size], wb[size:]
	}
	for l := range c.Depth() {
		wb, w, b := room(l)
		n.wb, n.W, n.B = append(n.wb, wb), append(n.W, w), append(n.B, b)
		wb, w, b = room(l)
		n.gb, n.GW, n.GB = append(n.gb, wb), append(n.GW, w), append(n.GB, b)
	}
	if !n.lanes {
		n.wt = make([]T, widest*widest)
	}
	n.grow(rows)
	return n
}

func (n *Net[T]) grow(rows int) {
	if rows <= n.rows {
		return
	}
	n.rows = rows
	room := func(l int) int { // numbers at the input of layer l
		if n.lanes {
			return (n.Dims[l] + 1) * kernel.Padded[T](rows)
		}
		return n.LD[l] * rows
	}
	widest := 0
	n.h, n.pre, n.turned = make([][]T, len(n.Dims)), make([][]T, len(n.Dims)), make([][]T, len(n.Dims))
	for l := 1; l < len(n.Dims); l++ {
		n.h[l] = make([]T, room(l))
		if n.Act == Custom && l < n.Depth() {
			n.pre[l] = make([]T, room(l))
		}
		if n.lanes {
			n.turned[l] = make([]T, rows*n.LD[l])
		}
		widest = max(widest, room(l))
	}
	n.delta[0], n.delta[1] = make([]T, widest), make([]T, widest)
}

// Params returns the slices that hold the parameters, and their gradients beside them.
func (n *Net[T]) Params() (params, grads [][]T) {
	for l := range n.W {
		if l > 0 && n.Tied {
			break
		}
		params, grads = append(params, n.W[l]), append(grads, n.GW[l])
		if n.Bias {
			params, grads = append(params, n.B[l]), append(grads, n.GB[l])
		}
	}
	return params, grads
}

// Forward computes the outputs, which [Net.Output] reads until the next call.
func (n *Net[T]) Forward(b *Batch[T]) []T {
	n.grow(b.Rows)
	if n.lanes {
		return n.forwardLanes(b)
	}
	if n.Tied {
		kernel.Transpose(n.Dims[0], n.Dims[1], n.W[0], n.LD[1], n.W[1], n.LD[2])
	}
	n.h[0] = b.X
	for l, w := range n.W {
		in, ld := n.Dims[l], n.LD[l+1]
		out := n.h[l+1][:b.Rows*ld]
		if n.Bias {
			kernel.Mul(b.Rows, ld, 1, b.One, 1, 0, n.B[l], ld, out, ld, false)
		}
		kernel.Mul(b.Rows, ld, in, n.h[l], n.LD[l], 1, w, ld, out, ld, n.Bias)
		if l+1 < n.Depth() {
			n.activate(l+1, out)
		}
	}
	return n.h[n.Depth()][:b.Rows*n.LD[n.Depth()]]
}

func (n *Net[T]) activate(l int, h []T) {
	switch n.Act {
	case ReLU:
		kernel.ReLU(h)
	case Custom:
		pre := n.pre[l][:len(h)]
		copy(pre, h)
		each(len(h), n.LD[l], n.Dims[l], func(i int) { h[i] = T(n.F(float64(pre[i]))) })
	}
}

// each calls f for the first elements of rows of a stride: those that are no padding.
func each(size, stride, first int, f func(i int)) {
	for row := 0; row < size; row += stride {
		for i := row; i < row+first; i++ {
			f(i)
		}
	}
}

// Output writes the outputs for row i of the batch that Forward was called with last.
func (n *Net[T]) Output(b *Batch[T], i int, dst []float64) {
	out, across, down := n.h[n.Depth()], n.LD[n.Depth()], 1
	if n.lanes {
		across, down = 1, b.ld
	}
	for k := range dst {
		dst[k] = float64(out[i*across+k*down])
	}
}

// Loss returns Σ ‖f(x) − y‖² over the rows.
func (n *Net[T]) Loss(b *Batch[T]) T {
	out := n.Forward(b)
	return kernel.Sub(n.delta[0][:len(out)], 1, out, b.Y)
}

// Gradient sets GW and GB to the gradient of scale/2 · Σ ‖f(x) − y‖² and returns the sum.
func (n *Net[T]) Gradient(b *Batch[T], scale T) T {
	if n.lanes {
		return n.backwardLanes(b, scale, n.gb, false)
	}
	return n.backward(b, scale, n.GW, n.GB, false)
}

// Descend subtracts rate times that gradient from the parameters, and returns the sum before.
func (n *Net[T]) Descend(b *Batch[T], scale, rate T) T {
	if n.lanes {
		return n.backwardLanes(b, -rate*scale, n.wb, true)
	}
	return n.backward(b, -rate*scale, n.W, n.B, true)
}

// backward is linear in scale. Where gw and gb are the parameters themselves, the error is
// taken through a layer before that layer changes.
func (n *Net[T]) backward(b *Batch[T], scale T, gw, gb [][]T, add bool) T {
	out := n.Forward(b)
	now, other := 0, 1
	delta := n.delta[now][:len(out)]
	sum := kernel.Sub(delta, scale, out, b.Y)
	for l := n.Depth() - 1; l >= 0; l-- {
		in, ldIn, ld := n.Dims[l], n.LD[l], n.LD[l+1]
		var below []T
		if l > 0 {
			// W[0] of a tied network is what transposing W[1] would give.
			wt := n.W[0]
			if !n.Tied {
				wt = n.wt[:n.Dims[l+1]*ldIn]
				kernel.Transpose(in, n.Dims[l+1], n.W[l], ld, wt, ldIn)
			}
			below = n.delta[other][:b.Rows*ldIn]
			kernel.Mul(b.Rows, ldIn, n.Dims[l+1], delta, ld, 1, wt, ldIn, below, ldIn, false)
			n.slope(l, below)
		}
		if n.Tied && l > 0 {
			// U's share as the second layer, transposed.
			kernel.Mul(n.Dims[l+1], ldIn, b.Rows, delta, 1, ld, n.h[l], ldIn, gw[0], ldIn, add)
		} else {
			kernel.Mul(in, ld, b.Rows, n.h[l], 1, ldIn, delta, ld, gw[l], ld, add || n.Tied)
		}
		if n.Bias {
			kernel.Mul(1, ld, b.Rows, b.One, 0, 1, delta, ld, gb[l], ld, add)
		}
		delta, now, other = below, other, now
	}
	return sum
}

// slope multiplies the error at the input of layer l by the activation's slope there.
func (n *Net[T]) slope(l int, delta []T) {
	switch n.Act {
	case ReLU:
		kernel.ReLUGrad(delta, n.h[l][:len(delta)])
	case Custom:
		pre := n.pre[l]
		each(len(delta), n.LD[l], n.Dims[l], func(i int) { delta[i] *= T(n.Slope(float64(pre[i]))) })
	}
}
