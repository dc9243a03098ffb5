package cell

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLikeness(t *testing.T) {
	tests := []struct {
		a, b string
		d    int
		ok   bool
	}{
		{"count", "count", 0, false},
		{"count", "Count", 0, true},
		{"x", "X", 0, true},
		{"x", "y", 0, false},
		{"xs", "xss", 0, false},
		{"sum", "sub", 0, false},
		{"fca", "fac", 1, true},
		{"row", "rows", 1, true},
		{"rwo", "rows", 0, false},
		{"coutn", "count", 1, true},
		{"cotun", "count", 0, false},
		{"lenght", "length", 1, true},
		{"velocty", "velocity", 1, true},
		{"veloctiyy", "velocity", 2, true},
		{"velcotiyy", "velocity", 0, false},
		{"größe", "grösse", 0, false},
		{"größe", "größen", 1, true},
		{"data1", "data2", 0, false},
		{"data", "data2", 0, false},
		{"dta2", "data2", 1, true},
		{"_", "x", 0, false},
		{"shwo", "·show", 0, false},
		{"", "", 0, false},
	}
	for _, tt := range tests {
		d, ok := likeness(tt.a, tt.b)
		if ok != tt.ok || ok && d != tt.d {
			t.Errorf("likeness(%q, %q) = %d, %t; want %d, %t", tt.a, tt.b, d, ok, tt.d, tt.ok)
		}
		if back, ok2 := likeness(tt.b, tt.a); tt.b != "_" && tt.b != "·show" && (ok2 != ok || back != d) {
			t.Errorf("likeness(%q, %q) = %d, %t; the other way round %d, %t", tt.b, tt.a, back, ok2, d, ok)
		}
	}
}

func TestDeclares(t *testing.T) {
	src := `
type T struct{ field int }
var (
	a = f(1)
	b int
)
const c, d = 1, 2
func (t T) method(param int) { inner, other := 1, 2 }
for i, x := range xs { y = 3 }
var v = w
call(arg)
`
	for _, name := range strings.Fields("T a b c inner other i x v") {
		if !declares(src, name) {
			t.Errorf("%s is declared", name)
		}
	}
	for _, name := range strings.Fields("field f y w xs call arg nothing") {
		if declares(src, name) {
			t.Errorf("%s is not declared", name)
		}
	}
}

// Errors in what is plainly meant as Go get no hint.
func TestNoHint(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, "count := 4\nxs := []int{1}\ntype T struct{ A int }\nv := T{1}")
	for i, src := range []string{
		"if count > 3 {",
		"for i := range(3) {",
		"for i := 0; i < 3; i++ { fmt.Println(i) ",
		"fmt.Println(count",
		"fmt.Println(\"a\" \"b\")",
		"xs := []int{1 2}",
		"xs := []int{1, 2",
		"switch count {\ncase 1\n}",
		"switch count {\ncase 1:\n case 2 y\n}",
		"count xs",
		"func (",
		"func f(a int { }",
		"func f() int { return \"x\" }",
		"x := := 3",
		"select { case <-c }",
		"map[string]int{\"a\" 1}",
		"T{A 1}",
		"goto done",
		"outer:\nfor { break }",
		"v.Nothing",
		"v.A.B",
		"T{Other: 1}",
		"something",
		"somePackage.Name",
		"something(1)",
		"fmt.Nothing(1)",
		"count = \"x\"",
		"xs + 1",
		"count + v",
		"*count",
		"xs[\"a\"]",
		"var x, y int = 1",
		"return 3, 4",
		"f := func(x int) { x }",
		"const c = count",
		"x.y.z.w",
		"import \"no/such/package\"",
		"'a' + \"b\"",
		"\"not terminated",
		"`not terminated",
		"/* not terminated",
		"\"\\q\"",
		"x, y := 1",
		"var q [count]int",
		"if x := 3 { }",
		"else { }",
		"}",
		"a.b := 3",
		"int(v)",
		"-\"x\"",
	} {
		for _, p := range problems(t, s, i+2, src) {
			if p != "" {
				t.Errorf("%q has the hint %q", src, p)
			}
		}
	}
}

// problems lists the hints of a cell that must not compile.
func problems(t *testing.T, s *Session, count int, src string) (hints []string) {
	t.Helper()
	out := runCell(t, s, count, src)
	if !strings.HasPrefix(out, "!! ") {
		t.Fatalf("%q compiles", src)
	}
	caret := false
	for line := range strings.Lines(out) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "!! ")
		if caret && strings.HasPrefix(line, "    ") {
			hints = append(hints, strings.TrimSpace(line))
		}
		caret = strings.TrimSpace(line) == "^"
	}
	return hints
}

// Hints look at text that can be anything.
func TestLineHintAnyText(t *testing.T) {
	lines := []string{"", "é", "for x in", "for i in range(", "for i in range(,):", "import ", "from  import ", "print", "f'", "x ? y : z", "for a, b in c(d", "\t[1,"}
	msgs := []string{"", "syntax error: ", `package "" is not available in this kernel`, "syntax error: expected 1 expression", "syntax error: expected '{', found in",
		"syntax error: missing import path", "syntax error: expected ';', found x", "syntax error: illegal rune literal", "syntax error: illegal label declaration"}
	for _, line := range lines {
		for _, msg := range msgs {
			for column := -1; column < len(line)+3; column++ {
				if h := lineHint(msg, line, column); strings.Contains(h, "\n") {
					t.Errorf("lineHint(%q, %q, %d) is of several lines: %q", msg, line, column, h)
				}
			}
		}
	}
}

func TestSuggestionsAreForCellsOnly(t *testing.T) {
	s := newSession(t)
	v, done := s.look("x := coutn\ncount := 3\nSqrt(2)")
	defer done()
	if len(v.errs) == 0 {
		t.Fatal("no errors")
	}
	for _, p := range v.errs {
		if p.Hint != "" {
			t.Errorf("a text that nobody runs has the hint %q", p.Hint)
		}
	}
}

// A session of many names and a cell of many errors have hints as others do, for the first errors.
func TestSuggestionsInLongSession(t *testing.T) {
	s := newSession(t)
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "const name%dOfMany = %d\n", i, i)
	}
	runCell(t, s, 1, b.String())
	if out := runCell(t, s, 2, "nmae1999OfMany"); !strings.Contains(out, "did you mean name1999OfMany?") {
		t.Errorf("got %s", out)
	}
	out := runCell(t, s, 3, strings.Repeat("_ = nmae7OfMany + Unknown(1) + velocity\n", 100))
	if !strings.Contains(out, "undefined: nmae7OfMany") {
		t.Errorf("got %s", out)
	}
	if n := strings.Count(out, "did you mean name7OfMany?"); n == 0 || n > mostSuggestions {
		t.Errorf("%d hints, at most %d may be, in\n%s", n, mostSuggestions, out)
	}
}

// Hints look into syntax trees that are as wrong as a text can be.
func FuzzHints(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(data), "-- cell --\n") {
			src, _, _ := strings.Cut(c, "-- out --\n")
			f.Add(src)
		}
	}
	s := newSession(f)
	runCell(f, s, 1, "count := 4\nxs := []int{1}\ntype T struct{ Width int }\nv := T{1}")
	f.Fuzz(func(t *testing.T, src string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		name := cellName(2)
		s.sources[name] = src
		source := func(string) string { return src }
		p, err := parse(s.fset, fileName(name), src)
		if err != nil {
			compileError(syntaxProblems(err), source)
			return
		}
		c, problems := s.check(p)
		if len(problems) > 0 {
			compileError(problems, source)
			return
		}
		c.undo()
	})
}

func BenchmarkSuggest(b *testing.B) {
	s := newSession(b)
	var src strings.Builder
	for i := range 500 {
		fmt.Fprintf(&src, "const name%dOfMany = %d\n", i, i)
	}
	runCell(b, s, 1, src.String())
	for name, cell := range map[string]string{"none": "xs := 1 + \"\"", "name": "nmaeOfMany", "exported": "Sqrt(2)", "package": "strngs.Repeat(\"a\", 2)"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				runCell(b, s, 2, cell)
			}
		})
	}
}
