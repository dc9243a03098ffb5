package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// comparedSwitch lowers an expression switch to one over comparisons, except
// for the plainest. The interpreter compares its own boxes where one side is
// an interface, finds nothing equal to nil, evaluates of a list of cases only
// the first, misses the value of a tag that is an operation, and runs a
// default case last wherever it stands.
func (l *lowerer) comparedSwitch(s ast.Stmt) ([]ast.Stmt, bool) {
	sw, ok := s.(*ast.SwitchStmt)
	if !ok {
		return nil, false
	}
	between := defaultBetween(sw)
	if !between && !l.needsComparing(sw) {
		return nil, false
	}
	pos := sw.Pos()
	before := l.stmt(sw.Init)
	tagType, tag := types.Type(types.Typ[types.Bool]), "true"
	if sw.Tag != nil {
		tagType, tag = types.Default(l.typeOf(sw.Tag)), l.temp()
		before = append(before, l.varAt(pos, tag, tagType, l.expr(sw.Tag)))
	}
	compared := &ast.SwitchStmt{Switch: pos, Body: &ast.BlockStmt{Lbrace: sw.Body.Lbrace, Rbrace: sw.Body.Rbrace}}
	numbered := &ast.SwitchStmt{Switch: pos, Body: &ast.BlockStmt{Lbrace: sw.Body.Lbrace, Rbrace: sw.Body.Rbrace}}
	which := l.temp()
	for i, c := range sw.Body.List {
		cc := c.(*ast.CaseClause)
		clause := &ast.CaseClause{Case: cc.Case, Colon: cc.Colon, Body: l.clause(cc.Body)}
		var list []ast.Expr
		for _, e := range cc.List {
			list = append(list, l.hits(identAt(tag, e.Pos()), tagType, e))
		}
		if len(list) > 0 {
			clause.List = []ast.Expr{anyOf(list)}
		}
		if between { // the switch only finds the case, another runs it
			numbered.Body.List = append(numbered.Body.List, &ast.CaseClause{Case: cc.Case, List: []ast.Expr{intOf(i+1, cc.Pos())}, Colon: cc.Colon, Body: clause.Body})
			clause.Body = []ast.Stmt{assignAt(cc.Pos(), []ast.Expr{identAt(which, cc.Pos())}, []ast.Expr{intOf(i+1, cc.Pos())})}
		}
		compared.Body.List = append(compared.Body.List, clause)
	}
	if between {
		before = append(before, l.varAt(pos, which, types.Typ[types.Int], nil), compared)
		numbered.Tag = identAt(which, pos)
		return []ast.Stmt{l.after(sw, before, numbered)}, true
	}
	return []ast.Stmt{l.after(sw, before, compared)}, true
}

// hits is the condition under which the case e of a switch over tag runs.
func (l *lowerer) hits(tag ast.Expr, tagType types.Type, e ast.Expr) ast.Expr {
	t := l.typeOf(e)
	switch {
	case l.info.Types[e].IsNil():
		return &ast.BinaryExpr{X: tag, OpPos: e.Pos(), Op: token.EQL, Y: identAt("nil", e.Pos())}
	case types.IsInterface(tagType), types.IsInterface(t):
		return l.equal(tag, tagType, l.expr(e), t, e.Pos())
	}
	y := l.expr(e)
	if !types.Identical(tagType, t) && !untyped(t) && l.info.Types[e].Value == nil {
		convert := func(x ast.Expr, to types.Type) ast.Expr {
			return callAt(&ast.ParenExpr{Lparen: e.Pos(), X: l.typeExpr(to, e.Pos()), Rparen: e.Pos()}, e.Pos(), x)
		}
		if types.AssignableTo(t, tagType) {
			y = convert(y, tagType)
		} else {
			return &ast.BinaryExpr{X: convert(tag, t), OpPos: e.Pos(), Op: token.EQL, Y: y}
		}
	}
	return &ast.BinaryExpr{X: tag, OpPos: e.Pos(), Op: token.EQL, Y: y}
}

func (l *lowerer) needsComparing(sw *ast.SwitchStmt) bool {
	if sw.Tag != nil {
		if len(sw.Body.List) == 0 { // the tag is evaluated all the same
			return true
		}
		switch ast.Unparen(sw.Tag).(type) {
		case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.CallExpr:
		default:
			return true
		}
		if types.IsInterface(l.typeOf(sw.Tag)) {
			return true
		}
	}
	for _, c := range sw.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			tv := l.info.Types[e]
			if sw.Tag != nil && tv.Value == nil || types.IsInterface(tv.Type) {
				return true
			}
		}
	}
	return false
}

// defaultBetween reports whether the default case of a switch, by falling
// through, follows one case or precedes another.
func defaultBetween(sw *ast.SwitchStmt) bool {
	falls := false
	for i, c := range sw.Body.List {
		cc := c.(*ast.CaseClause)
		if cc.List == nil && i < len(sw.Body.List)-1 && (falls || fallsThrough(cc)) {
			return true
		}
		falls = fallsThrough(cc)
	}
	return false
}

func fallsThrough(cc *ast.CaseClause) bool {
	if len(cc.Body) == 0 {
		return false
	}
	b, ok := cc.Body[len(cc.Body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}
