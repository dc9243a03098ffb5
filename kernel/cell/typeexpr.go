package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// typeSyntax replaces every type written in a cell by the type it means,
// spelled with the interpreter's names.
func (l *lowerer) typeSyntax(e ast.Expr) (ast.Expr, bool) {
	tv, ok := l.info.Types[e]
	if !ok || !tv.IsType() {
		if id, isIdent := e.(*ast.Ident); isIdent {
			if tn, isType := l.info.Uses[id].(*types.TypeName); isType {
				return l.typeExpr(tn.Type(), e.Pos()), true
			}
		}
		return nil, false
	}
	return l.typeExpr(tv.Type, e.Pos()), true
}

// typeExpr spells a type for the interpreter.
func (l *lowerer) typeExpr(t types.Type, pos token.Pos) ast.Expr {
	switch t := types.Unalias(l.sub(t)).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UnsafePointer:
			l.refuse(pos, "unsafe is not available in cells")
		case types.UntypedNil:
			return identAt("any", pos)
		}
		if t.Info()&types.IsUntyped != 0 {
			t = types.Default(t).(*types.Basic)
		}
		return identAt(t.Name(), pos)
	case *types.Named:
		if l.ownInterface(t) {
			return identAt("any", pos)
		}
		return l.namedExpr(t, pos)
	case *types.Pointer:
		return &ast.StarExpr{Star: pos, X: l.typeExpr(t.Elem(), pos)}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: pos, Elt: l.typeExpr(t.Elem(), pos)}
	case *types.Array:
		n := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}
		return &ast.ArrayType{Lbrack: pos, Len: n, Elt: l.typeExpr(t.Elem(), pos)}
	case *types.Map:
		return &ast.MapType{Map: pos, Key: l.typeExpr(t.Key(), pos), Value: l.typeExpr(t.Elem(), pos)}
	case *types.Chan:
		c := &ast.ChanType{Begin: pos, Dir: ast.SEND | ast.RECV, Value: l.typeExpr(t.Elem(), pos)}
		switch t.Dir() {
		case types.SendOnly:
			c.Dir, c.Arrow = ast.SEND, pos
		case types.RecvOnly:
			c.Dir, c.Arrow = ast.RECV, pos
		}
		return c
	case *types.Signature:
		return l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, t)
	case *types.Struct:
		return l.structExpr(t, pos)
	case *types.Interface:
		return identAt("any", pos)
	}
	l.refuse(pos, sprintf("type %s is not supported in cells", t))
	return identAt("any", pos)
}

func (l *lowerer) namedExpr(t *types.Named, pos token.Pos) ast.Expr {
	if t.TypeArgs().Len() == 0 {
		t = l.localType(t)
	}
	obj := t.Obj()
	if t.TypeArgs().Len() > 0 {
		if in := l.typeInstance(t, pos); in != nil {
			return identAt(in.slot, pos)
		}
		if t.NumMethods() == 0 && !l.s.ours(t.Origin().Obj().Pkg()) {
			return l.typeExpr(t.Underlying(), pos) // iter.Seq[V] is a function
		}
		l.refuse(pos, sprintf("generic type %s is not supported in cells: declare the type you need without type parameters", types.TypeString(t, types.RelativeTo(l.s.pkg))))
		return identAt("any", pos)
	}
	if slot := l.s.typeSlots[obj]; slot != "" {
		return identAt(slot, pos)
	}
	if pkg := obj.Pkg(); pkg != nil && !l.s.ours(pkg) {
		if obj.Exported() {
			return l.s.qualified(pkg, obj.Name(), pos)
		}
		if name, ok := l.s.hiddenType(pkg, obj.Name()); ok {
			return &ast.SelectorExpr{X: identAt(hiddenPackage, pos), Sel: identAt(name, pos)}
		}
		l.refuse(pos, sprintf("type %s.%s cannot be named outside its package, and a variable of it cannot be kept: use the value in the expression that makes it", pkg.Name(), obj.Name()))
		return identAt("any", pos)
	}
	return identAt(obj.Name(), pos) // predeclared
}

func (l *lowerer) structExpr(t *types.Struct, pos token.Pos) ast.Expr {
	list := &ast.FieldList{Opening: pos, Closing: pos}
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &ast.Field{Type: l.typeExpr(v.Type(), pos)}
		if !v.Embedded() || l.fieldName(v) != v.Name() || l.ownInterface(l.sub(v.Type())) {
			name := v.Name()
			if name == "_" { // of which the interpreter allows but one
				name = "blank_" + strconv.Itoa(i)
			}
			f.Names = []*ast.Ident{identAt(name, pos)}
		}
		tag := t.Tag(i)
		if !v.Exported() && !v.Embedded() {
			// The interpreter's structs have only fields that encoders see.
			tag = strings.TrimSpace(`json:"-" xml:"-" ` + tag)
		}
		if tag != "" {
			f.Tag = &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(tag)}
		}
		list.List = append(list.List, f)
	}
	return &ast.StructType{Struct: pos, Fields: list}
}

// structTag is the key of the tag that tells a cell's struct from others.
const structTag = "swingby"

// typeTag is that tag's value: a name of its own, and the type, for messages
// that reflection writes.
func (vs *values) typeTag(slot string, t types.Type) string { return slot + "=" + vs.typeString(t) }

// tagText is the tag as it stands in the struct.
func tagText(tag string) string { return structTag + ":" + strconv.Quote(tag) }

// distinct marks a declared struct type by a tag of its own, so that it is
// another type for reflection than a struct declared with the same fields: an
// assertion asks reflection.
func distinct(e ast.Expr, tag string) ast.Expr {
	st, ok := e.(*ast.StructType)
	if !ok || len(st.Fields.List) == 0 {
		return e
	}
	f := st.Fields.List[0]
	tag = tagText(tag)
	if f.Tag != nil {
		if old, err := strconv.Unquote(f.Tag.Value); err == nil {
			tag = old + " " + tag
		}
	}
	f.Tag = &ast.BasicLit{ValuePos: f.Pos(), Kind: token.STRING, Value: strconv.Quote(tag)}
	return st
}

// fieldName is the name the interpreter would give an embedded field: that of
// the type as it is spelled there. Where it is not the field's name in Go, the
// field is declared by name, and promotion, which is spelled out anyway, does
// not suffer.
func (l *lowerer) fieldName(v *types.Var) string {
	t := v.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Alias); ok && n.Obj().Name() != v.Name() {
		return n.Obj().Name()
	}
	if n, ok := types.Unalias(l.sub(t)).(*types.Named); ok {
		if n.TypeArgs().Len() > 0 {
			if in := l.typeInstance(n, v.Pos()); in != nil {
				return in.slot
			}
		}
		if slot := l.s.typeSlots[n.Obj()]; slot != "" {
			return slot
		}
		return n.Obj().Name()
	}
	return v.Name()
}
