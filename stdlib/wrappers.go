package stdlib

import (
	"reflect"
	"sync"

	"swingby/stdlib/internal/symbols"
)

// wrapperTable lists for each interface's wrapper the larger ones.
var wrapperTable = sync.OnceValue(func() map[reflect.Type][]reflect.Type {
	m := map[reflect.Type][]reflect.Type{}
	symbols.Composed(func(wrapper reflect.Value, larger []reflect.Type) {
		m[wrapper.Type().Elem()] = larger
	})
	return m
})

// Wrappers returns the struct types that give an interpreted value the methods of a
// compiled interface, those with more methods than it asks for first. The first field,
// IValue, holds the value; each of the others is named W and a method, and holds that
// method as a function, of its type or, where the type is any, of any. It is empty for
// interfaces no package exports.
func Wrappers(iface reflect.Type) []reflect.Type {
	var list []reflect.Type
	add := func(types ...reflect.Type) {
		for _, t := range types {
			if t.Implements(iface) {
				list = append(list, t)
			}
		}
	}
	switch {
	case iface == reflect.TypeFor[error]():
		add(symbols.Errors()...)
	case iface.PkgPath() == "":
		_, larger := symbols.Unnamed()
		add(larger...)
	case iface.PkgPath() == "fmt" && iface.Name() == "Stringer":
		add(symbols.Stringers()...)
	case iface.PkgPath() == "fmt" && iface.Name() == "GoStringer":
		add(symbols.GoStringers()...)
	}
	if syms, ok := Symbols(iface.PkgPath()); ok {
		if w := syms["_"+iface.Name()]; w.Kind() == reflect.Pointer {
			add(wrapperTable()[w.Type().Elem()]...)
			add(w.Type().Elem())
		}
	}
	return list
}
