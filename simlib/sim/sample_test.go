package sim_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
)

func sample(t *testing.T, task *sim.Task, how sim.Sampling) *sim.Data {
	t.Helper()
	d, err := task.Sample(how)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The second moment of many samples must come near the population's, whatever the noise.
func TestSampleHasTheSecondMoment(t *testing.T) {
	for name, l := range map[string]sim.Layout{
		"weights": {D: 2, N: 20000, Sigma: []float64{.3, .1}, Centroids: []sim.Centroid{
			{X: []float64{1, 0}, Weight: 3}, {X: []float64{0, 2}, Weight: .5}}},
		"covariance": {D: 3, N: 20000, Cov: [][]float64{{1, .5, 0}, {.5, 1, -.2}, {0, -.2, .5}}, Centroids: []sim.Centroid{
			{X: []float64{1, 0, 2}}}},
		"own noise": {D: 2, N: 20000, Sigma: []float64{.1, .1}, Centroids: []sim.Centroid{
			{X: []float64{1, 0}},
			{X: []float64{0, 1}, Sigma: []float64{1, 0}},
			{X: []float64{0, 0}, Weight: 2, Cov: [][]float64{{1, 1}, {1, 1}}}}},
	} {
		task := newTask(t, l)
		got, want := sample(t, task, sim.Sampling{Seed: 3}).SecondMoment(), task.SecondMoment()
		if !mat.EqualApprox(got, want, .03) {
			t.Errorf("%s: second moment of the sample\n%.3f\nwant about\n%.3f", name, mat.Formatted(got), mat.Formatted(want))
		}
		for k, r := range task.Rates() {
			if math.Abs(r-want.At(k, k)) > 1e-14 {
				t.Errorf("%s: rate %d is %g, want the diagonal's %g", name, k+1, r, want.At(k, k))
			}
		}
		if task.Uncorrelated() != (math.Abs(want.At(0, 1)) < 1e-15) {
			t.Errorf("%s: uncorrelated is %v with an entry %g", name, task.Uncorrelated(), want.At(0, 1))
		}
	}
}

func TestSampleDependsOnTheSeedAlone(t *testing.T) {
	task := newTask(t, sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .5}, D: 5, N: 300, Origin: true})
	how := sim.Sampling{Seed: 9, Rotate: true, Truncate: true}
	a := sample(t, task, how)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b := sample(t, task, how)
	if !mat.Equal(a.X, b.X) || !mat.Equal(a.U, b.U) || fmt.Sprint(a.Cluster) != fmt.Sprint(b.Cluster) {
		t.Error("the same seed gives other samples on one core")
	}
	how.Seed++
	if c := sample(t, task, how); mat.Equal(a.X, c.X) || mat.Equal(a.U, c.U) {
		t.Error("another seed gives the same samples")
	}
}

// A larger N adds samples to a cluster and leaves those it had.
func TestSampleGrows(t *testing.T) {
	axes := sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .5}, N: 10}
	small := sample(t, newTask(t, axes), sim.Sampling{InOrder: true})
	axes.N = 25
	large := sample(t, newTask(t, axes), sim.Sampling{InOrder: true})
	for c := range 2 {
		for i := range 10 {
			if got, want := large.X.RawRowView(25*c+i), small.X.RawRowView(10*c+i); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("sample %d of cluster %d: %v with N = 25, %v with N = 10", i, c, got, want)
			}
		}
	}
}

// Every row must lie around the centroid it names, and each cluster have its share.
func TestSampleNamesTheCluster(t *testing.T) {
	task := newTask(t, sim.Layout{D: 2, N: 40, Sigma: []float64{.01, .01}, Centroids: []sim.Centroid{
		{X: []float64{5, 5}, Role: sim.Probe}, {X: []float64{1, 0}}, {X: []float64{0, 1}, Weight: .25}, {X: []float64{-1, 0}, Weight: 2}}})
	d := sample(t, task, sim.Sampling{Seed: 1})
	count := map[int]int{}
	inOrder := true
	for i, c := range d.Cluster {
		count[c]++
		inOrder = inOrder && (i == 0 || d.Cluster[i-1] <= c)
		for k, x := range task.Centroids()[c].X {
			if math.Abs(d.X.At(i, k)-x) > .06 {
				t.Fatalf("row %d is %v, and its cluster %d at %v", i, d.X.RawRowView(i), c, task.Centroids()[c].X)
			}
		}
	}
	if fmt.Sprint(count) != "map[1:40 2:10 3:80]" || inOrder {
		t.Errorf("samples by cluster %v (in order: %v), want 40, 10, 80 in random order", count, inOrder)
	}
}

func TestTruncationKeepsClear(t *testing.T) {
	task := newTask(t, sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{1, 1}, D: 3, N: 500})
	within := func(how sim.Sampling, centre []float64, radius float64) (n int) {
		d := sample(t, task, how)
		for i := range d.Cluster {
			x := d.X.RawRowView(i)
			if math.Hypot(math.Hypot(x[0]-centre[0], x[1]-centre[1]), x[2]-centre[2]) <= radius {
				n++
			}
		}
		return n
	}
	if n := within(sim.Sampling{Truncate: true}, task.Target(), .5); n != 0 {
		t.Errorf("%d samples within ½·min μ of x̂", n)
	}
	if n := within(sim.Sampling{}, task.Target(), .5); n < 10 {
		t.Errorf("%d samples within ½·min μ of x̂ without truncation: the test shows nothing", n)
	}
	if n := within(sim.Sampling{Truncate: true, Around: []float64{0, 0, 0}, Radius: .8}, make([]float64, 3), .8); n != 0 {
		t.Errorf("%d samples within the radius of the point given", n)
	}
}

func TestRotationTurnsBack(t *testing.T) {
	task := newTask(t, sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .5}, D: 6, N: 30})
	d := sample(t, task, sim.Sampling{Seed: 4, Rotate: true})
	if mat.EqualApprox(d.Inputs(), d.X, .1) {
		t.Error("the inputs are not rotated")
	}
	if back, err := d.Back(d.Inputs()); err != nil || !mat.EqualApprox(back, d.X, 1e-13) {
		t.Errorf("the inputs turned back are not the samples (%v)", err)
	}
	if turned, err := d.Rotate(d.X); err != nil || !mat.EqualApprox(turned, d.Inputs(), 1e-13) {
		t.Errorf("the samples turned are not the inputs (%v)", err)
	}
	for _, x := range []mat.Matrix{nil, mat.NewDense(1, 2, nil)} {
		if _, err := d.Rotate(x); err == nil || !strings.Contains(err.Error(), "d = 6") {
			t.Errorf("Rotate(%v): error %v", x, err)
		}
		if _, err := d.Back(x); err == nil || !strings.Contains(err.Error(), "d = 6") {
			t.Errorf("Back(%v): error %v", x, err)
		}
	}
	plain := sample(t, task, sim.Sampling{Seed: 4})
	back, err := plain.Back(d.X)
	if err != nil || !mat.Equal(plain.X, d.X) || !mat.Equal(plain.Inputs(), d.X) || !mat.Equal(back, d.X) {
		t.Error("rotation changes the samples in concept coordinates, or is there without")
	}
}

func TestBadSamplingIsNamed(t *testing.T) {
	axes := sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .5}, N: 10}
	population, huge, wide := axes, axes, axes
	population.N, huge.N, wide.D = 0, 1<<40, 2000
	points := sim.Layout{D: 1, N: 5, Centroids: []sim.Centroid{{X: []float64{1}}}}
	for _, tt := range []struct {
		s    sim.Structure
		how  sim.Sampling
		want string
	}{
		{population, sim.Sampling{}, "sim: Layout.N is 0; want a number of samples"},
		{huge, sim.Sampling{}, "sim: the number of samples is 2.199023255552e+12; want at most 134217728"},
		{wide, sim.Sampling{Rotate: true}, "sim: Layout.D is 2000; want at most 1024"},
		{axes, sim.Sampling{Radius: 1}, "sim: Sampling.Truncate is false; want true"},
		{axes, sim.Sampling{Truncate: true, Radius: -1}, "sim: Sampling.Radius is -1; want a distance > 0"},
		{axes, sim.Sampling{Truncate: true, Radius: math.NaN()}, "sim: Sampling.Radius is NaN; want a distance > 0"},
		{axes, sim.Sampling{Truncate: true, Radius: 1e6}, "sim: Sampling.Radius is 1e+06; want less"},
		{axes, sim.Sampling{Truncate: true, Around: []float64{1}}, "sim: len(Sampling.Around) is 1; want 2"},
		{points, sim.Sampling{Truncate: true}, "sim: Sampling.Around is <nil>; want a point"},
		{points, sim.Sampling{Truncate: true, Around: []float64{2}}, "sim: Sampling.Radius is 0; want a distance > 0"},
	} {
		_, err := newTask(t, tt.s).Sample(tt.how)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %q", tt.how, err, tt.want)
		}
	}
}

func TestBadNoiseIsNamed(t *testing.T) {
	at := func(c sim.Centroid) []sim.Centroid { c.X = []float64{1, 2}; return []sim.Centroid{c} }
	plain := at(sim.Centroid{})
	cov := func(a, b, c, d float64) [][]float64 { return [][]float64{{a, b}, {c, d}} }
	for _, tt := range []struct {
		l    sim.Layout
		want string
	}{
		{sim.Layout{D: 2, Centroids: plain, Sigma: []float64{1, 1}, Cov: cov(1, 0, 0, 1)}, "sim: len(Layout.Sigma) is 2; want 0 where Layout.Cov is set"},
		{sim.Layout{D: 2, Centroids: plain, Cov: [][]float64{{1, 0}}}, "sim: len(Layout.Cov) is 1; want 2 rows"},
		{sim.Layout{D: 2, Centroids: plain, Cov: [][]float64{{1, 0}, {0}}}, "sim: len(Layout.Cov[1]) is 1; want 2"},
		{sim.Layout{D: 2, Centroids: plain, Cov: cov(1, .5, .2, 1)}, "sim: Layout.Cov[1][0] is 0.2; want 0.5"},
		{sim.Layout{D: 2, Centroids: plain, Cov: cov(1, math.NaN(), 0, 1)}, "sim: Layout.Cov[0][1] is NaN; want a finite"},
		{sim.Layout{D: 2, Centroids: plain, Cov: cov(-1, 0, 0, 1)}, "sim: Layout.Cov is no covariance"},
		{sim.Layout{D: 2, Centroids: plain, Cov: cov(1, 2, 2, 1)}, "sim: Layout.Cov is no covariance (its variance is -3"},
		{sim.Layout{D: 2, Centroids: plain, Cov: cov(0, 1, 1, 1)}, "sim: Layout.Cov[1][0] is 1; want a number that differs by -1"},
		{sim.Layout{D: 2, Centroids: at(sim.Centroid{Sigma: []float64{1}})}, "sim: len(Layout.Centroids[0].Sigma) is 1; want 2"},
		{sim.Layout{D: 2, Centroids: at(sim.Centroid{Sigma: []float64{1, -1}})}, "sim: Layout.Centroids[0].Sigma[1] is -1; want"},
		{sim.Layout{D: 2, Centroids: at(sim.Centroid{Cov: cov(1, 2, 2, 1)})}, "sim: Layout.Centroids[0].Cov is no covariance"},
		{sim.Layout{D: 2, N: 10, Centroids: at(sim.Centroid{Weight: .01})}, "sim: Layout.Centroids[0].Weight is 0.01; want at least 0.05"},
	} {
		if _, err := sim.NewTask(tt.l); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

func ExampleData() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .1}, D: 4, N: 50})
	data, err := task.Sample(sim.Sampling{Seed: 1, Rotate: true})
	n, d := data.Inputs().Dims()
	fmt.Println(n, "inputs of dimension", d, err)
	x := mat.NewDense(1, 4, task.Target())
	turned, err := data.Rotate(x)
	back, _ := data.Back(turned)
	fmt.Printf("%.3f %v\n", mat.Formatted(back), err)
	// Output:
	// 100 inputs of dimension 4 <nil>
	// [1.000  2.000  0.000  0.000] <nil>
}

// A training set that keeps ½·min μ away from x̂.
func ExampleSampling() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.5, .5}, N: 1000})
	nearest := func(how sim.Sampling) float64 {
		data, _ := task.Sample(how)
		least := math.Inf(1)
		for i := range data.Cluster {
			x := data.X.RawRowView(i)
			least = min(least, math.Hypot(x[0]-1, x[1]-2))
		}
		return least
	}
	fmt.Println(nearest(sim.Sampling{}) < .5, nearest(sim.Sampling{Truncate: true}) > .5)
	// Output: true true
}
