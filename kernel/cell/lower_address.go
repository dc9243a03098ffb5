package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// address lowers &x where the interpreter does not see that x has an address,
// or would not notice that the pointer on the way to it is nil.
func (l *lowerer) address(e ast.Expr) (ast.Expr, bool) {
	u, ok := e.(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return nil, false
	}
	switch x := ast.Unparen(u.X).(type) {
	case *ast.StarExpr: // &*p is p, unless p is nil
		return l.checked(l.expr(x.X), l.typeOf(x.X), u.Pos()), true
	case *ast.IndexExpr:
		t := l.typeOf(x.X)
		if _, isPtr := t.Underlying().(*types.Pointer); !isPtr {
			return nil, false
		}
		array := &ast.StarExpr{Star: x.Pos(), X: l.expr(x.X)}
		elem := &ast.IndexExpr{X: &ast.ParenExpr{Lparen: x.Pos(), X: array, Rparen: x.X.End()}, Lbrack: x.Lbrack, Index: l.expr(x.Index), Rbrack: x.Rbrack}
		return &ast.UnaryExpr{OpPos: u.OpPos, Op: token.AND, X: elem}, true
	}
	return nil, false
}

// checked is the pointer p of type t, after a panic if it is nil.
func (l *lowerer) checked(p ast.Expr, t types.Type, pos token.Pos) ast.Expr {
	name := l.temp()
	return l.immediate(pos, t, identAt(name, pos),
		defineAt(pos, name, p),
		defineAt(pos, l.temp(), &ast.StarExpr{Star: pos, X: identAt(name, pos)}))
}
