package centroids

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/train"
)

// A Model learns a task of two dimensions fast enough to follow the hand.
type Model interface {
	// learn returns the output at each centroid over about 150 times.
	learn(task *sim.Task) ([]theory.Trajectory, error)
	fmt.Stringer
}

const (
	seed    = 2333
	records = 150
)

// Symmetric is f(x) = UUᵀx on the whole population, from W(0) = Scale² times ones on the diagonal and 0.9 off it: a start
// that favours no concept, with minor entries large enough to show what they do.
type Symmetric struct{ Scale float64 }

// String names the model and its initialisation.
func (m Symmetric) String() string {
	return fmt.Sprintf("symmetric model started at W = %.2g", m.Scale*m.Scale)
}

func (m Symmetric) learn(task *sim.Task) ([]theory.Trajectory, error) {
	w := m.Scale * m.Scale
	w0 := mat.NewSymDense(2, []float64{w, .9 * w, .9 * w, w})
	fast, slow := rates(task)
	// Steps small enough to be a flow, and as many as the slower mode takes to go from w(0) to 1.
	eta := .04 / fast
	steps := int(min(max(3*math.Log(4/(m.Scale*m.Scale))/(2*eta*max(slow, 1e-9)), 200), 6000))
	run, err := theory.Symmetric{Task: task, W0: w0, Eta: eta, Steps: steps, Every: max(steps/records, 1)}.Run(context.Background())
	if err != nil {
		return nil, err
	}
	var trs []theory.Trajectory
	for _, c := range task.Centroids() {
		tr, err := run.Output(c.X)
		if err != nil {
			return nil, err
		}
		tr.Name, tr.Target = c.Label, c.X
		trs = append(trs, tr)
	}
	return trs, nil
}

// MLP is a network 2→32→2 with ReLU and biases, trained by gradient descent on 6 samples per cluster, from PyTorch's
// initialisation times Scale.
type MLP struct{ Scale float64 }

// String names the network and its initialisation.
func (m MLP) String() string {
	return fmt.Sprintf("MLP 2→32→2 with ReLU, PyTorch's initialisation × %g", m.Scale)
}

func (m MLP) learn(task *sim.Task) ([]theory.Trajectory, error) {
	sampled, err := sim.NewTask(sim.Layout{D: 2, Centroids: task.Centroids(), Sigma: task.Sigma(), N: 6})
	if err != nil {
		return nil, err
	}
	data, err := sampled.Sample(sim.Sampling{Seed: seed})
	if err != nil {
		return nil, err
	}
	net := train.MLP(2, 32, 2)
	w0, err := net.Init(seed)
	if err != nil {
		return nil, err
	}
	fast, _ := rates(task)
	const updates = 180
	run, err := train.Training{
		Net: net, W0: w0.Scale(m.Scale), X: data.X, Loss: train.HalfSquare,
		Optimizer: train.Momentum(.05/max(fast, .05), .8), Updates: updates, Precision: train.Float32,
		Record: train.Record{Probes: task.Centroids(), Every: 3},
	}.Run(context.Background())
	if err != nil {
		return nil, err
	}
	return run.Trajectories(), nil
}

// rates returns the larger and the smaller eigenvalue of the second moment, which has two dimensions.
func rates(task *sim.Task) (fast, slow float64) {
	a := task.SecondMoment()
	mean := (a.At(0, 0) + a.At(1, 1)) / 2
	off := math.Hypot((a.At(0, 0)-a.At(1, 1))/2, a.At(0, 1))
	return math.Max(mean+off, 1e-6), math.Max(mean-off, 0)
}

// lesson is what came out of learning.
type lesson struct {
	task   *sim.Task
	paths  []theory.Trajectory
	losses []theory.Curve // at the probes
	says   string
}

func learn(layout sim.Layout, m Model) (*lesson, error) {
	task, err := sim.NewTask(layout)
	if err != nil {
		return nil, err
	}
	l := &lesson{task: task}
	if l.paths, err = m.learn(task); err != nil {
		return nil, err
	}
	for i, c := range task.Centroids() {
		if c.Role != sim.Probe {
			continue
		}
		loss := l.paths[i].Loss()
		loss.Name = c.Label
		l.losses = append(l.losses, loss)
		said := "is learned without a turn"
		switch rise := loss.Rise() / loss.Y[0]; {
		case loss.Last() > .05*loss.Y[0]:
			said = "is not learned yet"
		case rise > .005:
			said = fmt.Sprintf("swings by: its loss rises by %.0f %% of its beginning", 100*rise)
		}
		if l.says != "" {
			l.says += "; "
		}
		l.says += c.Label + " " + said
	}
	return l, nil
}

// toPage writes the lesson for the page, points rounded to what a screen can show. The number of the answer makes each one
// a change, also where a move changed nothing, for the page waits for it.
func (l *lesson) toPage(answer int, problem string) map[string]any {
	paths := []any{}
	for _, tr := range l.paths {
		points := make([]float64, 0, 2*len(tr.X))
		for _, x := range tr.X {
			points = append(points, round(x[0]), round(x[1]))
		}
		paths = append(paths, points)
	}
	losses := []any{}
	for _, c := range l.losses {
		y := make([]float64, len(c.Y))
		for i, v := range c.Y {
			y[i] = round(v)
		}
		losses = append(losses, map[string]any{"label": c.Name, "y": y, "end": c.T[len(c.T)-1]})
	}
	return map[string]any{"paths": paths, "losses": losses, "says": l.says, "problem": problem, "answer": answer}
}
