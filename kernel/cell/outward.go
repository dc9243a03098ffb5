package cell

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"go/types"
	"log/slog"
	"reflect"

	cellreflect "swingby/kernel/cell/reflect"
	"swingby/kernel/display"
)

// outward is x, a value from an interface, as compiled code of a package gets it
// that looks into values by reflection: without boxes, and with the methods that
// package asks for.
func (s *Session) outward(x any, pkg string) any {
	switch pkg {
	case "log/slog":
		if v := s.wrap(x, (*slog.LogValuer)(nil)); v != nil {
			return v
		}
		return s.shown(x)
	case displayPath:
		return s.object(x)
	case "encoding/json":
		return s.encodable(x, pkg)
	case "encoding/json" + decodes:
		return s.decodable(x, "encoding/json")
	case "encoding/xml" + decodes:
		return s.decodable(x, "encoding/xml")
	case "encoding/xml", "text/template", "html/template":
		return s.encodable(x, pkg)
	}
	v, _ := s.typed(x)
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// outwardAll is x... for such code.
func (s *Session) outwardAll(list []any, pkg string) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = s.outward(x, pkg)
	}
	return out
}

// shownMethods are the methods package display looks for.
var shownMethods = []string{"HTML", "Markdown", "LaTeX", "SVG", "PNG", "JPEG", "JSON", "MIMEBundle", "Draw", "String", "Error"}

// object is x for package display, with the name and methods of its type.
func (s *Session) object(x any) any {
	if r, ok := x.(cellreflect.Value); ok && r.IsValid() && r.CanInterface() {
		return s.object(r.Interface()) // shown as fmt shows it
	}
	v, typ := s.typed(x)
	if !v.IsValid() {
		return nil
	}
	if s.values.typeOf(reflect.TypeOf(insideOf(x))) == nil {
		return v.Interface()
	}
	o := display.Object{Value: v.Interface(), Type: types.TypeString(typ, func(p *types.Package) string { return p.Name() }), Methods: map[string]any{}}
	for _, name := range shownMethods {
		if m := s.methodOn(v, typ, name); m.IsValid() {
			o.Methods[name] = m.Interface()
		}
	}
	return o
}

// marshalers are the interfaces an encoder asks a value for.
var marshalers = map[string][]any{
	"encoding/json": {(*json.Marshaler)(nil), (*json.Unmarshaler)(nil), (*encoding.TextMarshaler)(nil), (*encoding.TextUnmarshaler)(nil)},
	"encoding/xml":  {(*xml.Marshaler)(nil), (*xml.Unmarshaler)(nil), (*encoding.TextMarshaler)(nil), (*encoding.TextUnmarshaler)(nil)},
}

// encodable is a value for an encoder, and a pointer for a decoder. A value that
// encodes itself, or contains one or a box, is replaced by one that does.
func (s *Session) encodable(x any, pkg string) any {
	x = insideOf(x)
	if x == nil {
		return nil
	}
	e := &encoder{s: s, pkg: pkg, types: map[reflect.Type]bool{}}
	if w := e.wrapped(x); w != nil {
		return w
	}
	v, typ := s.typed(x)
	if out, changed := e.replaced(v, typ, 0); changed {
		v = out
	}
	if pkg == "encoding/xml" && v.IsValid() {
		return namedXML(v.Interface(), typ)
	}
	return v.Interface()
}

// xmlElement is a struct that is written as an element with the name of its
// type, which reflection does not know.
type xmlElement struct {
	value any
	name  string
}

// MarshalXML implements xml.Marshaler.
func (x *xmlElement) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if start.Name.Local == reflect.TypeOf(*x).Name() {
		start.Name.Local = x.name
	}
	return e.EncodeElement(x.value, start)
}

// UnmarshalXML implements xml.Unmarshaler.
func (x *xmlElement) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return d.DecodeElement(x.value, &start)
}

// namedXML gives a struct of a cell's type its name, unless a field XMLName does.
func namedXML(x any, typ types.Type) any {
	t := reflect.TypeOf(x)
	if t != nil && t.Kind() == reflect.Slice && typ != nil {
		if s, ok := typ.Underlying().(*types.Slice); ok {
			v := reflect.ValueOf(x)
			list := make([]any, v.Len())
			for i := range list {
				list[i] = namedXML(v.Index(i).Interface(), s.Elem())
			}
			return list
		}
	}
	if t != nil && t.Kind() == reflect.Pointer && typ != nil {
		if p, ok := typ.Underlying().(*types.Pointer); ok {
			t, typ = t.Elem(), p.Elem()
		}
	}
	n, ok := types.Unalias(typOr(typ)).(*types.Named)
	if !ok || t == nil || t.Kind() != reflect.Struct || t.PkgPath() != "" {
		return x
	}
	if _, has := t.FieldByName("XMLName"); has {
		return x
	}
	return &xmlElement{x, n.Obj().Name()}
}

type encoder struct {
	s     *Session
	pkg   string
	types map[reflect.Type]bool
}

// wrapped gives a value the methods the encoder asks for; nil if it has none of them.
func (e *encoder) wrapped(x any) any {
	for _, p := range marshalers[e.pkg] {
		if w := e.s.wrap(x, p); w != nil && e.s.values.typeOf(reflect.TypeOf(x)) != nil {
			return w
		}
	}
	return nil
}

// maxEncoded bounds the depth to which values are looked into.
const maxEncoded = 64

// replaced is v with what is inside made encodable, and whether that changed anything.
func (e *encoder) replaced(v reflect.Value, typ types.Type, depth int) (reflect.Value, bool) {
	if depth > maxEncoded || !v.IsValid() {
		return v, false
	}
	if typ != nil && depth > 0 {
		if w := e.marshaler(v, typ); w.IsValid() {
			return w, true
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		x := insideOf(v.Elem().Interface())
		if w := e.wrapped(x); w != nil {
			return reflect.ValueOf(w), true
		}
		in, inTyp := e.s.typed(x)
		out, changed := e.replaced(in, inTyp, depth+1)
		return out, changed || e.s.values.isBox(reflect.TypeOf(x))
	case reflect.Slice, reflect.Array:
		var elem types.Type
		if typ != nil {
			elem = typ.Underlying().(interface{ Elem() types.Type }).Elem()
		}
		if !e.mayChange(v.Type().Elem(), elem) || v.Kind() == reflect.Slice && v.IsNil() {
			return v, false
		}
		out := make([]any, v.Len())
		changed := false
		for i := range out {
			x, c := e.replaced(v.Index(i), elem, depth+1)
			out[i] = x.Interface()
			changed = changed || c
		}
		return reflect.ValueOf(out), changed
	case reflect.Map:
		var elem types.Type
		if typ != nil {
			elem = typ.Underlying().(*types.Map).Elem()
		}
		if !e.mayChange(v.Type().Elem(), elem) || v.IsNil() {
			return v, false
		}
		out := reflect.MakeMapWithSize(reflect.MapOf(v.Type().Key(), reflect.TypeFor[any]()), v.Len())
		changed := false
		for it := v.MapRange(); it.Next(); {
			x, c := e.replaced(it.Value(), elem, depth+1)
			if !x.IsValid() {
				x = reflect.Zero(reflect.TypeFor[any]())
			}
			out.SetMapIndex(it.Key(), x)
			changed = changed || c
		}
		return out, changed
	case reflect.Struct:
		return e.structure(v, typ, depth)
	case reflect.Pointer:
		if v.IsNil() || typ == nil {
			return v, false
		}
		p, ok := typ.Underlying().(*types.Pointer)
		if !ok {
			return v, false
		}
		out, changed := e.replaced(v.Elem(), p.Elem(), depth+1)
		if !changed {
			return v, false
		}
		return out, true
	}
	return v, false
}

// mayChange reports whether values of a type may have to be replaced.
func (e *encoder) mayChange(t reflect.Type, typ types.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Struct, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		return t.PkgPath() == ""
	}
	return typ != nil && isNamed(types.Unalias(typ)) && t.PkgPath() == ""
}

// structure replaces the fields of a struct of a cell's.
func (e *encoder) structure(v reflect.Value, typ types.Type, depth int) (reflect.Value, bool) {
	if typ == nil || v.Type().PkgPath() != "" {
		return v, false
	}
	st, ok := typ.Underlying().(*types.Struct)
	if !ok || st.NumFields() != v.NumField() {
		return v, false
	}
	changed := false
	fields := make([]reflect.StructField, v.NumField())
	values := make([]reflect.Value, v.NumField())
	for i := range fields {
		fields[i] = v.Type().Field(i)
		values[i] = v.Field(i)
		if embedsStruct(st.Field(i)) {
			fields[i].Anonymous, changed = true, true
		}
		if !st.Field(i).Exported() && !st.Field(i).Embedded() {
			continue
		}
		if x, c := e.replaced(v.Field(i), st.Field(i).Type(), depth+1); c {
			values[i], changed = x, true
			if fields[i].Type = x.Type(); !fields[i].Anonymous || x.Kind() != reflect.Struct || x.Type().PkgPath() != "" {
				fields[i].Type, fields[i].Anonymous = reflect.TypeFor[any](), false
			}
		}
	}
	if !changed {
		return v, false
	}
	for i := range fields {
		fields[i].Offset, fields[i].Index = 0, nil
	}
	out := reflect.New(reflect.StructOf(fields)).Elem()
	for i, x := range values {
		if x.IsValid() {
			out.Field(i).Set(x)
		}
	}
	return out, true
}

// embedsStruct reports whether a field embeds a struct, whose fields an encoder
// takes for those of the struct around it. The interpreter knows no embedding.
func embedsStruct(f *types.Var) bool {
	if !f.Embedded() {
		return false
	}
	t := f.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// marshaler wraps a value of a cell's type that encodes itself.
func (e *encoder) marshaler(v reflect.Value, typ types.Type) reflect.Value {
	for _, p := range marshalers[e.pkg] {
		iface := reflect.TypeOf(p).Elem()
		name := iface.Method(0).Name
		m := e.s.methodOn(v, typ, name)
		if !m.IsValid() || m.Type() != iface.Method(0).Type {
			continue
		}
		if !e.own(typ) {
			return reflect.Value{}
		}
		list := e.s.wrappersOf(iface)
		if list == nil {
			continue
		}
		w := reflect.New(list).Elem()
		w.Field(0).Set(v)
		w.Field(1).Set(m)
		return w
	}
	return reflect.Value{}
}

// own reports whether a type, or what it points to, is declared in a cell.
func (e *encoder) own(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && e.s.ours(n.Obj().Pkg())
}

func marshalJSON(x any) ([]byte, error) { return json.Marshal(x) }
