package cell

import (
	"reflect"

	"github.com/traefik/yaegi/interp"
)

// forgetSyntax empties lists that would make the interpreter keep the syntax of
// every cell for ever: of all syntax it was given, and of the scopes in that.
// Only its debugger reads them. They are not exported; where a version of the
// interpreter has none, nothing happens but that a session grows faster.
func forgetSyntax(i *interp.Interpreter) {
	v := reflect.ValueOf(i).Elem()
	forgetList(v, "roots")
	forgetChildren(v.FieldByName("universe"))
	if scopes := v.FieldByName("scopes"); scopes.IsValid() && scopes.Type() == reflect.MapOf(reflect.TypeFor[string](), scopes.Type().Elem()) {
		forgetChildren(scopes.MapIndex(reflect.ValueOf("main")))
	}
}

func forgetChildren(scope reflect.Value) {
	if scope.IsValid() && scope.Kind() == reflect.Pointer && !scope.IsNil() && scope.Type().Elem().Kind() == reflect.Struct {
		forgetList(scope.Elem(), "child")
	}
}

// forgetList sets a field that is not exported to nil, if it is a slice.
func forgetList(v reflect.Value, field string) {
	if list := v.FieldByName(field); list.IsValid() && list.Kind() == reflect.Slice {
		reflect.NewAt(list.Type(), list.Addr().UnsafePointer()).Elem().SetZero()
	}
}
