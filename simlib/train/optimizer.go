package train

import (
	"fmt"
	"math"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
)

// Rule is the kind of an [Optimizer].
type Rule int

const (
	// RuleSGD is gradient descent, with momentum or without.
	RuleSGD Rule = iota
	// RuleAdam is Adam (Kingma and Ba 2015).
	RuleAdam
	// RuleAdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019).
	RuleAdamW
)

// String returns "SGD", "Adam" or "AdamW".
func (r Rule) String() string {
	switch r {
	case RuleSGD:
		return "SGD"
	case RuleAdam:
		return "Adam"
	case RuleAdamW:
		return "AdamW"
	}
	return fmt.Sprintf("Rule(%d)", int(r))
}

// An Optimizer is a rule for updating weights θ by gradients g, with the
// arithmetic and the defaults of torch.optim. [SGD], [Momentum], [Adam] and [AdamW] make
// one; its fields may be changed afterwards.
type Optimizer struct {
	// Rule chooses among the kinds.
	Rule Rule
	// LR is the learning rate η > 0.
	LR float64
	// Momentum, 0 ≤ m < 1, makes SGD's step from b ← m·b + (1 − Dampening)·g; the first b is g.
	Momentum float64
	// Dampening is a number from 0 to 1.
	Dampening float64
	// Nesterov makes the step from g + m·b instead of b. Momentum must be positive and Dampening 0.
	Nesterov bool
	// Beta1 and Beta2, from 0 to below 1, are the decay rates of Adam's averages of g and g².
	Beta1, Beta2 float64
	// Eps > 0 is added to the root of Adam's average of g².
	Eps float64
	// WeightDecay λ ≥ 0 adds λθ to the gradient; of AdamW it takes ηλθ from the weights.
	WeightDecay float64
}

// SGD returns gradient descent: θ ← θ − ηg.
func SGD(lr float64) Optimizer { return Optimizer{LR: lr} }

// Momentum returns SGD with momentum m.
func Momentum(lr, m float64) Optimizer { return Optimizer{LR: lr, Momentum: m} }

// Adam returns Adam with decay rates .9 and .999 and ε = 10⁻⁸.
func Adam(lr float64) Optimizer {
	return Optimizer{Rule: RuleAdam, LR: lr, Beta1: .9, Beta2: .999, Eps: 1e-8}
}

// AdamW returns AdamW with Adam's defaults and weight decay .01.
func AdamW(lr float64) Optimizer {
	return Optimizer{Rule: RuleAdamW, LR: lr, Beta1: .9, Beta2: .999, Eps: 1e-8, WeightDecay: .01}
}

// String names the rule and its learning rate.
func (o Optimizer) String() string {
	s := fmt.Sprintf("%v, η = %g", o.Rule, o.LR)
	if o.Momentum > 0 {
		s += fmt.Sprintf(", momentum %g", o.Momentum)
	}
	return s
}

func (o Optimizer) check(owner string) error {
	field := func(name string) string { return owner + "." + name }
	fraction := func(x float64) bool { return x >= 0 && x < 1 }
	switch {
	case o.Rule < RuleSGD || o.Rule > RuleAdamW:
		return check.Bad(field("Rule"), int(o.Rule), "train.RuleSGD, train.RuleAdam or train.RuleAdamW")
	case !(o.LR > 0) || math.IsInf(o.LR, 0):
		return check.Bad(field("LR"), o.LR, "a finite number > 0")
	case !(o.WeightDecay >= 0) || math.IsInf(o.WeightDecay, 0):
		return check.Bad(field("WeightDecay"), o.WeightDecay, "a finite number ≥ 0")
	case !fraction(o.Momentum):
		return check.Bad(field("Momentum"), o.Momentum, "a number from 0 to below 1")
	}
	if o.Rule == RuleSGD {
		switch {
		case !(o.Dampening >= 0 && o.Dampening <= 1):
			return check.Bad(field("Dampening"), o.Dampening, "a number from 0 to 1")
		case o.Nesterov && (o.Momentum == 0 || o.Dampening != 0):
			return check.Bad(field("Nesterov"), o.Nesterov, "false, or a Momentum > 0 and a Dampening of 0")
		}
		return nil
	}
	switch {
	case o.Momentum != 0:
		return check.Bad(field("Momentum"), o.Momentum, "0 for "+o.Rule.String()+", which has Beta1")
	case !fraction(o.Beta1):
		return check.Bad(field("Beta1"), o.Beta1, "a number from 0 to below 1")
	case !fraction(o.Beta2):
		return check.Bad(field("Beta2"), o.Beta2, "a number from 0 to below 1")
	case !(o.Eps > 0) || math.IsInf(o.Eps, 0):
		return check.Bad(field("Eps"), o.Eps, "a finite number > 0")
	}
	return nil
}

// plain reports whether an update is θ − ηg and nothing else.
func (o Optimizer) plain() bool {
	return o.Rule == RuleSGD && o.Momentum == 0 && o.WeightDecay == 0
}

// updater applies an optimizer and keeps its averages.
type updater[T kernel.Float] struct {
	o      Optimizer
	params [][]T
	grads  [][]T
	first  [][]T // momentum, or the average of g
	second [][]T // the average of g²
	steps  int
}

func newUpdater[T kernel.Float](o Optimizer, params, grads [][]T) *updater[T] {
	u := &updater[T]{o: o, params: params, grads: grads}
	for _, p := range params {
		u.first = append(u.first, make([]T, len(p)))
		if o.Rule != RuleSGD {
			u.second = append(u.second, make([]T, len(p)))
		}
	}
	return u
}

// update changes the parameters by the gradients, which it may overwrite.
func (u *updater[T]) update() {
	u.steps++
	for i, p := range u.params {
		g := u.grads[i][:len(p)]
		if u.o.WeightDecay != 0 {
			if u.o.Rule == RuleAdamW {
				keep := T(1 - u.o.LR*u.o.WeightDecay)
				for j := range p {
					p[j] *= keep
				}
			} else {
				kernel.AddScaled(g, T(u.o.WeightDecay), p)
			}
		}
		if u.o.Rule == RuleSGD {
			u.sgd(p, g, u.first[i])
		} else {
			u.adam(p, g, u.first[i], u.second[i])
		}
	}
}

func (u *updater[T]) sgd(p, g, b []T) {
	if m := T(u.o.Momentum); m != 0 {
		share := T(1 - u.o.Dampening)
		if u.steps == 1 {
			copy(b, g)
		} else {
			for j := range b {
				b[j] = m*b[j] + share*g[j]
			}
		}
		if u.o.Nesterov {
			kernel.AddScaled(g, m, b)
		} else {
			g = b
		}
	}
	kernel.AddScaled(p, T(-u.o.LR), g)
}

func (u *updater[T]) adam(p, g, first, second []T) {
	b1, b2 := u.o.Beta1, u.o.Beta2
	step := T(u.o.LR / (1 - math.Pow(b1, float64(u.steps))))
	root := T(math.Sqrt(1 - math.Pow(b2, float64(u.steps))))
	c1, c2, d1, d2, eps := T(b1), T(b2), T(1-b1), T(1-b2), T(u.o.Eps)
	first, second, g = first[:len(p)], second[:len(p)], g[:len(p)]
	for j := range p {
		first[j] = c1*first[j] + d1*g[j]
		second[j] = c2*second[j] + d2*g[j]*g[j]
		p[j] -= step * first[j] / (T(math.Sqrt(float64(second[j])))/root + eps)
	}
}
