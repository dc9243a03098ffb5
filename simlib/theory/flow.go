package theory

import (
	"context"
	"fmt"
	"math"

	"swingby/simlib/internal/prince"
)

// Flow follows gradient flow itself, of which [Symmetric.Run] takes steps of size η: the Run has W at the times
// t = η·k of the updates k, so that the two can be laid over each other, and [Run.Eta] turns an update into a
// time. Integration is by the method of Dormand and Prince of order 5(4), in as many steps from one time to the next as an
// error of 10⁻¹¹ takes, relative to the largest entry or absolute, whichever is larger. From U0 it follows U, which keeps W = UUᵀ positive.
//
// It stops for ctx as Run does. Flow does not diverge; a system too stiff for a step of 10⁻⁶ η is an error.
func (m Symmetric) Flow(ctx context.Context) (*Run, error) {
	m.flow = true
	return m.run(ctx, nil)
}

// integrator advances y' = slope(y) over given lengths of time with steps of its own choice.
type integrator struct {
	slope func(dst, y []float64)
	k     prince.Slopes
	trial []float64
	step  float64 // that worked last
	fresh bool    // whether k[0] is the slope at y
}

func newIntegrator(n int, step float64, slope func(dst, y []float64)) *integrator {
	in := &integrator{slope: slope, step: step, trial: make([]float64, n)}
	in.k.Make(n)
	return in
}

const flowTolerance = 1e-11

// advance moves y on by a time. stop is called before every step.
func (in *integrator) advance(y []float64, time float64, stop func() error) error {
	least := 1e-6 * time
	for left := time; left > 0; {
		if err := stop(); err != nil {
			return err
		}
		h := math.Min(in.step, left)
		if left-h < least {
			h = left // no crumb
		}
		if !in.fresh {
			in.slope(in.k[0], y)
			in.fresh = true
		}
		in.k.Step(y, in.trial, h, in.slope)
		worst, size := 0.0, 1.0
		for i := range y {
			e := in.k.Error(i, h)
			worst = math.Max(worst, math.Abs(e))
			size = math.Max(size, math.Abs(y[i]))
			if math.IsNaN(e) {
				worst = math.Inf(1)
			}
		}
		ratio := worst / (flowTolerance * size)
		grow := math.Min(4, math.Max(.2, .9*math.Pow(math.Max(ratio, 1e-9), -.2)))
		if ratio > 1 {
			if h <= least {
				return fmt.Errorf("theory: gradient flow needs steps shorter than %.2g; want a smaller W0, or rates closer together", least)
			}
			in.step = math.Max(h*grow, least)
			continue
		}
		copy(y, in.trial)
		in.k.Accept()
		left -= h
		if h >= in.step || grow < 1 {
			in.step = h * grow
		}
	}
	return nil
}
