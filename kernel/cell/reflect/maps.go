package reflect

import (
	"reflect"
)

// MapIter is reflect.MapIter.
type MapIter struct {
	m  Value
	it *reflect.MapIter
}

func (v Value) MapIndex(key Value) Value {
	if v.Kind() != reflect.Map {
		v.in("MapIndex").MapIndex(key.v) // panics
	}
	key.in("MapIndex")
	ro := max(v.ro, key.ro).sticky()
	key.ro = readWrite
	e := v.in("MapIndex").MapIndex(key.assigned(v.t.key(), "reflect.Value.MapIndex"))
	if !e.IsValid() {
		return Value{}
	}
	return Value{v: e, t: v.t.elem(), ro: ro}
}

func (v Value) MapKeys() []Value {
	keys := v.in("MapKeys").MapKeys()
	out := make([]Value, len(keys))
	for i, k := range keys {
		out[i] = Value{v: k, t: v.t.key(), ro: v.ro.sticky()}
	}
	return out
}

func (v Value) SetMapIndex(key, elem Value) {
	if v.Kind() != reflect.Map {
		v.in("SetMapIndex").SetMapIndex(key.v, elem.v) // panics
	}
	v.may("SetMapIndex")
	k := key.given(v.t.key(), "SetMapIndex")
	if elem.t == nil {
		v.in("SetMapIndex").SetMapIndex(k, reflect.Value{})
		return
	}
	v.in("SetMapIndex").SetMapIndex(k, elem.given(v.t.elem(), "SetMapIndex"))
}

func (v Value) MapRange() *MapIter {
	return &MapIter{m: v, it: v.in("MapRange").MapRange()}
}

// Next advances the iterator and reports whether there is an entry.
func (i *MapIter) Next() bool { return i.it.Next() }

// Key returns the key of the present entry.
func (i *MapIter) Key() Value { return Value{v: i.it.Key(), t: i.m.t.key(), ro: i.m.ro.sticky()} }

// Value returns the value of the present entry.
func (i *MapIter) Value() Value { return Value{v: i.it.Value(), t: i.m.t.elem(), ro: i.m.ro.sticky()} }

// Reset lets the iterator go over v from its beginning.
func (i *MapIter) Reset(v Value) {
	i.m = v
	if i.it == nil {
		i.it = new(reflect.MapIter)
	}
	i.it.Reset(v.v)
}

func (v Value) SetIterKey(i *MapIter)   { v.Set(i.Key()) }
func (v Value) SetIterValue(i *MapIter) { v.Set(i.Value()) }
