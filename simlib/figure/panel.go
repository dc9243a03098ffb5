package figure

import (
	"errors"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	defaultWidth  = 4.8 * vg.Inch
	defaultHeight = 3.4 * vg.Inch
)

// panel is a plot with what gonum/plot does not draw: a legend above the data
// and a second axis on the right.
type panel struct {
	plot  *plot.Plot
	title string
	// key holds the legend, a note under it the reading of the marks.
	key   []keyEntry
	note  string
	right *rightAxis
	// bar explains colours, at the right edge.
	bar *colorBar
	// bare leaves out axes and ticks.
	bare bool
	// spec describes the panel in Vega-Lite, without its title and size.
	spec func() map[string]any
	// paths are those of a trajectory panel, for an animation to cut.
	paths []*path
	// lines are the curves drawn, which labels keep away from.
	lines []*line
	// equal makes a unit as long along y as along x.
	equal bool

	// positive and positiveX return the range that a logarithmic axis must cover; nil where there can be none.
	positive, positiveX func() (lo, hi float64)
	// upright is a label of the vertical axis that the panel draws itself, see own.
	upright string
	// share is the panel's part of a row's width, and tall the height of the figure it came from.
	share, tall vg.Length
}

// keyEntry is one name in the legend, of a line or of an area.
type keyEntry struct {
	name string
	line draw.LineStyle
	area color.Color
}

// rightAxis scales curves that are drawn against the right edge.
type rightAxis struct {
	label    string
	min, max float64
	ticks    []plot.Tick
}

// newRightAxis covers lo … hi with some room.
func newRightAxis(label string, lo, hi float64) *rightAxis {
	lo, hi = padRange(lo, hi)
	return &rightAxis{label: label, min: lo, max: hi, ticks: linearTicks{5}.Ticks(lo, hi)}
}

func (a *rightAxis) norm(y float64) float64 { return (y - a.min) / (a.max - a.min) }

// padRange makes room around data. Data that reach far towards zero get an axis from zero on.
func padRange(lo, hi float64) (float64, float64) {
	if !(lo <= hi) || math.IsInf(hi-lo, 0) {
		return 0, 1
	}
	if lo == hi {
		if lo == 0 {
			return 0, 1
		}
		return lo - math.Abs(lo)/2, hi + math.Abs(hi)/2
	}
	room := .04 * (hi - lo)
	switch {
	case lo >= 0 && lo <= hi/3:
		return 0, hi + room
	case hi <= 0 && hi >= lo/3:
		return lo - room, 0
	}
	return lo - room, hi + room
}

// newPanel returns a panel with axes in the style of the package.
func newPanel(xlabel, ylabel string) *panel {
	p := plot.New()
	p.TextHandler = mathText{}
	p.BackgroundColor = nil
	p.Title.TextStyle = textStyle(labelSize)
	for i, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle.Width = 0 // draw joins both axes in one corner
		a.Tick.LineStyle = stroke(ink, thinLine, nil)
		a.Tick.Length = tickLength
		a.Tick.Marker = linearTicks{5}
		a.Label.Text = []string{xlabel, ylabel}[i]
		a.Label.Padding = 3
		sty := textStyle(labelSize)
		sty.XAlign, sty.YAlign = text.XCenter, text.YBottom
		a.Label.TextStyle = sty
		sty = textStyle(tickSize)
		sty.XAlign, sty.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = sty
	}
	return &panel{plot: p}
}

func (p *panel) logY() error { return logarithmic(&p.plot.Y, p.positive, .04) }

func (p *panel) logX() error { return logarithmic(&p.plot.X, p.positiveX, 0) }

// logarithmic makes an axis logarithmic, with room beyond the data as a part of their range.
func logarithmic(a *plot.Axis, positive func() (lo, hi float64), room float64) error {
	if positive == nil {
		return errors.New("figure: this figure has no such logarithmic axis; want a figure of curves over time")
	}
	lo, hi := positive()
	if !(lo > 0) || math.IsInf(hi, 0) {
		return errors.New("figure: a logarithmic axis needs positive numbers; the curves have none")
	}
	if lo == hi {
		lo, hi = lo/2, hi*2
	}
	a.Scale, a.Tick.Marker = logScale{}, logTicks{}
	more := math.Pow(hi/lo, room)
	a.Min, a.Max = lo/more, hi*more
	return nil
}

// own returns the panel as it is drawn. On a logarithmic axis gonum/plot takes the middle of the label for that of the
// numbers, which is near the top, and leaves room above for the half of a long one: there the panel draws it.
func (p *panel) own() *panel {
	if _, log := p.plot.Y.Scale.(logScale); !log || p.plot.Y.Label.Text == "" {
		return p
	}
	q, pl := *p, *p.plot
	q.upright, pl.Y.Label.Text = pl.Y.Label.Text, ""
	q.plot = &pl
	return &q
}

// uprightWidth is the room for such a label.
const uprightWidth = labelSize + 5

// header returns the height that legend and note take, and the rows of the legend, on a canvas that is
// to be drawn on.
func (p *panel) header(c draw.Canvas) (vg.Length, [][]keyEntry) {
	p = p.own()
	inner := p.cropped(c, 0)
	rows := p.keyRows(c.Max.X - p.plot.DataCanvas(inner).Min.X)
	lines := len(rows)
	if p.note != "" {
		lines++
	}
	if lines == 0 {
		return 0, nil
	}
	return keyLeading*vg.Length(lines) + 5, rows
}

// cropped returns the part of a panel's canvas for the plot itself.
func (p *panel) cropped(c draw.Canvas, header vg.Length) draw.Canvas {
	c = draw.Crop(c, margin, -margin, margin, -margin)
	if p.title != "" {
		c.Max.Y -= labelSize + 5
	}
	c.Max.Y -= header
	if p.upright != "" {
		c.Min.X += uprightWidth
	}
	if p.bare && p.bar != nil {
		c.Min.Y += tickSize / 2 // half of the lowest label at the bar
	}
	switch {
	case p.right != nil:
		c.Max.X -= p.right.width()
	case p.bar != nil:
		c.Max.X -= p.bar.width()
	default:
		c.Max.X -= 4 // half of the last tick's label
	}
	return c
}

// draw lays the panel out from the outside in: title, legend, right axis, plot. The
// header is at least as high as said, so that the panels of a row have their data at one height, and so is a panel's unit at
// most as long as said, unless that is 0.
func (p *panel) draw(c draw.Canvas, header, unit vg.Length) {
	p = p.own()
	if p.title != "" {
		sty := words(labelSize+1, text.XLeft, ink)
		sty.Font.Weight = 3 // bold
		drawAt(c, p.title, sty, vg.Point{X: c.Min.X + margin, Y: c.Max.Y - margin - labelSize})
	}
	own, rows := p.header(c)
	inner := p.cropped(c, max(own, header))
	if p.equal {
		inner = p.squared(inner, unit)
	}
	p.plot.Draw(inner)
	data := p.plot.DataCanvas(inner)
	if !p.bare {
		data.StrokeLines(stroke(ink, thinLine, nil), []vg.Point{
			{X: data.Min.X, Y: data.Max.Y}, data.Min, {X: data.Max.X, Y: data.Min.Y}})
	}
	if p.upright != "" {
		upright(data, p.upright, vg.Point{X: inner.Min.X - uprightWidth + .8*labelSize, Y: data.Center().Y})
	}
	if p.bar != nil {
		p.bar.draw(data)
	}
	if p.right != nil {
		p.right.draw(data)
	}
	y := data.Max.Y + 7
	if p.note != "" {
		drawAt(c, p.note, words(noteSize, text.XLeft, ink), vg.Point{X: data.Min.X, Y: y})
		y += keyLeading
	}
	for i := len(rows) - 1; i >= 0; i-- {
		x := data.Min.X
		for _, k := range rows[i] {
			x = k.draw(c, vg.Point{X: x, Y: y})
		}
		y += keyLeading
	}
}

// addLine draws a line.
func (p *panel) addLine(l *line) {
	p.lines = append(p.lines, l)
	p.plot.Add(l)
}

// unit returns the length of a unit along the axis where it is shorter, on a canvas for the plot.
func (p *panel) unit(c draw.Canvas) vg.Length {
	data := p.plot.DataCanvas(c)
	return min((data.Max.X-data.Min.X)/vg.Length(p.plot.X.Max-p.plot.X.Min), (data.Max.Y-data.Min.Y)/vg.Length(p.plot.Y.Max-p.plot.Y.Min))
}

// squared shrinks the canvas until a unit is as long along both axes, and no longer than most unless that is 0.
func (p *panel) squared(c draw.Canvas, most vg.Length) draw.Canvas {
	for range 3 { // the margins depend on the size a little
		data := p.plot.DataCanvas(c)
		w, h := data.Max.X-data.Min.X, data.Max.Y-data.Min.Y
		u := p.unit(c)
		if most > 0 {
			u = min(u, most)
		}
		c.Max.X -= w - u*vg.Length(p.plot.X.Max-p.plot.X.Min)
		c.Max.Y -= h - u*vg.Length(p.plot.Y.Max-p.plot.Y.Min)
	}
	return c
}

const (
	margin     = vg.Length(3)
	keyLeading = vg.Length(12)
	keySample  = vg.Length(18)
	keyGap     = vg.Length(11)
)

func (k keyEntry) width() vg.Length {
	w, _, _ := mathText{}.Box(k.name, sans(tickSize, false))
	return k.sample() + 4 + w + keyGap
}

// sample is the width of the piece of line or area before the name.
func (k keyEntry) sample() vg.Length {
	if k.area != nil {
		return 9
	}
	return keySample
}

// draw draws the entry with its baseline at pt, and returns where the next begins.
func (k keyEntry) draw(c draw.Canvas, pt vg.Point) vg.Length {
	mid := pt.Y + .33*tickSize
	if k.area != nil {
		c.SetColor(k.area)
		c.Fill(vg.Rectangle{Min: vg.Point{X: pt.X, Y: mid - 4}, Max: vg.Point{X: pt.X + k.sample(), Y: mid + 4}}.Path())
	} else {
		c.StrokeLine2(k.line, pt.X, mid, pt.X+keySample, mid)
	}
	drawAt(c, k.name, words(tickSize, text.XLeft, ink), vg.Point{X: pt.X + k.sample() + 4, Y: pt.Y})
	return pt.X + k.width()
}

// keyRows breaks the legend into rows no wider than w.
func (p *panel) keyRows(w vg.Length) [][]keyEntry {
	var rows [][]keyEntry
	used := w
	for _, k := range p.key {
		if used+k.width()-keyGap > w && used > 0 {
			rows = append(rows, nil)
			used = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		used += k.width()
	}
	return rows
}

func (a *rightAxis) width() vg.Length {
	w := vg.Length(0)
	for _, t := range a.ticks {
		tw, _, _ := mathText{}.Box(t.Label, sans(tickSize, false))
		w = max(w, tw)
	}
	return tickLength + 2 + w + 4 + labelSize + 2
}

// draw draws the axis along the right edge of the data.
func (a *rightAxis) draw(data draw.Canvas) {
	x := data.Max.X
	line := stroke(ink, thinLine, nil)
	data.StrokeLine2(line, x, data.Min.Y, x, data.Max.Y)
	widest := vg.Length(0)
	for _, t := range a.ticks {
		y := data.Y(a.norm(t.Value))
		data.StrokeLine2(line, x, y, x+tickLength, y)
		drawAt(data, t.Label, words(tickSize, text.XLeft, ink), vg.Point{X: x + tickLength + 2, Y: y - .35*tickSize})
		w, _, _ := mathText{}.Box(t.Label, sans(tickSize, false))
		widest = max(widest, w)
	}
	// Read from bottom to top, as on the left.
	upright(data, a.label, vg.Point{X: x + tickLength + 2 + widest + 4 + .8*labelSize, Y: data.Center().Y})
}

// upright writes from bottom to top, the middle of the baseline at a point.
func upright(c draw.Canvas, label string, at vg.Point) {
	c.Push()
	c.Translate(at)
	c.Rotate(math.Pi / 2)
	drawAt(c, label, words(labelSize, text.XCenter, ink), vg.Point{})
	c.Pop()
}
