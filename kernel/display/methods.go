package display

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The interfaces below are how a value of any type says what it shows as. A type
// may have several of the methods; the client picks the richest format it knows.
// A method that panics is left out, and the display says so in its plain text.
//
// In a cell:
//
//	type Gauge float64
//
//	func (g Gauge) HTML() string {
//		return fmt.Sprintf("<meter value='%v'></meter>", float64(g))
//	}
//
//	Gauge(0.7)

// HTMLer is a value that shows as HTML. What HTML returns is taken as markup:
// escape what comes from data with html.EscapeString.
type HTMLer interface{ HTML() string }

// Markdowner is a value that shows as Markdown.
type Markdowner interface{ Markdown() string }

// LaTeXer is a value that shows as LaTeX: math in $…$ or $$…$$, or an environment.
type LaTeXer interface{ LaTeX() string }

// SVGer is a value that shows as an SVG document.
type SVGer interface{ SVG() string }

// PNGer is a value that shows as a PNG image, given as the bytes of the file.
type PNGer interface{ PNG() []byte }

// JPEGer is a value that shows as a JPEG image, given as the bytes of the file.
type JPEGer interface{ JPEG() []byte }

// JSONer is a value that shows as JSON, in JupyterLab as a tree that opens and
// closes. JSON returns what encoding/json can marshal.
type JSONer interface{ JSON() any }

// MIMEBundler is a value that shows in formats of its own choice, keyed by MIME
// type. []byte values are encoded in base64, as the protocol wants it.
type MIMEBundler interface{ MIMEBundle() map[string]any }

// MIMEBundlerMeta is a MIMEBundler that adds metadata, keyed by MIME type.
type MIMEBundlerMeta interface {
	MIMEBundle() (data, metadata map[string]any)
}

// Drawer is a figure: something that draws itself on a canvas of any size, as
// *plot.Plot does. It shows as SVG, with a PNG for clients without SVG.
type Drawer interface{ Draw(c draw.Canvas) }

// FigureSizer is a Drawer that says how large it wants to be shown.
type FigureSizer interface {
	FigureSize() (width, height vg.Length)
}
