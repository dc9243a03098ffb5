package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// compare lowers == and != where an interface is on one side or both: the
// interpreter compares its own boxes, not what is in them.
func (l *lowerer) compare(e ast.Expr) (ast.Expr, bool) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ {
		return nil, false
	}
	if tv := l.info.Types[b]; tv.Value != nil || l.info.Types[b.X].IsNil() || l.info.Types[b.Y].IsNil() {
		return nil, false
	}
	xt, yt := l.typeOf(b.X), l.typeOf(b.Y)
	if !types.IsInterface(xt) && !types.IsInterface(yt) {
		return nil, false
	}
	eq := l.equal(l.expr(b.X), xt, l.expr(b.Y), yt, b.Pos())
	if b.Op == token.NEQ {
		eq = &ast.UnaryExpr{OpPos: b.OpPos, Op: token.NOT, X: eq}
	}
	return eq, true
}

// equal compares x and y, at least one of which is an interface. An interface
// equals a value of another type if it holds one of that type that is equal.
func (l *lowerer) equal(x ast.Expr, xt types.Type, y ast.Expr, yt types.Type, pos token.Pos) ast.Expr {
	if !types.IsInterface(xt) {
		x, xt, y, yt = y, yt, x, xt
	}
	if types.IsInterface(yt) {
		return callAt(l.s.runtime("Equal", pos), pos, x, y)
	}
	a, c, v, ok := l.temp(), l.temp(), l.temp(), l.temp()
	if b, isBasic := yt.(*types.Basic); isBasic && b.Info()&types.IsUntyped != 0 {
		yt = types.Default(yt)
	}
	return l.immediate(pos, types.Typ[types.Bool],
		&ast.BinaryExpr{X: identAt(ok, pos), OpPos: pos, Op: token.LAND, Y: &ast.BinaryExpr{X: identAt(v, pos), OpPos: pos, Op: token.EQL, Y: identAt(c, pos)}},
		l.varAt(pos, a, xt, x),
		l.varAt(pos, c, yt, y),
		&ast.AssignStmt{
			Lhs: []ast.Expr{identAt(v, pos), identAt(ok, pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.TypeAssertExpr{X: identAt(a, pos), Lparen: pos, Type: l.typeExpr(yt, pos), Rparen: pos}},
		})
}

// interfaceSwitch lowers a switch over an interface to one over comparisons.
func (l *lowerer) interfaceSwitch(s ast.Stmt) ([]ast.Stmt, bool) {
	sw, ok := s.(*ast.SwitchStmt)
	if !ok || sw.Tag == nil || !types.IsInterface(l.typeOf(sw.Tag)) || l.info.Types[sw.Tag].IsNil() {
		return nil, false
	}
	pos := sw.Pos()
	tagType := l.typeOf(sw.Tag)
	tag := l.temp()
	before := l.stmt(sw.Init)
	before = append(before, l.varAt(pos, tag, tagType, l.expr(sw.Tag)))
	out := &ast.SwitchStmt{Switch: pos, Body: &ast.BlockStmt{Lbrace: sw.Body.Lbrace, Rbrace: sw.Body.Rbrace}}
	for _, c := range sw.Body.List {
		cc := c.(*ast.CaseClause)
		clause := &ast.CaseClause{Case: cc.Case, Colon: cc.Colon, Body: l.clause(cc.Body)}
		var list []ast.Expr
		for _, e := range cc.List {
			x := identAt(tag, e.Pos())
			if l.info.Types[e].IsNil() {
				list = append(list, &ast.BinaryExpr{X: x, OpPos: e.Pos(), Op: token.EQL, Y: identAt("nil", e.Pos())})
				continue
			}
			l.mayCompareTypes(tagType, l.typeOf(e), e.Pos())
			list = append(list, l.equal(x, tagType, l.expr(e), l.typeOf(e), e.Pos()))
		}
		if len(list) > 1 {
			list = []ast.Expr{anyOf(list)}
		}
		clause.List = list
		out.Body.List = append(out.Body.List, clause)
	}
	return []ast.Stmt{l.after(sw, before, out)}, true
}

// equalValues is == of two interfaces.
func equalValues(a, b any) bool { return unwrapped(a) == unwrapped(b) }

// unwrapped takes a pointer of a cell's type out of the value that gives it its
// methods in compiled code.
func unwrapped(v any) any {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct || rv.NumField() < 2 || rv.Type().Field(0).Name != "IValue" {
		return v
	}
	inner := rv.Field(0)
	if inner.Kind() == reflect.Interface && inner.Elem().Kind() == reflect.Pointer {
		return inner.Interface()
	}
	return v
}
