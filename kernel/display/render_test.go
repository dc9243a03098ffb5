package display

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// formats lists the MIME types of a bundle in order.
func formats(b Bundle) string { return strings.Join(sortedKeys(b.Data), " ") }

type everything struct{ N int }

func (everything) HTML() string     { return "<b>html</b>" }
func (everything) Markdown() string { return "**md**" }
func (everything) LaTeX() string    { return "$x$" }
func (everything) SVG() string      { return "<svg/>" }
func (everything) PNG() []byte      { return []byte("png") }
func (everything) JPEG() []byte     { return []byte("jpeg") }
func (everything) JSON() any        { return map[string]int{"a": 1} }

type byPointer struct{ N int }

func (p *byPointer) HTML() string { return fmt.Sprintf("<i>%d</i>", p.N) }

type broken struct{ N int }

func (broken) HTML() string     { panic("out of tags") }
func (broken) Markdown() string { return "still here" }

type hopeless struct{ N int }

func (hopeless) HTML() string { panic(errors.New("no")) }

type badJSON struct{}

func (badJSON) JSON() any { return func() {} }

type ownBundle struct{ data map[string]any }

func (o ownBundle) MIMEBundle() map[string]any { return o.data }

type ownMeta struct{}

func (ownMeta) MIMEBundle() (data, metadata map[string]any) {
	return map[string]any{"image/png": []byte("x"), "text/plain": "mine"},
		map[string]any{"image/png": map[string]any{"width": 3}}
}

type angryBundle struct{ N int }

func (angryBundle) MIMEBundle() map[string]any { panic("never") }

type sketch struct{}

func (sketch) Draw(c draw.Canvas) { c.Fill(c.Rectangle.Path()) }

func TestRenderNothing(t *testing.T) {
	for name, values := range map[string][]any{
		"no values": nil, "a nil": {nil}, "a handle": {&Handle{}}, "boxed nil": {reflect.ValueOf(new(any)).Elem()},
	} {
		if b := Render(values, nil); b.Data != nil {
			t.Errorf("%s: shows %v", name, b.Data)
		}
	}
}

func TestRenderMethods(t *testing.T) {
	const all = "application/json image/jpeg image/png image/svg+xml text/html text/latex text/markdown text/plain"
	for _, c := range []struct {
		v             any
		formats, text string
	}{
		{everything{1}, all, "display.everything{N: 1}"},
		{&everything{1}, all, "&display.everything{N: 1}"},
		{(*everything)(nil), "text/plain", "(*display.everything)(nil)"},
		{byPointer{7}, "text/html text/plain", "display.byPointer{N: 7}"},
		{&byPointer{7}, "text/html text/plain", "&display.byPointer{N: 7}"},
		{broken{1}, "text/markdown text/plain", "display.broken{N: 1}\ndisplay: method HTML panicked: out of tags"},
		{hopeless{1}, "text/plain", "display.hopeless{N: 1}\ndisplay: method HTML panicked: no"},
		{badJSON{}, "text/plain", "display.badJSON{}\ndisplay: method JSON panicked: json: unsupported type: func()"},
		{ownBundle{map[string]any{"text/csv": "1,2"}}, "text/csv text/plain", "display.ownBundle{… 1 unexported}"},
		{ownBundle{}, "text/plain", "display.ownBundle{… 1 unexported}"},
		{ownBundle{map[string]any{"a/b": make(chan int)}}, "text/plain", "display.ownBundle{… 1 unexported}\ndisplay: method MIMEBundle returned data for a/b that is not JSON: json: unsupported type: chan int"},
		{ownMeta{}, "image/png text/plain", "mine"},
		{angryBundle{1}, "text/plain", "display.angryBundle{N: 1}\ndisplay: method MIMEBundle panicked: never"},
		{sketch{}, "image/png image/svg+xml text/plain", "<figure, 576×384>"},
		{plot.New(), "image/png image/svg+xml text/plain", "<plot, 576×384>"},
		{*plot.New(), "image/png image/svg+xml text/plain", "<plot, 576×384>"},
		{(*plot.Plot)(nil), "text/plain", "(*plot.Plot)(nil)"},
		{image.NewGray(image.Rect(0, 0, 70, 10)), "image/png text/plain", "<image, 70×10 pixels>"},
		{mat.NewDense(1, 2, []float64{1, 2}), "text/html text/latex text/plain", "mat.Dense 1×2\n[1  2]"},
		{mat.NewDense(1, 2, []float64{1, 2}).T(), "text/html text/latex text/plain", "mat.Transpose 2×1\n⎡1⎤\n⎣2⎦"},
		{mat.NewCDense(1, 2, []complex128{1, 2i}), "text/html text/plain", "mat.CDense 1×2\n[1+0i  0+2i]"},
		{[]point{{1, 2}}, "text/html text/plain", "[]display.point{{X: 1, Y: 2}}"},
		{[]secretive(nil), "text/plain", "[]display.secretive(nil)"},
		{Bundle{Data: map[string]any{"text/csv": "1"}}, "text/csv text/plain", "<text/csv>"},
		{Bundle{Data: map[string]any{"x/y": func() {}}}, "text/plain", "display: bundle cannot be shown: data for x/y that is not JSON: json: unsupported type: func()"},
		{errors.New("<b>"), "text/plain", "<b>"},
	} {
		b := Render([]any{c.v}, nil)
		if formats(b) != c.formats {
			t.Errorf("%T: formats %s, want %s", c.v, formats(b), c.formats)
		}
		if b.String() != c.text {
			t.Errorf("%T: text\n%s\nwant\n%s", c.v, b.String(), c.text)
		}
		if b.Metadata == nil {
			t.Errorf("%T: metadata is nil", c.v)
		}
		if _, err := json.Marshal(b); err != nil {
			t.Errorf("%T: %v", c.v, err)
		}
	}
	b := Render([]any{ownMeta{}}, nil)
	if got, want := b.Data["image/png"], base64.StdEncoding.EncodeToString([]byte("x")); got != want {
		t.Errorf("bytes of a MIMEBundle: %v, want %v", got, want)
	}
}

func TestRenderSeveral(t *testing.T) {
	for _, c := range []struct {
		values        []any
		types         []string
		formats, text string
	}{
		{[]any{1, "a", nil}, []string{"int", "string", "error"}, "text/plain", `1, "a", nil`},
		{[]any{nil, nil}, []string{"*T", "error"}, "text/plain", "nil, nil"},
		{[]any{1, errors.New("no")}, []string{"int", "error"}, "text/plain", "1, no"},
		{[]any{strings.Repeat("a", 50), strings.Repeat("b", 50)}, nil, "text/plain",
			`"` + strings.Repeat("a", 50) + "\"\n\"" + strings.Repeat("b", 50) + `"`},
		{[]any{HTML("<b>x</b>"), "<i>"}, nil, "text/html text/plain", `x, "<i>"`},
	} {
		b := Render(c.values, c.types)
		if formats(b) != c.formats || b.String() != c.text {
			t.Errorf("%v: %s\n%s\nwant %s\n%s", c.values, formats(b), b.String(), c.formats, c.text)
		}
	}
	b := Render([]any{HTML("<b>x</b>"), "<i>", nil}, []string{"display.Bundle", "string", "error"})
	want := "<div><b>x</b></div>\n<div><pre>&#34;&lt;i&gt;&#34;</pre></div>\n"
	if got := b.Data[mimeHTML]; got != want {
		t.Errorf("HTML of several values:\n%s\nwant\n%s", got, want)
	}
	// Pictures keep their size on the page when they stand beside other values.
	page := Render([]any{1, sketch{}}, nil).Data[mimeHTML].(string)
	if !strings.HasPrefix(page, "<div><pre>1</pre></div>\n<div><img alt=\"\" style=\"max-width:100%\" src=\"data:image/svg+xml;base64,") {
		t.Errorf("figure beside a number:\n%.300s", page)
	}
	page = Render([]any{1, Bundle{map[string]any{mimePNG: "AAAA"}, map[string]any{mimePNG: map[string]any{"width": 7}}}}, nil).Data[mimeHTML].(string)
	if !strings.Contains(page, `<img alt="" style="max-width:100%" width="7" src="data:image/png;base64,AAAA">`) {
		t.Errorf("PNG beside a number:\n%.300s", page)
	}
	wide := map[string]any{mimePNG: map[string]any{"width": `7 onload=alert(1) x="`}}
	page = Render([]any{1, Bundle{map[string]any{mimePNG: "AAAA"}, wide}}, nil).Data[mimeHTML].(string)
	if !strings.Contains(page, `width="7 onload=alert(1) x=&#34;" src=`) {
		t.Errorf("a width that is none:\n%.300s", page)
	}
}

func TestGallery(t *testing.T) {
	b := Render([]any{[]sketch{{}, {}}}, nil)
	if formats(b) != "text/html text/plain" || b.String() != "<figure, 576×384>\n<figure, 576×384>" || strings.Count(b.Data[mimeHTML].(string), "<img") != 2 {
		t.Errorf("two figures: %s %s", formats(b), b)
	}
	b = Render([]any{make([]image.Image, 30)}, nil)
	if got := b.String(); strings.Count(got, "nil") != maxGallery || !strings.HasSuffix(got, "… 6 more") {
		t.Errorf("30 nil images: %s", got)
	}
}

func TestObject(t *testing.T) {
	v := struct{ Xx int }{1}
	b := Render([]any{Object{Value: v, Methods: map[string]any{
		"HTML":   func() string { return "<b>o</b>" },
		"String": func() string { return "an object" },
		"Area":   func() float64 { return 1 },
		"PNG":    func() string { return "not bytes" },
	}}}, []string{"main.T"})
	if formats(b) != "text/html text/plain" || b.String() != "an object" || b.Data[mimeHTML] != "<b>o</b>" {
		t.Errorf("object with methods: %v", b.Data)
	}
	if got := Render([]any{Object{Value: v}}, []string{"main.T"}).String(); got != "T{x: 1}" {
		t.Errorf("object without methods: %s", got)
	}
	typed := Object{Value: []struct{ Xx int }{{1}}, Type: "[]main.T"}
	if got := showBundle(typed).String(); got != "[]T{{x: 1}}" {
		t.Errorf("object with a type: %s", got)
	}
	both := map[string]any{"Error": func() string { return "error" }, "String": func() string { return "string" }}
	if got := Render([]any{Object{Value: v, Methods: both}}, nil).String(); got != "error" {
		t.Errorf("Error and String: %s speaks", got)
	}
	if b := Render([]any{Object{}}, nil); b.Data != nil {
		t.Errorf("object without value shows %v", b.Data)
	}
	for name, f := range map[string]any{
		"Markdown": func() string { return "m" }, "LaTeX": func() string { return "$l$" }, "SVG": func() string { return "<svg/>" },
		"PNG": func() []byte { return nil }, "JPEG": func() []byte { return nil }, "JSON": func() any { return 1 },
		"MIMEBundle": func() map[string]any { return map[string]any{"text/csv": "1"} }, "Draw": func(draw.Canvas) {},
	} {
		b := Render([]any{Object{Value: v, Methods: map[string]any{name: f}}}, nil)
		if len(b.Data) < 2 {
			t.Errorf("object with method %s shows only %s", name, formats(b))
		}
	}
	meta := func() (data, metadata map[string]any) {
		return map[string]any{"text/csv": "1"}, map[string]any{"text/csv": 2}
	}
	if b := Render([]any{Object{Value: v, Methods: map[string]any{"MIMEBundle": meta}}}, nil); b.Metadata["text/csv"] != 2 {
		t.Errorf("metadata of an object: %v", b.Metadata)
	}
}
