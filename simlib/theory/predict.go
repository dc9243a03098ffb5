package theory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Prediction is the theory of a run in closed form, made before anything is simulated.
//
// One layer is the exact flow, w_ij(t) = δ_ij + (w_ij(0) − δ_ij) e^{−a_j t}, with t = η · updates.
//
// Two layers are taken apart into the concepts, in the order k = 1 … d in which they are learned. While
// all is small the flow is W(t) = e^{At} W(0) e^{At}, which Gaussian elimination goes along with: W(0) is a sum of
// one matrix of rank one for each concept, v vᵀ/v_k, where v is the column k of what the elimination of those
// before has left, and v_k its pivot. Each piece then saturates by itself,
//
//	v_k(t) = v_k e^{2a_k t} / D_k,  D_k = 1 − v_k + v_k e^{2a_k t}
//	v_j(t) = v_j e^{(a_k+a_j) t} D_k^{−(3a_k+a_j)/(4a_k)} D_j^{−(3a_j+a_k)/(4a_j)}
//
// which solve ẇ_kk = 2a_k w_kk (1 − w_kk) and ẇ_kj = G_kj − S_kj. The pivot of a concept is less than
// w_kk(0): what it shares with those learned before goes to them, the work of the interaction N in Equation
// 4.3. This is beyond the paper, whose bounds take N for small. What a run does otherwise
// is the work of saturated pieces on each other, and of steps that are not small: see [Run.Compare].
type Prediction struct {
	// Learned has every concept in the predicted order, with the updates until w_pp = ½:
	// ln((1−v_p)/v_p) / (2ηa_p) for two layers, where v_p is the pivot, ln(2(1−w_pp(0))) / (ηa_p) for one.
	Learned []Learning
	// Alone has the same for every concept by itself, w_pp(0) in place of the pivot; as the paper's T1(p) does, it
	// leaves out what concepts have to do with each other.
	Alone []Learning

	frame *Run // task, modes, rates and η of the run predicted, without records
	w0    []float64
	// Two layers: the axes in the order of elimination, and the columns that were eliminated, by the axis.
	order  []int
	pieces [][]float64
}

// Predict returns the theory of the run that m describes, whose W is seen in modes.
func (m Symmetric) Predict() (*Prediction, error) {
	var w0 []float64
	// The first matrix is all that is needed of the run, which ends there.
	m.Steps, m.Every = 1, 0
	r, err := m.run(context.Background(), func(_ int, w []float64) error {
		w0 = slices.Clone(w)
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	return predict(r, w0), nil
}

// Predict returns the theory of the run that m describes, seen in modes: the exact flow.
func (m OneLayer) Predict() (*Prediction, error) {
	w, err := m.check()
	if err != nil {
		return nil, err
	}
	r, err := newRun("OneLayer", m.Task, m.Moment, m.Eta, 1, 1)
	if err != nil {
		return nil, err
	}
	return predict(r, r.modes.conjugate(w, false)), nil
}

// errEnough ends a run whose beginning was all that was asked for.
var errEnough = errors.New("theory: enough")

func predict(r *Run, w0 []float64) *Prediction {
	r.moved, r.observe = r.modes.Q != nil, nil
	d := r.d
	p := &Prediction{frame: r, w0: w0}
	halfway := func(k int, w float64) float64 {
		a := r.rates[k]
		switch {
		case w >= .5:
			return 0
		case !(a > 0) || r.symmetric && !(w > 0):
			return math.Inf(1)
		case r.symmetric:
			return math.Log((1-w)/w) / (2 * r.eta * a)
		}
		return math.Log(2*(1-w)) / (r.eta * a)
	}
	concepts := r.Concepts()
	for _, k := range concepts {
		p.Alone = append(p.Alone, Learning{Concept: k, T: halfway(k-1, w0[(k-1)*d+k-1])})
	}
	sortLearned(p.Alone)
	if !r.symmetric {
		p.Learned = slices.Clone(p.Alone)
		return p
	}
	// Eliminate, and of what is left take the concept that is learned first.
	rest := slices.Clone(w0)
	p.pieces = make([][]float64, d)
	for range d {
		next, soonest := -1, math.Inf(1)
		for k := range d {
			if p.pieces[k] != nil {
				continue
			}
			// Of a matrix of low rank elimination leaves rounding.
			pivot := rest[k*d+k]
			if pivot < 1e-13*w0[k*d+k] {
				pivot = 0
			}
			if t := halfway(k, pivot); next < 0 || t < soonest {
				next, soonest = k, t
			}
		}
		v := slices.Clone(rest[next*d : next*d+d])
		for k := range v {
			if p.pieces[k] != nil {
				v[k] = 0
			}
		}
		p.order, p.pieces[next] = append(p.order, next), v
		if slices.Contains(concepts, next+1) {
			p.Learned = append(p.Learned, Learning{Concept: next + 1, T: soonest})
		}
		if v[next] > 1e-13*w0[next*d+next] {
			for i := range d {
				for j := range d {
					rest[i*d+j] -= v[i] * v[j] / v[next]
				}
			}
		}
	}
	sortLearned(p.Learned)
	return p
}

func sortLearned(ls []Learning) {
	slices.SortStableFunc(ls, func(a, b Learning) int { return cmp.Compare(a.T, b.T) })
}

// Order returns the concepts in the order in which they are predicted to be learned.
func (p *Prediction) Order() []int { return Stages{Learned: p.Learned}.Order() }

// Entry returns the predicted w_ij, i and j = 1 … d, at numbers of updates that may be any reals.
func (p *Prediction) Entry(i, j int, updates []float64) (Curve, error) {
	if err := p.frame.checkEntry(i, j); err != nil {
		return Curve{}, err
	}
	c := Curve{Name: "w" + subscript(i) + subscript(j) + " predicted", T: slices.Clone(updates), Y: make([]float64, len(updates))}
	for n, u := range updates {
		c.Y[n] = p.at(i-1, j-1, u*p.frame.eta)
	}
	return c, nil
}

func (p *Prediction) at(i, j int, t float64) float64 {
	d, a := p.frame.d, p.frame.rates
	switch {
	case !p.frame.symmetric && i == j:
		return 1 + (p.w0[i*d+j]-1)*math.Exp(-a[j]*t)
	case !p.frame.symmetric:
		return p.w0[i*d+j] * math.Exp(-a[j]*t)
	}
	sum := 0.0
	for _, k := range p.order {
		if k == i && k == j {
			return sum + p.pivot(k, t)
		}
		vi, vj := p.pieces[k][i], p.pieces[k][j]
		if k == i || k == j {
			return sum + p.tie(k, i+j-k, t)
		}
		if vi != 0 && vj != 0 {
			sum += p.tie(k, i, t) * p.tie(k, j, t) / p.pivot(k, t)
		}
	}
	return sum
}

// pivot is v_k(t), written so that nothing overflows.
func (p *Prediction) pivot(k int, t float64) float64 {
	v := p.pieces[k][k]
	return v / (v + (1-v)*math.Exp(-2*p.frame.rates[k]*t))
}

// tie is v_j(t) of the piece of k.
func (p *Prediction) tie(k, j int, t float64) float64 {
	a := p.frame.rates
	return p.pieces[k][j] * math.Exp((a[k]+a[j])*t-(3*a[k]+a[j])/2*p.learned(k, t)-(3*a[j]+a[k])/2*p.learned(j, t))
}

// learned is the integral of v_k from 0 to t, ln D_k / (2a_k).
func (p *Prediction) learned(k int, t float64) float64 {
	v, a := p.pieces[k][k], p.frame.rates[k]
	x := 2 * a * t
	switch {
	case x > 30 && v > 1e-12:
		return (x + math.Log(v) + math.Log1p((1-v)/v*math.Exp(-x))) / (2 * a)
	case x > 1e-9:
		return math.Log1p(v*math.Expm1(x)) / (2 * a)
	}
	return v * t
}

// TestLoss returns the predicted loss ½‖Wx̂ − x̂‖² at numbers of updates. It is
// empty for a task without a probe.
func (p *Prediction) TestLoss(updates []float64) Curve {
	c := Curve{Name: "test loss predicted"}
	x := p.frame.task.Target()
	if x == nil {
		return c
	}
	x = p.frame.seen(x)
	c.T, c.Y = slices.Clone(updates), make([]float64, len(updates))
	for n, u := range updates {
		for i := range x {
			e := -x[i]
			for j, v := range x {
				if v != 0 {
					e += p.at(i, j, u*p.frame.eta) * v
				}
			}
			c.Y[n] += e * e / 2
		}
	}
	return c
}

// String lists the predicted times.
func (p *Prediction) String() string {
	var names []string
	for _, l := range p.Learned {
		names = append(names, l.String())
	}
	return "predicted: " + strings.Join(names, ", ")
}

// A Difference is the distance between a curve simulated and the same predicted.
type Difference struct {
	// Name is that of the curve simulated.
	Name string
	// Most is the largest |simulated − predicted|, and T the updates after which it is found.
	Most, T float64
}

// A Comparison says where simulation and prediction differ, by how much.
type Comparison struct {
	// Simulated and Predicted hold the same concepts in the same order: that of the simulation.
	Simulated, Predicted []Learning
	// SameOrder reports whether theory and simulation learn the concepts in the same order.
	SameOrder bool
	// Entries has the entries w_ij, i ≥ j for two layers, the one that differs most first.
	Entries []Difference
	// Loss is the difference of the test losses.
	Loss Difference
	// SimulatedTurns and PredictedTurns are the extrema of the two test losses.
	SimulatedTurns, PredictedTurns []Extremum
}

// Compare sets the run, seen in modes, against a prediction, at every update recorded.
func (r *Run) Compare(p *Prediction) (Comparison, error) {
	if p == nil || p.frame == nil {
		return Comparison{}, fmt.Errorf("theory: the prediction is nil; want one from the Predict method of the run's model")
	}
	f := p.frame
	if f.d != r.d || f.symmetric != r.symmetric || f.eta != r.eta || !slices.Equal(f.rates, r.rates) {
		return Comparison{}, fmt.Errorf("theory: the prediction is of another run: d = %d, η = %g, rates %.4g; want that of this one, d = %d, η = %g, rates %.4g", f.d, f.eta, f.rates, r.d, r.eta, r.rates)
	}
	v := r.InModes()
	c := Comparison{Simulated: v.Stages().Learned}
	for _, l := range c.Simulated {
		for _, q := range p.Learned {
			if q.Concept == l.Concept {
				c.Predicted = append(c.Predicted, q)
			}
		}
	}
	order := func(ls []Learning) (o []int) {
		for _, l := range ls {
			o = append(o, l.Concept)
		}
		return o
	}
	c.SameOrder = slices.Equal(order(c.Simulated), order(p.Learned))
	t := v.Times()
	for _, e := range v.Entries() {
		c.Entries = append(c.Entries, Difference{Name: e.Name})
	}
	n := 0
	for i := range r.d {
		for j := range r.d {
			if j > i && r.symmetric {
				continue
			}
			diff := &c.Entries[n]
			n++
			for k := range t {
				if far := math.Abs(v.weights(k)[i*r.d+j] - p.at(i, j, t[k]*r.eta)); far > diff.Most {
					diff.Most, diff.T = far, t[k]
				}
			}
		}
	}
	slices.SortStableFunc(c.Entries, func(a, b Difference) int { return cmp.Compare(b.Most, a.Most) })
	loss, theory := v.TestLoss(), p.TestLoss(t)
	c.Loss.Name = loss.Name
	for k, y := range loss.Y {
		if far := math.Abs(y - theory.Y[k]); far > c.Loss.Most {
			c.Loss.Most, c.Loss.T = far, t[k]
		}
	}
	c.SimulatedTurns, c.PredictedTurns = loss.Extrema(), theory.Extrema()
	return c, nil
}

// String tabulates the comparison.
func (c Comparison) String() string {
	var b strings.Builder
	b.WriteString("concept  simulated  predicted  difference")
	for k, s := range c.Simulated {
		p := c.Predicted[k]
		if math.IsInf(s.T, 1) || math.IsInf(p.T, 1) {
			fmt.Fprintf(&b, "\n%7d  %9.0f  %9.0f  %10s", s.Concept, s.T, p.T, "–")
			continue
		}
		fmt.Fprintf(&b, "\n%7d  %9.0f  %9.0f  %+10.0f", s.Concept, s.T, p.T, s.T-p.T)
	}
	if !c.SameOrder {
		b.WriteString("\nthe orders differ")
	}
	for k, d := range append([]Difference{c.Loss}, c.Entries...) {
		if k > 4 {
			break
		}
		fmt.Fprintf(&b, "\n%s differs by up to %.3g, after %.0f", d.Name, d.Most, d.T)
	}
	return b.String()
}
