package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// selector lowers x.f. A name of a package is qualified, a field is reached by
// its whole path (so that promotion never depends on the interpreter), and a
// method of a cell's type that is used as a value becomes a closure over the
// late-bound function.
func (l *lowerer) selector(e ast.Expr) (ast.Expr, bool) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		if _, ok := l.info.Uses[id].(*types.PkgName); ok {
			if slot := l.slot(l.info.Uses[sel.Sel]); slot != "" { // of a fetched package
				return identAt(slot, sel.Pos()), true
			}
			return l.compiled(l.info.Uses[sel.Sel], sel.Pos()), true
		}
	}
	s := l.selection(sel)
	if s == nil {
		return nil, false
	}
	switch s.kind {
	case types.FieldVal:
		x, t := l.walk(l.pointed(sel.X), s.recv, s.index[:len(s.index)-1])
		f := fieldAt(t, s.index[len(s.index)-1])
		return &ast.SelectorExpr{X: x, Sel: identAt(l.selName(f), sel.Sel.NamePos)}, true
	case types.MethodVal:
		if m := l.methodOf(s); m != "" {
			return l.boundMethod(sel, s, m), true
		}
		if out, ok := l.blockingValue(sel, s); ok {
			return out, true
		}
		x, t := l.walk(l.expr(sel.X), s.recv, s.index[:len(s.index)-1])
		if sel.Sel.Name == "Read" && isFile(t) { // it may be os.Stdin
			x = callAt(l.s.runtime("Reader", sel.Pos()), sel.Pos(), x)
		}
		return &ast.SelectorExpr{X: x, Sel: sel.Sel}, true
	case types.MethodExpr:
		return l.methodExpr(sel, s), true
	}
	return nil, false
}

// pointed is the operand of a selector. The pointer that another points to, (*pp).f,
// is kept first, where the interpreter loses its way.
func (l *lowerer) pointed(e ast.Expr) ast.Expr {
	star, ok := ast.Unparen(e).(*ast.StarExpr)
	if !ok {
		return l.expr(e)
	}
	t := l.typeOf(star)
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr {
		return l.expr(e)
	}
	name := l.temp()
	return l.immediate(e.Pos(), t, identAt(name, e.Pos()), defineAt(e.Pos(), name, l.expr(e)))
}

// walk follows embedded fields from x of type t.
func (l *lowerer) walk(x ast.Expr, t types.Type, path []int) (ast.Expr, types.Type) {
	for _, i := range path {
		f := fieldAt(t, i)
		x = &ast.SelectorExpr{X: x, Sel: identAt(l.selName(f), x.Pos())}
		t = f.Type()
	}
	return x, t
}

func fieldAt(t types.Type, i int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return t.Underlying().(*types.Struct).Field(i)
}

func (l *lowerer) selName(f *types.Var) string { return f.Name() }

// receiver spells the receiver argument of a method, taking or following an
// address as a call would.
func (l *lowerer) receiver(sel *ast.SelectorExpr, s *selection) ast.Expr {
	path := s.index[:len(s.index)-1]
	x, t := l.walk(l.expr(sel.X), s.recv, path)
	return l.adjust(x, t, s.obj.(*types.Func))
}

// calledMethod takes a call of a method apart; s is nil if e is no such call.
func (l *lowerer) calledMethod(e ast.Expr) (call *ast.CallExpr, sel *ast.SelectorExpr, s *selection) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, nil, nil
	}
	if sel, ok = ast.Unparen(call.Fun).(*ast.SelectorExpr); !ok {
		return nil, nil, nil
	}
	if s = l.selection(sel); s == nil || s.kind != types.MethodVal {
		return nil, nil, nil
	}
	return call, sel, s
}

// methodCall lowers a call of a method declared in a cell to a call of the
// function behind it.
func (l *lowerer) methodCall(e ast.Expr) (ast.Expr, bool) {
	call, sel, s := l.calledMethod(e)
	if s == nil {
		return nil, false
	}
	slot := l.methodOf(s)
	if slot == "" {
		return nil, false
	}
	slot = l.callee(slot, s.obj.(*types.Func))
	recv := l.receiver(sel, s)
	args, ellipsis := l.arguments(call)
	if tuple := l.spreads(call); tuple != nil {
		// x.m(f()) with several results: the receiver joins them.
		names := make([]ast.Expr, tuple.Len())
		lhs := make([]ast.Expr, tuple.Len())
		for i := range names {
			t := l.temp()
			names[i], lhs[i] = identAt(t, call.Pos()), identAt(t, call.Pos())
		}
		inner := &ast.CallExpr{Fun: identAt(slot, sel.Sel.Pos()), Lparen: call.Lparen, Args: append([]ast.Expr{recv}, names...), Rparen: call.Rparen}
		define := &ast.AssignStmt{Lhs: lhs, TokPos: call.Pos(), Tok: token.DEFINE, Rhs: args}
		return l.immediate(call.Pos(), l.typeOf(call), inner, define), true
	}
	return &ast.CallExpr{
		Fun: identAt(slot, sel.Sel.Pos()), Lparen: call.Lparen,
		Args: append([]ast.Expr{recv}, args...), Ellipsis: ellipsis, Rparen: call.Rparen,
	}, true
}

// immediate is a function literal that runs stmts, returns value and is called at once.
func (l *lowerer) immediate(pos token.Pos, typ types.Type, value ast.Expr, stmts ...ast.Stmt) ast.Expr {
	var results []*types.Var
	switch t := typ.(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			results = append(results, types.NewVar(token.NoPos, nil, "", v.Type()))
		}
	default:
		if typ != nil {
			results = append(results, types.NewVar(token.NoPos, nil, "", typ))
		}
	}
	sig := types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(results...), false)
	var last ast.Stmt = &ast.ReturnStmt{Return: pos, Results: []ast.Expr{value}}
	if len(results) == 0 {
		last = &ast.ExprStmt{X: value}
	}
	lit := &ast.FuncLit{Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig), Body: blockAt(pos, append(stmts, last)...)}
	return callAt(lit, pos)
}

// boundMethod is the method value x.m: the receiver is evaluated now, the
// function when it is called.
func (l *lowerer) boundMethod(sel *ast.SelectorExpr, s *selection, slot string) ast.Expr {
	pos := sel.Pos()
	sig := s.typ.(*types.Signature)
	recv := l.temp()
	define := defineAt(pos, recv, l.receiver(sel, s))
	lit := l.forward(pos, sig, identAt(slot, pos), identAt(recv, pos))
	l.handsOn(lit, s.obj.(*types.Func))
	if types.IsInterface(s.obj.(*types.Func).Signature().Recv().Type()) {
		return l.immediate(pos, sig, lit, define, &ast.ExprStmt{X: callAt(l.s.runtime("CheckMethod", pos), pos, identAt(recv, pos))})
	}
	return l.immediate(pos, sig, lit, define)
}

// forward is a function literal of signature sig that calls fun with first and
// its own parameters.
func (l *lowerer) forward(pos token.Pos, sig *types.Signature, fun ast.Expr, first ...ast.Expr) *ast.FuncLit {
	params := make([]*types.Var, sig.Params().Len())
	t := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	args := first
	for i := range params {
		name := l.temp()
		params[i] = types.NewVar(token.NoPos, nil, name, sig.Params().At(i).Type())
		t.Params.List = append(t.Params.List, &ast.Field{Names: []*ast.Ident{identAt(name, pos)}})
		args = append(args, identAt(name, pos))
	}
	call := callAt(fun, pos, args...)
	if sig.Variadic() {
		call.Ellipsis = pos
	}
	plain := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	var body ast.Stmt = &ast.ExprStmt{X: call}
	if sig.Results().Len() > 0 {
		body = &ast.ReturnStmt{Return: pos, Results: []ast.Expr{call}}
	}
	return &ast.FuncLit{Type: l.funcType(t, plain), Body: blockAt(pos, body)}
}

// methodExpr is T.m: a function whose first parameter is the receiver.
func (l *lowerer) methodExpr(sel *ast.SelectorExpr, s *selection) ast.Expr {
	pos := sel.Pos()
	sig := s.typ.(*types.Signature)
	fn := s.obj.(*types.Func)
	recv := sig.Params().At(0)
	name := l.temp()
	x, t := l.walk(identAt(name, pos), recv.Type(), s.index[:len(s.index)-1])
	rest := make([]*types.Var, 0, sig.Params().Len())
	for i := 1; i < sig.Params().Len(); i++ {
		rest = append(rest, sig.Params().At(i))
	}
	inner := types.NewSignatureType(nil, nil, nil, types.NewTuple(rest...), sig.Results(), sig.Variadic())
	var lit *ast.FuncLit
	inside := &selection{kind: s.kind, recv: recv.Type(), obj: s.obj, index: s.index}
	if slot := l.methodOf(inside); slot != "" {
		x = l.adjust(x, t, fn)
		lit = l.forward(pos, inner, identAt(slot, pos), x)
	} else {
		lit = l.forward(pos, inner, &ast.SelectorExpr{X: x, Sel: sel.Sel})
	}
	l.handsOn(lit, fn)
	lit.Type.Params.List = append([]*ast.Field{{Names: []*ast.Ident{identAt(name, pos)}, Type: l.typeExpr(recv.Type(), pos)}}, lit.Type.Params.List...)
	return lit
}
