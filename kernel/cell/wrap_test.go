package cell

import (
	"context"
	"testing"
)

// TestWrapped runs cells whose types have methods that compiled code looks for without
// saying so in its signature.
func TestWrapped(t *testing.T) {
	const temp = `type Temp float64
		func (t Temp) String() string { return fmt.Sprintf("%.1f°C", float64(t)) }
		`
	const failure = `type E struct { Code int }
		func (e *E) Error() string { return fmt.Sprint("code ", e.Code) }
		type V struct { Code int }
		func (e V) Error() string { return fmt.Sprint("value ", e.Code) }
		type W struct { Err error }
		func (e W) Error() string { return "w: " + e.Err.Error() }
		func (e W) Unwrap() error { return e.Err }
		type M []error
		func (e M) Error() string { return "many" }
		func (e M) Unwrap() []error { return e }
		type I struct { s string }
		func (e I) Error() string { return e.s }
		func (e I) Is(err error) bool { return err == io.EOF }
		`
	for _, c := range []struct{ name, decls, expr, want string }{
		{"stringer", temp, `fmt.Sprint(Temp(21.5))`, "21.5°C"},
		{"stringer, number verb", temp, `fmt.Sprintf("%v %s %6.2f|%q", Temp(21.5), Temp(1), Temp(2), Temp(3))`, `21.5°C 1.0°C   2.00|"3.0°C"`},
		{"stringer and error", temp + `func (t Temp) Error() string { return "hot" }`, `fmt.Sprint(Temp(1))`, "hot"},
		{"formatter", `type F int
			func (f F) Format(s fmt.State, verb rune) { s.Write([]byte("F!")) }
			func (f F) String() string { return "no" }`, `fmt.Sprintf("%v%d", F(1), F(2))`, "F!F!"},
		{"gostringer", `type G int
			func (g G) GoString() string { return "G!" }`, `fmt.Sprintf("%v %#v %03d", G(1), G(2), G(3))`, "1 G! 003"},
		{"stringer and gostringer", `type G int
			func (g G) String() string { return "s" }
			func (g G) GoString() string { return "G!" }`, `fmt.Sprintf("%v %#v %3s %d", G(1), G(2), G(3), G(4))`, "s G!   s 4"},
		{"nil stringer", `type P struct{ s string }
			func (p *P) String() string { return p.s }
			var p *P`, `fmt.Sprint(p)`, "<nil>"},
		{"error", failure, `fmt.Sprintf("%v", &E{3})`, "code 3"},
		{"wrapped error", failure, `fmt.Errorf("a: %w", &E{4}).Error()`, "a: code 4"},
		{"errors.Is of a sentinel", failure + `
			var Err = &E{5}
			func F() string { return fmt.Sprint(errors.Is(fmt.Errorf("x %w", Err), Err), errors.Is(W{Err}, Err), errors.Is(Err, &E{5})) }`, `F()`, "true true false"},
		{"errors.Is of a value", failure + `
			func F() string { return fmt.Sprint(errors.Is(W{V{1}}, V{1}), errors.Is(W{V{1}}, V{2})) }`, `F()`, "true false"},
		{"errors.Is through Unwrap of each kind", failure + `
			func F() string { return fmt.Sprint(errors.Is(W{io.EOF}, io.EOF), errors.Is(M{nil, io.EOF}, io.EOF), errors.Is(M{}, io.EOF)) }`, `F()`, "true true false"},
		{"errors.Is by method", failure, `fmt.Sprint(errors.Is(I{"i"}, io.EOF))`, "true"},
		{"errors.As pointer", failure + `
			func F() string { var e *E; ok := errors.As(fmt.Errorf("x %w", &E{6}), &e); return fmt.Sprint(ok, e.Code) }`, `F()`, "true 6"},
		{"errors.As through Unwrap", failure + `
			func F() string { var e *E; ok := errors.As(W{&E{7}}, &e); return fmt.Sprint(ok, e.Code) }`, `F()`, "true 7"},
		{"errors.As compiled type", failure + `
			func F() string { var e *os.PathError; _, err := os.Open("/nosuch/file"); return fmt.Sprint(errors.As(W{err}, &e), " ", e.Op) }`, `F()`, "true open"},
		{"errors.As, none", failure + `
			func F() string { var e *E; return fmt.Sprint(errors.As(io.EOF, &e)) }`, `F()`, "false"},
		{"errors.Unwrap", failure, `errors.Unwrap(W{io.EOF}).Error()`, "EOF"},
		{"json", `type J struct{ A int }
			func (j J) MarshalJSON() ([]byte, error) { return []byte("7"), nil }
			func F() string { b, err := json.Marshal(J{1}); return fmt.Sprint(string(b), " ", err) }`, `F()`, "7 <nil>"},
		{"sort", `type by []int
			func (b by) Len() int { return len(b) }
			func (b by) Less(i, j int) bool { return b[i] > b[j] }
			func (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
			func F() string { x := by{1, 3, 2}; sort.Sort(x); return fmt.Sprint(x) }`, `F()`, "[3 2 1]"},
		{"heap", `type h []int
			func (b h) Len() int { return len(b) }
			func (b h) Less(i, j int) bool { return b[i] < b[j] }
			func (b h) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
			func (b *h) Push(x any) { *b = append(*b, x.(int)) }
			func (b *h) Pop() any { o := *b; x := o[len(o)-1]; *b = o[:len(o)-1]; return x }
			func F() string { x := &h{5, 3}; heap.Init(x); heap.Push(x, 1); return fmt.Sprint(heap.Pop(x), heap.Pop(x)) }`, `F()`, "1 3"},
		{"reader that is a WriterTo and a Closer", `type r struct{}
			func (r) Read(p []byte) (int, error) { return 0, io.EOF }
			func (r) WriteTo(w io.Writer) (int64, error) { n, err := w.Write([]byte("to")); return int64(n), err }
			func (r) Close() error { return errors.New("closed") }
			func F() string {
				var b strings.Builder
				io.Copy(&b, r{})
				req, _ := http.NewRequest("GET", "http://localhost", r{})
				return b.String() + " " + req.Body.Close().Error() }`, `F()`, "to closed"},
		{"plotter with a range", `type band struct{ lo, hi float64 }
			func (b band) Plot(c draw.Canvas, p *plot.Plot) {}
			func (b band) DataRange() (a, c, d, e float64) { return 0, 100, b.lo, b.hi }
			func F() string { p := plot.New(); var pl plot.Plotter = band{-50, 50}; p.Add(pl); return fmt.Sprint(p.X.Max, p.Y.Min) }`, `F()`, "100 -50"},
		{"plotter with boxes", `type dot struct{}
			func (dot) Plot(c draw.Canvas, p *plot.Plot) {}
			func (dot) GlyphBoxes(p *plot.Plot) []plot.GlyphBox { return make([]plot.GlyphBox, 3) }
			func F() string { p := plot.New(); var pl plot.Plotter = dot{}; p.Add(pl); return fmt.Sprint(len(p.GlyphBoxes(p))) }`, `F()`, "3"},
		{"unnamed interface", `type pts struct{}
			func (pts) Len() int { return 1 }
			func (pts) XY(i int) (float64, float64) { return 1, 2 }
			func (pts) XError(i int) (float64, float64) { return 3, 3 }
			func (pts) YError(i int) (float64, float64) { return 4, 5 }
			func F() string { b, err := plotter.NewYErrorBars(pts{}); return fmt.Sprint(b.YErrors, err) }`, `F()`, "[{4 5}] <nil>"},
		{"unnamed interface by embedding", `type pts struct{ plotter.XYs; plotter.YErrors }
			func F() string {
				b, err := plotter.NewYErrorBars(&pts{plotter.XYs{{X: 1, Y: 2}}, plotter.YErrors{{Low: 6, High: 7}}})
				return fmt.Sprint(b.YErrors, err) }`, `F()`, "[{6 7}] <nil>"},
		{"symmetric matrix", `type s struct{}
			func (s) Dims() (int, int) { return 2, 2 }
			func (s) At(i, j int) float64 { return float64(i + j) }
			func (m s) T() mat.Matrix { return m }
			func (s) SymmetricDim() int { return 2 }
			func F() string { var d mat.SymDense; d.AddSym(s{}, s{}); return fmt.Sprint(d.At(1, 1)) }`, `F()`, "4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t)
			const imports = `import ("container/heap"; "encoding/json"; "errors"; "fmt"; "io"; "net/http"; "os"; "sort"; "strings"
				"gonum.org/v1/gonum/mat"; "gonum.org/v1/plot"; "gonum.org/v1/plot/plotter"; "gonum.org/v1/plot/vg/draw")
			`
			res, err := s.Execute(context.Background(), 1, imports+c.decls+"\n"+c.expr)
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Values[0]; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
