package display

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// testPlot is a plot with lines, marks, a legend and a title that needs escaping.
func testPlot(tb testing.TB) *plot.Plot {
	tb.Helper()
	p := plot.New()
	p.Title.Text = `Loss <μ> & "more"`
	p.X.Label.Text = "step t"
	p.Y.Label.Text = "loss"
	var xy plotter.XYs
	for i := range 100 {
		x := float64(i) / 10
		xy = append(xy, plotter.XY{X: x, Y: math.Exp(-x/5) * math.Sin(x)})
	}
	l, s, err := plotter.NewLinePoints(xy)
	if err != nil {
		tb.Fatal(err)
	}
	l.Color = color.RGBA{R: 200, A: 255}
	l.Dashes = []vg.Length{vg.Points(6), vg.Points(2)}
	p.Add(plotter.NewGrid(), l, s)
	p.Legend.Add("decay", l, s)
	return p
}

// elements parses an SVG document, failing if it is not well formed.
func elements(t *testing.T, svg string) []xml.StartElement {
	t.Helper()
	var list []xml.StartElement
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("not well formed: %v", err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			list = append(list, e.Copy())
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func decodePNG(t *testing.T, b Bundle) image.Image {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(b.Data[mimePNG].(string))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPlot(t *testing.T) {
	p := testPlot(t)
	b := Plot(p).Size(5*vg.Inch, 3*vg.Inch).bundle()
	if got, want := b.String(), `<plot "Loss <μ> & \"more\"", 480×288>`; got != want {
		t.Errorf("text %s, want %s", got, want)
	}
	svg := b.Data[mimeSVG].(string)
	list := elements(t, svg)
	root := list[0]
	if attr(root, "width") != "480" || attr(root, "height") != "288" || attr(root, "viewBox") != "0 0 360 216" ||
		attr(root, "style") != "max-width:100%;height:auto" {
		t.Errorf("root element %v", root)
	}
	for _, e := range list {
		if attr(e, "id") != "" || e.Name.Local == "clipPath" {
			t.Errorf("element with an id: %v", e)
		}
		if e.Name.Local == "text" && attr(e, "textLength") == "" {
			t.Errorf("text without a length: %v", e)
		}
	}
	for _, s := range []string{"Loss &lt;μ&gt; &amp; &#34;more&#34;</text>", "'Liberation Serif','Times New Roman'", `stroke="#c80000"`, `stroke-dasharray="6 2"`, `transform="matrix(0 -1 1 0 `} {
		if !strings.Contains(svg, s) {
			t.Errorf("SVG lacks %s", s)
		}
	}
	img := decodePNG(t, b)
	if img.Bounds() != image.Rect(0, 0, 960, 576) {
		t.Errorf("PNG is %v, want two pixels a CSS pixel", img.Bounds())
	}
	if got := fmt.Sprint(b.Metadata[mimePNG]); got != "map[height:288 width:480]" {
		t.Errorf("metadata %s", got)
	}
	if again := Plot(p).Size(5*vg.Inch, 3*vg.Inch).bundle(); again.Data[mimeSVG] != svg || again.Data[mimePNG] != b.Data[mimePNG] {
		t.Error("the same plot renders differently the second time")
	}
	golden(t, "plot.svg", svg)
}

type sized struct{ w, h vg.Length }

func (sized) Draw(draw.Canvas)               {}
func (s sized) FigureSize() (w, h vg.Length) { return s.w, s.h }

type crashing struct{}

func (crashing) Draw(draw.Canvas)             { panic("out of ink") }
func (crashing) FigureSize() (w, h vg.Length) { panic("no idea") }

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		f       *Figure
		formats string
		text    string
	}{
		{Plot(sized{2 * vg.Inch, vg.Inch}), "image/png image/svg+xml text/plain", "<figure, 192×96>"},
		{Plot(sized{}), "image/png image/svg+xml text/plain", "<figure, 576×384>"},
		{Plot(sized{}).Size(-1, 2*vg.Inch), "image/png image/svg+xml text/plain", "<figure, 576×192>"},
		{Plot(sized{}).Size(vg.Inch, 1000*vg.Inch), "text/plain", "display: figure is 1 by 1000 inches, the most is 50 a side and 400 square inches"},
		{Plot(sized{}).Size(vg.Inch, 2*vg.Inch).Zoom(2), "image/png image/svg+xml text/plain", "<figure, 192×384>"},
		{Plot(sized{}).Size(40*vg.Inch, 20*vg.Inch), "text/plain", "display: figure is 40 by 20 inches, the most is 50 a side and 400 square inches"},
		{Plot(sized{}).Zoom(10), "text/plain", "display: figure is 60 by 40 inches, the most is 50 a side and 400 square inches"},
		{Plot(sized{}).Size(vg.Inch, vg.Inch).Zoom(math.NaN()), "text/plain", "display: figure is NaN by NaN inches, the most is 50 a side and 400 square inches"},
		{Plot(crashing{}), "text/plain", "display: drawing the figure panicked: out of ink"},
		{Plot(nil), "text/plain", "display: Plot was given nil instead of a figure"},
		{Plot((*plot.Plot)(nil)), "text/plain", "display: Plot was given nil instead of a figure"},
	} {
		b := c.f.bundle()
		if formats(b) != c.formats || b.String() != c.text {
			t.Errorf("%s %q, want %s %q", formats(b), b.String(), c.formats, c.text)
		}
	}
}

// TestZoom checks that a figure is enlarged as a whole.
func TestZoom(t *testing.T) {
	b := Plot(testPlot(t)).Size(2*vg.Inch, vg.Inch).Zoom(1.5).bundle()
	root := elements(t, b.Data[mimeSVG].(string))[0]
	if attr(root, "width") != "288" || attr(root, "viewBox") != "0 0 144 72" {
		t.Errorf("root element %v", root)
	}
	if got := decodePNG(t, b).Bounds(); got != image.Rect(0, 0, 576, 288) {
		t.Errorf("PNG is %v", got)
	}
}

// crowd draws more marks than an SVG should hold.
type crowd struct{}

func (crowd) Draw(c draw.Canvas) {
	for i := range 100_000 {
		x := vg.Length(i % 400)
		c.StrokeLine2(draw.LineStyle{Color: color.Black, Width: 1}, x, vg.Length(i)/400, x+1, vg.Length(i)/400)
	}
}

func TestLargeFigure(t *testing.T) {
	if b := Plot(crowd{}).bundle(); formats(b) != "image/png text/plain" {
		t.Errorf("a figure of 100000 marks shows as %s", formats(b))
	}
}

type drawFigure func(c draw.Canvas)

func (f drawFigure) Draw(c draw.Canvas) { f(c) }

// bounds are the smallest and largest coordinates in path data, curves by their
// control points.
func pathPoints(t *testing.T, d string) (pts [][2]float64) {
	t.Helper()
	d = strings.NewReplacer("M", " ", "L", " ", "C", " ", "Q", " ", "Z", " ").Replace(d)
	for _, f := range strings.Fields(d) {
		x, y, ok := strings.Cut(f, ",")
		a, err1 := strconv.ParseFloat(x, 64)
		b, err2 := strconv.ParseFloat(y, 64)
		if !ok || err1 != nil || err2 != nil {
			t.Fatalf("bad point %q", f)
		}
		pts = append(pts, [2]float64{a, b})
	}
	return pts
}

// TestSVGTransforms draws under every transform and checks where it ends up.
func TestSVGTransforms(t *testing.T) {
	c := newSVGCanvas(100, 50)
	line := func() []float64 {
		before := c.out.Len()
		var p vg.Path
		p.Move(vg.Point{})
		p.Line(vg.Point{X: 10, Y: 0})
		c.Stroke(p)
		list := elements(t, c.out.String()[before:])
		pts := pathPoints(t, attr(list[0], "d"))
		return []float64{pts[0][0], pts[0][1], pts[1][0], pts[1][1]}
	}
	check := func(step string, want ...float64) {
		t.Helper()
		for i, x := range line() {
			if math.Abs(x-want[i]) > 0.01 {
				t.Errorf("%s: %v at %d, want %v", step, x, i, want)
			}
		}
	}
	check("start", 0, 50, 10, 50)
	c.Push()
	c.Translate(vg.Point{X: 20, Y: 10})
	check("translate", 20, 40, 30, 40)
	c.Rotate(math.Pi / 2)
	check("rotate", 20, 40, 20, 30)
	c.Scale(2, 1)
	check("scale", 20, 40, 20, 20)
	c.Pop()
	check("pop", 0, 50, 10, 50)
}

// TestSVGArc checks arcs against the circle they are part of: points of the
// Bézier curves must lie on it.
func TestSVGArc(t *testing.T) {
	for _, angle := range []float64{2 * math.Pi, -2 * math.Pi, 1, -1, math.Pi, 3, -5, 100} {
		c := newSVGCanvas(100, 100)
		var p vg.Path
		p.Move(vg.Point{X: 50 + 40*vg.Length(math.Cos(0.3)), Y: 50 + 40*vg.Length(math.Sin(0.3))})
		p.Arc(vg.Point{X: 50, Y: 50}, 40, 0.3, angle)
		c.Stroke(p)
		pts := pathPoints(t, attr(elements(t, c.out.String())[0], "d"))
		for len(pts) >= 4 {
			for _, u := range []float64{0, 0.25, 0.5, 0.75, 1} {
				v := 1 - u
				x := v*v*v*pts[0][0] + 3*v*v*u*pts[1][0] + 3*v*u*u*pts[2][0] + u*u*u*pts[3][0]
				y := v*v*v*pts[0][1] + 3*v*v*u*pts[1][1] + 3*v*u*u*pts[2][1] + u*u*u*pts[3][1]
				if r := math.Hypot(x-50, y-50); math.Abs(r-40) > 0.03 {
					t.Fatalf("arc of %v: a point at distance %v from the centre, want 40", angle, r)
				}
			}
			pts = pts[3:]
		}
		end := 0.3 + math.Max(-2*math.Pi, math.Min(2*math.Pi, angle))
		if got := pts[0]; math.Hypot(got[0]-(50+40*math.Cos(end)), got[1]-(50-40*math.Sin(end))) > 0.02 {
			t.Errorf("arc of %v ends at %v", angle, got)
		}
	}
}

// TestSVGText checks what is written beside the text itself.
func TestSVGText(t *testing.T) {
	c := newSVGCanvas(100, 100)
	face := font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, 10)
	write := func(f font.Face, s string) string {
		before := c.out.Len()
		c.FillString(f, vg.Point{X: 1, Y: 2}, s)
		return c.out.String()[before:]
	}
	width := num(face.Width("a < b").Points())
	if got, want := write(face, "a < b"), `<text x="1" y="98" font-size="10" textLength="`+width+`" lengthAdjust="spacingAndGlyphs">a &lt; b</text>`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if got := write(face, "漢字"); strings.Contains(got, "textLength") {
		t.Errorf("characters outside the font are given a width: %s", got)
	}
	mono := font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Mono", Weight: 3, Style: 1}, 10)
	if got := write(mono, "x"); !strings.Contains(got, `font-family="'Liberation Mono'`) || !strings.Contains(got, `font-weight="700" font-style="italic"`) {
		t.Errorf("bold italic mono: %s", got)
	}
	if got := write(face, " "); got != "" {
		t.Errorf("a blank draws %s", got)
	}
	if got := fontFamily(font.Font{Typeface: `x'"<>;\&`}); !strings.HasPrefix(got, "'x','Liberation Serif'") {
		t.Errorf("hostile font name: %s", got)
	}
	if doc := c.document(1); !strings.Contains(doc, `font-family="'Liberation Sans',Arial`) {
		t.Errorf("document: %.200s", doc)
	}
}

// TestSVGNumbers checks that what has no place on the page is left out.
func TestSVGNumbers(t *testing.T) {
	c := newSVGCanvas(100, 100)
	var p vg.Path
	p.Move(vg.Point{X: 1, Y: 1})
	p.Line(vg.Point{X: vg.Length(math.NaN()), Y: 1})
	p.Line(vg.Point{X: 1.001, Y: 1.001})
	p.Line(vg.Point{X: vg.Length(math.Inf(1)), Y: 1})
	p.Line(vg.Point{X: 5, Y: 1})
	c.Stroke(p)
	if got, want := c.out.String(), `<path d="M1,99L5,99" fill="none" stroke="#000000"/>`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	c.SetColor(color.Transparent)
	c.Stroke(p)
	c.Fill(p)
	c.SetColor(color.NRGBA{R: 255, A: 128})
	before := c.out.Len()
	c.Fill(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: vg.Point{X: 3}}, {Type: vg.CloseComp}})
	if got, want := c.out.String()[before:], `<path d="M0,100L3,100Z" fill="#ff0000" fill-opacity="0.502" shape-rendering="crispEdges"/>`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}

// TestFigureImage checks that the pixels of an image in a figure stay squares, in
// both formats, and right way up.
func TestFigureImage(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2, 2))
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	img.Set(0, 0, red)
	img.Set(1, 0, blue)
	img.Set(0, 1, blue)
	img.Set(1, 1, blue)
	b := Plot(drawFigure(func(c draw.Canvas) { c.DrawImage(c.Rectangle, img) })).Size(vg.Inch, vg.Inch).bundle()
	got := decodePNG(t, b)
	for _, at := range []struct {
		x, y int
		want color.RGBA
	}{{2, 2, red}, {90, 90, red}, {101, 90, blue}, {90, 101, blue}, {189, 189, blue}} {
		if r, g, bl, _ := got.At(at.x, at.y).RGBA(); r>>8 != uint32(at.want.R) || g>>8 != uint32(at.want.G) || bl>>8 != uint32(at.want.B) {
			t.Errorf("pixel %d,%d is %v, want %v", at.x, at.y, got.At(at.x, at.y), at.want)
		}
	}
	svg := b.Data[mimeSVG].(string)
	elements(t, svg)
	for _, s := range []string{"xmlns:xlink", `href="data:image/png;base64,`, "image-rendering:pixelated", `transform="matrix(1 0 0 1 0 0)" width="72" height="72"`} {
		if !strings.Contains(svg, s) {
			t.Errorf("SVG lacks %s: %.300s", s, svg)
		}
	}
}

// TestLongImage checks that a strip of pixels over a whole figure takes no more memory than the figure needs.
func TestLongImage(t *testing.T) {
	for _, size := range []image.Point{{2000, 1}, {1, 2000}} {
		img := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decodePNG(t, Plot(drawFigure(func(c draw.Canvas) { c.DrawImage(c.Rectangle, img) })).Size(vg.Inch, vg.Inch).bundle())
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 50 {
			t.Errorf("an image of %v pixels takes %d MB", size, n)
		}
	}
}

// TestPalettize checks that only stray blends change, and by little.
func TestPalettize(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 400))
	for i := range 400 * 400 {
		img.Set(i%400, i/400, color.White)
	}
	for i := range 800 { // more than 256 colours, a few pixels each
		img.Set(i%400, 10+i/400, color.RGBA{uint8(i % 256), uint8(i % 256), uint8(i / 256 * 20), 255})
	}
	p := palettize(img)
	if p == nil {
		t.Fatal("a drawing is not reduced")
	}
	changed := 0
	for i := range 400 * 400 {
		x, y := i%400, i/400
		c := color.RGBAModel.Convert(p.At(x, y)).(color.RGBA)
		d := farthest(c, img.RGBAAt(x, y))
		if d > strayError {
			t.Fatalf("pixel %d,%d changed by %d", x, y, d)
		}
		if d > 0 {
			changed++
		}
	}
	if changed == 0 || changed > 800 {
		t.Errorf("%d pixels changed", changed)
	}
	for i := range 400 * 400 { // a picture: every colour matters
		img.Set(i%400, i/400, color.RGBA{uint8(i % 251), uint8(i / 400), 0, 255})
	}
	if palettize(img) != nil {
		t.Error("a picture is reduced")
	}
	if palettize(image.NewRGBA(image.Rect(0, 0, 2, 2))) != nil {
		t.Error("a transparent drawing is reduced")
	}
}

// BenchmarkPlot measures the usual figure, of which most of the time goes into the PNG.
func BenchmarkPlot(b *testing.B) {
	p := testPlot(b)
	for b.Loop() {
		Render([]any{p}, nil)
	}
}

func ExamplePlot() {
	p := plot.New()
	p.Title.Text = "Loss"
	data, metadata := Plot(p).Size(4*vg.Inch, 2*vg.Inch).MIMEBundle()
	fmt.Println(data["text/plain"], metadata["image/png"])
	// Output: <plot "Loss", 384×192> map[height:192 width:384]
}

func TestVector(t *testing.T) {
	b := Render([]any{Plot(plot.New()).Vector()}, nil)
	if b.Data[mimeSVG] == nil || b.Data[mimePNG] != nil {
		t.Errorf("a figure without PNG: PNG %v, SVG %v", b.Data[mimePNG] != nil, b.Data[mimeSVG] != nil)
	}
}
