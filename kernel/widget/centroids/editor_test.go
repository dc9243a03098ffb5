package centroids_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"swingby/kernel/widget/centroids"
	"swingby/simlib/sim"
)

func two(t testing.TB) *centroids.Editor {
	t.Helper()
	e, err := centroids.NewEditor(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.05, .05}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func Example() {
	e, err := centroids.NewEditor(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.05, .05}})
	if err != nil {
		panic(err)
	}
	fmt.Println(e)
	fmt.Print(e.Table())
	// Output:
	// editor of 3 centroids, symmetric model started at W = 0.09
	// label,x,y,role,weight
	// μ₁,1,0,train,
	// μ₂,0,2,train,
	// x̂,1,2,probe,
	// noise,0.05,0.05,sigma,
}

// point is a centroid as a page sends it.
func point(label string, x, y float64, role string) any {
	return map[string]any{"label": label, "x": x, "y": y, "role": role, "weight": 0.0}
}

func says(e *centroids.Editor) string {
	return fmt.Sprint(e.Get("lesson").(map[string]any)["says"])
}

func problem(e *centroids.Editor) string {
	return fmt.Sprint(e.Get("lesson").(map[string]any)["problem"])
}

// What the page does reaches the task, and what the model makes of it the page.
func TestPageMoves(t *testing.T) {
	e := two(t)
	if !strings.Contains(says(e), "x̂ swings by") {
		t.Errorf("the editor says %q at first; want that x̂ swings by", says(e))
	}
	calls := 0
	e.OnChange(func() { calls++ })
	for _, model := range []string{"symmetric", "mlp"} {
		e.Set("model", model)
		e.Set("centroids", []any{point("a", 1, 0, "train"), point("b", 0, 1, "train"), point("c", 1, 1, "probe"), point("d", .5, 2, "probe")})
		task, err := e.Task()
		if err != nil {
			t.Fatal(err)
		}
		if got := task.Target(); len(task.Centroids()) != 4 || got[0] != 1 || got[1] != 1 {
			t.Errorf("%s: task %v, target %v; want four centroids and (1, 1)", model, task, got)
		}
		trs := e.Trajectories()
		if len(trs) != 4 || trs[3].Name != "d" {
			t.Fatalf("%s: %d paths; want one for each centroid", model, len(trs))
		}
		for _, tr := range trs[:2] {
			end := tr.X[len(tr.X)-1]
			if d := math.Hypot(end[0]-tr.Target[0], end[1]-tr.Target[1]); d > .15 {
				t.Errorf("%s: the output at %s ends %.2f from it; want what is trained on learned", model, tr.Name, d)
			}
		}
		e.Set("centroids", []any{point("a", 1, 0, "train"), point("b", 0, 1.5, "train"), point("c", 1, 1.5, "probe")})
	}
	if calls != 5 {
		t.Errorf("%d changes told; want 5", calls)
	}
	if err := e.Figure().Err(); err != nil {
		t.Error(err)
	}
}

// What is saved can be read again and gives the same editor.
func TestTable(t *testing.T) {
	e := two(t)
	e.Set("centroids", []any{point("a, b", 1.25, 0, "train"), point("", 1e-7, 1, "train"), point("c#", -1, 1, "probe")})
	layout, err := sim.ParseTable(e.Table())
	if err != nil {
		t.Fatalf("%v in\n%s", err, e.Table())
	}
	again, err := centroids.NewEditor(layout)
	if err != nil {
		t.Fatal(err)
	}
	if again.Table() != e.Table() {
		t.Errorf("read again:\n%s\nwant\n%s", again.Table(), e.Table())
	}
	data := e.Saved().Data
	if data["text/plain"] != e.Table() || !strings.Contains(fmt.Sprint(data["image/svg+xml"]), "<svg") {
		t.Errorf("saved are %v; want the table and a picture", data)
	}
}

// A state that is no task is told, and the last good one stays.
func TestBadStates(t *testing.T) {
	good := []any{point("a", 1, 0, "train"), point("b", 0, 1, "probe")}
	for _, tt := range []struct {
		trait string
		value any
		want  string
	}{
		{"centroids", nil, "want 1 to 40"},
		{"centroids", []any{}, "want 1 to 40"},
		{"centroids", []any{"x"}, "x is <nil>"},
		{"centroids", []any{point("a", math.NaN(), 0, "train")}, "x is NaN"},
		{"centroids", []any{point("a", 0, 1e6, "train")}, "y is 1e+06"},
		{"centroids", []any{point("a", 1, 0, "probe")}, "rain"},
		{"sigma", -1.0, "sigma is -1"},
		{"sigma", "wide", "sigma is wide"},
		{"scale", 0.0, "scale is 0"},
	} {
		e := two(t)
		e.Set("centroids", good)
		e.Set(tt.trait, tt.value)
		if got := problem(e); !strings.Contains(got, tt.want) {
			t.Errorf("%s = %v: the page is told %q; want %q", tt.trait, tt.value, got, tt.want)
		}
		if n := len(e.Layout().Centroids); n != 2 {
			t.Errorf("%s = %v: %d centroids left; want the 2 there were", tt.trait, tt.value, n)
		}
	}
	e := two(t)
	e.Set("sigma", -1.0)
	e.Set("sigma", .1)
	if problem(e) != "" || e.Layout().Sigma[0] != .1 {
		t.Errorf("after a good state the problem is %q, sigma %v", problem(e), e.Layout().Sigma)
	}
}

func TestNewEditorWants(t *testing.T) {
	for _, tt := range []struct {
		s    sim.Structure
		want string
	}{
		{nil, "is nil"},
		{sim.Axes{Mu: []float64{1, 2, 3}}, "d = 3; want 2"},
		{sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.1, .2}}, "the same along both axes"},
		{sim.Ring{K: 41}, "at most 40"},
		{sim.With(sim.Axes{Mu: []float64{1, 2}}, func(l *sim.Layout) { l.Cov = [][]float64{{.1, 0}, {0, .1}} }), "covariance"},
	} {
		if _, err := centroids.NewEditor(tt.s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v; want one with %q", err, tt.want)
		}
	}
}

// The same state gives the same lesson.
func TestSameLesson(t *testing.T) {
	a, b := two(t), two(t)
	b.Set("model", "mlp")
	b.Set("model", "symmetric")
	x, y := a.Trajectories(), b.Trajectories()
	for i := range x {
		if fmt.Sprint(x[i].X) != fmt.Sprint(y[i].X) {
			t.Errorf("path %d differs after a visit to another model", i)
		}
	}
}

func BenchmarkSymmetric(b *testing.B) { bench(b, "symmetric") }
func BenchmarkMLP(b *testing.B)       { bench(b, "mlp") }

// bench measures an answer to a page: learning and writing the paths.
func bench(b *testing.B, model string) {
	e := two(b)
	e.Set("model", model)
	for i := 0; b.Loop(); i++ {
		e.Set("centroids", []any{point("a", 1, 0, "train"), point("b", 0, 1+.5*float64(i%2), "train"), point("c", 1, 1.5, "probe")})
	}
}
