package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/layers"
)

// Shuffle says in which order an epoch takes the samples.
type Shuffle int

const (
	// InOrder takes them as they are in X, in every epoch the same. It is what
	// the published code does, which shuffles once while it makes the data.
	InOrder Shuffle = iota
	// Once shuffles them by Seed before the first epoch.
	Once
	// EachEpoch shuffles them by Seed before every epoch.
	EachEpoch
)

// String returns "in order", "once" or "each epoch".
func (s Shuffle) String() string {
	switch s {
	case InOrder:
		return "in order"
	case Once:
		return "once"
	case EachEpoch:
		return "each epoch"
	}
	return fmt.Sprintf("Shuffle(%d)", int(s))
}

// Training is a network, its data and a way to train it. [Training.Run] does so.
type Training struct {
	// Net is the network.
	Net Net
	// W0 is the initialisation, which is not changed; [Net.Init] makes one.
	W0 *Weights
	// X holds the inputs, a sample to a row: n×d.
	X *mat.Dense
	// Y holds the targets, n×d; nil stands for X, the identity task.
	Y *mat.Dense
	// U, if not nil, is an orthogonal d×d matrix that the model sees everything under: its
	// input for a row x is x·U, and outputs and Jacobians are turned back before they are recorded. W0 and
	// recorded weights are the model's own.
	U *mat.Dense
	// Loss is what to descend; the zero value is the published code's.
	Loss Loss
	// Optimizer is how.
	Optimizer Optimizer
	// Batch is the number of samples of an update, 1 to n; 0 stands for n, full batches.
	Batch int
	// Epochs is the number of passes over the data.
	Epochs int
	// Updates, if not 0, is the number of updates instead; Epochs must then be 0.
	Updates int
	// Shuffle says in which order; the zero value leaves it as it is in X.
	Shuffle Shuffle
	// Seed is Shuffle's.
	Seed uint64
	// Precision is what to compute in; the zero value is Float64.
	Precision Precision
	// EverySample computes each sample of a batch by itself, in all its coordinates, even where fewer rows or
	// columns would do.
	EverySample bool
	// Record says what to keep.
	Record Record
	// Progress, if not nil, is called about ten times a second and at the end.
	Progress func(Progress)
}

// Progress is how far a training or flow has come.
type Progress struct {
	// Done is the updates done, or the time reached, and Total how many there will be.
	Done, Total float64
	// Loss is that of the latest batch before its update.
	Loss float64
}

// String returns something like "1200 of 3160, loss 0.0123".
func (p Progress) String() string {
	return fmt.Sprintf("%.4g of %.4g, loss %.4g", p.Done, p.Total, p.Loss)
}

// A DivergedError reports an update that left the finite numbers.
type DivergedError struct {
	// Step is the number of that update, counted from 0 at the first.
	Step int
	// What is the quantity that is infinite or not a number.
	What string
	// LR is the learning rate, 0 for a flow.
	LR float64
}

func (e *DivergedError) Error() string {
	if e.LR == 0 {
		return fmt.Sprintf("train: %s is not finite at step %d; want smaller data, or a smaller initialisation", e.What, e.Step)
	}
	return fmt.Sprintf("train: %s is not finite at step %d; want a learning rate smaller than %g, or a smaller initialisation", e.What, e.Step, e.LR)
}

// batches returns the size of a batch and the number of them in an epoch.
func (t Training) batches() (size, perEpoch int) {
	n, _ := t.X.Dims()
	size = t.Batch
	if size == 0 {
		size = n
	}
	return size, (n + size - 1) / size
}

// total returns the number of updates.
func (t Training) total() int {
	if t.Updates > 0 {
		return t.Updates
	}
	_, perEpoch := t.batches()
	return t.Epochs * perEpoch
}

// maxUpdates bounds a training to what a lifetime is enough for.
const maxUpdates = 1 << 40

// Check returns an error that names a field, its value and the values accepted,
// without doing any work. Run calls it first.
func (t Training) Check() error {
	if err := t.Net.Check(); err != nil {
		return err
	}
	if err := t.Net.checkWeights("train: Training.W0", t.W0); err != nil {
		return err
	}
	if err := t.Net.checkData("train: Training.X", t.X, "train: Training.Y", t.Y); err != nil {
		return err
	}
	if err := t.Net.checkRotation("train: Training.U", t.U); err != nil {
		return err
	}
	n, _ := t.X.Dims()
	if err := t.Loss.check("train: Training.Loss"); err != nil {
		return err
	}
	if err := t.Optimizer.check("train: Training.Optimizer"); err != nil {
		return err
	}
	switch {
	case t.Batch < 0 || t.Batch > n:
		return check.Bad("train: Training.Batch", t.Batch, fmt.Sprintf("1 to %d, the number of samples, or 0 for all", n))
	case t.Epochs < 0 || t.Epochs > maxUpdates/n:
		return check.Bad("train: Training.Epochs", t.Epochs, fmt.Sprintf("1 to %d", maxUpdates/n))
	case t.Updates < 0 || t.Updates > maxUpdates:
		return check.Bad("train: Training.Updates", t.Updates, fmt.Sprintf("1 to %d", int64(maxUpdates)))
	case t.Epochs == 0 && t.Updates == 0:
		return check.Bad("train: Training.Epochs", 0, "at least 1, or Updates instead")
	case t.Epochs > 0 && t.Updates > 0:
		return check.Bad("train: Training.Updates", t.Updates, "0 beside Epochs: only one of the two")
	case t.Shuffle < InOrder || t.Shuffle > EachEpoch:
		return check.Bad("train: Training.Shuffle", int(t.Shuffle), "train.InOrder, train.Once or train.EachEpoch")
	case t.Precision != Float64 && t.Precision != Float32:
		return check.Bad("train: Training.Precision", int(t.Precision), "train.Float64 or train.Float32")
	}
	return t.Record.check(t.Net)
}

// Run trains. When ctx is done it stops before the next update with ctx's error, and
// when a number becomes infinite or none with a [DivergedError]; the Run returned beside
// either error holds the records made until then.
func (t Training) Run(ctx context.Context) (*Run, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	_, perEpoch := t.batches()
	at, err := t.Record.updates(t.total(), perEpoch)
	if err != nil {
		return nil, err
	}
	if err := t.Record.size(t.Net, len(at), t.total()); err != nil {
		return nil, err
	}
	if t.Precision == Float32 {
		return training[float32](ctx, t, at)
	}
	return training[float64](ctx, t, at)
}

func training[T kernel.Float](ctx context.Context, t Training, at []int) (*Run, error) {
	s := t.view()
	data := s.samples(t.X, t.Y)
	size, perEpoch := t.batches()
	net := layers.New[T](s.config(), 1)
	load(net, s.start(t.W0))
	rec := newRecorder(s, net, t.Record, data, t.Loss)
	rec.run.perEpoch = perEpoch
	rec.run.warnings = t.warnings()

	feed, err := newFeeder(ctx, t, net, data, size, perEpoch)
	if err != nil {
		return rec.finish(), err
	}
	params, grads := net.Params()
	up := newUpdater(t.Optimizer, params, grads)
	plain, done, total := t.Optimizer.plain(), ctx.Done(), t.total()
	latest, last := math.NaN(), time.Now()
	for step := 0; ; step++ {
		if len(at) > 0 && at[0] == step {
			at = at[1:]
			if what := notFinite(params, t.Net); what != "" {
				return rec.finish(), &DivergedError{Step: step - 1, What: what, LR: t.Optimizer.LR}
			}
			rec.keep(float64(step))
		}
		if t.Progress != nil && (step == total || time.Since(last) > 100*time.Millisecond) {
			last = time.Now()
			t.Progress(Progress{Done: float64(step), Total: float64(total), Loss: latest})
		}
		if step == total {
			return rec.finish(), nil
		}
		select {
		case <-done:
			return rec.finish(), fmt.Errorf("train: stopped after %d of %d updates: %w", step, total, ctx.Err())
		default:
		}
		b := feed.next(step)
		weight := t.Loss.weight(b.Count, t.Net.D)
		var sum T
		if plain {
			sum = net.Descend(b, T(2*weight), T(t.Optimizer.LR))
		} else {
			sum = net.Gradient(b, T(2*weight))
			up.update()
		}
		latest = float64(sum) * weight
		if math.IsNaN(latest) || math.IsInf(latest, 0) {
			what := notFinite(params, t.Net)
			if what == "" {
				what = "the loss"
			}
			return rec.finish(), &DivergedError{Step: step, What: what, LR: t.Optimizer.LR}
		}
		if t.Record.BatchLoss {
			rec.run.batch = append(rec.run.batch, latest)
		}
	}
}

// notFinite names the first parameter that is infinite or not a number, and returns "" if all are finite.
func notFinite[T kernel.Float](params [][]T, n Net) string {
	for i, p := range params {
		for _, v := range p {
			if v-v != 0 {
				switch {
				case n.Tied:
					return "U"
				case !n.Bias:
					return fmt.Sprintf("the matrix of layer %d", i+1)
				case i%2 == 0:
					return fmt.Sprintf("the matrix of layer %d", i/2+1)
				}
				return fmt.Sprintf("the bias of layer %d", i/2+1)
			}
		}
	}
	return ""
}

// feeder gives the batch of each update.
type feeder[T kernel.Float] struct {
	net      *layers.Net[T]
	data     *layers.Samples
	size     int
	perEpoch int
	fixed    []*layers.Batch[T] // where batches keep their samples
	order    []int
	rng      *rand.Rand
	batch    *layers.Batch[T]
}

// maxFixed bounds the batches made beforehand to 256 MiB in double precision.
const maxFixed = 1 << 25

func newFeeder[T kernel.Float](ctx context.Context, t Training, net *layers.Net[T], data *layers.Samples, size, perEpoch int) (*feeder[T], error) {
	f := &feeder[T]{net: net, data: data, size: size, perEpoch: perEpoch}
	if t.Shuffle != InOrder {
		f.rng = rand.New(rand.NewPCG(t.Seed, 0x9e3779b97f4a7c15))
		f.order = f.rng.Perm(data.N)
	}
	if t.Shuffle == EachEpoch && size < data.N {
		return f, nil
	}
	// Compressing a batch costs about as much as one update of every sample.
	compress := !t.EverySample && t.Net.config().IsLinear() && t.total() > 2*perEpoch
	if !compress && data.N*(kernel.Padded[T](data.In)+kernel.Padded[T](data.Out)) > maxFixed {
		return f, nil
	}
	for k := range perEpoch {
		if k >= t.total() {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("train: stopped before the first of %d updates: %w", t.total(), err)
		}
		f.fixed = append(f.fixed, net.Batch(data, f.numbers(k), compress))
	}
	return f, nil
}

// numbers lists the samples of batch k.
func (f *feeder[T]) numbers(k int) []int {
	lo, hi := k*f.size, min((k+1)*f.size, f.data.N)
	if f.order != nil {
		return f.order[lo:hi]
	}
	list := make([]int, hi-lo)
	for i := range list {
		list[i] = lo + i
	}
	return list
}

func (f *feeder[T]) next(step int) *layers.Batch[T] {
	k := step % f.perEpoch
	if f.fixed != nil {
		return f.fixed[k]
	}
	if k == 0 && step > 0 && f.rng != nil {
		f.rng.Shuffle(len(f.order), func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	}
	numbers := f.numbers(k)
	if f.batch == nil || f.batch.Rows != len(numbers) {
		f.batch = f.net.Batch(f.data, numbers, false)
		return f.batch
	}
	f.net.Fill(f.batch, f.data, func(i int) int { return numbers[i] })
	return f.batch
}
