package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assertion lowers x.(T) and v, ok = x.(T).
func (l *lowerer) assertion(e ast.Expr) (ast.Expr, bool) {
	a, ok := e.(*ast.TypeAssertExpr)
	if !ok || a.Type == nil {
		return nil, false
	}
	from, to := l.typeOf(a.X), l.typeOf(a.Type)
	x := l.dynamic(a.X)
	if _, both := l.typeOf(a).(*types.Tuple); both {
		return l.asks(x, to), true
	}
	return l.must(x, from, to), true
}

// dynamic is the value in an interface, as any.
func (l *lowerer) dynamic(e ast.Expr) ast.Expr {
	return l.convert(l.expr(e), l.typeOf(e), emptyInterface, inCell)
}

// errorsCall lowers calls of errors.Is and errors.As, which would look at the
// values that give a cell's errors their methods.
func (l *lowerer) errorsCall(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil, false
	}
	fn := l.calledFunc(call.Fun)
	if fn == nil {
		return nil, false
	}
	pos := call.Pos()
	switch fn.FullName() {
	case "errors.Is":
		return callAt(l.s.runtime("ErrorsIs", pos), pos, l.exprs(call.Args)...), true
	case "errors.As":
		ptr, ok := l.typeOf(call.Args[1]).Underlying().(*types.Pointer)
		if !ok {
			return nil, false
		}
		return l.errorsAs(call, ptr), true
	}
	return nil, false
}

// errorsAs is runtime.ErrorsAs(err, target, func(x any) bool {
// v, ok := x.(T); if ok { *target = v }; return ok }).
func (l *lowerer) errorsAs(call *ast.CallExpr, ptr *types.Pointer) ast.Expr {
	pos := call.Pos()
	err, target, x, v, ok := l.temp(), l.temp(), l.temp(), l.temp(), l.temp()
	take := &ast.FuncLit{
		Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{{Names: []*ast.Ident{identAt(x, pos)}}}}},
			types.NewSignatureType(nil, nil, nil, tupleOf(emptyInterface), tupleOf(types.Typ[types.Bool]), false)),
		Body: blockAt(pos,
			&ast.AssignStmt{Lhs: []ast.Expr{identAt(v, pos), identAt(ok, pos)}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.asks(identAt(x, pos), ptr.Elem())}},
			&ast.IfStmt{If: pos, Cond: identAt(ok, pos), Body: blockAt(pos, assignAt(pos, []ast.Expr{&ast.StarExpr{Star: pos, X: identAt(target, pos)}}, []ast.Expr{identAt(v, pos)}))},
			&ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(ok, pos)}}),
	}
	return l.immediate(pos, types.Typ[types.Bool],
		callAt(l.s.runtime("ErrorsAs", pos), pos, identAt(err, pos), identAt(target, pos), l.closure(take, types.NewSignatureType(nil, nil, nil, tupleOf(emptyInterface), tupleOf(types.Typ[types.Bool]), false))),
		l.varAt(pos, err, types.Universe.Lookup("error").Type(), l.expr(call.Args[0])),
		l.varAt(pos, target, ptr, l.bare(call.Args[1])))
}
