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

// clusters is a SIM task with two concepts.
func clusters(t *testing.T, n int) (*sim.Task, *diffusion.Mixture) {
	t.Helper()
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.5, .4}, N: n})
	if err != nil {
		t.Fatal(err)
	}
	mixture, err := diffusion.NewMixture(task)
	if err != nil {
		t.Fatal(err)
	}
	return task, mixture
}

// noisedSamples draws samples of the two clusters with noise.
func noisedSamples(rng *rand.Rand, n int, alpha, sigma float64) *mat.Dense {
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
	return z
}

// learnedMixture trains on the samples of a task.
func learnedMixture(t *testing.T) (*diffusion.Mixture, *diffusion.Generator) {
	t.Helper()
	task, mixture := clusters(t, 1<<18)
	data, err := task.Sample(sim.Sampling{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	net := diffusion.MLP(2, 32, 3)
	net.Time, net.TimeScale = 4, 3
	run, err := diffusion.Training{
		Model: diffusion.Model{Net: net, Schedule: diffusion.Schedule{Kind: "linear", Min: -6, Max: 6}, Preconditioning: mixture.Preconditioning()},
		Data:  diffusion.Rows(data.Inputs()), Antithetic: true, Weighting: "balanced",
		Batch: 1024, Steps: 8000, LR: .01, Decay: .9, EMA: .99, WeightDecay: -1, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return mixture, run.Generator
}

func TestMixtureScoreAndMoments(t *testing.T) {
	mixture, g := learnedMixture(t)
	// The score at every time that the model knows, from σ = .05 to 1: the root mean square of its error over samples of
	// that noise, relative to that of the score.
	rng := rand.New(rand.NewPCG(7, 7))
	for k := range 21 {
		time := float64(k) / 20
		alpha, sigma := diffusion.AlphaSigma(g.Gamma(time))
		z := noisedSamples(rng, 4000, alpha, sigma)
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
		t.Logf("t = %.2f, σ = %.3f: off by %.2f %%", time, sigma, 100*off)
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

// What Preconditioning leaves to the network is never more than 1, however large the score, and near 1 at little noise.
func TestPreconditioningLeavesNumbersUpToOne(t *testing.T) {
	_, mixture := clusters(t, 1)
	p := mixture.Preconditioning()
	if math.Abs(p.Within-.4) > 1e-12 || math.Abs(p.Std*p.Std-.5*(.25+.25+.16+.5625)) > 1e-12 {
		t.Errorf("the mixture has a standard deviation of %v, within clusters of %v", p.Std, p.Within)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for gamma := -8.; gamma <= 8; gamma += 2 {
		alpha, sigma := diffusion.AlphaSigma(gamma)
		v, u := alpha*alpha*p.Std*p.Std+sigma*sigma, alpha*alpha*p.Within*p.Within+sigma*sigma
		b := sigma * math.Sqrt(1/u-1/v)
		z := noisedSamples(rng, 4000, alpha, sigma)
		score, err := mixture.Score(z, alpha, sigma)
		if err != nil {
			t.Fatal(err)
		}
		var square [2]float64
		for i := range 4000 {
			for k := range 2 {
				f := (-sigma*score.At(i, k) - sigma/v*(z.At(i, k)-alpha*p.Mean[k])) / b
				square[k] += f * f / 4000
			}
		}
		rms := math.Sqrt((square[0] + square[1]) / 2)
		t.Logf("γ = %g: %.2f", gamma, rms)
		if !(rms < 1) || gamma <= -4 && rms < .5 {
			t.Errorf("at γ = %g the network has numbers of %.2f to learn, want at most 1, and at little noise at least .5", gamma, rms)
		}
	}
}

// The statistics of samples are those of the distribution they are from.
func TestPreconditioningOfData(t *testing.T) {
	task, mixture := clusters(t, 20000)
	samples, err := task.Sample(sim.Sampling{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := diffusion.Rows(samples.Inputs()).Preconditioning(2)
	if err != nil {
		t.Fatal(err)
	}
	want := mixture.Preconditioning()
	if math.Abs(got.Std-want.Std) > .01 || math.Abs(got.Mean[0]-want.Mean[0]) > .01 || math.Abs(got.Mean[1]-want.Mean[1]) > .01 || got.Within != 0 {
		t.Errorf("the samples give %v, the distribution %v", got, want)
	}
	if _, err := (diffusion.Data{X: make([]float32, 5)}).Preconditioning(2); err == nil || err.Error() != "diffusion: len(Data.X) is 5; want a multiple of the numbers of a sample, 2" {
		t.Errorf("5 numbers as samples of 2 give %v", err)
	}
	if _, err := (diffusion.Data{X: []float32{1, 2, 1, 2}}).Preconditioning(2); err == nil {
		t.Error("samples that are all the same have a preconditioning")
	}
}
