package figure

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"swingby/simlib/theory"
)

// A Movie is a sequence of figures of one size, which it shows as an animated GIF: in a
// notebook by being a cell's result.
type Movie struct {
	frames []*Figure
	delay  int // hundredths of a second
	err    error
}

// Limits of a movie.
const (
	maxFrames = 400
	movieDPI  = 120
)

// Frames makes a movie of 1 to 400 figures of one size, each shown for so many seconds, 0.02 to 10; the last
// for a second more, before the movie begins anew.
func Frames(seconds float64, figs ...*Figure) *Movie {
	m := &Movie{frames: figs, delay: int(math.Round(100 * seconds))}
	if !(seconds >= .02 && seconds <= 10) {
		m.err = fmt.Errorf("figure: a frame lasts %g seconds; want 0.02 to 10", seconds)
	}
	if len(figs) < 1 || len(figs) > maxFrames {
		m.err = fmt.Errorf("figure: %d frames; want 1 to %d", len(figs), maxFrames)
	}
	for i, f := range figs {
		switch {
		case m.err != nil:
		case f == nil:
			m.err = fmt.Errorf("figure: frame %d is nil; want figures from this package", i+1)
		case f.err != nil:
			m.err = f.err
		case f.width != figs[0].width || f.height != figs[0].height:
			m.err = fmt.Errorf("figure: frame %d is %.4g by %.4g inches and the first %.4g by %.4g; want one size",
				i+1, f.width/vg.Inch, f.height/vg.Inch, figs[0].width/vg.Inch, figs[0].height/vg.Inch)
		}
	}
	if m.err == nil {
		if px := figs[0].width.Dots(movieDPI) * figs[0].height.Dots(movieDPI) * float64(len(figs)); px > 8*maxPixels {
			m.err = fmt.Errorf("figure: %.0f pixels in all frames are too many for a movie; want at most %d", px, 8*maxPixels)
		}
	}
	return m
}

// Learning animates a run: the outputs on their way through the plane of the first two concepts, W as a heat map, and
// the losses, in 2 to 400 frames. Times are closer together in the beginning, when more happens.
func Learning(run *theory.Run, frames int) *Movie {
	switch {
	case run == nil:
		return &Movie{err: errors.New("figure: the run of Learning is nil; want one from theory.Symmetric or theory.OneLayer")}
	case frames < 2 || frames > maxFrames:
		return &Movie{err: fmt.Errorf("figure: %d frames; want 2 to %d", frames, maxFrames)}
	}
	t := run.Times()
	curves := []theory.Curve{run.TrainLoss()}
	if l := run.TestLoss(); len(l.Y) > 0 {
		curves = append(curves, l)
	}
	d := run.Task().D()
	top := 0.
	for _, e := range run.Entries() {
		_, hi := bounds(e.Y)
		lo, _ := bounds(e.Y)
		top = math.Max(top, math.Max(hi, -lo))
	}
	scale := colorScale{ramp: diverging, min: -math.Max(top, 1e-300), max: math.Max(top, 1e-300)}
	var figs []*Figure
	for _, k := range frameRecords(len(t), frames) {
		var parts []*Figure
		if d > 1 {
			f := AllTrajectories(run)
			if f.err != nil {
				return &Movie{err: f.err}
			}
			for _, pa := range f.panels[0].paths {
				pa.cut(k + 1)
				f.panels[0].plot.Add(&head{x: pa.x, y: pa.y, color: pa.color})
			}
			parts = append(parts, f.Size(3, 3.4))
		}
		w, err := run.W(int(t[k]))
		if err != nil {
			return &Movie{err: fmt.Errorf("figure: %w", err)}
		}
		rows := make([][]float64, d)
		for i := range rows {
			rows[i] = make([]float64, d)
			for j := range rows[i] {
				rows[i][j] = w.At(i, j)
			}
		}
		heat := matrixMap(rows, scale)
		heat.panels[0].note = fmt.Sprintf("W at step %g", t[k])
		losses := Curves("step", "loss", curves...)
		if losses.err != nil {
			return &Movie{err: losses.err}
		}
		for i, l := range losses.panels[0].lines {
			l.x, l.y = l.x[:k+1], l.y[:k+1]
			losses.panels[0].plot.Add(&head{x: l.x, y: l.y, color: paletteColor(i)})
		}
		parts = append(parts, heat.Size(2.6, 3.4), losses.Size(3.6, 3.4))
		figs = append(figs, Row(parts...))
	}
	return Frames(math.Max(.04, math.Min(.2, 8/float64(frames))), figs...)
}

// cut ends a path before its n-th point.
func (pa *path) cut(n int) {
	pa.x, pa.y, pa.t = pa.x[:n], pa.y[:n], pa.t[:n]
}

// head is a dot at the end of a line that is being drawn.
type head struct {
	x, y  []float64
	color color.Color
}

// Plot draws the dot.
func (h *head) Plot(c vgdraw.Canvas, p *plot.Plot) {
	n := len(h.x) - 1
	if n < 0 || !finite(h.x[n]) || !finite(h.y[n]) {
		return
	}
	at := vg.Point{X: c.X(p.X.Norm(h.x[n])), Y: c.Y(p.Y.Norm(h.y[n]))}
	if c.Contains(at) {
		c.SetColor(h.color)
		c.Fill(circle(at, 3.4))
	}
}

// Err returns what is wrong with the movie, nil if nothing is.
func (m *Movie) Err() error { return m.err }

// Len returns the number of frames.
func (m *Movie) Len() int { return len(m.frames) }

// Frame returns frame i = 0 … Len−1, and the last one for an i beyond.
func (m *Movie) Frame(i int) *Figure {
	if m.err != nil || len(m.frames) == 0 {
		return failed(m.err)
	}
	return m.frames[max(0, min(i, len(m.frames)-1))]
}

// String says in one line what this is.
func (m *Movie) String() string {
	if m.err != nil {
		return m.err.Error()
	}
	return fmt.Sprintf("movie of %d frames, %g s each", len(m.frames), float64(m.delay)/100)
}

// WriteGIF writes the movie as an animated GIF at 120 pixels per inch that repeats for ever. Beyond the
// first, a frame holds only what changed.
func (m *Movie) WriteGIF(w io.Writer) error {
	if m.err != nil {
		return m.err
	}
	pal := newGIFPalette()
	g := &gif.GIF{Config: image.Config{ColorModel: pal.colors}}
	var before *image.Paletted
	for i, f := range m.frames {
		c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(movieDPI))
		if err := f.render(c); err != nil {
			return err
		}
		now := pal.paint(c.Image())
		delay := m.delay
		if i == len(m.frames)-1 {
			delay += 100
		}
		part := now
		if before == nil {
			g.Config.Width, g.Config.Height = now.Rect.Dx(), now.Rect.Dy()
		} else {
			part = now.SubImage(changed(before, now)).(*image.Paletted)
			part = &image.Paletted{Pix: part.Pix, Stride: part.Stride, Rect: part.Rect, Palette: pal.colors}
		}
		g.Image, g.Delay = append(g.Image, part), append(g.Delay, delay)
		g.Disposal = append(g.Disposal, gif.DisposalNone)
		before = now
	}
	if err := gif.EncodeAll(w, g); err != nil {
		return fmt.Errorf("figure: %w", err)
	}
	return nil
}

// changed returns the rectangle in which two images differ, a pixel where they do not.
func changed(a, b *image.Paletted) image.Rectangle {
	r := image.Rectangle{}
	for y := b.Rect.Min.Y; y < b.Rect.Max.Y; y++ {
		pa, pb := a.Pix[a.PixOffset(a.Rect.Min.X, y):], b.Pix[b.PixOffset(b.Rect.Min.X, y):]
		for x := range b.Rect.Dx() {
			if pa[x] != pb[x] {
				r = r.Union(image.Rect(b.Rect.Min.X+x, y, b.Rect.Min.X+x+1, y+1))
			}
		}
	}
	if r.Empty() {
		r = image.Rect(b.Rect.Min.X, b.Rect.Min.Y, b.Rect.Min.X+1, b.Rect.Min.Y+1)
	}
	return r
}

// gifPalette is one palette for all frames: the colours of lines in steps to white, as their edges
// need them, greys, and the scales of heat maps.
type gifPalette struct {
	colors color.Palette
	known  map[color.RGBA]uint8
}

func newGIFPalette() *gifPalette {
	p := &gifPalette{known: map[color.RGBA]uint8{}}
	add := func(c color.RGBA) {
		if len(p.colors) < 256 {
			p.colors = append(p.colors, c)
		}
	}
	for k := range 20 {
		v := uint8(k * 255 / 19)
		add(color.RGBA{v, v, v, 0xff})
	}
	for _, c := range append([]color.RGBA{Black, ink, Yellow}, Palette...) {
		for k := range 9 {
			f := float64(k) / 9
			fade := func(x uint8) uint8 { return uint8(float64(x)*(1-f) + 255*f) }
			add(color.RGBA{fade(c.R), fade(c.G), fade(c.B), 0xff})
		}
	}
	for _, r := range []ramp{diverging, sequential} {
		for k := range 70 {
			add(r.at(float64(k) / 69))
		}
	}
	return p
}

// paint maps an image to the palette, every pixel to the nearest colour.
func (p *gifPalette) paint(img image.Image) *image.Paletted {
	rgba, ok := img.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(img.Bounds())
		draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	}
	out := image.NewPaletted(rgba.Rect, p.colors)
	for y := rgba.Rect.Min.Y; y < rgba.Rect.Max.Y; y++ {
		for x := rgba.Rect.Min.X; x < rgba.Rect.Max.X; x++ {
			c := rgba.RGBAAt(x, y)
			n, ok := p.known[c]
			if !ok {
				n = uint8(p.colors.Index(c))
				p.known[c] = n
			}
			out.Pix[out.PixOffset(x, y)] = n
		}
	}
	return out
}

// Save writes the movie to a .gif file. A file that cannot be written whole is not left behind.
func (m *Movie) Save(path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); ext != ".gif" {
		return fmt.Errorf("figure: the extension of %q is not known; want .gif", path)
	}
	var b bytes.Buffer
	if err := m.WriteGIF(&b); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

// MIMEBundle returns the movie in the formats that notebook clients know, by media type: GIF and text.
func (m *Movie) MIMEBundle() map[string]any {
	data := map[string]any{"text/plain": m.String()}
	var b bytes.Buffer
	if err := m.WriteGIF(&b); err != nil {
		data["text/plain"] = err.Error()
		return data
	}
	data["image/gif"] = b.Bytes()
	return data
}

// writeFile replaces a file whole or not at all.
func writeFile(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".figure-*")
	if err != nil {
		return fmt.Errorf("figure: %w", err)
	}
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("figure: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
