package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// shift lowers x << y and x >> y.
func (l *lowerer) shift(e ast.Expr) (ast.Expr, bool) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.SHL && b.Op != token.SHR || l.info.Types[b].Value != nil {
		return nil, false
	}
	return &ast.BinaryExpr{X: l.expr(b.X), OpPos: b.OpPos, Op: b.Op, Y: l.shiftCount(b.Y)}, true
}

// shiftAssign lowers x <<= y and x >>= y.
func (l *lowerer) shiftAssign(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.SHL_ASSIGN && a.Tok != token.SHR_ASSIGN {
		return nil, false
	}
	return []ast.Stmt{&ast.AssignStmt{Lhs: l.exprs(a.Lhs), TokPos: a.TokPos, Tok: a.Tok, Rhs: []ast.Expr{l.shiftCount(a.Rhs[0])}}}, true
}

// shiftCount writes a constant count as an integer, whatever its literal was,
// and says the type of a count that is a shift itself, which the interpreter
// finds only by what is shifted. It would take a negative count for a large
// one: a count that may be negative is an index too, where it panics.
func (l *lowerer) shiftCount(e ast.Expr) ast.Expr {
	pos := e.Pos()
	if count := l.info.Types[e].Value; count != nil {
		return intLit(constant.ToInt(count), pos)
	}
	t := l.typeOf(e)
	count := l.expr(e)
	if inner, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && (inner.Op == token.SHL || inner.Op == token.SHR) {
		count = callAt(l.typeExpr(t, pos), pos, count)
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsUnsigned != 0 || l.nonNegative(e) {
		return count
	}
	again := func(x ast.Expr) ast.Expr { return callAt(identAt("int", pos), pos, x) }
	checked := func(x, sign ast.Expr) ast.Expr {
		index := &ast.BinaryExpr{X: again(sign), OpPos: pos, Op: token.SHR, Y: intOf(63, pos)}
		zero := &ast.IndexExpr{X: l.s.runtime("Zeros", pos), Lbrack: pos, Index: index, Rbrack: pos}
		return &ast.ParenExpr{Lparen: pos, X: &ast.BinaryExpr{X: again(x), OpPos: pos, Op: token.OR, Y: zero}, Rparen: e.End()}
	}
	if !calls(e) {
		return checked(count, l.expr(e))
	}
	name := l.temp()
	return l.immediate(pos, types.Typ[types.Int], checked(identAt(name, pos), identAt(name, pos)), defineAt(pos, name, count))
}

// nonNegative reports whether an integer cannot be negative: a length, bits
// under a mask, or the counter of a loop that only counts up.
func (l *lowerer) nonNegative(e ast.Expr) bool {
	if v := l.info.Types[e].Value; v != nil {
		return constant.Sign(constant.ToInt(v)) >= 0
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return l.counter(e)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.AND:
			return l.nonNegative(e.X) || l.nonNegative(e.Y)
		case token.REM, token.SHR:
			return l.nonNegative(e.X)
		case token.QUO, token.OR:
			return l.nonNegative(e.X) && l.nonNegative(e.Y)
		}
	case *ast.CallExpr:
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok {
			b, ok := l.info.Uses[id].(*types.Builtin)
			return ok && (b.Name() == "len" || b.Name() == "cap")
		}
	}
	return false
}

// counter reports whether a variable is the counter of a loop around the
// statement, from a constant that is not negative up, and set nowhere else.
func (l *lowerer) counter(id *ast.Ident) bool {
	v := l.info.Uses[id]
	for _, loop := range l.loops {
		switch loop := loop.(type) {
		case *ast.RangeStmt:
			key, ok := loop.Key.(*ast.Ident)
			if _, isMap := l.typeOf(loop.X).Underlying().(*types.Map); ok && !isMap && v != nil && l.info.Defs[key] == v {
				_, isFunc := l.typeOf(loop.X).Underlying().(*types.Signature)
				_, isChan := l.typeOf(loop.X).Underlying().(*types.Chan)
				return !isFunc && !isChan && !l.sets(loop.Body, v)
			}
		case *ast.ForStmt:
			init, ok := loop.Init.(*ast.AssignStmt)
			if !ok || len(init.Lhs) != 1 || len(init.Rhs) != 1 || v == nil {
				continue
			}
			if name, ok := init.Lhs[0].(*ast.Ident); ok && l.info.Defs[name] == v {
				post, ok := loop.Post.(*ast.IncDecStmt)
				return ok && post.Tok == token.INC && l.info.Types[init.Rhs[0]].Value != nil && l.nonNegative(init.Rhs[0]) && !l.sets(loop.Body, v)
			}
		}
	}
	return false
}

// sets reports whether statements assign to a variable or take its address.
func (l *lowerer) sets(n ast.Node, v types.Object) bool {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && l.info.Uses[id] == v
	}
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				found = found || is(e)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		}
		return !found
	})
	return found
}
