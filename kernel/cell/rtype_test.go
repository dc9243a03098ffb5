package cell

import (
	"reflect"
	"testing"
)

// TestRtype puts other types into types that nothing else has.
func TestRtype(t *testing.T) {
	own := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[*int](), Tag: "rtype_test"}})
	want := reflect.TypeFor[*string]()

	setField(own, 0, want)
	if got := own.Field(0).Type; got != want {
		t.Errorf("field: %v", got)
	}
	for _, typ := range []reflect.Type{reflect.PointerTo(own), reflect.SliceOf(own), reflect.ChanOf(reflect.BothDir, own), reflect.MapOf(own, own)} {
		setElem(typ, want)
		if got := typ.Elem(); got != want {
			t.Errorf("%v: element %v", typ.Kind(), got)
		}
	}
	m := reflect.MapOf(own, own)
	setKey(m, want)
	if got := m.Key(); got != want {
		t.Errorf("key: %v", got)
	}
	f := reflect.FuncOf([]reflect.Type{own, own}, []reflect.Type{own}, false)
	setParam(f, 1, want)
	setParam(f, 2, want)
	if f.In(0) != own || f.In(1) != want || f.Out(0) != want {
		t.Errorf("func(%v, %v) %v", f.In(0), f.In(1), f.Out(0))
	}
}
