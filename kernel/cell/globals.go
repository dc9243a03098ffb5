package cell

import (
	"fmt"
	"reflect"

	"github.com/traefik/yaegi/interp"
)

// globalTable is the interpreter's table of global variables. The interpreter copies it into a larger one for every cell that
// declares something, and goroutines of earlier cells read it meanwhile: a data race. So the table is made larger than
// need be before the interpreter looks, which then leaves it as it is, and the places that have come into use are
// filled in here, as the interpreter would. The table is still replaced when it is full, each time by one of twice the
// length. A goroutine that reads it at that moment may see the pointer of one and the length of the other; as
// it looks only at places that both have, and both hold the same variables there, it reads what it should.
type globalTable struct {
	types  *[]reflect.Type  // of all globals there are
	data   *[]reflect.Value // the table
	filled int              // how much of it
}

// leastGlobals is how many globals there is room for from the start.
const leastGlobals = 1 << 12

// newGlobalTable looks into an interpreter that has run a program.
func newGlobalTable(in *interp.Interpreter) (globalTable, error) {
	v := reflect.ValueOf(in).Elem()
	changed := fmt.Errorf("cell: the variables of this interpreter cannot be found; %s has changed", interpreterPackage)
	universe, global := v.FieldByName("universe"), v.FieldByName("frame")
	for _, p := range []reflect.Value{universe, global} {
		if !p.IsValid() || p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
			return globalTable{}, changed
		}
	}
	types, data := universe.Elem().FieldByName("types"), global.Elem().FieldByName("data")
	if !types.IsValid() || types.Type() != reflect.TypeFor[[]reflect.Type]() || !data.IsValid() || data.Type() != reflect.TypeFor[[]reflect.Value]() || data.Len() != types.Len() {
		return globalTable{}, changed
	}
	f := globalTable{
		types: (*[]reflect.Type)(types.Addr().UnsafePointer()),
		data:  (*[]reflect.Value)(data.Addr().UnsafePointer()),
	}
	f.filled = len(*f.data)
	return f, nil
}

// extend makes room for the globals of what has been compiled; what runs next may use them.
func (f *globalTable) extend() {
	if f.types == nil {
		return // the first program, before which there is nothing to look into
	}
	if n := len(*f.types); n > len(*f.data) || len(*f.data) < leastGlobals {
		data := make([]reflect.Value, max(2*n, leastGlobals))
		copy(data, (*f.data)[:f.filled])
		*f.data = data
	}
	for ; f.filled < len(*f.types); f.filled++ {
		(*f.data)[f.filled] = reflect.New((*f.types)[f.filled]).Elem()
	}
}
