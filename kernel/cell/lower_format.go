package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// formatCall lowers a call of fmt.Printf or another function that takes a format,
// where the format may ask for a type: %T never reaches the value, so the
// session answers it.
func (l *lowerer) formatCall(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || call.Ellipsis.IsValid() {
		return nil, false
	}
	fn := l.calledFunc(call.Fun)
	if fn == nil || !l.recipient(call.Fun).print || !strings.HasSuffix(fn.Name(), "f") || !fn.Signature().Variadic() {
		return nil, false
	}
	params := fn.Signature().Params()
	at := params.Len() - 2 // the format's place
	if at < 0 || len(call.Args) <= at+1 {
		return nil, false
	}
	if b, ok := params.At(at).Type().(*types.Basic); !ok || b.Kind() != types.String {
		return nil, false
	}
	format := l.info.Types[call.Args[at]].Value
	if format != nil && !strings.Contains(constant.StringVal(format), "T") {
		return nil, false
	}
	shown := false
	for _, a := range call.Args[at+1:] {
		shown = shown || l.needsShow(l.typeOf(a))
	}
	if !shown {
		return nil, false
	}
	pos := call.Pos()
	f, args := l.temp(), l.temp()
	list := &ast.CompositeLit{Type: l.typeExpr(types.NewSlice(emptyInterface), pos), Lbrace: pos, Rbrace: pos}
	for _, a := range call.Args[at+1:] {
		list.Elts = append(list.Elts, l.convert(l.bare(a), l.typeOf(a), emptyInterface, inCell))
	}
	out := &ast.CallExpr{Fun: l.expr(call.Fun), Lparen: call.Lparen, Rparen: call.Rparen, Ellipsis: pos}
	var before []ast.Stmt
	for i, a := range call.Args[:at] {
		name := l.temp()
		before = append(before, l.varAt(a.Pos(), name, params.At(i).Type(), l.expr(a)))
		out.Args = append(out.Args, identAt(name, pos))
	}
	before = append(before, &ast.AssignStmt{
		Lhs: []ast.Expr{identAt(f, pos), identAt(args, pos)}, TokPos: pos, Tok: token.DEFINE,
		Rhs: []ast.Expr{callAt(l.s.runtime("Formatted", pos), pos, l.expr(call.Args[at]), list)},
	})
	out.Args = append(out.Args, identAt(f, pos), identAt(args, pos))
	return l.immediate(pos, l.typeOf(call), out, before...), true
}

// spread converts the elements of list... for compiled code.
func (l *lowerer) spread(list ast.Expr, s sink) ast.Expr {
	pos := list.Pos()
	if s.print {
		return callAt(l.s.runtime("ShownAll", pos), pos, list)
	}
	return callAt(l.s.runtime("OutwardAll", pos), pos, list, stringLit(s.code, pos))
}
