package diffusion

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
)

// Data is what a model learns: samples, and what each shows.
type Data struct {
	// X holds the samples, one after the other, Net.Len numbers each.
	X []float32
	// Conditions has one for each sample; nil where the model has no conditioning.
	Conditions []Condition
}

// Rows returns vectors, one in each row, as samples without conditions.
func Rows(x mat.Matrix) Data {
	n, d := x.Dims()
	data := Data{X: make([]float32, 0, n*d)}
	for i := range n {
		for j := range d {
			data.X = append(data.X, float32(x.At(i, j)))
		}
	}
	return data
}

// Training is a model, its data and a way to train it. [Training.Run] does so from beginning to end,
// [Training.Start] step by step.
//
// A batch is cut into a fixed number of lanes, which the cores compute side by side and whose
// gradients are added in their order: the numbers do not depend on how many cores there are.
type Training struct {
	Model Model
	Data  Data
	// Batch is the number of samples of an update; 0 stands for 128. They are taken in an order that is drawn anew each epoch.
	Batch int
	// Steps is the number of updates, at least 1.
	Steps int
	// LR is AdamW's learning rate; 0 stands for .001. WeightDecay is its decay; 0 stands for .01, a negative number for none.
	LR, WeightDecay float64
	// Decay is the share of Steps, 0 to 1, over which the learning rate falls to zero at the end, on a straight line.
	Decay float64
	// EMA is the share of the old in the moving average of the parameters, 0 to below 1, which samples are drawn with; 0 is none:
	// the parameters as they are.
	EMA float64
	// Antithetic takes every sample twice, with a noise and with its negative at the same time: a batch has half as many samples, but
	// where there is little noise most of the chance in the gradient cancels. Batch must be divisible by twice the Lanes.
	Antithetic bool
	// Weighting says how errors at different times count: "" as the bound on the likelihood has it, or "balanced" for those of the
	// F of [Preconditioning] alike, which makes scores as good at little noise as at much, above all with Antithetic. It
	// needs Preconditioning and a schedule that stays. The losses reported are the bound either way.
	Weighting string
	// DropCondition is the probability of hiding a sample's condition, 0 to 1: a model that guidance is to work with must know
	// what samples look like without.
	DropCondition float64
	// Seed chooses initialisation, order, times and noise.
	Seed uint64
	// Lanes is the number of parts of a batch, which the last bits of the numbers depend on; 0 stands for 8, or Batch if that is less.
	Lanes int
	// Workers is the number of goroutines, which nothing depends on but time; 0 stands for the number of cores.
	Workers int
	// At lists numbers of updates after which Evaluate is called, 0 to Steps.
	At []int
	// Evaluate is called with what the model has become. An error of its ends the training.
	Evaluate func(step int, g *Generator) error
	// Checkpoint, if not "", is a file to keep the state in, every CheckpointEvery updates (0 stands for 1000) and at
	// the end, and also when ctx ends the run. A run that finds the file goes on from there, to the same numbers as without a break.
	Checkpoint      string
	CheckpointEvery int
	// Progress, if not nil, is called about ten times a second and at the end.
	Progress func(Progress)
}

// Progress is how far a training has come.
type Progress struct {
	// Step is the updates done, Steps how many there will be.
	Step, Steps int
	// Loss is the latest batch's before its update.
	Loss Loss
}

// String returns something like "1200 of 6000, 3.4 bits per dimension …".
func (p Progress) String() string { return fmt.Sprintf("%d of %d, %v", p.Step, p.Steps, p.Loss) }

// A DivergedError reports an update that left the finite numbers.
type DivergedError struct {
	// Step is the number of that update, counted from 0 at the first.
	Step int
	// LR is the learning rate.
	LR float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("diffusion: the loss is not finite at step %d; want a learning rate smaller than %g", e.Step, e.LR)
}

func (t Training) filled() Training {
	t.Model = t.Model.filled()
	if t.Batch == 0 {
		t.Batch = 128
	}
	if t.LR == 0 {
		t.LR = 1e-3
	}
	switch {
	case t.WeightDecay == 0:
		t.WeightDecay = .01
	case t.WeightDecay < 0:
		t.WeightDecay = 0
	}
	if t.Lanes == 0 {
		t.Lanes = min(8, t.Batch)
	}
	if t.CheckpointEvery == 0 {
		t.CheckpointEvery = 1000
	}
	return t
}

const (
	maxSteps = 1 << 31
	maxBatch = 1 << 16
	maxLanes = 1 << 10
)

// Check returns an error that names a field, its value and the values accepted, without doing any work.
func (t Training) Check() error {
	_, err := t.check()
	return err
}

// check returns the conditions as well.
func (t Training) check() (*conditions, error) {
	if err := t.Model.Check(); err != nil {
		return nil, err
	}
	f, per := t.filled(), t.Model.Net.Len()
	n := len(t.Data.X) / per
	const field = "diffusion: Training."
	switch {
	case len(t.Data.X) == 0 || len(t.Data.X)%per != 0:
		return nil, check.Bad("diffusion: len(Training.Data.X)", len(t.Data.X), fmt.Sprintf("a multiple of %d, the numbers of a sample of the model", per))
	case t.Model.Conditioning.Kind != "" && len(t.Data.Conditions) != n:
		return nil, check.Bad("diffusion: len(Training.Data.Conditions)", len(t.Data.Conditions), fmt.Sprintf("%d, the number of samples", n))
	case f.Batch < 1 || f.Batch > maxBatch:
		return nil, check.Bad(field+"Batch", t.Batch, fmt.Sprintf("1 to %d, or 0 for 128", maxBatch))
	case t.Steps < 1 || t.Steps > maxSteps:
		return nil, check.Bad(field+"Steps", t.Steps, fmt.Sprintf("1 to %d", maxSteps))
	case !(f.LR > 0) || f.LR > 1:
		return nil, check.Bad(field+"LR", t.LR, "above 0, at most 1, or 0 for .001")
	case !(f.WeightDecay*f.LR <= 1):
		return nil, check.Bad(field+"WeightDecay", t.WeightDecay, "at most 1/LR, 0 for .01, or a negative number for none")
	case !(t.Decay >= 0 && t.Decay <= 1):
		return nil, check.Bad(field+"Decay", t.Decay, "a share from 0 to 1")
	case !(t.EMA >= 0 && t.EMA < 1):
		return nil, check.Bad(field+"EMA", t.EMA, "0 to below 1")
	case !(t.DropCondition >= 0 && t.DropCondition <= 1):
		return nil, check.Bad(field+"DropCondition", t.DropCondition, "a probability from 0 to 1")
	case t.Lanes < 0 || t.Lanes > min(f.Batch, maxLanes):
		return nil, check.Bad(field+"Lanes", t.Lanes, fmt.Sprintf("1 to %d, or 0", min(f.Batch, maxLanes)))
	case t.Antithetic && f.Batch%(2*f.Lanes) != 0:
		return nil, check.Bad(field+"Batch", f.Batch, fmt.Sprintf("a multiple of %d, twice the Lanes, with Antithetic", 2*f.Lanes))
	case t.Weighting != "" && t.Weighting != "balanced":
		return nil, check.Bad(field+"Weighting", fmt.Sprintf("%q", t.Weighting), `"" or "balanced"`)
	case t.Weighting != "" && (f.Model.Schedule.Kind == "learned" || f.Model.Preconditioning.Std == 0):
		return nil, check.Bad(field+"Weighting", fmt.Sprintf("%q", t.Weighting), `"" for a model without Preconditioning or with a learned schedule`)
	case t.Workers < 0 || t.Workers > maxLanes:
		return nil, check.Bad(field+"Workers", t.Workers, fmt.Sprintf("1 to %d, or 0 for the number of cores", maxLanes))
	case f.CheckpointEvery < 1:
		return nil, check.Bad(field+"CheckpointEvery", t.CheckpointEvery, "at least 1, or 0 for 1000")
	case len(t.At) > 0 && t.Evaluate == nil:
		return nil, check.Bad(field+"Evaluate", "nil", "a function, to call after the updates of At")
	}
	for i, u := range t.At {
		if u < 0 || u > t.Steps {
			return nil, check.Bad(fmt.Sprintf(field+"At[%d]", i), u, fmt.Sprintf("0 to %d, the number of updates", t.Steps))
		}
	}
	for i, v := range t.Data.X {
		if v-v != 0 {
			return nil, check.Bad(fmt.Sprintf(field+"Data.X[%d]", i), v, "a finite number")
		}
	}
	list := t.Data.Conditions
	if t.Model.Conditioning.Kind == "" {
		list = make([]Condition, n)
	}
	return t.Model.Conditioning.read(list)
}

// A Run is what a training has come to.
type Run struct {
	// Generator draws samples from the trained model, from the moving average of its parameters.
	Generator *Generator
	// Step is the number of updates done.
	Step int
	// Loss has the loss of each update's batch before that update, those of this run, from First on.
	Loss  []Loss
	First int
}

// Run trains. When ctx is done it stops after the update at hand with ctx's error, and when the loss becomes infinite or no
// number with a [DivergedError]; the Run returned beside either holds what there is.
func (t Training) Run(ctx context.Context) (*Run, error) {
	s, err := t.Start()
	if err != nil {
		return nil, err
	}
	err = s.Run(ctx, t.Steps)
	return &Run{Generator: s.Generator(), Step: s.Step(), Loss: s.Losses(), First: s.Step() - len(s.losses)}, err
}

// each is how often a batch has each of its samples.
func (t Training) each() int {
	if t.Antithetic {
		return 2
	}
	return 1
}

// rate returns the learning rate of an update.
func (t Training) rate(step int) float64 {
	left, falling := float64(t.Steps-step), t.Decay*float64(t.Steps)
	if left >= falling {
		return t.LR
	}
	return t.LR * math.Max(0, left) / falling
}

// evaluations returns At in order, without doubles.
func (t Training) evaluations() []int {
	at := slices.Clone(t.At)
	slices.Sort(at)
	return slices.Compact(at)
}

// Squares returns about n numbers of updates from first to last whose distances grow evenly, as those of
// squares do: the paper's evaluation points. Learning is fast in the beginning.
func Squares(first, last, n int) []int {
	if n < 2 || last <= first {
		return []int{last}
	}
	var list []int
	a, b := math.Sqrt(float64(max(first, 0))), math.Sqrt(float64(last))
	for k := range n {
		r := a + (b-a)*float64(k)/float64(n-1)
		list = append(list, int(math.Round(r*r)))
	}
	return slices.Compact(list)
}
