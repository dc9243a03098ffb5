package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A type declared inside a function is declared at top level of the lowered
// program, under a name of its own. There it can be a type argument, refer to
// itself and be asked for, as any other type of a cell. In generic code every
// copy has a type of its own, since the type may mention what the copy is for,
// and two instances of a function have different types in Go as well.

// isLocal reports whether a type is declared inside a function.
func isLocal(tn *types.TypeName) bool {
	scope := tn.Parent()
	return scope != nil && scope != types.Universe && scope.Parent() != types.Universe
}

// localType returns what t, or the generic type it is an instance of, is in
// the copy being made, declaring it if it is met for the first time. Any other
// type is returned as it is.
func (l *lowerer) localType(t *types.Named) *types.Named {
	tn := t.Obj()
	if !isLocal(tn) {
		return t
	}
	if own := l.locals[tn]; own != nil {
		return own
	}
	if l.s.typeSlots[tn] != "" || l.s.genericTypes[tn] != nil {
		return t
	}
	own := t
	if l.copied != nil && l.copied.Pos() <= tn.Pos() && tn.Pos() < l.copied.End() {
		if l.locals == nil {
			l.locals = map[*types.TypeName]*types.Named{}
		}
		own = types.NewNamed(types.NewTypeName(tn.Pos(), tn.Pkg(), tn.Name(), nil), nil, nil)
		l.locals[tn] = own
		own.SetTypeParams(l.copyParams(t.TypeParams()))
		own.SetUnderlying(l.sub(t.Underlying()))
	}
	l.nameLocal(tn, own)
	if own.TypeParams().Len() > 0 {
		l.s.genericTypes[own.Obj()] = &genericType{obj: own.Obj(), methods: map[string]*generic{}}
		l.s.onFailure(func() { delete(l.s.genericTypes, own.Obj()) })
		return own
	}
	slot := l.s.slots.next(tn.Name())
	l.s.addType(own.Obj(), slot)
	if !types.IsInterface(own) {
		l.declareType(tn.Pos(), slot, own)
	}
	return own
}

// nameLocal notes how reflection shows the type that tn declares, which is own here.
func (l *lowerer) nameLocal(tn *types.TypeName, own *types.Named) {
	name := localName{number: 1}
	if own.Obj() != tn {
		name.args = l.copiedFor
	}
	for _, obj := range l.info.Defs {
		other, ok := obj.(*types.TypeName)
		if !ok || other.IsAlias() || other.Pos() >= tn.Pos() || !isLocal(other) {
			continue
		}
		if _, isParam := other.Type().(*types.TypeParam); !isParam {
			name.number++
		}
	}
	l.s.values.setLocal(own.Obj(), name)
}

// copyParams makes type parameters that take the place of list in the copy.
func (l *lowerer) copyParams(list *types.TypeParamList) []*types.TypeParam {
	params := make([]*types.TypeParam, list.Len())
	for i := range params {
		old := list.At(i)
		obj := types.NewTypeName(old.Obj().Pos(), old.Obj().Pkg(), old.Obj().Name(), nil)
		params[i] = types.NewTypeParam(obj, types.Universe.Lookup("any").Type())
		l.subst[old] = params[i]
	}
	for i, p := range params {
		p.SetConstraint(l.sub(list.At(i).Constraint()))
	}
	return params
}

// declareType adds the declaration of a type to the program.
func (l *lowerer) declareType(pos token.Pos, slot string, t types.Type) {
	spec := &ast.TypeSpec{Name: identAt(slot, pos), Type: distinct(l.typeExpr(t.Underlying(), pos), l.s.makeKnown(slot, t))}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: pos, Tok: token.TYPE, Specs: []ast.Spec{spec}})
}

// addType records the name a type has in the interpreter.
func (s *Session) addType(tn *types.TypeName, slot string) {
	s.typeSlots[tn], s.typeNames[slot] = slot, true
	s.onFailure(func() { delete(s.typeSlots, tn) })
}
