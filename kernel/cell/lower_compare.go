package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// compare lowers == and != where an interface is on one side or both: the
// interpreter compares its own boxes, not what is in them.
func (l *lowerer) compare(e ast.Expr) (ast.Expr, bool) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ {
		return nil, false
	}
	if tv := l.info.Types[b]; tv.Value != nil || l.info.Types[b.Y].IsNil() {
		return nil, false
	}
	if l.info.Types[b.X].IsNil() { // which the interpreter knows on the right only
		return &ast.BinaryExpr{X: l.expr(b.Y), OpPos: b.OpPos, Op: b.Op, Y: l.expr(b.X)}, true
	}
	xt, yt := l.typeOf(b.X), l.typeOf(b.Y)
	if !types.IsInterface(xt) && !types.IsInterface(yt) {
		return l.compareAlike(b, xt, yt)
	}
	eq := l.equal(l.expr(b.X), xt, l.expr(b.Y), yt, b.Pos())
	if b.Op == token.NEQ {
		eq = &ast.UnaryExpr{OpPos: b.OpPos, Op: token.NOT, X: eq}
	}
	return eq, true
}

// compareAlike compares a value of a named type with one of its underlying
// type, or two channels of different directions: the interpreter compares
// values of one type only.
func (l *lowerer) compareAlike(b *ast.BinaryExpr, xt, yt types.Type) (ast.Expr, bool) {
	if types.Identical(xt, yt) || l.info.Types[b.X].Value != nil || l.info.Types[b.Y].Value != nil || untyped(xt) || untyped(yt) {
		return nil, false
	}
	x, y := l.expr(b.X), l.expr(b.Y)
	if types.AssignableTo(yt, xt) {
		y = callAt(&ast.ParenExpr{Lparen: b.OpPos, X: l.typeExpr(xt, b.OpPos), Rparen: b.OpPos}, y.Pos(), y)
	} else {
		x = callAt(&ast.ParenExpr{Lparen: b.OpPos, X: l.typeExpr(yt, b.OpPos), Rparen: b.OpPos}, x.Pos(), x)
	}
	return &ast.BinaryExpr{X: x, OpPos: b.OpPos, Op: b.Op, Y: y}, true
}

func untyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// equal compares x and y, at least one of which is an interface. An interface
// equals a value of another type if it holds one of that type that is equal.
func (l *lowerer) equal(x ast.Expr, xt types.Type, y ast.Expr, yt types.Type, pos token.Pos) ast.Expr {
	return callAt(l.s.runtime("Equal", pos), pos,
		l.convert(x, xt, emptyInterface, inCell), l.convert(y, yt, emptyInterface, inCell))
}
