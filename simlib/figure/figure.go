package figure

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a row or a grid of panels. The functions of this package make them; the
// methods that change a figure return it, so that calls can be chained.
type Figure struct {
	panels        []*panel
	columns       int       // of a grid; 0 for a row
	stack         []*Figure // of a stack; it shares their panels
	width, height vg.Length
	err           error
}

// DPI is the resolution of the PNG files, three times that of a plain screen.
const DPI = 288

// Size limits, in inches and for PNG in pixels.
const (
	minSide   = 1
	maxSide   = 40
	maxPixels = 1 << 25
)

func newFigure(p *panel, w, h vg.Length) *Figure {
	return &Figure{panels: []*panel{p}, width: w, height: h}
}

// failed is a figure that shows what went wrong.
func failed(err error) *Figure {
	return &Figure{width: defaultWidth, height: 1.5 * vg.Inch, err: err}
}

// Row puts the panels of several figures side by side, each as wide as its
// figure and all as high as the highest.
func Row(figs ...*Figure) *Figure {
	row := &Figure{}
	for i, f := range figs {
		if f == nil {
			return failed(fmt.Errorf("figure: figure %d of Row is nil; want figures from this package", i+1))
		}
		if f.err != nil {
			return failed(f.err)
		}
		if f.stack != nil {
			return failed(fmt.Errorf("figure: figure %d of Row is a stack; want a stack of rows instead of a row of stacks", i+1))
		}
		for _, p := range f.panels {
			q := *p
			q.share, q.tall = f.width/vg.Length(len(f.panels)), f.height
			row.panels = append(row.panels, &q)
		}
		row.width += f.width
		row.height = max(row.height, f.height)
	}
	if len(row.panels) == 0 {
		return failed(errors.New("figure: Row has no figures; want at least one"))
	}
	return row
}

// Grid puts the panels of several figures in rows of so many columns. Columns are as wide as their widest
// panel, rows as high as their highest. The last row may be short.
func Grid(columns int, figs ...*Figure) *Figure {
	g := Row(figs...)
	switch {
	case g.err != nil:
		if len(figs) == 0 {
			return failed(errors.New("figure: Grid has no figures; want at least one"))
		}
		return g
	case columns < 1 || columns > maxSide:
		return failed(fmt.Errorf("figure: the number of columns of Grid is %d; want 1 to %d", columns, maxSide))
	}
	g.columns = min(columns, len(g.panels))
	widths := make([]vg.Length, g.columns)
	for i, p := range g.panels {
		widths[i%g.columns] = max(widths[i%g.columns], p.share)
	}
	g.width = 0
	for i, p := range g.panels {
		p.share = widths[i%g.columns]
	}
	for _, w := range widths {
		g.width += w
	}
	rows := g.rows()
	g.height = 0
	for _, row := range rows {
		g.height += tallest(row)
	}
	if g.width > maxSide*vg.Inch || g.height > maxSide*vg.Inch {
		return failed(fmt.Errorf("figure: a grid of %d by %d panels is %.0f by %.0f inches; want at most %d each", g.columns, len(rows), g.width/vg.Inch, g.height/vg.Inch, maxSide))
	}
	return g
}

// rows returns the panels row by row.
func (f *Figure) rows() [][]*panel {
	if f.columns == 0 || len(f.panels) == 0 {
		return [][]*panel{f.panels}
	}
	return slices.Collect(slices.Chunk(f.panels, f.columns))
}

// tallest returns the height of a row as its figures were.
func tallest(row []*panel) vg.Length {
	h := vg.Length(0)
	for _, p := range row {
		h = max(h, p.tall)
	}
	return h
}

// Stack puts figures on top of each other, each as high as it is and all as wide as the widest: a
// row of small panels above a wide one, say.
func Stack(figs ...*Figure) *Figure {
	s := &Figure{stack: []*Figure{}}
	for i, f := range figs {
		if f == nil {
			return failed(fmt.Errorf("figure: figure %d of Stack is nil; want figures from this package", i+1))
		}
		if f.err != nil {
			return failed(f.err)
		}
		part := *f
		part.panels = nil
		if f.stack != nil {
			return failed(fmt.Errorf("figure: figure %d of Stack is a stack; want rows and grids", i+1))
		}
		for _, p := range f.panels {
			q := *p
			if q.share == 0 {
				q.share = f.width / vg.Length(len(f.panels))
			}
			part.panels = append(part.panels, &q)
		}
		s.stack, s.panels = append(s.stack, &part), append(s.panels, part.panels...)
		s.width, s.height = max(s.width, f.width), s.height+f.height
	}
	switch {
	case len(s.stack) == 0:
		return failed(errors.New("figure: Stack has no figures; want at least one"))
	case s.height > maxSide*vg.Inch:
		return failed(fmt.Errorf("figure: a stack is %.0f inches high; want at most %d", s.height/vg.Inch, maxSide))
	}
	return s
}

// Size sets the width and height in inches, each 1 to 40.
func (f *Figure) Size(width, height float64) *Figure {
	if !(width >= minSide && width <= maxSide && height >= minSide && height <= maxSide) {
		f.fail(fmt.Errorf("figure: size is %g by %g inches; want %d to %d each", width, height, minSide, maxSide))
		return f
	}
	f.width, f.height = vg.Length(width)*vg.Inch, vg.Length(height)*vg.Inch
	return f
}

// Titles sets the titles of the panels, from left to right. Titles too many are an error.
func (f *Figure) Titles(titles ...string) *Figure {
	if len(titles) > len(f.panels) && f.err == nil {
		f.fail(fmt.Errorf("figure: %d titles; want at most %d, one for each panel", len(titles), len(f.panels)))
	}
	for i := range min(len(titles), len(f.panels)) {
		f.panels[i].title = titles[i]
	}
	return f
}

// LogY makes the left-hand axis of every panel logarithmic. Points that are not positive are left out.
func (f *Figure) LogY() *Figure { return f.change((*panel).logY) }

// LogX makes the axis of time of every panel logarithmic. Points that are not after time 0 are left out.
func (f *Figure) LogX() *Figure { return f.change((*panel).logX) }

// change changes every panel, and keeps the first error.
func (f *Figure) change(panel func(*panel) error) *Figure {
	for _, p := range f.panels {
		if err := panel(p); err != nil {
			f.fail(err)
		}
	}
	return f
}

// Plots returns the plots of the panels for changes that this package does not offer, such as
// other labels or ranges:
//
//	f.Plots()[0].X.Max = 500
func (f *Figure) Plots() []*plot.Plot {
	var ps []*plot.Plot
	for _, p := range f.panels {
		ps = append(ps, p.plot)
	}
	return ps
}

// Err returns what is wrong with the figure, nil if nothing is.
func (f *Figure) Err() error { return f.err }

func (f *Figure) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// FigureSize returns the size of the figure at 1:1.
func (f *Figure) FigureSize() (width, height vg.Length) { return f.width, f.height }

// Draw draws the figure on a canvas of any size. A figure with an error shows its text.
func (f *Figure) Draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	if f.err != nil {
		f.drawError(c)
		return
	}
	if f.stack != nil {
		total := vg.Length(0)
		for _, part := range f.stack {
			total += part.height
		}
		part, free := c, c.Max.Y-c.Min.Y
		for _, g := range f.stack {
			part.Min.Y = part.Max.Y - free*g.height/total
			g.Draw(part)
			part.Max.Y = part.Min.Y
		}
		return
	}
	rows := f.rows()
	const gap = vg.Length(12)
	free, total := c.Max.Y-c.Min.Y-gap*vg.Length(len(rows)-1), vg.Length(0)
	for _, row := range rows {
		total += tallest(row)
	}
	part := c
	for _, row := range rows {
		height := free / vg.Length(len(rows))
		if total > 0 {
			height = free * tallest(row) / total
		}
		part.Min.Y = part.Max.Y - height
		f.drawRow(part, row, rows[0])
		part.Max.Y = part.Min.Y - gap
	}
}

// drawRow draws panels side by side, as wide as those of the first row.
func (f *Figure) drawRow(c draw.Canvas, panels, first []*panel) {
	total := vg.Length(0)
	for _, p := range first {
		total += p.share
	}
	const gap = vg.Length(12)
	free := c.Max.X - c.Min.X - gap*vg.Length(max(len(first), 1)-1)
	x, header := c.Min.X, vg.Length(0)
	parts := make([]draw.Canvas, len(panels))
	for i, p := range panels {
		w := free
		if total > 0 {
			w = free * p.share / total
		}
		parts[i] = c
		parts[i].Min.X, parts[i].Max.X = x, x+w
		x += w + gap
		h, _ := p.header(parts[i])
		header = max(header, h)
	}
	// Squares of the same numbers of units, as heat maps are, are of the same size.
	unit := vg.Length(0)
	for i, p := range panels {
		if !p.equal || p.plot.X.Max-p.plot.X.Min != panels[0].plot.X.Max-panels[0].plot.X.Min || p.plot.Y.Max-p.plot.Y.Min != panels[0].plot.Y.Max-panels[0].plot.Y.Min {
			unit = 0
			break
		}
		if u := p.unit(p.cropped(parts[i], header)); i == 0 || u < unit {
			unit = u
		}
	}
	for i, p := range panels {
		p.draw(parts[i], header, unit)
	}
}

func (f *Figure) drawError(c draw.Canvas) {
	sty := words(labelSize, text.XLeft, Vermillion)
	y := c.Max.Y - 2*labelSize
	var line string
	put := func() {
		drawAt(c, line, sty, vg.Point{X: c.Min.X + labelSize, Y: y})
		y -= 1.3 * labelSize
		line = ""
	}
	for _, word := range strings.Fields(f.err.Error()) {
		if w, _, _ := (mathText{}).Box(line+" "+word, sty.Font); line != "" && w > c.Max.X-c.Min.X-2*labelSize {
			put()
		}
		line = strings.TrimSpace(line + " " + word)
	}
	put()
}

// render draws on a canvas, whose backend may panic where its text or numbers fail it.
func (f *Figure) render(c vg.CanvasSizer) (err error) {
	if f.err != nil {
		return f.err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("figure: cannot draw: %v", r)
		}
	}()
	f.Draw(draw.New(c))
	return nil
}

// WriteSVG writes the figure as an SVG document. Its text names Liberation
// Sans and the fonts of the same metrics that other systems have.
func (f *Figure) WriteSVG(w io.Writer) error {
	c := vgsvg.New(f.width, f.height)
	if err := f.render(c); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	const family = "font-family:Liberation Sans"
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(family), []byte(family+",Arial,Helvetica,sans-serif")))
	return err
}

// WritePNG writes the figure as a PNG image with [DPI] pixels per inch.
func (f *Figure) WritePNG(w io.Writer) error {
	if px := f.width.Dots(DPI) * f.height.Dots(DPI); px > maxPixels {
		return fmt.Errorf("figure: %.0f pixels are too many for a PNG; want a size of at most %.0f square inches", px, math.Floor(maxPixels/DPI/DPI))
	}
	c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(DPI))
	if err := f.render(c); err != nil {
		return err
	}
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// WritePDF writes the figure as a PDF document of one page. Its letters are drawn
// as outlines and need no font.
func (f *Figure) WritePDF(w io.Writer) error {
	c := vgpdf.New(f.width, f.height)
	if err := f.render(outlines{c}); err != nil {
		return err
	}
	_, err := c.WriteTo(w)
	return err
}

// Save writes the figure to a file, as SVG, PNG or PDF by the extension of its
// name. A file that cannot be written whole is not left behind.
func (f *Figure) Save(path string) error {
	write := map[string]func(io.Writer) error{".svg": f.WriteSVG, ".png": f.WritePNG, ".pdf": f.WritePDF}[strings.ToLower(filepath.Ext(path))]
	if write == nil {
		return fmt.Errorf("figure: the extension of %q is not known; want .svg, .png or .pdf", path)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}
