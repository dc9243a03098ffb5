package cell

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
)

// A decoder fills a cell's value through a pointer to it, and finds by
// reflection the types that decode themselves: not those of cells. So where a
// value contains some, what is decoded is a shadow of it, in which a raw text
// stands in the place of each; then the texts are given to their methods and
// the rest is copied.

// decodable is a pointer as package encoding/json gets it to decode into.
func (s *Session) decodable(x any) any {
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
	d := &decoding{s: s, shadows: map[reflect.Type]bool{}}
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

type decoding struct {
	s       *Session
	shadows map[reflect.Type]bool // types on the way
}

var rawType = reflect.TypeFor[json.RawMessage]()

// decoder returns the method by which values of a type decode themselves.
func (d *decoding) decoder(v reflect.Value, typ types.Type) (func([]byte) error, bool) {
	n, ok := types.Unalias(typ).(*types.Named)
	if !ok || n.Obj().Pkg() != d.s.pkg {
		return nil, false
	}
	ptr := types.NewPointer(n)
	for _, name := range []string{"UnmarshalJSON", "UnmarshalText"} {
		d.s.mu.Lock()
		m := d.s.findMethod(ptr, name)
		d.s.mu.Unlock()
		if m == nil {
			continue
		}
		if !v.IsValid() {
			return nil, true
		}
		f, ok := m.bind(d.s, v.Addr()).Interface().(func([]byte) error)
		if !ok {
			continue
		}
		if name == "UnmarshalJSON" {
			return f, true
		}
		return func(text []byte) error {
			var s string
			if err := json.Unmarshal(text, &s); err != nil {
				return err
			}
			return f([]byte(s))
		}, true
	}
	return nil, false
}

// shadow is the type of the shadow of values of a type; t itself if it needs none.
func (d *decoding) shadow(t reflect.Type, typ types.Type) reflect.Type {
	if typ == nil || t.PkgPath() != "" || d.shadows[t] {
		return t
	}
	d.shadows[t] = true
	defer delete(d.shadows, t)
	if _, own := d.decoder(reflect.Value{}, typ); own {
		return rawType
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
				fields[i].Anonymous = fields[i].Anonymous && e != rawType
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
	case sh.Type() == rawType:
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
	if sh.Type() == rawType {
		if text := sh.Bytes(); text != nil {
			f, _ := d.decoder(v, typ)
			if f == nil {
				return fmt.Errorf("cell: %s cannot be decoded", d.s.values.typeString(typ))
			}
			return f(text)
		}
		return nil
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
