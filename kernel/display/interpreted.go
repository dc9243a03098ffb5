package display

import (
	"reflect"
	"strings"
	"unsafe"
)

// Values of interpreted types reach this package in three disguises:
//
//   - a struct type declared in a cell is an unnamed reflect struct, whose
//     unexported field x is called Xx, because only exported fields can be set;
//   - a value in an interface variable is boxed in the interpreter's own struct
//     valueInterface{node, value};
//   - a value handed to a compiled interface is boxed in a generated wrapper
//     struct, whose first field IValue holds the value and whose other fields
//     hold its methods.
//
// This file takes the disguises off without importing the interpreter.

const interpreterPath = "github.com/traefik/yaegi/interp"

var reflectValueType = reflect.TypeFor[reflect.Value]()

// unwrapInterpreted returns the value inside the interpreter's boxes, or v.
func unwrapInterpreted(v any) any {
	for v != nil {
		var in reflect.Value
		if rv, ok := v.(reflect.Value); ok {
			in = rv
		} else if in, ok = boxed(reflect.ValueOf(v)); !ok {
			return v
		}
		for in.IsValid() && in.Kind() == reflect.Interface {
			in = in.Elem()
		}
		if !in.IsValid() {
			return nil
		}
		if !in.CanInterface() {
			return v
		}
		v = in.Interface()
	}
	return nil
}

// boxed returns the content of an interpreter's valueInterface.
func boxed(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct || v.Type().Name() != "valueInterface" || v.Type().PkgPath() != interpreterPath {
		return reflect.Value{}, false
	}
	f, ok := v.Type().FieldByName("value")
	if !ok || f.Type != reflectValueType {
		return reflect.Value{}, false
	}
	// The field is unexported, so reflection reads it only through its address.
	if !v.CanAddr() {
		p := reflect.New(v.Type()).Elem()
		if !v.CanInterface() {
			return reflect.Value{}, false
		}
		p.Set(v)
		v = p
	}
	return *(*reflect.Value)(unsafe.Pointer(v.FieldByIndex(f.Index).UnsafeAddr())), true
}

// boxedType is the dynamic type's name in an interpreter's valueInterface, empty
// if it cannot be told.
func boxedType(v reflect.Value) (name string) {
	defer func() {
		if recover() != nil { // another layout than the one known
			name = ""
		}
	}()
	return v.FieldByName("node").Elem().FieldByName("typ").Elem().FieldByName("str").String()
}

// wrapped returns the value inside a generated interface wrapper. It can be wrong:
// for a struct, the interpreter (yaegi 0.16.1, getConcreteValue) puts the value of
// the last field there. The methods in the wrapper are always those of the value.
func wrapped(v any) (any, bool) {
	if v == nil {
		return nil, false
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	if rv.Kind() != reflect.Struct || rv.NumField() == 0 {
		return nil, false
	}
	t := rv.Type()
	if !strings.HasPrefix(t.Name(), "_") || t.Field(0).Name != "IValue" || t.Field(0).Type.Kind() != reflect.Interface {
		return nil, false
	}
	return rv.Field(0).Interface(), true
}

// fieldName undoes the renaming of unexported fields in interpreted structs: an
// X before a lower case letter. It is a guess, for want of the declaration;
// compiled types, which have a name, never come here.
func fieldName(name string) string {
	if len(name) > 1 && name[0] == 'X' {
		if c := name[1]; c >= 'a' && c <= 'z' || c == '_' || c >= 0x80 {
			return name[1:]
		}
	}
	return name
}
