package reflect

import "reflect"

// Panic is a panic of package reflect that a cell asked for. The interpreter
// uses package reflect too, and a panic of its own stands for one of Go's
// run-time errors: this type tells them apart.
type Panic struct{ Value any }

// asked makes a Panic of the panic that ends the function it is deferred in.
func asked() {
	if r := recover(); r != nil {
		panic(Panic{r})
	}
}

// in is v for a method that takes no zero Value.
func (v Value) in(method string) reflect.Value {
	if v.t == nil {
		panic(Panic{&reflect.ValueError{Method: "reflect.Value." + method}})
	}
	return v.v
}
