package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// A method of a cell's interface is called through a function of that interface
// and method, its dispatcher, which tries the types that implement the
// interface by assertion and calls the method's function:
//
//	func d(x any, a A) R {
//		if v, ok := x.(T1); ok { return T1·M(v, a) }
//		…
//		return more(x, a)
//	}
//
// where more is a variable. At first it holds a function that asks a compiled
// value by reflection. Whenever the session has gained types that implement the
// interface it is given a function that tries these, and then the former more.

// dispatcher is such a function.
type dispatcher struct {
	iface types.Type
	name  string
	pkg   *types.Package   // whose method it is, if its name is not exported
	sig   *types.Signature // with the interface as first parameter
	slot  string           // the function
	more  string           // the variable; "" while the function is not written
	late  bool             // it calls the storage of functions, not their code
	calls map[string]bool  // the storage of functions whose code it calls
	known typeutil.Map     // types it tries
	seen  int              // how many of the session's types it has looked at
}

// concrete notes a type whose values may be in an interface, and its pointer's.
func (s *Session) concrete(t types.Type) {
	n := len(s.concretes)
	s.concretes = append(s.concretes, t)
	s.onFailure(func() { s.concretes = s.concretes[:min(n, len(s.concretes))] })
}

// dispatch returns the name of the dispatcher of a method of interface type t.
func (l *lowerer) dispatch(t types.Type, name string) string {
	late := l.late || l.code == nil
	list, _ := l.s.dispatchers.At(t).([]*dispatcher)
	for _, d := range list {
		if d.name == name && d.late == late {
			l.noteCall(d.slot)
			return d.slot
		}
	}
	fn := methodNamed(t.Underlying().(*types.Interface), name)
	if fn == nil {
		return "nil"
	}
	params := []types.Type{emptyInterface}
	for v := range fn.Signature().Params().Variables() {
		params = append(params, v.Type())
	}
	sig := types.NewSignatureType(nil, nil, nil, tupleOf(params...), fn.Signature().Results(), fn.Signature().Variadic())
	d := &dispatcher{iface: t, name: name, pkg: fn.Pkg(), sig: sig, slot: l.s.slots.next("call·" + name), late: late, calls: map[string]bool{}}
	l.noteCall(d.slot)
	l.s.dispatchers.Set(t, append(slices.Clip(list), d))
	l.s.allDispatchers = append(l.s.allDispatchers, d)
	l.s.onFailure(func() {
		l.s.dispatchers.Set(t, list)
		l.s.allDispatchers = slices.DeleteFunc(l.s.allDispatchers, func(x *dispatcher) bool { return x == d })
	})
	return d.slot
}

// methodNamed finds a method of an interface; nil if it has none of this name.
func methodNamed(iface *types.Interface, name string) *types.Func {
	for m := range iface.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

func (l *lowerer) noteCall(slot string) {
	if l.calls != nil {
		l.calls[slot] = true
	}
}

// reaches reports whether a dispatcher calls code that is out of date.
func (s *Session) reaches(slot string, moved map[string]bool) bool {
	for _, d := range s.allDispatchers {
		if d.slot == slot && d.stale(moved) {
			return true
		}
	}
	return false
}

func (d *dispatcher) stale(moved map[string]bool) bool {
	for slot := range d.calls {
		if moved[slot] {
			return true
		}
	}
	return false
}

// renewDispatch drops the dispatchers that call code this cell replaces; who
// calls them is lowered again.
func (s *Session) renewDispatch(codes map[string]string) {
	moved := map[string]bool{}
	for slot := range codes {
		moved[slot] = true
	}
	for _, d := range slices.Clone(s.allDispatchers) {
		if !d.stale(moved) {
			continue
		}
		list := s.dispatchers.At(d.iface).([]*dispatcher)
		all := s.allDispatchers
		s.dispatchers.Set(d.iface, slices.DeleteFunc(slices.Clone(list), func(x *dispatcher) bool { return x == d }))
		s.allDispatchers = slices.DeleteFunc(slices.Clone(all), func(x *dispatcher) bool { return x == d })
		s.onFailure(func() {
			s.dispatchers.Set(d.iface, list)
			s.allDispatchers = all
		})
	}
}

// finishDispatch writes the dispatchers asked for, and lets earlier ones know
// the types that are new.
func (l *lowerer) finishDispatch() {
	for again := true; again; {
		again = false
		for i := 0; i < len(l.s.allDispatchers); i++ { // writing one may ask for another
			d := l.s.allDispatchers[i]
			if d.more != "" && d.seen == len(l.s.concretes) {
				continue
			}
			again = true
			l.writeDispatcher(d)
		}
	}
}

func (l *lowerer) writeDispatcher(d *dispatcher) {
	at := l.s.anchor
	iface := d.iface.Underlying().(*types.Interface)
	before := *d
	calls, late := l.calls, l.late
	l.calls, l.late = d.calls, d.late
	defer func() { l.calls, l.late = calls, late }()
	var fresh []types.Type
	for ; d.seen < len(l.s.concretes); d.seen++ {
		t := l.s.concretes[d.seen]
		if d.known.At(t) == nil && types.Implements(t, iface) {
			d.known.Set(t, true)
			fresh = append(fresh, t)
		}
	}
	l.s.onFailure(func() {
		for _, t := range fresh {
			d.known.Delete(t)
		}
		d.seen, d.more = before.seen, before.more
	})
	if d.more != "" && len(fresh) == 0 {
		return
	}
	slot := d.slot
	if d.more == "" {
		d.more = l.s.slots.next("more·" + d.name)
		l.storage(d.more, d.sig)
		last := l.s.slots.next("last·" + d.name)
		l.decls = append(l.decls, l.dispatchFunc(last, d, nil, l.compiledMethodCall(d)))
		l.start = append(l.start, assignAt(at, []ast.Expr{identAt(d.more, at)}, []ast.Expr{identAt(last, at)}))
	} else {
		// The former more stays the last resort, through a variable of its own.
		slot = l.s.slots.next("call·" + d.name)
		former := l.s.slots.next("more·" + d.name)
		l.storage(former, d.sig)
		l.start = append(l.start,
			assignAt(at, []ast.Expr{identAt(former, at)}, []ast.Expr{identAt(d.more, at)}),
			assignAt(at, []ast.Expr{identAt(d.more, at)}, []ast.Expr{identAt(slot, at)}))
		l.decls = append(l.decls, l.dispatchFunc(slot, d, fresh, former))
		return
	}
	l.decls = append(l.decls, l.dispatchFunc(slot, d, fresh, d.more))
}

// storage declares a variable that holds a function.
func (l *lowerer) storage(slot string, sig *types.Signature) {
	at := l.s.anchor
	spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(slot, at)}, Type: l.funcType(&ast.FuncType{Func: at, Params: &ast.FieldList{Opening: at}}, sig)}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: at, Tok: token.VAR, Specs: []ast.Spec{spec}})
}

// dispatchFunc is a function that tries types, and passes on what is none of
// them: to the function named by rest, or by what rest makes of the parameters.
func (l *lowerer) dispatchFunc(name string, d *dispatcher, tries []types.Type, rest any) ast.Decl {
	at := l.s.anchor
	params := make([]string, d.sig.Params().Len())
	syntax := &ast.FuncType{Func: at, Params: &ast.FieldList{Opening: at, Closing: at}}
	for i := range params {
		params[i] = l.temp()
		syntax.Params.List = append(syntax.Params.List, &ast.Field{Names: []*ast.Ident{identAt(params[i], at)}})
	}
	args := func() []ast.Expr {
		list := make([]ast.Expr, len(params)-1)
		for i, p := range params[1:] {
			list[i] = identAt(p, at)
		}
		return list
	}
	give := func(call *ast.CallExpr) []ast.Stmt {
		if d.sig.Variadic() {
			call.Ellipsis = at
		}
		if d.sig.Results().Len() == 0 {
			return []ast.Stmt{&ast.ExprStmt{X: call}, &ast.ReturnStmt{Return: at}}
		}
		return []ast.Stmt{&ast.ReturnStmt{Return: at, Results: []ast.Expr{call}}}
	}
	var body []ast.Stmt
	for _, t := range tries {
		v, ok := l.temp(), l.temp()
		test := l.holds(identAt(params[0], at), t, v, ok, at)
		test.Body = blockAt(at, give(l.callOn(l.unboxed(v, t, at), t, d, args()))...)
		body = append(body, test)
	}
	switch rest := rest.(type) {
	case string:
		body = append(body, give(callAt(identAt(rest, at), at, append([]ast.Expr{identAt(params[0], at)}, args()...)...))...)
	case func(x ast.Expr) ast.Expr:
		if f := rest(identAt(params[0], at)); f != nil {
			body = append(body, give(callAt(f, at, args()...))...)
		} else {
			body = append(body, &ast.ExprStmt{X: callAt(identAt("panic", at), at, callAt(l.s.runtime("NoMethod", at), at, identAt(params[0], at), stringLit(d.name, at)))})
		}
	}
	for _, t := range tries {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, d.pkg, d.name); obj != nil && l.s.recovers[obj.(*types.Func).Origin()] {
			body = append([]ast.Stmt{&ast.ExprStmt{X: callAt(l.s.runtime("HandOn", at), at)}}, body...)
			break
		}
	}
	return &ast.FuncDecl{Name: identAt(name, at), Type: l.funcType(syntax, d.sig), Body: blockAt(at, body...)}
}

// compiledMethodCall makes the function a compiled value has as the method of
// d, if a compiled type could have it.
func (l *lowerer) compiledMethodCall(d *dispatcher) func(x ast.Expr) ast.Expr {
	return func(x ast.Expr) ast.Expr {
		params := d.sig.Params()
		rest := make([]types.Type, 0, params.Len())
		for i := 1; i < params.Len(); i++ {
			rest = append(rest, params.At(i).Type())
		}
		sig := types.NewSignatureType(nil, nil, nil, tupleOf(rest...), d.sig.Results(), d.sig.Variadic())
		if !token.IsExported(d.name) || l.erased(sig) {
			return nil
		}
		at := x.Pos()
		return &ast.TypeAssertExpr{
			X: callAt(l.s.runtime("Method", at), at, x, stringLit(d.name, at)), Lparen: at, Rparen: at,
			Type: l.typeExpr(sig, at),
		}
	}
}

// callOn calls the method of d, declared or promoted, of x of type t.
func (l *lowerer) callOn(x ast.Expr, t types.Type, d *dispatcher, args []ast.Expr) *ast.CallExpr {
	at := x.Pos()
	obj, index, _ := types.LookupFieldOrMethod(t, true, d.pkg, d.name)
	fn := obj.(*types.Func)
	s := &selection{kind: types.MethodVal, recv: t, obj: fn, index: index}
	x, t = l.walk(x, t, index[:len(index)-1])
	if slot := l.methodOf(s); slot != "" {
		slot = l.callee(slot, fn)
		return callAt(identAt(slot, at), at, append([]ast.Expr{l.adjust(x, t, fn)}, args...)...)
	}
	return callAt(&ast.SelectorExpr{X: x, Sel: identAt(d.name, at)}, at, args...)
}

// methodOf returns the name of the function behind the method a selection
// denotes; "" if it is a compiled one.
func (l *lowerer) methodOf(s *selection) string {
	t := s.recv
	for _, i := range s.index[:len(s.index)-1] {
		t = l.sub(fieldAt(t, i).Type())
	}
	fn := s.obj.(*types.Func)
	if types.IsInterface(t) {
		if l.ownInterface(t) {
			return l.dispatch(t, fn.Name())
		}
		return ""
	}
	return l.methodSlot(fn)
}
