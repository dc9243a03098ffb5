package train

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// A Run is the record of a training or a flow: what [Record] asked for, at each
// of its times. Curves and trajectories over a training have the number of
// updates as abscissa, over a flow the time t.
type Run struct {
	net       Net
	perEpoch  int
	times     []float64
	probes    []sim.Centroid
	outputs   [][][]float64 // probe, record, coordinate
	loss      []float64
	heldOut   []float64
	jacobians []*mat.Dense
	weights   []*Weights
	measures  [][]float64
	batch     []float64
	final     *Weights
	warnings  []string
}

// Net returns the network that was trained.
func (r *Run) Net() Net { return r.net }

// Times returns the time of each record, from 0 for the initialisation.
func (r *Run) Times() []float64 { return slices.Clone(r.times) }

// PerEpoch returns the number of updates of an epoch, 0 for a flow.
func (r *Run) PerEpoch() int { return r.perEpoch }

// Probes returns the number of points followed.
func (r *Run) Probes() int { return len(r.probes) }

// Trajectory returns the output at probe i, counted from 0, at each record. It is empty where there is no such probe.
func (r *Run) Trajectory(i int) theory.Trajectory {
	if i < 0 || i >= len(r.probes) {
		return theory.Trajectory{}
	}
	p := r.probes[i]
	return theory.Trajectory{Name: p.Label, Target: slices.Clone(p.X), T: r.Times(), X: clone2(r.outputs[i])}
}

// Trajectories returns the output at each probe.
func (r *Run) Trajectories() []theory.Trajectory {
	var trs []theory.Trajectory
	for i := range r.probes {
		trs = append(trs, r.Trajectory(i))
	}
	return trs
}

// TestLoss returns the curve of ½‖f(x̂) − x̂‖² at the first probe x̂, whichever [Loss] was trained on. It
// is empty without a probe.
func (r *Run) TestLoss() theory.Curve {
	c := r.Trajectory(0).Loss()
	c.Name = "test loss"
	return c
}

// TrainLoss returns the curve of the loss of all training data. It is empty unless [Record] asked for Loss.
func (r *Run) TrainLoss() theory.Curve {
	c := theory.Curve{Name: "training loss"}
	if len(r.loss) > 0 {
		c.T, c.Y = r.Times(), slices.Clone(r.loss)
	}
	return c
}

// HeldOutLoss returns the curve of the loss over held-out samples. It is empty unless [Record] had some.
func (r *Run) HeldOutLoss() theory.Curve {
	c := theory.Curve{Name: "held-out loss"}
	if len(r.heldOut) > 0 {
		c.T, c.Y = r.Times(), slices.Clone(r.heldOut)
	}
	return c
}

// BatchLoss returns the curve of each update's loss before the update. It is empty
// unless [Record] asked for it.
func (r *Run) BatchLoss() theory.Curve {
	c := theory.Curve{Name: "batch loss", Y: slices.Clone(r.batch)}
	for t := range r.batch {
		c.T = append(c.T, float64(t))
	}
	return c
}

// Jacobian returns ∂f/∂x of record k, d×d, and an error where it was not kept.
func (r *Run) Jacobian(k int) (*mat.Dense, error) {
	if err := kept(k, len(r.jacobians), "Jacobian"); err != nil {
		return nil, err
	}
	return mat.DenseCopyOf(r.jacobians[k]), nil
}

// Entries returns the curves of the entries of ∂f/∂x by rows, named like those of W in the theory of linear networks,
// whose Jacobian is W: w₁₁, w₁₂ … It is an error where Jacobians were not kept.
func (r *Run) Entries() ([]theory.Curve, error) {
	if _, err := r.Jacobian(0); err != nil {
		return nil, err
	}
	d := r.net.D
	curves := make([]theory.Curve, d*d)
	for i := range curves {
		c := theory.Curve{Name: "w" + sim.Subscript(i/d+1) + sim.Subscript(i%d+1), T: r.Times()}
		for _, j := range r.jacobians {
			c.Y = append(c.Y, j.At(i/d, i%d))
		}
		curves[i] = c
	}
	return curves, nil
}

// Weights returns the weights of record k, and an error where they were not kept.
func (r *Run) Weights(k int) (*Weights, error) {
	if err := kept(k, len(r.weights), "Weights"); err != nil {
		return nil, err
	}
	return r.weights[k].Clone(), nil
}

// Measures returns what Record.Measure returned at each record.
func (r *Run) Measures() [][]float64 { return clone2(r.measures) }

// Final returns the weights at the end.
func (r *Run) Final() *Weights { return r.final.Clone() }

// Warnings returns what was doubtful before the run began, one sentence each; see [Training.Warnings].
func (r *Run) Warnings() []string { return slices.Clone(r.warnings) }

// String describes the run in one line.
func (r *Run) String() string {
	if len(r.times) == 0 {
		return fmt.Sprintf("%v: no records", r.net)
	}
	unit := "updates"
	if r.perEpoch == 0 {
		unit = "units of time"
	}
	s := fmt.Sprintf("%v: %g %s, %d records", r.net, r.times[len(r.times)-1], unit, len(r.times))
	if len(r.probes) > 0 {
		s += fmt.Sprintf(", final test loss %.4g", r.TestLoss().Last())
	}
	return s
}

func kept(k, n int, field string) error {
	if n == 0 {
		return check.Bad("train: Record."+field, false, "true, for it to be kept")
	}
	if k < 0 || k >= n {
		return check.Bad("train: the record", k, fmt.Sprintf("0 to %d", n-1))
	}
	return nil
}

func clone2(x [][]float64) [][]float64 {
	c := make([][]float64, len(x))
	for i := range x {
		c[i] = slices.Clone(x[i])
	}
	return c
}
