package stdlib

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"reflect"
	"slices"

	"github.com/traefik/yaegi/interp"

	"swingby/stdlib/internal/symbols"
)

// MapTypes returns what yaegi's Use takes under the name "MapTypes" of package ".". It
// has two kinds of entries:
//
//   - A function that takes arguments of any type, with the interfaces it will look for
//     in them. Without it fmt.Println would not see the String method of an interpreted type.
//   - An interface wrapper, with wrappers for that interface and more, the largest first.
//     Without them a plot.Plotter of a cell would have no DataRange.
//
// Prepare applies it.
func MapTypes() map[reflect.Value][]reflect.Type {
	m := map[reflect.Value][]reflect.Type{}

	formatted := typesOf((*fmt.Formatter)(nil), (*error)(nil), (*fmt.Stringer)(nil), (*fmt.GoStringer)(nil))
	for _, f := range []any{
		fmt.Append, fmt.Appendf, fmt.Appendln, fmt.Errorf,
		fmt.Fprint, fmt.Fprintf, fmt.Fprintln,
		fmt.Print, fmt.Printf, fmt.Println,
		fmt.Sprint, fmt.Sprintf, fmt.Sprintln,
		log.Panic, log.Panicf, log.Panicln,
		log.Print, log.Printf, log.Println,
	} {
		m[reflect.ValueOf(f)] = formatted
	}
	for _, name := range []string{"Fatal", "Fatalf", "Fatalln"} {
		if syms, ok := Symbols("log"); ok {
			m[syms[name]] = formatted
		}
	}
	logged := append(typesOf((*slog.LogValuer)(nil)), formatted...)
	for _, f := range []any{slog.Debug, slog.Info, slog.Warn, slog.Error, slog.With, slog.Any, slog.AnyValue, slog.Group} {
		m[reflect.ValueOf(f)] = logged
	}
	scanned := typesOf((*fmt.Scanner)(nil))
	for _, f := range []any{
		fmt.Fscan, fmt.Fscanf, fmt.Fscanln,
		fmt.Scan, fmt.Scanf, fmt.Scanln,
		fmt.Sscan, fmt.Sscanf, fmt.Sscanln,
	} {
		m[reflect.ValueOf(f)] = scanned
	}
	for _, f := range []any{json.Marshal, json.MarshalIndent} {
		m[reflect.ValueOf(f)] = typesOf((*json.Marshaler)(nil), (*encoding.TextMarshaler)(nil))
	}
	m[reflect.ValueOf(json.Unmarshal)] = typesOf((*json.Unmarshaler)(nil), (*encoding.TextUnmarshaler)(nil))
	for _, f := range []any{xml.Marshal, xml.MarshalIndent} {
		m[reflect.ValueOf(f)] = typesOf((*xml.Marshaler)(nil), (*encoding.TextMarshaler)(nil))
	}
	m[reflect.ValueOf(xml.Unmarshal)] = typesOf((*xml.Unmarshaler)(nil), (*encoding.TextUnmarshaler)(nil))
	for _, f := range showing() {
		m[f] = append(shown(), formatted...)
	}
	symbols.Composed(func(wrapper reflect.Value, larger []reflect.Type) { m[wrapper] = larger })
	wrapper, larger := symbols.Unnamed()
	m[wrapper] = larger
	m[errorWrapper()] = symbols.Errors()
	if syms, ok := Symbols("fmt"); ok {
		m[syms["_Stringer"]] = symbols.Stringers()
		m[syms["_GoStringer"]] = symbols.GoStringers()
	}
	return m
}

const displayPath = "swingby/kernel/display"

// showing lists the functions of package display that take values of any type.
func showing() []reflect.Value {
	var list []reflect.Value
	syms, _ := Symbols(displayPath)
	for _, f := range syms {
		if f.Kind() != reflect.Func {
			continue
		}
		for i := range f.Type().NumIn() {
			t := f.Type().In(i)
			if f.Type().IsVariadic() && i == f.Type().NumIn()-1 {
				t = t.Elem()
			}
			if t == reflect.TypeFor[any]() {
				list = append(list, f)
				break
			}
		}
	}
	return list
}

// shown lists the interfaces of package display: the formats from rich to plain, then
// the others by name. yaegi takes the first that a value has.
func shown() []reflect.Type {
	syms, _ := Symbols(displayPath)
	names := []string{"MIMEBundler", "HTMLer", "SVGer", "PNGer", "JPEGer", "Markdowner", "LaTeXer", "JSONer", "Drawer"}
	for _, name := range slices.Sorted(maps.Keys(syms)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var list []reflect.Type
	for _, name := range names {
		v, ok := syms[name]
		if !ok || name[0] == '_' || v.Kind() != reflect.Pointer {
			continue
		}
		if t := v.Type().Elem(); t.Kind() == reflect.Interface && t.NumMethod() > 0 {
			list = append(list, t)
		}
	}
	return list
}

// typesOf turns nil pointers into the types they point to.
func typesOf(ptrs ...any) []reflect.Type {
	list := make([]reflect.Type, len(ptrs))
	for i, p := range ptrs {
		list[i] = reflect.TypeOf(p).Elem()
	}
	return list
}

// errorWrapper is yaegi's own wrapper of the interface error, the key of its combinations.
func errorWrapper() reflect.Value {
	return interp.New(interp.Options{}).Symbols("")[""]["_error"]
}
