package diffusion

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/nn"
)

// Method is a way to go from noise to a sample.
type Method int

const (
	// Ancestral draws z_s from the distribution that the model has for it, given z_t: the paper's. New noise enters at
	// every step, and at the end there is that of γ(0).
	Ancestral Method = iota
	// Deterministic follows the probability flow (Song, Meng, Ermon: Denoising Diffusion Implicit Models, 2021): a
	// sample depends on its first noise alone, and few steps do. Samples of two
	// models from the same noise show how the models differ.
	Deterministic
)

// String returns "ancestral" or "deterministic".
func (m Method) String() string {
	switch m {
	case Ancestral:
		return "ancestral"
	case Deterministic:
		return "deterministic"
	}
	return fmt.Sprintf("Method(%d)", int(m))
}

// Sampling says what samples to draw, and how.
type Sampling struct {
	// Conditions is what to show; nil is one condition that says nothing.
	Conditions []Condition
	// N is the number of samples of each condition; 0 stands for 1.
	N int
	// Method is how to go; the zero value is Ancestral.
	Method Method
	// Steps is the number of steps; 0 stands for 50.
	Steps int
	// Guidance w replaces the predicted noise ε̂ by ε̂(none) + w·(ε̂(condition) − ε̂(none)), where none is the condition that says
	// nothing (Ho, Salimans: Classifier-Free Diffusion Guidance, 2022); 0 stands for 1, no guidance. It needs a
	// model trained with DropCondition, and twice the time.
	Guidance float64
	// Low and High bound the numbers of the sample that is guessed at each step; no bounds if both are 0. Images lie in 0 … 1.
	Low, High float64
	// Seed chooses the noise. Sample i has a stream of its own: more samples are those there were and further ones.
	Seed uint64
	// Workers is the number of goroutines; 0 stands for the number of cores. The samples do not depend on it.
	Workers int
}

// maxSamples bounds what is drawn to 1 GiB.
const maxSamples = 1 << 28

// Check returns an error that names a field, its value and the values accepted.
func (s Sampling) Check() error {
	const field = "diffusion: Sampling."
	switch {
	case s.N < 0 || s.N > maxSamples:
		return check.Bad(field+"N", s.N, "1 or more, or 0 for 1")
	case s.Method != Ancestral && s.Method != Deterministic:
		return check.Bad(field+"Method", int(s.Method), "diffusion.Ancestral or diffusion.Deterministic")
	case s.Steps < 0 || s.Steps > 100000:
		return check.Bad(field+"Steps", s.Steps, "1 to 100000, or 0 for 50")
	case math.IsNaN(s.Guidance) || math.Abs(s.Guidance) > 1000:
		return check.Bad(field+"Guidance", s.Guidance, "a finite number; 0 or 1 for no guidance")
	case !(s.Low < s.High) && (s.Low != 0 || s.High != 0):
		return check.Bad(field+"Low", fmt.Sprintf("%g with High %g", s.Low, s.High), "Low below High, or both 0 for no bounds")
	case s.Workers < 0:
		return check.Bad(field+"Workers", s.Workers, "at least 1, or 0 for the number of cores")
	}
	return nil
}

// Samples are what a model made.
type Samples struct {
	// X holds the samples one after the other, Len numbers each: condition by condition.
	X   []float32
	Len int
	net Net
}

// N returns the number of samples.
func (s *Samples) N() int { return len(s.X) / s.Len }

// Rows returns the samples as the rows of a matrix, N×Len.
func (s *Samples) Rows() *mat.Dense {
	m := mat.NewDense(s.N(), s.Len, nil)
	for i, v := range s.X {
		m.Set(i/s.Len, i%s.Len, float64(v))
	}
	return m
}

// Images returns the samples as images. The error is for samples that are none.
func (s *Samples) Images() (*Images, error) {
	if s.net.Kind != "unet" || s.net.filled().Channels != 3 {
		return nil, check.Bad("diffusion: the network of these samples", s.net.Kind, "a U-Net of 3 channels, whose samples are images")
	}
	return &Images{Size: s.net.Size, X: s.X}, nil
}

// A Generator draws samples from a model. It does not change, and any number of goroutines may use it.
type Generator struct{ g source }

// source is a generator in either precision.
type source interface {
	sample(ctx context.Context, s Sampling) (*Samples, error)
	noise(z mat.Matrix, t float64, list []Condition) (*mat.Dense, error)
	gamma(t float64) float64
	model() Model
	save(path string) error
}

// Model returns the description of the model.
func (g *Generator) Model() Model { return g.g.model() }

// Gamma returns the schedule's γ(t), which training may have changed, for a t from 0 to 1; [AlphaSigma] makes α and σ of it.
func (g *Generator) Gamma(t float64) float64 { return g.g.gamma(t) }

// Save writes the generator to a file, in the place of one of that name only when it is complete; [Open] reads it.
func (g *Generator) Save(path string) error { return g.g.save(path) }

// Sample draws samples: N for each condition. It stops with ctx's error when ctx is done.
func (g *Generator) Sample(ctx context.Context, s Sampling) (*Samples, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return g.g.sample(ctx, s)
}

// Noise returns the noise ε̂ that the model predicts in noised samples z, one in each row, at time t from 0 to 1. There is one condition for
// each row, or one for all, or none.
func (g *Generator) Noise(z mat.Matrix, t float64, conditions ...Condition) (*mat.Dense, error) {
	return g.g.noise(z, t, conditions)
}

// Score returns the gradient of the log density of noised samples at z, one in each row, as the model has learned
// it: −ε̂/σ(t).
func (g *Generator) Score(z mat.Matrix, t float64, conditions ...Condition) (*mat.Dense, error) {
	eps, err := g.Noise(z, t, conditions...)
	if err != nil {
		return nil, err
	}
	_, sigma := AlphaSigma(g.Gamma(t))
	eps.Scale(-1/sigma, eps)
	return eps, nil
}

// Denoise returns the samples that the model guesses behind z: (z − σε̂)/α.
func (g *Generator) Denoise(z mat.Matrix, t float64, conditions ...Condition) (*mat.Dense, error) {
	x, err := g.Noise(z, t, conditions...)
	if err != nil {
		return nil, err
	}
	alpha, sigma := AlphaSigma(g.Gamma(t))
	x.Scale(-sigma, x)
	x.Add(x, z)
	x.Scale(1/alpha, x)
	return x, nil
}

// chunk is the number of samples computed together; the last bits of the numbers depend on it.
const chunk = 16

type generator[T kernel.Float] struct {
	a       *arch[T]
	w       []T
	weights *nn.Weights[T]
	step    int
	pool    *pool[T]
}

// pool keeps the lanes of generators of one architecture.
type pool[T kernel.Float] struct {
	mu    sync.Mutex
	lanes []nn.Lane[T]
}

func (g *generator[T]) lane() nn.Lane[T] {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	if n := len(g.pool.lanes); n > 0 {
		l := g.pool.lanes[n-1]
		g.pool.lanes = g.pool.lanes[:n-1]
		return l
	}
	return g.a.net.NewLane(chunk)
}

func (g *generator[T]) giveBack(l nn.Lane[T]) {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	g.pool.lanes = append(g.pool.lanes, l)
}

func newGenerator[T kernel.Float](a *arch[T], w []T, step int, p *pool[T]) *Generator {
	g := &generator[T]{a: a, w: append([]T(nil), w...), step: step, pool: p}
	g.weights = a.net.NewWeights()
	g.weights.W = g.w[:a.embed]
	g.weights.Changed()
	return &Generator{g}
}

func (g *generator[T]) model() Model { return g.a.m }

func (g *generator[T]) gamma(t float64) float64 {
	v, _ := g.a.gamma(g.w, t)
	return v
}

func (g *generator[T]) noise(z mat.Matrix, t float64, list []Condition) (*mat.Dense, error) {
	a := g.a
	n, d := z.Dims()
	switch {
	case d != a.len:
		return nil, check.Bad("diffusion: the columns of z", d, fmt.Sprintf("%d, the numbers of a sample", a.len))
	case !(t >= 0 && t <= 1):
		return nil, check.Bad("diffusion: t", t, "a time from 0 to 1")
	case len(list) > 1 && len(list) != n:
		return nil, check.Bad("diffusion: the number of conditions", len(list), fmt.Sprintf("%d, one for each row of z, or one for all", n))
	case len(list) == 0:
		list = make([]Condition, 1)
	}
	conds, err := a.m.Conditioning.read(list)
	if err != nil {
		return nil, err
	}
	lane := g.lane()
	defer g.giveBack(lane)
	out := mat.NewDense(n, d, nil)
	gamma := g.gamma(t)
	x, clock, cond := make([]T, chunk*d), make([]T, chunk), make([]T, chunk*a.cond)
	for lo := 0; lo < n; lo += chunk {
		m := min(chunk, n-lo)
		for i := range m {
			for k := range d {
				x[i*d+k] = T(z.At(lo+i, k))
			}
			clock[i] = T(a.clock(gamma))
			before(a.m.Preconditioning, gamma, x[i*d:(i+1)*d], x[i*d:(i+1)*d])
			a.condition(g.w, conds, min(lo+i, conds.n-1), false, cond[i*a.cond:(i+1)*a.cond])
		}
		eps := lane.Forward(g.weights, m, x, clock, cond, nil)
		for i := range m {
			after(a.m.Preconditioning, gamma, x[i*d:(i+1)*d], eps[i*d:(i+1)*d])
		}
		for i := range m * d {
			out.Set(lo+i/d, i%d, float64(eps[i]))
		}
	}
	return out, nil
}

func (g *generator[T]) sample(ctx context.Context, s Sampling) (*Samples, error) {
	list := s.Conditions
	if len(list) == 0 {
		list = make([]Condition, 1)
	}
	conds, err := g.a.m.Conditioning.read(list)
	if err != nil {
		return nil, err
	}
	each := max(s.N, 1)
	if each > maxSamples/g.a.len/len(list) {
		return nil, check.Bad("diffusion: Sampling.N", s.N, fmt.Sprintf("at most %d, for %d conditions", maxSamples/g.a.len/len(list), len(list)))
	}
	n := each * len(list)
	if s.Steps == 0 {
		s.Steps = 50
	}
	workers := s.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := &Samples{X: make([]float32, n*g.a.len), Len: g.a.len, net: g.a.m.Net}
	chunks := (n + chunk - 1) / chunk
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, chunks) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			lane := g.lane()
			defer g.giveBack(lane)
			d := newDrawer(g, lane)
			for {
				lo := int(next.Add(1)-1) * chunk
				if lo >= n || ctx.Err() != nil {
					return
				}
				hi := min(n, lo+chunk)
				d.draw(ctx, s, conds, each, lo, out.X[lo*g.a.len:hi*g.a.len])
			}
		}()
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("diffusion: sampling stopped: %w", err)
	}
	return out, nil
}

// drawer draws a chunk of samples at a time.
type drawer[T kernel.Float] struct {
	g              *generator[T]
	lane           nn.Lane[T]
	z, free, clock []T
	in             []T // what the network sees of z
	cond, none     []T
	pcgs           [chunk]*rand.PCG
	rngs           [chunk]*rand.Rand
}

func newDrawer[T kernel.Float](g *generator[T], lane nn.Lane[T]) *drawer[T] {
	a := g.a
	d := &drawer[T]{g: g, lane: lane, z: make([]T, chunk*a.len), free: make([]T, chunk*a.len), clock: make([]T, chunk),
		cond: make([]T, chunk*a.cond), none: make([]T, chunk*a.cond)}
	d.in = d.z
	if a.m.Preconditioning.Std != 0 {
		d.in = make([]T, len(d.z))
	}
	for i := range d.pcgs {
		d.pcgs[i] = rand.NewPCG(0, 0)
		d.rngs[i] = rand.New(d.pcgs[i])
	}
	return d
}

// draw fills out with the samples from number first on, of which each condition has so many.
func (d *drawer[T]) draw(ctx context.Context, s Sampling, conds *conditions, each, first int, out []float32) {
	a, g := d.g.a, d.g
	n := len(out) / a.len
	z := d.z[:n*a.len]
	for i := range n {
		seedStream(d.pcgs[i], s.Seed, streamSample, first+i, 0)
		for k := range a.len {
			z[i*a.len+k] = T(d.rngs[i].NormFloat64())
		}
		a.condition(g.w, conds, (first+i)/each, false, d.cond[i*a.cond:(i+1)*a.cond])
		a.condition(g.w, conds, (first+i)/each, true, d.none[i*a.cond:(i+1)*a.cond])
	}
	bounded := s.Low < s.High
	clamp := func(x float64) float64 {
		if bounded {
			return math.Max(s.Low, math.Min(s.High, x))
		}
		return x
	}
	for k := s.Steps; k >= 1; k-- {
		if ctx.Err() != nil {
			return
		}
		now, then := g.gamma(float64(k)/float64(s.Steps)), g.gamma(float64(k-1)/float64(s.Steps))
		eps := d.predict(s.Guidance, now, n)
		alpha, sigma := AlphaSigma(now)
		alphaS, sigmaS := AlphaSigma(then)
		c := -math.Expm1(then - now) // the share of the noise that this step takes away
		for i := range n {
			for j := i * a.len; j < (i+1)*a.len; j++ {
				v, e := float64(z[j]), float64(eps[j])
				x := clamp((v - sigma*e) / alpha)
				if s.Method == Ancestral {
					z[j] = T(alphaS*(v*(1-c)/alpha+c*x) + sigmaS*math.Sqrt(c)*d.rngs[i].NormFloat64())
					continue
				}
				if k == 1 {
					z[j] = T(x)
					continue
				}
				if bounded {
					e = (v - alpha*x) / sigma
				}
				z[j] = T(alphaS*x + sigmaS*e)
			}
		}
	}
	scale := 1.0
	if s.Method == Ancestral {
		scale, _ = AlphaSigma(g.gamma(0))
	}
	for j, v := range z {
		out[j] = float32(float64(v) / scale)
	}
}

// predict returns the noise predicted in the first n of z, guided if w says so.
func (d *drawer[T]) predict(w, gamma float64, n int) []T {
	a := d.g.a
	for i := range n {
		d.clock[i] = T(a.clock(gamma))
		before(a.m.Preconditioning, gamma, d.z[i*a.len:(i+1)*a.len], d.in[i*a.len:(i+1)*a.len])
	}
	guided := w != 0 && w != 1
	if guided {
		copy(d.free, d.lane.Forward(d.g.weights, n, d.in, d.clock, d.none, nil))
	}
	eps := d.lane.Forward(d.g.weights, n, d.in, d.clock, d.cond, nil)
	if guided {
		for j, e := range eps[:n*a.len] {
			eps[j] = d.free[j] + T(w)*(e-d.free[j])
		}
	}
	for i := range n {
		after(a.m.Preconditioning, gamma, d.in[i*a.len:(i+1)*a.len], eps[i*a.len:(i+1)*a.len])
	}
	return eps
}
