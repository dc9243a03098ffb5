package stdlib

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"sync"
	"testing"
)

// cell uses packages that share types, generic functions, and a method of an embedded type.
const cell = `package main

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

func Map[T, U any](xs []T, f func(T) U) []U {
	var r []U
	for _, x := range xs {
		r = append(r, f(x))
	}
	return r
}

func _() {
	var m mat.Matrix = mat.NewDense(2, 2, nil)
	p := plot.New()
	l, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 1}})
	p.Add(l)
	ys := Map([]int{1, 2}, func(i int) string { return fmt.Sprint(i) })
	slices.Sort(ys)
	var seq iter.Seq[string] = slices.Values(ys)
	var body io.ReadCloser = io.NopCloser(&bytes.Buffer{})
	req, _ := http.NewRequest("GET", "/", strings.NewReader("x"))
	req.Body = body
	_, _, _, _ = m, err, seq, math.Pi < min(1, 2.5)
	for i := range 10 {
		_ = i
	}
	var unused int
	ys = 3
	undefinedThing(ys)
	fmt.Printn()
}
`

func check(t testing.TB, imp types.Importer, src string) (errs []string, info *types.Info) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "cell", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info = &types.Info{Instances: map[*ast.Ident]types.Instance{}}
	conf := types.Config{Importer: imp, Error: func(err error) { errs = append(errs, err.Error()) }}
	conf.Check("main", fset, []*ast.File{f}, info)
	return errs, info
}

func TestCheck(t *testing.T) {
	errs, info := check(t, NewImporter(nil), cell)
	want := []string{
		"cell:42:7: cannot use 3 (untyped int constant) as []string value in assignment",
		"cell:43:2: undefined: undefinedThing",
		"cell:44:6: undefined: fmt.Printn",
		"cell:41:6: declared and not used: unused",
	}
	slices.Sort(errs)
	slices.Sort(want)
	if !slices.Equal(errs, want) {
		t.Errorf("got %q, want %q", errs, want)
	}
	found := false
	for id, inst := range info.Instances {
		if id.Name == "Sort" {
			found = true
			if got := inst.TypeArgs.At(0).String(); got != "[]string" {
				t.Errorf("slices.Sort is for %s", got)
			}
		}
	}
	if !found {
		t.Error("slices.Sort was not instantiated")
	}
}

// TestCheckShared checks that the order of imports does not matter: types that one
// package's entry brought along are those of the package imported later.
func TestCheckShared(t *testing.T) {
	imp := NewImporter(nil)
	for _, path := range []string{"gonum.org/v1/plot", "image/color", "gonum.org/v1/plot/vg", "net/http", "io"} {
		if _, err := imp.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	errs, _ := check(t, imp, `package main
		import ("image/color"; "net/http"; "io"; "gonum.org/v1/plot"; "gonum.org/v1/plot/vg")
		func _(p *plot.Plot, r *http.Request) {
			p.BackgroundColor = color.White
			p.Title.Padding = vg.Inch
			var _ io.ReadCloser = r.Body
			var _ color.Color = p.BackgroundColor
		}`)
	if errs != nil {
		t.Error(errs)
	}
}

func TestImporterConcurrently(t *testing.T) {
	imp := NewImporter(nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, p := range Packages() {
				if pkg, err := imp.Import(p.Path); err != nil || pkg.Path() != p.Path {
					t.Errorf("%s: %v, %v", p.Path, pkg, err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkFirstCheck is what the first cell of a session pays for its imports.
func BenchmarkFirstCheck(b *testing.B) {
	for b.Loop() {
		check(b, NewImporter(nil), cell)
	}
}

func BenchmarkNextCheck(b *testing.B) {
	imp := NewImporter(nil)
	check(b, imp, cell)
	for b.Loop() {
		check(b, imp, cell)
	}
}

func BenchmarkImportAll(b *testing.B) {
	for b.Loop() {
		imp := NewImporter(nil)
		for _, p := range Packages() {
			if _, err := imp.Import(p.Path); err != nil {
				b.Fatal(err)
			}
		}
	}
}
