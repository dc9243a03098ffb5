package reflect

import (
	"go/types"
	"reflect"
)

func (t *rtype) Implements(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.Implements")
	}
	if u.Kind() != reflect.Interface {
		panic("reflect: non-interface type passed to Type.Implements")
	}
	return t.implements(u.common())
}

func (t *rtype) implements(u *rtype) bool {
	if !t.own && !u.own {
		return t.form.Implements(u.form)
	}
	if u.typ == nil {
		return false
	}
	if t.typ == nil {
		return t.space.host.Implements(t.form, u.typ)
	}
	ok := false
	t.space.host.Checked(func() { ok = types.Implements(t.typ, u.typ.Underlying().(*types.Interface)) })
	return ok
}

func (t *rtype) AssignableTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.AssignableTo")
	}
	return t.assignable(u.common())
}

func (t *rtype) assignable(u *rtype) bool {
	switch {
	case t == u:
		return true
	case !t.own && !u.own:
		return t.form.AssignableTo(u.form)
	case u.Kind() == reflect.Interface:
		return t.implements(u)
	}
	return t.ask(u, types.AssignableTo)
}

func (t *rtype) ConvertibleTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.ConvertibleTo")
	}
	return t.convertible(u.common())
}

func (t *rtype) convertible(u *rtype) bool {
	switch {
	case t == u:
		return true
	case !t.own && !u.own:
		return t.form.ConvertibleTo(u.form)
	case u.Kind() == reflect.Interface:
		return t.implements(u)
	}
	return t.ask(u, types.ConvertibleTo)
}

func (t *rtype) ask(u *rtype, related func(t, u types.Type) bool) (ok bool) {
	if t.typ == nil || u.typ == nil {
		return false
	}
	t.space.host.Checked(func() { ok = related(t.typ, u.typ) })
	return ok
}
