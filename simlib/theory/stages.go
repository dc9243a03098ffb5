package theory

import (
	"fmt"
	"math"
	"strings"
)

// StageKind says what happens in a [Stage].
type StageKind int

const (
	// Growth is the time in which a concept's major entry w_pp grows towards 1, and the minor
	// entries of its row with it.
	Growth StageKind = iota
	// Suppression is the time in which a learned concept puts down the minor entries that tie
	// it to concepts not yet learned: what moves an output away from where it should be.
	Suppression
)

// String returns "growth" or "suppression".
func (k StageKind) String() string {
	switch k {
	case Growth:
		return "growth"
	case Suppression:
		return "suppression"
	}
	return fmt.Sprintf("StageKind(%d)", int(k))
}

// A Stage is one act of learning: initial growth, first suppression, second growth and so on.
type Stage struct {
	Kind StageKind
	// Concept is the one that grows or suppresses, counted from 1.
	Concept int
	// From and To are the updates at which the stage begins and ends. A To of +Inf
	// stands for a stage that the run does not see the end of.
	From, To float64
}

// String gives kind, concept and times: "growth of concept 2, 0–205".
func (s Stage) String() string {
	end := fmt.Sprintf("%.0f", s.To)
	if math.IsInf(s.To, 1) {
		end = "the end"
	}
	of := "growth of"
	if s.Kind == Suppression {
		of = "suppression by"
	}
	return fmt.Sprintf("%s concept %d, %.0f–%s", of, s.Concept, s.From, end)
}

// A Learning says when a concept is learned.
type Learning struct {
	// Concept is counted from 1: an axis, or a mode of a run seen in modes.
	Concept int
	// T is the number of updates after which w_pp passes ½, with the fraction that a straight
	// line between the updates gives; +Inf where it never does.
	T float64
	// Negative is set where w_pp falls below 0, which UUᵀ cannot: the step size was too
	// large for the recurrence to keep W what it stands for. Such a concept is lost.
	Negative bool
}

// String gives concept and time.
func (l Learning) String() string {
	switch {
	case l.Negative && math.IsInf(l.T, 1):
		return fmt.Sprintf("concept %d never, its entry turns negative", l.Concept)
	case math.IsInf(l.T, 1):
		return fmt.Sprintf("concept %d never", l.Concept)
	}
	return fmt.Sprintf("concept %d after %.0f", l.Concept, l.T)
}

// Stages is what happens in a run: which concept is learned when, and what the test loss makes of it.
type Stages struct {
	// Learned has every concept in the order of learning, those never learned last.
	Learned []Learning
	// List has the stages in order of time. Each begins where the one before it ends. It is
	// empty for one layer, where no concept suppresses another.
	List []Stage
	// Turns has the interior extrema of the test loss.
	Turns []Extremum
	// Descents is the number of stretches in which the test loss falls: 1 for ordinary
	// learning, 2 for swing-by, 3 and more for the paper's multiple descent.
	Descents int
	// Depth is the largest rise of the test loss from a minimum to the next maximum, in parts of the
	// loss at the initialisation: how far the output swings by. 0 is no swing-by.
	Depth float64
}

// Order returns the concepts that are learned, in that order.
func (s Stages) Order() []int {
	var order []int
	for _, l := range s.Learned {
		if !math.IsInf(l.T, 1) {
			order = append(order, l.Concept)
		}
	}
	return order
}

// Failed returns the concepts that the run does not learn.
func (s Stages) Failed() []int {
	var failed []int
	for _, l := range s.Learned {
		if math.IsInf(l.T, 1) {
			failed = append(failed, l.Concept)
		}
	}
	return failed
}

// SwingBy reports whether the test loss rises and falls again.
func (s Stages) SwingBy() bool { return s.Descents > 1 }

// String tells the story, a line for each thing that happens.
func (s Stages) String() string {
	var b strings.Builder
	var names []string
	for _, l := range s.Learned {
		names = append(names, l.String())
	}
	fmt.Fprintf(&b, "learned: %s", strings.Join(names, ", "))
	for _, st := range s.List {
		fmt.Fprintf(&b, "\n%v", st)
	}
	fmt.Fprintf(&b, "\ntest loss: %d descent", s.Descents)
	if s.Descents != 1 {
		b.WriteString("s")
	}
	for _, e := range s.Turns {
		fmt.Fprintf(&b, ", %v", e)
	}
	return b.String()
}

// Stages finds the stages of learning. For a concept p they are read off the entries of W:
//
//	learned       w_pp passes ½
//	growth        from the end of the stage before, until the largest minor entry that ties p to a
//	              concept not yet learned is at its peak; for the last concept until w_pp passes 0.9
//	suppression   from there until that entry has fallen to half its peak
//
// Concepts are those of [Run.Concepts]. A run of a task whose second moment is not diagonal is
// seen in modes, and so are its concepts.
func (r *Run) Stages() Stages {
	v := r.InModes()
	concepts := v.Concepts()
	entry := func(i, j int) []float64 { return v.entry(i, j).Y }
	return findStages(v.symmetric, v.Times(), concepts, entry, v.TestLoss())
}

// findStages works on the entries among the concepts.
func findStages(symmetric bool, t []float64, concepts []int, entry func(i, j int) []float64, loss Curve) Stages {
	var s Stages
	for _, p := range concepts {
		w := entry(p, p)
		l := Learning{Concept: p, T: passes(t, w, .5, 0)}
		for _, v := range w {
			l.Negative = l.Negative || v < 0
		}
		s.Learned = append(s.Learned, l)
	}
	sortLearned(s.Learned)
	s.Turns = loss.Extrema()
	s.Descents, s.Depth = descents(loss, s.Turns)
	if !symmetric || len(t) == 0 {
		return s
	}
	from := t[0]
	for n, l := range s.Learned {
		grow := Stage{Kind: Growth, Concept: l.Concept, From: from, To: math.Inf(1)}
		if math.IsInf(l.T, 1) {
			// What is never learned grows at best, alongside all others of its kind.
			s.List = append(s.List, grow)
			break
		}
		// The minor entry that matters is the one with the highest peak.
		peak, at, minor := 0.0, -1, []float64(nil)
		for _, later := range s.Learned[n+1:] {
			w := entry(max(l.Concept, later.Concept), min(l.Concept, later.Concept))
			for k, v := range w {
				if v = math.Abs(v); v > peak && t[k] >= from {
					peak, at, minor = v, k, w
				}
			}
		}
		if at < 0 || at == len(t)-1 {
			grow.To = passes(t, entry(l.Concept, l.Concept), .9, from)
			s.List = append(s.List, grow)
			if from = grow.To; math.IsInf(from, 1) {
				break
			}
			continue
		}
		grow.To = t[at]
		down := Stage{Kind: Suppression, Concept: l.Concept, From: t[at], To: math.Inf(1)}
		for k := at + 1; k < len(t); k++ {
			if math.Abs(minor[k]) <= peak/2 {
				down.To = t[k]
				break
			}
		}
		s.List = append(s.List, grow, down)
		if from = down.To; math.IsInf(from, 1) {
			break
		}
	}
	return s
}

// passes returns when a curve first rises above a level at or after a time, +Inf if never.
func passes(t, y []float64, level, from float64) float64 {
	for k, v := range y {
		if t[k] < from || !(v > level) {
			continue
		}
		if k == 0 || t[k-1] < from || y[k-1] > level {
			return t[k]
		}
		return t[k-1] + (t[k]-t[k-1])*(level-y[k-1])/(v-y[k-1])
	}
	return math.Inf(1)
}

// descents counts the falling stretches of a loss and finds the largest rise between two, in parts of its beginning.
func descents(loss Curve, turns []Extremum) (n int, depth float64) {
	if len(loss.Y) < 2 {
		return 0, 0
	}
	last := loss.Y[0]
	rise := 0.0
	for _, e := range turns {
		if e.Kind == Minimum {
			n++
		} else {
			rise = math.Max(rise, e.Value-last)
		}
		last = e.Value
	}
	if len(turns) == 0 && loss.Last() < loss.Y[0] || len(turns) > 0 && turns[len(turns)-1].Kind == Maximum {
		n++
	}
	if loss.Y[0] > 0 && n > 1 {
		depth = rise / loss.Y[0]
	}
	return n, depth
}
