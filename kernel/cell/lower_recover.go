package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// callsRecover reports whether a body calls or defers recover, function
// literals apart.
func callsRecover(b ast.Node, info *types.Info) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || isRecover(n, info)
		}
		return !found
	})
	return found
}

func isRecover(call *ast.CallExpr, info *types.Info) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return ok && b.Name() == "recover"
}

// asksCalled makes a function that may or may not be called by a deferred call
// find out as it starts.
func (l *lowerer) asksCalled(b *ast.BlockStmt) []ast.Stmt {
	if l.in.recover != "" || !callsRecover(b, l.info) {
		return nil
	}
	l.in.recover = l.temp()
	return []ast.Stmt{defineAt(b.Pos(), l.in.recover, callAt(l.s.runtime("Called", b.Pos()), b.Pos()))}
}

// recoverCall lowers recover().
func (l *lowerer) recoverCall(pos token.Pos) ast.Expr {
	if l.in.recover == "" { // a statement of the cell
		return callAt(l.s.runtime("NoRecover", pos), pos)
	}
	return callAt(&ast.SelectorExpr{X: identAt(l.in.recover, pos), Sel: identAt("Recover", pos)}, pos)
}

// deferRecover is what defer recover() calls later.
func (l *lowerer) deferRecover(pos token.Pos) *ast.CallExpr {
	if l.in.recover == "" || l.in.defers == "" {
		return callAt(l.s.runtime("NoRecover", pos), pos)
	}
	return callAt(&ast.SelectorExpr{X: identAt(l.in.recover, pos), Sel: identAt("RecoverDeferred", pos)}, pos, identAt(l.in.defers, pos))
}

// handsOn makes a function that forwards to fn say so, if fn asks, or may ask,
// whether a deferred call called it.
func (l *lowerer) handsOn(lit *ast.FuncLit, fn *types.Func) {
	if types.IsInterface(fn.Signature().Recv().Type()) || l.s.recovers[fn.Origin()] {
		pos := lit.Pos()
		lit.Body.List = append([]ast.Stmt{&ast.ExprStmt{X: callAt(l.s.runtime("HandOn", pos), pos)}}, lit.Body.List...)
	}
}
