package check

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every exported type of the library has an example whose output is checked, and every example has an output.
func TestEveryTypeHasAnExample(t *testing.T) {
	for _, name := range []string{"sim", "torch", "numpy", "train", "theory", "figure"} {
		dir := filepath.Join("..", "..", name)
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		types, examples := map[string]bool{}, map[string]bool{}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") {
				continue
			}
			file, err := parser.ParseFile(fset, filepath.Join(dir, f.Name()), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f.Name(), "_test.go") {
				for _, e := range doc.Examples(file) {
					if e.Output == "" && !e.EmptyOutput {
						t.Errorf("%s: Example%s has no output to check", name, e.Name)
					}
					of, _, _ := strings.Cut(e.Name, "_")
					examples[of] = true
				}
				continue
			}
			for _, d := range file.Decls {
				if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, s := range d.Specs {
						if n := s.(*ast.TypeSpec).Name; n.IsExported() {
							types[n.Name] = true
						}
					}
				}
			}
		}
		if len(types) == 0 {
			t.Errorf("%s has no exported types", name)
		}
		for n := range types {
			if !examples[n] {
				t.Errorf("%s: type %s has no example", name, n)
			}
		}
	}
}
