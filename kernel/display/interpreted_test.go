package display

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"
)

// The wrappers generated for interfaces, by which interpreted types implement them,
// have this form.
type _display_HTMLer struct {
	IValue any
	WHTML  func() string
}

func (w _display_HTMLer) HTML() string { return w.WHTML() }

type _fmt_Stringer struct {
	IValue  any
	WString func() string
}

func (w _fmt_Stringer) String() string { return w.WString() }

// TestInterpreted runs cells in the interpreter and shows the values they hand
// over, boxes and wrappers included.
func TestInterpreted(t *testing.T) {
	var shown []Bundle
	capture := func(typ string, values ...any) {
		types := make([]string, len(values))
		types[0] = typ
		shown = append(shown, Render(values, types))
	}
	htmler := func(h HTMLer) { shown = append(shown, Render([]any{h}, []string{"main.Gauge"})) }
	stringer := func(s fmt.Stringer) { shown = append(shown, Render([]any{s}, []string{"main.Temp"})) }
	i := interp.New(interp.Options{})
	err := i.Use(interp.Exports{
		"swingby/kernel/display/display": {
			"HTMLer":   reflect.ValueOf((*HTMLer)(nil)),
			"_HTMLer":  reflect.ValueOf((*_display_HTMLer)(nil)),
			"Object":   reflect.ValueOf((*Object)(nil)),
			"Table":    reflect.ValueOf(Table),
			"HTML":     reflect.ValueOf(HTML),
			"Capture":  reflect.ValueOf(capture),
			"ShowHTML": reflect.ValueOf(htmler),
			"ShowText": reflect.ValueOf(stringer),
		},
		"fmt/fmt": {
			"Stringer":  reflect.ValueOf((*fmt.Stringer)(nil)),
			"_Stringer": reflect.ValueOf((*_fmt_Stringer)(nil)),
			"Sprint":    reflect.ValueOf(fmt.Sprint),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	const decls = `
import ("swingby/kernel/display"; "fmt")
type point struct { x int; Y string }
type tree struct { left, right *tree; n int }
type shape interface { Area() float64 }
func (p point) Area() float64 { return 1 }
type Gauge struct { level float64 }
func (g Gauge) HTML() string { return fmt.Sprint("<meter value=", g.level, ">") }
type Two struct { a, b int }
func (t Two) HTML() string { return fmt.Sprint(t.a, t.b) }
type Temp float64
func (c Temp) String() string { return fmt.Sprint(float64(c), "°C") }
`
	if _, err := i.Eval(decls); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cell, formats, text string }{
		{`display.Capture("main.point", point{1, "a"})`, "text/plain", `point{x: 1, Y: "a"}`},
		{`display.Capture("*main.point", &point{1, "a"})`, "text/plain", `&point{x: 1, Y: "a"}`},
		{`display.Capture("[]main.point", []point{{1, "a"}, {2, "b"}})`, "text/html text/plain", `[]point{{x: 1, Y: "a"}, {x: 2, Y: "b"}}`},
		{`display.Capture("map[string]main.point", map[string]point{"k": {1, "a"}})`, "text/plain", `map[string]point{"k": {x: 1, Y: "a"}}`},
		{`display.Capture("[]any", []any{1, "a", point{1, "a"}, nil})`, "text/plain", `[]any{1, "a", point{x: 1, Y: "a"}, nil}`},
		{`display.Capture("[]main.shape", []shape{point{1, "a"}})`, "text/plain", `[]shape{point{x: 1, Y: "a"}}`},
		{`(func() { var s shape = point{3, "c"}; display.Capture("main.shape", s) })()`, "text/plain", `shape{x: 3, Y: "c"}`},
		{`display.Capture("*main.tree", &tree{left: &tree{n: 1}, n: 2})`, "text/plain", ``},
		{`display.Capture("func(main.point) int", func(p point) int { return p.x })`, "text/plain", `func(point) int`},
		{`display.ShowHTML(Gauge{0.5})`, "text/html text/plain", `<Gauge>`},
		{`display.ShowText(Temp(21.5))`, "text/plain", `21.5°C`},
		{`display.Capture("display.Bundle", display.HTML("<b>x</b>"))`, "text/html text/plain", `x`},
		{`display.Capture("", display.Table([]point{{1, "<a>"}}, "first"))`, "text/html text/plain", "1 row × 2 columns\n   first  Y\n─  ─────  ───\n0      1  <a>"},
		{`(func() { var e any; display.Capture("any", e) })()`, "", ""},
		{`display.ShowHTML(Two{1, 2})`, "text/html text/plain", `1 2`},
		{`display.ShowHTML(&Two{1, 2})`, "text/html text/plain", `1 2`},
		{`display.Capture("any", display.Object{Value: Two{1, 2}, Type: "main.Two", Methods: map[string]any{"HTML": Two{1, 2}.HTML}})`, "text/html text/plain", `Two{a: 1, b: 2}`},
	} {
		shown = nil
		if _, err := i.Eval(c.cell); err != nil {
			t.Errorf("%s: %v", c.cell, err)
			continue
		}
		if len(shown) != 1 {
			t.Errorf("%s: %d displays", c.cell, len(shown))
			continue
		}
		b := shown[0]
		if formats(b) != c.formats || c.text != "" && b.String() != c.text {
			t.Errorf("%s shows %s\n%s\nwant %s\n%s", c.cell, formats(b), b, c.formats, c.text)
		}
	}
}
