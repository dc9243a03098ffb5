package cell

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// The interpreter asks reflection for the type behind each type of a program,
// and reflection can make none that contains itself. The interpreter's own way
// out works for a struct that refers to itself through a pointer, but not for
// two that refer to each other in more than one way, nor for
//
//	type stateFn func(*lexer) stateFn
//
// So the types of a program are given to the interpreter before the rest, and
// those that are recursive get their reflect.Type here, before it asks. Each is
// made with fields, elements or parameters that only have the right size, and
// then, when all are there, with the right ones put in (rtype.go).

// tie makes the reflection types of the recursive ones among the types named,
// which the interpreter knows.
func (e *engine) tie(names []string) {
	scopes := unexported(reflect.ValueOf(e.interp).Elem(), "scopes")
	main := scopes.MapIndex(reflect.ValueOf("main"))
	if !main.IsValid() {
		return
	}
	symbols := unexported(main.Elem(), "sym")
	k := &knot{named: map[string]itype{}, made: map[string]reflect.Type{}}
	for _, name := range names {
		sym := symbols.MapIndex(reflect.ValueOf(name))
		if !sym.IsValid() {
			continue
		}
		typ := unexported(sym.Elem(), "typ")
		if typ.IsNil() {
			continue
		}
		k.named[name] = itype{typ.Elem()}
	}
	for _, name := range names {
		if t, ok := k.named[name]; ok && k.reaches(t, k.recursive) {
			k.order = append(k.order, name)
		}
	}
	if len(k.order) > 0 {
		k.make()
	}
}

// itype is the interpreter's representation of a type.
type itype struct{ v reflect.Value }

// unexported is a field of a struct of the interpreter, which offers no other
// way to it.
func unexported(v reflect.Value, name string) reflect.Value {
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
}

func (t itype) name() string         { return unexported(t.v, "name").String() }
func (t itype) path() string         { return unexported(t.v, "path").String() }
func (t itype) category() string     { return fmt.Sprint(unexported(t.v, "cat").Interface()) }
func (t itype) rtype() reflect.Value { return unexported(t.v, "rtype") }
func (t itype) length() int          { return int(unexported(t.v, "length").Int()) }
func (t itype) part(f string) itype  { return itype{unexported(t.v, f).Elem()} }
func (t itype) parts(f string) (list []itype) {
	s := unexported(t.v, f)
	for i := range s.Len() {
		list = append(list, itype{s.Index(i).Elem()})
	}
	return list
}

// reflected is the type that the interpreter makes by itself.
func (t itype) reflected() reflect.Type {
	return t.v.Addr().MethodByName("TypeOf").Call(nil)[0].Interface().(reflect.Type)
}

// ifield is a field of a struct of the interpreter.
type ifield struct {
	reflect.StructField
	typ itype
}

func (t itype) fields() (list []ifield) {
	s := unexported(t.v, "field")
	for i := range s.Len() {
		f := s.Index(i)
		name := unexported(f, "name").String()
		if r, _ := utf8.DecodeRuneInString(name); !unicode.IsUpper(r) {
			name = "X" + name // as the interpreter exports it
		}
		list = append(list, ifield{typ: itype{unexported(f, "typ").Elem()}, StructField: reflect.StructField{
			Name: name,
			Tag:  reflect.StructTag(unexported(f, "tag").String()),
			// Reflection refuses more.
			Anonymous: s.Len() == 1 && unexported(f, "embed").Bool(),
		}})
	}
	return list
}

// knot is the recursive types of a program.
type knot struct {
	named map[string]itype // all types of the program
	order []string         // those that are recursive, or contain one that is
	made  map[string]reflect.Type
}

// own is the declared type that t stands for, of which the interpreter may have copies.
func (k *knot) own(t itype) (name string, own itype) {
	if name = t.name(); name != "" && t.path() == "main" {
		if own, ok := k.named[name]; ok {
			return name, own
		}
	}
	return "", t
}

// parts lists the types that t is made of; none where reflection knows it.
func (k *knot) parts(t itype) []itype {
	if !t.rtype().IsNil() {
		return nil
	}
	switch t.category() {
	case "structT":
		var list []itype
		for _, f := range t.fields() {
			list = append(list, f.typ)
		}
		return list
	case "ptrT", "sliceT", "variadicT", "arrayT", "chanT", "chanSendT", "chanRecvT", "linkedT":
		return []itype{t.part("val")}
	case "mapT":
		return []itype{t.part("key"), t.part("val")}
	case "funcT":
		return append(t.parts("arg"), t.parts("ret")...)
	}
	return nil
}

// reaches reports whether t is or is made of, at any depth, a declared type that is wanted.
func (k *knot) reaches(t itype, wanted func(string) bool) bool {
	seen := map[string]bool{}
	var reach func(t itype) bool
	reach = func(t itype) bool {
		name, t := k.own(t)
		if name != "" {
			if wanted(name) {
				return true
			}
			if seen[name] {
				return false
			}
			seen[name] = true
		}
		return slices.ContainsFunc(k.parts(t), reach)
	}
	return reach(t)
}

// recursive reports whether a declared type contains itself.
func (k *knot) recursive(name string) bool {
	return slices.ContainsFunc(k.parts(k.named[name]), func(p itype) bool {
		return k.reaches(p, func(n string) bool { return n == name })
	})
}

// bare reports whether a declared type contains itself without a struct in between.
func (k *knot) bare(name string) bool {
	seen := map[string]bool{}
	var reach func(t itype) bool
	reach = func(t itype) bool {
		n, t := k.own(t)
		if n == name {
			return true
		}
		if n != "" && (seen[n] || t.category() == "structT") {
			return false
		}
		seen[n] = true
		return slices.ContainsFunc(k.parts(t), reach)
	}
	t := k.named[name]
	return t.category() != "structT" && slices.ContainsFunc(k.parts(t), reach)
}

// tied reports whether the type of t is made here.
func (k *knot) tied(t itype) bool {
	return k.reaches(t, func(name string) bool { return slices.Contains(k.order, name) })
}

func (k *knot) make() {
	for _, name := range k.order {
		k.declared(name)
	}
	for _, name := range k.order {
		rt := k.made[name]
		if rt == nil {
			continue
		}
		t := k.named[name]
		switch t.category() {
		case "structT":
			for i, f := range t.fields() {
				setField(rt, i, k.final(f.typ))
			}
		case "mapT":
			setKey(rt, k.final(t.part("key")))
			setElem(rt, k.final(t.part("val")))
		case "funcT":
			for i, p := range append(t.parts("arg"), t.parts("ret")...) {
				setParam(rt, i, k.final(p))
			}
		default:
			setElem(rt, k.final(t.part("val")))
		}
	}
	seen := map[itype]bool{}
	for _, name := range k.order {
		k.adopt(k.named[name], k.bare(name), seen)
	}
	for name, rt := range k.made {
		t := k.named[name]
		if t.category() == "structT" || t.staysOwn() {
			t.rtype().Set(reflect.ValueOf(rt))
			continue
		}
		// To the interpreter it is a compiled type.
		t.v.Set(compiledType(t, rt).Elem())
	}
}

// staysOwn reports whether a bare type stays the interpreter's, which is quicker
// at its own functions and loses what is sent to a compiled channel.
func (t itype) staysOwn() bool {
	switch t.category() {
	case "funcT", "chanT", "chanSendT", "chanRecvT":
		return true
	}
	return false
}

// adopt makes everything that t consists of refer to the declared types
// themselves: the interpreter has copies of some, taken when they were not
// complete. Within a bare type that stays the interpreter's, it is referred to
// as a compiled type, for the interpreter to see no cycle.
func (k *knot) adopt(t itype, bare bool, seen map[itype]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	visit := func(p reflect.Value) {
		name, own := k.own(itype{p.Elem()})
		switch {
		case name == "":
			k.adopt(own, bare && own.category() != "structT", seen)
			return
		case bare && k.bare(name) && own.staysOwn():
			p.Set(compiledType(own, k.made[name]))
		default:
			p.Set(own.v.Addr())
		}
		k.adopt(own, k.bare(name), seen)
	}
	for _, name := range []string{"val", "key"} {
		if p := unexported(t.v, name); !p.IsNil() {
			visit(p)
		}
	}
	for _, name := range []string{"arg", "ret"} {
		list := unexported(t.v, name)
		for i := range list.Len() {
			visit(list.Index(i))
		}
	}
	fields := unexported(t.v, "field")
	for i := range fields.Len() {
		visit(unexported(fields.Index(i), "typ"))
	}
}

// compiledType is a type of the interpreter for one of reflection's.
func compiledType(like itype, rt reflect.Type) reflect.Value {
	t := itype{reflect.New(like.v.Type()).Elem()}
	cat := unexported(t.v, "cat")
	for t.category() != "valueT" {
		cat.SetUint(cat.Uint() + 1)
	}
	t.rtype().Set(reflect.ValueOf(rt))
	unexported(t.v, "str").SetString(rt.String())
	return t.v.Addr()
}

// declared makes the type of a declared one, with stand-ins for what it refers
// to; nil for one that is not a struct and whose parts break the cycle.
func (k *knot) declared(name string) reflect.Type {
	if rt, ok := k.made[name]; ok {
		return rt
	}
	t := k.named[name]
	if t.category() == "structT" {
		k.made[name] = k.structOf(t, func(t itype) reflect.Type { return k.standIn(t, none) })
		return k.made[name]
	}
	if !k.bare(name) {
		return nil
	}
	// One type of its own among its parts keeps reflection from taking this
	// for another made in the same way.
	own := reflect.StructOf([]reflect.StructField{{Name: "Of", Type: none, Tag: reflect.StructTag("swingby:" + strconv.Quote(name))}})
	k.made[name] = k.standIn(t, own)
	return k.made[name]
}

var none = reflect.TypeFor[struct{}]()

// standIn makes a type of the size and kind of t, in which what t refers to is
// replaced by ref.
func (k *knot) standIn(t itype, ref reflect.Type) reflect.Type {
	if name, own := k.own(t); name != "" && own.category() == "structT" && k.tied(own) {
		return k.declared(name)
	}
	if !k.tied(t) {
		return t.reflected()
	}
	refs := func(list []itype) []reflect.Type {
		out := make([]reflect.Type, len(list))
		for i := range list {
			out[i] = ref
		}
		return out
	}
	part := func(t itype) reflect.Type { return k.standIn(t, ref) }
	_, t = k.own(t)
	switch t.category() {
	case "structT":
		return k.structOf(t, part)
	case "arrayT":
		return reflect.ArrayOf(t.length(), part(t.part("val")))
	case "linkedT":
		return part(t.part("val"))
	case "ptrT":
		return reflect.PointerTo(ref)
	case "mapT":
		key := t.part("key")
		if k.tied(key) { // of any size, once all are known
			return reflect.MapOf(part(key), part(t.part("val")))
		}
		return reflect.MapOf(key.reflected(), k.mapElem(t.part("val"), ref))
	case "chanT", "chanSendT", "chanRecvT":
		return reflect.ChanOf(t.direction(), ref)
	case "funcT":
		in, variadic := t.parts("arg"), false
		types := refs(in)
		if n := len(in); n > 0 && in[n-1].category() == "variadicT" {
			types[n-1], variadic = reflect.SliceOf(ref), true
		}
		return reflect.FuncOf(types, refs(t.parts("ret")), variadic)
	}
	return reflect.SliceOf(ref)
}

// mapElem is standIn for the elements of a map that may be the map itself.
func (k *knot) mapElem(t itype, ref reflect.Type) reflect.Type {
	if _, own := k.own(t); own.category() == "mapT" {
		return reflect.MapOf(reflect.TypeFor[int](), ref)
	}
	return k.standIn(t, ref)
}

func (t itype) direction() reflect.ChanDir {
	switch t.category() {
	case "chanSendT":
		return reflect.SendDir
	case "chanRecvT":
		return reflect.RecvDir
	}
	return reflect.BothDir
}

func (k *knot) structOf(t itype, part func(itype) reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for _, f := range t.fields() {
		f.Type = part(f.typ)
		fields = append(fields, f.StructField)
	}
	return reflect.StructOf(fields)
}

// final is the type of t, now that all declared ones are made.
func (k *knot) final(t itype) reflect.Type {
	if name, _ := k.own(t); k.made[name] != nil {
		return k.made[name]
	}
	if !k.tied(t) {
		return t.reflected()
	}
	all := func(list []itype) []reflect.Type {
		out := make([]reflect.Type, len(list))
		for i, t := range list {
			out[i] = k.final(t)
		}
		return out
	}
	_, t = k.own(t)
	switch t.category() {
	case "structT":
		return k.structOf(t, k.final)
	case "arrayT":
		return reflect.ArrayOf(t.length(), k.final(t.part("val")))
	case "linkedT":
		return k.final(t.part("val"))
	case "ptrT":
		return reflect.PointerTo(k.final(t.part("val")))
	case "mapT":
		return reflect.MapOf(k.final(t.part("key")), k.final(t.part("val")))
	case "chanT", "chanSendT", "chanRecvT":
		return reflect.ChanOf(t.direction(), k.final(t.part("val")))
	case "funcT":
		in := t.parts("arg")
		n := len(in)
		return reflect.FuncOf(all(in), all(t.parts("ret")), n > 0 && in[n-1].category() == "variadicT")
	}
	return reflect.SliceOf(k.final(t.part("val")))
}
