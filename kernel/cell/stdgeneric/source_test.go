package stdgeneric

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swingby/stdlib"
)

// standard lists the exported generic functions and types of the toolchain's
// standard library as "path.Name", from its syntax.
func standard(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{range .GoFiles}}{{.}} {{end}}", "std").Output()
	if err != nil {
		t.Fatalf("go list std: %v", err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		path := f[0]
		if len(f) < 3 || path == "internal" || strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "vendor/") ||
			strings.Contains(path, "/internal/") || strings.HasSuffix(path, "/internal") {
			continue
		}
		for _, name := range strings.Fields(f[2]) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(f[1], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range exportedGenerics(file) {
				found = append(found, path+"."+name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// exportedGenerics lists what a file declares: functions, types, methods with
// type parameters of their own, and constraints, which are of no use elsewhere.
func exportedGenerics(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Type.TypeParams != nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				ts, ok := s.(*ast.TypeSpec)
				if !ok || !ts.Name.IsExported() {
					continue
				}
				if ts.TypeParams != nil || isConstraint(ts.Type) {
					names = append(names, ts.Name.Name)
				}
			}
		}
	}
	return names
}

func isConstraint(e ast.Expr) bool {
	it, ok := e.(*ast.InterfaceType)
	if !ok {
		return false
	}
	for _, f := range it.Methods.List {
		switch f.Type.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			return true
		}
	}
	return false
}

// check type-checks the source of one package under its own path, with the
// types a cell sees.
func check(t *testing.T, path string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	files, ok := Source(path)
	if !ok {
		t.Fatalf("no source for %s", path)
	}
	var list []*ast.File
	for name, text := range files {
		f, err := parser.ParseFile(fset, path+"/"+name, text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(text, "//go:build swingbycell\n\n") {
			t.Errorf("%s/%s: the build constraint is missing: the file would be compiled", path, name)
		}
		for _, imp := range f.Imports {
			if imp.Name != nil || imp.Path.Value == `"unsafe"` {
				t.Errorf("%s/%s: import %s: want one without a name, and not unsafe", path, name, imp.Path.Value)
			}
		}
		list = append(list, f)
	}
	conf := types.Config{Importer: stdlib.NewImporter(fset), GoVersion: "go1.26"}
	pkg, err := conf.Check(path, fset, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

func TestEveryGenericIsCoveredOrMissing(t *testing.T) {
	var have []string
	for _, path := range Packages() {
		scope := check(t, path).Scope()
		for _, name := range scope.Names() {
			if token.IsExported(name) {
				have = append(have, path+"."+name)
			}
		}
	}
	slices.Sort(have)
	std := standard(t)
	if len(std) < 70 {
		t.Fatalf("only %d generics found in the standard library", len(std))
	}
	for _, name := range std {
		_, covered := slices.BinarySearch(have, name)
		_, left := missing[name]
		switch {
		case !covered && !left:
			t.Errorf("%s has no source: write it, or say in missing why not", name)
		case covered && left:
			t.Errorf("%s has source, and is said to have none", name)
		}
	}
	for _, name := range have {
		if _, ok := slices.BinarySearch(std, name); !ok {
			t.Errorf("%s is not in the standard library", name)
		}
	}
	for name := range missing {
		if _, ok := slices.BinarySearch(std, name); !ok {
			t.Errorf("%s, said to be missing, is not in the standard library", name)
		}
	}
}

func TestSignatures(t *testing.T) {
	imp := stdlib.NewImporter(token.NewFileSet())
	for _, path := range Packages() {
		ours := check(t, path)
		std, err := imp.Import(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if ours.Name() != std.Name() {
			t.Errorf("package %s is called %s, want %s", path, ours.Name(), std.Name())
		}
		for _, name := range ours.Scope().Names() {
			if !token.IsExported(name) {
				continue
			}
			a, b := ours.Scope().Lookup(name), std.Scope().Lookup(name)
			if b == nil {
				t.Errorf("%s.%s is not in the standard library", path, name)
				continue
			}
			if got, want := spell(a), spell(b); got != want {
				t.Errorf("%s.%s is\n\t%s, want\n\t%s", path, name, got, want)
			}
		}
	}
}

// spell writes what of an object's type its users depend on, so that equal
// texts mean equal types although the packages are different ones. Type
// parameters are numbered.
func spell(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Func:
		return "func" + (&speller{}).params(obj.Signature().TypeParams()).spellFunc(obj.Signature())
	case *types.TypeName:
		named := obj.Type().(*types.Named)
		s := (&speller{}).params(named.TypeParams())
		text := "type " + s.text + " "
		st, isStruct := named.Underlying().(*types.Struct)
		if !isStruct {
			text += s.typ(named.Underlying())
		} else {
			text += "struct{"
			for f := range st.Fields() {
				if f.Exported() {
					text += f.Name() + " " + s.typ(f.Type()) + "; "
				}
			}
			text += fmt.Sprint("} comparable:", types.Comparable(named))
		}
		set := types.NewMethodSet(types.NewPointer(named))
		values := types.NewMethodSet(named)
		for m := range set.Methods() {
			if m.Obj().Exported() {
				pointer := values.Lookup(m.Obj().Pkg(), m.Obj().Name()) == nil
				fn := m.Obj().(*types.Func).Signature()
				inner := (&speller{}).number(fn.RecvTypeParams())
				text += fmt.Sprintf("\n\t%s pointer:%t %s", m.Obj().Name(), pointer, inner.spellFunc(fn))
			}
		}
		return text
	}
	return fmt.Sprintf("%T", obj)
}

type speller struct {
	text    string
	numbers []*types.TypeParam
}

func (s *speller) number(list *types.TypeParamList) *speller {
	for p := range list.TypeParams() {
		s.numbers = append(s.numbers, p)
	}
	return s
}

func (s *speller) params(list *types.TypeParamList) *speller {
	s.number(list)
	for p := range list.TypeParams() {
		s.text += "[" + s.typ(p.Constraint().Underlying()) + "]"
	}
	return s
}

func (s *speller) spellFunc(sig *types.Signature) string {
	return s.text + s.tuple(sig.Params(), sig.Variadic()) + s.tuple(sig.Results(), false)
}

func (s *speller) tuple(list *types.Tuple, variadic bool) string {
	text := "("
	for v := range list.Variables() {
		text += s.typ(v.Type()) + ","
	}
	if variadic {
		text += "..."
	}
	return text + ")"
}

func (s *speller) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return fmt.Sprintf("$%d", slices.Index(s.numbers, t))
	case *types.Named:
		text := t.Obj().Name()
		if t.Obj().Pkg() != nil {
			text = t.Obj().Pkg().Path() + "." + text
		}
		for arg := range t.TypeArgs().Types() {
			text += "[" + s.typ(arg) + "]"
		}
		return text
	case *types.Pointer:
		return "*" + s.typ(t.Elem())
	case *types.Slice:
		return "[]" + s.typ(t.Elem())
	case *types.Map:
		return "map[" + s.typ(t.Key()) + "]" + s.typ(t.Elem())
	case *types.Signature:
		return "func" + s.tuple(t.Params(), t.Variadic()) + s.tuple(t.Results(), false)
	case *types.Union:
		text := ""
		for term := range t.Terms() {
			if term.Tilde() {
				text += "~"
			}
			text += s.typ(term.Type()) + "|"
		}
		return text
	case *types.Interface:
		text := "interface{"
		if t.IsComparable() {
			text += "comparable;"
		}
		for e := range t.EmbeddedTypes() {
			if n, ok := e.(*types.Named); ok && n.Obj().Pkg() == nil {
				continue // comparable itself
			}
			text += s.typ(e) + ";"
		}
		for m := range t.Methods() {
			text += m.Name() + s.typ(m.Signature()) + ";"
		}
		return text + "}"
	}
	return t.String()
}

func TestSourceIsACopy(t *testing.T) {
	files, ok := Source("cmp")
	if !ok || len(files) == 0 {
		t.Fatal("no source for cmp")
	}
	clear(files)
	if files, _ := Source("cmp"); len(files) == 0 {
		t.Error("a change of the map Source returned changed the source")
	}
	if files, ok := Source("strings"); ok || files != nil {
		t.Errorf("Source(strings) = %d files, %t; want none", len(files), ok)
	}
}
