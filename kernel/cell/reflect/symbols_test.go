package reflect

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"swingby/stdlib"
)

// TestSymbols checks that cells get a name of their own for everything in
// package reflect that deals with its types and values.
func TestSymbols(t *testing.T) {
	own := NewSpace(nil).Symbols()
	compiled, _ := stdlib.Symbols("reflect")
	shadowed := func(t reflect.Type) bool {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		return t.PkgPath() == "reflect" && own[t.Name()].IsValid()
	}
	for name, v := range compiled {
		if v.Kind() != reflect.Func {
			continue
		}
		f := v.Type()
		mine := own[name]
		for _, p := range append(slices.Collect(f.Ins()), slices.Collect(f.Outs())...) {
			if (shadowed(p) || p == reflect.TypeFor[any]()) && !mine.IsValid() {
				t.Errorf("reflect.%s is missing", name)
			}
		}
		if mine.IsValid() {
			if got, want := strings.ReplaceAll(mine.Type().String(), "interface {}", "any"), strings.ReplaceAll(f.String(), "interface {}", "any"); got != want {
				t.Errorf("reflect.%s: %s, want %s", name, got, want)
			}
		}
	}
	for name, v := range own {
		c := compiled[name]
		if !c.IsValid() {
			t.Errorf("reflect.%s does not exist", name)
			continue
		}
		if v.Kind() == reflect.Func {
			continue
		}
		sameMembers(t, c.Type().Elem(), v.Type().Elem())
		sameMembers(t, c.Type(), v.Type())
	}
}

// sameMembers checks that a type has the fields and methods of another.
func sameMembers(t *testing.T, want, got reflect.Type) {
	if got.Kind() == reflect.Struct {
		for f := range want.Fields() {
			g, ok := got.FieldByName(f.Name)
			if f.IsExported() && (!ok || g.Type.String() != f.Type.String()) {
				t.Errorf("%s.%s: %v, want %s", want, f.Name, g.Type, f.Type)
			}
		}
	}
	for m := range want.Methods() {
		if !m.IsExported() {
			continue
		}
		g, ok := got.MethodByName(m.Name)
		if !ok || strings.ReplaceAll(g.Type.String(), Path+".", "reflect.") != m.Type.String() {
			t.Errorf("%s.%s: %v, want %s", want, m.Name, g.Type, m.Type)
		}
	}
}
