package reflect

import (
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// maxForm bounds the depth of a type that is nothing but itself: type L []L.
const maxForm = 50

var anyForm = reflect.TypeFor[any]()

// formOf finds the form of a type from its parts; nil if that takes a struct
// of which no value has been seen.
func (s *Space) formOf(t types.Type, depth int) reflect.Type {
	if depth > maxForm {
		return nil
	}
	part := func(t types.Type) reflect.Type { return s.formOf(t, depth+1) }
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return basicForms[t.Kind()]
	case *types.Named:
		return s.namedForm(t, depth)
	case *types.Pointer:
		if e := part(t.Elem()); e != nil {
			return reflect.PointerTo(e)
		}
	case *types.Slice:
		if e := part(t.Elem()); e != nil {
			return reflect.SliceOf(e)
		}
	case *types.Array:
		if e := part(t.Elem()); e != nil {
			return reflect.ArrayOf(int(t.Len()), e)
		}
	case *types.Map:
		if k, e := part(t.Key()), part(t.Elem()); k != nil && e != nil {
			return reflect.MapOf(k, e)
		}
	case *types.Chan:
		if e := part(t.Elem()); e != nil {
			return reflect.ChanOf(chanDir(t.Dir()), e)
		}
	case *types.Interface:
		return anyForm
	case *types.Signature:
		in, ok := tupleForms(t.Params(), part)
		out, ok2 := tupleForms(t.Results(), part)
		if ok && ok2 {
			return reflect.FuncOf(in, out, t.Variadic())
		}
	case *types.Struct:
		return s.structForm(t, part)
	}
	return nil
}

func tupleForms(tuple *types.Tuple, part func(types.Type) reflect.Type) ([]reflect.Type, bool) {
	list := make([]reflect.Type, tuple.Len())
	for i := range list {
		if list[i] = part(tuple.At(i).Type()); list[i] == nil {
			return nil, false
		}
	}
	return list, true
}

func (s *Space) namedForm(t *types.Named, depth int) reflect.Type {
	s.mu.Lock()
	r, _ := s.types.At(t).(*rtype)
	s.mu.Unlock()
	if r != nil && r.reflected() != nil {
		return r.reflected()
	}
	if s.host.Local(t) {
		if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() > 0 {
			return nil
		}
		return s.formOf(t.Underlying(), depth+1)
	}
	if t.Obj().Pkg() == nil {
		if t.Obj().Name() == "error" {
			return reflect.TypeFor[error]()
		}
		return anyForm
	}
	return s.host.Compiled(t.Obj().Pkg().Path(), t.Obj().Name())
}

// structForm makes the form of an unnamed struct as lowered code spells it.
func (s *Space) structForm(t *types.Struct, part func(types.Type) reflect.Type) reflect.Type {
	fields := make([]reflect.StructField, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		form := part(f.Type())
		if form == nil || f.Embedded() {
			return nil // the interpreter has rules of its own for embedded fields
		}
		fields[i] = reflect.StructField{Name: fieldForm(f.Name(), i), Type: form, Tag: reflect.StructTag(t.Tag(i))}
		if !f.Exported() {
			fields[i].Tag = reflect.StructTag(strings.TrimSpace(`json:"-" xml:"-" ` + t.Tag(i)))
		}
	}
	return reflect.StructOf(fields)
}

// fieldForm is the name of a field in the interpreter's structs, which have only
// exported ones.
func fieldForm(name string, i int) string {
	if name == "_" {
		name = "blank_" + strconv.Itoa(i)
	}
	if r, _ := utf8.DecodeRuneInString(name); !unicode.IsUpper(r) {
		return "X" + name
	}
	return name
}

func chanDir(d types.ChanDir) reflect.ChanDir {
	switch d {
	case types.SendOnly:
		return reflect.SendDir
	case types.RecvOnly:
		return reflect.RecvDir
	}
	return reflect.BothDir
}

var basicForms = map[types.BasicKind]reflect.Type{
	types.Bool:          reflect.TypeFor[bool](),
	types.Int:           reflect.TypeFor[int](),
	types.Int8:          reflect.TypeFor[int8](),
	types.Int16:         reflect.TypeFor[int16](),
	types.Int32:         reflect.TypeFor[int32](),
	types.Int64:         reflect.TypeFor[int64](),
	types.Uint:          reflect.TypeFor[uint](),
	types.Uint8:         reflect.TypeFor[uint8](),
	types.Uint16:        reflect.TypeFor[uint16](),
	types.Uint32:        reflect.TypeFor[uint32](),
	types.Uint64:        reflect.TypeFor[uint64](),
	types.Uintptr:       reflect.TypeFor[uintptr](),
	types.Float32:       reflect.TypeFor[float32](),
	types.Float64:       reflect.TypeFor[float64](),
	types.Complex64:     reflect.TypeFor[complex64](),
	types.Complex128:    reflect.TypeFor[complex128](),
	types.String:        reflect.TypeFor[string](),
	types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
}

// kindOf is the kind of a type in which a cell has a part.
func kindOf(t types.Type) reflect.Kind {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if f := basicForms[u.Kind()]; f != nil {
			return f.Kind()
		}
		return reflect.Invalid
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	}
	return reflect.Invalid
}
