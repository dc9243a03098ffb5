package diffusion

import (
	"fmt"
	"math"

	"swingby/simlib/internal/check"
)

// A Schedule says how much noise there is at time t = 0 … 1: z = αx + σε with α² = sigmoid(−γ(t)) and
// σ² = sigmoid(γ(t)). γ = log σ²/α² rises from Min to Max.
type Schedule struct {
	// Kind is "learned" or "" for a straight line whose ends are learned with the network, the paper's; "linear" for a
	// straight line that stays; "cosine" for α = cos(πt/2) between Min and Max.
	Kind string
	// Min and Max are γ(0) and γ(1), for a learned schedule in the beginning. With both 0 they stand for the
	// paper's −5 and 10.
	Min, Max float64
}

func (s Schedule) filled() Schedule {
	if s.Kind == "" {
		s.Kind = "learned"
	}
	if s.Min == 0 && s.Max == 0 {
		s.Min, s.Max = -5, 10
	}
	return s
}

func (s Schedule) check(field string) error {
	switch s.Kind {
	case "", "learned", "linear", "cosine":
	default:
		return check.Bad(field+".Kind", fmt.Sprintf("%q", s.Kind), `"learned", "linear" or "cosine"`)
	}
	f := s.filled()
	if !(f.Min >= -30 && f.Min < f.Max && f.Max <= 30) {
		return check.Bad(field+".Min", fmt.Sprintf("%g with Max %g", s.Min, s.Max), "−30 to 30, Min below Max")
	}
	return nil
}

// Gamma returns γ(t) and its slope γ′(t) for a t from 0 to 1; of a learned schedule, where it begins.
func (s Schedule) Gamma(t float64) (gamma, slope float64) {
	s = s.filled()
	return s.gamma(t, s.Max-s.Min, s.Min)
}

// gamma is Gamma with the learned line |slope|·t + intercept.
func (s Schedule) gamma(t, slope, intercept float64) (gamma, dt float64) {
	switch s.Kind {
	case "cosine":
		// tan²(πt/2) = e^γ, with t stretched so that it begins at Min and ends at Max.
		t0, t1 := 2/math.Pi*math.Atan(math.Exp(s.Min/2)), 2/math.Pi*math.Atan(math.Exp(s.Max/2))
		u := t0 + (t1-t0)*t
		return 2 * math.Log(math.Tan(math.Pi/2*u)), 2 * math.Pi * (t1 - t0) / math.Sin(math.Pi*u)
	case "linear":
		return s.Min + (s.Max-s.Min)*t, s.Max - s.Min
	}
	return intercept + math.Abs(slope)*t, math.Abs(slope)
}

// AlphaSigma returns the shares of signal and noise for a γ: α² = sigmoid(−γ), σ² = sigmoid(γ).
func AlphaSigma(gamma float64) (alpha, sigma float64) {
	return math.Sqrt(sigmoid(-gamma)), math.Sqrt(sigmoid(gamma))
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}
