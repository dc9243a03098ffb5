// Command speed runs what install/bench/simlib.py measures PyTorch beside. It reads the name of a
// run from each line of its input, makes the run, and answers with the seconds that took.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
	"swingby/simlib/train"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		seconds, err := measure(in.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, "speed:", err)
			os.Exit(1)
		}
		fmt.Println(seconds)
	}
}

func measure(name string) (float64, error) {
	run, err := prepare(name)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	err = run()
	return time.Since(start).Seconds(), err
}

// shapes of the trainings: those of published runs, and the same with ReLU.
var shapes = map[string]struct {
	layers, d, h int
	relu         bool
}{
	"sgd_d3":        {3, 3, 3, false},
	"sgd_d2":        {4, 2, 4, false},
	"sgd_d3_relu":   {3, 3, 3, true},
	"sgd_d64":       {1, 64, 64, false},
	"sgd_d64_deep":  {4, 64, 64, false},
	"sgd_d64_relu":  {2, 64, 64, true},
	"sgd_d64_relu4": {4, 64, 64, true},
}

// released makes all published training runs, from seed to losses, with the loss over the test samples and the
// output at the probe at every update.
func released() error {
	ctx, commands := context.Background(), sim.Commands()
	return train.Each(ctx, len(commands), func(i int) error {
		t, err := train.Released(commands[i])
		if err != nil {
			return err
		}
		t.Record.Every = 1
		run, err := t.Run(ctx)
		if err != nil {
			return err
		}
		if want := 40*run.PerEpoch() + 1; len(run.HeldOutLoss().Y) != want {
			return fmt.Errorf("command %d: %d losses, want %d", commands[i].ID, len(run.HeldOutLoss().Y), want)
		}
		return nil
	})
}

// figures are the recurrences of the published theory figures: 5, with the rates of the code and of Equation 4.3, 8, as
// in the code and in the caption, 9 and 10.
var figures = []struct {
	axes  sim.Axes
	seed  uint64
	scale float64
	steps int
	rate  theory.Rate
}{
	{sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3}, 2333, 5, 2000, theory.RateA2},
	{sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3}, 2333, 5, 2000, theory.RateA},
	{sim.Axes{Mu: []float64{1, 1.7, 2.25}, Sigma: []float64{.5, .25, .25}}, 233333, 10, 10000, theory.RateA2},
	{sim.Axes{Mu: []float64{1, 1.5, 2.2}, Sigma: []float64{.05, .05, .05}}, 233333, 10, 10000, theory.RateA2},
	{sim.Axes{Mu: []float64{1, 1.5, 2.2, 2.7}, Sigma: []float64{.05, .05, .05, .05}}, 233333, 10, 10000, theory.RateA2},
	{sim.Axes{Mu: []float64{.7, 1.7, 3}, Sigma: []float64{.05, .05, .05}}, 233333, 10, 10000, theory.RateA2},
}

// theories makes the theory figures' runs with outputs and losses, at x̂ and over the training data, at every step.
func theories() error {
	ctx := context.Background()
	return train.Each(ctx, len(figures), func(i int) error {
		f := figures[i]
		task, err := sim.NewTask(f.axes)
		if err != nil {
			return err
		}
		w0, err := torch.UUT(f.seed, task.D(), f.scale)
		if err != nil {
			return err
		}
		run, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: f.steps, Rate: f.rate}.Run(ctx)
		if err != nil {
			return err
		}
		if n := len(run.TestLoss().Y) + len(run.TrainLoss().Y); n != 2*f.steps+2 {
			return fmt.Errorf("theory figure %d: %d losses, want %d", i, n, 2*f.steps+2)
		}
		run.TrainOutputs()
		return nil
	})
}

// prepare makes data and initialisation, and returns the run to be timed.
func prepare(name string) (func() error, error) {
	ctx := context.Background()
	switch name {
	case "released":
		return released, nil
	case "theory":
		return theories, nil
	case "recurrence":
		task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.7, 2.25}, Sigma: []float64{.5, .25, .25}})
		if err != nil {
			return nil, err
		}
		w0, err := torch.UUT(233333, 3, 10)
		if err != nil {
			return nil, err
		}
		return func() error {
			_, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 10000, Rate: theory.RateA2}.Run(ctx)
			return err
		}, nil
	case "sweep":
		task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.05, .05, .05}, D: 3})
		if err != nil {
			return nil, err
		}
		return func() error {
			turns := make([][]theory.Extremum, 1000)
			return train.Each(ctx, len(turns), func(i int) error {
				w0, err := torch.UUT(uint64(i), 3, 5)
				if err != nil {
					return err
				}
				run, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2}.Run(ctx)
				// A few initialisations leave the finite numbers: an update may make an
				// eigenvalue of W that is nearly zero negative, and it then grows.
				if diverged := (*theory.DivergedError)(nil); err != nil && !errors.As(err, &diverged) {
					return err
				}
				turns[i] = run.TestLoss().Extrema()
				return nil
			})
		}, nil
	}
	s, ok := shapes[name]
	if !ok {
		return nil, fmt.Errorf("there is no run called %q", name)
	}
	net := train.Net{D: s.d, Width: s.h, Layers: s.layers, Bias: true}
	if s.relu {
		net.Activation = train.ReLU
	}
	w0, err := net.Init(2333)
	if err != nil {
		return nil, err
	}
	// 5000 samples in each of three clusters, in random order.
	rng := rand.New(rand.NewPCG(2333, 0))
	x := mat.NewDense(15000, s.d, nil)
	for i := range 15000 {
		centre := [3][2]float64{{0, 0}, {1, 0}, {0, 2}}[rng.IntN(3)]
		for k, c := range centre {
			x.Set(i, k, c+.22*rng.NormFloat64())
		}
	}
	return func() error {
		_, err := train.Training{
			Net: net, W0: w0, X: x, Optimizer: train.SGD(.01), Batch: 128, Epochs: 40, Precision: train.Float32,
			Record: train.Record{Probes: []sim.Centroid{{Label: "x̂", X: append([]float64{1, 2}, make([]float64, s.d-2)...)}}},
		}.Run(ctx)
		return err
	}, nil
}
