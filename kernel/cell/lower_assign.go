package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// assignMany lowers a, b = x, y (and :=) to single assignments. The
// interpreter forgets all but the first where that is a call, and has no
// variable to keep a nil or the value of an interface in.
func (l *lowerer) assignMany(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || len(a.Lhs) < 2 || len(a.Lhs) != len(a.Rhs) {
		return nil, false
	}
	if !l.entangled(a) && !l.anyCall(a.Rhs) && !slices.ContainsFunc(a.Rhs, func(e ast.Expr) bool { return types.IsInterface(l.typeOf(e)) || l.info.Types[e].IsNil() }) {
		return nil, false
	}
	if a.Tok == token.DEFINE {
		return l.defineMany(a), true
	}
	return l.storeMany(a.Lhs, a.Rhs, a.TokPos), true
}

// entangled reports whether assigning to one of the variables on the left
// changes where another goes, or evaluating a value may panic: the interpreter
// assigns as it goes.
func (l *lowerer) entangled(a *ast.AssignStmt) bool {
	if a.Tok == token.DEFINE {
		return false
	}
	assigned := map[types.Object]bool{}
	for _, e := range a.Lhs {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			assigned[l.object(id)] = true
		}
	}
	found := false
	for _, e := range a.Rhs {
		_, star := ast.Unparen(e).(*ast.StarExpr)
		found = found || star
	}
	for _, e := range a.Lhs {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			continue
		case *ast.StarExpr:
			found = true
		case *ast.IndexExpr:
			_, isMap := core(l.typeOf(x.X)).(*types.Map)
			found = found || isMap
		}
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && assigned[l.info.Uses[id]] {
				found = true
			}
			return !found
		})
	}
	return found
}

// anyCall reports whether one of the expressions is a call or a literal of a
// function, or contains an assertion, a received value or a literal of a composite
// value, whose making writes over what was assigned before it.
func (l *lowerer) anyCall(exprs []ast.Expr) bool {
	for _, e := range exprs {
		found := false
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.TypeAssertExpr, *ast.CompositeLit:
				found = true
			case *ast.UnaryExpr:
				found = found || n.Op == token.ARROW
			}
			return !found
		})
		if found {
			return true
		}
		switch ast.Unparen(e).(type) {
		case *ast.CallExpr, *ast.FuncLit:
			if l.info.Types[e].Value == nil {
				return true
			}
		}
	}
	return false
}

// evaluated stores the values of expressions in variables, except for those
// that no assignment can change.
func (l *lowerer) evaluated(exprs []ast.Expr) (out []ast.Stmt, values []ast.Expr) {
	for _, e := range exprs {
		tv := l.info.Types[e]
		if tv.Value != nil || tv.IsNil() {
			values = append(values, l.expr(e))
			continue
		}
		name := l.temp()
		out = append(out, defineAt(e.Pos(), name, l.expr(e)))
		values = append(values, identAt(name, e.Pos()))
	}
	return out, values
}

func (l *lowerer) defineMany(a *ast.AssignStmt) []ast.Stmt {
	out, values := l.evaluated(a.Rhs)
	for i, e := range a.Lhs {
		id := e.(*ast.Ident)
		v, isNew := l.info.Defs[id].(*types.Var)
		switch {
		case id.Name == "_":
			out = append(out, assignAt(id.Pos(), []ast.Expr{identAt("_", id.Pos())}, values[i:i+1]))
		case isNew && l.slot(v) == "":
			if tv := l.info.Types[a.Rhs[i]]; tv.Value != nil { // a literal alone would be shared by iterations
				out = append(out, l.varAt(id.Pos(), l.localName(v), v.Type(), values[i]))
				continue
			}
			out = append(out, defineAt(id.Pos(), l.localName(v), values[i]))
		default:
			out = append(out, assignAt(id.Pos(), []ast.Expr{l.ident(id)}, values[i:i+1]))
		}
	}
	return out
}

// storeMany evaluates the operands on the left, then the right-hand sides, then
// assigns from left to right.
func (l *lowerer) storeMany(lhs, rhs []ast.Expr, pos token.Pos) []ast.Stmt {
	var out []ast.Stmt
	places := make([]ast.Expr, len(lhs))
	for i, e := range lhs {
		before, place := l.place(e)
		out = append(out, before...)
		places[i] = place
	}
	before, values := l.evaluated(rhs)
	out = append(out, before...)
	for i := range lhs {
		out = append(out, assignAt(pos, places[i:i+1], values[i:i+1]))
	}
	return out
}

// assignOne takes apart what the interpreter loses: a received value that goes
// anywhere but into a fresh variable, and results of a call that go into a map
// or another place that is not a variable.
func (l *lowerer) assignOne(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 {
		return nil, false
	}
	if len(a.Lhs) == 1 {
		u, ok := ast.Unparen(a.Rhs[0]).(*ast.UnaryExpr)
		if !ok || u.Op != token.ARROW {
			return nil, false
		}
		name := l.temp()
		value := identAt(name, u.Pos())
		out := []ast.Stmt{defineAt(u.Pos(), name, l.expr(u))}
		if id, isIdent := a.Lhs[0].(*ast.Ident); isIdent && a.Tok == token.DEFINE && id.Name != "_" {
			return append(out, defineAt(id.Pos(), l.localName(l.info.Defs[id]), value)), true
		}
		return append(out, &ast.AssignStmt{Lhs: l.exprs(a.Lhs), TokPos: a.TokPos, Tok: a.Tok, Rhs: []ast.Expr{value}}), true
	}
	if a.Tok != token.ASSIGN {
		return nil, false
	}
	u, receives := ast.Unparen(a.Rhs[0]).(*ast.UnaryExpr)
	receives = receives && u.Op == token.ARROW
	plain := true
	for _, e := range a.Lhs {
		_, isIdent := e.(*ast.Ident)
		plain = plain && isIdent && !(receives && blank(e))
	}
	if plain {
		return nil, false
	}
	var out []ast.Stmt
	call := &ast.AssignStmt{TokPos: a.TokPos, Tok: token.DEFINE}
	var then []ast.Stmt
	for _, e := range a.Lhs {
		before, place := l.place(e)
		out = append(out, before...)
		if blank(e) {
			call.Lhs = append(call.Lhs, identAt("_", e.Pos()))
			continue
		}
		name := l.temp()
		call.Lhs = append(call.Lhs, identAt(name, e.Pos()))
		then = append(then, assignAt(e.Pos(), []ast.Expr{place}, []ast.Expr{identAt(name, e.Pos())}))
	}
	call.Rhs = l.exprs(a.Rhs)
	return append(append(out, call), then...), true
}

// place lowers the target of an assignment so that its operands are evaluated
// once, before.
func (l *lowerer) place(e ast.Expr) (before []ast.Stmt, place ast.Expr) {
	keep := func(x ast.Expr) ast.Expr {
		tv := l.info.Types[x]
		if tv.Value != nil {
			return l.expr(x)
		}
		name := l.temp()
		before = append(before, defineAt(x.Pos(), name, l.expr(x)))
		return identAt(name, x.Pos())
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.place(e.X)
	case *ast.StarExpr:
		return before, &ast.StarExpr{Star: e.Star, X: keep(e.X)}
	case *ast.IndexExpr:
		var x ast.Expr
		if _, isArray := l.typeOf(e.X).Underlying().(*types.Array); isArray {
			before, x = l.place(e.X)
		} else {
			x = keep(e.X)
		}
		index := keep(e.Index)
		return before, &ast.IndexExpr{X: x, Lbrack: e.Lbrack, Index: index, Rbrack: e.Rbrack}
	case *ast.SelectorExpr:
		s := l.selection(e)
		if s == nil || s.kind != types.FieldVal {
			return nil, l.expr(e)
		}
		var x ast.Expr
		if _, isPtr := s.recv.Underlying().(*types.Pointer); isPtr {
			x = keep(e.X)
		} else {
			before, x = l.place(e.X)
		}
		x, t := l.walk(x, s.recv, s.index[:len(s.index)-1])
		f := fieldAt(t, s.index[len(s.index)-1])
		return before, &ast.SelectorExpr{X: x, Sel: identAt(l.selName(f), e.Sel.NamePos)}
	}
	return nil, l.expr(e)
}
