package cell

import (
	"slices"
	"strings"
	"testing"
)

var inspectCells = []string{
	"// step moves one step on.\n//\n// It returns the new time.\nfunc step(t, dt float64) (float64, error) {\n\treturn t + dt, nil\n}",
	`// Body is a point mass.
type Body struct {
	Mass float64 // in kg
	// Speed is in m/s.
	Speed float64
}

// Push changes the speed.
func (b *Body) Push(dv float64) { b.Speed += dv }

// mu is GM of the Sun in km³/s².
const mu = 1.327e11

// earth is where we start.
earth := &Body{Mass: 6e24}
probe := Body{}`,
	"data := mat.NewDense(2, 2, nil)\nsigma := 0.5",
}

func TestInspect(t *testing.T) {
	s := sessionOf(t, inspectCells...)
	for _, c := range []struct {
		text   string
		detail int
		want   []string // parts of the plain text, in order
		not    string
	}{
		{text: "math.Sq¦rt(2)", want: []string{"func Sqrt(x float64) float64", "square root", "Sqrt(NaN) = NaN", "From math."}},
		{text: "math.Sqrt(¦", want: []string{"func Sqrt(x float64) float64"}},
		{text: "math.Sqrt(2 +¦", want: []string{"func Sqrt(x float64) float64"}},
		{text: "math.Sqrt(2¦)\nx := 1", want: []string{"func Sqrt(x float64) float64"}},
		{text: "math.Max(1, (2 +¦ 3))", want: []string{"func Max(x, y float64) float64"}},
		{text: "math.Max(math.Sqrt(1),¦ 3)", want: []string{"func Max(x, y float64) float64"}},
		{text: "math.Sqrt(2) ¦", want: []string{"func Sqrt(x float64) float64"}},
		{text: "ma¦th.Sqrt(2)", want: []string{"package math // import \"math\"", "mathematical functions"}},
		{text: "math¦", want: []string{"package math"}},
		{text: "import \"enc¦oding/json\"", want: []string{"package json"}},
		{text: "math.P¦i", want: []string{"const Pi = 3.14"}},
		{text: "import r \"math/rand/v2\"\nr.Norm¦Float64()", want: []string{"func NormFloat64() float64", "From math/rand/v2."}},
		{text: "data.Mu¦l(data, data)", want: []string{"func (m *Dense) Mul(a, b Matrix)", "matrix product", "From gonum.org/v1/gonum/mat."}},
		{text: "data.T().¦At(0, 0)", want: []string{"At(i, j int) float64", "row i, column j"}},
		{text: "c := http.Client{Time¦out: 1}", want: []string{"Timeout time.Duration", "time limit"}},
		{text: "var c http.Client\nc.Time¦out", want: []string{"Timeout time.Duration"}},
		{text: "var d mat.De¦nse", want: []string{"type Dense struct", "dense matrix"}, not: "Mul("},
		{text: "var d mat.De¦nse", detail: 1, want: []string{"type Dense struct", "func (m *Dense) Mul(a, b Matrix)"}, not: "checkOverlap"},
		{text: "x := app¦end([]int{}, 1)", want: []string{"func append(slice []Type, elems ...Type) []Type"}},
		{text: "var err err¦or", want: []string{"type error interface"}},
		{text: "var err error\nerr.Err¦or()", want: []string{"Error() string"}},
		{text: "import \"unsafe\"\nunsafe.Size¦of(1)", want: []string{"func Sizeof("}},
		{text: "dat¦a", want: []string{"var data *mat.Dense", "Dense is a dense matrix", "Defined in In[3]."}},
		{text: "sig¦ma", detail: 1, want: []string{"var sigma float64", "Defined in In[3].", "sigma := 0.5"}, not: "NewDense"},
		{text: "ste¦p(1, 2)", want: []string{"func step(t, dt float64) (float64, error)", "step moves one step on.\n\nIt returns the new time.", "Defined in In[1]."}, not: "return t + dt"},
		{text: "step(1, ¦", detail: 1, want: []string{"func step(", "In[1]", "return t + dt, nil\n}"}},
		{text: "var b Bo¦dy", want: []string{"type Body struct {\n\tMass float64 // in kg", "Body is a point mass.", "In[2]"}, not: "Push"},
		{text: "var b Bo¦dy", detail: 1, want: []string{"type Body struct", "In[2]", "// Body is a point mass.\ntype Body struct", "func (*Body) Push(dv float64)"}},
		{text: "probe.Pu¦sh(1)", detail: 1, want: []string{"func (b *Body) Push(dv float64)", "Push changes the speed.", "In[2]", "b.Speed += dv"}},
		{text: "probe.Ma¦ss", want: []string{"Mass float64", "in kg", "In[2]"}},
		{text: "Body{Spe¦ed: 1}", want: []string{"Speed float64", "Speed is in m/s.", "In[2]"}},
		{text: "ear¦th", want: []string{"var earth *Body", "earth is where we start.", "In[2]"}},
		{text: "pro¦be", want: []string{"var probe Body", "Body is a point mass.", "In[2]"}},
		{text: "m¦u", want: []string{"const mu = 1.327e+11", "mu is GM of the Sun", "In[2]"}},
		{text: "ct¦x", want: []string{"var ctx context.Context", "interrupted"}},
		{text: "// f is new.\nfunc f(x int) {}\nf¦(1)", detail: 1, want: []string{"func f(x int)", "f is new.", "Defined in this cell.", "// f is new.\nfunc f(x int) {}"}},
		{text: "// f is new.\nfunc ¦f(x int) {}", want: []string{"func f(x int)", "f is new."}},
		{text: "// Pull pulls.\nfunc (b *Body) Pull() {}\nearth.Pu¦ll()", want: []string{"func (b *Body) Pull()", "Pull pulls.", "this cell"}},
		{text: "// Pull pulls.\nfunc (b *Body) Pu¦ll() {}", want: []string{"func (b *Body) Pull()", "Pull pulls.", "this cell"}},
		{text: "// T is new.\ntype T struct { A int }\nvar t T¦", want: []string{"type T struct { A int }", "T is new.", "this cell"}},
		{text: "for i, x := range []float64{1} {\n\tx¦", want: []string{"var x float64", "this cell"}},
		{text: "x := 3 // a count\nx¦", want: []string{"var x int", "a count", "this cell"}},
	} {
		before, after, _ := strings.Cut(c.text, "¦")
		plain, markdown, ok := s.inspect(before+after, len(before), c.detail)
		if !ok {
			t.Errorf("%q: nothing found", c.text)
			continue
		}
		rest := plain
		for _, w := range c.want {
			_, r, ok := strings.Cut(rest, w)
			if !ok {
				t.Errorf("%q: no %q in order in\n%s", c.text, w, plain)
				break
			}
			rest = r
		}
		if c.not != "" && strings.Contains(plain, c.not) {
			t.Errorf("%q: %q in\n%s", c.text, c.not, plain)
		}
		if !strings.HasPrefix(markdown, "```go\n"+c.want[0]) {
			t.Errorf("%q: markdown begins\n%s", c.text, markdown)
		}
	}
	for _, text := range []string{"", "¦", "// math.Sqrt¦", "nothing¦", "1 +¦ 2", "x.y.z¦(", "import \"no/such¦\"", "\"math¦\"", "for¦ {}"} {
		before, after, _ := strings.Cut(text, "¦")
		if plain, _, ok := s.inspect(before+after, len(before), 0); ok {
			t.Errorf("%q: found\n%s", text, plain)
		}
	}
}

func TestInspectMarkdown(t *testing.T) {
	s := sessionOf(t, inspectCells...)
	_, got, _ := s.Inspect("step", 4, 1)
	want := "```go\nfunc step(t, dt float64) (float64, error)\n```\n\n" +
		"step moves one step on.\n\nIt returns the new time.\n\n" +
		"Defined in In[1].\n\n" +
		"```go\n" + inspectCells[0] + "\n```\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestInspectRedefined inspects names whose meaning has changed.
func TestInspectRedefined(t *testing.T) {
	s := sessionOf(t, append(slices.Clone(inspectCells),
		"old := probe",
		"type Body struct{ Charge float64 }",
		"sigma := \"s\"",
	)...)
	for _, c := range []struct{ text, want string }{
		{"sigma", "In[6]"},
		{"var b Body", "In[5]"},
		{"old.Mass", "In[2]"},
		{"old.Push", "func (*Body).Push(dv float64)"},
	} {
		plain, _, _ := s.inspect(c.text, len(c.text), 0)
		if !strings.Contains(plain, c.want) {
			t.Errorf("%s: no %q in\n%s", c.text, c.want, plain)
		}
	}
}

// FuzzInspect looks for texts that make inspection fail.
func FuzzInspect(f *testing.F) {
	for _, c := range []string{
		"math.Sqrt(¦", "func (b *Body) M() { b.¦Mass }", "func () M¦() {}", "import \"ma¦th\"", "type T struct{ a¦ int }",
		"Body{Ma¦ss: 1", "var x, y¦ = 1", "L¦: for {}", "x := 1 // é¦", "earth.Push¦(", "switch v¦ := x.(type) {}", "\r\nstep¦\r\n",
	} {
		f.Add(strings.Replace(c, "¦", "", 1), strings.Index(c, "¦"))
	}
	s := sessionOf(f, inspectCells...)
	f.Fuzz(func(t *testing.T, src string, cursor int) {
		if len(src) > 2000 || cursor < 0 || cursor > len(src) {
			return
		}
		plain, markdown, ok := s.inspect(src, atRune(src, cursor), cursor%2)
		if ok != (plain != "") || ok != (markdown != "") {
			t.Errorf("found %v: plain %q, markdown %q", ok, plain, markdown)
		}
	})
}
