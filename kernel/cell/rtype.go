package cell

import (
	"reflect"
	"unsafe"
)

// Reflection's types, as the runtime lays them out (package internal/abi). What
// changes below is only which types a type refers to: the size of its values,
// and where in them pointers are, stay as they were.

type rtype struct {
	_, _ uintptr // size of a value, and of its part with pointers
	_    uint32  // hash
	_    [4]uint8
	_    func(unsafe.Pointer, unsafe.Pointer) bool
	_    *byte
	_, _ int32
}

// elemType begins the types of pointers, slices, arrays and channels.
type elemType struct {
	rtype
	elem *rtype
}

type mapType struct {
	rtype
	key, elem *rtype
}

type funcType struct {
	_    rtype
	_, _ uint16
}

type structType struct {
	rtype
	_      *byte
	fields []struct {
		_   *byte
		typ *rtype
		_   uintptr
	}
}

func rtypeOf(t reflect.Type) unsafe.Pointer { return reflect.ValueOf(t).UnsafePointer() }

func setElem(t, elem reflect.Type) {
	if t.Kind() == reflect.Map {
		(*mapType)(rtypeOf(t)).elem = (*rtype)(rtypeOf(elem))
		return
	}
	(*elemType)(rtypeOf(t)).elem = (*rtype)(rtypeOf(elem))
}

func setKey(t, key reflect.Type) { (*mapType)(rtypeOf(t)).key = (*rtype)(rtypeOf(key)) }

func setField(t reflect.Type, i int, typ reflect.Type) {
	(*structType)(rtypeOf(t)).fields[i].typ = (*rtype)(rtypeOf(typ))
}

// setParam sets a parameter or, counted on, a result of a function type made
// by reflection, whose parameters follow it.
func setParam(t reflect.Type, i int, param reflect.Type) {
	params := unsafe.Add(rtypeOf(t), unsafe.Sizeof(funcType{}))
	*(**rtype)(unsafe.Add(params, uintptr(i)*unsafe.Sizeof(params))) = (*rtype)(rtypeOf(param))
}
