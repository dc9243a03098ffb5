package sim_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"swingby/simlib/sim"
)

func lattice(t *testing.T, s sim.Structure) *sim.Lattice {
	t.Helper()
	l, err := newTask(t, s).Lattice()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The compositions of s concepts are the subsets of a set.
func TestLatticeOfAxesIsTheBooleanOne(t *testing.T) {
	for s := 1; s <= 5; s++ {
		axes := sim.Axes{D: 6, Origin: true}
		for p := range s {
			axes.Mu = append(axes.Mu, math.Pow(10, float64(4*p-8))) // of any strength
		}
		l := lattice(t, axes)
		if n := len(l.Points()); n != 1<<s {
			t.Fatalf("s = %d: %d points, want 2^s: every centroid is a composition", s, n)
		}
		levels := l.Levels()
		for i := range 1 << s {
			for j := range 1 << s {
				if got, want := l.Below(i, j), i&^j == 0; got != want {
					t.Errorf("s = %d: %s ⪯ %s is %v", s, l.Points()[i].Label, l.Points()[j].Label, got)
				}
			}
			if levels[i] != bits.OnesCount(uint(i)) {
				t.Errorf("s = %d: %s is on level %d", s, l.Points()[i].Label, levels[i])
			}
		}
		if n := len(l.Covers()); n != s<<(s-1) {
			t.Errorf("s = %d: %d edges, want s·2^(s−1)", s, n)
		}
	}
}

// The order of any structure is reflexive, antisymmetric and transitive, its edges generate it, and levels rise along them.
func TestLatticeIsAnOrder(t *testing.T) {
	for name, s := range map[string]sim.Structure{
		"grid":       sim.Grid{Levels: [][]float64{{0, 1, 2.5}, {-1, 0, 3}, {0, .5}}},
		"tree":       sim.Tree{Parent: []int{-1, 0, 0, 1}, Mu: []float64{1, 2, 3, 4}},
		"correlated": sim.Correlated{Mu: []float64{1, 2, 3}, Cosine: -.3},
		"ring":       sim.Ring{K: 7},
		"simplex":    sim.Simplex{K: 4},
		"points":     sim.Points([][]float64{{1, 2}, {2, 3}, {-1, 2}, {.5, 0}}, [][]float64{{3, 3}}),
	} {
		l := lattice(t, s)
		n := len(l.Points())
		reach := make([][]bool, n)
		for i := range n {
			reach[i] = make([]bool, n)
			reach[i][i] = true
			for j := range n {
				if l.Below(i, j) && l.Below(j, i) != (i == j) {
					t.Errorf("%s: %d and %d are below each other", name, i, j)
				}
				for k := range n {
					if l.Below(i, j) && l.Below(j, k) && !l.Below(i, k) {
						t.Errorf("%s: %d ⪯ %d ⪯ %d, but not %d ⪯ %d", name, i, j, k, i, k)
					}
				}
			}
		}
		levels := l.Levels()
		for range n {
			for _, e := range l.Covers() {
				if levels[e[0]] >= levels[e[1]] {
					t.Fatalf("%s: an edge from level %d to %d", name, levels[e[0]], levels[e[1]])
				}
				for i := range n {
					reach[i][e[1]] = reach[i][e[1]] || reach[i][e[0]]
				}
			}
		}
		for i := range n {
			for j := range n {
				if reach[i][j] != l.Below(i, j) {
					t.Errorf("%s: along the edges %d reaches %d: %v, below: %v", name, i, j, reach[i][j], l.Below(i, j))
				}
			}
		}
	}
}

func TestPointOffTheConceptsIsAlone(t *testing.T) {
	l := lattice(t, sim.Layout{D: 3, Concepts: [][]float64{{1, 0, 0}, {0, 1, 0}}, Centroids: []sim.Centroid{
		{Label: "off", X: []float64{1, 0, .5}}, {Label: "half", X: []float64{.5, 0, 0}}}})
	points := l.Points()
	for i, p := range points {
		for j, q := range points {
			if p.Label == "off" && i != j && (l.Below(i, j) || l.Below(j, i)) {
				t.Errorf("a point off the concepts is comparable to %s", q.Label)
			}
			if p.Label == "half" && q.Label == "(1,0)" && !l.Below(i, j) {
				t.Error("half a concept is not below the whole")
			}
		}
	}
}

// A loss that grows with every concept has no violations; with noise, exactly the pairs of the definition.
func TestViolations(t *testing.T) {
	l := lattice(t, sim.Axes{Mu: []float64{1, 2, 3, 4}})
	points := l.Points()
	loss := make([]float64, len(points))
	for i, p := range points {
		for _, x := range p.X {
			loss[i] += x * x
		}
	}
	if vs, err := l.Violations(loss, 0); err != nil || len(vs) != 0 {
		t.Errorf("loss ‖x‖²: violations %v, %v", vs, err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range loss {
		loss[i] = r.Float64()
	}
	vs, err := l.Violations(loss, .01)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for i := range points {
		for j := range points {
			if i&^j == 0 && loss[i] > loss[j]+.01 {
				want++
			}
		}
	}
	if len(vs) != want || want < 3 {
		t.Errorf("%d violations, want %d", len(vs), want)
	}
	for i, v := range vs {
		if v.LowLoss != loss[v.Low] || v.HighLoss != loss[v.High] || v.LowLabel != points[v.Low].Label ||
			v.HighLabel != points[v.High].Label || i > 0 && v.Excess() > vs[i-1].Excess() {
			t.Errorf("violation %d: %+v", i, v)
		}
	}
}

func TestBadLatticeIsNamed(t *testing.T) {
	at := func(x ...float64) []sim.Centroid { return []sim.Centroid{{X: x}} }
	many := make([]float64, 13)
	for i := range many {
		many[i] = 1
	}
	_, tooMany := newTask(t, sim.Axes{Mu: many}).Lattice()
	_, none := sim.NewLattice(nil, [][]float64{{1}})
	_, empty := sim.NewLattice(at(), [][]float64{{1}})
	_, surplus := sim.NewLattice(at(1), [][]float64{{1}, {2}})
	_, zero := sim.NewLattice(at(1, 2), [][]float64{{1, 0}, {0, 0}})
	_, dependent := sim.NewLattice(at(1, 2), [][]float64{{1, 1}, {2, 2}})
	_, length := sim.NewLattice(at(1, 2), [][]float64{{1, 1}, {2}})
	_, nan := sim.NewLattice(at(1, math.NaN()), [][]float64{{1, 1}})
	l := lattice(t, sim.Axes{Mu: []float64{1}})
	_, losses := l.Violations([]float64{1}, 0)
	_, lossNaN := l.Violations([]float64{1, math.NaN()}, 0)
	_, tol := l.Violations([]float64{1, 2}, -1)
	for want, err := range map[string]error{
		"sim: the number of concepts s is 13; want at most 12":     tooMany,
		"sim: the number of points of the lattice is 0; want 1 to": none,
		"sim: len(points[0].X) is 0; want 1 to":                    empty,
		"sim: the number of concepts s is 2; want 1 to d = 1":      surplus,
		"sim: concepts[1] is [0 0]; want a vector other than zero": zero,
		"sim: the condition number of the concepts is ":            dependent,
		"sim: len(concepts[1]) is 1; want 2":                       length,
		"sim: points[0].X[1] is NaN; want":                         nan,
		"sim: len(loss) is 1; want 2, one for each point":          losses,
		"sim: loss[1] is NaN; want a number":                       lossNaN,
		"sim: tol is -1; want a number from 0":                     tol,
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Who is below whom among the compositions of two concepts.
func ExampleLattice() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}})
	l, err := task.Lattice()
	points := l.Points()
	for _, e := range l.Covers() {
		fmt.Println(points[e[0]].Label, "⪯", points[e[1]].Label)
	}
	fmt.Println(l.Levels(), err)
	// Output:
	// (0,0) ⪯ (0,1)
	// (0,0) ⪯ (1,0)
	// (0,1) ⪯ (1,1)
	// (1,0) ⪯ (1,1)
	// [0 1 1 2] <nil>
}

// A model that has learned x̂ before its parts breaks the order.
func ExampleViolation() {
	task, _ := sim.NewTask(sim.Axes{Mu: []float64{1, 2}})
	l, _ := task.Lattice()
	vs, err := l.Violations([]float64{0, .2, .4, .3}, 0)
	for _, v := range vs {
		fmt.Println(v)
	}
	fmt.Println(err)
	// Output:
	// (1,0) ⪯ (1,1), but the loss is 0.4 > 0.3
	// <nil>
}
