package cell

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/types"
	"io"
	"reflect"
)

// A decoder fills a cell's value through a pointer to it, and finds by
// reflection the types that decode themselves and the structs that are embedded:
// not those of cells. So where a value contains some, what is decoded is a shadow
// of it, in which raw text stands in the place of what decodes itself; then the
// texts are given to their methods and the rest is copied.

// decodable is a pointer as package encoding/json or encoding/xml gets it to
// decode into.
func (s *Session) decodable(x any, pkg string) any {
	x = insideOf(x)
	v, typ := s.typed(x)
	if !v.IsValid() {
		return nil
	}
	if v.Kind() != reflect.Pointer || v.IsNil() || typ == nil {
		return v.Interface()
	}
	p, ok := typ.Underlying().(*types.Pointer)
	if !ok {
		return v.Interface()
	}
	d := &decoding{s: s, xml: pkg == "encoding/xml", shadows: map[reflect.Type]bool{}}
	if d.shadow(v.Type().Elem(), p.Elem()) == v.Type().Elem() {
		return v.Interface()
	}
	return &shadowed{d, v.Elem(), p.Elem()}
}

// shadowed decodes into a value by way of its shadow.
type shadowed struct {
	d   *decoding
	v   reflect.Value
	typ types.Type
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *shadowed) UnmarshalJSON(text []byte) error {
	sh := reflect.New(x.d.shadow(x.v.Type(), x.typ))
	if err := x.d.fill(sh.Elem(), x.v, x.typ); err != nil {
		return err
	}
	if err := json.Unmarshal(text, sh.Interface()); err != nil {
		return err
	}
	return x.d.take(x.v, sh.Elem(), x.typ)
}

// UnmarshalXML implements xml.Unmarshaler.
func (x *shadowed) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	sh := reflect.New(x.d.shadow(x.v.Type(), x.typ))
	if err := x.d.fill(sh.Elem(), x.v, x.typ); err != nil {
		return err
	}
	if err := d.DecodeElement(sh.Interface(), &start); err != nil {
		return err
	}
	return x.d.take(x.v, sh.Elem(), x.typ)
}

// rawXML keeps an element for a type that decodes itself.
type rawXML struct {
	start  xml.StartElement
	tokens []xml.Token
}

// UnmarshalXML implements xml.Unmarshaler.
func (r *rawXML) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	r.start = start.Copy()
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		r.tokens = append(r.tokens, xml.CopyToken(t))
	}
	return nil
}

// Token implements xml.TokenReader.
func (r *rawXML) Token() (xml.Token, error) {
	if len(r.tokens) == 0 {
		return nil, io.EOF
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t, nil
}

// rawText keeps the text of an element or attribute.
type rawText struct {
	text []byte
	set  bool
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *rawText) UnmarshalText(b []byte) error {
	r.text, r.set = bytes.Clone(b), true
	return nil
}

type decoding struct {
	s       *Session
	xml     bool
	shadows map[reflect.Type]bool // types on the way
}

var (
	rawJSONType = reflect.TypeFor[json.RawMessage]()
	rawXMLType  = reflect.TypeFor[rawXML]()
	rawTextType = reflect.TypeFor[rawText]()
)

func isRaw(t reflect.Type) bool { return t == rawJSONType || t == rawXMLType || t == rawTextType }

// decoder names the method by which values of a type decode themselves, and
// what keeps their text until then; "" if they do not.
func (d *decoding) decoder(typ types.Type) (method string, raw reflect.Type) {
	n, ok := types.Unalias(typ).(*types.Named)
	if !ok || n.Obj().Pkg() != d.s.pkg {
		return "", nil
	}
	ptr := types.NewPointer(n)
	has := func(name string) bool {
		d.s.mu.Lock()
		defer d.s.mu.Unlock()
		return d.s.findMethod(ptr, name) != nil
	}
	switch {
	case d.xml && has("UnmarshalXML"):
		return "UnmarshalXML", rawXMLType
	case d.xml && has("UnmarshalText"):
		return "UnmarshalText", rawTextType
	case !d.xml && has("UnmarshalJSON"):
		return "UnmarshalJSON", rawJSONType
	case !d.xml && has("UnmarshalText"):
		return "UnmarshalText", rawJSONType
	}
	return "", nil
}

// decode lets v decode what has been kept for it.
func (d *decoding) decode(v, kept reflect.Value, typ types.Type) error {
	name, _ := d.decoder(typ)
	m := d.s.methodOn(v.Addr(), types.NewPointer(typ), name)
	if !m.IsValid() {
		return fmt.Errorf("cell: %s cannot be decoded", d.s.values.typeString(typ))
	}
	f := m.Interface()
	switch raw := kept.Interface().(type) {
	case json.RawMessage:
		f, ok := f.(func([]byte) error)
		if raw == nil || !ok {
			return nil
		}
		if name == "UnmarshalJSON" {
			return f(raw)
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		return f([]byte(s))
	case rawText:
		if f, ok := f.(func([]byte) error); ok && raw.set {
			return f(raw.text)
		}
	case rawXML:
		if f, ok := f.(func(*xml.Decoder, xml.StartElement) error); ok && raw.tokens != nil {
			raw.tokens = append([]xml.Token{raw.start}, raw.tokens...)
			from := xml.NewTokenDecoder(&raw)
			if _, err := from.Token(); err != nil { // the start, as the method expects
				return err
			}
			return f(from, raw.start)
		}
	}
	return nil
}

// shadow is the type of the shadow of values of a type; t itself if it needs none.
func (d *decoding) shadow(t reflect.Type, typ types.Type) reflect.Type {
	if typ == nil || t.PkgPath() != "" || d.shadows[t] {
		return t
	}
	d.shadows[t] = true
	defer delete(d.shadows, t)
	if method, raw := d.decoder(typ); method != "" {
		return raw
	}
	switch u := typ.Underlying().(type) {
	case *types.Pointer:
		if e := d.shadow(t.Elem(), u.Elem()); e != t.Elem() {
			return reflect.PointerTo(e)
		}
	case *types.Slice:
		if e := d.shadow(t.Elem(), u.Elem()); e != t.Elem() {
			return reflect.SliceOf(e)
		}
	case *types.Array:
		if e := d.shadow(t.Elem(), u.Elem()); e != t.Elem() {
			return reflect.ArrayOf(t.Len(), e)
		}
	case *types.Map:
		if e := d.shadow(t.Elem(), u.Elem()); e != t.Elem() {
			return reflect.MapOf(t.Key(), e)
		}
	case *types.Struct:
		if t.NumField() != u.NumFields() {
			return t
		}
		fields := make([]reflect.StructField, t.NumField())
		changed := false
		for i := range fields {
			f := t.Field(i)
			fields[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag, Anonymous: f.Anonymous}
			if embedsStruct(u.Field(i)) {
				fields[i].Anonymous, changed = true, true
			}
			if !u.Field(i).Exported() {
				continue
			}
			if e := d.shadow(f.Type, u.Field(i).Type()); e != f.Type {
				fields[i].Type, changed = e, true
				fields[i].Anonymous = fields[i].Anonymous && !isRaw(e)
			}
		}
		if changed {
			return reflect.StructOf(fields)
		}
	}
	return t
}

// fill gives a shadow what its value holds already, which a decoder keeps where
// the text says nothing.
func (d *decoding) fill(sh, v reflect.Value, typ types.Type) error {
	switch {
	case sh.Type() == v.Type():
		sh.Set(v)
	case isRaw(sh.Type()):
	case v.Kind() == reflect.Struct:
		u := typ.Underlying().(*types.Struct)
		for i := range v.NumField() {
			if err := d.fill(sh.Field(i), v.Field(i), u.Field(i).Type()); err != nil {
				return err
			}
		}
	}
	return nil
}

// take gives a value what its shadow has got.
func (d *decoding) take(v, sh reflect.Value, typ types.Type) error {
	if sh.Type() == v.Type() {
		v.Set(sh)
		return nil
	}
	if isRaw(sh.Type()) {
		return d.decode(v, sh, typ)
	}
	switch u := typ.Underlying().(type) {
	case *types.Pointer:
		if sh.IsNil() {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.take(v.Elem(), sh.Elem(), u.Elem())
	case *types.Slice:
		if sh.IsNil() {
			v.SetZero()
			return nil
		}
		v.Set(reflect.MakeSlice(v.Type(), sh.Len(), sh.Len()))
		return d.takeElems(v, sh, u.Elem())
	case *types.Array:
		return d.takeElems(v, sh, u.Elem())
	case *types.Map:
		if sh.IsNil() {
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for it := sh.MapRange(); it.Next(); {
			e := reflect.New(v.Type().Elem()).Elem()
			if err := d.take(e, it.Value(), u.Elem()); err != nil {
				return err
			}
			v.SetMapIndex(it.Key(), e)
		}
	case *types.Struct:
		for i := range v.NumField() {
			if err := d.take(v.Field(i), sh.Field(i), u.Field(i).Type()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *decoding) takeElems(v, sh reflect.Value, elem types.Type) error {
	for i := range sh.Len() {
		if err := d.take(v.Index(i), sh.Index(i), elem); err != nil {
			return err
		}
	}
	return nil
}
