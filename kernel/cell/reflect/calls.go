package reflect

import (
	"reflect"
	"runtime"
)

// Call calls the function v, packing the arguments of a variadic one.
func (v Value) Call(in []Value) []Value { return v.call("Call", in, false) }

// CallSlice calls the variadic function v with its last argument as it is.
func (v Value) CallSlice(in []Value) []Value { return v.call("CallSlice", in, true) }

func (v Value) call(op string, in []Value, slice bool) []Value {
	if v.in(op).Kind() != reflect.Func || v.v.IsNil() {
		defer asked()
		if slice {
			v.v.CallSlice(nil) // panics
		}
		v.v.Call(nil) // panics
	}
	v.may(op)
	t := v.t
	n, variadic := t.NumIn(), t.IsVariadic()
	switch {
	case slice && !variadic:
		panic("reflect: CallSlice of non-variadic function")
	case variadic && !slice:
		n--
		if len(in) < n {
			panic("reflect: " + op + " with too few input arguments")
		}
	case len(in) < n:
		panic("reflect: " + op + " with too few input arguments")
	case len(in) > n:
		panic("reflect: " + op + " with too many input arguments")
	}
	for _, x := range in {
		if x.t == nil {
			panic("reflect: " + op + " using zero Value argument")
		}
	}
	args := make([]reflect.Value, len(in))
	name := compiledName(v.v)
	for i, x := range in {
		x.may(op)
		var to *rtype
		if i < n {
			if to = t.in(i); !x.t.assignable(to) {
				panic("reflect: " + op + " using " + x.t.String() + " as type " + to.String())
			}
		} else {
			if to = t.in(n).elem(); !x.t.assignable(to) {
				panic("reflect: cannot use " + x.t.String() + " as type " + to.String() + " in " + op)
			}
		}
		args[i] = x.assigned(to, "reflect: "+op)
		if name != "" && args[i].Type() == anyForm && !args[i].IsNil() {
			out := reflect.New(anyForm).Elem()
			if y := t.space.host.Outward(args[i].Interface(), name); y != nil {
				out.Set(reflect.ValueOf(y))
			}
			args[i] = out
		}
	}
	var results []reflect.Value
	if slice {
		results = v.v.CallSlice(args)
	} else {
		results = v.v.Call(args)
	}
	out := make([]Value, len(results))
	for i, r := range results {
		out[i] = Value{v: r, t: t.out(i)}
	}
	return out
}

// stub is where all functions are that reflection makes, those of cells too.
var stub = reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value { return nil }).Pointer()

// compiledName is the name of a compiled function, "" for others.
func compiledName(f reflect.Value) string {
	if f.Pointer() == stub {
		return ""
	}
	if fn := runtime.FuncForPC(f.Pointer()); fn != nil {
		return fn.Name()
	}
	return ""
}

// makeFunc is MakeFunc.
func makeFunc(typ Type, fn func(args []Value) []Value) Value {
	if typ.Kind() != reflect.Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	t := typ.common()
	return Value{t: t, v: reflect.MakeFunc(t.needed(), func(args []reflect.Value) []reflect.Value {
		in := make([]Value, len(args))
		for i, a := range args {
			in[i] = Value{v: a, t: t.in(i)}
		}
		results := fn(in)
		if len(results) != t.NumOut() {
			panic("reflect: wrong return count from function created by MakeFunc")
		}
		out := make([]reflect.Value, len(results))
		for i, r := range results {
			if r.t == nil {
				panic("reflect: function created by MakeFunc using closure returned zero Value")
			}
			if r.ro != readWrite {
				panic("reflect: function created by MakeFunc using closure returned value obtained from unexported field")
			}
			out[i] = r.assigned(t.out(i), "reflect.MakeFunc")
		}
		return out
	})}
}
