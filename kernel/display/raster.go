package display

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// pngDPI gives a PNG two pixels for every CSS pixel in each direction.
const pngDPI = 192

// rasterize draws a figure as the bytes of a PNG file, with so many dots an inch.
func rasterize(d Drawer, w, h vg.Length, dpi int) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.Transparent))
	d.Draw(draw.New(pixelCanvas{c}))
	var img image.Image = c.Image()
	if rgba, ok := img.(*image.RGBA); ok {
		if p := palettize(rgba); p != nil {
			img = p
		}
	}
	var buf bytes.Buffer
	err := png.Encode(&buf, img)
	return buf.Bytes(), err
}

// pixelCanvas draws the pixels of small images as squares. vgimg itself
// interpolates between them, which invents values where an image is data.
type pixelCanvas struct{ *vgimg.Canvas }

func (c pixelCanvas) DrawImage(r vg.Rectangle, img image.Image) {
	size := r.Size()
	b := img.Bounds()
	if b.Dx() > 0 && b.Dy() > 0 {
		// Each side for itself: a row of a thousand pixels over a whole figure would be millions of pixels wide otherwise.
		kx, ky := size.X.Dots(c.DPI())/float64(b.Dx()), size.Y.Dots(c.DPI())/float64(b.Dy())
		if (kx > 1 || ky > 1) && kx < 1e4 && ky < 1e4 {
			img = enlarge(img, int(math.Ceil(max(kx, 1))), int(math.Ceil(max(ky, 1))))
		}
	}
	c.Canvas.DrawImage(r, img)
}

// enlarge makes kx×ky pixels of each pixel.
func enlarge(img image.Image, kx, ky int) image.Image {
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx()*kx, b.Dy()*ky))
	for y := range b.Dy() {
		first := out.Pix[y*ky*out.Stride : (y*ky+1)*out.Stride]
		for x := range b.Dx() {
			n := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			for i := x * kx; i < (x+1)*kx; i++ {
				first[4*i], first[4*i+1], first[4*i+2], first[4*i+3] = n.R, n.G, n.B, n.A
			}
		}
		for i := 1; i < ky; i++ {
			copy(out.Pix[(y*ky+i)*out.Stride:(y*ky+i+1)*out.Stride], first)
		}
	}
	return out
}

// Limits of what palettize may change.
const (
	strayShare  = 0.02 // share of pixels that may take a neighbouring colour
	strayPixels = 32   // most pixels of a colour that may: data covers more
	strayError  = 64   // largest change of a channel, of 255
)

// palettize reduces an opaque drawing to the 256 colours it uses most, which
// makes the file less than half the size. Only blends along edges, of which there
// are a few pixels each, move to the nearest colour, which the eye does not find at
// two pixels a point; a picture in which more would have to change gives nil.
func palettize(img *image.RGBA) *image.Paletted {
	if !img.Opaque() {
		return nil
	}
	const most = 1 << 14 // distinct colours: far more than a line drawing has
	type run struct {
		c color.RGBA
		n int
	}
	at := make(map[color.RGBA]int)
	var runs []run
	w, h := img.Rect.Dx(), img.Rect.Dy()
	index := make([]int32, w*h)
	last, i := color.RGBA{}, -1
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		for x := range w {
			c := color.RGBA{row[4*x], row[4*x+1], row[4*x+2], row[4*x+3]}
			if i < 0 || c != last {
				var ok bool
				if i, ok = at[c]; !ok {
					if i = len(runs); i == most {
						return nil
					}
					at[c] = i
					runs = append(runs, run{c: c})
				}
				last = c
			}
			runs[i].n++
			index[y*w+x] = int32(i)
		}
	}
	order := make([]int, len(runs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return runs[b].n - runs[a].n })
	kept := order[:min(256, len(order))]
	palette := make(color.Palette, len(kept))
	place := make([]uint8, len(runs))
	for k, i := range kept {
		palette[k], place[i] = runs[i].c, uint8(k)
	}
	strays := 0
	for _, i := range order[len(kept):] {
		strays += runs[i].n
		best, dist := 0, math.MaxInt
		for k, j := range kept {
			if d := farthest(runs[i].c, runs[j].c); d < dist {
				best, dist = k, d
			}
		}
		if dist > strayError || runs[i].n > strayPixels || float64(strays) > strayShare*float64(w*h) {
			return nil
		}
		place[i] = uint8(best)
	}
	out := image.NewPaletted(image.Rect(0, 0, w, h), palette)
	for p, i := range index {
		out.Pix[p] = place[i]
	}
	return out
}

// farthest is the largest difference between the channels of two colours.
func farthest(a, b color.RGBA) int {
	diff := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return max(diff(a.R, b.R), diff(a.G, b.G), diff(a.B, b.B))
}
