package diffusion_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/diffusion"
	"swingby/simlib/sim"
)

// learnedMixture trains on the samples of a SIM task with two concepts.
func learnedMixture(t *testing.T) (*diffusion.Mixture, *diffusion.Generator) {
	t.Helper()
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.5, .4}, N: 32768})
	if err != nil {
		t.Fatal(err)
	}
	data, err := task.Sample(sim.Sampling{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	mixture, err := diffusion.NewMixture(task)
	if err != nil {
		t.Fatal(err)
	}
	net := diffusion.MLP(2, 32, 2)
	net.Time = 16
	run, err := diffusion.Training{
		Model: diffusion.Model{Net: net, Schedule: diffusion.Schedule{Kind: "linear", Min: -6, Max: 6}},
		Data:  diffusion.Rows(data.Inputs()),
		Batch: 512, Steps: 6000, LR: 5e-3, Decay: .7, EMA: .99, WeightDecay: -1, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return mixture, run.Generator
}

func TestMixtureScoreAndMoments(t *testing.T) {
	mixture, g := learnedMixture(t)
	// The score, where the noised samples are, from σ = .29 on: less than the clusters' own spread.
	rng := rand.New(rand.NewPCG(7, 7))
	for _, time := range []float64{.3, .4, .5, .6, .75, .9} {
		alpha, sigma := diffusion.AlphaSigma(g.Gamma(time))
		const n = 2000
		z := mat.NewDense(n, 2, nil)
		for i := range n {
			mu, sd := [2]float64{1, 0}, [2]float64{.5, .4}
			if i%2 == 1 {
				mu = [2]float64{0, 1.5}
			}
			for k := range 2 {
				z.Set(i, k, alpha*(mu[k]+sd[k]*rng.NormFloat64())+sigma*rng.NormFloat64())
			}
		}
		learned, err := g.Score(z, time)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := mixture.Score(z, alpha, sigma)
		if err != nil {
			t.Fatal(err)
		}
		learned.Sub(learned, exact)
		off := mat.Norm(learned, 2) / mat.Norm(exact, 2)
		t.Logf("t = %g: off by %.2f %%", time, 100*off)
		if !(off < .05) {
			t.Errorf("at t = %g the learned score is off by %.1f %% of the exact one, want less than 5 %%", time, 100*off)
		}
	}
	// The moments of what it draws.
	for _, method := range []diffusion.Method{diffusion.Ancestral, diffusion.Deterministic} {
		s, err := g.Sample(context.Background(), diffusion.Sampling{N: 8192, Method: method, Steps: 100, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		x := s.Rows()
		mean, cov := mixture.Mean(), mixture.Covariance()
		for k := range 2 {
			m := 0.0
			for i := range s.N() {
				m += x.At(i, k) / float64(s.N())
			}
			sd := math.Sqrt(cov.At(k, k))
			t.Logf("%v: mean %d is %.4f, exactly %.4f", method, k, m, mean[k])
			if math.Abs(m-mean[k]) > .05*sd {
				t.Errorf("%v: mean %d is %.4f, want %.4f", method, k, m, mean[k])
			}
			for l := range 2 {
				c := 0.0
				for i := range s.N() {
					c += (x.At(i, k) - mean[k]) * (x.At(i, l) - mean[l]) / float64(s.N())
				}
				t.Logf("%v: covariance %d%d is %.4f, exactly %.4f", method, k, l, c, cov.At(k, l))
				if math.Abs(c-cov.At(k, l)) > .06*math.Sqrt(cov.At(k, k)*cov.At(l, l)) {
					t.Errorf("%v: covariance %d%d is %.4f, want %.4f", method, k, l, c, cov.At(k, l))
				}
			}
		}
	}
}
