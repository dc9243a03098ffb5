package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// displayPath is the package whose Object carries what reflection cannot see
// of a value of a cell's own type.
const displayPath = "swingby/kernel/display"

// shownMethods are the methods package display looks for.
var shownMethods = []string{"HTML", "Markdown", "LaTeX", "SVG", "PNG", "JPEG", "JSON", "MIMEBundle", "Draw", "String", "Error"}

// resultStmts hands the value of the last expression, or all values of the
// last call, to the session.
func (l *lowerer) resultStmts(e ast.Expr) []ast.Stmt {
	pos := e.Pos()
	give := func(x ast.Expr) ast.Stmt { return &ast.ExprStmt{X: callAt(l.s.runtime("Result", pos), pos, x)} }
	named := l.ownType(l.typeOf(e))
	if named == nil {
		return []ast.Stmt{give(l.expr(e))}
	}
	name := l.temp()
	object := l.object1(pos, name, l.typeOf(e))
	if object == nil {
		return []ast.Stmt{give(l.expr(e))}
	}
	return []ast.Stmt{defineAt(pos, name, l.expr(e)), give(object)}
}

// ownType returns the type declared in a cell that t is or points to.
func (l *lowerer) ownType(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || l.s.typeSlots[n.Obj()] == "" && l.s.genericTypes[n.Origin().Obj()] == nil || types.IsInterface(n) {
		return nil
	}
	return n
}

// object1 is display.Object{Value: v, Type: "T", Methods: {"String": v.String, …}}
// for the variable v of type t.
func (l *lowerer) object1(pos token.Pos, v string, t types.Type) ast.Expr {
	pkg, err := l.s.importer.Import(displayPath)
	if err != nil {
		return nil
	}
	str := func(s string) ast.Expr { return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(s)} }
	methods := &ast.CompositeLit{
		Type:   &ast.MapType{Map: pos, Key: identAt("string", pos), Value: identAt("any", pos)},
		Lbrace: pos, Rbrace: pos,
	}
	set := types.NewMethodSet(t)
	for _, name := range shownMethods {
		sel := set.Lookup(l.s.pkg, name)
		if sel == nil {
			continue
		}
		fn := sel.Obj().(*types.Func)
		slot := l.methodSlot(fn)
		sig := fn.Signature()
		if slot == "" || sig.Params().Len() > 1 || sig.Variadic() {
			continue
		}
		x, at := l.walk(identAt(v, pos), t, sel.Index()[:len(sel.Index())-1])
		f := l.forward(pos, types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), false), identAt(slot, pos), l.adjust(x, at, fn))
		methods.Elts = append(methods.Elts, &ast.KeyValueExpr{Key: str(name), Colon: pos, Value: l.closure(f, types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), false))})
	}
	key := func(k string, x ast.Expr) ast.Expr {
		return &ast.KeyValueExpr{Key: identAt(k, pos), Colon: pos, Value: x}
	}
	return &ast.CompositeLit{
		Type: l.s.qualified(pkg, "Object", pos), Lbrace: pos, Rbrace: pos,
		Elts: []ast.Expr{
			key("Value", identAt(v, pos)),
			key("Type", str(types.TypeString(t, func(p *types.Package) string { return p.Name() }))),
			key("Methods", methods),
		},
	}
}

// adjust takes or follows the address of x, of type t, as the receiver of fn wants.
func (l *lowerer) adjust(x ast.Expr, t types.Type, fn *types.Func) ast.Expr {
	_, isPtr := types.Unalias(t).(*types.Pointer)
	_, wantPtr := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	switch {
	case wantPtr && !isPtr:
		return &ast.UnaryExpr{OpPos: x.Pos(), Op: token.AND, X: x}
	case !wantPtr && isPtr:
		return &ast.StarExpr{Star: x.Pos(), X: x}
	}
	return x
}
