package sim_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
)

// list names the centroids of a task with their roles.
func list(task *sim.Task) string {
	var b strings.Builder
	for _, c := range task.Centroids() {
		fmt.Fprintf(&b, "%s %v %.4g\n", c.Label, c.Role, c.X)
	}
	return b.String()
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for k := range a {
		sum += (a[k] - b[k]) * (a[k] - b[k])
	}
	return math.Sqrt(sum)
}

func TestSimplexIsRegular(t *testing.T) {
	for _, k := range []int{2, 3, 4, 7, 20} {
		cs := newTask(t, sim.Simplex{K: k, Radius: 2, D: k + 1}).Centroids()
		origin, sum := make([]float64, k+1), make([]float64, k+1)
		side := 2 * math.Sqrt(2*float64(k)/float64(k-1))
		for i, c := range cs {
			if r := distance(c.X, origin); math.Abs(r-2) > 1e-13 {
				t.Errorf("K = %d: point %d at distance %g from the origin, want 2", k, i+1, r)
			}
			for j := range i {
				if got := distance(c.X, cs[j].X); math.Abs(got-side) > 1e-13 {
					t.Errorf("K = %d: points %d and %d at distance %g, want %g", k, i+1, j+1, got, side)
				}
			}
			for a, x := range c.X {
				sum[a] += x
			}
		}
		if distance(sum, origin) > 1e-13 {
			t.Errorf("K = %d: the points sum to %v, want 0", k, sum)
		}
	}
}

func TestRingIsRegular(t *testing.T) {
	cs := newTask(t, sim.Ring{K: 12, Radius: 3, Phase: .2, D: 4, Probe: []int{2, 5}}).Centroids()
	for i, c := range cs {
		next := cs[(i+1)%12].X
		angle := math.Mod(math.Atan2(next[1], next[0])-math.Atan2(c.X[1], c.X[0])+2*math.Pi, 2*math.Pi)
		if math.Abs(angle-math.Pi/6) > 1e-12 || math.Abs(math.Hypot(c.X[0], c.X[1])-3) > 1e-12 || c.X[2] != 0 {
			t.Errorf("point %d at %v", i, c.X)
		}
		if (c.Role == sim.Probe) != (i == 2 || i == 5) {
			t.Errorf("point %d is a %v", i, c.Role)
		}
	}
	for _, tt := range []struct {
		probe []int
		want  int
	}{{nil, 11}, {[]int{}, 12}, {[]int{0, 0, 3}, 10}} {
		if n := len(newTask(t, sim.Ring{K: 12, Probe: tt.probe}).Train()); n != tt.want {
			t.Errorf("Probe %#v: %d training points, want %d", tt.probe, n, tt.want)
		}
	}
}

func TestCorrelatedHasTheCosines(t *testing.T) {
	cosines := [][]float64{{1, .5, -.2}, {.5, 1, 0}, {-.2, 0, 1}}
	mu := []float64{1, 2, 3}
	for name, s := range map[string]sim.Correlated{
		"pairs":  {Mu: mu, Cosines: cosines, D: 5},
		"common": {Mu: mu, Cosine: .4},
		"least":  {Mu: mu, Cosine: -.5}, // all in a plane
		"same":   {Mu: mu, Cosine: 1},   // all in a line
	} {
		l, err := s.Layout()
		if err != nil {
			t.Fatal(err)
		}
		sum := make([]float64, l.D)
		for p, v := range l.Concepts {
			for q, w := range l.Concepts {
				dot := 0.0
				for k := range v {
					dot += v[k] * w[k]
				}
				want := s.Cosine
				if s.Cosines != nil {
					want = cosines[p][q]
				}
				if p == q {
					want = 1
				}
				if math.Abs(dot-want*mu[p]*mu[q]) > 1e-7 {
					t.Errorf("%s: the cosine of concepts %d and %d is %g, want %g", name, p+1, q+1, dot/mu[p]/mu[q], want)
				}
			}
			for k := range sum {
				sum[k] += v[k]
			}
		}
		if target := newTask(t, s).Target(); distance(target, sum) > 1e-14 {
			t.Errorf("%s: x̂ = %v, want the sum of the concepts %v", name, target, sum)
		}
	}
}

// A tree of roots and concepts without an angle are the paper's axes.
func TestSpecialCasesAreAxes(t *testing.T) {
	mu, sigma := []float64{1, 2, 3}, []float64{.1, .2, .3}
	want := newTask(t, sim.Axes{Mu: mu, Sigma: sigma, D: 5, N: 7, Origin: true})
	for name, s := range map[string]sim.Structure{
		"tree":       sim.Tree{Parent: []int{-1, -1, -1}, Mu: mu, Sigma: sigma, D: 5, N: 7, Origin: true},
		"correlated": sim.Correlated{Mu: mu, Sigma: sigma, D: 5, N: 7, Origin: true},
	} {
		got := newTask(t, s)
		if !mat.EqualApprox(got.SecondMoment(), want.SecondMoment(), 1e-14) || got.String() != want.String() ||
			fmt.Sprint(got.Mu(), got.Sigma()) != fmt.Sprint(want.Mu(), want.Sigma()) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// The corners of a box are the compositions, in any split of training points and probes.
func TestBoxTakesAnyTrainSubset(t *testing.T) {
	mu := []float64{1, 2, 4}
	compositions := map[string]string{}
	cs, err := newTask(t, sim.Axes{Mu: mu}).Compositions()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		compositions[c.Label] = fmt.Sprint(c.X)
	}
	for mask := 1; mask < 1<<8; mask++ {
		var train [][]int
		want := map[string]bool{}
		for i := range 8 {
			if mask>>i&1 == 1 {
				v := []int{i >> 2, i >> 1 & 1, i & 1}
				train = append(train, v)
				want[fmt.Sprintf("(%d,%d,%d)", v[0], v[1], v[2])] = true
			}
		}
		task := newTask(t, sim.Box{Mu: mu, Train: train})
		if n := len(task.Centroids()); n != 8 || len(task.Train()) != len(train) {
			t.Fatalf("%v: %d corners, %d trained on", train, n, len(task.Train()))
		}
		for _, c := range task.Centroids() {
			if fmt.Sprint(c.X) != compositions[c.Label] || (c.Role == sim.Train) != want[c.Label] {
				t.Errorf("%v: corner %s at %v is a %v", train, c.Label, c.X, c.Role)
			}
		}
	}
	if got := newTask(t, sim.Box{Mu: mu}); len(got.Train()) != 7 || fmt.Sprint(got.Target()) != "[1 2 4]" {
		t.Errorf("by default %d corners are trained on and x̂ = %v", len(got.Train()), got.Target())
	}
}

func TestParseTable(t *testing.T) {
	want := "a train [1 0]\n2 train [0 2]\nboth probe [1 2]\n"
	for name, text := range map[string]string{
		"spaces": "label x y role weight\na 1 0\n- 0 2 train 2\nboth 1 2 PROBE\nc 1 1 concept\n noise .1 .2 sigma",
		"commas": "role, weight, x, label, y\n,,1,a,0 # first\n\ntrain,2,0,,2\nprobe,,1,both,2\nconcept,,1,c,1\nsigma,,.1,,.2\n",
		"tabs":   "x\ty\tlabel\trole\tweight\n1\t0\ta\t-\t1\n0\t2\t2\ttrain\t2\n1\t2\tboth\tprobe\t-\n1 1 c concept\n.1 .2 - sigma",
	} {
		l, err := sim.ParseTable(text)
		if err != nil {
			t.Fatal(err)
		}
		task := newTask(t, l)
		if got := list(task); got != want {
			t.Errorf("%s:\n%swant\n%s", name, got, want)
		}
		if got := fmt.Sprint(task.Train()[1].Weight, l.Concepts, task.Sigma()); got != "2 [[1 1]] [0.1 0.2]" {
			t.Errorf("%s: weight, concepts, sigma: %s", name, got)
		}
	}
}

func TestBadStructureIsNamed(t *testing.T) {
	mu := []float64{1, 2}
	table := func(text string) sim.Structure {
		l, err := sim.ParseTable(text)
		return failed{l, err}
	}
	for _, tt := range []struct {
		s    sim.Structure
		want string
	}{
		{sim.Box{}, "sim: len(Box.Mu) is 0; want at least 1"},
		{sim.Box{Mu: []float64{-1}}, "sim: Box.Mu[0] is -1; want"},
		{sim.Box{Mu: mu, D: 1}, "sim: Box.D is 1; want at least s = len(Mu) = 2"},
		{sim.Box{Mu: make([]float64, 17)}, "sim: len(Box.Mu) is 17; want less, for that makes 1.311e+05 centroids and at most 65536"},
		{sim.Box{Mu: make([]float64, 2000)}, "sim: len(Box.Mu) is 2000; want less, for that makes +Inf centroids"},
		{sim.Box{Mu: mu, Train: [][]int{{0, 0}, {1}}}, "sim: len(Box.Train[1]) is 1; want 2, one for each concept"},
		{sim.Box{Mu: mu, Train: [][]int{{0, 2}}}, "sim: Box.Train[0][1] is 2; want 0 to 1"},
		{sim.Box{Mu: mu, Train: [][]int{}}, "sim: the number of training centroids is 0"},
		{sim.Grid{}, "sim: len(Grid.Levels) is 0; want at least 1"},
		{sim.Grid{Levels: [][]float64{{1}, {}}}, "sim: len(Grid.Levels[1]) is 0; want at least 1"},
		{sim.Grid{Levels: [][]float64{{1, math.NaN()}}}, "sim: Grid.Levels[0][1] is NaN; want"},
		{sim.Grid{Levels: [][]float64{make([]float64, 1000), make([]float64, 1000)}}, "sim: len(Grid.Levels) is 2; want less"},
		{sim.Tree{}, "sim: len(Tree.Parent) is 0; want at least 1"},
		{sim.Tree{Parent: []int{-1, 1}, Mu: mu}, "sim: Tree.Parent[1] is 1; want -1 for a root, or an earlier concept, 0 to 0"},
		{sim.Tree{Parent: []int{-2, 0}, Mu: mu}, "sim: Tree.Parent[0] is -2; want -1"},
		{sim.Tree{Parent: []int{-1}, Mu: mu}, "sim: len(Tree.Mu) is 2; want 1"},
		{sim.Tree{Parent: []int{-1, 0}, Mu: mu, Train: []int{2}}, "sim: Tree.Train[0] is 2; want 0 to 1"},
		{sim.Tree{Parent: []int{-1, 0}, Mu: mu, Train: []int{}}, "sim: the number of training centroids is 0"},
		{sim.Tree{Parent: []int{-1, 0}, Mu: mu, Sigma: []float64{1, -1}}, "sim: Tree.Sigma[1] is -1; want"},
		{sim.Simplex{K: 1}, "sim: Simplex.K is 1; want 2 to 4096"},
		{sim.Simplex{K: 5, D: 3}, "sim: Simplex.D is 3; want at least K−1 = 4"},
		{sim.Simplex{K: 3, Radius: -1}, "sim: Simplex.Radius is -1; want a number > 0"},
		{sim.Simplex{K: 3, Probe: []int{3}}, "sim: Simplex.Probe[0] is 3; want 0 to 2"},
		{sim.Simplex{K: 3, N: -1}, "sim: Simplex.N is -1; want"},
		{sim.Ring{}, "sim: Ring.K is 0; want at least 1"},
		{sim.Ring{K: 1 << 40}, "sim: Ring.K is 1099511627776; want less"},
		{sim.Ring{K: 3, D: 1}, "sim: Ring.D is 1; want at least the plane's dimension = 2"},
		{sim.Ring{K: 3, Phase: math.Inf(1)}, "sim: Ring.Phase is +Inf; want a finite angle"},
		{sim.Ring{K: 3, Radius: math.NaN()}, "sim: Ring.Radius is NaN; want"},
		{sim.Ring{K: 1}, "sim: the number of training centroids is 0"},
		{sim.Correlated{}, "sim: len(Correlated.Mu) is 0; want"},
		{sim.Correlated{Mu: []float64{1, 1, 1}, Cosine: -.6}, "sim: Correlated.Cosine is -0.6; want -0.5 to 1 for 3 concepts"},
		{sim.Correlated{Mu: mu, Cosine: math.NaN()}, "sim: Correlated.Cosine is NaN; want"},
		{sim.Correlated{Mu: mu, Cosine: .1, Cosines: [][]float64{{1, 0}, {0, 1}}}, "sim: Correlated.Cosine is 0.1; want 0 where"},
		{sim.Correlated{Mu: mu, Cosines: [][]float64{{1, 2}, {2, 1}}}, "sim: Correlated.Cosines is no covariance"},
		{sim.Correlated{Mu: mu, Cosines: [][]float64{{1, 0}, {0, 2}}}, "sim: Correlated.Cosines[1][1] is 2; want 1"},
		{sim.Correlated{Mu: mu, Cosines: [][]float64{{1}}}, "sim: len(Correlated.Cosines) is 1; want 2 rows"},
		{sim.Points(nil, nil), "sim: Layout.D is 0; want"},
		{sim.Points([][]float64{{1, 2}, {1}}, nil), "sim: len(Layout.Centroids[1].X) is 1; want 2"},
		{sim.With(nil, nil), "sim: the structure given to With is <nil>; want"},
		{sim.With(sim.Axes{Mu: mu}, func(l *sim.Layout) { l.N = -1 }), "sim: Layout.N is -1; want"},
		{table(" \n# nothing\n"), "sim: the table is empty; want a line that names the columns"},
		{table("label role\nA train"), "sim: the number of coordinates in line 1 is 0; want"},
		{table("x y\n1 2 3"), "sim: the number of fields in line 2 is 3; want at most 2"},
		{table("x y\n1 2\n\n1"), `sim: y in line 4 is ""; want a number`},
		{table("x y\n1 two"), `sim: y in line 2 is "two"; want a number`},
		{table("x weight\n1 w"), `sim: weight in line 2 is "w"; want a number`},
		{table("x role\n1 test"), `sim: role in line 2 is "test"; want train, probe`},
	} {
		_, err := sim.NewTask(tt.s)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %q", tt.s, err, tt.want)
		}
	}
}

// Whatever a table says, reading it and making, drawing and ordering its task end in a task or an error.
func FuzzParseTable(f *testing.F) {
	f.Add("label x y role weight\na 1 0\n- 0 2 train 2\nboth 1 2 probe\nc 1 1 concept\nnoise .1 .2 sigma", 3)
	f.Add("x\n1e300\n", 1)
	f.Add("x y role\n1 2\n0 0 concept\n1 1 concept", 0)
	f.Add("x,y,x\n1,NaN,Inf", -1)
	f.Add("x weight\n1 1e300\n2 1e-300", 2)
	f.Fuzz(func(t *testing.T, text string, n int) {
		l, err := sim.ParseTable(text)
		if err != nil {
			return
		}
		l.N = n % 100
		task, err := sim.NewTask(l)
		if err != nil {
			return
		}
		total := 0.0
		for _, c := range task.Train() {
			total += c.Weight
		}
		if total*float64(l.N)*float64(l.D) < 1e5 {
			if data, err := task.Sample(sim.Sampling{}); (err == nil) != (l.N > 0) {
				t.Errorf("N = %d: sample %v, error %v", l.N, data, err)
			}
		}
		if lattice, err := task.Lattice(); err == nil {
			if _, err := lattice.Violations(make([]float64, len(lattice.Points())), 0); err != nil {
				t.Error(err)
			}
		}
	})
}

// failed is a structure with the error of its making.
type failed struct {
	l   sim.Layout
	err error
}

func (f failed) Layout() (sim.Layout, error) { return f.l, f.err }

// Every corner but the one where all concepts come together.
func ExampleBox() {
	task, err := sim.NewTask(sim.Box{Mu: []float64{1, 2}})
	fmt.Print(list(task), err)
	// Output:
	// (0,0) train [0 0]
	// (0,1) train [0 2]
	// (1,0) train [1 0]
	// (1,1) probe [1 2]
	// <nil>
}

// Two strengths of each concept, trained on one concept at a time.
func ExampleGrid() {
	task, _ := sim.NewTask(sim.Grid{Levels: [][]float64{{0, 1, 2}, {0, 3}}})
	fmt.Print(list(task))
	// Output:
	// (0,0) train [0 0]
	// (0,1) train [0 3]
	// (1,0) train [1 0]
	// (2,0) train [2 0]
	// (2,1) probe [2 3]
	// (1,1) probe [1 3]
}

// An animal, and two kinds of animal; a bird that is a fish is never seen.
func ExampleTree() {
	task, _ := sim.NewTask(sim.Tree{Parent: []int{-1, 0, 0}, Mu: []float64{2, 1, 1}})
	fmt.Print(list(task))
	fmt.Println(task.Uncorrelated())
	// Output:
	// 1 train [2 0 0]
	// 1.2 train [2 1 0]
	// 1.3 train [2 0 1]
	// x̂ probe [2 1 1]
	// false
}

func ExampleSimplex() {
	task, _ := sim.NewTask(sim.Simplex{K: 3, Radius: 2})
	fmt.Print(list(task))
	// Output:
	// 1 train [2 0]
	// 2 train [-1 1.732]
	// 3 probe [-1 -1.732]
}

func ExampleRing() {
	task, _ := sim.NewTask(sim.Ring{K: 6, Probe: []int{1}})
	fmt.Printf("%d trained on, x̂ = %.3f, a = %.3f\n", len(task.Train()), task.Target(), task.Rates())
	// Output: 5 trained on, x̂ = [0.500 0.866], a = [0.550 0.450]
}

func ExampleCorrelated() {
	task, _ := sim.NewTask(sim.Correlated{Mu: []float64{1, 2}, Cosine: .6})
	fmt.Print(list(task))
	// Output:
	// μ₁ train [1 0]
	// μ₂ train [1.2 1.6]
	// x̂ probe [2.2 1.6]
}

func ExamplePoints() {
	task, err := sim.NewTask(sim.Points([][]float64{{1, 0}, {0, 2}}, [][]float64{{1, 2}, {2, 4}}))
	fmt.Print(list(task), err)
	// Output:
	// 1 train [1 0]
	// 2 train [0 2]
	// x̂₁ probe [1 2]
	// x̂₂ probe [2 4]
	// <nil>
}

// A structure written as a table.
func ExampleParseTable() {
	l, err := sim.ParseTable(`
		label   x    y   role    weight
		A       1    0   train
		B       0    2   train   2
		A+B     1    2   probe
		noise   .1   .1  sigma
	`)
	l.N = 100
	task, _ := sim.NewTask(l)
	fmt.Println(task, err)
	data, err := task.Sample(sim.Sampling{Seed: 1})
	fmt.Println(len(data.Cluster), "samples", err)
	// Output:
	// SIM task: d = 2, s = 0, 2 clusters, n = 100, x̂ = [1 2] <nil>
	// 300 samples <nil>
}

// Noise that the concepts share.
func ExampleWith() {
	task, err := sim.NewTask(sim.With(sim.Axes{Mu: []float64{1, 2}}, func(l *sim.Layout) {
		l.Cov = [][]float64{{.25, .125}, {.125, .25}}
	}))
	fmt.Println(task.Rates(), task.Uncorrelated(), err)
	// Output: [0.75 2.25] false <nil>
}
