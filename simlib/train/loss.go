package train

import "fmt"

// Loss says how the squared errors of samples and coordinates are averaged.
type Loss int

const (
	// MeanSquare is the published code's, and PyTorch's MSELoss:
	// 1/(n·d) Σ ‖f(x) − y‖², the mean over samples and coordinates.
	MeanSquare Loss = iota
	// HalfSquare is the paper's: 1/(2n) Σ ‖f(x) − y‖², the mean over samples.
	HalfSquare
)

// String returns "mean square" or "half square".
func (l Loss) String() string {
	switch l {
	case MeanSquare:
		return "mean square"
	case HalfSquare:
		return "half square"
	}
	return fmt.Sprintf("Loss(%d)", int(l))
}

// weight is what multiplies Σ ‖f(x) − y‖² over count samples of dimension d.
func (l Loss) weight(count, d int) float64 {
	if l == HalfSquare {
		return 1 / (2 * float64(count))
	}
	return 1 / (float64(count) * float64(d))
}

// Precision is the type that a training computes in.
type Precision int

const (
	// Float64 is double precision.
	Float64 Precision = iota
	// Float32 is single precision, PyTorch's default.
	Float32
)

// String returns "float64" or "float32".
func (p Precision) String() string {
	switch p {
	case Float64:
		return "float64"
	case Float32:
		return "float32"
	}
	return fmt.Sprintf("Precision(%d)", int(p))
}
