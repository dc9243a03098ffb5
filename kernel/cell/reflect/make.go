package reflect

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"
)

// Symbols are the names of package reflect that a session has its own way with,
// as the interpreter takes them.
func (s *Space) Symbols() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Type":        reflect.ValueOf((*Type)(nil)),
		"Value":       reflect.ValueOf((*Value)(nil)),
		"Method":      reflect.ValueOf((*Method)(nil)),
		"StructField": reflect.ValueOf((*StructField)(nil)),
		"MapIter":     reflect.ValueOf((*MapIter)(nil)),
		"SelectCase":  reflect.ValueOf((*SelectCase)(nil)),

		"TypeOf":    reflect.ValueOf(s.typeOf),
		"ValueOf":   reflect.ValueOf(s.valueOf),
		"DeepEqual": reflect.ValueOf(s.deepEqual),
		"Swapper":   reflect.ValueOf(s.swapper),
		"FuncOf":    reflect.ValueOf(s.funcOf),
		"StructOf":  reflect.ValueOf(s.structOf),

		"Append":          reflect.ValueOf(appended),
		"AppendSlice":     reflect.ValueOf(appendedSlice),
		"Copy":            reflect.ValueOf(copied),
		"Indirect":        reflect.ValueOf(indirect),
		"MakeFunc":        reflect.ValueOf(makeFunc),
		"MakeChan":        reflect.ValueOf(makeChan),
		"MakeMap":         reflect.ValueOf(func(t Type) Value { return makeMap(t, 0) }),
		"MakeMapWithSize": reflect.ValueOf(makeMap),
		"MakeSlice":       reflect.ValueOf(makeSlice),
		"New":             reflect.ValueOf(newValue),
		"NewAt":           reflect.ValueOf(newAt),
		"SliceAt":         reflect.ValueOf(sliceAt),
		"Zero":            reflect.ValueOf(zero),
		"Select":          reflect.ValueOf(choose),
		"VisibleFields":   reflect.ValueOf(visibleFields),
		"PointerTo":       reflect.ValueOf(pointerTo),
		"PtrTo":           reflect.ValueOf(pointerTo),
		"SliceOf":         reflect.ValueOf(sliceOf),
		"ArrayOf":         reflect.ValueOf(arrayOf),
		"MapOf":           reflect.ValueOf(mapOf),
		"ChanOf":          reflect.ValueOf(chanOf),
	}
}

// typeWrapper is what the interpreter makes of nil given for a Type. No other
// value of a cell becomes one.
type typeWrapper struct{ IValue any }

// Wrappers are what the interpreter looks up in the package that declares Type.
func Wrappers() map[string]reflect.Value {
	return map[string]reflect.Value{"_Type": reflect.ValueOf((*typeWrapper)(nil))}
}

func (t *rtype) pointer() *rtype {
	return t.space.made(reflect.PointerTo(t.needed()), []*rtype{t}, func() types.Type { return types.NewPointer(t.typ) })
}

func (t *rtype) slice() *rtype {
	return t.space.made(reflect.SliceOf(t.needed()), []*rtype{t}, func() types.Type { return types.NewSlice(t.typ) })
}

func pointerTo(t Type) Type { return t.common().pointer() }
func sliceOf(t Type) Type   { return t.common().slice() }

func arrayOf(n int, elem Type) Type {
	t := elem.common()
	return t.space.made(reflect.ArrayOf(n, t.needed()), []*rtype{t}, func() types.Type { return types.NewArray(t.typ, int64(n)) })
}

func mapOf(key, elem Type) Type {
	k, e := key.common(), elem.common()
	if !k.Comparable() {
		panic("reflect.MapOf: invalid key type " + k.String())
	}
	return k.space.made(reflect.MapOf(k.needed(), e.needed()), []*rtype{k, e}, func() types.Type { return types.NewMap(k.typ, e.typ) })
}

func chanOf(dir ChanDir, elem Type) Type {
	t := elem.common()
	return t.space.made(reflect.ChanOf(dir, t.needed()), []*rtype{t}, func() types.Type {
		d := map[ChanDir]types.ChanDir{reflect.BothDir: types.SendRecv, reflect.SendDir: types.SendOnly, reflect.RecvDir: types.RecvOnly}
		return types.NewChan(d[dir], t.typ)
	})
}

func (s *Space) funcOf(in, out []Type, variadic bool) Type {
	var all []*rtype
	list := func(ts []Type) (forms []reflect.Type, vars []*types.Var) {
		for _, t := range ts {
			all = append(all, t.common())
			forms = append(forms, t.common().needed())
			vars = append(vars, types.NewVar(token.NoPos, nil, "", t.common().typ))
		}
		return forms, vars
	}
	inForms, params := list(in)
	outForms, results := list(out)
	return s.made(reflect.FuncOf(inForms, outForms, variadic), all, func() types.Type {
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), variadic)
	})
}

func (s *Space) structOf(fields []StructField) Type {
	forms := make([]reflect.StructField, len(fields))
	vars := make([]*types.Var, len(fields))
	tags := make([]string, len(fields))
	own := false
	for i, f := range fields {
		if f.Type == nil {
			reflect.StructOf([]reflect.StructField{{Name: f.Name}}) // panics
		}
		t := f.Type.common()
		forms[i] = reflect.StructField{Name: f.Name, PkgPath: f.PkgPath, Type: t.needed(), Tag: f.Tag, Anonymous: f.Anonymous}
		own = own || t.own || f.PkgPath != ""
		var pkg *types.Package
		if f.PkgPath != "" {
			pkg = s.host.Package(f.PkgPath)
		}
		vars[i], tags[i] = types.NewField(token.NoPos, pkg, f.Name, t.typ, f.Anonymous), string(f.Tag)
	}
	form := reflect.StructOf(forms)
	if !own {
		return s.ofReflect(form)
	}
	for i, v := range vars {
		if v.Type() == nil {
			panic("reflect.StructOf: field " + fields[i].Name + " is of a type that cannot be in a struct together with those of cells")
		}
		if v.Embedded() {
			panic("reflect.StructOf: field " + fields[i].Name + ": cells cannot make structs that embed their types")
		}
	}
	return s.of(types.NewStruct(vars, tags), nil)
}

func newValue(typ Type) Value {
	if typ == nil {
		panic("reflect: New(nil)")
	}
	t := typ.common()
	return Value{v: reflect.New(t.needed()), t: t.pointer()}
}

func newAt(typ Type, p unsafe.Pointer) Value {
	t := typ.common()
	return Value{v: reflect.NewAt(t.needed(), p), t: t.pointer()}
}

func sliceAt(typ Type, p unsafe.Pointer, n int) Value {
	t := typ.common()
	return Value{v: reflect.SliceAt(t.needed(), p, n), t: t.slice()}
}

func zero(typ Type) Value {
	if typ == nil {
		panic("reflect: Zero(nil)")
	}
	t := typ.common()
	return Value{v: reflect.Zero(t.needed()), t: t}
}

func makeSlice(typ Type, n, c int) Value {
	defer asked()
	t := typ.common()
	return Value{v: reflect.MakeSlice(t.needed(), n, c), t: t}
}

func makeMap(typ Type, n int) Value {
	t := typ.common()
	return Value{v: reflect.MakeMapWithSize(t.needed(), n), t: t}
}

func makeChan(typ Type, n int) Value {
	defer asked()
	t := typ.common()
	return Value{v: reflect.MakeChan(t.needed(), n), t: t}
}

func indirect(v Value) Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	return v.Elem()
}

func (s *Space) swapper(slice any) func(i, j int) {
	v := s.valueOf(slice)
	if v.Kind() != reflect.Slice {
		panic(&reflect.ValueError{Method: "Swapper", Kind: v.Kind()})
	}
	return reflect.Swapper(v.v.Interface())
}
