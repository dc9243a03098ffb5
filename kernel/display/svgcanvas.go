package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgCanvas is a vg.Canvas that writes SVG for a page.
//
// It differs from gonum's vgsvg, which writes SVG for a file, in what a notebook
// needs. Text names the fonts every system has in place of Liberation, whose
// metrics are theirs by design, and says how wide it must come out, so that
// labels stand where gonum put them whatever font the reader has; embedding
// Liberation would cost 400 kB a face. Transforms are applied to the numbers,
// which are rounded to a hundredth of a point: the drawing is a third the size.
// Rectangles along the axes are drawn without anti-aliasing, so that the cells of
// a heat map join without seams. And there are no ids to clash with another
// drawing's.
type svgCanvas struct {
	w, h  vg.Length
	out   bytes.Buffer
	state svgState
	stack []svgState

	family string // the font family of the first text, declared for the whole drawing
	images bool   // there are images, which need the xlink name space
}

type svgState struct {
	m      affine
	color  color.Color
	width  vg.Length
	dash   []vg.Length
	offset vg.Length
}

// affine is the map (x, y) → (a·x + c·y + e, b·x + d·y + f), in SVG's order.
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p vg.Point) (x, y float64) {
	px, py := p.X.Points(), p.Y.Points()
	return m.a*px + m.c*py + m.e, m.b*px + m.d*py + m.f
}

// times is the map that applies n first and then m.
func (m affine) times(n affine) affine {
	return affine{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b,
		m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

// scale is the factor by which m changes lengths, on average over directions.
func (m affine) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }

func newSVGCanvas(w, h vg.Length) *svgCanvas {
	c := &svgCanvas{w: w, h: h}
	// vg has its origin at the bottom left, SVG at the top left.
	c.state.m = affine{1, 0, 0, -1, 0, h.Points()}
	vg.Initialize(c)
	return c
}

// document is the finished drawing. Its size is in CSS pixels, of which 96 make
// an inch, times zoom, and it shrinks with the page.
func (c *svgCanvas) document(zoom float64) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"`)
	if c.images {
		b.WriteString(` xmlns:xlink="http://www.w3.org/1999/xlink"`)
	}
	if c.family != "" {
		fmt.Fprintf(&b, ` font-family="%s"`, c.family)
	}
	fmt.Fprintf(&b, ` width="%s" height="%s" viewBox="0 0 %s %s" style="max-width:100%%;height:auto">`+"\n",
		num(cssPixels(c.w)*zoom), num(cssPixels(c.h)*zoom), num(c.w.Points()), num(c.h.Points()))
	b.Write(c.out.Bytes())
	b.WriteString("</svg>\n")
	return b.String()
}

// cssPixels converts a length to CSS pixels.
func cssPixels(l vg.Length) float64 { return l.Dots(96) }

// num writes a coordinate: two decimals at most, no zeros to spare.
func num(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	s := strconv.FormatFloat(x, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

func (c *svgCanvas) Size() (w, h vg.Length)   { return c.w, c.h }
func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state.width = w }
func (c *svgCanvas) Push()                    { c.stack = append(c.stack, c.state) }
func (c *svgCanvas) SetLineDash(d []vg.Length, offset vg.Length) {
	c.state.dash, c.state.offset = append([]vg.Length(nil), d...), offset
}

func (c *svgCanvas) SetColor(clr color.Color) {
	if clr == nil {
		clr = color.Black
	}
	c.state.color = clr
}

func (c *svgCanvas) Pop() {
	c.state = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

func (c *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.state.m = c.state.m.times(affine{cos, sin, -sin, cos, 0, 0})
}

func (c *svgCanvas) Translate(p vg.Point) {
	c.state.m = c.state.m.times(affine{1, 0, 0, 1, p.X.Points(), p.Y.Points()})
}

func (c *svgCanvas) Scale(x, y float64) {
	c.state.m = c.state.m.times(affine{x, 0, 0, y, 0, 0})
}

// paint writes the colour and opacity attributes for "fill" or "stroke".
func (c *svgCanvas) paint(attr string) string {
	n := color.NRGBAModel.Convert(c.state.color).(color.NRGBA)
	s := fmt.Sprintf(` %s="#%02x%02x%02x"`, attr, n.R, n.G, n.B)
	if n.A != 255 {
		s += fmt.Sprintf(` %s-opacity="%s"`, attr, strconv.FormatFloat(float64(n.A)/255, 'g', 3, 64))
	}
	return s
}

func (c *svgCanvas) Stroke(p vg.Path) {
	k := c.state.m.scale()
	width := c.state.width.Points() * k
	if width <= 0 || c.transparent() {
		return
	}
	d := c.path(p)
	if d == "" {
		return
	}
	fmt.Fprintf(&c.out, `<path d="%s" fill="none"%s`, d, c.paint("stroke"))
	if w := num(width); w != "1" {
		fmt.Fprintf(&c.out, ` stroke-width="%s"`, w)
	}
	if len(c.state.dash) > 0 {
		list := make([]string, len(c.state.dash))
		for i, l := range c.state.dash {
			list[i] = num(l.Points() * k)
		}
		fmt.Fprintf(&c.out, ` stroke-dasharray="%s"`, strings.Join(list, " "))
		if o := num(c.state.offset.Points() * k); o != "0" {
			fmt.Fprintf(&c.out, ` stroke-dashoffset="%s"`, o)
		}
	}
	c.out.WriteString("/>\n")
}

func (c *svgCanvas) Fill(p vg.Path) {
	if c.transparent() {
		return
	}
	d := c.path(p)
	if d == "" {
		return
	}
	fmt.Fprintf(&c.out, `<path d="%s"%s`, d, c.paint("fill"))
	if c.upright(p) {
		c.out.WriteString(` shape-rendering="crispEdges"`)
	}
	c.out.WriteString("/>\n")
}

func (c *svgCanvas) transparent() bool {
	_, _, _, a := c.state.color.RGBA()
	return a == 0
}

// upright says whether a path consists of lines along the axes only.
func (c *svgCanvas) upright(p vg.Path) bool {
	var x, y float64
	for i, e := range p {
		if e.Type == vg.CloseComp {
			continue
		}
		if e.Type != vg.LineComp && e.Type != vg.MoveComp {
			return false
		}
		nx, ny := c.state.m.apply(e.Pos)
		if i > 0 && e.Type == vg.LineComp && math.Abs(nx-x) > 1e-6 && math.Abs(ny-y) > 1e-6 {
			return false
		}
		x, y = nx, ny
	}
	return true
}

// path writes path data. Points that are not numbers are left out, as they have
// no place on the page.
func (c *svgCanvas) path(p vg.Path) string {
	var b strings.Builder
	var last string
	op := func(cmd byte, pts ...vg.Point) {
		s := ""
		for i, pt := range pts {
			x, y := c.state.m.apply(pt)
			if math.IsNaN(x+y) || math.IsInf(x+y, 0) {
				return
			}
			if i > 0 {
				s += " "
			}
			s += num(x) + "," + num(y)
		}
		if cmd == 'L' && s == last {
			return // closer than the resolution: nothing to see
		}
		b.WriteByte(cmd)
		b.WriteString(s)
		last = s
	}
	var at vg.Point
	for _, e := range p {
		switch e.Type {
		case vg.MoveComp:
			op('M', e.Pos)
			at = e.Pos
		case vg.LineComp:
			op('L', e.Pos)
			at = e.Pos
		case vg.CurveComp:
			switch len(e.Control) {
			case 1:
				op('Q', e.Control[0], e.Pos)
			case 2:
				op('C', e.Control[0], e.Control[1], e.Pos)
			}
			at = e.Pos
		case vg.ArcComp:
			if start := onCircle(e, e.Start); b.Len() == 0 {
				op('M', start)
			} else if start != at {
				op('L', start)
			}
			at = c.arc(e, op)
		case vg.CloseComp:
			if b.Len() > 0 {
				b.WriteByte('Z')
				last = ""
			}
		}
	}
	return b.String()
}

func onCircle(e vg.PathComp, angle float64) vg.Point {
	sin, cos := math.Sincos(angle)
	return vg.Point{X: e.Pos.X + e.Radius*vg.Length(cos), Y: e.Pos.Y + e.Radius*vg.Length(sin)}
}

// arc writes an arc as cubic curves, one for each quarter or less, and returns
// its end. With control points at 4/3·tan(θ/4) of the radius along the tangents
// a curve is off the circle by less than 0.03 % of the radius.
func (c *svgCanvas) arc(e vg.PathComp, op func(byte, ...vg.Point)) vg.Point {
	angle := math.Max(-2*math.Pi, math.Min(2*math.Pi, e.Angle))
	n := max(1, math.Ceil(math.Abs(angle)/(math.Pi/2)-1e-9))
	step := angle / n
	k := vg.Length(4.0/3*math.Tan(step/4)) * e.Radius
	at := onCircle(e, e.Start)
	for i := range int(n) {
		from := e.Start + float64(i)*step
		to := from + step
		end := onCircle(e, to)
		sin0, cos0 := math.Sincos(from)
		sin1, cos1 := math.Sincos(to)
		op('C',
			vg.Point{X: at.X - k*vg.Length(sin0), Y: at.Y + k*vg.Length(cos0)},
			vg.Point{X: end.X + k*vg.Length(sin1), Y: end.Y - k*vg.Length(cos1)},
			end)
		at = end
	}
	return at
}

func (c *svgCanvas) FillString(f font.Face, p vg.Point, s string) {
	size := f.Font.Size.Points()
	if size <= 0 || strings.TrimSpace(s) == "" || c.transparent() {
		return
	}
	// Text is drawn upright in SVG's coordinates: undo the flip of the y axis.
	m := c.state.m.times(affine{1, 0, 0, -1, p.X.Points(), p.Y.Points()})
	if math.IsNaN(m.e+m.f) || math.IsInf(m.e+m.f, 0) {
		return
	}
	c.out.WriteString("<text")
	if m.a == 1 && m.b == 0 && m.c == 0 && m.d == 1 {
		fmt.Fprintf(&c.out, ` x="%s" y="%s"`, num(m.e), num(m.f))
	} else {
		g := func(x float64) string { return strconv.FormatFloat(math.Round(x*1e6)/1e6+0, 'g', -1, 64) }
		fmt.Fprintf(&c.out, ` transform="matrix(%s %s %s %s %s %s)"`, g(m.a), g(m.b), g(m.c), g(m.d), num(m.e), num(m.f))
	}
	if family := fontFamily(f.Font); c.family == "" {
		c.family = family
	} else if family != c.family {
		fmt.Fprintf(&c.out, ` font-family="%s"`, family)
	}
	fmt.Fprintf(&c.out, ` font-size="%s"%s`, num(size), fontStyle(f.Font))
	if covers(f, s) {
		fmt.Fprintf(&c.out, ` textLength="%s" lengthAdjust="spacingAndGlyphs"`, num(f.Width(s).Points()))
	}
	if strings.Contains(s, "  ") {
		c.out.WriteString(` xml:space="preserve"`)
	}
	if fill := c.paint("fill"); fill != ` fill="#000000"` {
		c.out.WriteString(fill)
	}
	fmt.Fprintf(&c.out, ">%s</text>\n", html.EscapeString(s))
}

// covers says whether a font has all characters of s. Where it has not, the
// reader's other fonts step in, and the width gonum reckoned with means nothing.
func covers(f font.Face, s string) bool {
	var buf sfnt.Buffer
	for _, r := range s {
		if i, err := f.Face.GlyphIndex(&buf, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}

// fontFamily lists the fonts to take, the most faithful first. Times New Roman,
// Arial and Courier New are what the metrics of Liberation are made to match.
func fontFamily(f font.Font) string {
	fallback := "'Liberation Serif','Times New Roman',Times,'Nimbus Roman',serif"
	switch v := strings.ToLower(string(f.Variant)); {
	case strings.Contains(v, "mono"):
		fallback = "'Liberation Mono','Courier New',Courier,monospace"
	case strings.Contains(v, "sans"):
		fallback = "'Liberation Sans',Arial,Helvetica,sans-serif"
	}
	if f.Typeface == "" || f.Typeface == "Liberation" {
		return fallback
	}
	own := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`'"<>&\;`, r) {
			return -1
		}
		return r
	}, string(f.Typeface))
	return "'" + own + "'," + fallback
}

// fontStyle writes what differs from a regular upright font.
func fontStyle(f font.Font) string {
	s := ""
	if w := 400 + 100*int(f.Weight); w != 400 { // x/image/font counts from 0 = normal
		s += fmt.Sprintf(` font-weight="%d"`, w)
	}
	switch f.Style {
	case xfont.StyleItalic:
		s += ` font-style="italic"`
	case xfont.StyleOblique:
		s += ` font-style="oblique"`
	}
	return s
}

func (c *svgCanvas) DrawImage(r vg.Rectangle, img image.Image) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		panic(fmt.Errorf("display: image in a figure cannot be encoded: %w", err))
	}
	c.images = true
	m := c.state.m.times(affine{1, 0, 0, -1, r.Min.X.Points(), r.Max.Y.Points()})
	// Enlarged pixels stay squares: in a figure they are data.
	style := ""
	if b := img.Bounds(); float64(b.Dx()) < cssPixels(r.Size().X) {
		style = ` style="image-rendering:pixelated"`
	}
	fmt.Fprintf(&c.out, `<image transform="matrix(%s %s %s %s %s %s)" width="%s" height="%s" preserveAspectRatio="none"%s xlink:href="data:image/png;base64,%s"/>`+"\n",
		num(m.a), num(m.b), num(m.c), num(m.d), num(m.e), num(m.f),
		num(r.Size().X.Points()), num(r.Size().Y.Points()), style,
		base64.StdEncoding.EncodeToString(buf.Bytes()))
}
