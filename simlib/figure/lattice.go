package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"math/bits"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/sim"
)

// maxLatticeConcepts is the number of concepts whose compositions still fit in a panel.
const maxLatticeConcepts = 6

// Lattice draws the compositions of a task's concepts, 2^s of them, as the lattice they form: the empty one at
// the bottom, all concepts at the top, a line from each to those that have one concept more. Every
// set of losses makes a panel, in the order of [sim.Task.Compositions], and colours the nodes on a scale common to
// all: the paper's Figure 7. A line from u to v ⪰ u along which the loss falls is red:
// it breaks the rule that loss(u) ≤ loss(v). Tasks have 1 to 6 concepts.
func Lattice(task *sim.Task, losses ...[]float64) *Figure {
	switch {
	case task == nil:
		return failed(errors.New("figure: the task of Lattice is nil; want one from sim.NewTask"))
	case len(losses) == 0:
		return failed(errors.New("figure: no losses; want at least one set, a number for each of the task's Compositions"))
	case task.S() < 1 || task.S() > maxLatticeConcepts:
		return failed(fmt.Errorf("figure: the task of Lattice has %d concepts; want 1 to %d", task.S(), maxLatticeConcepts))
	}
	s := task.S()
	lo, hi := math.Inf(1), math.Inf(-1)
	for n, l := range losses {
		if len(l) != 1<<s {
			return failed(fmt.Errorf("figure: set %d of Lattice has %d losses; want 2^s = %d", n+1, len(l), 1<<s))
		}
		a, b := bounds(l)
		lo, hi = math.Min(lo, a), math.Max(hi, b)
	}
	// Nodes of a level from left to right in falling binary order: the first concept first.
	shape := &latticeShape{}
	for v := range 1 << s {
		shape.names = append(shape.names, fmt.Sprintf("%0*b", s, v))
		for u := range v {
			if u&v == u && bits.OnesCount(uint(v^u)) == 1 {
				shape.edges = append(shape.edges, [2]int{u, v})
			}
		}
	}
	shape.arrange(func(v int) int { return bits.OnesCount(uint(v)) }, true)
	return lattices(shape, losses, newScale(math.Min(lo, hi), hi))
}

// LatticeOf draws the composition lattice of any structure, from [sim.Task.Lattice] or [sim.NewLattice], with a
// loss for each of its points, in their order: what Lattice draws for the paper's structure. Points that are comparable to none
// stand at the bottom. A lattice has at most 128 points here.
func LatticeOf(l *sim.Lattice, losses ...[]float64) *Figure {
	switch {
	case l == nil:
		return failed(errors.New("figure: the lattice of LatticeOf is nil; want one from Task.Lattice"))
	case len(losses) == 0:
		return failed(errors.New("figure: no losses; want at least one set, a number for each point of the lattice"))
	}
	points, levels := l.Points(), l.Levels()
	const most = 128
	if len(points) > most {
		return failed(fmt.Errorf("figure: the lattice of LatticeOf has %d points; want at most %d", len(points), most))
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for n, set := range losses {
		if len(set) != len(points) {
			return failed(fmt.Errorf("figure: set %d of LatticeOf has %d losses; want %d, one for each point", n+1, len(set), len(points)))
		}
		a, b := bounds(set)
		lo, hi = math.Min(lo, a), math.Max(hi, b)
	}
	shape := &latticeShape{edges: l.Covers()}
	for _, p := range points {
		// A composition such as (1,0,1) is as clear without its brackets.
		shape.names = append(shape.names, strings.NewReplacer("(", "", ")", "", ",", "").Replace(p.Label))
	}
	shape.arrange(func(v int) int { return levels[v] }, false)
	return lattices(shape, losses, newScale(math.Min(lo, hi), hi))
}

// latticeShape is where the nodes of a lattice stand and which are joined.
type latticeShape struct {
	names          []string
	edges          [][2]int // from below to above
	x, y           []float64
	widest, height int
}

// arrange puts the nodes of each level side by side, in rising or falling order.
func (l *latticeShape) arrange(level func(v int) int, falling bool) {
	n := len(l.names)
	l.x, l.y = make([]float64, n), make([]float64, n)
	rows := map[int][]int{}
	for k := range n {
		v := k
		if falling {
			v = n - 1 - k
		}
		rows[level(v)] = append(rows[level(v)], v)
		l.height = max(l.height, level(v))
	}
	for y, row := range rows {
		l.widest = max(l.widest, len(row))
		for k, v := range row {
			l.x[v], l.y[v] = float64(k)-float64(len(row)-1)/2, float64(y)
		}
	}
}

// lattices draws one shape with several sets of losses.
func lattices(shape *latticeShape, losses [][]float64, scale colorScale) *Figure {
	var figs []*Figure
	for n, l := range losses {
		f := lattice(&latticePlot{latticeShape: shape, losses: l, scale: scale})
		if n == len(losses)-1 {
			f.panels[0].bar = &colorBar{label: "loss", scale: scale}
			f.width += f.panels[0].bar.width()
		}
		figs = append(figs, f)
	}
	return Row(figs...)
}

func lattice(l *latticePlot) *Figure {
	p := newPanel("", "")
	p.plot.HideAxes()
	p.bare = true
	broken := 0
	for _, e := range l.edges {
		if l.losses[e[0]] > l.losses[e[1]] {
			broken++
		}
	}
	switch broken {
	case 0:
		p.note = "order kept"
	case 1:
		p.note = "order broken once"
	default:
		p.note = fmt.Sprintf("order broken %d times", broken)
	}
	p.plot.Add(l)
	half := math.Max(float64(l.widest)/2, .8)
	p.plot.X.Min, p.plot.X.Max = -half, half
	p.plot.Y.Min, p.plot.Y.Max = -.35, float64(l.height)+.35
	p.spec = func() map[string]any { return l.spec(p.bar != nil) }
	return newFigure(p, min(max(2.2*vg.Inch, vg.Length(l.widest)*.55*vg.Inch), 8*vg.Inch), min(max(2*vg.Inch, vg.Length(l.height+1)*.72*vg.Inch), 8*vg.Inch))
}

type latticePlot struct {
	*latticeShape
	losses []float64
	scale  colorScale
}

// Plot draws lines, nodes, names and losses.
func (l *latticePlot) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(v int) vg.Point { return vg.Point{X: c.X(p.X.Norm(l.x[v])), Y: c.Y(p.Y.Norm(l.y[v]))} }
	// Kept lines first, broken ones over them.
	for pass := range 2 {
		for _, e := range l.edges {
			broken := l.losses[e[0]] > l.losses[e[1]]
			if broken != (pass == 1) {
				continue
			}
			sty := stroke(color.RGBA{0xB5, 0xB5, 0xB5, 0xff}, .8, nil)
			if broken {
				sty = stroke(Vermillion, 2, nil)
			}
			a, b := at(e[0]), at(e[1])
			c.StrokeLine2(sty, a.X, a.Y, b.X, b.Y)
		}
	}
	room := vg.Length(math.Min(float64(c.Max.X-c.Min.X)/float64(l.widest), float64(c.Max.Y-c.Min.Y)/(float64(l.height)+.7)*1.3))
	r := max(3, min(14.5, room*.4))
	for v, loss := range l.losses {
		pt, col := at(v), l.scale.at(loss)
		c.SetColor(col)
		c.Fill(circle(pt, r))
		c.SetLineStyle(stroke(ink, .7, nil))
		c.Stroke(circle(pt, r))
		if r < 8 {
			continue // too small for words
		}
		on := contrast(col)
		size := tickSize
		if w, _, _ := (mathText{}).Box(l.names[v], sans(size, false)); w > 1.6*r {
			size *= 1.6 * r / w
		}
		drawAt(c, l.names[v], words(size, text.XCenter, on), vg.Point{X: pt.X, Y: pt.Y + .08*size})
		drawAt(c, shortNumber(loss), words(min(size, .8*tickSize), text.XCenter, on), vg.Point{X: pt.X, Y: pt.Y - .92*min(size, .85*tickSize)})
	}
}

func (l *latticePlot) spec(legend bool) map[string]any {
	var nodes, lines []any
	for v, loss := range l.losses {
		nodes = append(nodes, map[string]any{"x": l.x[v], "y": l.y[v], "composition": l.names[v], "loss": number(loss)})
	}
	for _, e := range l.edges {
		u, v := e[0], e[1]
		lines = append(lines, map[string]any{"x": l.x[u], "y": l.y[u], "x2": l.x[v], "y2": l.y[v], "broken": l.losses[u] > l.losses[v]})
	}
	pos := func(name string) map[string]any {
		return map[string]any{"field": name, "type": "quantitative", "axis": nil, "scale": map[string]any{"zero": false, "padding": 25}}
	}
	var key any
	if legend {
		key = map[string]any{"orient": "right"}
	}
	tip := []any{map[string]any{"field": "composition"}, map[string]any{"field": "loss", "type": "quantitative", "format": ".4~g"}}
	return map[string]any{"layer": []any{
		map[string]any{
			"data": map[string]any{"values": lines}, "mark": map[string]any{"type": "rule"},
			"encoding": map[string]any{"x": pos("x"), "y": pos("y"), "x2": map[string]any{"field": "x2"}, "y2": map[string]any{"field": "y2"},
				"stroke":      map[string]any{"condition": map[string]any{"test": "datum.broken", "value": hex(Vermillion)}, "value": "#b5b5b5"},
				"strokeWidth": map[string]any{"condition": map[string]any{"test": "datum.broken", "value": 3}, "value": 1}},
		},
		map[string]any{
			"data": map[string]any{"values": nodes}, "mark": map[string]any{"type": "circle", "size": 1100, "opacity": 1, "stroke": hex(ink), "strokeWidth": 1},
			"encoding": map[string]any{"x": pos("x"), "y": pos("y"), "tooltip": tip,
				"color": map[string]any{"field": "loss", "type": "quantitative", "legend": key,
					"scale": map[string]any{"domain": []any{l.scale.min, l.scale.max}, "range": hexes(l.scale.ramp), "interpolate": "lab"}}},
		},
		map[string]any{
			"data": map[string]any{"values": nodes}, "mark": map[string]any{"type": "text", "fontSize": 11},
			"encoding": map[string]any{"x": pos("x"), "y": pos("y"), "tooltip": tip, "text": map[string]any{"field": "composition"},
				"color": map[string]any{"condition": map[string]any{"test": fmt.Sprintf("datum.loss > %g", l.scale.min+.6*(l.scale.max-l.scale.min)), "value": "white"}, "value": hex(ink)}},
		},
	}, "width": 70 * l.widest, "height": 80 * (l.height + 1)}
}
