package reflect

import "reflect"

// Type is t, from compiled code, for cells.
func (s *Space) Type(t reflect.Type) Type {
	if t == nil {
		return nil
	}
	return s.ofReflect(t)
}

// Value is v, from compiled code, for cells.
func (s *Space) Value(v reflect.Value) Value {
	if !v.IsValid() {
		return Value{}
	}
	t := s.ofReflect(v.Type())
	if t.own {
		v = s.host.Unboxed(v)
	}
	return Value{v: v, t: t}
}

// CompiledType is t for compiled code, which sees the form of a cell's type.
func CompiledType(t Type) reflect.Type {
	if t == nil {
		return nil
	}
	return t.common().needed()
}

// CompiledValue is v for compiled code, which sees the form of a cell's value.
func CompiledValue(v Value) reflect.Value {
	if v.ro != readWrite {
		panic(Panic{"reflect: value obtained using unexported field used by a compiled package"})
	}
	return v.v
}
