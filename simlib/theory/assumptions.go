package theory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"swingby/simlib/internal/check"
)

// Constants are the free numbers of the paper's Appendix D. Its theorem holds if there are
// some that satisfy all assumptions; those left 0 are chosen to make the smallest margin as large as it can be.
type Constants struct {
	// K bounds the step size; the paper wants K ≥ 20.
	K float64
	// P bounds minor entries: |w_ij| ≤ Pβω. The paper wants P ≥ 2.
	P float64
	// Kappa is how much faster or slower than exponential an entry may be; the paper
	// wants 1.1 < κ ≤ 1 + K/(2C).
	Kappa float64
	// C separates the rates: a_i − 3a_j ≥ α/C. The paper wants C > 1.
	C float64
}

// A Check is one inequality of an assumption.
type Check struct {
	// Assumption is the paper's number, "D.1" to "D.5".
	Assumption string
	// Says is the inequality in words of mathematics: smaller side ≤ larger side.
	Says string
	// Left is to be at most Right.
	Left, Right float64
	// Margin is how many times over it holds: Right/Left, at least 1 if it does. It is
	// negative where Right is.
	Margin float64
	// Holds reports whether Left ≤ Right, strictly where the paper is strict.
	Holds bool
}

// String gives assumption, inequality, numbers and margin.
func (c Check) String() string {
	verdict := "fails"
	if c.Holds {
		verdict = "holds"
	}
	return fmt.Sprintf("%s %s: %s, %.4g ≤ %.4g, margin %.3g", c.Assumption, verdict, c.Says, c.Left, c.Right, c.Margin)
}

// Assumptions says which assumptions of the paper's stagewise proof a run satisfies, and by how much.
type Assumptions struct {
	// Constants are those used, given or chosen.
	Constants Constants
	// Alpha ≤ a_k ≤ Gamma·Alpha bounds the rates, Omega ≤ |w_ij(0)| ≤ Beta·Omega the initialisation.
	Alpha, Gamma, Omega, Beta float64
	// Eta is the step size and D the number of axes that the statement is about.
	Eta float64
	D   int
	// Checks has every inequality in the paper's order. Of those that are
	// about every pair of concepts, the pair with the smallest margin stands.
	Checks []Check

	rates, w0 []float64 // of the axes in question
	axes      []int
}

// Holds reports whether all assumptions hold.
func (a *Assumptions) Holds() bool {
	return !slices.ContainsFunc(a.Checks, func(c Check) bool { return !c.Holds })
}

// Worst returns the check with the smallest margin.
func (a *Assumptions) Worst() Check {
	return slices.MinFunc(a.Checks, func(x, y Check) int {
		switch {
		case x.Margin < y.Margin:
			return -1
		case x.Margin > y.Margin:
			return 1
		}
		return 0
	})
}

// String tabulates the checks.
func (a *Assumptions) String() string {
	var b strings.Builder
	c := a.Constants
	fmt.Fprintf(&b, "α = %.4g, γ = %.4g, ω = %.4g, β = %.4g, η = %g, d = %d; K = %.4g, P = %.4g, κ = %.4g, C = %.4g",
		a.Alpha, a.Gamma, a.Omega, a.Beta, a.Eta, a.D, c.K, c.P, c.Kappa, c.C)
	for _, k := range a.Checks {
		fmt.Fprintf(&b, "\n%v", k)
	}
	return b.String()
}

// Assumptions checks Appendix D for the run that m describes: along the axes of its concepts alone, for
// on the others the rates are not bounded from below. Rates are those of m.Rate. In D.5 concept
// i is the stronger of the two.
func (m Symmetric) Assumptions(c Constants) (*Assumptions, error) {
	for i, v := range []float64{c.K, c.P, c.Kappa, c.C} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, check.Bad("theory: Constants."+[]string{"K", "P", "Kappa", "C"}[i], v, "a finite number > 0, or 0 to have it chosen")
		}
	}
	var w0 []float64
	m.Steps, m.Every = 1, 0
	r, err := m.run(context.Background(), func(_ int, w []float64) error {
		w0 = slices.Clone(w)
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	r.moved = r.modes.Q != nil
	a := &Assumptions{Eta: m.Eta, axes: r.Concepts()}
	a.D = len(a.axes)
	if a.D == 0 {
		return nil, check.Bad("theory: the number of concepts", 0, "at least 1 training centroid away from the origin")
	}
	for _, i := range a.axes {
		a.rates = append(a.rates, r.rates[i-1])
		for _, j := range a.axes {
			a.w0 = append(a.w0, w0[(i-1)*r.d+j-1])
		}
	}
	a.Alpha, a.Omega = math.Inf(1), math.Inf(1)
	top, largest := 0.0, 0.0
	for _, v := range a.rates {
		a.Alpha, top = math.Min(a.Alpha, v), math.Max(top, v)
	}
	for _, v := range a.w0 {
		a.Omega, largest = math.Min(a.Omega, math.Abs(v)), math.Max(largest, math.Abs(v))
	}
	a.Gamma, a.Beta = top/a.Alpha, largest/a.Omega
	a.choose(c)
	a.Checks = a.checks(a.Constants, true)
	return a, nil
}

// choose fills in the constants that were left open, by search.
func (a *Assumptions) choose(given Constants) {
	c := given
	if c.K == 0 {
		// The least that is allowed is best for all but κ ≤ 1 + K/(2C), which is wide.
		c.K = 20
	}
	if c.C == 0 {
		// The least that the rates allow is best; above 1 in any case.
		gap := math.Inf(1)
		for i, ai := range a.rates {
			for j, aj := range a.rates {
				if i != j && ai > aj {
					gap = math.Min(gap, ai-3*aj)
				}
			}
		}
		c.C = 2
		if gap > 0 && !math.IsInf(gap, 1) {
			c.C = math.Max(1.01, a.Alpha/gap)
		}
	}
	kappas, ps := []float64{c.Kappa}, []float64{c.P}
	if c.Kappa == 0 {
		kappas = nil
		top := math.Max(1+c.K/(2*c.C), 1.2)
		for x := 1.1001; x < math.Min(top, 20); x *= 1.01 {
			kappas = append(kappas, x)
		}
	}
	if c.P == 0 {
		ps = nil
		// From what is allowed to what D.3 bears.
		const n = 300
		most := math.Max(2, math.Min(.4/(a.Omega*a.Beta), 1e300))
		for k := range n + 1 {
			ps = append(ps, 2*math.Pow(most/2, float64(k)/n))
		}
	}
	best := math.Inf(-1)
	for _, kappa := range kappas {
		for _, p := range ps {
			try := c
			try.Kappa, try.P = kappa, p
			worst := math.Inf(1)
			for _, k := range a.checks(try, false) {
				worst = math.Min(worst, k.Margin)
			}
			if worst > best {
				best, a.Constants = worst, try
			}
		}
	}
	if math.IsInf(best, -1) {
		c.Kappa, c.P = kappas[0], ps[0]
		a.Constants = c
	}
}

// checks evaluates every inequality; in a search the words for those of pairs are not needed.
func (a *Assumptions) checks(c Constants, words bool) []Check {
	var cs []Check
	add := func(number, says string, left, right float64, strict bool) {
		k := Check{Assumption: number, Says: says, Left: left, Right: right, Holds: left <= right}
		if strict {
			k.Holds = left < right
		}
		k.Margin = right / left
		if math.IsNaN(k.Margin) {
			k.Margin = math.Inf(-1)
		}
		cs = append(cs, k)
	}
	d := float64(a.D)
	top := a.Gamma * a.Alpha
	add("D.1", "0 < α", 0, a.Alpha, true)
	add("D.1", "0 < ω", 0, a.Omega, true)
	for i := range cs { // a margin over 0 is as wide as it is
		cs[i].Margin = math.Inf(1)
		if !cs[i].Holds {
			cs[i].Margin = 0
		}
	}
	add("D.2", "η ≤ 1/(9Kγα)", a.Eta, 1/(9*c.K*top), false)
	add("D.2", "20 ≤ K", 20, c.K, false)
	add("D.3", "Pωβ ≤ 0.4", c.P*a.Omega*a.Beta, .4, false)
	small := math.Min(c.Kappa-1, 1-1/math.Sqrt(c.Kappa)) / (c.P * c.K * a.Gamma * d * a.Beta * a.Beta)
	add("D.4", "ω ≤ min(κ−1, 1−κ^(−1/2))/(PKγdβ²)", a.Omega, small, false)
	add("D.4", "ω ≤ 1/√(2β)", a.Omega, 1/math.Sqrt(2*a.Beta), false)
	add("D.4", "1.1 < κ", 1.1, c.Kappa, true)
	add("D.4", "κ ≤ 1 + K/(2C)", c.Kappa, 1+c.K/(2*c.C), false)
	add("D.4", "2 ≤ P", 2, c.P, false)
	add("D.5", "1 < C", 1, c.C, true)
	bound := math.Log(c.P) / (10*c.Kappa*c.Kappa*math.Log(1/(c.P*a.Beta*a.Omega)) + math.Log(c.P*a.Beta))
	if !(c.P*a.Beta*a.Omega < 1) {
		bound = 0 // the logarithm says nothing; D.3 fails as well
	}
	var ratio, gap *Check
	for i, ai := range a.rates {
		for j, aj := range a.rates {
			if i == j || ai < aj || ai == aj && i > j {
				continue
			}
			n := len(cs)
			near, far := "", ""
			if words {
				si, sj := subscript(a.axes[i]), subscript(a.axes[j])
				near = fmt.Sprintf("(a%s+a%s)/(2a%[1]s) ≤ log P/(10κ² log(1/(Pβω)) + log(Pβ))", si, sj)
				far = fmt.Sprintf("α/C ≤ a%s − 3a%s", si, sj)
			}
			add("D.5", near, (ai+aj)/(2*ai), bound, false)
			add("D.5", far, a.Alpha/c.C, ai-3*aj, false)
			if ratio == nil || cs[n].Margin < ratio.Margin {
				k := cs[n]
				ratio = &k
			}
			if gap == nil || cs[n+1].Margin < gap.Margin {
				k := cs[n+1]
				gap = &k
			}
			cs = cs[:n]
		}
	}
	if ratio != nil {
		cs = append(cs, *ratio, *gap)
	}
	return cs
}

// A Bound is one of the lemmas of Appendix D over a run: a curve that an entry of W is not to cross.
type Bound struct {
	// Lemma says it as a formula.
	Lemma string
	// I and J name the entry w_ij that it is about.
	I, J int
	// Value is the entry, its absolute value where the lemma speaks of that; Limit is the curve not
	// to be crossed. Both end where the lemma stops speaking.
	Value, Limit Curve
	// Lower is set where the entry is to stay above the limit.
	Lower bool
	// Holds reports whether it does over the run, and Broken is the number of updates
	// after which it first does not, NaN if it always does.
	Holds  bool
	Broken float64
}

// String names the entry, the lemma and the verdict.
func (b Bound) String() string {
	verdict := "holds"
	if !b.Holds {
		verdict = fmt.Sprintf("broken after %.0f updates", b.Broken)
	}
	return fmt.Sprintf("w%s%s: %s %s", subscript(b.I), subscript(b.J), b.Lemma, verdict)
}

// Bounds draws the lemmas over a run of the model that a was made for, seen in modes:
//
//	|w_ij(t)| ≤ |w_ij(0)| e^{ηt(a_i+a_j)κ}
//	w_ii(t) ≥ w_ii(0) e^{2ηt a_i/κ}          until T1(i) = ln(Pβω/w_ii(0)) / (2ηa_iκ)
//	0 ≤ w_ii(t) ≤ 1 + 2/K
//	|w_ij(t)| ≤ Pβω                          for i ≠ j
//
// The paper proves them under its assumptions; where those fail the bounds are
// there to be compared.
func (r *Run) Bounds(a *Assumptions) ([]Bound, error) {
	if a == nil {
		return nil, check.Bad("theory: the assumptions of Bounds", nil, "those from Symmetric.Assumptions")
	}
	v := r.InModes()
	if !r.symmetric || !slices.Equal(v.Concepts(), a.axes) || a.Eta != r.eta {
		return nil, errors.New("theory: the assumptions are of another run; want those of the model that made this one")
	}
	t, c := v.Times(), a.Constants
	var bs []Bound
	add := func(i, j int, lemma string, lower, abs bool, until float64, limit func(t float64) float64) {
		b := Bound{Lemma: lemma, I: i, J: j, Lower: lower, Holds: true, Broken: math.NaN()}
		w := v.entry(i, j)
		b.Value.Name, b.Limit.Name = w.Name, lemma
		for k, y := range w.Y {
			if t[k] > until {
				break
			}
			if abs {
				y = math.Abs(y)
			}
			l := limit(t[k])
			b.Value.T, b.Value.Y = append(b.Value.T, t[k]), append(b.Value.Y, y)
			b.Limit.T, b.Limit.Y = append(b.Limit.T, t[k]), append(b.Limit.Y, l)
			// An equality at the start is none the worse for rounding.
			slack := 1e-12 * math.Abs(l)
			if b.Holds && (lower && y < l-slack || !lower && y > l+slack) {
				b.Holds, b.Broken = false, t[k]
			}
		}
		bs = append(bs, b)
	}
	minor := c.P * a.Beta * a.Omega
	for _, i := range a.axes {
		for _, j := range a.axes {
			if j > i {
				continue
			}
			w0, ai, aj := v.weights(0)[(i-1)*r.d+j-1], v.rates[i-1], v.rates[j-1]
			add(i, j, fmt.Sprintf("|w| ≤ |w(0)| exp(κηt(a%s+a%s))", subscript(i), subscript(j)), false, true, math.Inf(1), func(t float64) float64 {
				return math.Abs(w0) * math.Exp(r.eta*t*(ai+aj)*c.Kappa)
			})
			if i != j {
				add(i, j, "|w| ≤ Pβω", false, true, math.Inf(1), func(float64) float64 { return minor })
				continue
			}
			first := math.Log(minor/w0) / (2 * r.eta * ai * c.Kappa)
			add(i, j, fmt.Sprintf("w ≥ w(0) exp(2ηta%s/κ) until T1", subscript(i)), true, false, first, func(t float64) float64 {
				return w0 * math.Exp(2*r.eta*t*ai/c.Kappa)
			})
			add(i, j, "w ≥ 0", true, false, math.Inf(1), func(float64) float64 { return 0 })
			add(i, j, "w ≤ 1 + 2/K", false, false, math.Inf(1), func(float64) float64 { return 1 + 2/c.K })
		}
	}
	return bs, nil
}
