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
	if v := l.compiledVar(u.X); v != nil {
		return l.addressOf(v, u.Pos()), true
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

// compiled names an object of a compiled package. The interpreter reads a variable when it compiles, and assigns to a copy,
// so a variable is what its address points to.
func (l *lowerer) compiled(obj types.Object, pos token.Pos) ast.Expr {
	if v, ok := obj.(*types.Var); ok {
		return &ast.ParenExpr{Lparen: pos, X: &ast.StarExpr{Star: pos, X: l.addressOf(v, pos)}, Rparen: pos}
	}
	return l.s.qualified(obj.Pkg(), obj.Name(), pos)
}

// addressOf is the address of a variable of a compiled package.
func (l *lowerer) addressOf(v *types.Var, pos token.Pos) ast.Expr {
	return &ast.ParenExpr{Lparen: pos, X: &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: l.s.qualified(v.Pkg(), v.Name(), pos)}, Rparen: pos}
}

// compiledVar is the variable of a compiled package that e names, nil if it names none.
func (l *lowerer) compiledVar(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if sel, isSel := ast.Unparen(e).(*ast.SelectorExpr); isSel {
		if x, isID := sel.X.(*ast.Ident); isID {
			if _, isPkg := l.info.Uses[x].(*types.PkgName); isPkg {
				id, ok = sel.Sel, true
			}
		}
	}
	if !ok {
		return nil
	}
	v, ok := l.object(id).(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil || v.Pkg() == l.s.pkg || v.Pkg().Scope().Lookup(v.Name()) != v || l.slot(v) != "" {
		return nil
	}
	return v
}
