package layers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"swingby/simlib/internal/kernel"
)

// direct passes every sample through the network.
func direct[T kernel.Float](n *Net[T], s *Samples) float64 {
	return float64(n.Loss(n.Batch(s, nil, false)))
}

// follow makes the targets a linear function of the samples.
func follow(s *Samples, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	s.Map = make([]float64, s.In*s.Out)
	for i := range s.Map {
		s.Map[i] = rng.NormFloat64()
	}
	clear(s.Y)
	for i := range s.N {
		for k := range s.In {
			for o := range s.Out {
				s.Y[i*s.Out+o] += s.X[i*s.In+k] * s.Map[k*s.Out+o]
			}
		}
	}
}

// A judge's loss is that of the samples, whichever way it takes.
func TestJudge(t *testing.T) {
	for k, tt := range []struct {
		c     Config
		n     int
		shift float64 // of the samples, away from the kinks
		kinks bool
	}{
		{Config{Dims: []int{2, 64, 64}, Bias: true, Act: ReLU}, 700, 3, true},
		{Config{Dims: []int{2, 64, 64}, Bias: true, Act: ReLU}, 700, 100, true}, // nothing bent
		{Config{Dims: []int{2, 13, 5}, Act: ReLU}, 300, 0, true},                // everything bent
		{Config{Dims: []int{1, 10, 3}, Bias: true, Act: ReLU}, 1, 0, true},
		{Config{Dims: []int{4, 20, 9}, Bias: true, Act: ReLU}, 513, 1, true},
		{Config{Dims: []int{4, 20, 20, 9}, Bias: true, Act: ReLU}, 1100, 1, false},
		{Config{Dims: []int{3, 3, 3}, Bias: true, Act: ReLU}, 100, 1, false},
		{Config{Dims: []int{4, 9, 9}, Bias: true}, 500, 1, false},
		{Config{Dims: []int{9, 9}, Bias: true}, 500, 1, false},
	} {
		n := New[float64](tt.c, 1)
		rng := rand.New(rand.NewPCG(uint64(k), 4))
		for l := range n.Depth() {
			for i := range n.Dims[l] {
				for j := range n.Dims[l+1] {
					n.W[l][i*n.LD[l+1]+j] = rng.NormFloat64()
				}
			}
			for j := range n.Dims[l+1] {
				if n.Bias {
					n.B[l][j] = rng.NormFloat64()
				}
			}
		}
		s := points(uint64(k), tt.n, n.Dims[0], n.Dims[n.Depth()])
		for i := range s.X {
			s.X[i] += tt.shift
		}
		follow(s, uint64(k))
		j := n.Judge(s)
		if (j.kinks != nil) != tt.kinks {
			t.Errorf("%v is judged by kinks: %v", n.Dims, j.kinks != nil)
		}
		for turn := range 60 { // once more after each update, slow ones and fast ones
			got, want := j.Loss(), direct(n, s)
			if math.Abs(got-want) > 1e-11*want {
				t.Errorf("%v, shift %g, turn %d: loss %g, want %g", n.Dims, tt.shift, turn, got, want)
			}
			n.Descend(n.Batch(s, nil, false), 1, math.Pow(10, -4-float64(turn%3))/(1+tt.shift*tt.shift)/float64(tt.n))
		}
	}
}

// Where the network is not finite, neither is the loss.
func TestJudgeIsNotFinite(t *testing.T) {
	n := New[float64](Config{Dims: []int{2, 16, 16}, Bias: true, Act: ReLU}, 1)
	s := points(1, 20, 2, 16)
	follow(s, 1)
	n.W[0][3] = math.NaN()
	if got := n.Judge(s).Loss(); !math.IsNaN(got) {
		t.Errorf("the loss is %g", got)
	}
}

// The hull's corners are the extremes in every direction.
func TestHull(t *testing.T) {
	for seed := range uint64(5) {
		s := points(seed, 200, 2, 1)
		s.X = append(s.X, s.X[:20]...) // some of them twice
		c := hull(s.X)
		if len(c) > 100 {
			t.Errorf("%d corners of 200 points", len(c)/2)
		}
		for k := range 16 {
			sin, cos := math.Sincos(float64(k))
			far := func(x []float64) float64 {
				m := math.Inf(-1)
				for i := 0; i < len(x); i += 2 {
					m = max(m, x[i]*cos+x[i+1]*sin)
				}
				return m
			}
			if far(c) != far(s.X) {
				t.Errorf("in direction %d the hull reaches %g, the points %g", k, far(c), far(s.X))
			}
		}
	}
	for _, x := range [][]float64{{1, 2}, {1, 2, 1, 2}, {0, 0, 1, 1, 2, 2}} {
		if c := fmt.Sprint(hull(x)); c == "[]" {
			t.Errorf("no corner of %v", x)
		}
	}
}
