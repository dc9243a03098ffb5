package sim

import "fmt"

// Role says what a centroid is used for.
type Role int

const (
	// Train marks a centroid whose cluster is trained on.
	Train Role = iota
	// Probe marks a point that is only ever looked at.
	Probe
)

// String returns "train" or "probe".
func (r Role) String() string {
	switch r {
	case Train:
		return "train"
	case Probe:
		return "probe"
	}
	return fmt.Sprintf("Role(%d)", int(r))
}

// A Centroid is a labelled point of R^d: the centre of a training cluster, or a probe.
type Centroid struct {
	// Label names the centroid in figures and tables.
	Label string
	// X is the position, of length d.
	X []float64
	// Role says whether the cluster is trained on; the zero value is Train.
	Role Role
	// Weight is the cluster's relative share of the training samples; 0 stands
	// for 1. It has no meaning for a probe.
	Weight float64
	// Sigma or Cov is the cluster's own noise, in place of the layout's; at most
	// one of the two is set. They have no meaning for a probe.
	Sigma []float64
	Cov   [][]float64
}

// A Layout is a set of centroids written out: what every [Structure] boils down to.
// A Layout is itself a Structure, for centroids that follow no rule.
type Layout struct {
	// D is the ambient dimension d, 1 to [MaxDim].
	D int
	// Centroids lists clusters and probes; at least one must have role [Train].
	// The first with role [Probe] is the task's target x̂.
	Centroids []Centroid
	// Concepts holds the vector of each concept, each of length d. Sums of
	// them are the compositions. It may be empty.
	Concepts [][]float64
	// Sigma is the standard deviation of the noise along each axis, of length
	// d, shared by all clusters; nil stands for no noise.
	Sigma []float64
	// Cov is the covariance of the noise where its coordinates depend on each other, d×d, symmetric and positive
	// semidefinite. It takes the place of Sigma, which is nil or zero then.
	Cov [][]float64
	// N is the number of samples per cluster of weight 1; a cluster of weight w has w·N, rounded.
	// 0 stands for the whole population, n → ∞.
	N int
}

// Layout returns l itself.
func (l Layout) Layout() (Layout, error) { return l, nil }

// A Structure lays out the centroids of a task.
type Structure interface {
	Layout() (Layout, error)
}

// MaxDim is the largest ambient dimension of a task. The second moment of
// that many dimensions takes 128 MiB.
const MaxDim = 4096
