package nn

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

func TestCrew(t *testing.T) {
	for _, size := range []int{1, 2, 5} {
		c := NewCrew(size)
		for _, n := range []int{0, 1, 3, 200} { // more pieces than the queue holds
			done := make([]atomic.Int32, n)
			c.Do(n, func(i int) { done[i].Add(1) })
			for i := range done {
				if done[i].Load() != 1 {
					t.Fatalf("piece %d of %d is done %d times by a crew of %d", i, n, done[i].Load(), size)
				}
			}
		}
		c.Close()
	}
}

// steps trains a network for three steps on lanes shared by a crew.
func steps(t *testing.T, size int) []float32 {
	t.Helper()
	net := unetOf[float32](t, UNetConfig{Height: 8, Width: 8, Levels: []int{16, 32}, Blocks: 1, Cond: 2, Dropout: .2})
	const lanes, n = 3, 2
	rng := rand.New(rand.NewPCG(1, 2))
	w := net.NewWeights()
	net.Init(w.W, rng)
	w.Changed()
	x, ts, cond := random[float32](rng, lanes*n*net.InLen(), 1), times[float32](rng, lanes*n), random[float32](rng, lanes*n*net.CondLen(), 1)
	u := &Update[float32]{Opt: NewAdamW[float32](1e-2), W: w.W, Weights: w}
	var lane [lanes]Lane[float32]
	var drop [lanes]*rand.Rand
	for i := range lane {
		lane[i], drop[i] = net.NewLane(n), rand.New(rand.NewPCG(3, uint64(i)))
		u.Grads = append(u.Grads, make([]float32, net.NumParams()))
	}
	part := func(i int) {
		clear(u.Grads[i])
		in, c := net.InLen(), net.CondLen()
		out := lane[i].Forward(w, n, x[i*n*in:][:n*in], ts[i*n:][:n], cond[i*n*c:][:n*c], drop[i])
		lane[i].Backward(w, out, u.Grads[i])
	}
	crew := NewCrew(size)
	defer crew.Close()
	step := func() {
		crew.Do(lanes, part)
		u.Do(crew)
	}
	for range 3 {
		step()
	}
	r := append([]float32(nil), w.W...)
	if a := testing.AllocsPerRun(3, step); a != 0 {
		t.Errorf("a step of a crew of %d makes %v allocations", size, a)
	}
	return r
}

// Training gives the same bits whatever the number of goroutines.
func TestCrewSizeChangesNothing(t *testing.T) {
	want := steps(t, 1)
	for _, size := range []int{2, 4} {
		for i, v := range steps(t, size) {
			if v != want[i] {
				t.Fatalf("weight %d is %v with a crew of %d and %v alone", i, v, size, want[i])
			}
		}
	}
}

// An update is what adding, AdamW and packing do one after the other.
func TestUpdate(t *testing.T) {
	net := mlpOf[float64](t, MLPConfig{Dim: 3, Hidden: 150, Layers: 2})
	rng := rand.New(rand.NewPCG(5, 5))
	a, b := net.NewWeights(), net.NewWeights()
	net.Init(a.W, rng)
	copy(b.W, a.W)
	b.Changed()
	grads := [][]float64{random[float64](rng, len(a.W), 1), random[float64](rng, len(a.W), 1)}
	sum := append([]float64(nil), grads[0]...)
	for i, v := range grads[1] {
		sum[i] += v
	}
	crew := NewCrew(2)
	defer crew.Close()
	u := Update[float64]{Opt: NewAdamW[float64](.1), W: a.W, Grads: grads, Weights: a}
	u.Do(crew)
	NewAdamW[float64](.1).Step(b.W, sum)
	b.Changed()
	for i := range a.W {
		if a.W[i] != b.W[i] {
			t.Fatalf("weight %d is %v, want %v", i, a.W[i], b.W[i])
		}
	}
	for i := range a.panels {
		if a.panels[i] != b.panels[i] {
			t.Fatalf("panel number %d is %v, want %v", i, a.panels[i], b.panels[i])
		}
	}
}

// A convolution by itself, cut in parts, is the same as in one.
func TestConv(t *testing.T) {
	c := NewConv[float64](4, 6, 8, 16, 8, rand.New(rand.NewPCG(1, 1)))
	whole, parts := c.NewLane(), c.NewLane()
	c.Part(0, 4, whole)
	y, dx := append([]float64(nil), c.y.x...), append([]float64(nil), c.dx.x...)
	c.Part(0, 1, parts)
	c.Part(1, 4, parts)
	for i, v := range parts.Grad {
		if d := v - whole.Grad[i]; d > 1e-10 || d < -1e-10 {
			t.Fatalf("gradient %d is %v in parts and %v in one", i, v, whole.Grad[i])
		}
	}
	for i := range y {
		if c.y.x[i] != y[i] {
			t.Fatalf("output %d is %v in parts and %v in one", i, c.y.x[i], y[i])
		}
	}
	for i := range dx {
		if c.dx.x[i] != dx[i] {
			t.Fatalf("gradient by input %d is %v in parts and %v in one", i, c.dx.x[i], dx[i])
		}
	}
}
