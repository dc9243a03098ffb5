package reflect

import (
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/types/typeutil"
)

// Path is the import path of this package, which types of it show to reflection.
const Path = "swingby/kernel/cell/reflect"

// Host is what a Space must know of the session it belongs to. Its methods may
// be called at any time.
type Host interface {
	// Inside takes a cell's value out of a compiled value that has its methods.
	Inside(x any) any
	// GoType returns the type of values that have reflection's type t in an
	// interface, nil if it is not known; own reports whether a cell has a part in it.
	GoType(t reflect.Type) (typ types.Type, own bool)
	// Local reports whether a cell, or source that is lowered as cells are, declares t.
	Local(t *types.Named) bool
	// Compiled returns reflection's type for one of a compiled package, nil if there is none.
	Compiled(pkg, name string) reflect.Type
	// Unboxed takes a value, as it is in an interface, out of its box.
	Unboxed(v reflect.Value) reflect.Value
	// Box returns the type of the struct around values of type t in interfaces,
	// nil if they have none.
	Box(t types.Type, form reflect.Type) reflect.Type
	// Method binds a method of t to the value v; the zero Value if it has no code.
	Method(v reflect.Value, t types.Type, name string) reflect.Value
	// MethodForm returns the form of a method of t without its receiver, nil if
	// only its signature tells.
	MethodForm(t types.Type, name string) reflect.Type
	// Wrap returns x as a compiled value that implements a compiled interface, or nil.
	Wrap(x any, iface reflect.Type) any
	// Outward is x as the compiled function of the given name gets it.
	Outward(x any, function string) any
	// Implements reports whether the compiled type t implements iface.
	Implements(t reflect.Type, iface types.Type) bool
	// TypeString spells a type as package reflect does.
	TypeString(t types.Type) string
	// Package returns the package of an import path.
	Package(path string) *types.Package
	// Checked calls f, which uses go/types, while no cell is being checked.
	Checked(f func())
}

// Space holds the types of a session.
type Space struct {
	host     Host
	compiled sync.Map // reflect.Type → *rtype

	mu    sync.Mutex
	types typeutil.Map // types.Type → *rtype
}

// NewSpace returns the types of a session.
func NewSpace(host Host) *Space { return &Space{host: host} }

// ofReflect returns the type of values that have reflection's type t in an interface.
func (s *Space) ofReflect(t reflect.Type) *rtype {
	if got, ok := s.compiled.Load(t); ok {
		return got.(*rtype)
	}
	typ, own := s.host.GoType(t)
	var r *rtype
	if own && s.own(typ) {
		form := t
		if v := s.host.Unboxed(reflect.Zero(t)); v.Type() != t {
			form = v.Type()
		}
		r = s.of(typ, form)
	} else {
		r = &rtype{space: s, typ: typ, form: t}
	}
	got, _ := s.compiled.LoadOrStore(t, r)
	return got.(*rtype)
}

// of returns the type that is typ in Go and has a form, nil if that is to be found.
func (s *Space) of(typ types.Type, form reflect.Type) *rtype {
	typ = types.Unalias(typ)
	s.mu.Lock()
	r, _ := s.types.At(typ).(*rtype)
	if r != nil && r.form == nil {
		r.form = form
	}
	s.mu.Unlock()
	if r != nil {
		return r
	}
	if form == nil {
		form = s.formOf(typ, 0)
	}
	if !s.own(typ) && form != nil {
		r = s.ofReflect(form)
	} else {
		r = &rtype{space: s, typ: typ, own: true, form: form}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if got, ok := s.types.At(typ).(*rtype); ok {
		return got
	}
	s.types.Set(typ, r)
	return r
}

// made returns the type that reflection makes of others: typ in Go, if all of
// them are known there.
func (s *Space) made(form reflect.Type, from []*rtype, typ func() types.Type) *rtype {
	own := false
	for _, t := range from {
		own = own || t.own
	}
	if !own {
		return s.ofReflect(form)
	}
	for _, t := range from {
		if t.typ == nil {
			panic("reflect: " + t.String() + " cannot be part of a type together with one of a cell")
		}
	}
	return s.of(typ(), form)
}

// own reports whether a cell has a part in t, or lowered code spells it otherwise.
func (s *Space) own(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return s.host.Local(t)
	case *types.Pointer:
		return s.own(t.Elem())
	case *types.Slice:
		return s.own(t.Elem())
	case *types.Array:
		return s.own(t.Elem())
	case *types.Chan:
		return s.own(t.Elem())
	case *types.Map:
		return s.own(t.Key()) || s.own(t.Elem())
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if s.own(v.Type()) {
					return true
				}
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if !f.Exported() || f.Embedded() || s.own(f.Type()) {
				return true
			}
		}
	case *types.Interface:
		return !t.Empty()
	}
	return false
}

// valueOf is ValueOf.
func (s *Space) valueOf(x any) Value {
	x = s.host.Inside(x)
	v := reflect.ValueOf(x)
	if !v.IsValid() {
		return Value{}
	}
	t := s.ofReflect(v.Type())
	if t.own {
		v = s.host.Unboxed(v)
	}
	return Value{v: v, t: t}
}

// typeOf is TypeOf.
func (s *Space) typeOf(x any) Type {
	x = s.host.Inside(x)
	if x == nil {
		return nil
	}
	return s.ofReflect(reflect.TypeOf(x))
}
