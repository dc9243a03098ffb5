package figure

import (
	"image/color"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Okabe and Ito's colours (jfly.uni-koeln.de/color), for readers with any
// kind of colour vision.
var (
	Black      = color.RGBA{0x00, 0x00, 0x00, 0xff}
	Blue       = color.RGBA{0x00, 0x72, 0xB2, 0xff}
	Vermillion = color.RGBA{0xD5, 0x5E, 0x00, 0xff}
	Green      = color.RGBA{0x00, 0x9E, 0x73, 0xff}
	Purple     = color.RGBA{0xCC, 0x79, 0xA7, 0xff}
	Orange     = color.RGBA{0xE6, 0x9F, 0x00, 0xff}
	Sky        = color.RGBA{0x56, 0xB4, 0xE9, 0xff}
	Yellow     = color.RGBA{0xF0, 0xE4, 0x42, 0xff}
)

// Palette is the order in which curves take their colours. Yellow, too pale
// for a thin line on white, is not in it.
var Palette = []color.RGBA{Blue, Vermillion, Green, Purple, Orange, Sky}

func paletteColor(i int) color.RGBA {
	if len(Palette) == 0 {
		return Black
	}
	return Palette[i%len(Palette)]
}

var (
	ink  = color.RGBA{0x22, 0x22, 0x22, 0xff} // axes and words
	pale = color.RGBA{0x8a, 0x8a, 0x8a, 0xff} // what stays in the background
)

// Sizes are for a panel as wide as a column of print, some 85 mm, shown 1:1.
const (
	labelSize  = vg.Length(9)
	tickSize   = vg.Length(8)
	noteSize   = vg.Length(7.5)
	thinLine   = vg.Length(0.6)
	lineWidth  = vg.Length(1.5)
	heavyLine  = vg.Length(2)
	tickLength = vg.Length(3)
)

var (
	dashed = []vg.Length{5, 2.5}
	dotted = []vg.Length{1.5, 2}
)

// sans returns the upright or slanted sans-serif face. Style 1 is italic; its
// name lives in a package that is not ours to import.
func sans(size vg.Length, slanted bool) font.Font {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if slanted {
		f.Style = 1
	}
	return f
}

func textStyle(size vg.Length) text.Style {
	return text.Style{Color: ink, Font: sans(size, false), Handler: mathText{}}
}

// words is textStyle with an alignment, for text placed by hand.
func words(size vg.Length, x text.XAlignment, c color.Color) text.Style {
	s := textStyle(size)
	s.XAlign, s.Color = x, c
	return s
}

func stroke(c color.Color, w vg.Length, dashes []vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: w, Dashes: dashes}
}
