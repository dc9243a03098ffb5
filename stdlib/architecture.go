package stdlib

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"

	"swingby/stdlib/internal/symbols"
)

// perArchitecture names the packages whose exported constants depend on the
// processor, not only on the operating system. The embedded type information is
// that of amd64.
var perArchitecture = map[string]bool{"syscall": true}

// adapt returns a package that has of p what the symbol table has, with the table's
// values of constants, which the compiler took from this architecture. The
// objects that are not constants are shared with p, so that types stay identical.
func adapt(p *types.Package) *types.Package {
	_, syms, ok := symbols.Lookup(p.Path())
	if !ok {
		return p
	}
	here := types.NewPackage(p.Path(), p.Name())
	here.SetImports(p.Imports())
	scope := p.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		sym, ok := syms[name]
		if !ok && obj.Exported() {
			continue
		}
		if c, ok := obj.(*types.Const); ok && sym.IsValid() {
			if v := constantOf(sym); v != nil {
				obj = types.NewConst(token.NoPos, p, name, c.Type(), v)
			}
		}
		here.Scope().Insert(obj)
	}
	here.MarkComplete()
	return here
}

// constantOf returns the value of a constant in a symbol table, or nil.
func constantOf(v reflect.Value) constant.Value {
	if c, ok := v.Interface().(constant.Value); ok {
		return c
	}
	switch {
	case v.CanInt():
		return constant.MakeInt64(v.Int())
	case v.CanUint():
		return constant.MakeUint64(v.Uint())
	case v.Kind() == reflect.String:
		return constant.MakeString(v.String())
	}
	return nil
}
