package figure_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)

func run(t testing.TB, mu []float64, d, steps int) *theory.Run {
	t.Helper()
	task, err := sim.NewTask(sim.Axes{Mu: mu, D: d})
	if err != nil {
		t.Fatal(err)
	}
	w0, err := torch.UUT(2333, d, 5)
	if err != nil {
		t.Fatal(err)
	}
	r, err := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: steps, Rate: theory.RateA2}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustUUT(t testing.TB, d int) *mat.SymDense {
	t.Helper()
	w0, err := torch.UUT(2333, d, 5)
	if err != nil {
		t.Fatal(err)
	}
	return w0
}

// texts returns what a figure writes, by letters drawn.
func texts(f *figure.Figure) string {
	var c recorder.Canvas
	w, h := f.FigureSize()
	f.Draw(draw.NewCanvas(&c, w, h))
	var b strings.Builder
	for _, a := range c.Actions {
		if s, ok := a.(*recorder.FillString); ok {
			b.WriteString(s.String + " ")
		}
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 3, 2000)
	f := figure.Row(figure.AllTrajectories(r), figure.Matrix(r), figure.Losses(r.TrainLoss(), r.TestLoss())).Titles("a", "b", "c").Size(9, 3)
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	dir := t.TempDir()
	read := func(name string) []byte {
		path := filepath.Join(dir, name)
		if err := f.Save(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	svg := read("f.svg")
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the SVG is not XML: %v", err)
		}
	}
	if len(svg) > 100_000 {
		t.Errorf("the SVG of 2000 steps has %d bytes, want curves simplified to less than 100 kB", len(svg))
	}
	if !bytes.Contains(svg, []byte("Liberation Sans,Arial")) {
		t.Error("the SVG names no font beside Liberation Sans")
	}
	cfg, err := png.DecodeConfig(bytes.NewReader(read("f.PNG")))
	if err != nil || cfg.Width != 9*figure.DPI || cfg.Height != 3*figure.DPI {
		t.Errorf("PNG of %d by %d pixels (%v), want 9 by 3 inches", cfg.Width, cfg.Height, err)
	}
	if pdf := read("f.pdf"); !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("%%EOF")) {
		t.Errorf("not a PDF: %.20q", pdf)
	}
	if err := f.Save(filepath.Join(dir, "f.gif")); err == nil || !strings.Contains(err.Error(), `f.gif" is not known; want .svg, .png or .pdf`) {
		t.Errorf("saving a .gif: error %v", err)
	}
	if err := f.Save(filepath.Join(dir, "no", "f.svg")); err == nil {
		t.Error("saving into a folder that is not there: want an error")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Errorf("%d files left (%v), want the three that were saved", len(files), err)
	}
}

// The same figure must always be the same file.
func TestDrawingIsReproducible(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 3, 500)
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := figure.Row(figure.Trajectory(r), figure.Matrix(r)).WriteSVG(w); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two drawings of one run differ")
	}
}

func TestWhatIsWritten(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 3, 2000)
	for _, tt := range []struct {
		name string
		f    *figure.Figure
		want []string
	}{
		{"trajectory", figure.Trajectory(r), []string{"μ 1", "μ 2", "x ˆ", "marks every 100 steps", "f 1 (concept 1)"}},
		{"matrix", figure.Matrix(r), []string{"w 11", "w 21", "w 33", "test loss (right)", "entries of W", "step"}},
		{"losses", figure.Losses(r.TestLoss()), []string{"test loss", "step", "loss"}},
	} {
		got := texts(tt.f)
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not written; only %s", tt.name, w, got)
			}
		}
	}
	for _, e := range r.TestLoss().Extrema() {
		if !strings.Contains(texts(figure.Matrix(r)), fmt.Sprint(e.Step)) {
			t.Errorf("step %d of the %v is not marked", e.Step, e.Kind)
		}
	}
	if got := texts(figure.Matrix(run(t, []float64{1, 1.5}, 9, 50))); !strings.Contains(got, "15 minor entries") || !strings.Contains(got, "28 irrelevant entries") {
		t.Errorf("nine dimensions: the legend does not group entries: %s", got)
	}
}

// Whatever the numbers, a figure is drawn or says what is wrong.
func TestOddData(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, y := range [][]float64{
		{1}, {0}, {1, 1, 1}, {0, 0}, {nan, nan}, {inf, 1, nan, 2}, {-1, 1e308}, {-1e308, 1e308}, {1e-300, 2e-300}, {5e9, 6e9}, {-3, -2, -3},
	} {
		c := theory.Curve{Name: "y"}
		for i := range y {
			c.T = append(c.T, float64(i))
		}
		c.Y = y
		for _, f := range []*figure.Figure{figure.Losses(c, c), figure.Losses(c).LogY()} {
			var b bytes.Buffer
			if err := f.WriteSVG(&b); err != nil && (f.Err() == nil || !strings.Contains(err.Error(), "want") && !strings.Contains(err.Error(), "needs")) {
				t.Errorf("%v: %v", y, err)
			}
			if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
				t.Errorf("%v: the drawing holds numbers that are none", y)
			}
		}
	}
	// A run that diverges has been to very large numbers.
	task, err := sim.NewTask(sim.Axes{Mu: []float64{3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	w0, err := torch.UUT(1, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := theory.Symmetric{Task: task, W0: w0, Eta: 2, Steps: 100}.Run(context.Background())
	if err == nil {
		t.Fatal("want a run that diverges")
	}
	for _, f := range []*figure.Figure{figure.Trajectory(r), figure.Matrix(r), figure.Losses(r.TestLoss())} {
		if err := f.WriteSVG(io.Discard); err != nil {
			t.Errorf("a run that diverged: %v", err)
		}
	}
}

func TestBadInputIsNamed(t *testing.T) {
	r := run(t, []float64{1, 2}, 2, 10)
	line, err := sim.NewTask(sim.Axes{Mu: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		f    *figure.Figure
		want string
	}{
		{figure.Trajectory(nil), "run of Trajectory is nil; want"},
		{figure.AllTrajectories(nil), "run of AllTrajectories is nil; want"},
		{figure.Matrix(nil), "run of Matrix is nil; want"},
		{figure.Losses(), "no curves; want at least one"},
		{figure.Losses(theory.Curve{Name: "c", T: []float64{1}}), `curve "c" has 1 times and 0 values; want`},
		{figure.Plane(1, 2, nil), "task of Plane is nil; want"},
		{figure.Plane(1, 2, line, r.TestOutput()), "plane is (1, 2); want two different axes from 1 to d = 1"},
		{figure.Plane(2, 2, r.Task(), r.TestOutput()), "plane is (2, 2); want two different axes"},
		{figure.Plane(1, 2, r.Task()), "no trajectories; want"},
		{figure.Plane(1, 2, r.Task(), theory.Trajectory{Name: "z", T: []float64{0}, X: [][]float64{{1}}}), `trajectory "z" has 1 coordinates; want d = 2`},
		{figure.Row(), "Row has no figures; want"},
		{figure.Row(figure.Matrix(r), nil), "figure 2 of Row is nil; want"},
		{figure.Row(figure.Matrix(r), figure.Matrix(nil)), "run of Matrix is nil; want"},
		{figure.Matrix(r).Size(0, 3), "size is 0 by 3 inches; want 1 to 40"},
		{figure.Matrix(r).Size(3, math.NaN()), "size is 3 by NaN inches; want"},
		{figure.Matrix(r).Titles("a", "b"), "2 titles; want at most 1"},
		{figure.Trajectory(r).LogY(), "no such logarithmic axis; want"},
		{figure.Losses(theory.Curve{T: []float64{0}, Y: []float64{-1}}).LogY(), "needs positive numbers"},
	} {
		if err := tt.f.Err(); err == nil || !strings.HasPrefix(err.Error(), "figure: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
			continue
		}
		// The error is what the figure shows, and what writing it returns.
		if shown := strings.ReplaceAll(texts(tt.f), " ", ""); !strings.HasPrefix(shown, "figure:") {
			t.Errorf("%v: the figure shows %q", tt.f.Err(), shown)
		}
		for _, write := range []func(io.Writer) error{tt.f.WriteSVG, tt.f.WritePNG, tt.f.WritePDF} {
			if err := write(io.Discard); err != tt.f.Err() {
				t.Errorf("writing returns %v, want %v", err, tt.f.Err())
			}
		}
		_ = tt.f.Titles("x").LogY().Plots()
	}
	if err := figure.Matrix(r).Size(40, 40).WritePNG(io.Discard); err == nil || !strings.Contains(err.Error(), "are too many for a PNG; want a size of at most 404 square inches") {
		t.Errorf("a PNG of 40 by 40 inches: %v", err)
	}
}

func TestRowKeepsTheFigures(t *testing.T) {
	r := run(t, []float64{1, 2}, 2, 10)
	a, b := figure.Trajectory(r), figure.Matrix(r).Size(5, 4)
	row := figure.Row(a, b)
	aw, _ := a.FigureSize()
	bw, bh := b.FigureSize()
	if w, h := row.FigureSize(); w != aw+bw || h != bh {
		t.Errorf("row of %g by %g points, want the widths' sum and the larger height: %g by %g", w, h, aw+bw, bh)
	}
	row.Titles("first", "second")
	if strings.Contains(texts(a), "first") {
		t.Error("a title given to the row shows in the single figure")
	}
	if n := len(row.Plots()); n != 2 {
		t.Errorf("%d plots in a row of two", n)
	}
	row.Plots()[1].X.Label.Text = "updates"
	if !strings.Contains(texts(row), "updates") {
		t.Error("a change of a panel's plot does not show")
	}
	if w, _ := figure.Row(row, a).FigureSize(); math.Abs(float64(w-(2*aw+bw))) > 1e-9*float64(vg.Inch) {
		t.Errorf("a row in a row is %g points wide, want %g", w, 2*aw+bw)
	}
}
