package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"

	"swingby/simlib/theory"
)

// Phase draws a phase diagram by one of its measures (see [theory.Phase.Map]): "depth" and "loss" on a
// scale of colours, "descents", "learned" and "order" by a colour for each value. Points that diverged or
// were not reached are grey. An axis whose values stand at equal ratios is logarithmic.
func Phase(phase *theory.Phase, measure string) *Figure {
	if phase == nil {
		return failed(errors.New("figure: the diagram of Phase is nil; want one from theory.Sweep"))
	}
	rows, err := phase.Map(measure)
	if err != nil {
		return failed(fmt.Errorf("figure: %w", err))
	}
	p := newPanel(phase.X.Name, phase.Y.Name)
	cells := &cellMap{x: phase.X.Values, y: phase.Y.Values, z: rows}
	var orders []string
	name := func(v float64) string { return strconv.Itoa(int(v)) }
	title := map[string]string{"depth": "depth of swing-by", "loss": "final test loss", "descents": "descents", "learned": "concepts learned", "order": "order of learning"}[measure]
	if measure == "order" {
		orders = phase.Orders()
		name = func(v float64) string { return orders[int(v)] }
	}
	lo, hi := bounds(rows...)
	continuous := measure == "depth" || measure == "loss"
	if continuous {
		cells.scale = newScale(math.Min(lo, hi), hi)
		if low, high := positiveBounds(rows...); measure == "loss" && low > 0 && high/low > 1e3 && !math.IsInf(high, 0) {
			cells.scale.log = true
			// Below that a run is at its end, whatever rounding makes of it.
			cells.scale.min, cells.scale.max = math.Max(low, high*1e-12), high
		}
		p.bar = &colorBar{label: title, scale: cells.scale}
	} else {
		var values []float64
		for _, row := range rows {
			for _, v := range row {
				if finite(v) && !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
		}
		slices.Sort(values)
		of := func(v float64) color.Color {
			k := slices.Index(values, v)
			if k < 0 {
				return missing
			}
			if measure == "order" {
				return pastel(k)
			}
			// Numbers have an order: light for few, dark for many.
			if len(values) == 1 {
				return sequential.at(.35)
			}
			return sequential.at(.1 + .75*float64(k)/float64(len(values)-1))
		}
		cells.paint = of
		p.note = title + ":"
		for _, v := range values {
			p.key = append(p.key, keyEntry{name: name(v), area: of(v)})
		}
	}
	for _, row := range rows {
		if slices.ContainsFunc(row, math.IsNaN) {
			p.key = append(p.key, keyEntry{name: "diverged or not run", area: missing})
			break
		}
	}
	p.plot.Add(cells)
	frame := func(a *plot.Axis, v []float64) {
		log := equalRatios(v)
		los, his := edges(v, log)
		a.Min, a.Max = los[0], his[len(his)-1]
		if log {
			a.Scale, a.Tick.Marker = logScale{}, logTicks{}
			if a.Max/a.Min < 200 {
				a.Tick.Marker = fewDecades{}
			}
		}
	}
	frame(&p.plot.X, cells.x)
	frame(&p.plot.Y, cells.y)
	p.spec = func() map[string]any {
		logX, logY := equalRatios(cells.x), equalRatios(cells.y)
		x0, x1 := edges(cells.x, logX)
		y0, y1 := edges(cells.y, logY)
		var values []any
		for j, row := range phase.At {
			for i, o := range row {
				v := map[string]any{"x": o.X, "y": o.Y, "x0": x0[i], "x1": x1[i], "y0": y0[j], "y1": y1[j], "depth": number(o.Stages.Depth), "descents": o.Stages.Descents, "order": fmt.Sprint(o.Stages.Order()), "loss": number(o.Loss)}
				switch z := rows[j][i]; {
				case !finite(z):
					v["z"] = nil
				case continuous:
					v["z"] = z
				default:
					v["z"] = name(z)
				}
				values = append(values, v)
			}
		}
		s := heatSpec(values, "x", "y", "z", title, cells.scale, true)
		enc := s["encoding"].(map[string]any)
		axis := func(field string, q theory.Param, a *plot.Axis, log bool) map[string]any {
			scale := map[string]any{"domain": []any{a.Min, a.Max}, "nice": false}
			if log {
				scale["type"] = "log"
			}
			return map[string]any{"field": field, "type": "quantitative", "title": q.Name, "scale": scale, "axis": map[string]any{"format": "~g", "labelOverlap": true}}
		}
		enc["x"], enc["x2"] = axis("x0", phase.X, &p.plot.X, logX), map[string]any{"field": "x1"}
		enc["y"], enc["y2"] = axis("y0", phase.Y, &p.plot.Y, logY), map[string]any{"field": "y1"}
		if !continuous {
			names, colors := []any{}, []any{}
			for _, k := range p.key {
				names, colors = append(names, k.name), append(colors, hex(k.area))
			}
			for _, channel := range []string{"color", "stroke"} { // which share a legend
				enc[channel] = map[string]any{"field": "z", "type": "nominal", "legend": map[string]any{"title": nil}, "scale": map[string]any{"domain": names, "range": colors}}
			}
		}
		tips := []any{map[string]any{"field": "x", "title": phase.X.Name, "format": ".4~g", "type": "quantitative"}, map[string]any{"field": "y", "title": phase.Y.Name, "format": ".4~g", "type": "quantitative"}}
		for _, f := range []string{"depth", "loss"} {
			tips = append(tips, map[string]any{"field": f, "format": ".3~g", "type": "quantitative"})
		}
		mark := map[string]any{"type": "rect", "strokeWidth": .8}
		if continuous {
			// Cells without a number are left out and the ground shows.
			s["view"] = map[string]any{"fill": hex(missing)}
		} else {
			mark["invalid"] = nil
			for _, channel := range []string{"color", "stroke"} {
				enc[channel].(map[string]any)["condition"] = map[string]any{"test": "datum.z === null", "value": hex(missing)}
			}
		}
		s["mark"] = mark
		enc["tooltip"] = append(tips, map[string]any{"field": "descents"}, map[string]any{"field": "order"})
		return s
	}
	return newFigure(p, defaultWidth, defaultHeight)
}

// pastel is a colour for an area that tells things apart without an order.
func pastel(k int) color.RGBA {
	c := []color.RGBA{Blue, Orange, Green, Purple, Vermillion, Sky, Yellow}[k%7]
	// Coming round again the colours are paler.
	return mix(c, color.RGBA{0xff, 0xff, 0xff, 0xff}, math.Min(.25+.3*float64(k/7), .85))
}

// equalRatios reports whether values are spaced as on a logarithmic axis.
func equalRatios(v []float64) bool {
	if len(v) < 3 || !(v[0] > 0) {
		return false
	}
	r := v[1] / v[0]
	for k := 2; k < len(v); k++ {
		if math.Abs(v[k]/v[k-1]/r-1) > 1e-6 {
			return false
		}
	}
	return r > 1+1e-6 && math.Abs((v[2]-v[1])/(v[1]-v[0])-1) > 1e-6
}

// fewDecades marks a short logarithmic axis at 1, 2 and 5 times the powers of ten.
type fewDecades struct{}

// Ticks returns the marks between lo and hi, both > 0.
func (fewDecades) Ticks(lo, hi float64) []plot.Tick {
	ticks := logTicks{}.Ticks(lo, hi)
	for i, t := range ticks {
		e := math.Floor(math.Log10(t.Value) + 1e-9)
		switch m := math.Round(t.Value / math.Pow(10, e)); m {
		case 1, 2, 5:
			ticks[i].Label = strconv.FormatFloat(t.Value, 'g', 3, 64)
		}
	}
	return ticks
}
