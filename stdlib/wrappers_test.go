package stdlib

import (
	"fmt"
	"io"
	"reflect"
	"testing"

	"gonum.org/v1/plot"

	"swingby/stdlib/internal/symbols"
)

// TestWrappers checks that wrappers come with the larger ones first and the plain one last.
func TestWrappers(t *testing.T) {
	for _, c := range []struct {
		iface       reflect.Type
		first, last string
	}{
		{reflect.TypeFor[error](), "As", "Error"},
		{reflect.TypeFor[fmt.Stringer](), "GoString", "String"},
		{reflect.TypeFor[io.Reader](), "WriteTo", "Read"},
		{reflect.TypeFor[plot.Plotter](), "Thumbnail", "Plot"},
	} {
		list := Wrappers(c.iface)
		if len(list) < 2 {
			t.Errorf("%v: %d wrappers", c.iface, len(list))
			continue
		}
		if _, ok := list[0].FieldByName("W" + c.first); !ok {
			t.Errorf("%v: the first is %v, without %s", c.iface, list[0], c.first)
		}
		if _, ok := list[len(list)-1].FieldByName("W" + c.last); !ok || list[len(list)-1].NumField() > list[0].NumField() {
			t.Errorf("%v: the last is %v", c.iface, list[len(list)-1])
		}
	}
	if list := Wrappers(reflect.TypeFor[interface{ NoSuchMethod() }]()); len(list) != 0 {
		t.Errorf("wrappers of an unknown interface: %v", list)
	}
}

// TestComposedOrder checks what Wrappers relies on: larger wrappers come first, and each has
// the methods of the interface itself.
func TestComposedOrder(t *testing.T) {
	count := 0
	symbols.Composed(func(wrapper reflect.Value, larger []reflect.Type) {
		count++
		own := wrapper.Type().Elem()
		size := 1 << 20
		for _, l := range larger {
			if l.NumField() > size || l.NumField() <= own.NumField() {
				t.Errorf("%v of %v is out of order", l, own)
			}
			size = l.NumField()
			for i := range own.NumField() {
				f := own.Field(i)
				if g, ok := l.FieldByName(f.Name); !ok || g.Type != f.Type {
					t.Errorf("%v lacks %s of %v", l, f.Name, own)
				}
			}
		}
	})
	if count == 0 {
		t.Error("no composed wrappers")
	}
}
