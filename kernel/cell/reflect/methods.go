package reflect

import (
	"go/token"
	"go/types"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// Method is reflect.Method.
type Method struct {
	Name    string
	PkgPath string
	Type    Type
	Func    Value
	Index   int
}

// IsExported reports whether the method is exported.
func (m Method) IsExported() bool { return m.PkgPath == "" }

func (t *rtype) methodOf(m reflect.Method) Method {
	out := Method{Name: m.Name, PkgPath: m.PkgPath, Type: t.wrap(m.Type), Index: m.Index}
	if m.Func.IsValid() {
		out.Func = Value{v: m.Func, t: t.space.ofReflect(m.Type)}
	}
	return out
}

// methods lists what reflection shows: the exported methods, and of an interface
// all of them, by name.
func (t *rtype) methods() (list []*types.Func) {
	t.space.host.Checked(func() {
		if iface, ok := t.typ.Underlying().(*types.Interface); ok {
			list = slices.Collect(iface.Methods())
		} else {
			set := types.NewMethodSet(t.typ)
			for s := range set.Methods() {
				if fn, ok := s.Obj().(*types.Func); ok && token.IsExported(fn.Name()) {
					list = append(list, fn)
				}
			}
		}
	})
	slices.SortFunc(list, func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

func (t *rtype) NumMethod() int {
	if !t.own {
		return t.form.NumMethod()
	}
	return len(t.methods())
}

func (t *rtype) Method(i int) Method {
	if !t.own {
		return t.methodOf(t.form.Method(i))
	}
	list := t.methods()
	if i < 0 || i >= len(list) {
		panic("reflect: Method index out of range")
	}
	return t.method(list[i], i)
}

func (t *rtype) Methods() iter.Seq[Method] { return each(t.NumMethod(), t.Method) }

func (t *rtype) MethodByName(name string) (Method, bool) {
	if !t.own {
		m, ok := t.form.MethodByName(name)
		if !ok {
			return Method{}, false
		}
		return t.methodOf(m), true
	}
	for i, fn := range t.methods() {
		if fn.Name() == name {
			return t.method(fn, i), true
		}
	}
	return Method{}, false
}

// method describes a method: as a function of receiver and parameters, that of
// an interface without a receiver.
func (t *rtype) method(fn *types.Func, i int) Method {
	m := Method{Name: fn.Name(), Index: i}
	if !fn.Exported() {
		m.PkgPath = fn.Pkg().Path()
	}
	if t.Kind() == reflect.Interface {
		m.Type = t.bound(fn)
		return m
	}
	sig := fn.Signature()
	params := []*types.Var{types.NewVar(token.NoPos, nil, "", t.typ)}
	params = append(params, slices.Collect(sig.Params().Variables())...)
	typ := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	bound, form := t.bound(fn).reflected(), reflect.Type(nil)
	if self := t.reflected(); bound != nil && self != nil {
		in := []reflect.Type{self}
		for p := range bound.Ins() {
			in = append(in, p)
		}
		form = reflect.FuncOf(in, slices.Collect(bound.Outs()), bound.IsVariadic())
	}
	ft := t.space.of(typ, form)
	m.Type = ft
	if form = ft.reflected(); form != nil {
		m.Func = Value{t: ft, v: reflect.MakeFunc(form, func(args []reflect.Value) []reflect.Value {
			return callBound(t.space.host.Method(args[0], t.typ, fn.Name()), args[1:])
		})}
	}
	return m
}

func callBound(f reflect.Value, args []reflect.Value) []reflect.Value {
	if f.Type().IsVariadic() {
		return f.CallSlice(args)
	}
	return f.Call(args)
}

// bound is the type of a method of t without its receiver.
func (t *rtype) bound(fn *types.Func) *rtype {
	sig := fn.Signature()
	typ := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	var form reflect.Type
	if t.Kind() != reflect.Interface {
		form = t.space.host.MethodForm(t.typ, fn.Name())
	}
	return t.space.of(typ, form)
}

func (v Value) NumMethod() int {
	if v.in("NumMethod"); !v.t.own {
		return v.v.NumMethod()
	}
	return v.t.NumMethod()
}

// Method returns the i-th method as a function bound to v.
func (v Value) Method(i int) Value {
	if v.in("Method"); !v.t.own {
		defer asked()
		return v.compiledMethod(v.v.Method(i))
	}
	list := v.t.methods()
	if i < 0 || i >= len(list) {
		panic("reflect: Method index out of range")
	}
	return v.bind(list[i])
}

// MethodByName returns the method of a name as a function bound to v, the zero
// Value if there is none.
func (v Value) MethodByName(name string) Value {
	if v.in("MethodByName"); !v.t.own {
		m := v.v.MethodByName(name)
		if !m.IsValid() {
			return Value{}
		}
		return v.compiledMethod(m)
	}
	for _, fn := range v.t.methods() {
		if fn.Name() == name {
			return v.bind(fn)
		}
	}
	return Value{}
}

func (v Value) compiledMethod(m reflect.Value) Value {
	return Value{v: m, t: v.t.space.ofReflect(m.Type()), ro: v.ro.sticky()}
}

func (v Value) bind(fn *types.Func) Value {
	on, t := v, v.t
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			panic(Panic{"reflect: Method on nil interface value"})
		}
		if on = v.Elem(); !on.t.own {
			return on.MethodByName(fn.Name()).within(v.ro)
		}
	}
	m := t.space.host.Method(on.v, on.t.typ, fn.Name())
	if !m.IsValid() {
		panic("reflect: method " + fn.Name() + " of " + t.String() + " has no code")
	}
	sig := fn.Signature()
	typ := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	return Value{v: m, t: t.space.of(typ, m.Type())}.within(v.ro)
}

// Methods yields the methods of v and what they are bound to v.
func (v Value) Methods() iter.Seq2[Method, Value] {
	return func(yield func(Method, Value) bool) {
		for i := range v.NumMethod() {
			if !yield(v.Type().Method(i), v.Method(i)) {
				return
			}
		}
	}
}
