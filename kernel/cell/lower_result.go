package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// displayPath is the package whose Object carries what reflection cannot see
// of a value of a cell's own type.
const displayPath = "swingby/kernel/display"

// resultStmts hands the value of the last expression, or all values of the
// last call, to the session.
func (l *lowerer) resultStmts(e ast.Expr) []ast.Stmt {
	pos := e.Pos()
	x := l.convert(l.expr(e), l.typeOf(e), emptyInterface, sink{code: displayPath})
	return []ast.Stmt{
		&ast.ExprStmt{X: callAt(l.s.runtime("Running", pos), pos, intOf(l.count, pos))},
		&ast.ExprStmt{X: callAt(l.s.runtime("Result", pos), pos, x)},
	}
}

// adjust takes or follows the address of x, of type t, as the receiver of fn wants.
func (l *lowerer) adjust(x ast.Expr, t types.Type, fn *types.Func) ast.Expr {
	_, isPtr := types.Unalias(t).(*types.Pointer)
	_, wantPtr := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	switch {
	case wantPtr && !isPtr:
		return &ast.UnaryExpr{OpPos: x.Pos(), Op: token.AND, X: x}
	case !wantPtr && isPtr:
		return &ast.StarExpr{Star: x.Pos(), X: x}
	}
	return x
}
