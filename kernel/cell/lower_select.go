package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// selectCases lowers select to
//
//	s := runtime.Select(default case)
//	c1 := ch; var v1 T; var ok1 bool
//	s.Receive(1, c1, &v1, &ok1)
//	c2 := ch; var v2 T = x
//	s.Send(2, c2, v2)
//	switch s.Wait() { case 1: … }
//
// The interpreter keeps what it is about to choose from beside the code, so that
// goroutines in the same select get into each other's way; it evaluates what is
// sent late, and a labelled break in its select ends nothing.
func (l *lowerer) selectCases(s ast.Stmt) ([]ast.Stmt, bool) {
	sel, ok := s.(*ast.SelectStmt)
	if !ok || len(sel.Body.List) == 0 {
		return nil, false
	}
	pos := sel.Pos()
	choice := l.temp()
	call := func(pos token.Pos, name string, args ...ast.Expr) ast.Expr {
		return callAt(&ast.SelectorExpr{X: identAt(choice, pos), Sel: identAt(name, pos)}, pos, args...)
	}
	otherwise := 0
	var out []ast.Stmt
	sw := &ast.SwitchStmt{Switch: pos, Body: &ast.BlockStmt{Lbrace: sel.Body.Lbrace, Rbrace: sel.Body.Rbrace}}
	for i, c := range sel.Body.List {
		cc := c.(*ast.CommClause)
		at := cc.Pos()
		number := intOf(i+1, at)
		var first []ast.Stmt
		switch comm := cc.Comm.(type) {
		case nil:
			otherwise = i + 1
		case *ast.SendStmt:
			ch, v := l.temp(), l.temp()
			elem := core(l.typeOf(comm.Chan)).(*types.Chan).Elem()
			out = append(out,
				defineAt(at, ch, l.expr(comm.Chan)),
				l.varAt(at, v, elem, l.expr(comm.Value)),
				&ast.ExprStmt{X: call(at, "Send", number, identAt(ch, at), identAt(v, at))})
		case *ast.ExprStmt:
			out = append(out, &ast.ExprStmt{X: call(at, "Receive", number, l.expr(receives(comm.X).X), identAt("nil", at), identAt("nil", at))})
		case *ast.AssignStmt:
			u := receives(comm.Rhs[0])
			elem := core(l.typeOf(u.X)).(*types.Chan).Elem()
			ch, v, ok := l.temp(), l.temp(), l.temp()
			out = append(out,
				defineAt(at, ch, l.expr(u.X)),
				l.varAt(at, v, elem, nil),
				l.varAt(at, ok, types.Typ[types.Bool], nil),
				&ast.ExprStmt{X: call(at, "Receive", number, identAt(ch, at), addressOf(v, at), addressOf(ok, at))})
			first = l.received(comm, []string{v, ok}, []types.Type{elem, types.Typ[types.Bool]})
		}
		sw.Body.List = append(sw.Body.List, &ast.CaseClause{
			Case: cc.Case, Colon: cc.Colon, List: []ast.Expr{intOf(i+1, at)},
			Body: append(first, l.clause(cc.Body)...),
		})
	}
	out = append([]ast.Stmt{defineAt(pos, choice, callAt(l.s.runtime("Select", pos), pos, intOf(otherwise, pos)))}, out...)
	which := l.temp()
	sw.Tag = identAt(which, pos)
	return append(out, defineAt(pos, which, call(pos, "Wait")), sw), true
}

// receives is the receive operation an expression is.
func receives(e ast.Expr) *ast.UnaryExpr { return ast.Unparen(e).(*ast.UnaryExpr) }

func addressOf(name string, pos token.Pos) ast.Expr {
	return &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: identAt(name, pos)}
}

// received gives what a case has received, in variables, to its places.
func (l *lowerer) received(a *ast.AssignStmt, values []string, from []types.Type) []ast.Stmt {
	var out []ast.Stmt
	for i, e := range a.Lhs {
		value := identAt(values[i], e.Pos())
		if blank(e) {
			continue
		}
		if id, isIdent := e.(*ast.Ident); isIdent && a.Tok == token.DEFINE {
			out = append(out, defineAt(e.Pos(), l.localName(l.info.Defs[id]), value))
			continue
		}
		out = append(out, assignAt(e.Pos(), []ast.Expr{l.expr(e)}, []ast.Expr{l.convert(value, from[i], l.typeOf(e), inCell)}))
	}
	return out
}

// choice is one execution of a select statement; see selectCases.
type choice struct {
	e         *engine
	otherwise int
	numbers   []int
	cases     []reflect.SelectCase
	into      [][2]any // pointers to what receives a value, and whether there was one
}

func (e *engine) newChoice(otherwise int) *choice { return &choice{e: e, otherwise: otherwise} }

// Receive adds a case; v and ok point to what it sets, or are nil.
func (c *choice) Receive(number int, ch, v, ok any) {
	c.add(number, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}, v, ok)
}

// Send adds a case.
func (c *choice) Send(number int, ch, x any) {
	to := reflect.ValueOf(ch)
	v := reflect.ValueOf(x)
	if elem := to.Type().Elem(); !v.IsValid() {
		v = reflect.Zero(elem)
	}
	c.add(number, reflect.SelectCase{Dir: reflect.SelectSend, Chan: to, Send: v}, nil, nil)
}

func (c *choice) add(number int, s reflect.SelectCase, v, ok any) {
	c.numbers = append(c.numbers, number)
	c.cases = append(c.cases, s)
	c.into = append(c.into, [2]any{v, ok})
}

// Wait communicates, and returns the number of the case that did: that of the
// default case if none could, 0 if the cell was interrupted.
func (c *choice) Wait() int {
	last := reflect.SelectCase{Dir: reflect.SelectDefault}
	if c.otherwise == 0 {
		last = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c.e.present().stopped)}
	}
	i, v, ok := reflect.Select(append(c.cases, last))
	if i == len(c.cases) {
		return c.otherwise
	}
	if p := c.into[i][0]; p != nil {
		reflect.ValueOf(p).Elem().Set(v)
	}
	if p, is := c.into[i][1].(*bool); is {
		*p = ok
	}
	return c.numbers[i]
}
