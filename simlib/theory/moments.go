package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// SampleMoment returns the second moment (1/n) Σ x xᵀ of n ≥ 1 samples of length d, 1 to
// [swingby/simlib/sim.MaxDim]. As the Moment of a model it gives the theory of one finite training set:
// full-batch gradient descent on these samples is exactly the model's recurrence.
func SampleMoment(samples [][]float64) (*mat.SymDense, error) {
	if len(samples) == 0 {
		return nil, check.Bad("theory: len(samples)", 0, "at least 1")
	}
	d := len(samples[0])
	if d < 1 || d > sim.MaxDim {
		return nil, check.Bad("theory: len(samples[0])", d, fmt.Sprintf("1 to %d coordinates", sim.MaxDim))
	}
	sums := make([]float64, d*d)
	for n, x := range samples {
		if err := check.Len(fmt.Sprintf("theory: samples[%d]", n), x, d, "as long as the first"); err != nil {
			return nil, err
		}
		if err := check.Finite(fmt.Sprintf("theory: samples[%d]", n), x); err != nil {
			return nil, err
		}
		for i, xi := range x {
			for j := i; j < d; j++ {
				sums[i*d+j] += xi * x[j]
			}
		}
	}
	a := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			a.SetSym(i, j, sums[i*d+j]/float64(len(samples)))
		}
	}
	return a, nil
}

// MomentSpread says how far the second moment Â of a finite training set strays from the
// population's A, exactly: what a seed decides.
type MomentSpread struct {
	// N is the number of samples in all.
	N int
	// Mean is E[Â] = A, d×d.
	Mean *mat.SymDense
	// SD holds the standard deviation of every entry of Â, d×d; it falls as 1/√N.
	SD *mat.SymDense
}

// FiniteSample returns mean and standard deviation of the second moment of n samples per
// cluster of weight 1; 0 stands for the task's own N. A cluster of weight w has w·n samples.
//
// Products of Gaussian coordinates with mean m and covariance Σ have the variance
//
//	Var(x_i x_j) = Σ_ii Σ_jj + Σ_ij² + m_i² Σ_jj + m_j² Σ_ii + 2 m_i m_j Σ_ij
//
// by Isserlis' theorem, and the samples are independent, so that Var(Â_ij) is the sum of
// these over the samples, divided by N².
func FiniteSample(task *sim.Task, n int) (MomentSpread, error) {
	if task == nil {
		return MomentSpread{}, check.Bad("theory: the task of FiniteSample", nil, "a task from sim.NewTask")
	}
	if n == 0 {
		n = task.N()
	}
	if n < 1 {
		return MomentSpread{}, check.Bad("theory: n", n, "at least 1; the task has no number of samples of its own")
	}
	d := task.D()
	s := MomentSpread{Mean: task.SecondMoment(), SD: mat.NewSymDense(d, nil)}
	var train []sim.Centroid
	var covs []*mat.SymDense
	weight := 0.0
	for i, c := range task.Centroids() {
		if c.Role == sim.Train {
			train, covs = append(train, c), append(covs, task.Covariance(i))
			weight += c.Weight
		}
	}
	total := float64(n) * weight
	s.N = int(math.Round(total))
	for i := range d {
		for j := i; j < d; j++ {
			sum := 0.0
			for k, c := range train {
				ci, cj, cij := covs[k].At(i, i), covs[k].At(j, j), covs[k].At(i, j)
				mi, mj := c.X[i], c.X[j]
				sum += float64(n) * c.Weight * (ci*cj + cij*cij + mi*mi*cj + mj*mj*ci + 2*mi*mj*cij)
			}
			s.SD.SetSym(i, j, math.Sqrt(sum)/total)
		}
	}
	return s, nil
}

// String gives the rates with their standard deviations.
func (s MomentSpread) String() string {
	out := fmt.Sprintf("second moment of %d samples:", s.N)
	for k := range s.Mean.SymmetricDim() {
		if k == 8 {
			return out + " …"
		}
		out += fmt.Sprintf(" a%s = %.4g ± %.2g", subscript(k+1), s.Mean.At(k, k), s.SD.At(k, k))
	}
	return out
}
