package train

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Warnings returns what is doubtful about a training that [Training.Check] accepts, a sentence each:
// a learning rate at which gradient descent cannot settle. Gradient
// descent stays at a minimum only where η times the loss's largest second derivative is
// below 2, or below 2(1+m) with momentum m. For linear networks with Y = X, that derivative is
// known: of one layer it is the largest eigenvalue λ of the data's second moment
// (in the units of the loss), of L layers no less than Lλ at any minimum (Mulayoff and Michaeli,
// Unique properties of flat minima in deep networks, ICML 2020), and of the
// symmetric UUᵀ no less than 4λ. Of other networks and of Adam nothing is said.
func (t Training) Warnings() []string {
	if t.Check() != nil {
		return nil
	}
	return t.warnings()
}

func (t Training) warnings() []string {
	if t.Optimizer.Rule != RuleSGD || !t.Net.config().IsLinear() || t.Y != nil || t.Net.D > 512 {
		return nil
	}
	n, d := t.X.Dims()
	// A bias is one more input that is always 1; leaving it out can only make the
	// derivative smaller.
	var a mat.SymDense
	a.SymOuterK(1/float64(n), t.X.T())
	var eig mat.EigenSym
	if !eig.Factorize(&a, false) {
		return nil
	}
	values := eig.Values(nil)
	lambda := values[len(values)-1]
	if t.Loss == MeanSquare {
		lambda *= 2 / float64(d)
	}
	switch {
	case t.Net.Tied:
		lambda *= 4
		if t.Net.Width > 0 && t.Net.Width < d {
			return nil
		}
	default:
		if l := len(t.Net.dims()) - 1; l > 1 {
			if t.Net.Width > 0 && t.Net.Width < d {
				return nil
			}
			lambda *= float64(l)
		}
	}
	m := t.Optimizer.Momentum
	if t.Optimizer.Dampening != 0 || t.Optimizer.Nesterov || t.Optimizer.WeightDecay != 0 || !(lambda > 0) || math.IsInf(lambda, 0) {
		return nil
	}
	if most := 2 * (1 + m) / lambda; t.Optimizer.LR > most {
		return []string{fmt.Sprintf("train: Optimizer.LR is %g, at which this training cannot settle; want less than %.4g", t.Optimizer.LR, most)}
	}
	return nil
}
