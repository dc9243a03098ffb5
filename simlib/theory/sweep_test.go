package theory_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// strength is a sweep over the second concept's strength and the initialisation's scale.
func strength(steps int) theory.Sweep {
	return theory.Sweep{
		X: theory.Linear("μ₂", 1, 2.5, 4), Y: theory.Log("scale", .02, .2, 3),
		Model: func(x, y float64) (theory.Symmetric, error) {
			task, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}, Sigma: []float64{.05, .05}})
			if err != nil {
				return theory.Symmetric{}, err
			}
			w0, err := theory.Init{D: 2, Scale: y, Seed: 2333}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: steps, Rate: theory.RateA2}, err
		},
	}
}

// Every point must be what a run of its own says, on any number of workers.
func TestSweepIsItsRuns(t *testing.T) {
	s := strength(2500)
	calls := 0
	s.Progress = func(done, total int) {
		if calls++; done != calls || total != 12 {
			t.Errorf("progress %d of %d at call %d", done, total, calls)
		}
	}
	ph, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if calls != 12 {
		t.Errorf("%d calls of Progress, want 12", calls)
	}
	for _, row := range ph.At {
		for _, o := range row {
			m, err := s.Model(o.X, o.Y)
			if err != nil {
				t.Fatal(err)
			}
			r, err := m.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if want := r.Stages(); fmt.Sprint(o.Stages) != fmt.Sprint(want) || math.Abs(o.Stages.Depth-want.Depth) > 1e-12 || math.Abs(o.Loss-r.TestLoss().Last()) > 1e-15 {
				t.Errorf("at %g, %g: %v, want %v", o.X, o.Y, o.Stages, want)
			}
		}
	}
	s.Workers, s.Progress = 5, nil
	again, err := s.Run(context.Background())
	if err != nil || fmt.Sprint(again.At) != fmt.Sprint(ph.At) {
		t.Errorf("five workers give another diagram, error %v", err)
	}
	depth, err := ph.Map("depth")
	if err != nil {
		t.Fatal(err)
	}
	// Concepts of equal strength do not swing by; the stronger the second, the deeper.
	if d := depth[2]; d[0] != 0 || !(d[2] > d[1]) || !(d[1] > 0) {
		t.Errorf("depth %v, want it to grow from 0 with μ₂", d)
	}
	for _, m := range ph.Measures() {
		rows, err := ph.Map(m)
		if err != nil || len(rows) != 3 || len(rows[0]) != 4 {
			t.Errorf("%s: %d rows, error %v", m, len(rows), err)
		}
	}
	if _, err := ph.Map("height"); err == nil || !strings.Contains(err.Error(), `measure is "height"; want one of depth, descents`) {
		t.Errorf("an unknown measure: error %v", err)
	}
}

// The same sweep over concepts that are not orthogonal.
func TestSweepInModes(t *testing.T) {
	s := theory.Sweep{
		X: theory.Linear("angle", .2, 1.2, 3), Y: theory.Linear("σ", 0, .2, 2),
		Model: func(x, y float64) (theory.Symmetric, error) {
			c, si := math.Cos(x), math.Sin(x)
			task, err := sim.NewTask(sim.Layout{D: 2, Centroids: []sim.Centroid{
				{X: []float64{1, 0}}, {X: []float64{1.5 * c, 1.5 * si}},
				{X: []float64{1 + 1.5*c, 1.5 * si}, Role: sim.Probe},
			}, Sigma: []float64{y, y}})
			if err != nil {
				return theory.Symmetric{}, err
			}
			w0, err := theory.Init{D: 2, Scale: .1, Seed: 1}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 800}, err
		},
	}
	ph, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range ph.At {
		for _, o := range row {
			m, _ := s.Model(o.X, o.Y)
			r, err := m.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if want := r.Stages(); fmt.Sprint(o.Stages.Order(), o.Stages.Descents) != fmt.Sprint(want.Order(), want.Descents) || math.Abs(o.Loss-r.TestLoss().Last()) > 1e-12 {
				t.Errorf("at %g, %g: %v, want %v", o.X, o.Y, o.Stages, want)
			}
		}
	}
}

func TestSweepStops(t *testing.T) {
	s := strength(1_000_000)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	ph, err := s.Run(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 12 runs") {
		t.Fatalf("error %v, want context.Canceled and how far it came", err)
	}
	if ph == nil || ph.At[2][3].Done {
		t.Fatal("want the points done until then")
	}
}

func TestSweepErrors(t *testing.T) {
	good := strength(10)
	for _, tt := range []struct {
		change func(*theory.Sweep)
		want   string
	}{
		{func(s *theory.Sweep) { s.X.Values = nil }, "len(Sweep.X.Values) is 0; want at least 1"},
		{func(s *theory.Sweep) { s.Y.Values = []float64{1, 1} }, "Sweep.Y.Values[1] is 1; want more than the value before, 1"},
		{func(s *theory.Sweep) { s.Y = theory.Log("y", 0, 1, 3) }, "Sweep.Y.Values[0] is NaN; want"},
		{func(s *theory.Sweep) { s.X = theory.Linear("x", 0, 1, 2000); s.Y = s.X }, "number of pairs in Sweep is 4000000; want at most"},
		{func(s *theory.Sweep) { s.Model = nil }, "Sweep.Model is <nil>; want"},
		{func(s *theory.Sweep) { s.Workers = -1 }, "Sweep.Workers is -1; want"},
		{func(s *theory.Sweep) {
			s.Model = func(x, y float64) (theory.Symmetric, error) { return theory.Symmetric{}, nil }
		}, "the model at μ₂ = 1, scale = 0.02: theory: Symmetric.Task is <nil>"},
		{func(s *theory.Sweep) {
			s.Model = func(x, y float64) (theory.Symmetric, error) {
				return theory.Symmetric{}, errors.New("no")
			}
		}, "the model at μ₂ = 1, scale = 0.02: no"},
	} {
		s := good
		tt.change(&s)
		if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	// A step size that is too large is an outcome.
	s := good
	s.Model = func(x, y float64) (theory.Symmetric, error) {
		m, err := good.Model(x, y)
		m.Eta, m.Steps = 50, 400
		return m, err
	}
	ph, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	depth, err := ph.Map("depth")
	if err != nil || !ph.At[0][0].Diverged || !math.IsNaN(depth[0][0]) || !strings.Contains(ph.String(), "12 diverged") {
		t.Errorf("%v, error %v: want every point to diverge", ph, err)
	}
	// A panic of the caller's function is the caller's, and leaves no worker behind.
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v, want the panic of Model", r)
		}
	}()
	s.Model = func(x, y float64) (theory.Symmetric, error) { panic("mine") }
	_, _ = s.Run(context.Background())
}
