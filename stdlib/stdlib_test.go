package stdlib

import (
	"go/constant"
	"go/types"
	"maps"
	"math/big"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTablesMatchTypes compares, for every package, the symbol table with the type
// information: each non-generic exported object must be in both, as the same kind of thing.
func TestTablesMatchTypes(t *testing.T) {
	imp := NewImporter(nil)
	packages := Packages()
	if len(packages) < 200 {
		t.Fatalf("only %d packages", len(packages))
	}
	for _, p := range packages {
		pkg, err := imp.Import(p.Path)
		if err != nil {
			t.Error(err)
			continue
		}
		if pkg.Name() != p.Name {
			t.Errorf("%s: name is %s in the list, %s in the type information", p.Path, p.Name, pkg.Name())
		}
		syms, ok := Symbols(p.Path)
		if !ok {
			t.Errorf("%s: no symbols", p.Path)
			continue
		}
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if !obj.Exported() {
				continue
			}
			v, ok := syms[name]
			delete(syms, name)
			if want := tabulated(obj); ok != want {
				t.Errorf("%s.%s: in the table: %v, want %v", p.Path, name, ok, want)
				continue
			} else if !ok {
				continue
			}
			if err := sameThing(obj, v); err != "" {
				t.Errorf("%s.%s: %s", p.Path, name, err)
			}
			if _, ok := obj.(*types.TypeName); ok && types.IsInterface(obj.Type()) {
				w := syms["_"+name]
				delete(syms, "_"+name)
				if err := wraps(v, w); err != "" {
					t.Errorf("%s.%s: %s", p.Path, name, err)
				}
			}
		}
		for name := range syms {
			t.Errorf("%s.%s is in the table, but not in the type information", p.Path, name)
		}
	}
}

// tabulated says whether an object can be in a table of reflect.Values.
func tabulated(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Signature().TypeParams().Len() == 0
	case *types.TypeName:
		switch typ := obj.Type().(type) {
		case *types.Alias:
			if typ.TypeParams().Len() > 0 {
				return false
			}
		case *types.Named:
			if typ.TypeParams().Len() > 0 {
				return false
			}
		}
		iface, ok := obj.Type().Underlying().(*types.Interface)
		return !ok || iface.IsMethodSet()
	}
	return true
}

// sameThing says what is wrong with a table entry, or "".
func sameThing(obj types.Object, v reflect.Value) string {
	switch obj := obj.(type) {
	case *types.Func:
		if v.Kind() != reflect.Func {
			return "not a function"
		}
		sig := obj.Signature()
		if n := v.Type().NumIn(); n != sig.Params().Len() {
			return "wrong number of parameters"
		}
		if n := v.Type().NumOut(); n != sig.Results().Len() {
			return "wrong number of results"
		}
	case *types.Var:
		if !v.CanSet() {
			return "not a variable"
		}
	case *types.TypeName:
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			return "not a type"
		}
		if v.Type().Elem().Kind() == reflect.Interface != types.IsInterface(obj.Type()) {
			return "interface in one of them only"
		}
	case *types.Const:
		basic, ok := obj.Type().(*types.Basic)
		untyped := ok && basic.Info()&types.IsUntyped != 0 &&
			basic.Info()&(types.IsInteger|types.IsFloat|types.IsString) != 0
		c, isConstant := v.Interface().(constant.Value)
		if isConstant != untyped {
			return "typed in one of them only"
		}
		if untyped && spellConst(c) != spellConst(obj.Val()) {
			return "is " + spellConst(c) + ", want " + spellConst(obj.Val())
		}
	}
	return ""
}

// spellConst spells a constant to the precision of export data, which has 512 bits of
// a float: 154 decimal digits. Integers and strings are exact.
func spellConst(v constant.Value) string {
	f := new(big.Float).SetPrec(512)
	switch x := constant.Val(v).(type) {
	case *big.Rat:
		f.SetRat(x)
	case *big.Float:
		f.Set(x)
	default:
		return v.ExactString()
	}
	return f.Text('g', 153)
}

// wraps says what is wrong with the wrapper of an interface, or "". A wrapper is a
// struct of IValue and one function for each method, and implements the interface
// unless that has unexported methods.
func wraps(iface, w reflect.Value) string {
	if !w.IsValid() {
		return "no wrapper"
	}
	it, wt := iface.Type().Elem(), w.Type().Elem()
	if wt.Kind() != reflect.Struct || wt.NumField() == 0 || wt.Field(0).Name != "IValue" {
		return "wrapper is no struct that starts with IValue"
	}
	exported := 0
	for i := range it.NumMethod() {
		if it.Method(i).PkgPath == "" {
			exported++
		}
	}
	if wt.NumField() != 1+exported {
		return "wrapper has not one field for each method"
	}
	for i := 1; i < wt.NumField(); i++ {
		if name := wt.Field(i).Name; !strings.HasPrefix(name, "W") {
			return "wrapper field " + name
		}
	}
	if exported == it.NumMethod() && !wt.Implements(it) {
		return "wrapper does not implement it"
	}
	return ""
}

func TestUnknownPackage(t *testing.T) {
	for path, want := range map[string]string{
		"gonum/mat":          `stdlib: package "gonum/mat" is not available in this kernel, did you mean "gonum.org/v1/gonum/mat"?`,
		"math/randd":         `stdlib: package "math/randd" is not available in this kernel, did you mean "math/rand"?`,
		"github.com/foo/bar": `stdlib: package "github.com/foo/bar" is not available in this kernel`,
		"fmt/internal/x":     `stdlib: package "fmt/internal/x" is not available in this kernel`,
		"":                   `stdlib: package "" is not available in this kernel`,
	} {
		_, err := NewImporter(nil).Import(path)
		if err == nil || err.Error() != want {
			t.Errorf("import %q: got %v, want %s", path, err, want)
		}
		if _, ok := Symbols(path); ok {
			t.Errorf("Symbols(%q) is there", path)
		}
	}
}

func TestPreloaded(t *testing.T) {
	shared := map[string][]string{}
	for _, p := range Packages() {
		shared[p.Name] = append(shared[p.Name], p.Path)
		if path, ok := Preloaded(p.Name); p.Preloaded != (ok && path == p.Path) {
			t.Errorf("%s: Preloaded is %v, and %s means %q", p.Path, p.Preloaded, p.Name, path)
		}
	}
	for name, paths := range shared {
		path, ok := Preloaded(name)
		choice, chosen := choices[name]
		own := strings.HasPrefix(path, "swingby/")
		switch {
		case len(paths) == 1 && path != paths[0]:
			t.Errorf("%s means %q, want %q", name, path, paths[0])
		case len(paths) > 1 && !chosen && !own:
			t.Errorf("%s could be any of %q: decide in choices, and say so in the package comment", name, paths)
		case chosen && !own && path != choice:
			t.Errorf("%s means %q, want %q", name, path, choice)
		case ok && !slices.Contains(paths, path):
			t.Errorf("%s means %q, which has another name", name, path)
		}
	}
	for name := range choices {
		if len(shared[name]) < 2 {
			t.Errorf("%s needs no choice", name)
		}
	}
	for _, name := range []string{"", "gonum", "nosuch"} {
		if got, ok := Preloaded(name); ok {
			t.Errorf("%q means %q, want nothing", name, got)
		}
	}
}

// TestPreloadedRanks checks the rules on a made-up list.
func TestPreloadedRanks(t *testing.T) {
	bare := preload([]Package{
		{Path: "math/rand", Name: "rand"},
		{Path: "math/rand/v2", Name: "rand"},
		{Path: "a/x", Name: "x"},
		{Path: "swingby/simlib/x", Name: "x"},
		{Path: "b/x", Name: "x"},
		{Path: "a/y", Name: "y"},
		{Path: "b/y", Name: "y"},
		{Path: "swingby/simlib/path", Name: "path"},
		{Path: "path", Name: "path"},
		{Path: "errors", Name: "errors"},
		{Path: "github.com/pkg/errors", Name: "errors"},
		{Path: "github.com/google/uuid", Name: "uuid"},
	})
	want := map[string]string{"rand": "math/rand/v2", "x": "swingby/simlib/x", "path": "swingby/simlib/path", "errors": "errors"}
	if !maps.Equal(bare, want) {
		t.Errorf("got %v, want %v", bare, want)
	}
}

// TestDocumentedChoices checks the table in the package comment against choices.
func TestDocumentedChoices(t *testing.T) {
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range choices {
		if row := regexp.MustCompile(`(?m)^//\t` + name + ` +` + regexp.QuoteMeta(path) + ` `); path != "" && !row.Match(src) {
			t.Errorf("the package comment does not say that %s means %s", name, path)
		}
	}
}
