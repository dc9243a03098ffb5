package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// typeSwitch lowers a type switch to assertions in order, which find the case,
// and a switch over its number, which runs it: break, labels and goto keep
// their meaning. The interpreter's own type switch misses interface cases.
func (l *lowerer) typeSwitch(s ast.Stmt) ([]ast.Stmt, bool) {
	ts, ok := s.(*ast.TypeSwitchStmt)
	if !ok {
		return nil, false
	}
	pos := ts.Pos()
	var operand ast.Expr
	var bound *ast.Ident
	switch a := ts.Assign.(type) {
	case *ast.ExprStmt:
		operand = ast.Unparen(a.X).(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		bound = a.Lhs[0].(*ast.Ident)
		operand = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr).X
	}
	from := l.typeOf(operand)
	x, which, found := l.temp(), l.temp(), l.temp()
	out := l.stmt(ts.Init)
	out = append(out, l.varAt(pos, x, from, l.expr(operand)))
	held := x // what is in it, as any
	if !l.ownInterface(from) {
		held = l.temp()
		out = append(out, l.varAt(pos, held, emptyInterface, l.convert(identAt(x, pos), from, emptyInterface, inCell)))
	}
	out = append(out,
		l.varAt(pos, which, types.Typ[types.Int], nil),
		l.varAt(pos, found, types.Typ[types.Bool], nil))

	sw := &ast.SwitchStmt{Switch: pos, Tag: identAt(which, pos), Body: &ast.BlockStmt{Lbrace: ts.Body.Lbrace, Rbrace: ts.Body.Rbrace}}
	var tests []ast.Stmt
	for i, c := range ts.Body.List {
		cc := c.(*ast.CaseClause)
		clause := &ast.CaseClause{Case: cc.Case, Colon: cc.Colon}
		obj, _ := l.info.Implicits[cc].(*types.Var)
		value := identAt(x, cc.Pos())
		if cc.List != nil {
			clause.List = []ast.Expr{intOf(i+1, cc.Pos())}
		}
		for _, e := range cc.List {
			hit := assignAt(e.Pos(), []ast.Expr{identAt(which, e.Pos())}, []ast.Expr{intOf(i+1, e.Pos())})
			if l.info.Types[e].IsNil() {
				tests = append(tests, &ast.IfStmt{If: e.Pos(),
					Cond: &ast.BinaryExpr{X: identAt(x, e.Pos()), OpPos: e.Pos(), Op: token.EQL, Y: identAt("nil", e.Pos())},
					Body: blockAt(e.Pos(), hit)})
				continue
			}
			got := identAt("_", e.Pos())
			if obj != nil && len(cc.List) == 1 {
				name := l.temp()
				out = append(out, l.varAt(e.Pos(), name, obj.Type(), nil))
				got, value = identAt(name, e.Pos()), identAt(name, e.Pos())
			}
			assert := &ast.AssignStmt{
				Lhs: []ast.Expr{got, identAt(found, e.Pos())}, TokPos: e.Pos(), Tok: token.ASSIGN,
				Rhs: []ast.Expr{l.asks(identAt(held, e.Pos()), l.typeOf(e))},
			}
			tests = append(tests, blockAt(e.Pos(), assert, &ast.IfStmt{If: e.Pos(), Cond: identAt(found, e.Pos()), Body: blockAt(e.Pos(), hit)}))
		}
		if bound != nil && obj != nil {
			clause.Body = append(clause.Body,
				l.varAt(cc.Pos(), l.localName(obj), obj.Type(), value),
				assignAt(cc.Pos(), []ast.Expr{identAt("_", cc.Pos())}, []ast.Expr{identAt(l.localName(obj), cc.Pos())}))
		}
		clause.Body = append(clause.Body, l.stmts(cc.Body)...)
		sw.Body.List = append(sw.Body.List, clause)
	}
	out = append(out, chain(tests, which, pos)...)
	// The operands' names are fresh, so the statements may stand beside the
	// switch; only an init statement needs a block of its own for its names.
	if ts.Init != nil {
		return []ast.Stmt{l.after(ts, out, sw)}, true
	}
	return append(out, sw), true
}

// chain runs each test only while none before it has hit.
func chain(tests []ast.Stmt, which string, pos token.Pos) []ast.Stmt {
	var out []ast.Stmt
	for i, t := range tests {
		if i == 0 {
			out = append(out, t)
			continue
		}
		out = append(out, &ast.IfStmt{If: pos,
			Cond: &ast.BinaryExpr{X: identAt(which, pos), OpPos: pos, Op: token.EQL, Y: intOf(0, pos)},
			Body: blockAt(pos, t)})
	}
	return out
}
