package figure

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a row of panels. The functions of this package make them; the
// methods that change a figure return it, so that calls can be chained.
type Figure struct {
	panels        []*panel
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
		for _, p := range f.panels {
			q := *p
			q.share = f.width / vg.Length(len(f.panels))
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
func (f *Figure) LogY() *Figure {
	for _, p := range f.panels {
		if err := p.logY(); err != nil {
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
	total := vg.Length(0)
	for _, p := range f.panels {
		total += p.share
	}
	const gap = vg.Length(12)
	free := c.Max.X - c.Min.X - gap*vg.Length(len(f.panels)-1)
	x, header := c.Min.X, vg.Length(0)
	parts := make([]draw.Canvas, len(f.panels))
	for i, p := range f.panels {
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
	for i, p := range f.panels {
		p.draw(parts[i], header)
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
	tmp, err := os.CreateTemp(filepath.Dir(path), ".figure-*")
	if err != nil {
		return fmt.Errorf("figure: %w", err)
	}
	_, err = tmp.Write(b.Bytes())
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("figure: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
