package cell

import (
	"go/ast"
	"go/types"
)

// Compiled packages know the compiled package reflect, cells another one (see
// kernel/cell/reflect). Where one gives or takes a reflect.Type or reflect.Value
// it is turned into the other; what cannot be turned is refused.

// reflection names what a type is of package reflect: "Type", "Value" or "".
func reflection(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || pkgPath(n.Obj()) != reflectPath {
		return ""
	}
	switch name := n.Obj().Name(); name {
	case "Type", "Value":
		return name
	}
	return ""
}

// mentionsReflection reports whether values of t may hold or take a reflect.Type
// or reflect.Value.
func mentionsReflection(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return reflection(t) != ""
	case *types.Pointer:
		return mentionsReflection(t.Elem())
	case *types.Slice:
		return mentionsReflection(t.Elem())
	case *types.Array:
		return mentionsReflection(t.Elem())
	case *types.Chan:
		return mentionsReflection(t.Elem())
	case *types.Map:
		return mentionsReflection(t.Key()) || mentionsReflection(t.Elem())
	case *types.Signature:
		return mentionsReflection(t.Params()) || mentionsReflection(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if mentionsReflection(v.Type()) {
				return true
			}
		}
	}
	return false
}

// knowsReflection reports whether obj is of a compiled package other than reflect.
func (l *lowerer) knowsReflection(obj types.Object) bool {
	pkg := obj.Pkg()
	if pkg == nil || pkg.Path() == reflectPath || l.s.ours(pkg) {
		return false
	}
	src := l.s.sourcePkgs[pkg.Path()]
	return src == nil || src.pkg != pkg
}

// compiledReflection lowers what a compiled package gives: the field of a struct
// or the result of a call.
func (l *lowerer) compiledReflection(e ast.Expr) (ast.Expr, bool) {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		t := l.info.TypeOf(e)
		if t == nil || !mentionsReflection(t) || !l.compiledField(e) {
			return nil, false
		}
		if name := reflection(t); name != "" {
			s := l.selection(e)
			x, _ := l.walk(l.expr(e.X), s.recv, s.index[:len(s.index)-1])
			return callAt(l.s.runtime("Mirror"+name, e.Pos()), e.Pos(), &ast.SelectorExpr{X: x, Sel: e.Sel}), true
		}
		l.refuseReflection(e, e.Sel.Name)
	case *ast.CallExpr:
		fn := l.calledFunc(e.Fun)
		if fn == nil || !mentionsReflection(fn.Type()) || !l.knowsReflection(fn) || l.info.Defs != nil && l.s.sourceFunc(fn) != nil {
			return nil, false
		}
		return l.reflectionCall(e, fn), true
	case *ast.CompositeLit:
		st, ok := core(l.info.TypeOf(e)).(*types.Struct)
		if !ok {
			return nil, false
		}
		for i, elt := range e.Elts {
			f := (*types.Var)(nil)
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				f, _ = l.info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
			} else {
				f = st.Field(i)
			}
			if f != nil && mentionsReflection(f.Type()) && l.knowsReflection(f) {
				l.refuseReflection(elt, f.Name())
			}
		}
	}
	return nil, false
}

// compiledField reports whether e is a field of a compiled struct.
func (l *lowerer) compiledField(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := l.selection(sel)
	return s != nil && s.kind == types.FieldVal && l.knowsReflection(s.obj)
}

func (l *lowerer) refuseReflection(at ast.Node, name string) {
	l.refuse(at.Pos(), sprintf("%s is declared with types of the compiled package reflect, which cells have their own in place of: only a reflect.Type or reflect.Value by itself can be read or passed", name))
}

// reflectionCall lowers a call of a compiled function that takes or gives what is
// of package reflect.
func (l *lowerer) reflectionCall(call *ast.CallExpr, fn *types.Func) ast.Expr {
	pos := call.Pos()
	sig := fn.Signature()
	out := &ast.CallExpr{Lparen: call.Lparen, Rparen: call.Rparen}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sig.Recv() != nil {
		if s := l.selection(sel); s != nil && s.kind == types.MethodVal {
			x, _ := l.walk(l.expr(sel.X), s.recv, s.index[:len(s.index)-1])
			out.Fun = &ast.SelectorExpr{X: x, Sel: sel.Sel}
		}
	}
	if out.Fun == nil {
		out.Fun = l.expr(call.Fun)
	}
	if sig.Variadic() || len(call.Args) != sig.Params().Len() {
		l.refuseReflection(call, fn.Name())
	}
	for i, a := range call.Args {
		x := l.expr(a)
		if p := parameter(sig, i); reflection(p) != "" {
			x = callAt(l.s.runtime("Compiled"+reflection(p), a.Pos()), a.Pos(), x)
		} else if mentionsReflection(p) {
			l.refuseReflection(a, fn.Name())
		}
		out.Args = append(out.Args, x)
	}
	if !mentionsReflection(sig.Results()) {
		return out
	}
	if sig.Results().Len() > 1 || reflection(sig.Results().At(0).Type()) == "" {
		l.refuseReflection(call, fn.Name())
		return out
	}
	return callAt(l.s.runtime("Mirror"+reflection(sig.Results().At(0).Type()), pos), pos, out)
}

// storeReflection refuses to set a field of a compiled struct.
func (l *lowerer) storeReflection(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return nil, false
	}
	for _, e := range a.Lhs {
		if t := l.info.TypeOf(e); t != nil && mentionsReflection(t) && l.compiledField(e) {
			l.refuseReflection(e, ast.Unparen(e).(*ast.SelectorExpr).Sel.Name)
			return nil, true
		}
	}
	return nil, false
}
