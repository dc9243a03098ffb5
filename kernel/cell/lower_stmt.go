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
			if sp.TypeParams != nil {
				l.refuse(sp.Pos(), "generic types are not supported inside functions")
				continue
			}
			if sp.Assign.IsValid() {
				continue // an alias is spelled as what it stands for
			}
			ts := &ast.TypeSpec{Name: sp.Name, Type: l.typeExpr(l.typeOf(sp.Type), sp.Type.Pos())}
			out = append(out, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: g.TokPos, Tok: token.TYPE, Specs: []ast.Spec{ts}}})
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
	values := l.exprs(sp.Values)
	if len(sp.Names) > 1 && len(values) > 0 {
		// All values are evaluated before any name is in scope.
		tmp := make([]ast.Expr, len(values))
		for i := range values {
			if id := sp.Names[i]; id.Name == "_" {
				tmp[i] = identAt("_", pos)
				continue
			}
			name := l.temp()
			tmp[i] = identAt(name, pos)
		}
		lhs := make([]ast.Expr, len(values))
		copy(lhs, tmp)
		for i, id := range sp.Names {
			if id.Name != "_" {
				out = append(out, l.varAt(pos, lhs[i].(*ast.Ident).Name, l.info.Defs[id].Type(), nil))
			}
		}
		out = append(out, assignAt(pos, lhs, values))
		for i, id := range sp.Names {
			if id.Name != "_" {
				obj := l.info.Defs[id]
				out = append(out, l.varAt(id.Pos(), l.localName(obj), obj.Type(), tmp[i]))
			}
		}
		return out
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

// deferCall evaluates the arguments of a deferred call when the statement runs.
func (l *lowerer) deferCall(s ast.Stmt) ([]ast.Stmt, bool) {
	d, ok := s.(*ast.DeferStmt)
	if !ok {
		return nil, false
	}
	if lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit); ok {
		if vars := l.perIteration(lit); len(vars) > 0 {
			return l.deferInLoop(d, lit, vars), true
		}
	}
	prelude, call := l.early(d.Call)
	if fn := l.recovering(d.Call); fn != "" {
		// recover works only in the function that is deferred itself.
		call.Fun = identAt(fn, call.Pos())
	}
	out := &ast.DeferStmt{Defer: d.Defer, Call: call}
	if len(prelude) == 0 {
		return []ast.Stmt{out}, true
	}
	return []ast.Stmt{blockAt(d.Pos(), append(prelude, out)...)}, true
}

// perIteration lists the variables a literal captures that a loop around it
// makes anew in each iteration.
func (l *lowerer) perIteration(lit *ast.FuncLit) []*types.Var {
	if len(l.loops) == 0 {
		return nil
	}
	loop := l.loops[0]
	var vars []*types.Var
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := l.info.Uses[id].(*types.Var)
		if !ok || v.IsField() || l.slot(v) != "" || v.Pos() < loop.Pos() || v.Pos() >= lit.Pos() {
			return true
		}
		for _, seen := range vars {
			if seen == v {
				return true
			}
		}
		vars = append(vars, v)
		return true
	})
	return vars
}

// deferInLoop passes what the literal captures from the iteration by pointer:
// the interpreter looks captured variables of a deferred literal up when it
// runs, and finds those of the last iteration.
func (l *lowerer) deferInLoop(d *ast.DeferStmt, lit *ast.FuncLit, vars []*types.Var) []ast.Stmt {
	pos := d.Pos()
	outer := l.through
	inside := map[types.Object]string{}
	for obj, name := range outer {
		inside[obj] = name
	}
	var out []ast.Stmt
	var fields []*ast.Field
	var args []ast.Expr
	for _, v := range vars {
		arg, param := l.temp(), l.temp()
		ptr := types.NewPointer(v.Type())
		var from ast.Expr = &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: identAt(l.localName(v), pos)}
		if name := outer[v]; name != "" {
			from = identAt(name, pos)
		}
		out = append(out, l.varAt(pos, arg, ptr, from))
		fields = append(fields, &ast.Field{Names: []*ast.Ident{identAt(param, pos)}, Type: l.typeExpr(ptr, pos)})
		args = append(args, identAt(arg, pos))
		inside[v] = param
	}
	prelude, call := l.early(d.Call)
	l.through = inside
	inner := l.funcLit(lit).(*ast.FuncLit)
	l.through = outer
	for i, f := range inner.Type.Params.List {
		if len(f.Names) == 0 {
			inner.Type.Params.List[i] = &ast.Field{Names: []*ast.Ident{identAt("_", pos)}, Type: f.Type}
		}
	}
	inner.Type.Params.List = append(fields, inner.Type.Params.List...)
	call.Fun, call.Args = inner, append(args, call.Args...)
	out = append(out, prelude...)
	return []ast.Stmt{blockAt(pos, append(out, &ast.DeferStmt{Defer: d.Defer, Call: call})...)}
}

// recovering returns the interpreter's name of the function called, if it is
// one of a cell and calls recover.
func (l *lowerer) recovering(call *ast.CallExpr) string {
	var obj types.Object
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		obj = l.info.Uses[f]
	case *ast.SelectorExpr:
		if sel := l.info.Selections[f]; sel != nil {
			obj = sel.Obj()
		}
	}
	if fn, ok := obj.(*types.Func); ok {
		return l.s.recovers[fn]
	}
	return ""
}

// early turns a call into statements that evaluate its operands now and a call
// that can run later.
func (l *lowerer) early(call *ast.CallExpr) (prelude []ast.Stmt, later *ast.CallExpr) {
	pos := call.Pos()
	keep := func(t types.Type, value ast.Expr) ast.Expr {
		name := l.temp()
		prelude = append(prelude, l.varAt(pos, name, t, value))
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
		later.Fun = l.expr(f)
	case *ast.Ident:
		if _, ok := l.info.Uses[f].(*types.Func); ok {
			later.Fun = l.expr(f)
		} else {
			later.Fun = keep(l.typeOf(f), l.expr(f))
		}
	case *ast.SelectorExpr:
		sel := l.info.Selections[f]
		switch {
		case sel == nil: // a function of a package, or a variable
			later.Fun = l.expr(f)
		case sel.Kind() == types.MethodVal && l.s.methodSlot(sel.Obj().(*types.Func)) != "":
			later.Fun = identAt(l.s.methodSlot(sel.Obj().(*types.Func)), f.Sel.Pos())
			first = []ast.Expr{keep(sel.Obj().(*types.Func).Signature().Recv().Type(), l.receiver(f, sel))}
		case sel.Kind() == types.MethodVal:
			x, t := l.walk(l.expr(f.X), sel.Recv(), sel.Index()[:len(sel.Index())-1])
			_, isPtr := t.Underlying().(*types.Pointer)
			_, wantPtr := types.Unalias(sel.Obj().(*types.Func).Signature().Recv().Type()).(*types.Pointer)
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
		t := l.temp()
		prelude = append(prelude, l.varAt(pos, t, tv.Type, l.expr(a)))
		inner.Args = append(inner.Args, identAt(t, pos))
	}
	switch name {
	case "recover":
		return nil, inner
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
	name := l.temp()
	guard := &ast.DeferStmt{Defer: pos, Call: callAt(&ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, &ast.IfStmt{
			If:   pos,
			Init: defineAt(pos, name, callAt(identAt("recover", pos), pos)),
			Cond: &ast.BinaryExpr{X: identAt(name, pos), OpPos: pos, Op: token.NEQ, Y: identAt("nil", pos)},
			Body: blockAt(pos, &ast.ExprStmt{X: callAt(l.s.runtime("GoPanic", pos), pos, intOf(l.count, pos), identAt(name, pos))}),
		}),
	}, pos)}
	lit := &ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, guard, &ast.ExprStmt{X: call}),
	}
	start := &ast.GoStmt{Go: pos, Call: callAt(lit, pos)}
	if len(prelude) == 0 {
		return []ast.Stmt{start}, true
	}
	return []ast.Stmt{blockAt(pos, append(prelude, start)...)}, true
}
