package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// The interpreter evaluates some operands late, or not in Go's order. Here they
// are evaluated first, into variables.

// mapIndex lowers m[nil], of which the interpreter does not know the type.
func (l *lowerer) mapIndex(e ast.Expr) (ast.Expr, bool) {
	x, ok := e.(*ast.IndexExpr)
	if !ok || !l.info.Types[x.Index].IsNil() {
		return nil, false
	}
	m, ok := core(l.typeOf(x.X)).(*types.Map)
	if !ok || types.IsInterface(m.Key()) {
		return nil, false
	}
	return &ast.IndexExpr{X: l.expr(x.X), Lbrack: x.Lbrack, Index: l.nilOf(m.Key(), x.Index.Pos()), Rbrack: x.Rbrack}, true
}

// nilOf is (T)(nil).
func (l *lowerer) nilOf(t types.Type, pos token.Pos) ast.Expr {
	return callAt(&ast.ParenExpr{Lparen: pos, X: l.typeExpr(t, pos), Rparen: pos}, pos, identAt("nil", pos))
}

// spreadBuiltin lowers a predeclared function that is given the results of a call.
func (l *lowerer) spreadBuiltin(call *ast.CallExpr, name string) (ast.Expr, bool) {
	tuple := l.spreads(call)
	if tuple == nil {
		return nil, false
	}
	pos := call.Pos()
	out := &ast.CallExpr{Fun: identAt(name, pos), Lparen: pos, Rparen: pos}
	define := &ast.AssignStmt{TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.expr(call.Args[0])}}
	for i := range tuple.Len() {
		v := l.temp()
		define.Lhs = append(define.Lhs, identAt(v, pos))
		var arg ast.Expr = identAt(v, pos)
		if s, ok := core(tuple.At(0).Type()).(*types.Slice); ok && name == "append" && i > 0 {
			arg = l.convert(arg, tuple.At(i).Type(), s.Elem(), inCell)
		}
		out.Args = append(out.Args, arg)
	}
	result := l.typeOf(call)
	if t, ok := result.(*types.Tuple); ok && t.Len() == 0 || name == "delete" {
		result = nil
	}
	return l.immediate(pos, result, out, define), true
}

// appendReading lowers append(s, x, s[i]): what is appended is read before any
// of it is written.
func (l *lowerer) appendReading(call *ast.CallExpr) (ast.Expr, bool) {
	if len(call.Args) < 3 || call.Ellipsis.IsValid() {
		return nil, false
	}
	reads := false
	for _, a := range call.Args[2:] {
		switch ast.Unparen(a).(type) {
		case *ast.IndexExpr, *ast.StarExpr, *ast.SelectorExpr, *ast.BinaryExpr, *ast.CallExpr:
			reads = reads || l.info.Types[a].Value == nil
		}
	}
	if !reads {
		return nil, false
	}
	pos := call.Pos()
	before, values := l.evaluated(call.Args)
	return l.immediate(pos, l.typeOf(call), callAt(identAt("append", pos), pos, values...), before...), true
}

// complexPart lowers real and imag of an operation.
func (l *lowerer) complexPart(call *ast.CallExpr, name string) (ast.Expr, bool) {
	if _, ok := ast.Unparen(call.Args[0]).(*ast.BinaryExpr); !ok || l.info.Types[call].Value != nil {
		return nil, false
	}
	pos, v := call.Pos(), l.temp()
	return l.immediate(pos, l.typeOf(call), callAt(identAt(name, pos), pos, identAt(v, pos)), defineAt(pos, v, l.expr(call.Args[0]))), true
}

// functionFirst lowers f()(g()) where g gives several arguments: f is called first.
func (l *lowerer) functionFirst(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || slices.Contains(l.ordered, call) || l.spreads(call) == nil || !calls(call.Fun) || l.info.Types[call.Fun].IsType() {
		return nil, false
	}
	before := l.hold(call.Fun)
	result := l.typeOf(call)
	if t, ok := result.(*types.Tuple); ok && t.Len() == 0 {
		result = nil
	}
	return l.immediate(call.Pos(), result, l.unordered(call), before...), true
}

// unordered lowers a call whose function's operands are evaluated already.
func (l *lowerer) unordered(call *ast.CallExpr) ast.Expr {
	l.ordered = append(l.ordered, call)
	defer func() { l.ordered = l.ordered[:len(l.ordered)-1] }()
	return l.bare(call)
}
