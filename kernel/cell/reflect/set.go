package reflect

import (
	"reflect"
	"unsafe"
)

// assigned is v as something of type t gets it; context begins the text of the
// panic if it cannot.
func (v Value) assigned(t *rtype, context string) reflect.Value {
	if !v.t.assignable(t) {
		panic(context + ": value of type " + v.t.String() + " is not assignable to type " + t.String())
	}
	if t.Kind() != reflect.Interface {
		if form := t.needed(); v.v.Type() != form {
			return v.v.Convert(form)
		}
		return v.v
	}
	form := t.needed()
	out := reflect.New(form).Elem()
	if v.Kind() == reflect.Interface && v.v.IsNil() {
		return out
	}
	if v.v.Type() == form {
		return v.v
	}
	x := v.packed()
	if form != anyForm {
		x = v.t.space.host.Wrap(x, form)
	}
	out.Set(reflect.ValueOf(x))
	return out
}

// given is v as an argument of a method of that name.
func (v Value) given(t *rtype, method string) reflect.Value {
	v.in(method)
	v.may(method)
	return v.assigned(t, "reflect.Value."+method)
}

func (v Value) Set(x Value) {
	v.may("Set")
	if v.in("Set"); !v.v.CanSet() {
		v.v.Set(reflect.Value{}) // panics
	}
	x.in("Set")
	x.may("Set")
	v.v.Set(x.assigned(v.t, "reflect.Set"))
}

func (v Value) SetZero() {
	v.may("SetZero")
	v.in("SetZero").SetZero()
}

func (v Value) SetBool(x bool) {
	v.may("SetBool")
	v.in("SetBool").SetBool(x)
}

func (v Value) SetInt(x int64) {
	v.may("SetInt")
	v.in("SetInt").SetInt(x)
}

func (v Value) SetUint(x uint64) {
	v.may("SetUint")
	v.in("SetUint").SetUint(x)
}

func (v Value) SetFloat(x float64) {
	v.may("SetFloat")
	v.in("SetFloat").SetFloat(x)
}

func (v Value) SetComplex(x complex128) {
	v.may("SetComplex")
	v.in("SetComplex").SetComplex(x)
}

func (v Value) SetString(x string) {
	v.may("SetString")
	v.in("SetString").SetString(x)
}

func (v Value) SetBytes(x []byte) {
	v.may("SetBytes")
	v.in("SetBytes").SetBytes(x)
}

func (v Value) SetPointer(x unsafe.Pointer) {
	v.may("SetPointer")
	v.in("SetPointer").SetPointer(x)
}

func (v Value) SetLen(n int) {
	v.may("SetLen")
	v.in("SetLen").SetLen(n)
}

func (v Value) SetCap(n int) {
	v.may("SetCap")
	v.in("SetCap").SetCap(n)
}

func (v Value) Grow(n int) {
	v.may("Grow")
	v.in("Grow").Grow(n)
}

func (v Value) Clear() {
	v.may("Clear")
	v.in("Clear").Clear()
}

func (v Value) Close() {
	v.may("Close")
	v.in("Close").Close()
}

// appended is Append.
func appended(s Value, x ...Value) Value {
	if s.Kind() != reflect.Slice {
		reflect.Append(s.v) // panics
	}
	s.may("Append")
	list := make([]reflect.Value, len(x))
	elem := s.t.elem()
	for i, e := range x {
		e.in("Set")
		e.may("Set")
		list[i] = e.assigned(elem, "reflect.Set")
	}
	return Value{v: reflect.Append(s.v, list...), t: s.t}
}

func appendedSlice(s, t Value) Value {
	if s.t == nil || t.t == nil || s.Kind() != reflect.Slice || t.Kind() != reflect.Slice {
		reflect.AppendSlice(s.v, t.v) // panics
	}
	s.may("AppendSlice")
	t.may("AppendSlice")
	if s.t.elem() != t.t.elem() {
		panic("reflect.AppendSlice: " + s.t.elem().String() + " != " + t.t.elem().String())
	}
	return Value{v: reflect.AppendSlice(s.v, t.v.Convert(s.v.Type())), t: s.t}
}

func copied(dst, src Value) int {
	if dst.t != nil && src.t != nil {
		dst.may("Copy")
		src.may("Copy")
		if k := src.Kind(); (k == reflect.Slice || k == reflect.Array) && (dst.Kind() == reflect.Slice || dst.Kind() == reflect.Array) && dst.t.elem() != src.t.elem() {
			panic("reflect.Copy: " + dst.t.elem().String() + " != " + src.t.elem().String())
		}
	}
	return reflect.Copy(dst.v, src.v)
}
