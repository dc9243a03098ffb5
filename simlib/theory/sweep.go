package theory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"swingby/simlib/internal/check"
)

// A Param is a quantity that a [Sweep] changes.
type Param struct {
	// Name labels the axis of a figure, such as "μ₂".
	Name string
	// Values are those to try, finite, in increasing order, at least one.
	Values []float64
}

// Linear returns a Param of n ≥ 1 values at equal distances from lo to hi.
func Linear(name string, lo, hi float64, n int) Param {
	p := Param{Name: name}
	for k := range max(n, 0) {
		x := lo
		if n > 1 {
			x += (hi - lo) * float64(k) / float64(n-1)
		}
		p.Values = append(p.Values, x)
	}
	return p
}

// Log returns a Param of n ≥ 1 values at equal ratios from lo > 0 to hi.
func Log(name string, lo, hi float64, n int) Param {
	p := Linear(name, 0, 1, n)
	for k, v := range p.Values {
		p.Values[k] = lo * math.Pow(hi/lo, v)
		if !(lo > 0) {
			p.Values[k] = math.NaN() // for Sweep to find
		}
	}
	if n > 1 && lo > 0 {
		p.Values[n-1] = hi // not what rounding makes of it
	}
	return p
}

// A Sweep runs the symmetric model for every pair of values of two parameters: the phase diagram
// of what happens in learning. The parameters can be anything that a model is made from, as
// in
//
//	theory.Sweep{
//		X: theory.Linear("μ₂", 1, 3, 40),
//		Y: theory.Log("scale", 0.01, 1, 30),
//		Model: func(x, y float64) (theory.Symmetric, error) {
//			task, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}})
//			if err != nil {
//				return theory.Symmetric{}, err
//			}
//			w0, err := theory.Init{D: 2, Scale: y, Seed: 1}.W0()
//			return theory.Symmetric{Task: task, W0: w0, Eta: 0.01, Steps: 3000}, err
//		},
//	}.Run(ctx)
//
// Runs go in parallel, and what comes out does not depend on how many at a time.
type Sweep struct {
	// X and Y are the parameters along the two axes, at most a million pairs of values.
	X, Y Param
	// Model makes the model of a pair. It is called on the goroutine that calls Run. What it sets
	// as Every is passed over: every update counts.
	Model func(x, y float64) (Symmetric, error)
	// Progress, where set, hears of every run that is done, on the goroutine that calls Run.
	Progress func(done, total int)
	// Workers is the number of runs at a time; 0 stands for the number of processors.
	Workers int
}

// An Outcome is what happens at one point of a phase diagram.
type Outcome struct {
	// X and Y are the values of the parameters.
	X, Y float64
	// Stages tells what happens; its List is empty for a run that diverged.
	Stages Stages
	// Loss is the test loss at the end, NaN where it diverged.
	Loss float64
	// Diverged reports that W left the finite numbers: a step size too large.
	Diverged bool
	// Done is false for a point that a sweep cut short did not come to.
	Done bool
}

// A Phase is the phase diagram that a [Sweep] makes.
type Phase struct {
	// X and Y are the parameters.
	X, Y Param
	// At has a row for each value of Y, and in it an outcome for each value of X.
	At [][]Outcome
}

const maxPairs = 1 << 20

// Run makes all runs. When ctx is done it stops within 100 ms; the Phase returned beside the error holds
// the points done until then. A model that cannot be made or run ends the sweep with an error that
// names the point; one that diverges is an outcome like others.
func (s Sweep) Run(ctx context.Context) (*Phase, error) {
	for _, p := range []struct {
		axis string
		Param
	}{{"X", s.X}, {"Y", s.Y}} {
		field := "theory: Sweep." + p.axis + ".Values"
		if len(p.Values) == 0 {
			return nil, check.Bad("theory: len(Sweep."+p.axis+".Values)", 0, "at least 1")
		}
		if err := check.Finite(field, p.Values); err != nil {
			return nil, err
		}
		for k := 1; k < len(p.Values); k++ {
			if p.Values[k] <= p.Values[k-1] {
				return nil, check.Bad(fmt.Sprintf("%s[%d]", field, k), p.Values[k], fmt.Sprintf("more than the value before, %g", p.Values[k-1]))
			}
		}
	}
	nx, ny := len(s.X.Values), len(s.Y.Values)
	switch {
	case nx > maxPairs/ny:
		return nil, check.Bad("theory: the number of pairs in Sweep", nx*ny, fmt.Sprintf("at most %d", maxPairs))
	case s.Model == nil:
		return nil, check.Bad("theory: Sweep.Model", nil, "a function that makes the model of a pair")
	case s.Workers < 0:
		return nil, check.Bad("theory: Sweep.Workers", s.Workers, "at least 1, or 0 for the number of processors")
	}
	ph := &Phase{X: s.X, Y: s.Y, At: make([][]Outcome, ny)}
	for j := range ph.At {
		ph.At[j] = make([]Outcome, nx)
		for i := range ph.At[j] {
			ph.At[j][i] = Outcome{X: s.X.Values[i], Y: s.Y.Values[j], Loss: math.NaN()}
		}
	}
	workers := s.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return ph, s.all(ctx, ph, min(workers, nx*ny))
}

// sweepJob is a point and the model to run there.
type sweepJob struct {
	at    *Outcome
	model Symmetric
	err   error
}

// all runs the models on so many workers. Model and Progress are called here, on the goroutine of
// the caller, and so a panic of theirs is the caller's.
func (s Sweep) all(ctx context.Context, ph *Phase, workers int) error {
	work, cancel := context.WithCancel(ctx)
	jobs, results := make(chan sweepJob), make(chan sweepJob)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for j := range jobs {
				j.err = j.at.observe(work, j.model)
				select {
				case results <- j:
				case <-work.Done():
				}
			}
		})
	}
	defer running.Wait()
	defer close(jobs)
	defer cancel()

	nx := len(s.X.Values)
	total := nx * len(s.Y.Values)
	var next sweepJob
	made, done := 0, 0
	for done < total {
		if next.at == nil && made < total && ctx.Err() == nil {
			o := &ph.At[made/nx][made%nx]
			made++
			m, err := s.Model(o.X, o.Y)
			if err != nil {
				return s.fault(o, err)
			}
			next = sweepJob{at: o, model: m}
		}
		send := jobs
		if next.at == nil {
			send = nil // nothing left to hand out
		}
		select {
		case send <- next:
			next = sweepJob{}
		case j := <-results:
			if j.err != nil && ctx.Err() == nil {
				return s.fault(j.at, j.err)
			}
			if j.err == nil {
				done++
				if s.Progress != nil {
					s.Progress(done, total)
				}
			}
		case <-ctx.Done():
			return fmt.Errorf("theory: stopped after %d of %d runs: %w", done, total, ctx.Err())
		}
	}
	return nil
}

// fault says at which point a model could not be run.
func (s Sweep) fault(o *Outcome, err error) error {
	return fmt.Errorf("theory: the model at %s = %g, %s = %g: %w", s.X.Name, o.X, s.Y.Name, o.Y, err)
}

// observe runs a model without a record of its matrices: what tells the stages is the
// entries among the concepts and the loss.
func (o *Outcome) observe(ctx context.Context, m Symmetric) error {
	if m.Task == nil {
		return check.Bad("theory: Symmetric.Task", nil, "a task from sim.NewTask")
	}
	modes, err := modesOf("Symmetric", m.Task, m.Moment)
	if err != nil {
		return err
	}
	concepts := modes.concepts(m.Task)
	target := m.Task.Target()
	if target != nil {
		target = modes.to(target)
	}
	n, d := len(concepts), len(modes.A)
	if floats := n*(n+1)/2 + 1; m.Steps > maxFloats/floats {
		return check.Bad("theory: Symmetric.Steps", m.Steps, fmt.Sprintf("at most %d in a sweep over %d concepts", maxFloats/floats, n))
	}
	var t []float64
	entries := make([][]float64, n*n)
	loss := Curve{Name: "test loss"}
	m.Every = max(m.Steps, 1) // there is no record for its bound to count
	observer := func(update int, w []float64) error {
		t = append(t, float64(update))
		for i, p := range concepts {
			for j, q := range concepts[:i+1] {
				entries[i*n+j] = append(entries[i*n+j], w[(p-1)*d+q-1])
			}
		}
		if target != nil {
			sum := 0.0
			for i, x := range target {
				e := -x
				for j, v := range target {
					e += w[i*d+j] * v
				}
				sum += e * e
			}
			loss.T, loss.Y = append(loss.T, float64(update)), append(loss.Y, sum/2)
		}
		return nil
	}
	_, err = m.run(ctx, observer)
	var diverged *DivergedError
	switch {
	case errors.As(err, &diverged):
		o.Diverged = true
	case err != nil:
		return err
	default:
		index := func(p int) int { return slices.Index(concepts, p) }
		o.Stages = findStages(true, t, concepts, func(i, j int) []float64 {
			return entries[index(max(i, j))*n+index(min(i, j))]
		}, loss)
		o.Loss = loss.Last()
	}
	o.Done = true
	return nil
}

// Measures names what a [Phase] can be drawn by: see [Phase.Map].
func (p *Phase) Measures() []string {
	return []string{"depth", "descents", "loss", "learned", "order"}
}

// Map returns one number for each point, in rows along Y:
//
//	depth     the largest rise of the test loss in parts of its beginning; 0 is no swing-by
//	descents  the number of stretches in which the test loss falls
//	loss      the test loss at the end
//	learned   the number of concepts learned
//	order     the place of the order of learning among [Phase.Orders]
//
// Points that diverged or were not reached are NaN.
func (p *Phase) Map(measure string) ([][]float64, error) {
	value, ok := map[string]func(Outcome) float64{
		"depth":    func(o Outcome) float64 { return o.Stages.Depth },
		"descents": func(o Outcome) float64 { return float64(o.Stages.Descents) },
		"loss":     func(o Outcome) float64 { return o.Loss },
		"learned":  func(o Outcome) float64 { return float64(len(o.Stages.Order())) },
	}[measure]
	if measure == "order" {
		orders := p.Orders()
		value, ok = func(o Outcome) float64 { return float64(slices.Index(orders, orderName(o))) }, true
	}
	if !ok {
		return nil, check.Bad("theory: the measure", fmt.Sprintf("%q", measure), "one of "+strings.Join(p.Measures(), ", "))
	}
	rows := make([][]float64, len(p.At))
	for j, row := range p.At {
		rows[j] = make([]float64, len(row))
		for i, o := range row {
			rows[j][i] = math.NaN()
			if o.Done && !o.Diverged {
				rows[j][i] = value(o)
			}
		}
	}
	return rows, nil
}

// Orders returns the orders of learning that occur, such as "2, 1" for concept 2 before concept 1 and "none" for
// none learned, sorted.
func (p *Phase) Orders() []string {
	var orders []string
	for _, row := range p.At {
		for _, o := range row {
			if name := orderName(o); o.Done && !o.Diverged && !slices.Contains(orders, name) {
				orders = append(orders, name)
			}
		}
	}
	slices.Sort(orders)
	return orders
}

func orderName(o Outcome) string {
	var names []string
	for _, c := range o.Stages.Order() {
		names = append(names, fmt.Sprint(c))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// String sums the diagram up in one line.
func (p *Phase) String() string {
	done, swing, diverged, deepest := 0, 0, 0, 0.0
	for _, row := range p.At {
		for _, o := range row {
			switch {
			case !o.Done:
				continue
			case o.Diverged:
				diverged++
			case o.Stages.SwingBy():
				swing++
			}
			done++
			deepest = math.Max(deepest, o.Stages.Depth)
		}
	}
	s := fmt.Sprintf("phase diagram over %s and %s: %d of %d points, swing-by at %d, deepest %.3g", p.X.Name, p.Y.Name, done, len(p.X.Values)*len(p.Y.Values), swing, deepest)
	if diverged > 0 {
		s += fmt.Sprintf(", %d diverged", diverged)
	}
	return s
}
