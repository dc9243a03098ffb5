package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// localDecl lowers declarations inside functions. Constants are gone by now;
// a variable's type is spelled out.
func (l *lowerer) localDecl(s ast.Stmt) ([]ast.Stmt, bool) {
	ds, ok := s.(*ast.DeclStmt)
	if !ok {
		return nil, false
	}
	g := ds.Decl.(*ast.GenDecl)
	var out []ast.Stmt
	for _, sp := range g.Specs {
		switch sp := sp.(type) {
		case *ast.TypeSpec:
			continue // declared at top level where it is used; an alias is spelled as what it stands for
		case *ast.ValueSpec:
			if g.Tok == token.CONST {
				continue
			}
			out = append(out, l.localVar(sp)...)
		}
	}
	return out, true
}

func (l *lowerer) localVar(sp *ast.ValueSpec) []ast.Stmt {
	pos := sp.Pos()
	if len(sp.Values) == 1 && len(sp.Names) > 1 {
		// var a, b T = f(): typed first, assigned then.
		var out []ast.Stmt
		lhs := make([]ast.Expr, len(sp.Names))
		for i, id := range sp.Names {
			lhs[i] = identAt("_", id.Pos())
			if obj := l.info.Defs[id]; obj != nil && id.Name != "_" {
				out = append(out, l.varAt(id.Pos(), l.localName(obj), obj.Type(), nil))
				lhs[i] = identAt(l.localName(obj), id.Pos())
			}
		}
		return append(out, assignAt(pos, lhs, l.exprs(sp.Values)))
	}
	var out []ast.Stmt
	var values []ast.Expr
	if len(sp.Names) == 1 || len(sp.Values) == 0 {
		values = l.exprs(sp.Values)
	}
	if len(sp.Names) > 1 && len(sp.Values) > 0 {
		// All values are evaluated before any name is in scope.
		out, values = l.evaluated(sp.Values)
	}
	for i, id := range sp.Names {
		var value ast.Expr
		if i < len(values) {
			value = values[i]
		}
		if id.Name == "_" {
			if value != nil {
				out = append(out, assignAt(id.Pos(), []ast.Expr{identAt("_", id.Pos())}, []ast.Expr{value}))
			}
			continue
		}
		obj := l.info.Defs[id]
		out = append(out, l.varAt(id.Pos(), l.localName(obj), obj.Type(), value))
	}
	return out
}

// earlyLit is early for a call of a function literal, in which recover stops
// the panic of the function whose deferred calls are defers.
func (l *lowerer) earlyLit(call *ast.CallExpr, lit *ast.FuncLit, defers string) (prelude []ast.Stmt, later *ast.CallExpr) {
	prelude, later = l.early(&ast.CallExpr{Fun: lit, Lparen: call.Lparen, Args: call.Args, Ellipsis: call.Ellipsis, Rparen: call.Rparen})
	later.Fun = l.literal(lit, defers)
	return prelude, later
}

// early turns a call into statements that evaluate its operands now and a call
// that can run later.
func (l *lowerer) early(call *ast.CallExpr) (prelude []ast.Stmt, later *ast.CallExpr) {
	pos := call.Pos()
	keep := func(t types.Type, value ast.Expr) ast.Expr {
		// Two steps: the first converts, the second makes a variable that no
		// other iteration of a loop shares.
		typed, name := l.temp(), l.temp()
		prelude = append(prelude, l.varAt(pos, typed, t, value), defineAt(pos, name, identAt(typed, pos)))
		return identAt(name, pos)
	}
	fun := ast.Unparen(call.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if _, ok := l.info.Uses[id].(*types.Builtin); ok {
			return l.earlyBuiltin(call, id.Name)
		}
	}
	if l.info.Types[fun].IsType() { // a conversion: nothing happens later
		prelude = append(prelude, assignAt(pos, []ast.Expr{identAt("_", pos)}, []ast.Expr{l.expr(call)}))
		return prelude, callAt(&ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, Body: blockAt(pos)}, pos)
	}
	sig := l.typeOf(fun).Underlying().(*types.Signature)

	later = &ast.CallExpr{Lparen: call.Lparen, Rparen: call.Rparen}
	var first []ast.Expr
	switch f := fun.(type) {
	case *ast.FuncLit:
		later.Fun = l.literal(f, "")
	case *ast.Ident:
		if _, ok := l.info.Uses[f].(*types.Func); ok {
			later.Fun = l.expr(f)
		} else {
			later.Fun = keep(l.typeOf(f), l.expr(f))
		}
	case *ast.SelectorExpr:
		sel := l.selection(f)
		switch {
		case sel == nil: // a function of a package, or a variable
			later.Fun = l.expr(f)
		case sel.kind == types.MethodVal && l.methodOf(sel) != "":
			later.Fun = identAt(l.methodOf(sel), f.Sel.Pos())
			recv := sel.obj.(*types.Func).Signature().Recv().Type()
			iface := types.IsInterface(recv)
			if iface {
				recv = emptyInterface
			}
			first = []ast.Expr{keep(recv, l.receiver(f, sel))}
			if iface { // which must not be nil already
				prelude = append(prelude, &ast.ExprStmt{X: callAt(l.s.runtime("CheckMethod", pos), pos, first[0])})
			}
		case sel.kind == types.MethodVal && l.blocks(sel) != "":
			later.Fun = keep(l.typeOf(f), l.expr(f))
		case sel.kind == types.MethodVal:
			x, t := l.walk(l.expr(f.X), sel.recv, sel.index[:len(sel.index)-1])
			_, isPtr := t.Underlying().(*types.Pointer)
			_, wantPtr := types.Unalias(sel.obj.(*types.Func).Signature().Recv().Type()).(*types.Pointer)
			if wantPtr && !isPtr {
				x, t = &ast.UnaryExpr{OpPos: x.Pos(), Op: token.AND, X: x}, types.NewPointer(t)
			}
			later.Fun = &ast.SelectorExpr{X: keep(t, x), Sel: f.Sel}
		default:
			later.Fun = keep(l.typeOf(f), l.expr(f))
		}
	default:
		later.Fun = keep(l.typeOf(fun), l.expr(fun))
	}

	later.Args = first
	if len(call.Args) == 1 {
		if tuple, ok := l.typeOf(call.Args[0]).(*types.Tuple); ok {
			lhs := make([]ast.Expr, tuple.Len())
			for i := range lhs {
				name := l.temp()
				lhs[i] = identAt(name, pos)
				later.Args = append(later.Args, identAt(name, pos))
			}
			prelude = append(prelude, &ast.AssignStmt{Lhs: lhs, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.expr(call.Args[0])}})
			return prelude, later
		}
	}
	args := l.exprs(call.Args)
	params := sig.Params()
	fixed := params.Len()
	if sig.Variadic() {
		fixed--
	}
	for i := range min(fixed, len(args)) {
		if l.info.Types[call.Args[i]].Value != nil {
			later.Args = append(later.Args, args[i])
			continue
		}
		later.Args = append(later.Args, keep(params.At(i).Type(), args[i]))
	}
	if sig.Variadic() && len(args) == fixed && l.callsCell(fun) {
		later.Args = append(later.Args, l.noArguments(sig, pos))
		later.Ellipsis = pos
	}
	if sig.Variadic() && len(args) > fixed {
		slice := params.At(fixed).Type()
		var rest ast.Expr
		if call.Ellipsis.IsValid() {
			rest = args[fixed]
		} else {
			rest = &ast.CompositeLit{Type: l.typeExpr(slice, pos), Lbrace: pos, Elts: args[fixed:], Rbrace: pos}
		}
		later.Args = append(later.Args, keep(slice, rest))
		later.Ellipsis = pos
	}
	return prelude, later
}

// earlyBuiltin wraps a predeclared function, whose operands are kept, in a literal.
func (l *lowerer) earlyBuiltin(call *ast.CallExpr, name string) (prelude []ast.Stmt, later *ast.CallExpr) {
	pos := call.Pos()
	inner := &ast.CallExpr{Fun: identAt(name, pos), Lparen: pos, Rparen: pos, Ellipsis: call.Ellipsis}
	for _, a := range call.Args {
		tv := l.info.Types[a]
		if tv.Value != nil || tv.IsNil() || tv.IsType() {
			inner.Args = append(inner.Args, l.expr(a))
			continue
		}
		typed, t := l.temp(), l.temp()
		prelude = append(prelude, l.varAt(pos, typed, tv.Type, l.expr(a)), defineAt(pos, t, identAt(typed, pos)))
		inner.Args = append(inner.Args, identAt(t, pos))
	}
	switch name {
	case "recover": // as a goroutine's function it recovers nothing
		return nil, callAt(l.s.runtime("NoRecover", pos), pos)
	case "clear":
		inner.Fun = l.s.runtime("Clear", pos)
	case "print":
		inner.Fun = l.s.runtime("Print", pos)
	case "println":
		inner.Fun = l.s.runtime("Println", pos)
	}
	lit := &ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, &ast.ExprStmt{X: inner}),
	}
	return prelude, callAt(lit, pos)
}

// goCall starts a goroutine whose panic is reported in its cell. A panic there
// would otherwise end the process.
func (l *lowerer) goCall(s ast.Stmt) ([]ast.Stmt, bool) {
	g, ok := s.(*ast.GoStmt)
	if !ok {
		return nil, false
	}
	pos := g.Pos()
	prelude, call := l.early(g.Call)
	// Compiled code starts the goroutine: by the time the interpreter's own go
	// statement reads its operands, they may belong to another iteration.
	start := &ast.ExprStmt{X: callAt(l.s.runtime("Go", pos), pos, intOf(l.count, pos), intOf(encodeMark(l.s.position(pos)), pos), l.deferred(call))}
	if len(prelude) == 0 {
		return []ast.Stmt{start}, true
	}
	return []ast.Stmt{blockAt(pos, append(prelude, start)...)}, true
}

// deferred is a thunk that keeps the variables of this iteration of a loop.
func (l *lowerer) deferred(call *ast.CallExpr) ast.Expr {
	f := l.thunk(call)
	if len(l.loops) == 0 {
		return f
	}
	return l.closure(f, types.NewSignatureType(nil, nil, nil, nil, nil, false))
}

// thunk is a function literal that makes a call.
func (l *lowerer) thunk(call *ast.CallExpr) ast.Expr {
	pos := call.Pos()
	if lit, ok := call.Fun.(*ast.FuncLit); ok && len(call.Args) == 0 && lit.Type.Results == nil {
		return lit
	}
	return &ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, &ast.ExprStmt{X: call}),
	}
}
