package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// variadic passes arguments for a final ...I, I an interface with methods, as
// a slice: the interpreter wraps the elements of one, not the arguments.
func (l *lowerer) variadic(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || call.Ellipsis.IsValid() {
		return nil, false
	}
	sig, ok := l.typeOf(call.Fun).Underlying().(*types.Signature)
	if !ok || !sig.Variadic() {
		return nil, false
	}
	fixed := sig.Params().Len() - 1
	slice := sig.Params().At(fixed).Type().(*types.Slice)
	iface, ok := slice.Elem().Underlying().(*types.Interface)
	if !ok || iface.NumMethods() == 0 || len(call.Args) <= fixed {
		return nil, false
	}
	if l.spreads(call) != nil {
		return nil, false
	}
	pos := call.Args[fixed].Pos()
	args := l.exprs(call.Args)
	list := &ast.CompositeLit{Type: l.typeExpr(slice, pos), Lbrace: pos, Elts: args[fixed:], Rbrace: pos}
	return &ast.CallExpr{
		Fun: l.expr(call.Fun), Lparen: call.Lparen,
		Args: append(args[:fixed:fixed], list), Ellipsis: call.Rparen, Rparen: call.Rparen,
	}, true
}

// arguments lowers the arguments of a call. The interpreter does not know the
// type of nil..., and for it no argument for a final ...T is an empty slice,
// where it should be nil. That matters to functions of cells: those of compiled
// packages do not tell one from the other.
func (l *lowerer) arguments(call *ast.CallExpr) (args []ast.Expr, ellipsis token.Pos) {
	args, ellipsis = l.exprs(call.Args), call.Ellipsis
	sig, ok := l.typeOf(call.Fun).Underlying().(*types.Signature)
	if !ok || !sig.Variadic() {
		return args, ellipsis
	}
	fixed := sig.Params().Len() - 1
	switch {
	case ellipsis.IsValid() && l.info.Types[call.Args[fixed]].IsNil():
		args[fixed] = l.noArguments(sig, call.Rparen)
	case !ellipsis.IsValid() && len(args) == fixed && l.spreads(call) == nil && l.callsCell(call.Fun):
		return append(args, l.noArguments(sig, call.Rparen)), call.Rparen
	case !ellipsis.IsValid() && len(args) == fixed+1 && l.spreads(call) == nil && l.callsCell(call.Fun) && l.couldSpread(call.Args[fixed], sig):
		pos := call.Args[fixed].Pos()
		args[fixed] = &ast.CompositeLit{Type: l.typeExpr(sig.Params().At(fixed).Type(), pos), Lbrace: pos, Elts: []ast.Expr{args[fixed]}, Rbrace: pos}
		return args, call.Rparen
	}
	return args, ellipsis
}

// couldSpread reports whether a lone argument for a final ...T is a slice that
// the interpreter would take for all of them.
func (l *lowerer) couldSpread(arg ast.Expr, sig *types.Signature) bool {
	all, ok := sig.Params().At(sig.Params().Len() - 1).Type().(*types.Slice)
	if !ok {
		return false
	}
	list, ok := l.typeOf(arg).Underlying().(*types.Slice)
	return ok && types.Identical(list.Elem(), all.Elem())
}

// noArguments is nil of the type of a signature's final parameter ...T.
func (l *lowerer) noArguments(sig *types.Signature, pos token.Pos) ast.Expr {
	return callAt(l.typeExpr(sig.Params().At(sig.Params().Len()-1).Type(), pos), pos, identAt("nil", pos))
}

// callsCell reports whether a call of fun calls a function literal, a method
// declared in a cell, or what a name without a package stands for.
func (l *lowerer) callsCell(fun ast.Expr) bool {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident, *ast.FuncLit:
		return true
	case *ast.SelectorExpr:
		s := l.selection(fun)
		if s == nil || s.kind == types.FieldVal {
			return false
		}
		return s.kind == types.MethodVal && l.methodOf(s) != "" || l.methodSlot(s.obj.(*types.Func)) != ""
	}
	return false
}

// spreads is the type of f() in a call g(f()) that passes on its results.
func (l *lowerer) spreads(call *ast.CallExpr) *types.Tuple {
	if len(call.Args) != 1 {
		return nil
	}
	tuple, _ := l.typeOf(call.Args[0]).(*types.Tuple)
	return tuple
}
