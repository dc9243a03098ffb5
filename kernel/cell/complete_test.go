package cell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sessionOf runs cells, as In[1], In[2], ….
func sessionOf(t testing.TB, cells ...string) *Session {
	t.Helper()
	s := newSession(t)
	for i, src := range cells {
		ctx, cancel := context.WithTimeout(context.Background(), hangs)
		_, err := s.Execute(ctx, i+1, src)
		cancel()
		if err != nil {
			t.Fatalf("In[%d]: %v", i+1, err)
		}
	}
	return s
}

// completeAt completes at the ¦ in text.
func completeAt(t testing.TB, s *Session, text string) (c Completion, src string) {
	t.Helper()
	before, after, ok := strings.Cut(text, "¦")
	if !ok {
		t.Fatalf("no cursor in %q", text)
	}
	src = before + after
	return s.complete(src, len(before)), src
}

var completeCells = []string{
	"import r \"math/rand/v2\"\nsigma := 0.5\ncount, title := 3, \"plot\"\nconst limit = 10",
	"type Body struct {\n\tMass, x float64\n\tName string\n}\nfunc (b *Body) Push(dv float64) float64 { b.x += dv; return b.x }\nfunc (b Body) String() string { return b.Name }",
	"type Probe struct {\n\t*Body\n\tFuel float64\n}\nprobe := Probe{Body: &Body{}, Fuel: 1}\nbodies := []Body{{Mass: 1}}",
	"func step(t, dt float64) (float64, error) { return t + dt, nil }",
	"data := mat.NewDense(2, 2, nil)\nby := map[string]*Probe{}",
}

func TestComplete(t *testing.T) {
	s := sessionOf(t, completeCells...)
	for _, c := range []struct {
		text string
		want string // matches that must come in this order, others between them; ! is one that must not
	}{
		// Members of packages, preloaded, imported and renamed.
		{"math.Sq¦", "Sqrt"},
		{"fmt.Print¦", "Print Printf Println !Sprint"},
		{"mat.NewD¦", "NewDense NewDiagDense"},
		{"r.Norm¦", "NormFloat64"},
		{"import m \"math\"\nm.Sq¦", "Sqrt"},
		{"math.¦", "Abs Pi Sqrt !abs"},
		{"math.¦\ny := 2", "Abs Pi"},
		{"x := math.Sqrt(math.P¦)", "Pi"},
		{"var x strings.¦", "Builder Reader !Contains"},
		// Members of values: fields before methods, promoted ones last.
		{"probe.¦", "Body Fuel Mass Name x Push String"},
		{"probe.Body.¦", "Mass Name x Push String"},
		{"bodies[0].P¦", "Push"},
		{"by[\"a\"].Fu¦", "Fuel"},
		{"data.At¦", "At"},
		{"data.T().¦", "At Dims T !RawMatrix"},
		{"step(1, 2).¦", "!Error"},
		{"_, err := step(1, 2)\nerr.¦", "Error"},
		{"b := strings.Builder{}\nb.Write¦", "Write WriteByte WriteRune WriteString"},
		{"b := strings.Builder{}\nb.¦", "Cap Len String !buf !addr"},
		{"Body.¦", "Push String !Mass"},
		{"for _, b := range bodies {\n\tb.Ma¦", "Mass"},
		{"for _, b := range bodies {\n\tb.Ma¦\n}\nx := 1", "Mass"},
		{"if probe.F¦", "Fuel"},
		{"if x := probe; x.F¦", "Fuel"},
		{"for i := 0; i < probe.F¦", "Fuel"},
		{"for _, x := range probe.N¦", "Name"},
		{"switch probe.N¦", "Name"},
		{"switch {\ncase probe.F¦", "Fuel"},
		{"fmt.Println(\"a\", probe.F¦", "Fuel"},
		{"fmt.Println(probe.F¦)\nvar z int", "Fuel"},
		{"x := []float64{probe.¦", "Fuel"},
		{"func f(p *Probe) float64 {\n\treturn p.Fu¦", "Fuel"},
		{"func f(p *Probe) float64 {\n\tq := p\n\treturn q.Fu¦\n}\nfunc g() {}", "Fuel"},
		{"func f(p *Probe) float64 {\n\treturn p.¦\n\nfunc g() {}", "Fuel"},
		{"g := func(p Probe) { p.¦ }", "Fuel"},
		{"probe.\n\tFu¦", "Fuel"},
		{"var v any = probe\nswitch v := v.(type) {\ncase Probe:\n\tv.Fu¦\n}", "Fuel"},
		// The cell's own text, not run yet.
		{"type Wheel struct{ Radius float64 }\nfunc (w Wheel) Turn() {}\nw := Wheel{}\nw.¦", "Radius Turn"},
		{"type Body struct{ Charge float64 }\nvar b Body\nb.¦", "Charge !Mass"},
		{"func (b *Body) Pull() {}\nbodies[0].Pu¦", "Pull Push"},
		{"func (b *Body) Pull() { b.¦ }", "Mass Name x"},
		{"func pair() (a Body, n int) { return }\na, _ := pair()\na.Ma¦", "Mass"},
		{"z := complex(1, 2)\nfunc twice() complex128 { return 2 * z¦ }", "z"},
		// Names in scope.
		{"s¦", "sigma step slices sort"},
		{"func f(scale float64) { s¦ }", "scale sigma step slices switch"},
		{"for step2 := range 3 { st¦ }", "step2 step strings string !struct"},
		{"x := s¦", "sigma step"},
		{"xx := x¦", "xml !xx"},
		{"early := 1\nea¦\neager := 2", "early !eager"},
		{"y := lim¦", "limit"},
		{"p¦", "probe path panic print"},
		{"le¦", "len"},
		{"ct¦", "ctx"},
		{"var a floa¦", "float64 !float"},
		{"var b Bo¦", "Body"},
		{"var b si¦", "!sigma"},
		{"func f(b *Bo¦) {}", "Body"},
		{"x := []Pro¦", "Probe"},
		{"BODI¦", "bodies"},
		{"MATH.¦", ""},
		{"nothing.¦", ""},
		{"outer:\nfor {\n\tbreak ou¦\n}", "outer"},
		// Keys of struct literals.
		{"b := Body{¦}", "Mass Name x"},
		{"b := &Body{Ma¦", "Mass"},
		{"b := Body{Mass: 1, ¦}", "Name x !Mass !sigma"},
		{"b := Body{\n\tMass: si¦,\n}", "sigma"},
		{"b := []Body{{Na¦}}", "Name"},
		{"c := http.Client{¦}", "Timeout Transport"},
		{"b := Body{1, ¦}", "sigma !Mass"},
		// Keywords.
		{"f¦", "fmt for func"},
		{"x := f¦", "func !for"},
		{"for { br¦ }", "break"},
		{"br¦", "!break"},
		{"for i := ra¦", "range"},
		{"switch count {\nca¦", "case"},
		{"if count > 1 {\n} el¦", "else"},
		{"imp¦", "import"},
		{"func f() { imp¦ }", "!import"},
		// Import paths.
		{"import \"gonum.org/v1/gonum/ma¦", "gonum.org/v1/gonum/mat gonum.org/v1/gonum/mathext"},
		{"import (\n\t\"fmt\"\n\t\"enc¦\"\n)", "encoding/csv encoding/json"},
		{"import \"mat¦\"", "math math/rand/v2 gonum.org/v1/gonum/mat"},
		{"import m \"os¦\"", "os os/signal"},
		// Nothing to say.
		{"// s¦", "!sigma"},
		{"/* s¦ */", "!sigma"},
		{"x := 1¦", ""},
		{"x := 's¦'", ""},
		{"func s¦", ""},
		{"type s¦", ""},
		{"var s¦", ""},
		{"func f(s¦ int) {}", ""},
	} {
		got, src := completeAt(t, s, c.text)
		var names []string
		for _, m := range got.Matches {
			names = append(names, m.Text)
			if !strings.HasPrefix(strings.ToLower(m.Text), strings.ToLower(src[got.Start:strings.Index(c.text, "¦")])) && m.Kind != "module" {
				t.Errorf("%q: %s does not continue %q", c.text, m.Text, src[got.Start:got.End])
			}
		}
		at := 0
		for _, w := range strings.Fields(c.want) {
			if no, ok := strings.CutPrefix(w, "!"); ok {
				if slices.Contains(names, no) {
					t.Errorf("%q: got %s, which does not belong there", c.text, no)
				}
				continue
			}
			i := slices.Index(names[at:], w)
			if i < 0 {
				t.Errorf("%q: no %s in order %q in %q", c.text, w, c.want, names)
				break
			}
			at += i + 1
		}
		if c.want == "" && len(names) > 0 {
			t.Errorf("%q: got %q, want nothing", c.text, names)
		}
	}
}

func TestCompleteMatch(t *testing.T) {
	s := sessionOf(t, completeCells...)
	for _, c := range []struct {
		text, replaced string
		want           Match
	}{
		{"math.Sq¦", "Sq", Match{"Sqrt", "function", "(x float64) float64"}},
		{"ste¦", "ste", Match{"step", "function", "(t float64, dt float64) (float64, error)"}},
		{"probe.Pus¦", "Pus", Match{"Push", "method", "(dv float64) float64"}},
		{"probe.Bo¦", "Bo", Match{"Body", "field", "*Body"}},
		{"dat¦a", "data", Match{"data", "variable", "*mat.Dense"}},
		{"tit¦ + \"x\"", "tit", Match{"title", "variable", "string"}},
		{"lim¦", "lim", Match{"limit", "constant", "untyped int = 10"}},
		{"math.Ma¦xInt8", "MaxInt8", Match{"MaxInt8", "constant", "untyped int = 127"}},
		{"var b Bod¦", "Bod", Match{"Body", "type", "struct"}},
		{"var e err¦", "err", Match{"error", "type", "interface"}},
		{"var d time.Dur¦", "Dur", Match{"Duration", "type", "int64"}},
		{"x := appen¦", "appen", Match{"append", "function", "(slice []Type, elems ...Type) []Type"}},
		{"ran¦", "ran", Match{"rand", "module", `"math/rand/v2"`}},
		{"retur¦", "retur", Match{"return", "keyword", ""}},
		{"func (b *Body) Pull(by int) {}\nbodies[0].Pul¦", "Pul", Match{"Pull", "method", "(by int)"}},
		{"for i, b := range bodies { i¦ }", "i", Match{"i", "variable", "int"}},
		{"import \"fm¦t\"", "fmt", Match{"fmt", "module", ""}},
		{"import \"fm¦", "fm", Match{"fmt", "module", ""}},
	} {
		got, src := completeAt(t, s, c.text)
		if r := src[got.Start:got.End]; r != c.replaced {
			t.Errorf("%q replaces %q, want %q", c.text, r, c.replaced)
		}
		i := slices.IndexFunc(got.Matches, func(m Match) bool { return m.Text == c.want.Text })
		if i < 0 {
			t.Errorf("%q: no %s in %v", c.text, c.want.Text, got.Matches)
			continue
		}
		m := got.Matches[i]
		if c.want.Signature == "" && m.Kind == "module" {
			m.Signature = "" // a synopsis
		}
		if m != c.want {
			t.Errorf("%q: got %+v, want %+v", c.text, m, c.want)
		}
	}
}

func TestCompleteFileNames(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.MkdirAll("data/raw", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"data/runs.csv", "data/rates.csv", "data/.hidden", "notes.txt"} {
		if err := os.WriteFile(filepath.FromSlash(f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := newSession(t)
	for text, want := range map[string]string{
		"os.Open(\"d¦\")":           "data/",
		"os.Open(\"data/r¦":         "rates.csv raw/ runs.csv",
		"os.Open(`data/ru¦`)":       "runs.csv",
		"os.Open(\"data/¦\")":       "rates.csv raw/ runs.csv",
		"os.Open(\"data/.h¦\")":     ".hidden",
		"x := \"none/¦\"":           "",
		"x := \"a\\n¦\"":            "",
		"os.Open(\"./no¦tes\")":     "notes.txt",
		"os.ReadFile(\"n¦\")\ny :=": "notes.txt",
	} {
		c, src := completeAt(t, s, text)
		var names []string
		for _, m := range c.Matches {
			if m.Kind != "path" || !strings.HasPrefix(m.Text, src[c.Start:c.End]) {
				t.Errorf("%q: %+v for %q", text, m, src[c.Start:c.End])
			}
			names = append(names, m.Text)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestCompleteLeavesSession completes cells that would change the session and
// checks that it is as it was.
func TestCompleteLeavesSession(t *testing.T) {
	s := sessionOf(t, completeCells...)
	files := func() (n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for f := range s.fset.Iterate {
			_ = f
			n++
		}
		return n
	}
	before := files()
	for _, text := range []string{
		"func (b *Body) Pull() {}\nbodies[0].Pu¦",
		"type Body struct{ A int }\nfunc (b Body) B() {}\nvar sigma string\nsi¦",
		"import math \"strings\"\nfunc step() {}\nst¦",
	} {
		for range 3 {
			if c, _ := completeAt(t, s, text); len(c.Matches) == 0 {
				t.Fatalf("%q: no matches", text)
			}
		}
	}
	if after := files(); after != before {
		t.Errorf("%d files are left behind", after-before)
	}
	for _, c := range []struct{ src, want string }{
		{"var p interface{ Pull() } = &bodies[0]", "missing method Pull"},
		{"bodies[0].Pull()", "no field or method Pull"},
	} {
		_, err := s.Execute(context.Background(), 20, c.src)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.src, err, c.want)
		}
	}
	res, err := s.Execute(context.Background(), 21, "_, err := step(sigma, math.Pi)\nbodies[0].Push(2) + bodies[0].Mass")
	if err != nil || res.Values[0] != 3.0 {
		t.Errorf("after completion: %v, %v", res.Values, err)
	}
}

// TestCompleteWhileRunning completes and inspects while cells are compiled and run.
func TestCompleteWhileRunning(t *testing.T) {
	s := sessionOf(t, completeCells...)
	done := make(chan error, 20)
	running := make(chan bool)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer close(done)
		for i := range 10 {
			_, err := s.Execute(context.Background(), 10+i, fmt.Sprintf("func grow(x float64) float64 { return x + probe.Fuel + sigma }\nprobe.Fuel = grow(%d)", i))
			if err != nil {
				done <- err
			}
		}
		close(running)
		if _, err := s.Execute(ctx, 20, "select {}"); !errors.Is(err, context.Canceled) {
			done <- fmt.Errorf("a cell that waits ends with %v", err)
		}
	}()
	for {
		if c, _ := completeAt(t, s, "probe.Fu¦"); len(c.Matches) != 1 {
			t.Fatalf("matches while a cell runs: %v", c.Matches)
		}
		if _, _, ok := s.Inspect("sigma", 2, 1); !ok {
			t.Fatal("no article while a cell runs")
		}
		select {
		case <-running:
			for !runs(s, 20) {
				time.Sleep(time.Millisecond)
			}
			if c, _ := completeAt(t, s, "probe.Fu¦"); len(c.Matches) != 1 {
				t.Errorf("matches beside a cell that waits: %v", c.Matches)
			}
			cancel() // which alone ends that cell
			for err := range done {
				t.Error(err)
			}
			return
		default:
		}
	}
}

// manyCells is a session of n cells as people write them.
func manyCells(t testing.TB, n int) *Session {
	var cells []string
	for i := range n {
		switch i % 4 {
		case 0:
			cells = append(cells, fmt.Sprintf("m%d := mat.NewDense(3, 3, nil)\nv%d := []float64{1, 2, 3}", i, i))
		case 1:
			cells = append(cells, fmt.Sprintf("type T%d struct { A, B float64; Name string }\nfunc (t *T%d) Norm() float64 { return math.Hypot(t.A, t.B) }\nt%d := &T%d{1, 2, \"t\"}", i, i, i, i))
		case 2:
			cells = append(cells, fmt.Sprintf("func f%d(x float64) float64 {\n\ty := 0.0\n\tfor i := range 10 {\n\t\ty += math.Sin(x * float64(i))\n\t}\n\treturn y\n}\ny%d := f%d(2)", i, i, i))
		case 3:
			cells = append(cells, fmt.Sprintf("const c%d = %d\nname%d := fmt.Sprint(c%d)", i, i, i, i))
		}
	}
	return sessionOf(t, cells...)
}

func BenchmarkComplete(b *testing.B) {
	s := manyCells(b, 50)
	for _, c := range []struct{ name, text string }{
		{"member", "t45.No¦"},
		{"package", "mat.New¦"},
		{"names", "for i := range 3 {\n\tv¦"},
		{"all", "¦"},
		{"long", strings.Repeat("fmt.Println(f46(v44[0]), t45.Norm())\n", 100) + "m48.¦"},
	} {
		b.Run(c.name, func(b *testing.B) {
			src := strings.Replace(c.text, "¦", "", 1)
			at := strings.Index(c.text, "¦")
			for b.Loop() {
				if len(s.Complete(src, at).Matches) == 0 {
					b.Fatal("no matches")
				}
			}
		})
	}
}

// FuzzComplete looks for texts that make completion fail or lie about its bounds.
func FuzzComplete(f *testing.F) {
	for _, c := range []string{
		"", "math.¦", "for i := range probe.¦", "Body{Mass: 1, ¦", "func (b *Body) M() { b.¦", "func () M() { ¦ }",
		"import \"¦", "\"./¦", "type T[P any] struct{ ¦", "switch x := y.(type) { case ¦", "var x = [...]¦", "if ¦ else {",
		"é¦", "x.(¦", "a[¦:", "func f[T ~¦", "`\r¦", "const ( a = iota\n¦", "type Body = ¦", "go func() { ¦ }(",
	} {
		at := max(0, strings.Index(c, "¦"))
		f.Add(strings.Replace(c, "¦", "", 1), at)
	}
	s := sessionOf(f, completeCells...)
	f.Fuzz(func(t *testing.T, src string, cursor int) {
		if len(src) > 2000 || cursor < 0 || cursor > len(src) {
			return
		}
		cursor = atRune(src, cursor)
		c := s.complete(src, cursor)
		if c.Start < 0 || c.Start > cursor || c.End < cursor || c.End > len(src) {
			t.Errorf("replaces [%d:%d] at %d of %d bytes", c.Start, c.End, cursor, len(src))
		}
		for _, m := range c.Matches {
			if m.Text == "" || m.Kind == "" || strings.Contains(m.Text, placeholder) || strings.Contains(m.Signature, placeholder) {
				t.Errorf("match %+v", m)
			}
		}
	})
}
