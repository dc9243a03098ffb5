// Command speed runs what install/bench/diffusion.py measures PyTorch beside. It reads the name of a step from
// each line of its input, makes it some times, and answers with the seconds that the shortest took. With a name as argument it makes
// that step and prints the largest memory the process had, in bytes.
//
// A step is forward, backward and AdamW of a network on one batch of random numbers, on all cores: laptop and paper
// are the U-Nets of those presets. conv is a 3×3 convolution, forward and backward.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"swingby/simlib/internal/nn"
)

// A step to be measured: how many samples in how many lanes, and how often.
type step struct {
	c                   nn.UNetConfig
	batch, lanes, times int
}

var steps = map[string]step{
	"laptop": {nn.UNetConfig{Height: 16, Width: 16, Levels: []int{16, 32}, Blocks: 1, Cond: 4, Embed: 64, Dropout: .1}, 32, 8, 40},
	"paper":  {nn.UNetConfig{Height: 32, Width: 32, Levels: []int{64, 128, 256}, Blocks: 2, Cond: 11, Embed: 256, Dropout: .1, Heads: 4}, 8, 2, 2},
}

func main() {
	if len(os.Args) > 1 {
		run, times, err := prepare(os.Args[1])
		if err == nil {
			for range min(times, 3) {
				run()
			}
			var n int64
			if n, err = peak(); err == nil {
				fmt.Println(n)
				return
			}
		}
		fail(err)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		run, times, err := prepare(in.Text())
		if err != nil {
			fail(err)
		}
		run()
		best := time.Duration(1 << 62)
		for range times {
			start := time.Now()
			run()
			best = min(best, time.Since(start))
		}
		fmt.Println(best.Seconds())
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "speed:", err)
	os.Exit(1)
}

// prepare returns a step and how often to make it.
func prepare(name string) (run func(), times int, err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	crew := nn.NewCrew(runtime.GOMAXPROCS(0))
	if name == "conv" {
		const n, lanes = 32, 8
		c := nn.NewConv[float32](n, 32, 32, 32, 32, rng)
		l := make([]*nn.ConvLane[float32], lanes)
		for i := range lanes {
			l[i] = c.NewLane()
		}
		part := func(i int) {
			clear(l[i].Grad)
			c.Part(i*n/lanes, (i+1)*n/lanes, l[i])
		}
		return func() {
			c.Weights().Changed()
			crew.Do(lanes, part)
			for _, other := range l[1:] {
				for k, v := range other.Grad {
					l[0].Grad[k] += v
				}
			}
		}, 20, nil
	}
	s, ok := steps[name]
	if !ok {
		return nil, 0, fmt.Errorf("there is no step called %q", name)
	}
	net, err := nn.NewUNet[float32](s.c)
	if err != nil {
		return nil, 0, err
	}
	w := net.NewWeights()
	net.Init(w.W, rng)
	w.Changed()
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	x, target, cond := random(s.batch*net.InLen()), random(s.batch*net.InLen()), random(s.batch*net.CondLen())
	t := make([]float32, s.batch)
	for i := range t {
		t[i] = rng.Float32()
	}
	u := &nn.Update[float32]{Opt: nn.NewAdamW[float32](1e-3), W: w.W, Weights: w}
	lanes, dout, drop := make([]nn.Lane[float32], s.lanes), make([][]float32, s.lanes), make([]*rand.Rand, s.lanes)
	for i := range lanes {
		n := (i+1)*s.batch/s.lanes - i*s.batch/s.lanes
		lanes[i], dout[i], drop[i] = net.NewLane(n), make([]float32, n*net.OutLen()), rand.New(rand.NewPCG(3, uint64(i)))
		u.Grads = append(u.Grads, make([]float32, net.NumParams()))
	}
	// The squared error, averaged over all numbers.
	scale := 2 / float32(len(x))
	part := func(i int) {
		lo, hi := i*s.batch/s.lanes, (i+1)*s.batch/s.lanes
		clear(u.Grads[i])
		out := lanes[i].Forward(w, hi-lo, x[lo*net.InLen():hi*net.InLen()], t[lo:hi], cond[lo*net.CondLen():hi*net.CondLen()], drop[i])
		for k, v := range out {
			dout[i][k] = scale * (v - target[lo*net.InLen()+k])
		}
		lanes[i].Backward(w, dout[i], u.Grads[i])
	}
	return func() {
		crew.Do(s.lanes, part)
		u.Do(crew)
	}, s.times, nil
}
