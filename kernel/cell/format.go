package cell

import (
	"cmp"
	"errors"
	"fmt"
	"go/types"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	cellreflect "swingby/kernel/cell/reflect"
)

// Package fmt sees a cell's values as reflection does: structs without a name,
// whose fields have other names, and no methods. So what goes to it from a cell
// goes as a textValue, which writes the value as fmt writes that of a compiled type.

// textValue writes a value from an interface.
type textValue struct {
	s     *Session
	value any
}

// errorValue is a textValue of an error.
type errorValue struct {
	textValue
	error
}

func (p errorValue) Unwrap() error { return errors.Unwrap(p.error) }

// typeVerb stands for %T, which fmt answers without asking the value.
const typeVerb = '\uE000'

// shown is x as an argument of fmt.
func (s *Session) shown(x any) any {
	x = insideOf(x)
	t := reflect.TypeOf(x)
	if _, ok := x.(cellreflect.Value); ok {
		return textValue{s, x}
	}
	if t == nil || !s.mayHoldOwn(t) && !holdsWrapped(reflect.ValueOf(x)) {
		return x
	}
	p := textValue{s, x}
	if err, ok := s.wrap(x, (*error)(nil)).(error); ok {
		return errorValue{p, err}
	}
	return p
}

// shownAll is x... as arguments of fmt.
func (s *Session) shownAll(list []any) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = s.shown(x)
	}
	return out
}

// mayHoldOwn reports whether a value of type t is or may contain a cell's.
func (s *Session) mayHoldOwn(t reflect.Type) bool {
	if s.values.typeOf(t) != nil {
		return true
	}
	if t.PkgPath() != "" {
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return t.Elem().Kind() == reflect.Interface || s.mayHoldOwn(t.Elem())
	case reflect.Map:
		return t.Elem().Kind() == reflect.Interface || t.Key().Kind() == reflect.Interface || s.mayHoldOwn(t.Elem()) || s.mayHoldOwn(t.Key())
	case reflect.Struct:
		return true
	}
	return false
}

// verbs gives a format whose arguments are printers the verb they know for %T.
func verbs(format string) string {
	if !strings.Contains(format, "T") {
		return format
	}
	var b strings.Builder
	in := false
	for _, r := range format {
		switch {
		case r == '%':
			in = !in
		case in && r == 'T':
			r, in = typeVerb, false
		case in && !strings.ContainsRune("+-# 0123456789.[]*", r):
			in = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// formatted is a format and its arguments as package fmt's functions get them.
func (s *Session) formatted(format string, args []any) (string, []any) {
	out := s.shownAll(args)
	changed := verbs(format)
	if changed == format {
		return format, out
	}
	for i, x := range out {
		switch x.(type) {
		case textValue, errorValue, int: // an int may be a width
		default:
			out[i] = textValue{s, x}
		}
	}
	if slices.ContainsFunc(out, func(x any) bool { _, ok := x.(int); return ok }) && !strings.Contains(format, "*") {
		for i, x := range out {
			if n, ok := x.(int); ok {
				out[i] = textValue{s, n}
			}
		}
	}
	return changed, out
}

// typed is a value without its box, and its type.
func (s *Session) typed(x any) (reflect.Value, types.Type) {
	v := reflect.ValueOf(insideOf(x))
	if !v.IsValid() {
		return v, nil
	}
	typ, _ := s.values.goType(v.Type())
	return s.values.unbox(v), typ
}

// Format implements fmt.Formatter.
func (p textValue) Format(f fmt.State, verb rune) {
	if verb == typeVerb {
		text := "<nil>"
		if p.value != nil {
			text = p.s.values.shownType(reflect.TypeOf(p.value))
		}
		fmt.Fprintf(f, fmt.FormatString(f, 's'), text)
		return
	}
	w := &writer{s: p.s, f: f, verb: verb, sharp: f.Flag('#') && verb == 'v', plus: f.Flag('+') && verb == 'v'}
	if r, ok := p.value.(cellreflect.Value); ok { // fmt writes what it holds
		if v, typ, public := cellreflect.Open(r); v.IsValid() {
			w.value(v, typ, 0, public)
		} else {
			w.leaf(v)
		}
		return
	}
	v, typ := p.s.typed(p.value)
	w.value(v, typ, 0, true)
}

// MarshalJSON lets a textValue be an attribute of a structured log.
func (p textValue) MarshalJSON() ([]byte, error) {
	return marshalJSON(p.s.outward(p.value, "encoding/json"))
}

// writer is package fmt's way through a value, with types from go/types.
type writer struct {
	s           *Session
	f           fmt.State
	verb        rune
	sharp, plus bool // %#v, %+v
}

func (w *writer) text(s string) { io.WriteString(w.f, s) }

// leaf lets fmt write a value that contains none of a cell's types.
func (w *writer) leaf(x any) { fmt.Fprintf(w.f, fmt.FormatString(w.f, w.verb), x) }

// value writes v of type typ, nil if only compiled code knows it. Methods are
// called unless the value was reached through an unexported field.
func (w *writer) value(v reflect.Value, typ types.Type, depth int, methods bool) {
	if !v.IsValid() {
		w.leaf(nil)
		return
	}
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			if w.sharp && typ != nil {
				w.text(w.s.values.typeString(typ) + "(nil)")
			} else {
				w.text("<nil>")
			}
			return
		}
		in, inTyp := w.s.typed(v.Elem().Interface())
		if depth > 0 && !methods && in.IsValid() {
			w.value(in, inTyp, depth+1, false)
			return
		}
		w.value(in, inTyp, depth+1, methods)
		return
	}
	named, _ := types.Unalias(typOr(typ)).(*types.Named)
	if typ == nil || named != nil && v.Type().PkgPath() != "" && !holdsWrapped(v) {
		if methods {
			w.leaf(v.Interface())
		} else {
			w.hidden(v, typ)
		}
		return
	}
	if methods && w.byMethod(v, typ) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.structure(v, typ, methods, depth)
	case reflect.Map:
		w.mapping(v, typ, methods, depth)
	case reflect.Slice, reflect.Array:
		w.list(v, typ, methods, depth)
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
				w.text("&")
				w.value(v.Elem(), typ.Underlying().(*types.Pointer).Elem(), depth+1, methods)
				return
			}
		}
		w.address(v, typ)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		w.address(v, typ)
	default:
		w.leaf(basic(v))
	}
}

// holdsWrapped reports whether v is a struct of a compiled package, open and
// without methods that write it, that holds a cell's value in a compiled interface.
func holdsWrapped(v reflect.Value) bool {
	if v.Kind() != reflect.Struct || v.Type().PkgPath() == "" {
		return false
	}
	for _, name := range []string{"Format", "Error", "String", "GoString"} {
		if _, has := v.Type().MethodByName(name); has {
			return false
		}
	}
	found := false
	for i := range v.NumField() {
		f := v.Field(i)
		if !v.Type().Field(i).IsExported() || !f.CanInterface() {
			return false
		}
		if f.Kind() == reflect.Interface && !f.IsNil() {
			_, in := inside(f.Elem())
			found = found || in
		}
	}
	return found
}

// hidden writes a compiled value that was reached through an unexported field:
// fmt calls no methods of such a one.
func (w *writer) hidden(v reflect.Value, typ types.Type) {
	if v.Kind() == reflect.Pointer {
		w.address(v, typOr(typ))
		return
	}
	w.leaf(reflect.ValueOf(struct{ v any }{v.Interface()}).Field(0).Elem())
}

func typOr(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}

// basic is a number, string or truth value without the name of its type.
func basic(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	}
	for _, k := range []any{int(0), int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0), float32(0), float64(0), complex64(0), complex128(0)} {
		if t := reflect.TypeOf(k); t.Kind() == v.Kind() {
			return v.Convert(t).Interface()
		}
	}
	return v.Interface()
}

// byMethod lets the value write itself, if it can and fmt would ask it to.
func (w *writer) byMethod(v reflect.Value, typ types.Type) (done bool) {
	call := func(name string) (f any) {
		m := w.s.methodOn(v, typ, name)
		if !m.IsValid() {
			return nil
		}
		return m.Interface()
	}
	defer func() {
		if r := recover(); r != nil {
			done = true
			if v.Kind() == reflect.Pointer && v.IsNil() {
				w.text("<nil>")
				return
			}
			fmt.Fprintf(w.f, "%%!%c(PANIC=%s method: %v)", w.verb, w.method(typ), insideOf(panicValue(r)))
		}
	}()
	if f, ok := call("Format").(func(fmt.State, rune)); ok {
		f(w.f, w.verb)
		return true
	}
	if w.sharp {
		if f, ok := call("GoString").(func() string); ok {
			w.text(f())
			return true
		}
		return false
	}
	switch w.verb {
	case 'v', 's', 'x', 'X', 'q':
		for _, name := range []string{"Error", "String"} {
			if f, ok := call(name).(func() string); ok {
				w.leaf(f())
				return true
			}
		}
	}
	return false
}

// method is the method of typ that fmt would have called.
func (w *writer) method(typ types.Type) string {
	for _, name := range []string{"Format", "GoString", "Error"} {
		if obj, _, _ := types.LookupFieldOrMethod(typ, true, w.s.pkg, name); obj != nil && (name != "GoString" || w.sharp) {
			return name
		}
	}
	return "String"
}

// methodOn is a method of a value of type typ that need not come from an interface.
func (s *Session) methodOn(v reflect.Value, typ types.Type, name string) reflect.Value {
	switch types.Unalias(typ).(type) {
	case *types.Named, *types.Pointer:
	default:
		return reflect.Value{}
	}
	s.mu.Lock()
	m := s.findMethod(typ, name)
	s.mu.Unlock()
	if m == nil {
		return reflect.Value{}
	}
	return m.bind(s, v)
}

func (w *writer) structure(v reflect.Value, typ types.Type, methods bool, depth int) {
	st, ok := typ.Underlying().(*types.Struct)
	if !ok {
		w.leaf(v.Interface())
		return
	}
	if w.sharp {
		w.text(w.s.values.typeString(typ))
	}
	w.text("{")
	for i := range st.NumFields() {
		if i > 0 {
			w.text(separator(w.sharp))
		}
		f := st.Field(i)
		if w.plus || w.sharp {
			w.text(f.Name() + ":")
		}
		w.value(v.Field(i), f.Type(), depth+1, methods && f.Exported())
	}
	w.text("}")
}

func separator(sharp bool) string {
	if sharp {
		return ", "
	}
	return " "
}

func (w *writer) list(v reflect.Value, typ types.Type, methods bool, depth int) {
	elem := typ.Underlying().(interface{ Elem() types.Type }).Elem()
	if v.Type().Elem().Kind() == reflect.Uint8 {
		switch w.verb {
		case 's', 'q', 'x', 'X':
			b := make([]byte, v.Len())
			for i := range b {
				b[i] = byte(v.Index(i).Uint())
			}
			w.leaf(b)
			return
		}
	}
	open, end := "[", "]"
	if w.sharp {
		w.text(w.s.values.typeString(typ))
		if v.Kind() == reflect.Slice && v.IsNil() {
			w.text("(nil)")
			return
		}
		open, end = "{", "}"
	}
	w.text(open)
	for i := range v.Len() {
		if i > 0 {
			w.text(separator(w.sharp))
		}
		w.value(v.Index(i), elem, depth+1, methods)
	}
	w.text(end)
}

func (w *writer) mapping(v reflect.Value, typ types.Type, methods bool, depth int) {
	m := typ.Underlying().(*types.Map)
	open, end := "map[", "]"
	if w.sharp {
		w.text(w.s.values.typeString(typ))
		if v.IsNil() {
			w.text("(nil)")
			return
		}
		open, end = "{", "}"
	}
	w.text(open)
	keys := v.MapKeys()
	slices.SortStableFunc(keys, compareKeys)
	for i, k := range keys {
		if i > 0 {
			w.text(separator(w.sharp))
		}
		w.value(k, m.Key(), depth+1, methods)
		w.text(":")
		w.value(v.MapIndex(k), m.Elem(), depth+1, methods)
	}
	w.text(end)
}

// compareKeys orders the keys of a map as fmt does.
func compareKeys(a, b reflect.Value) int {
	if a.Kind() != b.Kind() {
		return cmp.Compare(a.Kind(), b.Kind())
	}
	switch a.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cmp.Compare(a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return cmp.Compare(a.Uint(), b.Uint())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		return cmp.Or(cmp.Compare(real(a.Complex()), real(b.Complex())), cmp.Compare(imag(a.Complex()), imag(b.Complex())))
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Bool:
		return strings.Compare(strconv.FormatBool(a.Bool()), strconv.FormatBool(b.Bool()))
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compareKeys(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if c := compareKeys(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	case reflect.Interface:
		switch {
		case a.IsNil() || b.IsNil():
			return cmp.Compare(btoi(!a.IsNil()), btoi(!b.IsNil()))
		case a.Elem().Type() != b.Elem().Type():
			return cmp.Compare(a.Elem().Type().String(), b.Elem().Type().String())
		}
		return compareKeys(a.Elem(), b.Elem())
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// address writes a pointer, channel or function.
func (w *writer) address(v reflect.Value, typ types.Type) {
	p := v.Pointer()
	if !w.sharp {
		if w.verb == 'v' && p == 0 {
			fmt.Fprintf(w.f, fmt.FormatString(w.f, 's'), "<nil>")
			return
		}
		w.leaf(v.UnsafePointer())
		return
	}
	w.text("(" + w.s.values.typeString(typ) + ")(")
	if p == 0 {
		w.text("nil")
	} else {
		fmt.Fprintf(w.f, "%#x", p)
	}
	w.text(")")
}
