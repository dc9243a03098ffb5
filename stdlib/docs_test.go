package stdlib

import (
	"go/types"
	"strings"
	"testing"
)

// TestDocComplete checks that every exported object has a declaration on record, and
// most have a text.
func TestDocComplete(t *testing.T) {
	imp := NewImporter(nil)
	objects, silent := 0, 0
	for _, p := range Packages() {
		pkg, err := imp.Import(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := Doc(p.Path, ""); !ok {
			t.Errorf("%s has no documentation", p.Path)
		}
		if p.Path == "syscall" {
			continue // documented for one architecture
		}
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if !obj.Exported() {
				continue
			}
			objects++
			decl, doc, ok := Doc(p.Path, name)
			if !ok || !strings.Contains(decl, name) {
				t.Errorf("%s.%s: declaration %q", p.Path, name, decl)
			}
			if doc == "" {
				silent++
			}
			named, ok := obj.Type().(*types.Named)
			if _, isType := obj.(*types.TypeName); !ok || !isType {
				continue
			}
			for i := range named.NumMethods() {
				m := named.Method(i)
				if !m.Exported() || named.Obj() != obj {
					continue
				}
				if decl, _, ok := Doc(p.Path, name+"."+m.Name()); !ok || !strings.Contains(decl, m.Name()+"(") {
					t.Errorf("%s.%s.%s: declaration %q", p.Path, name, m.Name(), decl)
				}
			}
		}
	}
	t.Logf("%d objects, %d without text", objects, silent)
	if silent*4 > objects {
		t.Errorf("%d of %d objects have no text", silent, objects)
	}
}

func TestDoc(t *testing.T) {
	for _, c := range []struct{ path, name, decl, doc string }{
		{"fmt", "", "package fmt", "Package fmt implements formatted I/O"},
		{"fmt", "Println", "func Println(a ...any) (n int, err error)", "Println formats using the default formats"},
		{"strings", "Builder.WriteString", "func (b *Builder) WriteString(s string) (int, error)", "WriteString appends"},
		{"net/http", "Client.Timeout", "Timeout time.Duration", "Timeout specifies a time limit"},
		{"fmt", "Stringer.String", "String() string", ""},
		{"net/http", "StatusTeapot", "const StatusTeapot = 418", "RFC 9110"},
		{"time", "Tuesday", "const Tuesday Weekday = 2", ""},
		{"io", "EOF", `var EOF = errors.New("EOF")`, "EOF is the error"},
		{"slices", "SortFunc", "func SortFunc[S ~[]E, E any](x S, cmp func(a, b E) int)", "SortFunc sorts"},
		{"gonum.org/v1/gonum/mat", "Dense.Mul", "func (m *Dense) Mul(a, b Matrix)", "Mul takes the matrix product"},
		{"builtin", "append", "func append(slice []Type, elems ...Type) []Type", "The append built-in"},
		{"unsafe", "Sizeof", "func Sizeof(x ArbitraryType) uintptr", "Sizeof takes"},
	} {
		decl, doc, ok := Doc(c.path, c.name)
		if !ok || decl != c.decl || !strings.HasPrefix(doc, c.doc) {
			t.Errorf("%s.%s: %v, %q, %.60q; want %q, %q", c.path, c.name, ok, decl, doc, c.decl, c.doc)
		}
	}
	for _, c := range [][2]string{{"fmt", "println"}, {"fmt", "Nosuch"}, {"nosuch", ""}, {"", ""}} {
		if _, _, ok := Doc(c[0], c[1]); ok {
			t.Errorf("%s.%s is documented", c[0], c[1])
		}
	}
}

func BenchmarkDoc(b *testing.B) {
	for b.Loop() {
		readDocs("net/http")
	}
}
