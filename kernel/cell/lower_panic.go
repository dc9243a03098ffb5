package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// panicCall lowers panic(x) for an x that may be nil, of which the interpreter
// makes a panic that recover does not see.
func (l *lowerer) panicCall(s ast.Stmt) ([]ast.Stmt, bool) {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return nil, false
	}
	call, ok := ast.Unparen(e.X).(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return nil, false
	}
	if b, ok := l.info.Uses[id].(*types.Builtin); !ok || b.Name() != "panic" {
		return nil, false
	}
	pos := call.Pos()
	raise := func(x ast.Expr) ast.Stmt { return &ast.ExprStmt{X: callAt(identAt("panic", pos), pos, x)} }
	none := raise(callAt(l.s.runtime("NilPanic", pos), pos))
	arg := call.Args[0]
	if l.info.Types[arg].IsNil() {
		return []ast.Stmt{none}, true
	}
	t := l.typeOf(arg)
	if !types.IsInterface(t) {
		return nil, false
	}
	x := l.temp()
	return []ast.Stmt{blockAt(pos,
		l.varAt(pos, x, emptyInterface, l.expr(arg)),
		&ast.IfStmt{
			If:   pos,
			Cond: &ast.BinaryExpr{X: identAt(x, pos), OpPos: pos, Op: token.EQL, Y: identAt("nil", pos)},
			Body: blockAt(pos, none),
		},
		raise(identAt(x, pos)),
	)}, true
}
