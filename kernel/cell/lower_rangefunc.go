package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A loop over a function becomes a call of the function with the body as a
// literal:
//
//	left := 0
//	f(func(k K, v V) bool {
//		// the body; continue is return true, break is left = -1; return false
//		return true
//	})
//	// what leaves the loop for somewhere else says so in left:
//	if left == 1 { return r }
//	if left == 2 { break outer }

// flow is a statement around the one being lowered that break, continue or
// return may leave.
type flow struct {
	label     string
	loop      bool
	rangeFunc *rangeFunc // set for a loop over a function
}

// rangeFunc is a loop over a function whose body is being lowered.
type rangeFunc struct {
	left  string // the variable that says how the body was left
	exits []exit
}

// exit is a way out of the loop to somewhere beyond it.
type exit struct {
	branch *ast.BranchStmt // nil for a return
}

// within pushes a statement that break and continue may name.
func (l *lowerer) within(f flow) (leave func()) {
	f.label, l.label = l.label, ""
	l.flows = append(l.flows, f)
	return func() { l.flows = l.flows[:len(l.flows)-1] }
}

// overFunction reports whether a loop ranges over a function.
func (l *lowerer) overFunction(s ast.Stmt) (*types.Signature, bool) {
	r, ok := s.(*ast.RangeStmt)
	if !ok {
		return nil, false
	}
	sig, ok := l.typeOf(r.X).Underlying().(*types.Signature)
	return sig, ok
}

// hasRangeFunc reports whether a body loops over a function, literals apart.
func (l *lowerer) hasRangeFunc(b ast.Node) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			_, over := l.overFunction(n)
			found = found || over
		}
		return !found
	})
	return found
}

// crossed returns the innermost loop over a function among the statements
// above index i; nil if there is none.
func (l *lowerer) crossed(i int) *rangeFunc {
	for j := len(l.flows) - 1; j > i; j-- {
		if r := l.flows[j].rangeFunc; r != nil {
			return r
		}
	}
	return nil
}

// branch lowers break and continue where a loop over a function is in the way.
func (l *lowerer) branch(s ast.Stmt) ([]ast.Stmt, bool) {
	b, ok := s.(*ast.BranchStmt)
	if !ok || b.Tok == token.FALLTHROUGH || l.crossed(-1) == nil {
		return nil, false
	}
	if b.Tok == token.GOTO {
		l.refuse(b.Pos(), "goto is not supported inside a loop over a function: use break, continue or return")
		return nil, true
	}
	target := -1
	for i := len(l.flows) - 1; i >= 0; i-- {
		f := l.flows[i]
		if b.Tok == token.CONTINUE && !f.loop || b.Label != nil && f.label != b.Label.Name {
			continue
		}
		target = i
		break
	}
	if target < 0 {
		return nil, false // a label of a block; go/types has checked it
	}
	if r := l.crossed(target); r != nil {
		return l.leaveBy(r, exit{branch: b}, b.Pos()), true
	}
	r := l.flows[target].rangeFunc
	if r == nil {
		return nil, false
	}
	if b.Tok == token.CONTINUE {
		return []ast.Stmt{returnBool(true, b.Pos())}, true
	}
	return []ast.Stmt{assignAt(b.Pos(), []ast.Expr{identAt(r.left, b.Pos())}, []ast.Expr{l.intConst(-1, b.Pos())}), returnBool(false, b.Pos())}, true
}

// leaveBy ends the body of a loop over a function and says where to go on.
func (l *lowerer) leaveBy(r *rangeFunc, e exit, pos token.Pos) []ast.Stmt {
	r.exits = append(r.exits, e)
	return []ast.Stmt{
		assignAt(pos, []ast.Expr{identAt(r.left, pos)}, []ast.Expr{intOf(len(r.exits), pos)}),
		returnBool(false, pos),
	}
}

func returnBool(b bool, pos token.Pos) ast.Stmt {
	name := "false"
	if b {
		name = "true"
	}
	return &ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(name, pos)}}
}

func (l *lowerer) intConst(n int, pos token.Pos) ast.Expr {
	if n < 0 {
		return &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: intOf(-n, pos)}
	}
	return intOf(n, pos)
}

// returns lowers a return whose results must be stored first, because deferred
// calls see them or because it leaves a loop over a function.
func (l *lowerer) returns(s ast.Stmt) ([]ast.Stmt, bool) {
	r, ok := s.(*ast.ReturnStmt)
	if !ok {
		return nil, false
	}
	if !l.in.stored && l.crossed(-1) == nil {
		if len(r.Results) == 0 && len(l.in.results) > 0 {
			return l.leaveFunction(r.Return), true
		}
		return l.receives(r)
	}
	var out []ast.Stmt
	if len(r.Results) > 0 {
		lhs := make([]ast.Expr, len(l.in.results))
		for i, name := range l.in.results {
			lhs[i] = identAt(name, r.Return)
		}
		var rhs []ast.Expr
		if len(r.Results) == len(lhs) {
			out, rhs = l.evaluated(r.Results)
			for i := range lhs {
				out = append(out, assignAt(r.Return, lhs[i:i+1], rhs[i:i+1]))
			}
		} else {
			out = append(out, assignAt(r.Return, lhs, l.exprs(r.Results)))
		}
	}
	return append(out, l.leaveFunction(r.Return)...), true
}

// receives evaluates what is returned first where the interpreter would not: a
// received value, for which it has no place, and the results of predeclared
// functions and of functions kept in fields, to which it gives the place of the
// first result.
func (l *lowerer) receives(r *ast.ReturnStmt) ([]ast.Stmt, bool) {
	needed := false
	for _, e := range r.Results {
		u, ok := ast.Unparen(e).(*ast.UnaryExpr)
		needed = needed || ok && u.Op == token.ARROW || len(r.Results) > 1 && (l.isBuiltinCall(e) || l.callsValue(e))
	}
	if !needed {
		return nil, false
	}
	out, values := l.evaluated(r.Results)
	return append(out, &ast.ReturnStmt{Return: r.Return, Results: values}), true
}

func (l *lowerer) isBuiltinCall(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && l.info.Types[call.Fun].IsBuiltin() && l.info.Types[call].Value == nil
}

// callsValue reports whether e calls a function that is neither named nor a method.
func (l *lowerer) callsValue(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || l.info.Types[call.Fun].IsType() || l.info.Types[call.Fun].IsBuiltin() {
		return false
	}
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return false
	case *ast.SelectorExpr:
		s := l.selection(f)
		return s != nil && s.kind == types.FieldVal
	}
	return l.calledFunc(call.Fun) == nil
}

// leaveFunction returns the stored results.
func (l *lowerer) leaveFunction(pos token.Pos) []ast.Stmt {
	if r := l.crossed(-1); r != nil {
		return l.leaveBy(r, exit{}, pos)
	}
	ret := &ast.ReturnStmt{Return: pos}
	if l.in.defers == "" {
		for _, name := range l.in.results {
			ret.Results = append(ret.Results, identAt(name, pos))
		}
	}
	return []ast.Stmt{ret}
}

// rangeFunction lowers a loop over a function. The caller has pushed its flow.
func (l *lowerer) rangeFunction(r *ast.RangeStmt, sig *types.Signature) []ast.Stmt {
	pos := r.For
	loop := &rangeFunc{left: l.temp()}
	l.flows[len(l.flows)-1].rangeFunc = loop
	yield := sig.Params().At(0).Type().Underlying().(*types.Signature)

	syntax := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	var params []*types.Var
	var body []ast.Stmt
	// A call after the loop was left, or after f has returned, is a mistake of f's.
	body = append(body, &ast.IfStmt{
		If:   pos,
		Cond: &ast.BinaryExpr{X: identAt(loop.left, pos), OpPos: pos, Op: token.NEQ, Y: intOf(0, pos)},
		Body: blockAt(pos, &ast.ExprStmt{X: callAt(identAt("panic", pos), pos, &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote("range function continued iteration after function for loop body returned false")})}),
	})
	for i, e := range []ast.Expr{r.Key, r.Value} {
		if i >= yield.Params().Len() {
			break
		}
		typ := yield.Params().At(i).Type()
		name := "_"
		switch id, isIdent := e.(*ast.Ident); {
		case blank(e):
		case r.Tok == token.DEFINE && isIdent:
			name = l.localName(l.info.Defs[id])
		default:
			name = l.temp()
			body = append(body, assignAt(pos, []ast.Expr{l.expr(e)}, []ast.Expr{l.convert(identAt(name, pos), l.sub(typ), l.typeOf(e), inCell)}))
		}
		params = append(params, types.NewVar(token.NoPos, nil, name, typ))
		syntax.Params.List = append(syntax.Params.List, &ast.Field{Names: []*ast.Ident{identAt(name, pos)}})
	}
	body = append(body, l.stmts(r.Body.List)...)
	body = append(body, returnBool(true, r.Body.Rbrace))
	bool1 := types.NewTuple(types.NewVar(token.NoPos, nil, "", types.Typ[types.Bool]))
	litType := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), bool1, false)
	var lit ast.Expr = &ast.FuncLit{Type: l.funcType(syntax, litType), Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, List: body, Rbrace: r.Body.Rbrace}}
	if len(l.loops) > 1 { // one loop is this
		lit = l.closure(lit, litType)
	}
	call := &ast.CallExpr{Fun: l.expr(r.X), Lparen: pos, Args: []ast.Expr{lit}, Rparen: pos}
	out := []ast.Stmt{defineAt(pos, loop.left, intOf(0, pos)), &ast.ExprStmt{X: call}}

	// From here on the loop is behind us.
	saved := l.flows
	l.flows = l.flows[:len(l.flows)-1]
	for i, e := range loop.exits {
		var then []ast.Stmt
		if e.branch == nil {
			then = l.leaveFunction(pos)
		} else {
			then = l.stmt(e.branch)
		}
		out = append(out, &ast.IfStmt{
			If:   pos,
			Cond: &ast.BinaryExpr{X: identAt(loop.left, pos), OpPos: pos, Op: token.EQL, Y: intOf(i+1, pos)},
			Body: blockAt(pos, then...),
		})
	}
	l.flows = saved
	return append(out, assignAt(pos, []ast.Expr{identAt(loop.left, pos)}, []ast.Expr{l.intConst(-1, pos)}))
}
