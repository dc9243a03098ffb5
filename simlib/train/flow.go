package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/layers"
	"swingby/simlib/internal/prince"
	"swingby/simlib/sim"
)

// Flow is exact gradient flow, dθ/dt = −∇L(θ) over all data: what gradient descent tends to
// as its learning rate goes to zero, with t = η·updates. [Flow.Run] integrates it in float64.
type Flow struct {
	// Net is the network.
	Net Net
	// W0 is the initialisation, which is not changed.
	W0 *Weights
	// X holds the inputs, a sample to a row, n×d; [Population] stands for infinitely many.
	X *mat.Dense
	// Y holds the targets, n×d; nil stands for X, the identity task.
	Y *mat.Dense
	// U, if not nil, is an orthogonal matrix that the model sees everything under, as in [Training].
	U *mat.Dense
	// Loss is what to descend.
	Loss Loss
	// Times are the times to record at, increasing, none negative; the last ends the run. The
	// initialisation is always recorded, at time 0.
	Times []float64
	// RelTol and AbsTol bound the error that each step may make in each parameter θ to
	// AbsTol + RelTol·|θ|, in the root mean square over the parameters. 0 stands for 10⁻⁸ and 10⁻¹⁰.
	RelTol, AbsTol float64
	// MaxSteps bounds the number of steps tried; 0 stands for a million.
	MaxSteps int
	// Record says what to keep; Times decide when, so that its own times must be empty, and BatchLoss false.
	Record Record
	// Progress, if not nil, is called about ten times a second and at the end.
	Progress func(Progress)
}

// Population returns X with XᵀX/d = E[xxᵀ], the second moment of the task's whole population: d×d. A
// linear network without biases has the same loss on it as on infinitely many
// samples; other networks see more than the second moment, and must be given samples.
func Population(task *sim.Task) (*mat.Dense, error) {
	if task == nil {
		return nil, check.Bad("train: the task", "nil", "one from sim.NewTask")
	}
	d := task.D()
	if d > 1024 {
		return nil, check.Bad("train: the task's d", d, "at most 1024")
	}
	var eig mat.EigenSym
	if !eig.Factorize(task.SecondMoment(), true) {
		return nil, fmt.Errorf("train: the task's second moment has no eigenvectors within rounding; want smaller numbers")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	x := mat.NewDense(d, d, nil)
	for k, lambda := range eig.Values(nil) {
		root := math.Sqrt(max(lambda, 0) * float64(d))
		for j := range d {
			x.Set(k, j, root*v.At(j, k))
		}
	}
	return x, nil
}

// Check returns an error that names a field, its value and the values accepted.
func (f Flow) Check() error {
	if err := f.Net.Check(); err != nil {
		return err
	}
	if err := f.Net.checkWeights("train: Flow.W0", f.W0); err != nil {
		return err
	}
	if err := f.Net.checkData("train: Flow.X", f.X, "train: Flow.Y", f.Y); err != nil {
		return err
	}
	if err := f.Net.checkRotation("train: Flow.U", f.U); err != nil {
		return err
	}
	if err := f.Loss.check("train: Flow.Loss"); err != nil {
		return err
	}
	if len(f.Times) == 0 {
		return check.Bad("train: Flow.Times", "empty", "at least one time to record at")
	}
	if err := check.Finite("train: Flow.Times", f.Times); err != nil {
		return err
	}
	for i, t := range f.Times {
		if t < 0 || i > 0 && t <= f.Times[i-1] {
			return check.Bad(fmt.Sprintf("train: Flow.Times[%d]", i), t, "increasing numbers, none negative")
		}
	}
	tolerance := func(x float64) bool { return x == 0 || x >= 1e-14 && x <= 1e-1 }
	r := f.Record
	switch {
	case !tolerance(f.RelTol):
		return check.Bad("train: Flow.RelTol", f.RelTol, "1e-14 to 0.1, or 0 for 1e-8")
	case !tolerance(f.AbsTol):
		return check.Bad("train: Flow.AbsTol", f.AbsTol, "1e-14 to 0.1, or 0 for 1e-10")
	case f.MaxSteps < 0:
		return check.Bad("train: Flow.MaxSteps", f.MaxSteps, "at least 1, or 0 for a million")
	case r.Epochs != 0 || r.Every != 0 || r.PerDecade != 0 || len(r.At) > 0:
		return check.Bad("train: Flow.Record's times", "not empty", "none; Flow.Times says when")
	case r.BatchLoss:
		return check.Bad("train: Flow.Record.BatchLoss", true, "false; a flow has no batches")
	}
	return r.check(f.Net)
}

// Run integrates the flow by the method of Dormand and Prince (J. Comp. Appl. Math. 6, 1980): order
// five, with an embedded solution of order four for the error, and steps that
// grow and shrink to keep it at the tolerances. When ctx is done it stops before the next step.
// Record.Measure is called with the number of the record.
func (f Flow) Run(ctx context.Context) (*Run, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if err := f.Record.size(f.Net, len(f.Times)+1, 0); err != nil {
		return nil, err
	}
	data := f.Net.samples(f.X, f.Y, f.U)
	net := layers.New[float64](f.Net.config(), 1)
	load(net, f.W0)
	rec := newRecorder(&view{net: f.Net, u: f.U}, net, f.Record, data, f.Loss)
	all := net.Batch(data, nil, f.Net.config().IsLinear())
	weight := f.Loss.weight(data.N, f.Net.D)
	params, grads := net.Params()

	loss := math.NaN()
	s := newStepper(params, func(dst []float64) {
		loss = net.Gradient(all, 2*weight) * weight
		k := 0
		for _, g := range grads {
			for _, v := range g {
				dst[k] = -v
				k++
			}
		}
	})
	s.rel, s.abs = f.RelTol, f.AbsTol
	if s.rel == 0 {
		s.rel = 1e-8
	}
	if s.abs == 0 {
		s.abs = 1e-10
	}
	most := f.MaxSteps
	if most == 0 {
		most = 1_000_000
	}
	end, last := f.Times[len(f.Times)-1], time.Now()
	rec.keep(0)
	times := f.Times
	if times[0] == 0 {
		times = times[1:]
	}
	for tried := 0; len(times) > 0; {
		if err := ctx.Err(); err != nil {
			return rec.finish(), fmt.Errorf("train: stopped at t = %.4g of %.4g: %w", s.t, end, err)
		}
		if tried == most {
			return rec.finish(), check.Bad("train: Flow.MaxSteps", most, fmt.Sprintf("more, or looser tolerances: the flow has reached t = %.4g of %.4g", s.t, end))
		}
		tried++
		if !s.step(times[0]) {
			return rec.finish(), &DivergedError{Step: s.done, What: fmt.Sprintf("the slope at t = %.4g", s.t)}
		}
		if s.t == times[0] {
			s.store(s.y)
			rec.keep(s.t)
			times = times[1:]
		}
		if f.Progress != nil && (len(times) == 0 || time.Since(last) > 100*time.Millisecond) {
			last = time.Now()
			f.Progress(Progress{Done: s.t, Total: end, Loss: loss})
		}
	}
	return rec.finish(), nil
}

// stepper integrates y' = f(y), where y lies in the parameters.
type stepper struct {
	params    [][]float64
	slope     func(dst []float64) // of what lies in the parameters
	t, h      float64
	y         []float64
	k         prince.Slopes
	next      []float64
	rel, abs  float64
	done      int
	errBefore float64
}

func newStepper(params [][]float64, slope func(dst []float64)) *stepper {
	s := &stepper{params: params, slope: slope, errBefore: 1}
	for _, p := range params {
		s.y = append(s.y, p...)
	}
	s.k.Make(len(s.y))
	s.next = slices.Clone(s.y)
	slope(s.k[0])
	return s
}

// store writes y into the parameters.
func (s *stepper) store(y []float64) {
	for _, p := range s.params {
		y = y[copy(p, y):]
	}
}

// norm is the root mean square of x in units of the tolerance.
func (s *stepper) norm(x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		e := v / (s.abs + s.rel*max(math.Abs(s.y[i]), math.Abs(s.next[i])))
		sum += e * e
	}
	return math.Sqrt(sum / float64(len(x)))
}

// step tries one step, not beyond the given time, and keeps it if its error is
// small enough. It returns false when no step, however small, has a finite slope.
func (s *stepper) step(until float64) bool {
	if s.h == 0 {
		// A first guess that changes the parameters by about a hundredth of their size.
		size, speed := s.norm(s.y), s.norm(s.k[0])
		s.h = until - s.t
		if speed > 0 {
			s.h = min(s.h, .01*max(size, 1e-3/s.rel)/speed)
		}
	}
	h := min(s.h, until-s.t)
	clipped := h < s.h
	s.k.Step(s.y, s.next, h, func(dst, y []float64) {
		s.store(y)
		s.slope(dst)
	})
	diff := make([]float64, len(s.y))
	for i := range diff {
		diff[i] = s.k.Error(i, h)
	}
	err := s.norm(diff)
	if math.IsNaN(err) || math.IsInf(err, 0) {
		s.h = h / 10
		return s.h > 1e-14*max(s.t, 1e-3) && s.h > 0
	}
	if err > 1 {
		s.h = h * max(.2, .9*math.Pow(err, -1./5))
		return s.t+s.h > s.t
	}
	// A proportional–integral controller lets the steps change smoothly (Hairer,
	// Nørsett, Wanner: Solving Ordinary Differential Equations I, section IV.2).
	grow := min(5, .9*math.Pow(max(err, 1e-10), -.17)*math.Pow(s.errBefore, .04))
	s.errBefore = max(err, 1e-4)
	if !clipped || grow < 1 {
		s.h = h * max(grow, .2)
	}
	s.t += h
	if clipped || until-s.t < 1e-14*until {
		s.t = until
	}
	s.y, s.next = s.next, s.y
	s.k.Accept()
	s.done++
	return true
}
