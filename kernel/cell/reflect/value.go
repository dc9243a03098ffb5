package reflect

import (
	"go/types"
	"reflect"
	"unsafe"
)

// Value is reflect.Value: a value and the type it has in Go. The zero Value
// is that of package reflect, and so is what it says of wrong uses.
type Value struct {
	v  reflect.Value // of the type's form
	t  *rtype
	ro readOnly
}

// readOnly tells that a value was reached through an unexported field, which
// the form, whose fields are all exported, does not.
type readOnly uint8

const (
	readWrite  readOnly = iota
	throughOwn          // through an embedded field: its exported fields are not read-only
	throughAny
)

// sticky is what holds for what is reached from such a value.
func (r readOnly) sticky() readOnly {
	if r == readWrite {
		return readWrite
	}
	return throughAny
}

// within is v reached through something that is r.
func (v Value) within(r readOnly) Value {
	v.ro = max(v.ro, r.sticky())
	return v
}

// may panics if v is read-only; method is the one that must not be called then.
func (v Value) may(method string) {
	if v.ro != readWrite {
		panic("reflect: reflect.Value." + method + " using value obtained using unexported field")
	}
}

// Open returns what v holds, of the form of the type typ, which is nil if only
// reflection knows it, and whether it may be had as an interface.
func Open(v Value) (form reflect.Value, typ types.Type, public bool) {
	if v.t != nil {
		typ = v.t.typ
	}
	return v.v, typ, v.ro == readWrite
}

func (v Value) IsValid() bool { return v.v.IsValid() }
func (v Value) Kind() Kind    { return v.v.Kind() }

func (v Value) Type() Type {
	if v.t == nil {
		return v.compiledType()
	}
	return v.t
}

func (v Value) compiledType() Type {
	v.in("Type") // panics
	return nil
}

func (v Value) String() string {
	switch {
	case v.Kind() == reflect.String:
		return v.v.String()
	case v.t == nil:
		return v.v.String()
	}
	return "<" + v.t.String() + " Value>"
}

// What a value holds, it holds in its form as well.

func (v Value) Bool() bool                        { return v.in("Bool").Bool() }
func (v Value) Int() int64                        { return v.in("Int").Int() }
func (v Value) Uint() uint64                      { return v.in("Uint").Uint() }
func (v Value) Float() float64                    { return v.in("Float").Float() }
func (v Value) Complex() complex128               { return v.in("Complex").Complex() }
func (v Value) Bytes() []byte                     { return v.in("Bytes").Bytes() }
func (v Value) CanInt() bool                      { return v.v.CanInt() }
func (v Value) CanUint() bool                     { return v.v.CanUint() }
func (v Value) CanFloat() bool                    { return v.v.CanFloat() }
func (v Value) CanComplex() bool                  { return v.v.CanComplex() }
func (v Value) CanAddr() bool                     { return v.v.CanAddr() }
func (v Value) Len() int                          { return v.in("Len").Len() }
func (v Value) Cap() int                          { return v.in("Cap").Cap() }
func (v Value) IsNil() bool                       { return v.in("IsNil").IsNil() }
func (v Value) IsZero() bool                      { return v.in("IsZero").IsZero() }
func (v Value) Comparable() bool                  { return v.v.Comparable() }
func (v Value) NumField() int                     { return v.in("NumField").NumField() }
func (v Value) Pointer() uintptr                  { return v.in("Pointer").Pointer() }
func (v Value) UnsafePointer() unsafe.Pointer     { return v.in("UnsafePointer").UnsafePointer() }
func (v Value) UnsafeAddr() uintptr               { return v.in("UnsafeAddr").UnsafeAddr() }
func (v Value) OverflowInt(x int64) bool          { return v.in("OverflowInt").OverflowInt(x) }
func (v Value) OverflowUint(x uint64) bool        { return v.in("OverflowUint").OverflowUint(x) }
func (v Value) OverflowFloat(x float64) bool      { return v.in("OverflowFloat").OverflowFloat(x) }
func (v Value) OverflowComplex(x complex128) bool { return v.in("OverflowComplex").OverflowComplex(x) }
func (v Value) CanSet() bool                      { return v.ro == readWrite && v.v.CanSet() }
func (v Value) CanInterface() bool                { return v.in("CanInterface").CanInterface() && v.ro == readWrite }

// Interface returns the value in the form it has in an interface.
func (v Value) Interface() any {
	if v.in("Interface"); v.ro != readWrite {
		panic("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	}
	return v.packed()
}

// packed is Interface for those who may.
func (v Value) packed() any {
	if v.t == nil || !v.t.own {
		return v.v.Interface()
	}
	box := v.t.boxType()
	if box == nil {
		return v.v.Interface()
	}
	b := reflect.New(box).Elem()
	b.Field(0).Set(v.v)
	return b.Interface()
}

// boxType is the box of values of t in interfaces, nil if they have none.
func (t *rtype) boxType() reflect.Type {
	t.space.mu.Lock()
	box, known, form := t.box, t.boxed, t.form
	t.space.mu.Unlock()
	if known {
		return box
	}
	if t.Kind() != reflect.Interface {
		box = t.space.host.Box(t.typ, form)
	}
	t.space.mu.Lock()
	defer t.space.mu.Unlock()
	t.box, t.boxed = box, true
	return box
}

// Elem returns what an interface holds or a pointer points to.
func (v Value) Elem() Value {
	switch v.Kind() {
	case reflect.Interface:
		e := v.in("Elem").Elem()
		if !e.IsValid() {
			return Value{}
		}
		if !e.CanInterface() { // in an unexported field of a compiled struct
			return Value{v: v.t.space.host.Unboxed(e), t: v.t.space.ofReflect(e.Type())}
		}
		return v.t.space.valueOf(e.Interface()).within(v.ro)
	case reflect.Pointer:
		if v.in("IsNil").IsNil() {
			return Value{}
		}
		return Value{v: v.in("Elem").Elem(), t: v.t.elem(), ro: v.ro}
	}
	v.in("Elem").Elem() // panics
	return Value{}
}

func (v Value) Addr() Value {
	p := v.in("Addr").Addr()
	return Value{v: p, t: v.t.pointer(), ro: v.ro}
}

// Field returns a field of a struct, by its place.
func (v Value) Field(i int) Value {
	f := v.in("Field").Field(i)
	if !v.t.own {
		return Value{v: f, t: v.t.space.ofReflect(f.Type()), ro: v.stuck()}
	}
	out := Value{v: f, t: v.t.fieldType(i), ro: v.stuck()}
	if x := v.t.structure().Field(i); !x.Exported() {
		if x.Embedded() {
			out.ro = max(out.ro, throughOwn)
		} else {
			out.ro = throughAny
		}
	}
	return out
}

// stuck is how fields of v are read-only.
func (v Value) stuck() readOnly {
	if v.ro == throughOwn {
		return readWrite
	}
	return v.ro
}

func (v Value) FieldByIndex(index []int) Value {
	if len(index) == 1 {
		return v.Field(index[0])
	}
	if v.Kind() != reflect.Struct {
		v.in("FieldByIndex").FieldByIndex(index) // panics
	}
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer && v.t.elem().Kind() == reflect.Struct {
			if v.IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

func (v Value) FieldByIndexErr(index []int) (Value, error) {
	if len(index) == 1 {
		return v.Field(index[0]), nil
	}
	if v.Kind() != reflect.Struct {
		v.in("FieldByIndex").FieldByIndex(index) // panics
	}
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer && v.t.elem().Kind() == reflect.Struct {
			if v.IsNil() {
				return Value{}, nilEmbedded(v.t.elem().Name())
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, nil
}

// nilEmbedded is the error of a field of an embedded struct that is not there.
type nilEmbedded string

func (e nilEmbedded) Error() string {
	return "reflect: indirection through nil pointer to embedded struct field " + string(e)
}

func (v Value) FieldByName(name string) Value {
	if v.Kind() != reflect.Struct {
		v.in("FieldByName").FieldByName(name) // panics
	}
	if f, ok := v.t.FieldByName(name); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

func (v Value) FieldByNameFunc(match func(string) bool) Value {
	if v.Kind() != reflect.Struct {
		v.in("FieldByNameFunc").FieldByNameFunc(match) // panics
	}
	if f, ok := v.t.FieldByNameFunc(match); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

func (v Value) Index(i int) Value {
	defer asked()
	e := v.in("Index").Index(i)
	if v.Kind() == reflect.String {
		return Value{v: e, t: v.t.space.ofReflect(e.Type()), ro: v.ro.sticky()}
	}
	return Value{v: e, t: v.t.elem(), ro: v.ro.sticky()}
}

func (v Value) Slice(i, j int) Value {
	defer asked()
	return v.sliced(v.in("Slice").Slice(i, j))
}

func (v Value) Slice3(i, j, k int) Value {
	defer asked()
	return v.sliced(v.in("Slice3").Slice3(i, j, k))
}

func (v Value) sliced(s reflect.Value) Value {
	t := v.t
	if v.Kind() == reflect.Array {
		t = t.elem().slice()
	}
	return Value{v: s, t: t, ro: v.ro.sticky()}
}

func (v Value) Equal(u Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if u.Kind() == reflect.Interface {
		u = u.Elem()
	}
	if !v.IsValid() || !u.IsValid() {
		return v.IsValid() == u.IsValid()
	}
	if v.t != u.t {
		return false
	}
	if !v.v.Comparable() && v.t.own && !v.t.Comparable() {
		panic("reflect.Value.Equal: values of type " + v.t.String() + " are not comparable")
	}
	return v.v.Equal(u.v)
}

// Convert returns v converted to t.
func (v Value) Convert(t Type) Value {
	defer asked()
	v.in("Convert")
	to := t.common()
	if !v.t.own && !to.own {
		return Value{v: v.in("Convert").Convert(to.form), t: to, ro: v.ro.sticky()}
	}
	if !v.t.convertible(to) {
		panic("reflect.Value.Convert: value of type " + v.t.String() + " cannot be converted to type " + to.String())
	}
	ro := v.ro.sticky()
	v.ro = readWrite
	if to.Kind() == reflect.Interface {
		return Value{v: v.assigned(to, "reflect.Value.Convert"), t: to, ro: ro}
	}
	return Value{v: v.in("Convert").Convert(to.needed()), t: to, ro: ro}
}

func (v Value) CanConvert(t Type) bool {
	v.in("CanConvert")
	to := t.common()
	if !v.t.convertible(to) {
		return false
	}
	if v.Kind() == reflect.Slice {
		return v.in("CanConvert").CanConvert(to.needed())
	}
	return true
}

func (v Value) InterfaceData() [2]uintptr {
	return v.in("InterfaceData").InterfaceData() //lint:ignore SA1019 cells may call it
}
