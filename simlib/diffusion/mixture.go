package diffusion

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/internal/check"
	"swingby/simlib/sim"
)

// A Mixture is the distribution of a SIM task's training samples: a Gaussian for each cluster. Under noise it
// stays one, so that what a diffusion model ought to learn from it is known exactly; [NewMixture] makes it.
type Mixture struct {
	d      int
	weight []float64 // sums to 1
	mean   [][]float64
	values [][]float64  // eigenvalues of each covariance
	vector []*mat.Dense // and its eigenvectors, columns
	cov    []*mat.SymDense
}

// NewMixture returns the distribution that the training clusters of a task make.
func NewMixture(task *sim.Task) (*Mixture, error) {
	if task == nil {
		return nil, check.Bad("diffusion: the task of a mixture", "nil", "one from sim.NewTask")
	}
	m := &Mixture{d: task.D()}
	sum := 0.0
	for i, c := range task.Centroids() {
		if c.Role != sim.Train {
			continue
		}
		w := c.Weight
		if w == 0 {
			w = 1
		}
		sum += w
		cov := task.Covariance(i)
		var e mat.EigenSym
		if !e.Factorize(cov, true) {
			return nil, fmt.Errorf("diffusion: the covariance of cluster %s has no eigenvectors; want a symmetric matrix of finite numbers", c.Label)
		}
		q := new(mat.Dense)
		e.VectorsTo(q)
		values := e.Values(nil)
		for k, v := range values {
			values[k] = math.Max(0, v)
		}
		m.weight, m.mean, m.cov = append(m.weight, w), append(m.mean, c.X), append(m.cov, cov)
		m.values, m.vector = append(m.values, values), append(m.vector, q)
	}
	for i := range m.weight {
		m.weight[i] /= sum
	}
	return m, nil
}

// Mean returns the mean of the distribution, of length d.
func (m *Mixture) Mean() []float64 {
	mean := make([]float64, m.d)
	for i, w := range m.weight {
		for k, v := range m.mean[i] {
			mean[k] += w * v
		}
	}
	return mean
}

// Covariance returns the covariance of the distribution, d×d.
func (m *Mixture) Covariance() *mat.SymDense {
	mean, c := m.Mean(), mat.NewSymDense(m.d, nil)
	for i, w := range m.weight {
		for k := range m.d {
			for l := k; l < m.d; l++ {
				c.SetSym(k, l, c.At(k, l)+w*(m.cov[i].At(k, l)+(m.mean[i][k]-mean[k])*(m.mean[i][l]-mean[l])))
			}
		}
	}
	return c
}

// Score returns ∇ log p at noised points z, one in each row: p is the density of αx + σε for samples x and standard normal ε,
//
//	p(z) = Σ_i w_i N(z; αμ_i, α²Σ_i + σ²I)
//
// The error is for rows whose length is not d and a σ that is not > 0.
func (m *Mixture) Score(z mat.Matrix, alpha, sigma float64) (*mat.Dense, error) {
	n, d := z.Dims()
	if d != m.d {
		return nil, check.Bad("diffusion: the columns of z", d, fmt.Sprintf("%d, the dimension of the mixture", m.d))
	}
	if !(sigma > 0) || math.IsInf(sigma, 0) || math.IsNaN(alpha) || math.IsInf(alpha, 0) {
		return nil, check.Bad("diffusion: σ", sigma, "a number > 0")
	}
	out := mat.NewDense(n, d, nil)
	logs := make([]float64, len(m.weight))
	grads := make([][]float64, len(m.weight))
	y, diff := make([]float64, d), make([]float64, d)
	for r := range n {
		for i := range m.weight {
			for k := range d {
				diff[k] = z.At(r, k) - alpha*m.mean[i][k]
			}
			// Along the eigenvectors the covariance is diagonal.
			l := math.Log(m.weight[i])
			for j := range d {
				y[j] = 0
				for k := range d {
					y[j] += m.vector[i].At(k, j) * diff[k]
				}
				v := alpha*alpha*m.values[i][j] + sigma*sigma
				l -= .5 * (y[j]*y[j]/v + math.Log(v))
				y[j] /= -v
			}
			g := make([]float64, d)
			for k := range d {
				for j := range d {
					g[k] += m.vector[i].At(k, j) * y[j]
				}
			}
			logs[i], grads[i] = l, g
		}
		top, sum := slices.Max(logs), 0.0
		for i, l := range logs {
			logs[i] = math.Exp(l - top)
			sum += logs[i]
		}
		for i, p := range logs {
			for k := range d {
				out.Set(r, k, out.At(r, k)+p/sum*grads[i][k])
			}
		}
	}
	return out, nil
}

// TaskData returns samples of a SIM task as what a model learns. What a sample is said to show is its cluster's centroid in terms of
// the concepts: 0 or 1 for each, so that a model can be asked for compositions that it never saw. Without concepts, it
// is the centroid itself.
func TaskData(task *sim.Task, data *sim.Data) (Data, error) {
	if task == nil || data == nil {
		return Data{}, check.Bad("diffusion: task or samples", "nil", "a task and the samples that it drew")
	}
	n, d := data.X.Dims()
	if d != task.D() || len(data.Cluster) != n {
		return Data{}, check.Bad("diffusion: the samples' dimension", d, fmt.Sprintf("%d, that of the task", task.D()))
	}
	all := Rows(data.Inputs())
	centroids := task.Centroids()
	shown := make([][]float64, len(centroids))
	for i, c := range centroids {
		shown[i] = c.X
	}
	if lattice, err := task.Lattice(); err == nil && task.S() > 0 {
		points, coordinates := lattice.Points(), lattice.Coordinates()
		for i, c := range centroids {
			for k, p := range points {
				if slices.Equal(p.X, c.X) {
					shown[i] = coordinates[k]
				}
			}
		}
	}
	for _, c := range data.Cluster {
		if c < 0 || c >= len(shown) {
			return Data{}, check.Bad("diffusion: a sample's cluster", c, fmt.Sprintf("one of the task's, 0 to %d", len(shown)-1))
		}
		all.Conditions = append(all.Conditions, Condition{Vector: shown[c]})
	}
	return all, nil
}
