package main

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// source is a package with one of each kind of symbol.
const source = `// Package p is for a test.
package p

import "io"

// Typed is a constant.
const Typed uint8 = 3

const (
	Small   = 1 << 40
	Letter  = 'x'
	Big     = 1 << 100
	Neg     = -1 << 100
	Third   = 1.0 / 3
	Whole   = 1e3
	Text    = "a\"b"
	Truth   = true
	private = 1
)

// First and Second are a group.
const (
	First Level = iota
	Second // the second
)

type Level int

// V is a variable.
var V = []int{1}

func F(x int) error { return nil }

func Generic[T any](x T) T { return x }

type List[T any] struct{ x T }

type Alias = io.Reader

type Numbers interface{ ~int | ~float64 }

type unexported struct{}

// S is a struct.
type S struct {
	// A is a field.
	A, B int
	c    int
	D    string // D is another.
}

// M is a method.
func (s *S) M(x int) {}

type Shape interface {
	// Area is in m².
	Area() float64
	String() string
	Add(name string, rest ...[]io.Reader) (n int, err error)
	Big() (p map[string]chan<- func(a, b int) error)
}

// Sealed cannot be implemented elsewhere.
type Sealed interface {
	Open()
	closed()
}

// Odd mentions what has no name outside.
type Odd interface{ Do(unexported) }
`

func testPackage(t *testing.T) (*loaded, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("example/p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &loaded{listed: listed{ImportPath: "example/p", Name: "p"}, files: []*ast.File{f}, types: pkg}, fset
}

func TestSymbols(t *testing.T) {
	p, _ := testPackage(t)
	syms := symbols(p.types, importable)
	want := map[string]string{
		"Typed":   `values {"Typed", p.Typed}`,
		"Small":   `untyped {"Small", num(p.Small)}`,
		"Letter":  `untyped {"Letter", num(p.Letter)}`,
		"Big":     `untyped {"Big", lit("1267650600228229401496703205376")}`,
		"Neg":     `untyped {"Neg", lit("-1267650600228229401496703205376")}`,
		"Third":   `untyped {"Third", lit("0.` + strings.Repeat("3", 155) + `")}`,
		"Whole":   `untyped {"Whole", lit("1000.0")}`,
		"Text":    `untyped {"Text", str(p.Text)}`,
		"Truth":   `values {"Truth", p.Truth}`,
		"First":   `values {"First", p.First}`,
		"Second":  `values {"Second", p.Second}`,
		"Level":   `types {"Level", (*p.Level)(nil)}`,
		"V":       `vars {"V", &p.V}`,
		"F":       `values {"F", p.F}`,
		"Alias":   `types {"Alias", (*p.Alias)(nil)}`,
		"_Alias":  `wraps {"_Alias", (*_example_p_Alias)(nil)}`,
		"S":       `types {"S", (*p.S)(nil)}`,
		"Shape":   `types {"Shape", (*p.Shape)(nil)}`,
		"_Shape":  `wraps {"_Shape", (*_example_p_Shape)(nil)}`,
		"Sealed":  `types {"Sealed", (*p.Sealed)(nil)}`,
		"_Sealed": `wraps {"_Sealed", (*_example_p_Sealed)(nil)}`,
		"Odd":     `types {"Odd", (*p.Odd)(nil)}`,
	}
	got := map[string]string{}
	for name, s := range syms {
		got[name] = s.section + " " + s.text
	}
	// Of a third, more digits than its precision tells apart are as good.
	if third := got["Third"]; !strings.HasPrefix(third, want["Third"][:150]) {
		t.Errorf("Third is %s", third)
	}
	delete(got, "Third")
	delete(want, "Third")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s is %s, want %s", name, got[name], want[name])
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("also %v", got)
	}
}

func TestWrapper(t *testing.T) {
	p, _ := testPackage(t)
	got := symbols(p.types, importable)["_Shape"]
	want := `// _example_p_Shape lets interpreted values be Shape.
type _example_p_Shape struct {
	IValue any
	WAdd func(a0 string, a1 ...[]io.Reader) (int, error)
	WArea func() float64
	WBig func() map[string]chan<- func(a int, b int) error
	WString func() string
}

func (w _example_p_Shape) Add(a0 string, a1 ...[]io.Reader) (int, error) { return w.WAdd(a0, a1...) }
func (w _example_p_Shape) Area() float64 { return w.WArea() }
func (w _example_p_Shape) Big() map[string]chan<- func(a int, b int) error { return w.WBig() }
func (w _example_p_Shape) String() string {
	if w.WString == nil {
		return ""
	}
	return w.WString()
}
`
	if got.wrapper != want {
		t.Errorf("got\n%s\nwant\n%s", got.wrapper, want)
	}
	if !maps.Equal(got.imports, map[string]string{"io": "io"}) {
		t.Errorf("imports %v", got.imports)
	}
}

// TestFloatLiteral checks that the spelled constant is the one meant, at the
// precision that go/constant computes with.
func TestFloatLiteral(t *testing.T) {
	for _, s := range []string{"3.14159265358979323846264338327950288419716939937510582097494459", "1e-320", "1e300", "0.1", "-2.5", "0", "7", "0x1p-1074"} {
		v := constant.MakeFromLiteral(strings.TrimPrefix(s, "-"), token.FLOAT, 0)
		lit := floatLiteral(v)
		if !strings.ContainsAny(lit, ".e") {
			t.Errorf("%s is spelled %s, an integer", s, lit)
		}
		back := constant.MakeFromLiteral(lit, token.FLOAT, 0)
		want, _ := constant.Float64Val(v)
		if got, _ := constant.Float64Val(back); got != want {
			t.Errorf("%s is spelled %s, which is %v, want %v", s, lit, got, want)
		}
	}
}

func TestRecords(t *testing.T) {
	p, fset := testPackage(t)
	data, err := records(fset, p)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for parts := strings.Split(string(data), "\x00"); len(parts) > 3; parts = parts[3:] {
		got[parts[0]] = parts[1] + " // " + parts[2]
	}
	for name, want := range map[string]string{
		"":           "package p // Package p is for a test.",
		"Typed":      "const Typed uint8 = 3 // Typed is a constant.",
		"Small":      "const Small = 1 << 40 // ",
		"First":      "const First Level = 0 // First and Second are a group.",
		"Second":     "const Second Level = 1 // the second\n\nFirst and Second are a group.",
		"V":          "var V = []int{1} // V is a variable.",
		"F":          "func F(x int) error // ",
		"Generic":    "func Generic[T any](x T) T // ",
		"S.A":        "A int // A is a field.",
		"S.B":        "B int // A is a field.",
		"S.D":        "D string // D is another.",
		"S.M":        "func (s *S) M(x int) // M is a method.",
		"Shape.Area": "Area() float64 // Area is in m².",
	} {
		if got[name] != want {
			t.Errorf("%q is %q, want %q", name, got[name], want)
		}
	}
	for _, name := range []string{"private", "S.c", "unexported"} {
		if r, ok := got[name]; ok {
			t.Errorf("%s is on record: %q", name, r)
		}
	}
	if !strings.HasPrefix(got["S"], "type S struct {\n") || !strings.Contains(got["S"], "// contains filtered or unexported fields") {
		t.Errorf("S is %q", got["S"])
	}
}

func TestPublic(t *testing.T) {
	for path, want := range map[string]bool{
		"fmt": true, "testing": true, "swingby/simlib/sim": true, "gonum.org/v1/gonum/mat": true,
		"internal/abi": false, "vendor/golang.org/x/net/idna": false, "plugin": false, "runtime/cgo": false, "unsafe": false,
		"gonum.org/v1/gonum/internal/asm/f64": false, "gonum.org/v1/gonum/blas/testblas": false, "swingby/simlib/internal/check": false,
	} {
		p := listed{ImportPath: path, Name: "x", Standard: !strings.Contains(path, ".") && !strings.HasPrefix(path, "swingby/")}
		if p.public() != want {
			t.Errorf("%s: %v, want %v", path, p.public(), want)
		}
	}
	if (&listed{ImportPath: "a/b", Name: "main"}).public() || (&listed{ImportPath: "a/b", DepOnly: true}).public() {
		t.Error("a command or a dependency is public")
	}
}

func TestFileName(t *testing.T) {
	seen := map[string]string{}
	for _, path := range []string{"io/fs", "a/b_test", "debug/plan9obj", "x/linux", "x/windows", "go/build"} {
		name := fileName(path, "")
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_linux.go") || strings.HasSuffix(name, "_windows.go") {
			t.Errorf("%s is in %s, which is not built everywhere", path, name)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s are both in %s", path, other, name)
		}
		seen[name] = path
	}
	if name := fileName("syscall", "darwin"); name != "pkg_syscall_darwin.go" {
		t.Errorf("the Darwin part of syscall is in %s", name)
	}
}

func TestSubsets(t *testing.T) {
	if got, want := subsets(3), []int{7, 3, 5, 6, 1, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]string{"go1.26.8": "go1.26", "go1.26": "go1.26", "go1.27rc1": "go1.27rc1", "": ""} {
		if got := minor(version); got != want {
			t.Errorf("%q: %q, want %q", version, got, want)
		}
	}
}

// TestCompare checks what -check calls stale.
func TestCompare(t *testing.T) {
	old := map[string][]byte{"data/std.types": []byte(header("std", nil) + "\nx"), "a": []byte("1")}
	if err := compare("", old, maps.Clone(old)); err != nil {
		t.Errorf("nothing changed: %v", err)
	}
	for name, change := range map[string]func(m map[string][]byte){
		"changed": func(m map[string][]byte) { m["a"] = []byte("2") },
		"new":     func(m map[string][]byte) { m["b"] = []byte("2") },
		"gone":    func(m map[string][]byte) { delete(m, "a") },
	} {
		files := maps.Clone(old)
		change(files)
		if err := compare("", old, files); err == nil || !strings.Contains(err.Error(), "stale") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := compare("", map[string][]byte{"data/std.types": []byte("std go1.2.3\n")}, old); err == nil || !strings.Contains(err.Error(), "generated with go1.2.3") {
		t.Errorf("another release: %v", err)
	}
}
