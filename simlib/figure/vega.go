package figure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swingby/simlib/sim"
)

// MIMEVegaLite is the media type under which notebook clients draw Vega-Lite, version 5.
const MIMEVegaLite = "application/vnd.vegalite.v5+json"

// Vega is a figure in Vega-Lite 5 (vega.github.io/vega-lite): a client that knows the
// format shows the numbers under the pointer, zooms with the wheel and moves with the mouse. In a notebook it
// shows by being a cell's result; other clients show the picture.
type Vega struct {
	spec map[string]any
	fig  *Figure
	err  error
}

// Vega returns the figure in Vega-Lite.
func (f *Figure) Vega() *Vega {
	v := &Vega{fig: f, err: f.err}
	if v.err != nil {
		return v
	}
	if f.stack != nil {
		var rows []any
		for _, part := range f.stack {
			row := part.Vega()
			if row.err != nil {
				v.err = row.err
				return v
			}
			delete(row.spec, "$schema")
			delete(row.spec, "config")
			rows = append(rows, row.spec)
		}
		v.spec = vegaFrame()
		v.spec["vconcat"] = rows
		v.spec["resolve"] = map[string]any{"scale": map[string]any{"color": "independent", "strokeDash": "independent"}}
		return v
	}
	var parts []any
	for _, p := range f.panels {
		if p.spec == nil {
			v.err = fmt.Errorf("figure: a panel has no form in Vega-Lite; want one of this package's plots")
			return v
		}
		s := p.spec()
		if p.title != "" || p.note != "" {
			title := map[string]any{"text": p.title, "anchor": "start"}
			switch {
			case p.title == "":
				title["text"], title["fontWeight"], title["fontSize"] = p.note, "normal", 11
			case p.note != "":
				title["subtitle"] = p.note
			}
			s["title"] = title
		}
		if _, ok := s["width"]; !ok {
			w, h := p.share, f.height
			if w == 0 {
				w = f.width
			}
			if f.columns > 0 {
				h = p.tall
			}
			// A point of print is 4/3 pixels; axes and legends come on top.
			s["width"], s["height"] = math.Round(float64(w)*4/3*.8), math.Round(float64(h)*4/3*.75)
		}
		parts = append(parts, s)
	}
	v.spec = vegaFrame()
	if len(parts) == 1 {
		for k, x := range parts[0].(map[string]any) {
			v.spec[k] = x
		}
		return v
	}
	v.spec["concat"] = parts
	v.spec["columns"] = len(parts)
	if f.columns > 0 {
		v.spec["columns"] = f.columns
	}
	v.spec["resolve"] = map[string]any{"scale": map[string]any{"color": "independent", "strokeDash": "independent"}}
	return v
}

// vegaFrame is what every specification has.
func vegaFrame() map[string]any {
	return map[string]any{
		"$schema": "https://vega.github.io/schema/vega-lite/v5.json",
		"config": map[string]any{
			"font":   "Liberation Sans, Arial, Helvetica, sans-serif",
			"view":   map[string]any{"stroke": nil},
			"axis":   map[string]any{"grid": false, "domainColor": hex(ink), "tickColor": hex(ink), "labelColor": hex(ink), "titleColor": hex(ink), "titleFontWeight": "normal"},
			"legend": map[string]any{"orient": "top", "labelLimit": 400},
			"title":  map[string]any{"color": hex(ink), "subtitleColor": hex(ink)},
		},
	}
}

// Spec returns the specification as JSON, or an error that says why there is none.
func (v *Vega) Spec() ([]byte, error) {
	if v.err != nil {
		return nil, v.err
	}
	b, err := json.MarshalIndent(v.spec, "", " ")
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return append(b, '\n'), nil
}

// Err returns what is wrong, nil if nothing is.
func (v *Vega) Err() error { return v.err }

// String says in one line what this is.
func (v *Vega) String() string {
	if v.err != nil {
		return v.err.Error()
	}
	n := len(v.fig.panels)
	if n == 1 {
		return "Vega-Lite figure"
	}
	return fmt.Sprintf("Vega-Lite figure of %d panels", n)
}

// MIMEBundle returns the figure in the formats that notebook clients know, by media type: Vega-Lite, a picture
// and text.
func (v *Vega) MIMEBundle() map[string]any {
	data := map[string]any{"text/plain": v.String()}
	if v.err != nil {
		return data
	}
	data[MIMEVegaLite] = v.spec
	var b bytes.Buffer
	if err := v.fig.WritePNG(&b); err == nil {
		data["image/png"] = b.Bytes()
	}
	return data
}

// hex writes a colour as #rrggbb.
func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// number is v as JSON has it: nothing for what is not finite.
func number(v float64) any {
	if !finite(v) {
		return nil
	}
	return v
}

// series is a line of a Vega-Lite chart.
type series struct {
	name string
	x, y []float64
	line draw.LineStyle
	// logX and logY say which axes are logarithmic.
	logX, logY bool
	// low and high are the ends of the vertical axis, the line's own if equal.
	low, high float64
}

// thinned leaves out the points that no one could see the lack of, as a drawing some 600 pixels wide
// would.
func (s series) thinned() (x, y []float64) {
	scale := func(v float64, log bool) float64 {
		if log {
			return math.Log(v)
		}
		return v
	}
	scaled := func(v []float64, log bool) []float64 {
		out := make([]float64, len(v))
		for k := range v {
			out[k] = scale(v[k], log)
		}
		return out
	}
	sx, sy := scaled(s.x, s.logX), scaled(s.y, s.logY)
	x0, x1 := bounds(sx)
	y0, y1 := bounds(sy)
	if s.high > s.low {
		// What is out of sight need not be exact, and no number is too large to reckon with.
		y0, y1 = scale(s.low, s.logY), scale(s.high, s.logY)
		for k, v := range sy {
			if finite(v) {
				sy[k] = max(y0-9*(y1-y0), min(y1+9*(y1-y0), v))
			}
		}
	}
	if !(x1 > x0) || !(y1 > y0) || math.IsInf(y1-y0, 0) {
		return s.x, s.y
	}
	back := func(v float64, log bool) float64 {
		if log {
			return math.Exp(v)
		}
		return v
	}
	var pts []vg.Point
	flush := func() {
		// Where nothing bends there are points still, to be met by the pointer.
		const apart = 9
		kept := simplify(pts, .15)
		var last vg.Point
		for i, p := range pts {
			if p == kept[0] {
				kept = kept[min(1, len(kept)-1):]
			} else if i > 0 && length(p.Sub(last)) < apart {
				continue
			}
			last = p
			x = append(x, back(float64(p.X)/600*(x1-x0)+x0, s.logX))
			y = append(y, back(float64(p.Y)/400*(y1-y0)+y0, s.logY))
		}
		pts = nil
	}
	for k := range sx {
		if !finite(sx[k]) || !finite(sy[k]) {
			flush()
			x, y = append(x, math.NaN()), append(y, math.NaN())
			continue
		}
		pts = append(pts, vg.Point{X: vg.Length((sx[k] - x0) / (x1 - x0) * 600), Y: vg.Length((sy[k] - y0) / (y1 - y0) * 400)})
	}
	flush()
	return x, y
}

// seriesValues lists the points of lines, each with the name of its line and its place in it.
func seriesValues(lines []series) []any {
	var values []any
	for _, s := range lines {
		x, y := s.thinned()
		for k := range x {
			values = append(values, map[string]any{"name": s.name, "x": number(x[k]), "y": number(y[k]), "n": k})
		}
	}
	return values
}

// styleEncoding gives lines their colours and dashes by name.
func styleEncoding(lines []series) (col, dash map[string]any) {
	names, colors, dashes := []any{}, []any{}, []any{}
	for _, s := range lines {
		names, colors = append(names, s.name), append(colors, hex(s.line.Color))
		d := []any{}
		for _, l := range s.line.Dashes {
			d = append(d, float64(l)*4/3)
		}
		if len(d) == 0 {
			d = []any{1, 0}
		}
		dashes = append(dashes, d)
	}
	legend := map[string]any{"title": nil, "symbolType": "stroke", "symbolStrokeWidth": 2, "symbolOpacity": 1}
	col = map[string]any{"field": "name", "type": "nominal", "scale": map[string]any{"domain": names, "range": colors}, "legend": legend}
	dash = map[string]any{"field": "name", "type": "nominal", "scale": map[string]any{"domain": names, "range": dashes}, "legend": legend}
	return col, dash
}

// lineLayer is lines whose numbers are under the pointer, with what params the lines have.
//
// Of a line as one mark Vega-Lite knows the first point alone. So there is an invisible dot for each point, as
// large as a pointer is exact.
func lineLayer(lines []series, xlabel, ylabel string, x, y map[string]any, params []any) map[string]any {
	col, dash := styleEncoding(lines)
	x["field"], x["type"], x["title"] = "x", "quantitative", xlabel
	y["field"], y["type"], y["title"] = "y", "quantitative", ylabel
	line := map[string]any{
		"mark":     map[string]any{"type": "line", "strokeWidth": 2, "clip": true},
		"encoding": map[string]any{"strokeDash": dash, "order": map[string]any{"field": "n"}},
	}
	if params != nil {
		line["params"] = params
	}
	dots := map[string]any{
		"mark": map[string]any{"type": "point", "filled": true, "size": 200, "opacity": .001, "clip": true},
		"encoding": map[string]any{
			"tooltip": []any{map[string]any{"field": "name", "title": "curve"}, tip("x", xlabel), tip("y", ylabel)},
		},
	}
	return map[string]any{
		"data":     map[string]any{"values": seriesValues(lines)},
		"encoding": map[string]any{"x": x, "y": y, "color": col},
		"layer":    []any{line, dots},
	}
}

// quantitative is the encoding by a field of numbers.
func quantitative(field string) map[string]any {
	return map[string]any{"field": field, "type": "quantitative"}
}

// tip shows a field under the pointer.
func tip(field, title string) map[string]any {
	m := map[string]any{"field": field, "title": title}
	if field != "name" && field != "label" {
		m["type"], m["format"] = "quantitative", ".5~g"
	}
	return m
}

// markLayer is marks with their labels: objects with label, x, y, and train or probe as role.
func markLayer(values []any, x, y map[string]any) map[string]any {
	return map[string]any{"data": map[string]any{"values": values}, "layer": []any{
		map[string]any{
			"mark": map[string]any{"type": "point", "size": 90, "color": hex(ink), "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "tooltip": []any{tip("label", "centroid"), tip("x", x["field"].(string)), tip("y", y["field"].(string))},
				"shape": map[string]any{"field": "role", "type": "nominal", "scale": map[string]any{"domain": []any{sim.Train.String(), sim.Probe.String()}, "range": []any{"square", "circle"}}, "legend": nil}},
		},
		map[string]any{
			"mark":     map[string]any{"type": "text", "dx": 10, "dy": -10, "fontSize": 13, "color": hex(ink), "clip": true},
			"encoding": map[string]any{"x": x, "y": y, "text": map[string]any{"field": "label"}},
		},
	}}
}

// zoom lets wheel and mouse change the axes.
var zoom = []any{map[string]any{"name": "zoom", "select": "interval", "bind": "scales"}}

// heatSpec is a heat map of values with the fields named, with a bar of colours where legend is set.
func heatSpec(values []any, x, y, z, title string, scale colorScale, legend bool) map[string]any {
	var key any
	if legend {
		key = map[string]any{"orient": "right", "type": "gradient"}
	}
	s := map[string]any{"domain": []any{scale.min, scale.max}, "range": hexes(scale.ramp), "interpolate": "lab"}
	if scale.log {
		s["type"] = "log"
	}
	return map[string]any{
		"data": map[string]any{"values": values},
		// Cells have edges of their own colour: no seams between them.
		"mark": map[string]any{"type": "rect", "invalid": nil, "strokeWidth": .8},
		"encoding": map[string]any{
			"tooltip": []any{map[string]any{"field": y}, map[string]any{"field": x}, tip(z, title)},
			"stroke":  map[string]any{"field": z, "type": "quantitative", "scale": backwards(s), "legend": nil},
			"x":       map[string]any{"field": x, "type": "ordinal", "axis": map[string]any{"labelAngle": 0, "labelOverlap": true}},
			"y":       map[string]any{"field": y, "type": "ordinal", "axis": map[string]any{"labelOverlap": true}},
			"color":   map[string]any{"field": z, "type": "quantitative", "title": title, "scale": s, "legend": key},
		},
	}
}

// backwards is a scale written from its other end. Of two channels with one domain Vega-Lite makes one legend, and warns
// if only one is to have it.
func backwards(scale map[string]any) map[string]any {
	s := maps.Clone(scale)
	for _, end := range []string{"domain", "range"} {
		list := slices.Clone(s[end].([]any))
		slices.Reverse(list)
		s[end] = list
	}
	return s
}

func hexes(r ramp) []any {
	var hs []any
	for _, c := range r {
		hs = append(hs, hex(c))
	}
	return hs
}
