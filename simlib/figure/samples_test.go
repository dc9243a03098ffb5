package figure_test

import (
	"fmt"
	"strings"
	"testing"

	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

func ExampleSamples() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}, N: 100})
	data, _ := task.Sample(sim.Sampling{Seed: 1})
	f := figure.Samples(1, 2, task, data)
	fmt.Println(len(f.Plots()), f.Err())
	// Output: 1 <nil>
}

func TestSamples(t *testing.T) {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}, N: 50})
	if err != nil {
		t.Fatal(err)
	}
	data, err := task.Sample(sim.Sampling{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	svg := func(f *figure.Figure) string {
		var b strings.Builder
		if err := f.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	with, without := svg(figure.Samples(1, 2, task, data)), svg(figure.Samples(1, 2, task, nil))
	if a, b := strings.Count(with, "<path"), strings.Count(without, "<path"); a-b < 90 {
		t.Errorf("%d paths with samples and %d without; want about 100 more", a, b)
	}
	path := theory.Trajectory{Name: "x̂", Target: []float64{1, 2}, T: []float64{0, 1}, X: [][]float64{{0, 0}, {1, 2}}}
	if over := svg(figure.Samples(1, 2, task, data, path)); strings.Count(over, "<path") <= strings.Count(with, "<path") {
		t.Error("a trajectory over the samples draws nothing")
	}
	spec, err := figure.Samples(1, 2, task, data).Vega().Spec()
	if err != nil || strings.Count(string(spec), `"cluster": "μ₂"`) != 50 {
		t.Errorf("the specification names cluster μ₂ %d times (%v); want 50", strings.Count(string(spec), `"cluster": "μ₂"`), err)
	}
	other, err := sim.NewTask(sim.Axes{Mu: []float64{1}, D: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		f    *figure.Figure
		want string
	}{
		{figure.Samples(1, 2, nil, nil), "task of Samples is nil"},
		{figure.Samples(1, 1, task, nil), "plane is (1, 1)"},
		{figure.Samples(1, 3, task, nil), "from 1 to d = 2"},
		{figure.Samples(1, 2, other, data), "want those of the task's Sample, with d = 3"},
	} {
		if f.f.Err() == nil || !strings.Contains(f.f.Err().Error(), f.want) {
			t.Errorf("error %v; want one with %q", f.f.Err(), f.want)
		}
	}
}
