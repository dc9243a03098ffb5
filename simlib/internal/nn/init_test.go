package nn

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"swingby/simlib/internal/kernel"
)

// Weights start between ±1/√fan-in, as PyTorch draws them, and where they are zero the network starts as the identity.
func TestInit(t *testing.T) {
	c := UNetConfig{Height: 8, Width: 8, Levels: []int{16, 32}, Blocks: 2, Cond: 3, Heads: 4, Dropout: .5}
	net := unetOf[float32](t, c)
	w := net.NewWeights()
	net.Init(w.W, rand.New(rand.NewPCG(1, 2)))
	w.Changed()
	zero := map[string]bool{"out.weight": true, "out.bias": true}
	for _, p := range net.Params() {
		x := w.W[p.Offset:][:p.Len]
		most, sum := 0.0, 0.0
		for _, v := range x {
			most, sum = max(most, math.Abs(float64(v))), sum+float64(v)
		}
		norm := strings.Contains(p.Name, "norm")
		switch {
		case zero[p.Name] || strings.Contains(p.Name, "conv2.") || norm && strings.HasSuffix(p.Name, "bias"):
			if most != 0 {
				t.Errorf("%s starts with numbers up to %v, want 0", p.Name, most)
			}
		case norm:
			if sum != float64(p.Len) || most != 1 {
				t.Errorf("%s starts with sum %v of %d, want ones", p.Name, sum, p.Len)
			}
		case strings.HasSuffix(p.Name, "weight"):
			fan := 1
			for _, d := range p.Shape[:len(p.Shape)-1] {
				fan *= d
			}
			if len(p.Shape) == 4 && strings.HasPrefix(p.Name, "up") && strings.HasSuffix(p.Name, "conv.weight") {
				fan = 4 * p.Shape[3] // a transposed convolution's is by its output
			}
			bound := 1 / math.Sqrt(float64(fan))
			if most > bound || most < .9*bound {
				t.Errorf("%s starts with numbers up to %v, want nearly %v", p.Name, most, bound)
			}
		}
	}
	x := random[float32](rand.New(rand.NewPCG(3, 4)), net.InLen(), 1)
	for i, v := range net.NewLane(1).Forward(w, 1, x, []float32{.3}, []float32{1, 2, 3}, rand.New(rand.NewPCG(5, 6))) {
		if v != x[i] {
			t.Fatalf("output %d of the new network is %v, want the input %v", i, v, x[i])
		}
	}
}

func TestDropout(t *testing.T) {
	d := newDropout[float64](.1)
	d.rng = rand.New(rand.NewPCG(1, 2))
	const h, w, c = 20, 30, 18 // not a multiple of the four numbers that share a draw
	y, slope := make([]float64, h*w*c), make([]float64, h*w*c)
	for i := range y {
		y[i], slope[i] = 1, 2
	}
	g := func(x []float64) kernel.Grid[float64] { return kernel.Grid[float64]{X: x, LD: c, Row: w * c} }
	d.mask(h, w, c, g(y), g(slope))
	gone := 0
	for i, v := range y {
		if slope[i] != 2*v {
			t.Fatalf("number %d is times %v and its slope times %v", i, v, slope[i]/2)
		}
		if v == 0 {
			gone++
		} else if math.Abs(v-1/.9) > 1e-4 {
			t.Fatalf("number %d is times %v, want 0 or 1/0.9", i, v)
		}
	}
	// Five standard deviations.
	if n := float64(len(y)); math.Abs(float64(gone)-.1*n) > 5*math.Sqrt(n*.09) {
		t.Errorf("%d of %d numbers are gone, want a tenth", gone, len(y))
	}
}
