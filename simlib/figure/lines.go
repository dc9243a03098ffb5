package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// line draws points joined by a line: against the left axis, or the right where there is one.
type line struct {
	x, y  []float64
	style draw.LineStyle
	right *rightAxis
}

// Plot draws the line. Points that are not finite, and on a logarithmic axis those that are not
// positive, break it.
func (l *line) Plot(c draw.Canvas, p *plot.Plot) {
	for _, s := range l.stretches(c, p) {
		if len(s) > 1 {
			c.StrokeLines(l.style, c.ClipLinesXY(simplify(s, .04))...)
		}
	}
}

// stretches returns the unbroken parts of the line on the canvas.
func (l *line) stretches(c draw.Canvas, p *plot.Plot) [][]vg.Point {
	_, log := p.Y.Scale.(logScale)
	_, logX := p.X.Scale.(logScale)
	parts := [][]vg.Point{nil}
	for i, x := range l.x {
		y := l.y[i]
		if !finite(x) || !finite(y) || log && l.right == nil && !(y > 0) || logX && !(x > 0) {
			parts = append(parts, nil)
			continue
		}
		ny := p.Y.Norm(y)
		if l.right != nil {
			ny = l.right.norm(y)
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(ny)})
	}
	return parts
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// simplify leaves out the points that lie within tol of the line through those
// kept (Ramer, Douglas, Peucker), so that ten thousand steps make a small file.
func simplify(pts []vg.Point, tol vg.Length) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	keep := make([]bool, len(pts))
	keep[0], keep[len(pts)-1] = true, true
	todo := [][2]int{{0, len(pts) - 1}}
	for len(todo) > 0 {
		a, b := todo[len(todo)-1][0], todo[len(todo)-1][1]
		todo = todo[:len(todo)-1]
		far, at := tol, -1
		for i := a + 1; i < b; i++ {
			if d := distance(pts[i], pts[a], pts[b]); d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			todo = append(todo, [2]int{a, at}, [2]int{at, b})
		}
	}
	var out []vg.Point
	for i, k := range keep {
		if k {
			out = append(out, pts[i])
		}
	}
	return out
}

// distance returns how far p is from the segment ab.
func distance(p, a, b vg.Point) vg.Length {
	ab, ap := b.Sub(a), p.Sub(a)
	if l := ab.Dot(ab); l > 0 {
		t := max(0, min(1, ap.Dot(ab)/l))
		ap = ap.Sub(ab.Scale(t))
	}
	return vg.Length(math.Sqrt(float64(ap.Dot(ap))))
}

// bounds returns the least and largest finite numbers; lo > hi if there are none.
func bounds(yss ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, ys := range yss {
		for _, y := range ys {
			if finite(y) {
				lo, hi = math.Min(lo, y), math.Max(hi, y)
			}
		}
	}
	return lo, hi
}

// positiveBounds is bounds over the numbers > 0.
func positiveBounds(yss ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, ys := range yss {
		for _, y := range ys {
			if finite(y) && y > 0 {
				lo, hi = math.Min(lo, y), math.Max(hi, y)
			}
		}
	}
	return lo, hi
}

// circle returns the outline of a circle: four cubic curves, which every
// format draws alike, as gonum's PDF does not draw arcs.
func circle(at vg.Point, r vg.Length) vg.Path {
	k := r * 0.5523 // the control points' distance: 4/3 (√2 − 1)
	to := func(x, y vg.Length) vg.Point { return at.Add(vg.Point{X: x, Y: y}) }
	var p vg.Path
	p.Move(to(r, 0))
	p.CubeTo(to(r, k), to(k, r), to(0, r))
	p.CubeTo(to(-k, r), to(-r, k), to(-r, 0))
	p.CubeTo(to(-r, -k), to(-k, -r), to(0, -r))
	p.CubeTo(to(k, -r), to(r, -k), to(r, 0))
	p.Close()
	return p
}
