package figure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// A line is as wide when it has been measured as when it is: in its own font, however many lines there are.
func TestLineWidths(t *testing.T) {
	small, large := textStyle(8).Font, textStyle(16).Font
	var w lineWidths
	for range 2 {
		for i := range maxWidths {
			w.of(fmt.Sprint(i), small)
			if len(w.known) > maxWidths {
				t.Fatalf("%d lines are kept, want %d at most", len(w.known), maxWidths)
			}
		}
		for _, line := range []string{"f(x̂)", "μ₁", "loss"} {
			var fresh lineWidths
			for _, f := range []font.Font{small, large} {
				if got, want := w.of(line, f), fresh.of(line, f); got != want || got <= 0 {
					t.Errorf("%q at %v is %v wide, want %v", line, f.Size, got, want)
				}
			}
			if w.of(line, small) >= w.of(line, large) {
				t.Errorf("%q is as wide at %v as at %v", line, small.Size, large.Size)
			}
		}
	}
}

func TestParseMath(t *testing.T) {
	for in, want := range map[string]string{
		"w₁₂":               "/w/ _12",
		"x̂":                "/x^/",
		"step":              "step",
		"f(x̂)":             "/f/ ( /x^/ )",
		"10⁻³":              "10 ^−3",
		"a²":                "/a/ ^2",
		"f(A)":              "/f/ ( /A/ )",
		"A+B":               "/A/ + /B/",
		"a₁":                "/a/ _1",
		"a run's loss at t": "a run's loss at  /t/",
		"UUᵀ":               "UU ^T",
		"G₂₁ − S₂₁":         "/G/ _21  −  /S/ _21",
		"xy\u0302":          "x y^",
		"b":                 "b",
		"":                  "",
	} {
		var parts []string
		for _, r := range parseMath(in) {
			s := r.text
			if r.hat {
				s += "^"
			}
			if r.italic {
				s = "/" + s + "/"
			}
			parts = append(parts, [...]string{"_", "", "^"}[r.level+1]+s)
		}
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%s is set as %q, want %q", in, got, want)
		}
	}
}

// SVG drops spaces at the ends of a text: a word after an index must be
// moved by the space, not begin with it.
func TestSpacesBetweenRuns(t *testing.T) {
	var c recorder.Canvas
	sty := words(10, text.XLeft, ink)
	drawAt(&c, "f₁ (concept)", sty, vg.Point{})
	var last *recorder.FillString
	for _, a := range c.Actions {
		if s, ok := a.(*recorder.FillString); ok {
			if strings.TrimSpace(s.String) != s.String {
				t.Errorf("%q is drawn with its spaces", s.String)
			}
			last = s
		}
	}
	before, _, _ := mathText{}.Box("f₁", sty.Font)
	face := run{text: " "}.face(sty.Font)
	if want := before + face.Width(" "); last == nil || math.Abs(float64(last.Point.X-want)) > 1e-9 {
		t.Errorf("the word after the index is at %v, want %g", last, want)
	}
}

func TestLinearTicks(t *testing.T) {
	labels := func(ts []plot.Tick) string {
		var ls []string
		for _, t := range ts {
			ls = append(ls, t.Label)
		}
		return strings.Join(ls, " ")
	}
	for _, tt := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 2000, "0 500 1000 1500 2000"},
		{-.05, 1.04, "0 0.25 0.50 0.75 1.00"},
		{-1, 1, "−1.0 −0.5 0 0.5 1.0"},
		{0, 3e-5, "0 1·10⁻⁵ 2·10⁻⁵ 3·10⁻⁵"},
		{0, 2e7, "0 5·10⁶ 1·10⁷ 1.5·10⁷ 2·10⁷"},
		{1, 1, ""},
		{0, math.Inf(1), ""},
		{math.NaN(), 1, ""},
	} {
		if got := labels(linearTicks{5}.Ticks(tt.lo, tt.hi)); got != tt.want {
			t.Errorf("ticks from %g to %g: %q, want %q", tt.lo, tt.hi, got, tt.want)
		}
	}
	if got := labels(logTicks{}.Ticks(1e-30, 1)); strings.Count(got, "10") < 4 || strings.Count(got, "10") > 8 {
		t.Errorf("ticks of thirty decades: %q, want four to eight labels", got)
	}
}

// No point left out may lie further from the simplified line than the tolerance.
func TestSimplify(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var pts []vg.Point
		var at vg.Point
		for range 200 {
			at = at.Add(vg.Point{X: vg.Length(rng.Float64()), Y: vg.Length(rng.NormFloat64())})
			pts = append(pts, at)
		}
		const tol = .5
		out := simplify(pts, tol)
		if out[0] != pts[0] || out[len(out)-1] != pts[len(pts)-1] || len(out) >= len(pts) {
			t.Fatal("the ends must stay and some points go")
		}
		for _, p := range pts {
			near := vg.Length(math.Inf(1))
			for i := 1; i < len(out); i++ {
				near = min(near, distance(p, out[i-1], out[i]))
			}
			if near > tol+1e-12 {
				t.Fatalf("a point is %g away from the simplified line, want at most %g", near, tol)
			}
		}
	}
}

// A curve against the right axis must stand at the height that axis says.
func TestRightAxis(t *testing.T) {
	p := newPanel("x", "y")
	p.plot.X.Min, p.plot.X.Max, p.plot.Y.Min, p.plot.Y.Max = 0, 1, 0, 100
	right := newRightAxis("z", 0, 2)
	var rec recorder.Canvas
	c := draw.NewCanvas(&rec, 300, 200)
	data := p.plot.DataCanvas(c)
	pts := (&line{x: []float64{0, .5}, y: []float64{0, 1}, right: right}).stretches(data, p.plot)[0]
	for _, tick := range right.ticks {
		if tick.Value == 1 {
			if want := data.Y(right.norm(1)); pts[1].Y != want {
				t.Errorf("1 on the right axis is drawn at %g, its tick at %g", pts[1].Y, want)
			}
		}
	}
	if got := fmt.Sprint(len(right.ticks) > 2, right.min, right.max > 2, right.max < 2.2); got != "true 0 true true" {
		t.Errorf("the right axis covers %g to %g with %d ticks, want 0 to a little above 2", right.min, right.max, len(right.ticks))
	}
}

func TestPlaceAvoidsAndStaysInside(t *testing.T) {
	frame := vg.Rectangle{Max: vg.Point{X: 100, Y: 100}}
	sty := words(8, text.XLeft, ink)
	dirs := []direction{{0, 1}, {0, -1}}
	at := vg.Point{X: 50, Y: 50}
	if b := place(frame, at, "12", sty, nil, 5, dirs); b.Min.Y < 50 {
		t.Error("with nothing in the way the first direction must be taken")
	}
	above := []obstacle{{vg.Point{X: 50, Y: 58}, 2}}
	if b := place(frame, at, "12", sty, above, 5, dirs); b.Max.Y > 50 {
		t.Error("the label covers what it should avoid")
	}
	if b := place(frame, vg.Point{X: 50, Y: 1}, "12", sty, []obstacle{{vg.Point{X: 50, Y: 9}, 2}}, 5, dirs); b.Min.Y < 0 {
		t.Error("the label leaves the frame")
	}
}
