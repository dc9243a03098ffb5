package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// What the interpreter is known to answer wrongly, and no rule cures yet, is
// refused: it keeps the name of a cell's type beside a value only while the
// value is a struct or a pointer in an interface of a cell.

// dynamicType refuses questions about the dynamic type of a value that would
// be answered wrongly.
func (l *lowerer) dynamicType(e ast.Expr) (ast.Expr, bool) {
	switch e := e.(type) {
	case *ast.TypeAssertExpr:
		if e.Type != nil {
			l.mayAssert(l.typeOf(e.X), l.typeOf(e.Type), e.Type.Pos())
		}
	case *ast.BinaryExpr:
		if e.Op == token.EQL || e.Op == token.NEQ {
			l.mayCompare(e.X, e.Y)
			l.mayCompare(e.Y, e.X)
		}
	case *ast.CallExpr:
		l.mayFind(e)
	}
	return nil, false
}

// mayAssert refuses to ask whether an interface of type from holds a value of type to.
func (l *lowerer) mayAssert(from, to types.Type, pos token.Pos) {
	n, ok := types.Unalias(to).(*types.Named)
	if !ok || l.ownType(to) == nil {
		return
	}
	name := types.TypeString(n, types.RelativeTo(l.s.pkg))
	_, isStruct := n.Underlying().(*types.Struct)
	if !isStruct {
		l.refuse(pos, sprintf("asking for the type %s is not supported in cells: in an interface it cannot be told from %s; make it a struct, or keep it out of interfaces", name, n.Underlying()))
		return
	}
	if iface, ok := types.Unalias(from).(*types.Named); ok && iface.Obj().Pkg() != l.s.pkg && l.ownType(iface) == nil {
		l.refuse(pos, sprintf("asking a value of type %s for the type %s is not supported in cells: use a pointer, *%s, for the value and here", types.TypeString(from, types.RelativeTo(l.s.pkg)), name, name))
	}
}

// mayCompare refuses to compare an interface with a value whose type it may
// have forgotten.
func (l *lowerer) mayCompare(iface, value ast.Expr) {
	if !l.info.Types[value].IsNil() {
		l.mayCompareTypes(l.typeOf(iface), l.typeOf(value), value.Pos())
	}
}

func (l *lowerer) mayCompareTypes(iface, value types.Type, pos token.Pos) {
	if types.IsInterface(iface) && !types.IsInterface(value) {
		l.mayAssert(iface, value, pos)
	}
}

// mayFind refuses errors.As for a target that is not a pointer to a pointer or
// to an interface.
func (l *lowerer) mayFind(call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 2 {
		return
	}
	fn, ok := l.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.FullName() != "errors.As" {
		return
	}
	target, ok := types.Unalias(l.typeOf(call.Args[1])).(*types.Pointer)
	if !ok {
		return
	}
	if n, ok := types.Unalias(target.Elem()).(*types.Named); ok && l.ownType(n) != nil {
		l.refuse(call.Args[1].Pos(), sprintf("errors.As for values of type %s is not supported in cells: use a pointer, *%[1]s, for the error and the target", types.TypeString(n, types.RelativeTo(l.s.pkg))))
	}
}
