package display

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	// DefaultWidth and DefaultHeight are the size a figure is shown at that does
	// not ask for another: 576 by 384 CSS pixels.
	DefaultWidth  = 6 * vg.Inch
	DefaultHeight = 4 * vg.Inch

	// maxSVG is the size in bytes above which a figure is sent as PNG alone: a
	// drawing of a hundred thousand marks is slow as SVG and no sharper.
	maxSVG = 2 << 20

	// maxSide and maxArea bound a figure, in inches and square inches: at pngDPI
	// the largest takes 60 MB to draw.
	maxSide = 50
	maxArea = 400
)

// Figure is a drawing with the size to show it at. Make one with [Plot].
type Figure struct {
	drawer Drawer
	w, h   vg.Length
	zoom   float64
	vector bool
}

// Plot shows a figure: a *plot.Plot or any other [Drawer]. A figure shows by
// itself; Plot is for setting its size:
//
//	display.Plot(p).Size(8*vg.Inch, 3*vg.Inch)
//
// The size is [DefaultWidth] by [DefaultHeight] unless the figure is a
// [FigureSizer] or Size is called.
func Plot(d Drawer) *Figure {
	f := &Figure{drawer: d, w: DefaultWidth, h: DefaultHeight, zoom: 1}
	if s, ok := d.(FigureSizer); ok {
		func() {
			defer func() { _ = recover() }() // Draw will say what is wrong with d
			if w, h := s.FigureSize(); w > 0 && h > 0 {
				f.w, f.h = w, h
			}
		}()
	}
	return f
}

// Size sets the size of the figure on the page, as in p.Save, and returns f. A
// value that is not positive keeps the present width or height.
func (f *Figure) Size(width, height vg.Length) *Figure {
	if width > 0 {
		f.w = width
	}
	if height > 0 {
		f.h = height
	}
	return f
}

// Zoom sets how much larger than its size the figure is shown, letters and lines
// included, 0.1 to 10 times, and returns f. A figure made for print is small on a
// screen; 1.5 suits it.
func (f *Figure) Zoom(factor float64) *Figure {
	f.zoom = math.Min(math.Max(factor, 0.1), 10)
	return f
}

// Vector leaves out the PNG for clients without SVG, which takes most of the time, and returns f. It is
// for a figure that follows a control or moves.
func (f *Figure) Vector() *Figure {
	f.vector = true
	return f
}

// MIMEBundle renders the figure.
func (f *Figure) MIMEBundle() (data, metadata map[string]any) {
	b := f.bundle()
	return b.Data, b.Metadata
}

func (f *Figure) bundle() Bundle {
	if f == nil || isNilPointer(f.drawer) {
		return bundle("display: Plot was given nil instead of a figure")
	}
	width, height := f.w*vg.Length(f.zoom), f.h*vg.Length(f.zoom)
	if w, h := float64(width/vg.Inch), float64(height/vg.Inch); !(w <= maxSide && h <= maxSide && w*h <= maxArea) {
		return bundle(fmt.Sprintf("display: figure is %.4g by %.4g inches, the most is %d a side and %d square inches", w, h, maxSide, maxArea))
	}
	svg, err := f.svg()
	if err != nil {
		return bundle(err.Error())
	}
	w, h := int(math.Round(cssPixels(width))), int(math.Round(cssPixels(height)))
	b := bundle(f.title(w, h))
	if len(svg) <= maxSVG {
		b.Data[mimeSVG] = svg
		if f.vector {
			return b
		}
	}
	raster, err := f.png()
	if err != nil {
		return bundle(err.Error())
	}
	b.Data[mimePNG] = base64.StdEncoding.EncodeToString(raster)
	b.Metadata[mimePNG] = map[string]any{"width": w, "height": h}
	return b
}

// isNilPointer says whether d is nil, or a nil pointer in an interface.
func isNilPointer(d Drawer) bool {
	v := reflect.ValueOf(d)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// title is the text form of a figure.
func (f *Figure) title(w, h int) string {
	if p, ok := f.drawer.(*plot.Plot); ok && p.Title.Text == "" {
		return fmt.Sprintf("<plot, %d×%d>", w, h)
	} else if ok {
		return fmt.Sprintf("<plot %q, %d×%d>", p.Title.Text, w, h)
	}
	return fmt.Sprintf("<figure, %d×%d>", w, h)
}

func (f *Figure) svg() (s string, err error) {
	defer catchDraw(&err)
	c := newSVGCanvas(f.w, f.h)
	f.drawer.Draw(draw.New(c))
	return c.document(f.zoom), nil
}

func (f *Figure) png() (b []byte, err error) {
	defer catchDraw(&err)
	return rasterize(f.drawer, f.w, f.h, int(math.Round(pngDPI*f.zoom)))
}

func catchDraw(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("display: drawing the figure panicked: %v", r)
	}
}
