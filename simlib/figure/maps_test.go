package figure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/gif"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// sweep is a small phase diagram with a corner that diverges.
func sweep(t testing.TB) *theory.Phase {
	t.Helper()
	p, err := theory.Sweep{
		X: theory.Linear("μ₂", 1, 3, 4), Y: theory.Log("scale", .05, .4, 3),
		Model: func(x, y float64) (theory.Symmetric, error) {
			task, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}})
			if err != nil {
				return theory.Symmetric{}, err
			}
			w0, err := theory.Init{D: 2, Scale: y, Seed: 2333}.W0()
			return theory.Symmetric{Task: task, W0: w0, Eta: .02, Steps: 1200, Rate: theory.RateA2}, err
		},
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// every is a figure of each kind.
func every(t testing.TB) map[string]*figure.Figure {
	t.Helper()
	r := run(t, []float64{1, 1.5}, 3, 2000)
	p := sweep(t)
	four, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	losses := make([]float64, 16)
	for v := range losses {
		losses[v] = float64(v)
	}
	m := theory.Symmetric{Task: r.Task(), W0: mustUUT(t, 3), Eta: .01, Steps: 2000, Rate: theory.RateA2}
	a, err := m.Assumptions(theory.Constants{})
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := r.Bounds(a)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*figure.Figure{
		"trajectory": figure.Trajectory(r), "all": figure.AllTrajectories(r), "matrix": figure.Matrix(r),
		"losses": figure.Losses(r.TrainLoss(), r.TestLoss()), "log": figure.Losses(r.TestLoss()).LogY(),
		"heat": figure.Heat(r), "evolution": figure.Evolution(r), "space": figure.Space(r),
		"lattice": figure.Lattice(four, losses, losses), "bound": figure.Bound(bounds[0]),
		"depth": figure.Phase(p, "depth"), "order": figure.Phase(p, "order"), "descents": figure.Phase(p, "descents"),
		"final": figure.Phase(p, "loss"), "learned": figure.Phase(p, "learned"),
		"stack": figure.Stack(figure.Heat(r, 0, 100, 400, 2000), figure.Evolution(r)).Titles("a", "", "", "", "b"),
		"logx":  figure.Matrix(r).LogX(), "both": figure.Losses(r.TrainLoss(), r.TestLoss()).LogX().LogY(),
		"grid": figure.Grid(2, figure.Trajectory(r), figure.Matrix(r), figure.Heat(r, 0)).Titles("a", "b", "c"),
	}
}

func TestEveryKindInEveryFormat(t *testing.T) {
	for name, f := range every(t) {
		if f.Err() != nil {
			t.Errorf("%s: %v", name, f.Err())
			continue
		}
		for _, write := range []func(io.Writer) error{f.WriteSVG, f.WritePDF} {
			var b bytes.Buffer
			if err := write(&b); err != nil || b.Len() < 1000 || b.Len() > 1<<20 {
				t.Errorf("%s: %d bytes, error %v", name, b.Len(), err)
			}
			if bytes.Contains(b.Bytes(), []byte("NaN")) {
				t.Errorf("%s: the drawing holds numbers that are none", name)
			}
		}
		spec, err := f.Vega().Spec()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(spec, &v); err != nil || !strings.HasSuffix(fmt.Sprint(v["$schema"]), "vega-lite/v5.json") {
			t.Errorf("%s: schema %v, error %v", name, v["$schema"], err)
		}
		if len(spec) > 1<<20 {
			t.Errorf("%s: %d bytes of Vega-Lite, want data thinned to less than 1 MiB", name, len(spec))
		}
		if n := encoded(v); n == 0 {
			t.Errorf("%s: no encoding in the specification", name)
		}
	}
}

// encoded checks that every encoded field is in the data, and returns the number of encodings.
func encoded(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["encoding"]; ok {
			n++
		}
		for _, w := range v {
			n += encoded(w)
		}
	case []any:
		for _, w := range v {
			n += encoded(w)
		}
	}
	return n
}

// Every field that a mark encodes must be in its data, and no number there may be missing by mistake.
func TestVegaFieldsAreInTheData(t *testing.T) {
	var shown func(name, channel string, e any, first map[string]any)
	shown = func(name, channel string, e any, first map[string]any) {
		switch e := e.(type) {
		case []any:
			for _, w := range e {
				shown(name, channel, w, first)
			}
		case map[string]any:
			if e["field"] == nil {
				return
			}
			if _, ok := first[e["field"].(string)]; !ok {
				t.Errorf("%s: channel %s shows field %v, which the data do not have", name, channel, e["field"])
			}
		}
	}
	// A mark shows the data of the layers that it is in where it has none of its own.
	var walk func(name string, v any, first map[string]any)
	walk = func(name string, v any, first map[string]any) {
		switch v := v.(type) {
		case []any:
			for _, w := range v {
				walk(name, w, first)
			}
		case map[string]any:
			if data, ok := v["data"].(map[string]any); ok {
				values := data["values"].([]any)
				if len(values) == 0 {
					t.Errorf("%s: a mark without data", name)
					return
				}
				first = values[0].(map[string]any)
			}
			if _, ok := v["mark"]; ok && first == nil {
				t.Errorf("%s: a mark without data", name)
			}
			if e, ok := v["encoding"].(map[string]any); ok {
				for channel, e := range e {
					shown(name, channel, e, first)
				}
			}
			for _, part := range []string{"layer", "concat", "hconcat", "vconcat"} {
				if w, ok := v[part]; ok {
					walk(name, w, first)
				}
			}
		}
	}
	for name, f := range every(t) {
		spec, err := f.Vega().Spec()
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(spec, &v); err != nil {
			t.Fatal(err)
		}
		walk(name, v, nil)
	}
}

func TestVegaInANotebook(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 2, 300)
	b := figure.Row(figure.Trajectory(r), figure.Matrix(r)).Vega().MIMEBundle()
	if b["text/plain"] != "Vega-Lite figure of 2 panels" || b[figure.MIMEVegaLite] == nil || len(b["image/png"].([]byte)) == 0 {
		t.Errorf("bundle of %d formats, text %v", len(b), b["text/plain"])
	}
	bad := figure.Matrix(nil).Vega()
	if b := bad.MIMEBundle(); len(b) != 1 || !strings.Contains(fmt.Sprint(b["text/plain"]), "run of Matrix is nil") || bad.Err() == nil {
		t.Errorf("a figure with an error shows as %v", b)
	}
	// A curve on a logarithmic axis is broken where it is not positive.
	c := theory.Curve{Name: "c", T: []float64{0, 1, 2}, Y: []float64{1, -1, 2}}
	spec, err := figure.Curves("x", "y", c).LogY().Vega().Spec()
	if err != nil || !bytes.Contains(spec, []byte(`"y": null`)) || !bytes.Contains(spec, []byte(`"log"`)) {
		t.Errorf("logarithmic axis: error %v", err)
	}
}

func TestWordsOfMaps(t *testing.T) {
	figs := every(t)
	for name, want := range map[string][]string{
		"heat":      {"step 0", "step 2000", "entries of", "3", "1.00"},
		"evolution": {"w 11", "w 33", "step", "value"},
		"space":     {"f 1", "f 2", "f 3", "μ 1", "x ˆ", "marks every 100 steps"},
		"lattice":   {"0000", "1111", "15.0", "order kept", "loss"},
		"depth":     {"depth of swing-by", "μ 2", "scale", "diverged or not run", "0.05"},
		"order":     {"order of learning:", "2, 1"},
		"grid":      {"a", "b", "c", "entries of"},
		"bound":     {"w 11"},
	} {
		got := texts(figs[name])
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not written; only %s", name, w, got)
			}
		}
	}
}

// Where a composition has more loss than one that contains it the lattice says so.
func TestLatticeOrder(t *testing.T) {
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		losses []float64
		want   string
	}{
		{[]float64{0, 1, 2, 3}, "order kept"},
		{[]float64{0, 4, 2, 3}, "order broken once"},
		{[]float64{0, 4, 5, 3}, "order broken 2 times"},
		{[]float64{0, 1, 1, 1}, "order kept"},
	} {
		if got := texts(figure.Lattice(task, tt.losses)); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %s, want %s", tt.losses, got, tt.want)
		}
	}
}

// The lattice of a structure that is none of the paper's: three points in a row, and one that is comparable to the first alone.
func TestLatticeOfAnyStructure(t *testing.T) {
	points := []sim.Centroid{{Label: "none", X: []float64{0, 0}}, {Label: "half", X: []float64{.5, 0}}, {Label: "full", X: []float64{1, 0}}, {Label: "other", X: []float64{0, 1}}}
	l, err := sim.NewLattice(points, [][]float64{{1, 0}, {0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	f := figure.LatticeOf(l, []float64{0, .2, .1, 3}, []float64{0, 1, 2, 3})
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	got := texts(f)
	for _, w := range []string{"none", "half", "full", "other", "order broken once", "order kept"} {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not written; only %s", w, got)
		}
	}
	if spec, err := f.Vega().Spec(); err != nil || strings.Count(string(spec), `"x2": `) < 6 {
		t.Errorf("want three edges in each panel, error %v", err)
	}
	// Of the paper's structure both ways draw the same order.
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := task.Lattice()
	if err != nil {
		t.Fatal(err)
	}
	losses := []float64{0, 1, 5, 3, 4, 2, 6, 7}
	a, b := texts(figure.Lattice(task, losses)), texts(figure.LatticeOf(whole, losses))
	for _, w := range []string{"000", "111", "101", "order broken 2 times"} {
		if !strings.Contains(a, w) || !strings.Contains(b, w) {
			t.Errorf("%q must be in both: %s and %s", w, a, b)
		}
	}
	for _, tt := range []struct {
		f    *figure.Figure
		want string
	}{
		{figure.LatticeOf(nil), "lattice of LatticeOf is nil; want"},
		{figure.LatticeOf(l), "no losses; want"},
		{figure.LatticeOf(l, []float64{1}), "set 1 of LatticeOf has 1 losses; want 4"},
	} {
		if err := tt.f.Err(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// No word may leave the figure, whatever the kind.
func TestWordsStayInside(t *testing.T) {
	for name, f := range every(t) {
		var c recorder.Canvas
		w, h := f.FigureSize()
		f.Draw(draw.NewCanvas(&c, w, h))
		var x, y float64
		depth := 0
		for _, a := range c.Actions {
			switch a := a.(type) {
			case *recorder.Push:
				depth++
			case *recorder.Pop:
				depth--
			case *recorder.FillString:
				if depth > 0 {
					continue // turned: the point is in other coordinates
				}
				x, y = float64(a.Point.X), float64(a.Point.Y)
				if x < -1 || y < -1 || x > float64(w)-1 || y > float64(h)-4 {
					t.Errorf("%s: %q begins at (%.0f, %.0f), outside of %.0f by %.0f", name, a.String, x, y, w, h)
				}
			}
		}
	}
}

func TestMovie(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 2, 400)
	m := figure.Learning(r, 6)
	if m.Err() != nil {
		t.Fatal(m.Err())
	}
	if m.String() != "movie of 6 frames, 0.2 s each" || m.Len() != 6 {
		t.Errorf("%v", m)
	}
	var b bytes.Buffer
	if err := m.WriteGIF(&b); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 6 || g.Delay[0] != 20 || g.Delay[5] != 120 || g.LoopCount != 0 {
		t.Errorf("%d images, delays %v", len(g.Image), g.Delay)
	}
	full := g.Image[0].Rect
	for i, img := range g.Image[1:] {
		if !img.Rect.In(full) || img.Rect == full {
			t.Errorf("frame %d covers %v, want a part of %v", i+2, img.Rect, full)
		}
	}
	for i, want := range []string{"at step 0", "", "", "", "", "at step 400"} {
		if got := texts(m.Frame(i)); !strings.Contains(got, want) {
			t.Errorf("frame %d: %s, want %q", i, got, want)
		}
	}
	if err := m.Save(filepath.Join(t.TempDir(), "m.gif")); err != nil {
		t.Error(err)
	}
	if d := m.MIMEBundle(); !bytes.Equal(d["image/gif"].([]byte), b.Bytes()) {
		t.Error("the notebook shows another GIF")
	}
	f, small := figure.Matrix(r), figure.Matrix(r).Size(2, 2)
	for _, tt := range []struct {
		m    *figure.Movie
		want string
	}{
		{figure.Learning(nil, 5), "run of Learning is nil; want"},
		{figure.Learning(r, 1), "1 frames; want 2 to 400"},
		{figure.Frames(.1), "0 frames; want 1 to 400"},
		{figure.Frames(0, f), "lasts 0 seconds; want 0.02 to 10"},
		{figure.Frames(math.NaN(), f), "lasts NaN seconds; want"},
		{figure.Frames(.1, f, nil), "frame 2 is nil; want"},
		{figure.Frames(.1, f, small), "frame 2 is 2 by 2 inches and the first 4.8 by 3.4; want one size"},
		{figure.Frames(.1, figure.Matrix(nil)), "run of Matrix is nil"},
		{figure.Frames(.1, figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40), figure.Row(f).Size(40, 40)), "too many for a movie"},
	} {
		if err := tt.m.WriteGIF(io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) || tt.m.Err() == nil {
			t.Errorf("error %v, want %q", err, tt.want)
		}
		if got := tt.m.MIMEBundle()["text/plain"]; !strings.Contains(fmt.Sprint(got), tt.want) || tt.m.Frame(0).Err() == nil && tt.m.Len() > 0 && tt.m.Err() == nil {
			t.Errorf("the notebook shows %v, want %q", got, tt.want)
		}
	}
	if err := m.Save("m.mp4"); err == nil || !strings.Contains(err.Error(), `"m.mp4" is not known; want .gif`) {
		t.Errorf("saving an .mp4: error %v", err)
	}
}

func TestBadMapsAreNamed(t *testing.T) {
	r := run(t, []float64{1, 2}, 2, 10)
	p := sweep(t)
	two := r.Task()
	seven, err := sim.NewTask(sim.Axes{Mu: []float64{1, 2, 3, 4, 5, 6, 7}})
	if err != nil {
		t.Fatal(err)
	}
	space := func(v figure.View, k, l, m int, task *sim.Task, trs ...theory.Trajectory) *figure.Figure {
		return figure.Space3(v, k, l, m, task, trs...)
	}
	many := make([]int, 30)
	tr3 := theory.Trajectory{Name: "z", Target: make([]float64, 7), T: []float64{0}, X: [][]float64{make([]float64, 7)}}
	for _, tt := range []struct {
		f    *figure.Figure
		want string
	}{
		{figure.Heat(nil), "run of Heat is nil; want"},
		{figure.Heat(r, 11), "update is 11; want 0 to 10"},
		{figure.Heat(r, many...), "30 updates; want at most 24"},
		{figure.Evolution(nil), "run of Evolution is nil; want"},
		{figure.Space(nil), "run of Space is nil; want"},
		{figure.Space(r), "space is (1, 2, 3); want three different axes from 1 to d = 2"},
		{space(figure.DefaultView, 1, 2, 3, nil), "task of Space3 is nil; want"},
		{space(figure.DefaultView, 1, 2, 3, seven), "no trajectories; want"},
		{space(figure.View{Azimuth: math.Inf(1)}, 1, 2, 3, seven, tr3), "View.Azimuth is +Inf; want"},
		{space(figure.View{Elevation: 91}, 1, 2, 3, seven, tr3), "View.Elevation is 91; want"},
		{space(figure.DefaultView, 1, 2, 3, seven, r.TestOutput()), "has 2 coordinates; want d = 7"},
		{figure.Lattice(nil), "task of Lattice is nil; want"},
		{figure.Lattice(two), "no losses; want"},
		{figure.Lattice(two, []float64{1}), "set 1 of Lattice has 1 losses; want 2^s = 4"},
		{figure.Lattice(seven, make([]float64, 128)), "has 7 concepts; want 1 to 6"},
		{figure.Phase(nil, "depth"), "diagram of Phase is nil; want"},
		{figure.Phase(p, "height"), `measure is "height"; want one of`},
		{figure.Grid(2), "Grid has no figures; want"},
		{figure.Grid(0, figure.Matrix(r)), "columns of Grid is 0; want 1 to 40"},
		{figure.Grid(1, figure.Matrix(r).Size(3, 30), figure.Matrix(r).Size(3, 30)), "3 by 60 inches; want at most 40"},
		{figure.Stack(), "Stack has no figures; want"},
		{figure.Stack(figure.Matrix(r), nil), "figure 2 of Stack is nil; want"},
		{figure.Stack(figure.Matrix(nil)), "run of Matrix is nil; want"},
		{figure.Stack(figure.Stack(figure.Matrix(r))), "figure 1 of Stack is a stack; want"},
		{figure.Row(figure.Stack(figure.Matrix(r))), "figure 1 of Row is a stack; want"},
		{figure.Stack(figure.Matrix(r).Size(3, 30), figure.Matrix(r).Size(3, 30)), "60 inches high; want at most 40"},
		{figure.Bound(theory.Bound{}), "0 times and 0 values; want"},
		{figure.Trajectory(r).LogX(), "no such logarithmic axis; want"},
	} {
		if err := tt.f.Err(); err == nil || !strings.HasPrefix(err.Error(), "figure: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
