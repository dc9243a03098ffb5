package cell

import (
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/types/typeutil"
)

// values knows what compiled code must know of values whose types cells
// declare: which type a value in an interface has, and the code of its methods.
// The zero value is ready to use; its methods may be called at any time.
type values struct {
	mu       sync.RWMutex
	named    map[string]types.Type    // declared structs and boxes by the tag of their first field
	boxes    map[string]bool          // which of them are boxes
	code     map[string]reflect.Value // of methods, by slot
	numbers  []types.Type
	locals   map[*types.TypeName]localName     // types declared in functions
	compiled func(pkg, name string) types.Type // finds a type of a compiled package

	types   sync.Map // reflect.Type → knownType
	methods sync.Map // methodKey → *method
}

type methodKey struct {
	t    reflect.Type
	name string
}

func newTypeMap() *typeutil.Map { return new(typeutil.Map) }

// declare makes a struct known by the tag of its first field.
func (vs *values) declare(tag string, t types.Type, box bool) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.named == nil {
		vs.named, vs.boxes = map[string]types.Type{}, map[string]bool{}
	}
	vs.named[tag] = t
	if box {
		vs.boxes[tag] = true
	}
}

// setMethod keeps the code of a method, a function whose first parameter is the receiver.
func (vs *values) setMethod(slot string, f any) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.code == nil {
		vs.code = map[string]reflect.Value{}
	}
	vs.code[slot] = reflect.ValueOf(f)
}

// forgetMethods drops what is known of method sets, which have grown.
func (vs *values) forgetMethods() { vs.methods.Clear() }

func (vs *values) number(t types.Type) int {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.numbers = append(vs.numbers, t)
	return len(vs.numbers) - 1
}

func (vs *values) numbered(id int) types.Type {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return vs.numbers[id]
}

// tagOf is the tag that tells a cell's struct, or a box, from others.
func tagOf(t reflect.Type) string {
	if t.Kind() != reflect.Struct || t.PkgPath() != "" || t.NumField() == 0 {
		return ""
	}
	return t.Field(0).Tag.Get(structTag)
}

// typeOf returns the type of values that have reflection's type t in an
// interface; nil if no cell has a part in it.
func (vs *values) typeOf(t reflect.Type) types.Type {
	if typ, own := vs.goType(t); own {
		return typ
	}
	return nil
}

type knownType struct {
	typ types.Type
	own bool
}

// goType turns a type of reflection's into one of go/types, nil if it is not
// known; own says whether a cell's type is part of it.
func (vs *values) goType(t reflect.Type) (typ types.Type, own bool) {
	if t == nil {
		return nil, false
	}
	if got, ok := vs.types.Load(t); ok {
		k := got.(knownType)
		return k.typ, k.own
	}
	typ, own = vs.composeType(t)
	vs.types.Store(t, knownType{typ, own})
	return typ, own
}

func (vs *values) composeType(t reflect.Type) (types.Type, bool) {
	if t.PkgPath() != "" {
		if vs.compiled == nil || strings.Contains(t.Name(), "[") {
			return nil, false
		}
		return vs.compiled(t.PkgPath(), t.Name()), false
	}
	if tag := tagOf(t); tag != "" {
		vs.mu.RLock()
		defer vs.mu.RUnlock()
		typ := vs.named[tag]
		return typ, typ != nil
	}
	if t.Name() != "" {
		if obj := types.Universe.Lookup(t.Name()); obj != nil {
			return obj.Type(), false
		}
		return nil, false
	}
	var parts [2]types.Type
	own := false
	part := func(i int, t reflect.Type) bool {
		var o bool
		parts[i], o = vs.goType(t)
		own = own || o
		return parts[i] != nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		if part(0, t.Elem()) && !vs.isBox(t.Elem()) {
			return types.NewPointer(parts[0]), own
		}
	case reflect.Slice:
		if part(0, t.Elem()) {
			return types.NewSlice(parts[0]), own
		}
	case reflect.Array:
		if part(0, t.Elem()) {
			return types.NewArray(parts[0], int64(t.Len())), own
		}
	case reflect.Map:
		if part(0, t.Key()) && part(1, t.Elem()) {
			return types.NewMap(parts[0], parts[1]), own
		}
	case reflect.Chan:
		if part(0, t.Elem()) {
			dir := map[reflect.ChanDir]types.ChanDir{reflect.BothDir: types.SendRecv, reflect.SendDir: types.SendOnly, reflect.RecvDir: types.RecvOnly}
			return types.NewChan(dir[t.ChanDir()], parts[0]), own
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return emptyInterface, false
		}
	case reflect.Struct:
		fields := make([]*types.Var, t.NumField())
		tags := make([]string, len(fields))
		for i := range fields {
			f := t.Field(i)
			if !f.IsExported() || f.Anonymous || !part(0, f.Type) {
				return nil, false
			}
			fields[i], tags[i] = types.NewField(token.NoPos, nil, f.Name, parts[0], false), string(f.Tag)
		}
		return types.NewStruct(fields, tags), own
	case reflect.Func:
		var in, out []types.Type
		for i := range t.NumIn() {
			if !part(0, t.In(i)) {
				return nil, false
			}
			in = append(in, parts[0])
		}
		for i := range t.NumOut() {
			if !part(0, t.Out(i)) {
				return nil, false
			}
			out = append(out, parts[0])
		}
		return types.NewSignatureType(nil, nil, nil, tupleOf(in...), tupleOf(out...), t.IsVariadic()), own
	}
	return nil, own
}

func (vs *values) isBox(t reflect.Type) bool {
	tag := tagOf(t)
	if tag == "" {
		return false
	}
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return vs.boxes[tag]
}

// unbox takes a value out of its box.
func (vs *values) unbox(v reflect.Value) reflect.Value {
	if v.IsValid() && v.Kind() == reflect.Struct && vs.isBox(v.Type()) {
		return v.Field(0)
	}
	return v
}

// method is how to call a method of a type on its values as they are in interfaces.
type method struct {
	vs    *values
	name  string
	slot  string // of its code; "" for a method of a compiled type
	path  []int  // to the embedded field that has it
	recv  types.Type
	iface bool // that field is an interface
	ptr   bool // the code takes a pointer
}

// method finds a method of t, the type of values in an interface, among those
// declared in cells and those promoted; nil if there is none.
func (s *Session) method(t reflect.Type, name string) *method {
	vs := s.values
	if got, ok := vs.methods.Load(methodKey{t, name}); ok {
		return got.(*method)
	}
	var m *method
	if typ := vs.typeOf(t); typ != nil {
		s.mu.Lock()
		m = s.findMethod(typ, name)
		s.mu.Unlock()
	}
	vs.methods.Store(methodKey{t, name}, m)
	return m
}

func (s *Session) findMethod(typ types.Type, name string) *method {
	if p, ok := typ.(*types.Pointer); ok {
		if types.IsInterface(p.Elem()) {
			return nil
		}
	}
	obj, path, _ := types.LookupFieldOrMethod(typ, false, s.pkg, name)
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	m := &method{vs: s.values, name: name, path: path[:len(path)-1]}
	t := typ
	for _, i := range m.path {
		t = fieldAt(t, i).Type()
	}
	m.recv = t
	if types.IsInterface(t) {
		m.iface = true
		return m
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		m.slot = s.methodStorage(fn, n)
	}
	_, m.ptr = types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	return m
}

// methodStorage is the storage of a method declared in a cell.
func (s *Session) methodStorage(fn *types.Func, recv *types.Named) string {
	if recv.TypeArgs().Len() == 0 {
		return s.methodSlots[fn]
	}
	gt := s.genericTypes[recv.Origin().Obj()]
	if gt == nil {
		gt = s.sourceType(recv.Origin().Obj())
	}
	if gt == nil {
		return ""
	}
	for _, in := range gt.made {
		if types.Identical(in.typ, recv) {
			return in.methods[fn.Name()]
		}
	}
	return ""
}

// bind returns the method of v, a value from an interface or a variable, as a
// function; the zero Value if its code is gone.
func (m *method) bind(s *Session, v reflect.Value) reflect.Value {
	v = m.vs.unbox(v)
	for _, i := range m.path {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if m.iface {
		return s.methodValue(v, m.name)
	}
	if m.slot == "" {
		if v.CanAddr() && v.Kind() != reflect.Pointer {
			v = v.Addr()
		}
		return v.MethodByName(m.name)
	}
	missing := "" // what there is to say if there is no receiver
	switch {
	case m.ptr && !isPointerType(m.recv):
		v = v.Addr()
	case !m.ptr && isPointerType(m.recv):
		if v.IsNil() {
			t := m.vs.typeString(types.Unalias(m.recv).(*types.Pointer).Elem())
			missing = "value method " + t + "." + m.name + " called using nil *" + t[strings.Index(t, ".")+1:] + " pointer"
			v = reflect.Zero(v.Type().Elem())
		} else {
			v = v.Elem()
		}
	}
	code := m.code()
	if !code.IsValid() {
		return code
	}
	t := code.Type()
	recv := v.Convert(t.In(0))
	return reflect.MakeFunc(boundForm(t), func(args []reflect.Value) []reflect.Value {
		if missing != "" {
			panic(runtimeError(missing))
		}
		args = append([]reflect.Value{recv}, args...)
		if t.IsVariadic() {
			return code.CallSlice(args)
		}
		return code.Call(args)
	})
}

// code is the present code of the method, a function whose first parameter is
// the receiver; the zero Value if there is none.
func (m *method) code() reflect.Value {
	m.vs.mu.RLock()
	defer m.vs.mu.RUnlock()
	return m.vs.code[m.slot]
}

// boundForm is the type of a function without its first parameter.
func boundForm(t reflect.Type) reflect.Type {
	in := make([]reflect.Type, t.NumIn()-1)
	for i := range in {
		in[i] = t.In(i + 1)
	}
	out := make([]reflect.Type, t.NumOut())
	for i := range out {
		out[i] = t.Out(i)
	}
	return reflect.FuncOf(in, out, t.IsVariadic())
}

func isPointerType(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// methodValue returns a method of a value in an interface, whoever declared it;
// the zero Value if it has none of this name.
func (s *Session) methodValue(v reflect.Value, name string) reflect.Value {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return reflect.Value{}
	}
	if in, ok := inside(v); ok {
		v = in
	}
	if m := s.method(v.Type(), name); m != nil {
		return m.bind(s, v)
	}
	if v.Kind() == reflect.Struct && tagOf(v.Type()) != "" {
		return reflect.Value{}
	}
	return v.MethodByName(name)
}

// inside takes a cell's value out of the compiled value that has its methods.
func inside(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct || v.NumField() == 0 || !v.CanInterface() {
		return v, false
	}
	switch x := v.Interface().(type) {
	case textValue:
		return reflect.ValueOf(x.value), true
	case errorValue:
		return reflect.ValueOf(x.value), true
	}
	t := v.Type()
	if t.PkgPath() == "" || t.Field(0).Name != "IValue" || t.Field(0).Type.Kind() != reflect.Interface {
		return v, false
	}
	return v.Field(0).Elem(), true
}

// insideOf is the dynamic value of an interface without its disguise.
func insideOf(x any) any {
	v := reflect.ValueOf(x)
	if !v.IsValid() {
		return nil
	}
	if in, ok := inside(v); ok {
		if !in.IsValid() {
			return nil
		}
		return in.Interface()
	}
	return x
}

// shownType spells the dynamic type of a value in an interface.
func (vs *values) shownType(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	if typ := vs.typeOf(t); typ != nil {
		return vs.typeString(typ)
	}
	return vs.reflectString(t)
}

// reflectString is t.String() with cells' types named.
func (vs *values) reflectString(t reflect.Type) string {
	if t.PkgPath() != "" || t.Name() != "" {
		return t.String()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + vs.shownType(t.Elem())
	case reflect.Slice:
		return "[]" + vs.shownType(t.Elem())
	case reflect.Map:
		return "map[" + vs.shownType(t.Key()) + "]" + vs.shownType(t.Elem())
	}
	return strings.ReplaceAll(t.String(), `json:\"-\" xml:\"-\"`, "")
}
