package cell

import (
	"go/types"
	"reflect"
	"strings"

	"swingby/stdlib"
)

// reflectPath is the package that cells get another of: see kernel/cell/reflect.
const reflectPath = "reflect"

// isReflectValue reports whether t is reflect.Value.
func isReflectValue(t *types.Named) bool {
	return t.Obj().Name() == "Value" && pkgPath(t.Obj()) == reflectPath
}

// mirrorHost tells cells' package reflect what the session knows.
type mirrorHost struct{ s *Session }

func (h mirrorHost) Inside(x any) any { return insideOf(x) }

func (h mirrorHost) GoType(t reflect.Type) (types.Type, bool) { return h.s.values.goType(t) }

func (h mirrorHost) Unboxed(v reflect.Value) reflect.Value { return h.s.values.unbox(v) }

func (h mirrorHost) Checked(f func()) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	f()
}

func (h mirrorHost) Local(t *types.Named) (local bool) {
	h.Checked(func() { local = h.s.lowered(t) })
	return local
}

// lowered reports whether a type is one of the lowered program's own.
func (s *Session) lowered(t *types.Named) bool {
	return s.local(t) || s.typeSlots[t.Obj()] != "" || t.TypeArgs().Len() > 0
}

func (h mirrorHost) Compiled(pkg, name string) reflect.Type {
	syms, _ := stdlib.Symbols(pkg)
	v := syms[name]
	if own := h.s.overrides(pkg)[name]; own.IsValid() {
		v = own
	}
	if !v.IsValid() || v.Kind() != reflect.Pointer {
		return nil
	}
	return v.Type().Elem()
}

func (h mirrorHost) Package(path string) *types.Package {
	if path == h.s.pkg.Path() {
		return h.s.pkg
	}
	return types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
}

// Box makes the type that lowered code declares for boxes, or will.
func (h mirrorHost) Box(t types.Type, form reflect.Type) (box reflect.Type) {
	h.Checked(func() {
		l := &lowerer{s: h.s}
		if !l.erased(t) {
			return
		}
		tag := h.s.boxTag(t)
		h.s.values.declare(tag, t, true)
		box = reflect.StructOf([]reflect.StructField{{Name: boxField, Type: form, Tag: reflect.StructTag(tagText(tag))}})
	})
	return box
}

func (h mirrorHost) Method(v reflect.Value, t types.Type, name string) reflect.Value {
	var m *method
	h.Checked(func() { m = h.s.findMethod(t, name) })
	if m == nil {
		return reflect.Value{}
	}
	return m.bind(h.s, v)
}

func (h mirrorHost) MethodForm(t types.Type, name string) reflect.Type {
	var m *method
	h.Checked(func() { m = h.s.findMethod(t, name) })
	if m == nil || m.slot == "" {
		return nil
	}
	code := m.code()
	if !code.IsValid() {
		return nil
	}
	return boundForm(code.Type())
}

func (h mirrorHost) Wrap(x any, iface reflect.Type) any {
	return h.s.wrap(x, reflect.Zero(reflect.PointerTo(iface)).Interface())
}

// Outward makes of x what lowered code gives a compiled function.
func (h mirrorHost) Outward(x any, function string) any {
	dir := function[:strings.LastIndex(function, "/")+1]
	base, name, _ := strings.Cut(function[len(dir):], ".")
	switch to := sinkOf(dir+base, name); {
	case to.print:
		return h.s.shown(x)
	case to.code != "":
		return h.s.outward(x, to.code)
	}
	return x
}

func (h mirrorHost) Implements(t reflect.Type, iface types.Type) bool {
	return h.s.typeImplements(t, iface)
}

func (h mirrorHost) TypeString(t types.Type) string { return h.s.values.typeString(t) }
