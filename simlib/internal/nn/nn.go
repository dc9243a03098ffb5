// Package nn computes the networks of the diffusion models and their gradients: a U-Net for
// images, a perceptron for vectors, a classifier.
//
// # Shapes
//
// A network is an architecture, a [Net]. Its weights are one flat vector, kept with what is derived from
// it in [Weights]; gradients are a flat vector of the same layout, and [Net.Params] names the pieces. So an
// optimiser, an average of the weights or a checkpoint walks over one slice. Images are
// stored pixel by pixel (height, width, channel), and so are the weights: a convolution's have
// the shape [height, width, in, out], a linear layer's [in, out]. That is PyTorch's
// array with its axes in another order, and it is the order in which both the
// products and their gradients come out of the kernels, so nothing is rearranged in between.
//
// # Lanes
//
// A [Lane] has the buffers to compute up to a fixed number of samples, forwards and backwards, on one
// goroutine. A batch is cut into lanes, whose number must not depend on the machine; each has its
// gradient vector, any number of goroutines run them, a [Crew], and the gradients are added
// in the order of the lanes, by an [Update]. The result then is the same to the last bit on any number of cores. A
// lane does not allocate after it was made.
//
// # Padding
//
// Inside a lane a pixel's channels are padded with zeros to a multiple of the
// assembly's width, and images have a border of zeros, of which neighbours share theirs: one
// column between the rows of an image, one row between images. A convolution then is
// a matrix product whose rows overlap, without a copy. Where height and width are even, which is the rule, it takes the
// way of Winograd's transforms, in blocks of tiles that fit into the caches. Weights of the padding do not exist;
// panels of weights have zeros there.
//
// Every sum runs in a fixed order. With the build tag purego, or without AVX2,
// results differ by rounding.
package nn

import (
	"math/rand/v2"

	"swingby/simlib/internal/kernel"
)

// A Param is one named array of weights and its place in the flat vector. See the package
// comment for the order of its axes.
type Param struct {
	Name        string
	Shape       []int
	Offset, Len int
}

// A Net is an architecture with its layout of parameters. It holds no numbers, and any
// number of goroutines may use it.
type Net[T kernel.Float] interface {
	Params() []Param
	NumParams() int
	// InLen, OutLen and CondLen are the numbers a sample has as input, output and conditioning.
	InLen() int
	OutLen() int
	CondLen() int
	// Init draws PyTorch's default initialisation; where the architecture says so the weights are zero.
	Init(w []T, rng *rand.Rand)
	// NewWeights returns weights of zero; fill W, then call Changed.
	NewWeights() *Weights[T]
	// NewLane returns the buffers for up to max samples.
	NewLane(max int) Lane[T]
}

// A Lane computes some samples on one goroutine. Different lanes may run at once, with the same weights.
type Lane[T kernel.Float] interface {
	// Forward returns the network's output, n·OutLen numbers that are valid until the next call, for inputs x (n·InLen),
	// times t (n numbers from 0 to 1; a classifier ignores them) and conditionings
	// cond (n·CondLen). With a generator the dropout draws from it; without, the network is
	// evaluated as it is. The slices must not change before Backward.
	Forward(w *Weights[T], n int, x, t, cond []T, drop *rand.Rand) []T
	// Backward takes the gradient by the output of the Forward before it, made with the same weights. It adds to
	// grad the gradient by the weights and returns those by x, t and cond, valid until the next call.
	Backward(w *Weights[T], dout, grad []T) (dx, dt, dcond []T)
}

// Weights are the numbers of a network, and the panels that the kernels read.
type Weights[T kernel.Float] struct {
	// W is the flat vector. Call Changed after every change.
	W      []T
	panels []T
	layout *layout[T]
}

// Changed makes the panels anew from W. Lanes that run at that time would see a mixture.
func (w *Weights[T]) Changed() {
	for _, m := range w.layout.matrices {
		m.pack(w.W, w.panels)
	}
}

// layout collects the parameters of a network while it is put together.
type layout[T kernel.Float] struct {
	params   []Param
	n        int
	panels   int
	scratch  int // the longest padded gradient or row of a matrix
	matrices []*matrix[T]
	inits    []initializer
}

// An initializer draws one parameter uniformly between ±bound around centre.
type initializer struct {
	offset, n     int
	centre, bound float64
}

func (l *layout[T]) Params() []Param { return l.params }
func (l *layout[T]) NumParams() int  { return l.n }

func (l *layout[T]) Init(w []T, rng *rand.Rand) {
	for _, p := range l.inits {
		for i := range p.n {
			v := p.centre
			if p.bound > 0 {
				v += p.bound * (2*rng.Float64() - 1)
			}
			w[p.offset+i] = T(v)
		}
	}
}

func (l *layout[T]) NewWeights() *Weights[T] {
	w := &Weights[T]{W: make([]T, l.n), panels: make([]T, l.panels), layout: l}
	w.Changed()
	return w
}

// add appends a parameter and returns its offset.
func (l *layout[T]) add(name string, centre, bound float64, shape ...int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	l.params = append(l.params, Param{Name: name, Shape: shape, Offset: l.n, Len: n})
	l.inits = append(l.inits, initializer{l.n, n, centre, bound})
	l.n += n
	return l.n - n
}
