package stdlib

import (
	"reflect"
	"unsafe"
)

// unsafeSymbols is the table of package unsafe: its one type. Sizeof and the other
// functions are the type checker's, which gives their results as constants.
func unsafeSymbols() map[string]reflect.Value {
	return map[string]reflect.Value{"Pointer": reflect.ValueOf((*unsafe.Pointer)(nil))}
}
