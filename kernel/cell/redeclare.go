package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// sameTypes finds the type declarations that repeat what the session has, as
// when a cell is run again: those keep their identity, and their values.
func (c *checker) sameTypes() map[string]bool {
	same := map[string]bool{}
	methods := map[string][]*ast.FuncDecl{}
	for _, fd := range c.out.parsed.funcs {
		if base := receiverBase(fd); base != "" {
			methods[base] = append(methods[base], fd)
		}
	}
	redeclared := map[string]bool{}
	for _, d := range c.out.parsed.decls {
		for _, sp := range d.Specs {
			switch sp := sp.(type) {
			case *ast.ValueSpec:
				for _, id := range sp.Names {
					redeclared[id.Name] = true
				}
			case *ast.TypeSpec:
				name := sp.Name.Name
				redeclared[name] = true
				b := c.s.global.names[name]
				if b == nil || b.typ == nil || b.typ.text != c.s.text(sp) || sp.TypeParams != nil {
					continue
				}
				same[name] = true
				for _, m := range methods[name] {
					// A method with another signature makes it another type.
					if old := b.typ.methods[m.Name.Name]; old != nil && c.s.text(old.decl.Type)+c.s.text(old.decl.Recv.List[0].Type) != c.s.text(m.Type)+c.s.text(m.Recv.List[0].Type) {
						delete(same, name)
					}
				}
			}
		}
	}
	for again := true; again; {
		again = false
		for name := range same {
			for use, obj := range c.s.global.names[name].typ.uses {
				now := c.lookup(use)
				if redeclared[use] && !same[use] || !redeclared[use] && now != obj {
					delete(same, name)
					again = true
				}
			}
		}
	}
	return same
}

// addMethod gives a type of an earlier cell the method m, checked as a function.
func (c *checker) addMethod(m *methodDecl, base string) (undo func()) {
	undo = func() {}
	bad := func(format string, args ...any) {
		c.errs = append(c.errs, c.s.problem(m.decl.Name.Pos(), sprintf(format, args...)))
	}
	b := c.s.global.names[base]
	if b == nil || b.typ == nil {
		if c.scope[base] == nil {
			return // reported by the checker as undefined
		}
		bad("cannot define methods on %s: it is not a type declared in a cell", base)
		return
	}
	tn := b.obj.(*types.TypeName)
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok || named.Obj() != tn {
		bad("cannot define methods on %s: it is an alias", base)
		return
	}
	flat := m.obj.Type().(*types.Signature)
	if flat.Params().Len() == 0 {
		return
	}
	sig := methodSignature(flat, named)
	name := m.name
	if st, ok := named.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if f.Name() == name {
				bad("field and method with the same name %s", name)
				return
			}
		}
	}
	fn := types.NewFunc(m.decl.Name.Pos(), c.s.pkg, name, sig)
	for i := range named.NumMethods() {
		old := named.Method(i)
		if old.Name() != name {
			continue
		}
		if types.Identical(old.Type(), sig) && samePointer(old, fn) {
			m.obj, m.base = old, tn
			return
		}
		bad("method %s.%s has another signature (In[%d]): to change it, declare type %s again in this cell, with its methods", base, name, b.typ.methods[name].count, base)
		return
	}
	if tn.Type().(*types.Named).TypeParams().Len() > 0 {
		bad("a method of the generic type %s must be declared in the cell that declares the type: declare %s again in this cell, with its methods", base, base)
		return
	}
	named.AddMethod(fn)
	m.obj, m.base = fn, tn
	// go/types cannot take a method away, so one that must go gets a name nobody can write.
	return func() {
		*fn = *types.NewFunc(token.NoPos, c.s.pkg, "·", types.NewSignatureType(nil, nil, nil, nil, nil, false))
	}
}

func samePointer(a, b *types.Func) bool {
	_, pa := a.Signature().Recv().Type().(*types.Pointer)
	_, pb := b.Signature().Recv().Type().(*types.Pointer)
	return pa == pb
}

// methodSignature turns func(recv, params…) into the signature of a method.
func methodSignature(flat *types.Signature, named *types.Named) *types.Signature {
	vars := slices.Collect(flat.Params().Variables())
	return types.NewSignatureType(vars[0], nil, nil, types.NewTuple(vars[1:]...), flat.Results(), flat.Variadic())
}

// recheckDependents checks the bodies of earlier functions that mention a name
// whose meaning this cell changes, against its new meaning. Errors there are
// theirs, not the cell's: such a function fails when it is called.
func (c *checker) recheckDependents() {
	changed := map[string]bool{}
	for name, obj := range c.scope {
		old := c.s.global.names[name]
		switch obj := obj.(type) {
		case *types.Var, *types.Func, *types.Const:
			if old != nil && sameObject(old.obj, obj) {
				continue
			}
			if c.s.mentioned[name] {
				changed[name] = true
			}
		case *types.TypeName: // values and functions of the old type keep it
		}
	}
	moved := c.moved()
	if len(changed) == 0 && len(moved) == 0 {
		return
	}
	depends := func(f *function) bool {
		for name := range f.uses {
			if changed[name] {
				return true
			}
		}
		for slot := range f.calls {
			if moved[slot] || c.s.reaches(slot, moved) {
				return true
			}
		}
		return false
	}
	mine := slices.Collect(maps.Keys(moved))
	done := map[*function]bool{}
	for _, m := range c.out.methods { // which the cell replaces
		if b := c.s.global.names[m.base.Name()]; b != nil && b.typ != nil {
			if old := b.typ.methods[m.name]; old != nil && !m.own {
				done[old] = true
			}
		}
	}
	more := false
	try := func(name string, f *function) {
		if done[f] || !depends(f) {
			return
		}
		done[f] = true
		if f.generic != nil { // those who use its copies must make new ones
			base, _, _ := strings.Cut(name, ".")
			more = more || !changed[base]
			changed[base] = true
		} else if !moved[f.slot] { // those who call it call its new code
			more = true
			moved[f.slot] = true
		}
		r := &recheck{fn: f, name: name, body: c.flat(f.decl), info: newInfo()}
		own := c.errs
		c.errs = nil
		saved := c.out.imports
		c.out.imports = f.imports
		c.pass(&ast.File{Name: ast.NewIdent("main"), Decls: []ast.Decl{r.body}}, r.info, nil)
		c.out.imports = saved
		r.errs, c.errs = c.errs, own
		c.out.again = append(c.out.again, r)
	}
	for again := true; again; again = more {
		more = false
		for _, name := range slices.Sorted(maps.Keys(c.s.global.names)) {
			b := c.s.global.names[name]
			if c.scope[name] != nil {
				continue
			}
			if b.fn != nil {
				try(name, b.fn)
			}
			if b.typ != nil {
				for _, m := range slices.Sorted(maps.Keys(b.typ.methods)) {
					try(name+"."+m, b.typ.methods[m])
				}
			}
		}
	}
	if len(c.out.again) > manyCallers {
		c.s.callLate(mine)
	}
}

// manyCallers is how many functions are lowered again for one that is declared
// again. One that more depend on is called through its storage from then on, so
// that it does not take ever longer to declare it again.
const manyCallers = 32

// callLate lets functions be called through their storage.
func (s *Session) callLate(slots []string) {
	for _, slot := range slots {
		s.late[slot] = true
		s.onFailure(func() { delete(s.late, slot) })
	}
}

// moved lists the storage of the functions this cell gives new code.
func (c *checker) moved() map[string]bool {
	moved := map[string]bool{}
	for _, f := range c.out.funcs {
		if old := c.s.global.names[f.name]; old != nil && old.fn != nil && c.s.called[old.fn.slot] && !c.s.late[old.fn.slot] {
			moved[old.fn.slot] = true
		}
	}
	for _, m := range c.out.methods {
		if slot := c.s.methodSlots[m.obj]; c.s.called[slot] && !c.s.late[slot] {
			moved[slot] = true
		}
	}
	return moved
}

// sameObject reports whether code compiled against old also fits now.
func sameObject(old, now types.Object) bool {
	switch old := old.(type) {
	case *types.Var:
		_, ok := now.(*types.Var)
		return ok && types.Identical(old.Type(), now.Type())
	case *types.Func:
		_, ok := now.(*types.Func)
		return ok && types.Identical(old.Type(), now.Type()) && old.Signature().TypeParams().Len() == 0
	case *types.Const:
		n, ok := now.(*types.Const)
		return ok && types.Identical(old.Type(), n.Type()) && old.Val().ExactString() == n.Val().ExactString()
	}
	return false
}
