package nn

import (
	"math/rand/v2"
	"testing"
)

// laptop is the small network of the presets, paper the published one.
var (
	laptop = UNetConfig{Height: 16, Width: 16, Levels: []int{16, 32}, Blocks: 1, Cond: 4, Embed: 64, Dropout: .1}
	paper  = UNetConfig{Height: 32, Width: 32, Levels: []int{64, 128, 256}, Blocks: 2, Cond: 11, Embed: 256, Dropout: .1, Heads: 4}
)

// A lane's step, forwards, backwards and AdamW, in float32 on one core.
func benchmarkStep(b *testing.B, c UNetConfig, n int) {
	net, err := NewUNet[float32](c)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	w, lane := net.NewWeights(), net.NewLane(n)
	net.Init(w.W, rng)
	for i := range w.W {
		w.W[i] += .02 * float32(rng.NormFloat64())
	}
	w.Changed()
	x, t, cond := random[float32](rng, n*net.InLen(), 1), times[float32](rng, n), random[float32](rng, n*net.CondLen(), 1)
	grad, opt := make([]float32, net.NumParams()), NewAdamW[float32](1e-3)
	b.ReportMetric(float64(net.NumParams()), "params")
	for b.Loop() {
		clear(grad)
		out := lane.Forward(w, n, x, t, cond, rng)
		lane.Backward(w, out, grad)
		opt.Step(w.W, grad)
		w.Changed()
	}
}

func BenchmarkLaptop(b *testing.B) { benchmarkStep(b, laptop, 8) }
func BenchmarkPaper(b *testing.B)  { benchmarkStep(b, paper, 2) }
