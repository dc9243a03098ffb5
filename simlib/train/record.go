package train

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// A Record says what to keep of a run, and when. What is kept is the outputs at
// the probes, always, and what else is asked for.
//
// The times are the union of those asked for by Epochs, Every, PerDecade and At; the
// initialisation and the end are always among them. When none is asked for, it is the
// checkpoint before each epoch.
type Record struct {
	// Epochs keeps the checkpoint before every so many epochs; 0 for none.
	Epochs int
	// Every keeps every so many updates; 0 for none.
	Every int
	// PerDecade keeps about so many updates in each factor of ten, evenly in the logarithm; 0 for none.
	PerDecade int
	// At lists further numbers of updates.
	At []int

	// Probes are the points to follow the output at; a position is of length d.
	// [sim.Task.Probes], [sim.Task.Train] and [sim.Task.Compositions] list some.
	Probes []sim.Centroid
	// Loss keeps the loss of all training data.
	Loss bool
	// HeldOut, if not nil, has samples that are not trained on, m×d: the loss over them is kept. Asked for at
	// every update it costs little where a network is linear, or has one ReLU layer and the samples a few
	// coordinates; elsewhere as much as a training update on that many samples.
	HeldOut *mat.Dense
	// Jacobian keeps ∂f/∂x at the first probe, or at the origin without one.
	Jacobian bool
	// Weights keeps the weights.
	Weights bool
	// Measure, if not nil, is called at each record; what it returns is kept. It must not change w.
	Measure func(update int, w *Weights) []float64
	// BatchLoss keeps each update's loss, that of its batch before the update.
	BatchLoss bool
}

// check returns an error for a field that is out of range.
func (r Record) check(n Net) error {
	switch {
	case r.Epochs < 0:
		return check.Bad("train: Record.Epochs", r.Epochs, "at least 1, or 0 for none")
	case r.Every < 0:
		return check.Bad("train: Record.Every", r.Every, "at least 1, or 0 for none")
	case r.PerDecade < 0 || r.PerDecade > 10000:
		return check.Bad("train: Record.PerDecade", r.PerDecade, "1 to 10000, or 0 for none")
	}
	if r.HeldOut != nil {
		if err := checkMatrix("train: Record.HeldOut", r.HeldOut, 0, n.D); err != nil {
			return err
		}
	}
	for i, p := range r.Probes {
		if err := n.point(fmt.Sprintf("train: Record.Probes[%d].X", i), p.X); err != nil {
			return err
		}
	}
	return nil
}

// updates lists the numbers of updates to record at, for epochs of the given length.
func (r Record) updates(total, perEpoch int) ([]int, error) {
	for i, u := range r.At {
		if u < 0 || u > total {
			return nil, check.Bad(fmt.Sprintf("train: Record.At[%d]", i), u, fmt.Sprintf("0 to %d, the number of updates", total))
		}
	}
	if r.Epochs == 0 && r.Every == 0 && r.PerDecade == 0 && len(r.At) == 0 {
		r.Epochs = 1
	}
	list := append([]int{0, total}, r.At...)
	step := func(every int) {
		for u := every; u < total; u += every {
			list = append(list, u)
		}
	}
	if r.Epochs > 0 && r.Epochs <= total/perEpoch+1 {
		step(r.Epochs * perEpoch)
	}
	if r.Every > 0 {
		step(r.Every)
	}
	if r.PerDecade > 0 {
		for k := 0; ; k++ {
			u := int(math.Round(math.Pow(10, float64(k)/float64(r.PerDecade))))
			if u >= total {
				break
			}
			list = append(list, u)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// maxFloats bounds what a run keeps to 1 GiB.
const maxFloats = 1 << 27

// size returns an error when that many records do not fit in memory.
func (r Record) size(n Net, records, updates int) error {
	each := float64(3 + len(r.Probes)*(n.D+3))
	if r.Jacobian {
		each += float64(n.D * n.D)
	}
	if r.Weights {
		for _, s := range n.shapes() {
			each += float64(s[0]*s[1] + s[0])
		}
	}
	total := each * float64(records)
	if r.BatchLoss {
		total += float64(updates)
	}
	if total > maxFloats {
		return check.Bad("train: the size of what Record keeps", fmt.Sprintf("%.0f numbers", total),
			fmt.Sprintf("at most %d; record less often, or fewer things", maxFloats))
	}
	return nil
}
