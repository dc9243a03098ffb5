package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ramp is a scale of colours over 0 … 1, given by some of them at equal distances.
type ramp []color.RGBA

// Light to dark in even steps, so that a print in grey keeps the order; from yellow over green
// to blue, which all kinds of colour vision tell apart.
var sequential = ramp{{0xFC, 0xF8, 0xD8, 0xff}, {0xB9, 0xDC, 0xA8, 0xff}, {0x5A, 0xB4, 0xA8, 0xff}, {0x1F, 0x7D, 0xA6, 0xff}, {0x1C, 0x2F, 0x6E, 0xff}}

// Blue for less, vermillion for more than the middle, which is white.
var diverging = ramp{{0x00, 0x3E, 0x6B, 0xff}, Blue, {0xA6, 0xCB, 0xE3, 0xff}, {0xff, 0xff, 0xff, 0xff}, {0xF3, 0xC3, 0xA3, 0xff}, Vermillion, {0x85, 0x35, 0x00, 0xff}}

// at returns the colour at t, clamped to 0 … 1, mixed in a space of even lightness.
func (r ramp) at(t float64) color.RGBA {
	if math.IsNaN(t) {
		return missing
	}
	x := math.Max(0, math.Min(1, t)) * float64(len(r)-1)
	i := min(int(x), len(r)-2)
	return mix(r[i], r[i+1], x-float64(i))
}

// missing is the colour of what is not known.
var missing = color.RGBA{0xD9, 0xD9, 0xD9, 0xff}

// mix returns the colour at f between a and b. Mixed are the cube roots of linear light, an
// approximation of how light looks.
func mix(a, b color.RGBA, f float64) color.RGBA {
	one := func(x, y uint8) uint8 {
		v := (1-f)*math.Cbrt(linearLight(x)) + f*math.Cbrt(linearLight(y))
		return encodedLight(v * v * v)
	}
	return color.RGBA{one(a.R, b.R), one(a.G, b.G), one(a.B, b.B), 0xff}
}

// linearLight and encodedLight are the transfer function of sRGB (IEC 61966-2-1).
func linearLight(c uint8) float64 {
	x := float64(c) / 255
	if x <= .04045 {
		return x / 12.92
	}
	return math.Pow((x+.055)/1.055, 2.4)
}

func encodedLight(x float64) uint8 {
	if x <= .0031308 {
		x *= 12.92
	} else {
		x = 1.055*math.Pow(x, 1/2.4) - .055
	}
	return uint8(math.Round(255 * math.Max(0, math.Min(1, x))))
}

// contrast returns ink or white, whichever is easier to read on a colour.
func contrast(c color.RGBA) color.Color {
	y := .2126*linearLight(c.R) + .7152*linearLight(c.G) + .0722*linearLight(c.B)
	// Ratios of luminance as in WCAG 2, (y+.05)/(dark+.05) against 1.05/(y+.05).
	if dark := linearLight(ink.R); (y+.05)*(y+.05) > (dark+.05)*1.05 {
		return ink
	}
	return color.White
}

// colorScale maps numbers to colours.
type colorScale struct {
	ramp     ramp
	min, max float64
	log      bool
}

// newScale covers numbers with the sequential ramp, or with the diverging one, and 0 in its middle,
// where some are negative.
func newScale(lo, hi float64) colorScale {
	switch {
	case !(lo <= hi):
		return colorScale{ramp: sequential, min: 0, max: 1}
	case lo < -1e-9*math.Max(math.Abs(lo), math.Abs(hi)) && lo < 0:
		top := math.Max(-lo, hi)
		return colorScale{ramp: diverging, min: -top, max: top}
	case lo == hi:
		return colorScale{ramp: sequential, min: math.Min(0, lo), max: math.Max(hi, lo+1e-300)}
	case lo >= 0 && lo < hi/2:
		lo = 0
	}
	return colorScale{ramp: sequential, min: lo, max: hi}
}

// norm maps min … max to 0 … 1.
func (s colorScale) norm(v float64) float64 {
	if s.log {
		return math.Log(math.Max(v, s.min)/s.min) / math.Log(s.max/s.min)
	}
	return (v - s.min) / (s.max - s.min)
}

func (s colorScale) at(v float64) color.RGBA { return s.ramp.at(s.norm(v)) }

func (s colorScale) ticks() []plot.Tick {
	if s.log {
		return logTicks{}.Ticks(s.min, s.max)
	}
	return linearTicks{5}.Ticks(s.min, s.max)
}

// colorBar shows a scale beside the data.
type colorBar struct {
	label string
	scale colorScale
}

const barWidth, barGap = vg.Length(9), vg.Length(8)

func (b *colorBar) axis() *rightAxis {
	return &rightAxis{label: b.label, ticks: b.scale.ticks()}
}

func (b *colorBar) width() vg.Length { return barGap + barWidth + b.axis().width() }

// draw draws the bar to the right of the data, at most as high as reads well.
func (b *colorBar) draw(data draw.Canvas) {
	x, lo, hi := data.Max.X+barGap, data.Min.Y, data.Max.Y
	const steps = 128
	for k := range steps {
		y0, y1 := lo+(hi-lo)*vg.Length(k)/steps, lo+(hi-lo)*vg.Length(k+1)/steps
		if k < steps-1 {
			y1 += .3 // over the seam that antialiasing leaves
		}
		data.SetColor(b.scale.ramp.at((float64(k) + .5) / steps))
		data.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: y0}, Max: vg.Point{X: x + barWidth, Y: y1}}.Path())
	}
	line := stroke(ink, thinLine, nil)
	data.SetLineStyle(line)
	data.Stroke(vg.Rectangle{Min: vg.Point{X: x, Y: lo}, Max: vg.Point{X: x + barWidth, Y: hi}}.Path())
	a, widest := b.axis(), vg.Length(0)
	for _, t := range a.ticks {
		n := b.scale.norm(t.Value)
		if n < -1e-9 || n > 1+1e-9 {
			continue
		}
		y, l := lo+(hi-lo)*vg.Length(n), tickLength
		if t.Label == "" {
			l /= 2
		}
		data.StrokeLine2(line, x+barWidth, y, x+barWidth+l, y)
		drawAt(data, t.Label, words(tickSize, text.XLeft, ink), vg.Point{X: x + barWidth + tickLength + 2, Y: y - .35*tickSize})
		w, _, _ := mathText{}.Box(t.Label, sans(tickSize, false))
		widest = max(widest, w)
	}
	data.Push()
	data.Translate(vg.Point{X: x + barWidth + tickLength + 2 + widest + 4 + .8*labelSize, Y: data.Center().Y})
	data.Rotate(math.Pi / 2)
	drawAt(data, b.label, words(labelSize, text.XCenter, ink), vg.Point{})
	data.Pop()
}
