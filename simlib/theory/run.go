package theory

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// A Run is the record of a linear model's learning: the matrix W of f(W; x) = Wx
// at the initialisation and after its updates. Everything else (losses, outputs,
// terms) is computed from W when asked for. [Symmetric.Run] and [OneLayer.Run] make one.
type Run struct {
	task      *sim.Task
	modes     Modes     // of the second moment
	moved     bool      // whether W is kept in the basis of the modes
	rates     []float64 // what drives the recurrence along the modes: a, or a²
	symmetric bool
	eta       float64
	steps     int
	every     int
	d         int
	updates   []int // updates done at each record

	// first is W(0) where the updates are made in the basis of the modes and every
	// matrix has to be turned back before it is kept.
	first []float64
	// observe, where set, sees every matrix instead of the record.
	observe func(update int, w []float64) error

	// The records' matrices by rows, perChunk of them in each chunk: a long
	// record grows without ever being copied.
	chunks   [][]float64
	perChunk int
}

// chunkFloats is the size aimed at for a chunk, 1 MiB.
const chunkFloats = 1 << 17

// maxFloats bounds a run's record to 512 MiB.
const maxFloats = 1 << 26

// modesOf returns the modes of a model's second moment: the one given, or the task's. owner is the model's
// type name.
func modesOf(owner string, task *sim.Task, moment *mat.SymDense) (Modes, error) {
	switch {
	case task == nil:
		return Modes{}, check.Bad("theory: "+owner+".Task", nil, "a task from sim.NewTask")
	case moment == nil:
		return TaskModes(task)
	case moment.IsEmpty() || moment.SymmetricDim() != task.D():
		n := 0
		if !moment.IsEmpty() {
			n = moment.SymmetricDim()
		}
		return Modes{}, check.Bad("theory: the size of "+owner+".Moment", fmt.Sprintf("%d×%[1]d", n), fmt.Sprintf("%d×%[1]d, the dimension of the task", task.D()))
	}
	return momentModes("theory: "+owner+".Moment", moment)
}

// newRun checks what every model needs. owner is the config's type name.
func newRun(owner string, task *sim.Task, moment *mat.SymDense, eta float64, steps, every int) (*Run, error) {
	field := func(name string) string { return "theory: " + owner + "." + name }
	modes, err := modesOf(owner, task, moment)
	switch {
	case err != nil:
		return nil, err
	case !(eta > 0) || math.IsInf(eta, 0):
		return nil, check.Bad(field("Eta"), eta, "a finite number > 0")
	case steps < 1:
		return nil, check.Bad(field("Steps"), steps, "at least 1")
	case every < 0:
		return nil, check.Bad(field("Every"), every, "at least 1, or 0 for 1")
	}
	every = max(every, 1)
	d := task.D()
	records := steps/every + 2
	if most := maxFloats / (d * d); records > most {
		want := fmt.Sprintf("at most %d updates at d = %d", most, d)
		if most > 2 {
			want = fmt.Sprintf("at most %d; or set Every to at least %d to keep fewer matrices", most-2, steps/(most-2)+1)
		}
		return nil, check.Bad(field("Steps"), steps, want)
	}
	return &Run{task: task, modes: modes, rates: slices.Clone(modes.A), eta: eta, steps: steps, every: every, d: d,
		perChunk: min(records, max(1, chunkFloats/(d*d)))}, nil
}

// A DivergedError reports an update that left the finite numbers.
type DivergedError struct {
	// Step is the number of that update, counted from 0.
	Step int
	// Eta is the step size, which was too large for the rates or the initialisation.
	Eta float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("theory: W is not finite after step %d; want a step size smaller than %g, or a smaller W0", e.Step, e.Eta)
}

// iterate records w, then calls update until all steps are done. Update
// changes w in place, calling stop before each piece of work with its number of multiplications.
func (r *Run) iterate(ctx context.Context, w []float64, update func(stop func(work int) error) error) error {
	// A look at the context costs more than a small update, so one is made
	// for about a millisecond's work.
	const enough = 1 << 18
	done := enough
	stop := func(work int) error {
		done += work + 16
		if done < enough {
			return nil
		}
		done = 0
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("theory: stopped after %d of %d updates: %w", r.last(), r.steps, err)
		}
		return nil
	}
	if err := r.visit(0, w); err != nil {
		return err
	}
	for t := 1; t <= r.steps; t++ {
		if err := update(stop); err != nil {
			return err
		}
		for _, v := range w {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return &DivergedError{Step: t - 1, Eta: r.eta}
			}
		}
		if t%r.every == 0 || t == r.steps || r.observe != nil {
			if err := r.visit(t, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// visit hands the matrix of an update to the observer where there is one, and keeps it otherwise. Either
// way it stands in the basis that the update worked in.
func (r *Run) visit(update int, w []float64) error {
	if r.observe != nil {
		r.updates = append(r.updates[:0], update) // for an error that says how far it came
		return r.observe(update, w)
	}
	switch {
	case update == 0 && r.first != nil:
		w = r.first
	case r.first != nil:
		w = r.modes.conjugate(w, true)
	}
	r.keep(update, w)
	return nil
}

func (r *Run) keep(update int, w []float64) {
	if len(r.updates)%r.perChunk == 0 {
		r.chunks = append(r.chunks, make([]float64, 0, r.perChunk*len(w)))
	}
	last := len(r.chunks) - 1
	r.chunks[last] = append(r.chunks[last], w...)
	r.updates = append(r.updates, update)
}

func (r *Run) last() int { return r.updates[len(r.updates)-1] }

// weights returns the matrix of record k by rows; not a copy.
func (r *Run) weights(k int) []float64 {
	n, first := r.d*r.d, k%r.perChunk
	return r.chunks[k/r.perChunk][first*n : (first+1)*n]
}

// Task returns the task that was learned.
func (r *Run) Task() *sim.Task { return r.task }

// Symmetric reports whether the run is of the symmetric two-layer model.
func (r *Run) Symmetric() bool { return r.symmetric }

// Eta returns the step size η.
func (r *Run) Eta() float64 { return r.eta }

// Modes returns the second moment that was learned from, taken apart.
func (r *Run) Modes() Modes { return r.modes }

// InModes returns the same run seen along the modes of the second moment: entries are those
// of QᵀWQ, outputs and centroids have the coordinates Qᵀx, and everything
// that the paper says of concepts and their axes can be asked of it. Losses are the same.
// Where the modes are the axes it is r itself.
func (r *Run) InModes() *Run {
	if r.modes.Q == nil || r.moved {
		return r
	}
	v := *r
	v.moved, v.first = true, nil
	v.chunks, v.updates = nil, nil
	for k, u := range r.updates {
		v.keep(u, r.modes.conjugate(r.weights(k), false))
	}
	return &v
}

// Concepts returns the axes (of a run seen in modes: the modes) along which the training centroids stand,
// counted from 1: for the paper's structure 1 … s, without those of strength 0.
func (r *Run) Concepts() []int {
	m := r.modes
	if !r.moved {
		m.Q = nil
	}
	return m.concepts(r.task)
}

// centroids returns the task's centroids of one role where the run sees them.
func (r *Run) centroids(role sim.Role) []sim.Centroid {
	var cs []sim.Centroid
	for _, c := range r.task.Centroids() {
		if c.Role == role {
			c.X = r.seen(c.X)
			cs = append(cs, c)
		}
	}
	return cs
}

// seen returns the coordinates of a point as the run sees it.
func (r *Run) seen(x []float64) []float64 {
	if r.moved {
		return r.modes.to(x)
	}
	return x
}

// along returns an error unless entries of the run's matrices belong to modes, of which the theory speaks.
func (r *Run) along() error {
	if r.modes.Q != nil && !r.moved {
		return fmt.Errorf("theory: the second moment of the task is not diagonal, so that its concepts are not axes; ask the run's InModes(), whose entries are those of the modes")
	}
	return nil
}

// Rates returns the d numbers that drove the recurrence along the modes: a, or a² under [RateA2].
func (r *Run) Rates() []float64 { return slices.Clone(r.rates) }

// Times returns the updates done at each record, from 0 for the initialisation.
func (r *Run) Times() []float64 {
	t := make([]float64, len(r.updates))
	for k, u := range r.updates {
		t[k] = float64(u)
	}
	return t
}

// W returns the d×d matrix after the given number of updates, 0 for the
// initialisation. It is an error to ask for one that was not kept.
func (r *Run) W(update int) (*mat.Dense, error) {
	k, ok := slices.BinarySearch(r.updates, update)
	if !ok {
		return nil, check.Bad("theory: update", update,
			fmt.Sprintf("0 to %d, a multiple of %d or the last", r.last(), r.every))
	}
	return mat.NewDense(r.d, r.d, slices.Clone(r.weights(k))), nil
}

// Final returns the last matrix.
func (r *Run) Final() *mat.Dense {
	return mat.NewDense(r.d, r.d, slices.Clone(r.weights(len(r.updates)-1)))
}

// Entry returns the curve of w_ij, i and j = 1 … d.
func (r *Run) Entry(i, j int) (Curve, error) {
	if err := r.checkEntry(i, j); err != nil {
		return Curve{}, err
	}
	return r.entry(i, j), nil
}

func (r *Run) entry(i, j int) Curve {
	c := Curve{Name: "w" + subscript(i) + subscript(j), T: r.Times(), Y: make([]float64, len(r.updates))}
	for k := range c.Y {
		c.Y[k] = r.weights(k)[(i-1)*r.d+j-1]
	}
	return c
}

func (r *Run) checkEntry(i, j int) error {
	if i < 1 || i > r.d || j < 1 || j > r.d {
		return check.Bad("theory: the entry", fmt.Sprintf("(%d, %d)", i, j),
			fmt.Sprintf("row and column from 1 to %d", r.d))
	}
	return nil
}

// Entries returns the curves of all entries by rows, of a symmetric model those on and below the
// diagonal: w₁₁, w₂₁, w₂₂, w₃₁ …
func (r *Run) Entries() []Curve {
	var cs []Curve
	for i := 1; i <= r.d; i++ {
		for j := 1; j <= r.d; j++ {
			if j <= i || !r.symmetric {
				cs = append(cs, r.entry(i, j))
			}
		}
	}
	return cs
}

// Output returns the output trajectory f(W(t); x) at a point x of length d, given
// along the axes, of a run seen in modes along the modes.
func (r *Run) Output(x []float64) (Trajectory, error) {
	if err := check.Len("theory: x", x, r.d, "the dimension of the task"); err != nil {
		return Trajectory{}, err
	}
	if err := check.Finite("theory: x", x); err != nil {
		return Trajectory{}, err
	}
	return r.output(fmt.Sprintf("%.4g", x), x), nil
}

func (r *Run) output(name string, x []float64) Trajectory {
	tr := Trajectory{Name: name, Target: slices.Clone(x), T: r.Times(), X: make([][]float64, len(r.updates))}
	all := make([]float64, len(r.updates)*r.d)
	for k := range tr.X {
		y := all[k*r.d : (k+1)*r.d : (k+1)*r.d]
		w := r.weights(k)
		for i := range y {
			for j, xj := range x {
				y[i] += w[i*r.d+j] * xj
			}
		}
		tr.X[k] = y
	}
	return tr
}

// TestOutput returns the output trajectory at the task's target x̂, the composite point. It
// is empty for a task without a probe.
func (r *Run) TestOutput() Trajectory {
	for _, c := range r.centroids(sim.Probe) {
		return r.output(c.Label, c.X)
	}
	return Trajectory{}
}

// TrainOutputs returns the output trajectory at each training centroid.
func (r *Run) TrainOutputs() []Trajectory {
	var trs []Trajectory
	for _, c := range r.centroids(sim.Train) {
		trs = append(trs, r.output(c.Label, c.X))
	}
	return trs
}

// Loss returns the curve of ½‖f(W(t); x) − x‖² at a point x of length d.
func (r *Run) Loss(x []float64) (Curve, error) {
	tr, err := r.Output(x)
	if err != nil {
		return Curve{}, err
	}
	return tr.Loss(), nil
}

// TestLoss returns the curve of ½‖f(W(t); x̂) − x̂‖², the loss at the composite
// point. It is empty for a task without a probe.
func (r *Run) TestLoss() Curve {
	c := r.TestOutput().Loss()
	c.Name = "test loss"
	return c
}

// TrainLoss returns the curve of the expected training loss,
//
//	½ E‖f(W(t); x) − x‖² = ½ tr((W−I) A (W−I)ᵀ)
//
// over the population of all training clusters, noise included. A is the
// second moment, whichever [Rate] drove the run.
func (r *Run) TrainLoss() Curve {
	c := Curve{Name: "training loss", T: r.Times(), Y: make([]float64, len(r.updates))}
	full := r.modes.Q != nil && !r.moved
	var a []float64
	if full {
		a = r.modes.moment()
	}
	for k := range c.Y {
		w, sum := slices.Clone(r.weights(k)), 0.0
		for i := range r.d {
			e := w[i*r.d : (i+1)*r.d]
			e[i]--
			for j, ej := range e {
				if !full {
					sum += ej * ej * r.modes.A[j]
					continue
				}
				for l, el := range e {
					sum += ej * a[j*r.d+l] * el
				}
			}
		}
		c.Y[k] = sum / 2
	}
	return c
}

// String describes the run in one line.
func (r *Run) String() string {
	model := "one-layer"
	if r.symmetric {
		model = "symmetric two-layer"
	}
	return fmt.Sprintf("%s run: %d updates, η = %g, d = %d, final test loss %.4g",
		model, r.last(), r.eta, r.d, r.TestLoss().Last())
}

func subscript(n int) string {
	if n < 0 {
		return fmt.Sprint(n)
	}
	return sim.Subscript(n)
}
