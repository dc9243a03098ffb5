package train

import "math"

// An Activation is a function applied to each coordinate between layers. The zero value
// is none at all. Write one with both fields to use your own:
//
//	softplus := train.Activation{
//		Name:  "softplus",
//		F:     func(x float64) float64 { return math.Log1p(math.Exp(x)) },
//		Slope: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
//	}
type Activation struct {
	// Name is what figures and tables call it.
	Name string
	// F is the function, computed in float64 in either precision.
	F func(x float64) float64
	// Slope is its derivative at the same x; at a kink, whichever side's is meant.
	Slope func(x float64) float64

	relu bool // has a kernel of its own
}

// ReLU is max(x, 0), with slope 0 at 0 as PyTorch has it.
var ReLU = Activation{
	Name: "ReLU",
	F:    func(x float64) float64 { return max(x, 0) },
	Slope: func(x float64) float64 {
		if x > 0 {
			return 1
		}
		return 0
	},
	relu: true,
}

// Tanh is the hyperbolic tangent.
var Tanh = Activation{
	Name:  "tanh",
	F:     math.Tanh,
	Slope: func(x float64) float64 { y := math.Tanh(x); return 1 - y*y },
}
