package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// storeAfter lowers x[i] = f() and x[i] += f() where f may change x or i: the
// compiler reads variables after it has made the calls, the interpreter before.
func (l *lowerer) storeAfter(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 || a.Tok == token.DEFINE {
		return nil, false
	}
	switch ast.Unparen(a.Lhs[0]).(type) {
	case *ast.IndexExpr, *ast.SelectorExpr, *ast.StarExpr:
	default:
		return nil, false
	}
	if !l.runsCells(a.Rhs[0]) && !l.derefToMap(a) {
		return nil, false
	}
	out := l.hold(a.Lhs[0])
	name := l.temp()
	return append(out,
		defineAt(a.Rhs[0].Pos(), name, l.expr(a.Rhs[0])),
		&ast.AssignStmt{Lhs: l.exprs(a.Lhs), TokPos: a.TokPos, Tok: a.Tok, Rhs: []ast.Expr{identAt(name, a.Rhs[0].Pos())}},
	), true
}

// derefToMap reports whether m[k] = *p is assigned, in which the interpreter
// does not notice that p is nil.
func (l *lowerer) derefToMap(a *ast.AssignStmt) bool {
	x, ok := ast.Unparen(a.Lhs[0]).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, isMap := core(l.typeOf(x.X)).(*types.Map)
	_, star := ast.Unparen(a.Rhs[0]).(*ast.StarExpr)
	return isMap && star
}

// hold makes the calls in an expression that is lowered after others: their
// values take their places in it.
func (l *lowerer) hold(e ast.Expr) []ast.Stmt {
	var out []ast.Stmt
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if tv := l.info.Types[n.Fun]; tv.IsType() || l.info.Types[n].Value != nil {
				return true
			}
			name := l.temp()
			out = append(out, defineAt(n.Pos(), name, l.expr(n)))
			if l.held == nil {
				l.held = map[ast.Expr]string{}
			}
			l.held[n] = name
			return false
		}
		return true
	})
	return out
}

// runsCells reports whether evaluating an expression may run code of a cell.
// A function of a compiled package does so only if it is given some.
func (l *lowerer) runsCells(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			tv := l.info.Types[n.Fun]
			found = found || !tv.IsType() && !tv.IsBuiltin() && !l.ofPackage(n.Fun)
		}
		return !found
	})
	return found
}

// ofPackage reports whether an expression names a function of a compiled
// package whose arguments are plain values.
func (l *lowerer) ofPackage(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	if _, ok := l.info.Uses[id].(*types.PkgName); !ok {
		return false
	}
	sig, ok := l.typeOf(fun).Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		switch v.Type().Underlying().(type) {
		case *types.Basic:
		default:
			return false
		}
	}
	return true
}

// discard lowers _ = x. The interpreter's _ is a variable, of the type of what
// it is given first, and no value is read for it.
func (l *lowerer) discard(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || len(a.Rhs) != 1 || !blank(a.Lhs[0]) {
		return nil, false
	}
	return []ast.Stmt{defineAt(a.Pos(), l.temp(), l.expr(a.Rhs[0]))}, true
}
