package layers

import "swingby/simlib/internal/kernel"

// A Judge computes Σ ‖f(x) − y‖² of a network over samples that stay the same.
//
// A linear network needs a few rows, and one layer of ReLU units needs little more on samples of a few
// coordinates; see kinks.go. Anything else is passed through the network, some rows at a time.
type Judge[T kernel.Float] struct {
	net   *Net[T]
	rows  []*Batch[T]
	kinks *kinks
}

// Judge prepares the loss over samples.
func (n *Net[T]) Judge(s *Samples) *Judge[T] {
	j := &Judge[T]{net: n}
	switch {
	case n.IsLinear():
		j.rows = []*Batch[T]{n.Batch(s, nil, true)}
	case n.kinked(s):
		j.kinks = newKinks(s, n.Dims[1])
	default:
		// As many rows as stay in the cache with a layer of a usual width.
		const some = 512
		for lo := 0; lo < s.N; lo += some {
			order := make([]int, min(some, s.N-lo))
			for i := range order {
				order[i] = lo + i
			}
			j.rows = append(j.rows, n.Batch(s, order, false))
		}
	}
	return j
}

// Loss returns Σ ‖f(x) − y‖² with the network's parameters as they are.
func (j *Judge[T]) Loss() float64 {
	if j.kinks != nil {
		return kinkLoss(j.kinks, j.net)
	}
	sum := 0.0
	for _, b := range j.rows {
		sum += float64(j.net.Loss(b))
	}
	return sum
}
