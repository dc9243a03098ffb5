package stdlib_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"github.com/traefik/yaegi/interp"

	"swingby/stdlib"
)

// A cell is checked against the type information, then run with the symbols.
func Example() {
	const src = `package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

func main() {
	m := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	fmt.Printf("%.0f\n", mat.Det(m))
}
`
	i := interp.New(interp.Options{})
	file, err := parser.ParseFile(i.FileSet(), "cell", src, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	conf := types.Config{Importer: stdlib.NewImporter(i.FileSet())}
	pkg, err := conf.Check("main", i.FileSet(), []*ast.File{file}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range pkg.Imports() {
		if err := stdlib.Use(i, p.Path()); err != nil {
			fmt.Println(err)
			return
		}
	}
	program, err := i.CompileAST(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := i.Execute(program); err != nil {
		fmt.Println(err)
	}
	// Output: -2
}

func ExampleNewImporter() {
	_, err := stdlib.NewImporter(token.NewFileSet()).Import("gonum/mat")
	fmt.Println(err)
	// Output: stdlib: package "gonum/mat" is not available in this kernel, did you mean "gonum.org/v1/gonum/mat"?
}

func ExamplePreloaded() {
	path, _ := stdlib.Preloaded("rand")
	fmt.Println(path)
	// Output: math/rand/v2
}

func ExampleDoc() {
	decl, doc, _ := stdlib.Doc("math", "Hypot")
	fmt.Println(decl)
	fmt.Println(doc)
	// Output:
	// func Hypot(p, q float64) float64
	// Hypot returns [Sqrt](p*p + q*q), taking care to avoid
	// unnecessary overflow and underflow.
	//
	// Special cases are:
	//
	//	Hypot(±Inf, q) = +Inf
	//	Hypot(p, ±Inf) = +Inf
	//	Hypot(NaN, q) = NaN
	//	Hypot(p, NaN) = NaN
}
