package layers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// draw returns a network with random parameters and the same one in the other layout.
func draw(c Config, seed uint64) (rows, lanes *Net[float64]) {
	rng := rand.New(rand.NewPCG(seed, 1))
	lanes = New[float64](c, 1)
	rows = New[float64](c, 1)
	rows.lanes, rows.rows = false, 0
	rows.wt = make([]float64, 16*16)
	rows.grow(1)
	for l := range lanes.Depth() {
		for i := range c.Dims[l] {
			for j := range c.Dims[l+1] {
				v := rng.NormFloat64()
				lanes.W[l][i*lanes.LD[l+1]+j], rows.W[l][i*rows.LD[l+1]+j] = v, v
			}
		}
		for j := range c.Dims[l+1] {
			if c.Bias {
				v := rng.NormFloat64()
				lanes.B[l][j], rows.B[l][j] = v, v
			}
		}
	}
	return rows, lanes
}

func points(seed uint64, n, in, out int) *Samples {
	rng := rand.New(rand.NewPCG(seed, 2))
	s := &Samples{N: n, In: in, Out: out, X: make([]float64, n*in), Y: make([]float64, n*out)}
	for _, x := range [][]float64{s.X, s.Y} {
		for i := range x {
			x[i] = rng.NormFloat64()
		}
	}
	return s
}

func worst(a, b []float64) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(a[i]-b[i]))
	}
	return most
}

// Both layouts give the same outputs, losses, gradients and updates, also after a larger or smaller batch.
func TestLanesAreRows(t *testing.T) {
	// The cosine is not 0 at 0, so that pads would show.
	for k, c := range []Config{
		{Dims: []int{3, 3}},
		{Dims: []int{3, 3}, Bias: true},
		{Dims: []int{2, 5, 4}, Bias: true, Act: ReLU},
		{Dims: []int{2, 8, 1, 3}, Act: ReLU},
		{Dims: []int{1, 4, 4, 2}, Bias: true, Act: Custom, F: math.Cos, Slope: func(x float64) float64 { return -math.Sin(x) }},
	} {
		rows, lanes := draw(c, uint64(k))
		if !lanes.lanes {
			t.Fatalf("%v is not narrow", c.Dims)
		}
		for step, n := range []int{7, 40, 1, 16} {
			s := points(uint64(step), n, c.Dims[0], c.Dims[len(c.Dims)-1])
			br, bl := rows.Batch(s, nil, false), lanes.Batch(s, nil, false)
			what := fmt.Sprintf("%v, %d samples", c.Dims, n)
			rows.Forward(br)
			lanes.Forward(bl)
			for i := range n {
				yr, yl := make([]float64, s.Out), make([]float64, s.Out)
				rows.Output(br, i, yr)
				lanes.Output(bl, i, yl)
				if w := worst(yr, yl); w > 1e-11 {
					t.Errorf("%s: output %d is off by %g", what, i, w)
				}
			}
			lr, ll := rows.Gradient(br, .5), lanes.Gradient(bl, .5)
			if math.Abs(lr-ll) > 1e-12*lr {
				t.Errorf("%s: loss %g, want %g", what, ll, lr)
			}
			for l := range rows.GW {
				size := max(1, worst(rows.GW[l], make([]float64, len(rows.GW[l]))))
				if w := worst(rows.GW[l], lanes.GW[l]); w > 1e-12*size {
					t.Errorf("%s: the gradient of layer %d is off by %g", what, l, w)
				}
				if w := worst(rows.GB[l], lanes.GB[l]); c.Bias && w > 1e-12*size {
					t.Errorf("%s: the bias' gradient of layer %d is off by %g", what, l, w)
				}
			}
			rows.Descend(br, 1, 1e-6)
			lanes.Descend(bl, 1, 1e-6)
			for l := range rows.W {
				if w := worst(rows.W[l], lanes.W[l]); w > 1e-12 {
					t.Errorf("%s: layer %d is off by %g after an update", what, l, w)
				}
			}
		}
	}
}
