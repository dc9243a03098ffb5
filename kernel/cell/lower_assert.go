package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// The interpreter cannot ask a value of unknown type for an interface that a
// cell's type implements: it loses the value or its methods on the way. But it
// can ask for each of those types by name. So x.(I) becomes a call of a helper
// that tries the cells' types that implement I, and then asks as before. A
// function that does so is lowered again when a cell declares more types.

// implementers lists the cells' types, and pointers to them, that implement an interface.
func (s *Session) implementers(iface *types.Interface) []types.Type {
	var list []types.Type
	add := func(n *types.Named) {
		if types.IsInterface(n) {
			return
		}
		if _, isStruct := n.Underlying().(*types.Struct); isStruct && types.Implements(n, iface) {
			list = append(list, n)
		}
		if p := types.NewPointer(n); types.Implements(p, iface) {
			list = append(list, p)
		}
	}
	for tn := range s.typeSlots {
		if n, ok := tn.Type().(*types.Named); ok {
			add(n)
		}
	}
	for _, gt := range s.genericTypes {
		for _, in := range gt.made {
			add(in.typ)
		}
	}
	slices.SortFunc(list, func(a, b types.Type) int {
		if d := int(typePos(a) - typePos(b)); d != 0 {
			return d
		}
		return strings.Compare(a.String(), b.String())
	})
	return list
}

// typePos orders types by where they are declared, so that the same session
// gives the same program.
func typePos(t types.Type) token.Pos {
	if p, ok := t.(*types.Pointer); ok {
		return typePos(p.Elem()) + 1
	}
	return t.(*types.Named).Obj().Pos()
}

// askable reports whether an assertion needs a helper: from an interface with
// other methods to one with methods.
func (l *lowerer) askable(from, to types.Type) (*types.Interface, bool) {
	iface, ok := to.Underlying().(*types.Interface)
	if !ok || iface.NumMethods() == 0 || types.Identical(from.Underlying(), iface) {
		return nil, false
	}
	return iface, true
}

// ownInterface reports whether an interface type is a cell's, not a compiled package's.
func (l *lowerer) ownInterface(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return !ok || n.Obj().Pkg() == l.s.pkg
}

// asking returns the name of a helper func(any) (to, bool); "" if none is needed.
func (l *lowerer) asking(from, to types.Type, pos token.Pos) string {
	iface, ok := l.askable(from, to)
	if !ok {
		return ""
	}
	l.dynamic = true
	types1 := l.s.implementers(iface)
	name, x := l.s.slots.next("ask"), l.temp()
	var body []ast.Stmt
	if l.ownInterface(to) {
		for tn := range l.s.typeSlots {
			if _, isStruct := tn.Type().Underlying().(*types.Struct); !isStruct && !types.IsInterface(tn.Type()) && types.Implements(tn.Type(), iface) {
				l.refuse(pos, sprintf("asking a value for the interface %s is not supported in cells while %s, which is not a struct, implements it: make it a struct", types.TypeString(to, types.RelativeTo(l.s.pkg)), tn.Name()))
			}
		}
	}
	for _, t := range types1 {
		v, ok := l.temp(), l.temp()
		body = append(body, &ast.IfStmt{
			If: pos,
			Init: &ast.AssignStmt{
				Lhs: []ast.Expr{identAt(v, pos), identAt(ok, pos)}, TokPos: pos, Tok: token.DEFINE,
				Rhs: []ast.Expr{&ast.TypeAssertExpr{X: identAt(x, pos), Lparen: pos, Type: l.typeExpr(t, pos), Rparen: pos}},
			},
			Cond: identAt(ok, pos),
			Body: blockAt(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(v, pos), identAt("true", pos)}}),
		})
	}
	v, ok2 := l.temp(), l.temp()
	// The interpreter can ask a compiled value only for what it has, and nil for nothing.
	var lacks ast.Expr = &ast.BinaryExpr{X: identAt(x, pos), OpPos: pos, Op: token.EQL, Y: identAt("nil", pos)}
	if l.ownInterface(to) {
		args := []ast.Expr{identAt(x, pos)}
		for m := range iface.Methods() {
			args = append(args, &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(m.Name())})
		}
		lacks = &ast.UnaryExpr{OpPos: pos, Op: token.NOT, X: callAt(l.s.runtime("HasMethods", pos), pos, args...)}
	}
	none := l.temp()
	body = append(body, &ast.IfStmt{
		If: pos, Cond: lacks,
		Body: blockAt(pos, l.varAt(pos, none, to, nil), &ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(none, pos), identAt("false", pos)}}),
	})
	body = append(body,
		&ast.AssignStmt{
			Lhs: []ast.Expr{identAt(v, pos), identAt(ok2, pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.TypeAssertExpr{X: identAt(x, pos), Lparen: pos, Type: l.typeExpr(to, pos), Rparen: pos}},
		},
		&ast.ReturnStmt{Return: pos, Results: []ast.Expr{identAt(v, pos), identAt(ok2, pos)}})
	param := types.NewVar(token.NoPos, nil, x, types.Universe.Lookup("any").Type())
	results := types.NewTuple(types.NewVar(token.NoPos, nil, "", to), types.NewVar(token.NoPos, nil, "", types.Typ[types.Bool]))
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(param), results, false)
	syntax := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{{Names: []*ast.Ident{identAt(x, pos)}}}}}
	l.decls = append(l.decls, &ast.FuncDecl{Name: identAt(name, pos), Type: l.funcType(syntax, sig), Body: blockAt(pos, body...)})
	return name
}

// assertion lowers x.(I) and v, ok = x.(I).
func (l *lowerer) assertion(e ast.Expr) (ast.Expr, bool) {
	a, ok := e.(*ast.TypeAssertExpr)
	if !ok || a.Type == nil {
		return nil, false
	}
	to := l.typeOf(a.Type)
	name := l.asking(l.typeOf(a.X), to, a.Pos())
	if name == "" {
		return nil, false
	}
	if _, both := l.typeOf(a).(*types.Tuple); both {
		return callAt(identAt(name, a.Pos()), a.Pos(), l.expr(a.X)), true
	}
	v, has, x := l.temp(), l.temp(), l.temp()
	before := l.varAt(a.Pos(), x, types.Universe.Lookup("any").Type(), l.expr(a.X))
	call := callAt(identAt(name, a.Pos()), a.Pos(), identAt(x, a.Pos()))
	define := &ast.AssignStmt{Lhs: []ast.Expr{identAt(v, a.Pos()), identAt(has, a.Pos())}, TokPos: a.Pos(), Tok: token.DEFINE, Rhs: []ast.Expr{call}}
	fail := &ast.IfStmt{
		If: a.Pos(), Cond: &ast.UnaryExpr{OpPos: a.Pos(), Op: token.NOT, X: identAt(has, a.Pos())},
		Body: blockAt(a.Pos(), l.noImplementation(identAt(x, a.Pos()), to, a.Pos())),
	}
	return l.immediate(a.Pos(), to, identAt(v, a.Pos()), before, define, fail), true
}

// noImplementation panics because x does not implement the interface to.
func (l *lowerer) noImplementation(x ast.Expr, to types.Type, pos token.Pos) ast.Stmt {
	str := func(s string) ast.Expr { return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(s)} }
	args := []ast.Expr{x, str(types.TypeString(to, func(p *types.Package) string { return p.Name() }))}
	iface := to.Underlying().(*types.Interface)
	for i := range iface.NumMethods() { // in the order Go looks for them
		args = append(args, str(iface.Method(i).Name()))
	}
	return &ast.ExprStmt{X: callAt(identAt("panic", pos), pos, callAt(l.s.runtime("NoImplementation", pos), pos, args...))}
}
