package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// The interpreter's interfaces lose types, methods and nil pointers. So lowered
// code has none of them but any, and no type there has methods:
//
//   - An interface of a cell is any. Its methods are called through functions that
//     try the types that implement it (lower_dispatch.go).
//   - A compiled interface with methods, error for one, stays what it is. A cell's
//     value becomes one inside a compiled value that has its methods (wrap.go).
//   - In any, reflection tells a value's type. Declared structs are distinct by a
//     tag (see distinct); a value of any other type that reflection would take for
//     another is put in a box, a struct with such a tag.

// ownInterface reports whether t is an interface that lowered code spells as any.
func (l *lowerer) ownInterface(t types.Type) bool {
	t = types.Unalias(t)
	if !types.IsInterface(t) {
		return false
	}
	if _, isParam := t.(*types.TypeParam); isParam {
		return false
	}
	n, ok := t.(*types.Named)
	if !ok {
		return true
	}
	if t.Underlying().(*types.Interface).Empty() {
		return n.Obj().Pkg() == nil || l.s.ours(n.Obj().Pkg())
	}
	return n.TypeArgs().Len() > 0 || l.s.local(n)
}

// local reports whether n is declared in source that is lowered: a cell's, that of
// a fetched package, or that of generic code of the standard library.
func (s *Session) local(n *types.Named) bool {
	pkg := n.Obj().Pkg()
	if pkg == nil {
		return false
	}
	src := s.sourcePkgs[pkg.Path()]
	return s.ours(pkg) || src != nil && src.pkg == pkg
}

// emptyInterface is what lowered code has for any and the interfaces of cells.
var emptyInterface = types.Universe.Lookup("any").Type()

// erased reports whether reflection cannot tell values of a type from those of
// another, as lowered code spells them.
func (l *lowerer) erased(t types.Type) bool {
	part := func(t types.Type) bool {
		t = types.Unalias(t)
		if i, ok := t.Underlying().(*types.Interface); ok {
			return l.ownInterface(t) && !(i.Empty() && !isNamed(t))
		}
		return l.erased(t)
	}
	switch t := types.Unalias(l.sub(t)).(type) {
	case *types.Named:
		if !l.s.local(t) && l.s.typeSlots[t.Obj()] == "" {
			return t.TypeArgs().Len() > 0 && !types.IsInterface(t)
		}
		if l.s.typeSlots[t.Obj()] == "" && t.TypeArgs().Len() == 0 {
			return false
		}
		switch u := t.Underlying().(type) {
		case *types.Struct:
			return u.NumFields() == 0
		case *types.Interface:
			return false
		}
		return true
	case *types.Pointer:
		return part(t.Elem())
	case *types.Slice:
		return part(t.Elem())
	case *types.Array:
		return part(t.Elem())
	case *types.Chan:
		return part(t.Elem())
	case *types.Map:
		return part(t.Key()) || part(t.Elem())
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if part(v.Type()) {
					return true
				}
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			// Embedded fields may have methods; unexported ones have other names in lowered code.
			if part(f.Type()) || f.Embedded() || !f.Exported() {
				return true
			}
		}
	}
	return false
}

func isNamed(t types.Type) bool {
	_, ok := t.(*types.Named)
	return ok
}

// boxField is the one field of a box.
const boxField = "V"

// boxSlot returns the name of the box for values of type t.
func (l *lowerer) boxSlot(t types.Type, pos token.Pos) string {
	if slot, ok := l.s.boxes.At(t).(string); ok {
		return slot
	}
	slot := l.s.slots.next("box")
	l.s.boxes.Set(t, slot)
	l.s.onFailure(func() { l.s.boxes.Delete(t) })
	l.s.typeNames[slot] = true
	tag := l.s.boxTag(t)
	l.s.values.declare(tag, t, true)
	l.s.concrete(t)
	at := l.s.anchor
	field := &ast.Field{Names: []*ast.Ident{identAt(boxField, at)}, Type: l.typeExpr(t, at)}
	st := &ast.StructType{Struct: at, Fields: &ast.FieldList{Opening: at, Closing: at, List: []*ast.Field{field}}}
	spec := &ast.TypeSpec{Name: identAt(slot, at), Type: distinct(st, tag)}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: at, Tok: token.TYPE, Specs: []ast.Spec{spec}})
	return slot
}

// boxTag is the tag of the boxes of values of type t. It is the same whoever asks
// first, lowered code that declares the box or package reflect, so that there
// is one type of them.
func (s *Session) boxTag(t types.Type) string {
	if tag, ok := s.boxTags.At(t).(string); ok {
		return tag
	}
	tag := s.values.typeTag(s.slots.next("box"), t)
	s.boxTags.Set(t, tag)
	return tag
}

// boxed puts x of type t, no interface, in the form it has in any.
func (l *lowerer) boxed(x ast.Expr, t types.Type) ast.Expr {
	if !l.erased(t) {
		return x
	}
	pos := x.Pos()
	return &ast.CompositeLit{
		Type: identAt(l.boxSlot(t, pos), pos), Lbrace: pos, Rbrace: pos,
		Elts: []ast.Expr{&ast.KeyValueExpr{Key: identAt(boxField, pos), Colon: pos, Value: x}},
	}
}

// ownValue reports whether compiled code would not see the methods of t.
func (l *lowerer) ownValue(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	switch t := t.(type) {
	case *types.Named:
		return l.s.local(t) || l.s.typeSlots[t.Obj()] != "" || t.TypeArgs().Len() > 0
	case *types.Struct:
		return true
	}
	return false
}

// convert turns x of type from into an interface of type to, if to is one.
func (l *lowerer) convert(x ast.Expr, from, to types.Type, s sink) ast.Expr {
	if !types.IsInterface(to) || from == nil {
		return x
	}
	if b, ok := from.(*types.Basic); ok {
		switch {
		case b.Kind() == types.UntypedNil && !l.ownInterface(to) && !to.Underlying().(*types.Interface).Empty():
			return l.nilOf(to, x.Pos()) // the interpreter would look for what makes nil one
		case b.Kind() == types.UntypedNil || b.Kind() == types.Invalid:
			return x
		case b.Info()&types.IsUntyped != 0:
			from = types.Default(from)
		}
	}
	if _, isTuple := from.(*types.Tuple); isTuple {
		return x
	}
	pos := x.Pos()
	if _, basic := from.Underlying().(*types.Basic); basic && isOperation(x) {
		// The interpreter would store the result of an operation itself, by the
		// interface's kind: it panics, or ends the function without a word.
		x = callAt(l.typeExpr(from, pos), pos, x)
	}
	if l.ownInterface(to) || to.Underlying().(*types.Interface).Empty() {
		if !to.Underlying().(*types.Interface).Empty() {
			s = inCell
		}
		if !types.IsInterface(from) {
			if (s.print || s.code != "") && !l.needsShow(from) {
				return x
			}
			x = l.boxed(x, from)
		} else if !l.ownInterface(from) && !from.Underlying().(*types.Interface).Empty() {
			x = callAt(l.s.runtime("Inside", pos), pos, x)
		}
		switch {
		case s.print:
			return callAt(l.s.runtime("Shown", pos), pos, x)
		case s.code != "":
			return callAt(l.s.runtime("Outward", pos), pos, x, stringLit(s.code, pos))
		}
		return x
	}
	switch {
	case !types.IsInterface(from):
		for _, name := range []string{"Reader", "ReadCloser"} {
			if isFile(from) && isDeclared(to, "io", name) { // it may be os.Stdin
				return callAt(l.s.runtime(name, pos), pos, x)
			}
		}
		if !l.ownValue(from) {
			return x
		}
		return callAt(identAt(l.wrapper(to, pos), pos), pos, l.boxed(x, from))
	case l.ownInterface(from):
		return callAt(identAt(l.wrapper(to, pos), pos), pos, x)
	}
	return x
}

// needsShow reports whether fmt, given a value of type t, might miss something
// only the session knows.
func (l *lowerer) needsShow(t types.Type) bool {
	seen := map[types.Type]bool{}
	var need func(t types.Type) bool
	need = func(t types.Type) bool {
		t = types.Unalias(l.sub(t))
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if l.s.local(t) || l.s.typeSlots[t.Obj()] != "" || t.TypeArgs().Len() > 0 {
				return true
			}
			if st, ok := t.Underlying().(*types.Struct); ok && !isReflectValue(t) {
				for f := range st.Fields() { // which may hold a cell's value
					if f.Exported() && types.IsInterface(f.Type()) {
						return true
					}
				}
				return false
			}
			return types.IsInterface(t) || isReflectValue(t)
		case *types.Interface:
			return true
		case *types.Pointer:
			return need(t.Elem())
		case *types.Slice:
			return need(t.Elem())
		case *types.Array:
			return need(t.Elem())
		case *types.Chan:
			return need(t.Elem())
		case *types.Map:
			return need(t.Key()) || need(t.Elem())
		case *types.Signature, *types.Struct:
			return true
		}
		return false
	}
	return need(t)
}

// helper declares a function func(name any) results for the session, once for
// each kind and type.
func (l *lowerer) helper(kind string, t types.Type, results []types.Type, body func(x string) []ast.Stmt) string {
	made := l.s.helpers[kind]
	if made == nil {
		made = newTypeMap()
		l.s.helpers[kind] = made
	}
	if name, ok := made.At(t).(string); ok {
		return name
	}
	name := l.s.slots.next(kind)
	made.Set(t, name)
	l.s.onFailure(func() { made.Delete(t) })
	at := l.s.anchor
	x := l.temp()
	syntax := &ast.FuncType{Func: at, Params: &ast.FieldList{Opening: at, Closing: at, List: []*ast.Field{{Names: []*ast.Ident{identAt(x, at)}}}}}
	sig := types.NewSignatureType(nil, nil, nil, tupleOf(emptyInterface), tupleOf(results...), false)
	l.decls = append(l.decls, &ast.FuncDecl{Name: identAt(name, at), Type: l.funcType(syntax, sig), Body: blockAt(at, body(x)...)})
	return name
}

func tupleOf(list ...types.Type) *types.Tuple {
	vars := make([]*types.Var, len(list))
	for i, t := range list {
		vars[i] = types.NewVar(token.NoPos, nil, "", t)
	}
	return types.NewTuple(vars...)
}

// wrapped is runtime.Wrap(x, (*t)(nil)): x as a compiled value that implements
// the compiled interface t, or nil.
func (l *lowerer) wrapped(x string, t types.Type, at token.Pos) ast.Expr {
	ptr := callAt(&ast.ParenExpr{Lparen: at, X: &ast.StarExpr{Star: at, X: l.typeExpr(t, at)}, Rparen: at}, at, identAt("nil", at))
	return callAt(l.s.runtime("Wrap", at), at, identAt(x, at), ptr)
}

// wrapper returns the name of a function func(any) to for a compiled interface.
func (l *lowerer) wrapper(to types.Type, pos token.Pos) string {
	for m := range to.Underlying().(*types.Interface).Methods() {
		if mentionsReflection(m.Type()) {
			l.refuse(pos, sprintf("a cell's value cannot be a %s: method %s is declared with types of the compiled package reflect, which cells have their own in place of", l.goString(to), m.Name()))
			break
		}
	}
	return l.helper("to", to, []types.Type{to}, func(x string) []ast.Stmt {
		at := l.s.anchor
		r, w := l.temp(), l.temp()
		return []ast.Stmt{
			l.varAt(at, r, to, nil),
			&ast.IfStmt{If: at,
				Init: defineAt(at, w, l.wrapped(x, to, at)),
				Cond: &ast.BinaryExpr{X: identAt(w, at), OpPos: at, Op: token.NEQ, Y: identAt("nil", at)},
				Body: blockAt(at, assignAt(at, []ast.Expr{identAt(r, at)}, []ast.Expr{&ast.TypeAssertExpr{X: identAt(w, at), Lparen: at, Type: l.typeExpr(to, at), Rparen: at}})),
			},
			&ast.ReturnStmt{Return: at, Results: []ast.Expr{identAt(r, at)}},
		}
	})
}

// asks returns an expression of two values, of type to and bool: what x, of
// type any in lowered code, holds if that is a to.
func (l *lowerer) asks(x ast.Expr, to types.Type) ast.Expr {
	pos := x.Pos()
	switch {
	case types.IsInterface(to) && to.Underlying().(*types.Interface).Empty():
		return callAt(l.s.runtime("NotNil", pos), pos, x)
	case l.ownInterface(to):
		return callAt(l.s.runtime("Implements", pos), pos, x, intOf(l.s.interfaceID(to), pos))
	case !types.IsInterface(to) && !l.erased(to):
		return &ast.TypeAssertExpr{X: x, Lparen: pos, Type: l.typeExpr(to, pos), Rparen: pos}
	}
	return callAt(identAt(l.asker(to), pos), pos, x)
}

// asker returns the name of a function func(any) (to, bool).
func (l *lowerer) asker(to types.Type) string {
	return l.helper("is", to, []types.Type{to, types.Typ[types.Bool]}, func(x string) []ast.Stmt {
		at := l.s.anchor
		v, ok, none := l.temp(), l.temp(), l.temp()
		give := func(value ast.Expr, ok string) ast.Stmt {
			return &ast.ReturnStmt{Return: at, Results: []ast.Expr{value, identAt(ok, at)}}
		}
		var test *ast.IfStmt
		if types.IsInterface(to) {
			test = &ast.IfStmt{If: at,
				Init: defineAt(at, v, l.wrapped(x, to, at)),
				Cond: &ast.BinaryExpr{X: identAt(v, at), OpPos: at, Op: token.NEQ, Y: identAt("nil", at)},
				Body: blockAt(at, give(&ast.TypeAssertExpr{X: identAt(v, at), Lparen: at, Type: l.typeExpr(to, at), Rparen: at}, "true")),
			}
		} else {
			test = l.holds(identAt(x, at), to, v, ok, at)
			test.Body = blockAt(at, give(l.unboxed(v, to, at), "true"))
		}
		return []ast.Stmt{test, l.varAt(at, none, to, nil), give(identAt(none, at), "false")}
	})
}

// holds is if v, ok := x.(T); ok {}, where T is to as it is in any.
func (l *lowerer) holds(x ast.Expr, to types.Type, v, ok string, at token.Pos) *ast.IfStmt {
	var form ast.Expr
	if l.erased(to) {
		form = identAt(l.boxSlot(to, at), at)
	} else {
		form = l.typeExpr(to, at)
	}
	return &ast.IfStmt{If: at,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{identAt(v, at), identAt(ok, at)}, TokPos: at, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.TypeAssertExpr{X: x, Lparen: at, Type: form, Rparen: at}},
		},
		Cond: identAt(ok, at),
	}
}

// unboxed is the value of type t in the variable v, which has the form of t in any.
func (l *lowerer) unboxed(v string, t types.Type, at token.Pos) ast.Expr {
	if !l.erased(t) {
		return identAt(v, at)
	}
	return &ast.SelectorExpr{X: identAt(v, at), Sel: identAt(boxField, at)}
}

// must is x.(to) of one value; from is the type x has in the cell. A panic names
// the types as the cell knows them.
func (l *lowerer) must(x ast.Expr, from, to types.Type) ast.Expr {
	pos := x.Pos()
	if types.IsInterface(to) && (l.ownInterface(to) || to.Underlying().(*types.Interface).Empty()) {
		return callAt(l.s.runtime("MustImplement", pos), pos, x, intOf(l.s.interfaceID(to), pos), stringLit(l.goString(from), pos))
	}
	kind := "as·" + l.goString(from)
	name := l.helper(kind, to, []types.Type{to}, func(x string) []ast.Stmt {
		at := l.s.anchor
		v, ok := l.temp(), l.temp()
		var test ast.Stmt
		if types.IsInterface(to) {
			test = &ast.IfStmt{If: at,
				Init: defineAt(at, v, l.wrapped(x, to, at)),
				Cond: &ast.BinaryExpr{X: identAt(v, at), OpPos: at, Op: token.NEQ, Y: identAt("nil", at)},
				Body: blockAt(at, &ast.ReturnStmt{Return: at, Results: []ast.Expr{&ast.TypeAssertExpr{X: identAt(v, at), Lparen: at, Type: l.typeExpr(to, at), Rparen: at}}}),
			}
		} else {
			i := l.holds(identAt(x, at), to, v, ok, at)
			i.Body = blockAt(at, &ast.ReturnStmt{Return: at, Results: []ast.Expr{l.unboxed(v, to, at)}})
			test = i
		}
		return []ast.Stmt{test, &ast.ExprStmt{X: callAt(identAt("panic", at), at,
			callAt(l.s.runtime("NotType", at), at, identAt(x, at), intOf(l.s.interfaceID(to), at), stringLit(l.goString(from), at)))}}
	})
	return callAt(identAt(name, pos), pos, x)
}

func stringLit(s string, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(s)}
}

// interfaceID numbers a type for the functions of the runtime package.
func (s *Session) interfaceID(t types.Type) int {
	if id, ok := s.typeIDs.At(t).(int); ok {
		return id
	}
	id := s.values.number(t)
	s.typeIDs.Set(t, id)
	return id
}

// goString spells a type as messages of the Go run-time system do.
func (l *lowerer) goString(t types.Type) string { return l.s.values.typeString(l.sub(t)) }

// isOperation reports whether an expression is one of a unary or binary
// operator that computes a value.
func isOperation(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		return x.Op != token.AND && x.Op != token.ARROW
	case *ast.BinaryExpr:
		return true
	}
	return false
}
