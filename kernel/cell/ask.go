package cell

import (
	"errors"
	"go/token"
	"go/types"
	"reflect"

	"swingby/stdlib"
)

// What lowered code asks about the dynamic type of a value; see
// lower_interface.go. id numbers a type, see interfaceID.

// implements is v, ok := x.(I) for an interface of a cell.
func (s *Session) implements(x any, id int) (any, bool) {
	x = insideOf(x)
	if x == nil || !s.typeImplements(reflect.TypeOf(x), s.values.numbered(id)) {
		return nil, false
	}
	return x, true
}

// mustImplement is x.(I) for an interface of a cell.
func (s *Session) mustImplement(x any, id int, static string) any {
	v, ok := s.implements(x, id)
	if !ok {
		panic(s.notType(x, id, static))
	}
	return v
}

// notNil is v, ok := x.(any).
func notNil(x any) (any, bool) { return x, x != nil }

type implementsKey struct {
	t     reflect.Type
	iface *types.Interface
}

func (s *Session) typeImplements(t reflect.Type, iface types.Type) bool {
	i := iface.Underlying().(*types.Interface)
	if i.Empty() {
		return true
	}
	key := implementsKey{t, i}
	if got, ok := s.values.methods.Load(key); ok {
		return got.(bool)
	}
	ok := false
	if typ := s.values.typeOf(t); typ != nil {
		s.mu.Lock()
		ok = types.Implements(typ, i)
		s.mu.Unlock()
	} else {
		ok = s.compiledImplements(t, i)
	}
	s.values.methods.Store(key, ok)
	return ok
}

// compiledImplements asks reflection about a compiled type.
func (s *Session) compiledImplements(t reflect.Type, iface *types.Interface) bool {
	for m := range iface.Methods() {
		f, ok := t.MethodByName(m.Name())
		if !ok || !s.sameSignature(f.Type, m.Signature()) {
			return false
		}
	}
	return true
}

// sameSignature compares a method of reflection's, receiver first, with one of go/types.
func (s *Session) sameSignature(f reflect.Type, sig *types.Signature) bool {
	if f.NumIn() != sig.Params().Len()+1 || f.NumOut() != sig.Results().Len() || f.IsVariadic() != sig.Variadic() {
		return false
	}
	for i := range sig.Params().Len() {
		if !s.sameType(f.In(i+1), sig.Params().At(i).Type()) {
			return false
		}
	}
	for i := range sig.Results().Len() {
		if !s.sameType(f.Out(i), sig.Results().At(i).Type()) {
			return false
		}
	}
	return true
}

func (s *Session) sameType(t reflect.Type, typ types.Type) bool {
	got, _ := s.values.goType(t)
	return got != nil && types.Identical(got, typ)
}

// notType is the run-time error of an assertion that fails.
func (s *Session) notType(x any, id int, static string) error {
	x = insideOf(x)
	want := s.values.numbered(id)
	asked := s.values.typeString(want)
	iface, isInterface := want.Underlying().(*types.Interface)
	switch {
	case x == nil && isInterface:
		return runtimeError("interface conversion: interface is nil, not " + asked)
	case x == nil:
		return runtimeError("interface conversion: " + static + " is nil, not " + asked)
	case isInterface:
		return runtimeError("interface conversion: " + s.values.shownType(reflect.TypeOf(x)) + " is not " + asked + ": missing method " + s.missingMethod(reflect.TypeOf(x), iface))
	}
	held := s.values.shownType(reflect.TypeOf(x))
	why := ""
	if held == asked { // two versions of a type, or types of two functions
		if a, b := s.declaredIn(s.values.typeOf(reflect.TypeOf(x))), s.declaredIn(want); a != b {
			held, asked = held+a, asked+b
		} else {
			why = " (types from different scopes)"
		}
	}
	return runtimeError("interface conversion: " + static + " is " + held + ", not " + asked + why)
}

// declaredIn names the cell that declares a type, in brackets.
func (s *Session) declaredIn(t types.Type) string {
	for {
		e, ok := types.Unalias(typOr(t)).(interface{ Elem() types.Type })
		if !ok {
			break
		}
		t = e.Elem()
	}
	n, ok := types.Unalias(typOr(t)).(*types.Named)
	if !ok || n.Obj().Pkg() != s.pkg {
		return ""
	}
	return " (" + cellOf(s.fset.Position(n.Obj().Pos()).Filename) + ")"
}

func (s *Session) missingMethod(t reflect.Type, iface *types.Interface) string {
	if typ := s.values.typeOf(t); typ != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if m, _ := types.MissingMethod(typ, iface, true); m != nil {
			return m.Name()
		}
		return ""
	}
	for m := range iface.Methods() {
		if f, ok := t.MethodByName(m.Name()); !ok || !s.sameSignature(f.Type, m.Signature()) {
			return m.Name()
		}
	}
	return ""
}

// methodOfValue is the method of a compiled value in an interface.
func (s *Session) methodOfValue(x any, name string) any {
	v := s.methodValue(reflect.ValueOf(x), name)
	if !v.IsValid() {
		panic(s.noMethod(x, name))
	}
	return v.Interface()
}

// noMethod is the panic of a method called where there is none: through a nil
// interface.
func (s *Session) noMethod(x any, name string) any {
	if x == nil {
		return runtimeError("runtime error: " + nilDereference)
	}
	return errors.New("cell: " + s.values.shownType(reflect.TypeOf(x)) + " has no method " + name + " that a cell can call")
}

// checkMethod panics where a method of a nil interface is taken.
func checkMethod(x any) {
	if x == nil {
		panic(runtimeError("runtime error: " + nilDereference))
	}
}

// wrapPlan says how to give a cell's value the methods of a compiled interface.
type wrapPlan struct {
	wrapper reflect.Type // nil: the value does not implement the interface
	names   []string     // of the methods behind its fields from the second on
}

type wrapKey struct{ t, iface reflect.Type }

// wrap returns x as a compiled value that implements the interface ptr points
// to, nil if it does not.
func (s *Session) wrap(x, ptr any) any {
	iface := reflect.TypeOf(ptr).Elem()
	x = insideOf(x)
	if x == nil {
		return nil
	}
	t := reflect.TypeOf(x)
	if s.values.typeOf(t) == nil {
		if t.Implements(iface) {
			return x
		}
		return nil
	}
	plan := s.planWrap(t, iface)
	if plan.wrapper == nil {
		return nil
	}
	w := reflect.New(plan.wrapper).Elem()
	v := reflect.ValueOf(x)
	w.Field(0).Set(v)
	for i, name := range plan.names {
		f := w.Field(i + 1)
		if f.Kind() == reflect.Interface { // a method of several signatures
			f.Set(s.methodValue(v, name))
			continue
		}
		f.Set(reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
			m := s.methodValue(v, name)
			if f.Type().IsVariadic() {
				return m.CallSlice(args)
			}
			return m.Call(args)
		}))
	}
	return w.Interface()
}

func (s *Session) planWrap(t, iface reflect.Type) *wrapPlan {
	key := wrapKey{t, iface}
	if got, ok := s.values.methods.Load(key); ok {
		return got.(*wrapPlan)
	}
	plan := &wrapPlan{}
	for _, w := range stdlib.Wrappers(iface) {
		names := make([]string, w.NumField()-1)
		for i := range names {
			names[i] = w.Field(i + 1).Name[1:]
			if !s.hasMethod(t, names[i], w.Field(i+1).Type) {
				names = nil
				break
			}
		}
		if names != nil {
			plan.wrapper, plan.names = w, names
			break
		}
	}
	s.values.methods.Store(key, plan)
	return plan
}

// hasMethod reports whether values of type t, a cell's, have a method that a
// compiled interface knows with signature f.
func (s *Session) hasMethod(t reflect.Type, name string, f reflect.Type) bool {
	typ := s.values.typeOf(t)
	if typ == nil || !token.IsExported(name) {
		return false
	}
	s.mu.Lock()
	obj, _, _ := types.LookupFieldOrMethod(typ, false, s.pkg, name)
	s.mu.Unlock()
	fn, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	sig := fn.Signature()
	if f.Kind() == reflect.Interface { // one of the methods package errors looks for
		return true
	}
	if f.NumIn() != sig.Params().Len() || f.NumOut() != sig.Results().Len() || f.IsVariadic() != sig.Variadic() {
		return false
	}
	for i := range f.NumIn() {
		if !s.sameType(f.In(i), sig.Params().At(i).Type()) {
			return false
		}
	}
	for i := range f.NumOut() {
		if !s.sameType(f.Out(i), sig.Results().At(i).Type()) {
			return false
		}
	}
	return true
}

// equalValues is == of two interfaces.
func (s *Session) equalValues(a, b any) bool {
	a, b = insideOf(a), insideOf(b)
	if t := reflect.TypeOf(a); t != nil && t == reflect.TypeOf(b) && !t.Comparable() {
		panic(runtimeError("runtime error: comparing uncomparable type " + s.values.shownType(t)))
	}
	return a == b
}

// errorsIs is errors.Is, which would compare the values that give a cell's
// errors their methods.
func (s *Session) errorsIs(err, target error) bool {
	if err == nil || target == nil {
		return err == target
	}
	want := insideOf(target)
	comparable := want != nil && reflect.TypeOf(want).Comparable()
	return s.anyError(err, func(e error) bool {
		if comparable && insideOf(e) == want {
			return true
		}
		if is := s.methodValue(reflect.ValueOf(e), "Is"); is.IsValid() {
			if f, ok := is.Interface().(func(error) bool); ok {
				return f(target)
			}
		}
		return false
	})
}

// errorsAs is errors.As: take assigns an error to the target if it can. target
// is what an As method gets.
func (s *Session) errorsAs(err error, target any, take func(x any) bool) bool {
	if err == nil {
		return false
	}
	return s.anyError(err, func(e error) bool {
		if take(insideOf(e)) {
			return true
		}
		if as := s.methodValue(reflect.ValueOf(e), "As"); as.IsValid() {
			if f, ok := as.Interface().(func(any) bool); ok {
				return f(target)
			}
		}
		return false
	})
}

// anyError walks the tree of errors that err wraps, as package errors does.
func (s *Session) anyError(err error, found func(error) bool) bool {
	for err != nil {
		if found(err) {
			return true
		}
		unwrap := s.methodValue(reflect.ValueOf(err), "Unwrap")
		if !unwrap.IsValid() {
			return false
		}
		switch f := unwrap.Interface().(type) {
		case func() error:
			err = f()
		case func() []error:
			for _, e := range f() {
				if e != nil && s.anyError(e, found) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// wrappersOf is the plainest wrapper of a compiled interface.
func (s *Session) wrappersOf(iface reflect.Type) reflect.Type {
	list := stdlib.Wrappers(iface)
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}
