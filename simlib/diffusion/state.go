package diffusion

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/nn"
)

// A State is a training under way; [Training.Start] makes one. It is not for several goroutines at a time.
type State struct {
	t      Training
	s      stepper
	losses []Loss
	at     []int
}

// stepper is a state in either precision.
type stepper interface {
	// begin starts n goroutines, end ends them; advance does one update in between.
	begin(n int)
	end()
	advance() Loss
	done() int
	generator(t Training) *Generator
	save(t Training, path string) error
	load(t Training, path string) error
	gamma(t float64) float64
}

// Start checks the training and prepares it: at its initialisation, or where the file of Checkpoint left it.
func (t Training) Start() (*State, error) {
	conds, err := t.check()
	if err != nil {
		return nil, err
	}
	t = t.filled()
	s := &State{t: t, at: t.evaluations()}
	if t.Model.Float64 {
		s.s, err = newStepper[float64](t, conds)
	} else {
		s.s, err = newStepper[float32](t, conds)
	}
	if err != nil {
		return nil, err
	}
	if t.Checkpoint != "" {
		if _, err := os.Stat(t.Checkpoint); err == nil {
			if err := s.Load(t.Checkpoint); err != nil {
				return nil, err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("diffusion: %w", err)
		}
	}
	return s, nil
}

// Step returns the number of updates done.
func (s *State) Step() int { return s.s.done() }

// Losses returns the loss of each batch since Start.
func (s *State) Losses() []Loss { return append([]Loss(nil), s.losses...) }

// Generator returns what draws samples from the model as it is now, from the moving average of its parameters. Further updates do not change it.
func (s *State) Generator() *Generator { return s.s.generator(s.t) }

// Save writes the state to a file, in the place of one of that name only when it is complete.
func (s *State) Save(path string) error { return s.s.save(s.t, path) }

// Load takes over the state that Save wrote, of a training with the same model, data and settings; only Steps (without Decay), Workers and what is
// done at some steps may differ. After an error the state is as it was.
func (s *State) Load(path string) error {
	if err := s.s.load(s.t, path); err != nil {
		return err
	}
	s.losses = nil
	return nil
}

// Run does updates until so many are done in all, calling Evaluate and Progress and keeping checkpoints on the way; see [Training.Run]. At
// the step it begins with, Evaluate is called only if no update was made yet: a run cut in two evaluates once.
func (s *State) Run(ctx context.Context, steps int) error {
	if steps < 0 || steps > maxSteps {
		return check.Bad("diffusion: the number of updates", steps, fmt.Sprintf("0 to %d", maxSteps))
	}
	t := s.t
	workers := t.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	s.s.begin(workers)
	defer s.s.end()
	if room := steps - s.Step(); room > 0 && cap(s.losses)-len(s.losses) < room {
		grown := make([]Loss, len(s.losses), len(s.losses)+min(room, 1<<20))
		copy(grown, s.losses)
		s.losses = grown
	}
	first, last := s.Step(), time.Now()
	next := 0
	for next < len(s.at) && (s.at[next] < first || s.at[next] == first && first > 0) {
		next++
	}
	var latest Loss
	for {
		step := s.Step()
		if next < len(s.at) && s.at[next] == step {
			next++
			if err := t.Evaluate(step, s.Generator()); err != nil {
				return fmt.Errorf("diffusion: evaluation at step %d: %w", step, err)
			}
		}
		if t.Progress != nil && (step >= steps || time.Since(last) > 100*time.Millisecond) {
			last = time.Now()
			t.Progress(Progress{Step: step, Steps: steps, Loss: latest})
		}
		err := ctx.Err()
		if t.Checkpoint != "" && step > first && (err != nil || step >= steps || step%t.CheckpointEvery == 0) {
			if err := s.Save(t.Checkpoint); err != nil {
				return err
			}
		}
		if step >= steps {
			return nil
		}
		if err != nil {
			return fmt.Errorf("diffusion: stopped after %d of %d updates: %w", step, steps, err)
		}
		latest = s.s.advance()
		if l := latest.Total(); math.IsNaN(l) || math.IsInf(l, 0) {
			return &DivergedError{Step: step, LR: t.LR}
		}
		s.losses = append(s.losses, latest)
	}
}

// trainer is a state in one precision.
type trainer[T kernel.Float] struct {
	a     *arch[T]
	t     Training
	conds *conditions
	x     []T
	n     int

	w       []T // parameters in the layout of arch
	weights *nn.Weights[T]
	ema     []T
	opt     *nn.AdamW[T]
	step    int

	order *orderer
	pick  []int // samples of the batch
	times []float64
	lanes []*lane[T]
	rng   *rand.PCG
	pool  *pool[T] // for its generators

	crew    *nn.Crew
	update  *nn.Update[T]
	part    func(lane int)
	average func(part int)
}

// averaged is how many numbers of the moving average are one piece of work.
const averaged = 1 << 14

// lane computes a part of a batch.
type lane[T kernel.Float] struct {
	net             nn.Lane[T]
	lo, hi          int // its part of the batch
	grad            []T
	x, eps, z, dout []T
	in              []T // what the network sees of z; z itself without preconditioning
	clock, cond     []T
	none            []bool
	pcg             *rand.PCG
	rng             *rand.Rand
	loss            Loss
}

func newStepper[T kernel.Float](t Training, conds *conditions) (stepper, error) {
	a, err := newArch[T](t.Model)
	if err != nil {
		return nil, err
	}
	s := &trainer[T]{a: a, t: t, conds: conds, n: len(t.Data.X) / a.len, rng: rand.NewPCG(0, 0), pool: &pool[T]{}}
	if x, ok := any(t.Data.X).([]T); ok {
		s.x = x
	} else {
		s.x = make([]T, len(t.Data.X))
		for i, v := range t.Data.X {
			s.x[i] = T(v)
		}
	}
	s.w = make([]T, a.size)
	a.init(s.w, t.Seed)
	s.weights = a.net.NewWeights()
	s.weights.W = s.w[:a.embed]
	s.weights.Changed()
	if t.EMA > 0 {
		s.ema = append([]T(nil), s.w...)
	}
	s.opt = nn.NewAdamW[T](t.LR)
	s.opt.WeightDecay = t.WeightDecay
	s.opt.M, s.opt.V = make([]T, a.size), make([]T, a.size)
	s.order = newOrderer(s.n, t.Seed)
	s.pick, s.times = make([]int, t.Batch), make([]float64, t.Batch)
	for l := range t.Lanes {
		lo, hi := l*t.Batch/t.Lanes, (l+1)*t.Batch/t.Lanes
		m := hi - lo
		la := &lane[T]{net: a.net.NewLane(m), lo: lo, hi: hi, grad: make([]T, a.size),
			x: make([]T, m*a.len), eps: make([]T, m*a.len), z: make([]T, m*a.len), dout: make([]T, m*a.len),
			clock: make([]T, m), cond: make([]T, m*a.cond), none: make([]bool, m), pcg: rand.NewPCG(0, 0)}
		la.rng = rand.New(la.pcg)
		la.in = la.z
		if t.Model.Preconditioning.Std != 0 {
			la.in = make([]T, len(la.z))
		}
		s.lanes = append(s.lanes, la)
	}
	s.update = &nn.Update[T]{Opt: s.opt, W: s.w, Weights: s.weights}
	for _, l := range s.lanes {
		s.update.Grads = append(s.update.Grads, l.grad)
	}
	s.part = func(l int) { s.compute(s.lanes[l]) }
	s.average = func(part int) {
		keep := T(t.EMA)
		for i := part * averaged; i < min((part+1)*averaged, len(s.w)); i++ {
			s.ema[i] = keep*s.ema[i] + (1-keep)*s.w[i]
		}
	}
	return s, nil
}

func (s *trainer[T]) done() int { return s.step }

func (s *trainer[T]) gamma(t float64) float64 {
	g, _ := s.a.gamma(s.w, t)
	return g
}

func (s *trainer[T]) begin(n int) { s.crew = nn.NewCrew(min(n, len(s.lanes))) }

func (s *trainer[T]) end() { s.crew.Close() }

// advance does one update and returns the batch's loss before it.
func (s *trainer[T]) advance() Loss {
	t := s.t
	seedStream(s.rng, t.Seed, streamTimes, s.step, 0)
	u := float64(s.rng.Uint64()>>11) / (1 << 53)
	each := t.each()
	for i := range s.pick {
		s.pick[i] = s.order.at((s.step*t.Batch + i) / each)
		// Antithetic times: one draw, the others at equal distances from it around 0 … 1.
		v := u + float64(i/each*each)/float64(t.Batch)
		s.times[i] = v - math.Floor(v)
	}
	s.crew.Do(len(s.lanes), s.part)
	loss := s.lanes[0].loss
	for _, l := range s.lanes[1:] {
		loss.add(l.loss, 1)
	}
	s.opt.LR = t.rate(s.step)
	s.update.Do(s.crew)
	if s.ema != nil {
		s.crew.Do((len(s.w)+averaged-1)/averaged, s.average)
	}
	s.step++
	return loss
}

// compute adds up the loss and the gradient of one lane.
func (s *trainer[T]) compute(l *lane[T]) {
	a, n, share := s.a, l.hi-l.lo, 1/float64(s.t.Batch)
	seedStream(l.pcg, s.t.Seed, streamNoise, s.step, l.lo)
	clear(l.grad)
	for i := range n {
		from := s.pick[l.lo+i]
		x, eps := l.x[i*a.len:(i+1)*a.len], l.eps[i*a.len:(i+1)*a.len]
		copy(x, s.x[from*a.len:])
		if i%s.t.each() == 0 {
			for k := range eps {
				eps[k] = T(l.rng.NormFloat64())
			}
		} else {
			for k, v := range l.eps[(i-1)*a.len : i*a.len] {
				eps[k] = -v
			}
		}
		gamma, _ := a.gamma(s.w, s.times[l.lo+i])
		z := l.z[i*a.len : (i+1)*a.len]
		noised(z, x, eps, gamma)
		before(a.m.Preconditioning, gamma, z, l.in[i*a.len:(i+1)*a.len])
		l.clock[i] = T(a.clock(gamma))
		l.none[i] = s.t.DropCondition > 0 && l.rng.Float64() < s.t.DropCondition
		a.condition(s.w, s.conds, from, l.none[i], l.cond[i*a.cond:(i+1)*a.cond])
	}
	drop := l.rng
	if a.m.Net.Dropout == 0 {
		drop = nil
	}
	out := l.net.Forward(s.weights, n, l.in, l.clock, l.cond, drop)

	l.loss = Loss{}
	gamma0, _ := a.gamma(s.w, 0)
	gamma1, _ := a.gamma(s.w, 1)
	var bySlope, byIntercept float64
	for i := range n {
		x, eps := l.x[i*a.len:(i+1)*a.len], l.eps[i*a.len:(i+1)*a.len]
		t := s.times[l.lo+i]
		gamma, slope := a.gamma(s.w, t)
		in, pred, dout := l.in[i*a.len:(i+1)*a.len], out[i*a.len:(i+1)*a.len], l.dout[i*a.len:(i+1)*a.len]
		after(a.m.Preconditioning, gamma, in, pred)
		// The reconstruction's noise has the mean square 1: its mean instead of a draw.
		part, ds, d0, d1 := lossOf(x, eps, pred, slope, gamma0, gamma1, a.m.DataNoise, float64(a.len), share, dout)
		l.loss.add(part, share)
		if s.t.Weighting == "balanced" {
			weight := T(a.m.Preconditioning.balanced(gamma, slope))
			for k := range dout {
				dout[k] *= weight
			}
		}
		d := beforeBackward(a.m.Preconditioning, gamma, in, pred, dout)
		bySlope += ds + d1 + t*d
		byIntercept += d0 + d1 + d
	}
	dz, dclock, dcond := l.net.Backward(s.weights, l.dout, l.grad[:a.embed])
	span := a.m.Schedule.Max - a.m.Schedule.Min
	for i := range n {
		a.conditionGrad(l.grad, s.conds, s.pick[l.lo+i], l.none[i], dcond[i*a.cond:(i+1)*a.cond])
		if a.size == a.schedule {
			continue
		}
		t := s.times[l.lo+i]
		gamma, _ := a.gamma(s.w, t)
		dzi := dz[i*a.len : (i+1)*a.len]
		d := afterBackward(a.m.Preconditioning, gamma, l.in[i*a.len:(i+1)*a.len], l.dout[i*a.len:(i+1)*a.len], dzi)
		d += noisedByGamma(dzi, l.x[i*a.len:(i+1)*a.len], l.eps[i*a.len:(i+1)*a.len], gamma) + float64(dclock[i])/span
		bySlope += t * d
		byIntercept += d
	}
	if a.size > a.schedule {
		if s.w[a.schedule] < 0 {
			bySlope = -bySlope
		}
		l.grad[a.schedule] = T(bySlope)
		l.grad[a.schedule+1] = T(byIntercept)
	}
}

// orderer says which sample comes when: every epoch in a new order.
type orderer struct {
	seed  uint64
	epoch int
	perm  []int32
	pcg   *rand.PCG
	rng   *rand.Rand
}

func newOrderer(n int, seed uint64) *orderer {
	o := &orderer{seed: seed, epoch: -1, perm: make([]int32, n), pcg: rand.NewPCG(0, 0)}
	o.rng = rand.New(o.pcg)
	return o
}

// at returns the sample at a place in the sequence of all epochs.
func (o *orderer) at(i int) int {
	n := len(o.perm)
	if e := i / n; e != o.epoch {
		o.epoch = e
		seedStream(o.pcg, o.seed, streamOrder, e, 0)
		for k := range o.perm {
			o.perm[k] = int32(k)
		}
		for k := n - 1; k > 0; k-- {
			j := o.rng.IntN(k + 1)
			o.perm[k], o.perm[j] = o.perm[j], o.perm[k]
		}
	}
	return int(o.perm[i%n])
}
