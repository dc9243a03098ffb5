package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// generic lowers a generic function, called or used as a value, with or
// without its type arguments written.
func (l *lowerer) generic(e ast.Expr) (ast.Expr, bool) { return l.genericFunc(e, false) }

func (l *lowerer) genericFunc(e ast.Expr, called bool) (ast.Expr, bool) {
	switch x := e.(type) {
	case *ast.Ident:
		return l.genericUse(x, e.Pos(), called)
	case *ast.SelectorExpr:
		return l.genericUse(x.Sel, e.Pos(), called)
	case *ast.IndexExpr:
		return l.genericBase(x.X, called)
	case *ast.IndexListExpr:
		return l.genericBase(x.X, called)
	}
	return nil, false
}

func (l *lowerer) genericBase(x ast.Expr, called bool) (ast.Expr, bool) {
	switch ast.Unparen(x).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return l.genericFunc(ast.Unparen(x), called)
	}
	return nil, false
}

// callee names what a call of a function declared in a cell calls: its code, or
// its storage where that may change before the call is made.
//
// The interpreter passes arguments for a final ...any wrongly to code.
func (l *lowerer) callee(slot string, fn *types.Func) string {
	if l.late || l.s.late[slot] || l.code == nil || fn.Signature().Variadic() {
		return slot
	}
	code := l.code(slot)
	if code == "" {
		return slot
	}
	l.calls[slot], l.s.called[slot] = true, true
	return code
}

// builtin lowers the predeclared functions the interpreter lacks or gets wrong.
func (l *lowerer) builtin(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return nil, false
	}
	b, ok := l.info.Uses[id].(*types.Builtin)
	if !ok {
		return nil, false
	}
	pos := call.Pos()
	switch b.Name() {
	case "append", "complex", "copy", "delete":
		if out, ok := l.spreadBuiltin(call, b.Name()); ok {
			return out, true
		}
	}
	switch b.Name() {
	case "min", "max":
		return l.minMax(call, b.Name()), true
	case "recover":
		return l.recoverCall(pos), true
	case "clear":
		return callAt(l.s.runtime("Clear", pos), pos, l.expr(call.Args[0])), true
	case "new":
		if l.info.Types[call.Args[0]].IsType() {
			break
		}
		ptr := l.typeOf(call).(*types.Pointer)
		name := l.temp()
		value := l.varAt(pos, name, ptr.Elem(), l.expr(call.Args[0]))
		return l.immediate(pos, ptr, &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: identAt(name, pos)}, value), true
	case "make":
		if ch, ok := l.typeOf(call).Underlying().(*types.Chan); ok && ch.Dir() != types.SendRecv {
			return l.makeDirected(call, ch), true
		}
	case "append":
		if out, ok := l.appendOne(call); ok {
			return out, true
		}
		if out, ok := l.appendReading(call); ok {
			return out, true
		}
	case "delete":
		if m, ok := core(l.typeOf(call.Args[0])).(*types.Map); ok && l.info.Types[call.Args[1]].IsNil() && !types.IsInterface(m.Key()) {
			return callAt(identAt("delete", pos), pos, l.expr(call.Args[0]), l.nilOf(m.Key(), pos)), true
		}
	case "real", "imag":
		if out, ok := l.complexPart(call, b.Name()); ok {
			return out, true
		}
	case "len", "cap":
		if n, ok := l.arrayLen(call.Args[0]); ok {
			return n, true
		}
	case "print", "println":
		return callAt(l.s.runtime(map[string]string{"print": "Print", "println": "Println"}[b.Name()], pos), pos, l.exprs(call.Args)...), true
	}
	// The predeclared name, whatever the cell calls it.
	return &ast.CallExpr{Fun: identAt(b.Name(), id.NamePos), Lparen: call.Lparen, Args: l.exprs(call.Args), Ellipsis: call.Ellipsis, Rparen: call.Rparen}, true
}

// makeDirected makes a channel that only sends or only receives as one that
// does both, which is all that reflection can make.
func (l *lowerer) makeDirected(call *ast.CallExpr, ch *types.Chan) ast.Expr {
	pos := call.Pos()
	args := l.exprs(call.Args)
	args[0] = l.typeExpr(types.NewChan(types.SendRecv, ch.Elem()), pos)
	both := l.temp()
	return l.immediate(pos, l.typeOf(call), identAt(both, pos), defineAt(pos, both, callAt(identAt("make", pos), pos, args...)))
}

// appendOne appends a slice as the one element it is to a slice that could
// take its elements as well, which the interpreter would append.
func (l *lowerer) appendOne(call *ast.CallExpr) (ast.Expr, bool) {
	if len(call.Args) != 2 || call.Ellipsis.IsValid() {
		return nil, false
	}
	to, ok := l.typeOf(call.Args[0]).Underlying().(*types.Slice)
	if !ok {
		return nil, false
	}
	x, ok := l.typeOf(call.Args[1]).Underlying().(*types.Slice)
	if !ok || !types.Identical(x.Elem(), to.Elem()) {
		return nil, false
	}
	args, pos := l.exprs(call.Args), call.Args[1].Pos()
	args[1] = &ast.CompositeLit{Type: l.typeExpr(types.NewSlice(to.Elem()), pos), Lbrace: pos, Elts: []ast.Expr{args[1]}, Rbrace: pos}
	return &ast.CallExpr{Fun: identAt("append", call.Pos()), Lparen: call.Lparen, Args: args, Ellipsis: pos, Rparen: call.Rparen}, true
}

// arrayLen is the length of the array that x, which is evaluated nevertheless,
// points to: the interpreter would follow a nil pointer.
func (l *lowerer) arrayLen(x ast.Expr) (ast.Expr, bool) {
	p, ok := l.typeOf(x).Underlying().(*types.Pointer)
	if !ok {
		return nil, false
	}
	array, ok := p.Elem().Underlying().(*types.Array)
	if !ok {
		return nil, false
	}
	pos := x.Pos()
	return l.immediate(pos, types.Typ[types.Int], intOf(int(array.Len()), pos),
		assignAt(pos, []ast.Expr{identAt("_", pos)}, []ast.Expr{l.expr(x)})), true
}

// minMax calls a helper for the type: floats follow Go's rules for NaN and
// signed zeros, which a comparison alone does not.
func (l *lowerer) minMax(call *ast.CallExpr, name string) ast.Expr {
	pos := call.Pos()
	t := l.typeOf(call)
	basic := t.Underlying().(*types.Basic)
	if basic.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
		basic = t.(*types.Basic)
	}
	params := make([]*types.Var, len(call.Args))
	syntax := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	best := l.temp()
	var body []ast.Stmt
	for i := range call.Args {
		p := l.temp()
		params[i] = types.NewVar(token.NoPos, nil, p, t)
		syntax.Params.List = append(syntax.Params.List, &ast.Field{Names: []*ast.Ident{identAt(p, pos)}})
		if i == 0 {
			body = append(body, defineAt(pos, best, identAt(p, pos)))
			continue
		}
		op := token.LSS
		if name == "max" {
			op = token.GTR
		}
		var better ast.Expr = &ast.BinaryExpr{X: identAt(p, pos), OpPos: pos, Op: op, Y: identAt(best, pos)}
		if basic.Info()&types.IsFloat != 0 {
			better = callAt(l.s.runtime("Less", pos), pos,
				callAt(identAt("float64", pos), pos, identAt(p, pos)),
				callAt(identAt("float64", pos), pos, identAt(best, pos)),
				l.constantOf(constant.MakeBool(name == "max"), types.Typ[types.Bool], pos))
		}
		body = append(body, &ast.IfStmt{If: pos, Cond: better, Body: blockAt(pos, assignAt(pos, []ast.Expr{identAt(best, pos)}, []ast.Expr{identAt(p, pos)}))})
	}
	body = append(body, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(best, pos)}})
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(types.NewVar(token.NoPos, nil, "", t)), false)
	return callAt(&ast.FuncLit{Type: l.funcType(syntax, sig), Body: blockAt(pos, body...)}, pos, l.exprs(call.Args)...)
}

// conversion lowers T(x). A cell's value converted to an interface of a
// compiled package goes through a typed variable, which the interpreter wraps
// as it must be.
func (l *lowerer) conversion(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !l.info.Types[call.Fun].IsType() {
		return nil, false
	}
	t := l.typeOf(call)
	pos := call.Pos()
	if arg := l.info.Types[call.Args[0]]; arg.Value != nil && l.info.Types[call].Value == nil {
		if _, isBasic := t.Underlying().(*types.Basic); isBasic {
			return l.notConstant(arg.Value, t, pos), true
		}
	}
	if types.IsInterface(t) {
		name := l.temp()
		var value ast.Expr
		if !l.info.Types[call.Args[0]].IsNil() {
			value = l.expr(call.Args[0])
		}
		return l.immediate(pos, t, identAt(name, pos), l.varAt(pos, name, t, value)), true
	}
	fun := l.typeExpr(t, pos)
	switch fun.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.ArrayType, *ast.MapType:
	default:
		fun = &ast.ParenExpr{Lparen: pos, X: fun, Rparen: pos}
	}
	return callAt(fun, pos, l.expr(call.Args[0])), true
}

// notConstant is a constant converted to a type parameter, which is not
// constant in Go: operations on it wrap around and fail as the program runs. In
// a variable it is none for the interpreter either.
func (l *lowerer) notConstant(v constant.Value, t types.Type, pos token.Pos) ast.Expr {
	name := l.s.slots.next("const")
	spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(name, pos)}, Type: l.typeExpr(t, pos), Values: []ast.Expr{l.constantOf(v, t, pos)}}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
	return identAt(name, pos)
}

func (l *lowerer) hasBlank(st *types.Struct) bool {
	for f := range st.Fields() {
		if f.Name() == "_" {
			return true
		}
	}
	return false
}

// composite lowers T{…}, spelling out element types the cell leaves out.
func (l *lowerer) composite(e ast.Expr) (ast.Expr, bool) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	t := l.typeOf(lit)
	out := &ast.CompositeLit{Lbrace: lit.Lbrace, Rbrace: lit.Rbrace}
	pointer := false
	if p, ok := t.Underlying().(*types.Pointer); ok && lit.Type == nil {
		t, pointer = p.Elem(), true
	}
	out.Type = l.typeExpr(t, lit.Pos())
	st, isStruct := t.Underlying().(*types.Struct)
	for i, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok && isStruct {
			out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: kv.Key, Colon: kv.Colon, Value: l.expr(kv.Value)})
			continue
		}
		if isStruct && l.hasBlank(st) && !calls(lit) {
			// The interpreter compares blank fields, which Go does not: they stay zero.
			if f := st.Field(i); f.Name() != "_" {
				out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: identAt(f.Name(), el.Pos()), Colon: el.Pos(), Value: l.expr(el)})
			}
			continue
		}
		out.Elts = append(out.Elts, l.expr(el))
	}
	if pointer {
		return &ast.UnaryExpr{OpPos: lit.Pos(), Op: token.AND, X: out}, true
	}
	return out, true
}
