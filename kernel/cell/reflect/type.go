package reflect

import (
	"go/types"
	"iter"
	"reflect"
	"strings"
)

// What does not depend on types of cells is what it is in package reflect.
type (
	Kind      = reflect.Kind
	ChanDir   = reflect.ChanDir
	StructTag = reflect.StructTag
	SelectDir = reflect.SelectDir
)

// Type is reflect.Type.
type Type interface {
	Align() int
	FieldAlign() int
	Method(int) Method
	Methods() iter.Seq[Method]
	MethodByName(string) (Method, bool)
	NumMethod() int
	Name() string
	PkgPath() string
	Size() uintptr
	String() string
	Kind() Kind
	Implements(u Type) bool
	AssignableTo(u Type) bool
	ConvertibleTo(u Type) bool
	Comparable() bool
	Bits() int
	ChanDir() ChanDir
	IsVariadic() bool
	Elem() Type
	Field(i int) StructField
	Fields() iter.Seq[StructField]
	FieldByIndex(index []int) StructField
	FieldByName(name string) (StructField, bool)
	FieldByNameFunc(match func(string) bool) (StructField, bool)
	In(i int) Type
	Ins() iter.Seq[Type]
	Key() Type
	Len() int
	NumField() int
	NumIn() int
	NumOut() int
	Out(i int) Type
	Outs() iter.Seq[Type]
	OverflowComplex(x complex128) bool
	OverflowFloat(x float64) bool
	OverflowInt(x int64) bool
	OverflowUint(x uint64) bool
	CanSeq() bool
	CanSeq2() bool

	common() *rtype
}

// rtype is a type. There is one of each.
type rtype struct {
	space *Space
	typ   types.Type   // nil for some compiled ones
	form  reflect.Type // nil while it is not known; guarded by space.mu if own
	own   bool         // a cell has a part in it

	boxed bool         // box is known; guarded by space.mu
	box   reflect.Type // nil: values are in interfaces as they are
}

func (t *rtype) common() *rtype { return t }

// reflected is the form of t, nil if it is not known.
func (t *rtype) reflected() reflect.Type {
	if !t.own {
		return t.form
	}
	t.space.mu.Lock()
	defer t.space.mu.Unlock()
	return t.form
}

// needed is the form of t, for what cannot do without.
func (t *rtype) needed() reflect.Type {
	f := t.reflected()
	if f == nil {
		f = t.space.formOf(t.typ, 0)
		t.space.mu.Lock()
		t.form = f
		t.space.mu.Unlock()
	}
	if f == nil {
		name := strings.ReplaceAll(t.String(), "main.", "")
		panic("reflect: no value of type " + name + " has been seen in a cell yet: call reflect.TypeFor[" + name + "]() first")
	}
	return f
}

// part is a type inside t, whose form f takes from that of t.
func (t *rtype) part(typ types.Type, f func(reflect.Type) reflect.Type) *rtype {
	form := t.reflected()
	if form != nil {
		form = f(form)
	}
	return t.space.of(typ, form)
}

func (t *rtype) wrap(u reflect.Type) Type { return t.space.ofReflect(u) }

func (t *rtype) String() string {
	if t.own {
		return t.space.host.TypeString(t.typ)
	}
	return t.form.String()
}

func (t *rtype) Name() string {
	if !t.own {
		return t.form.Name()
	}
	n, ok := t.typ.(*types.Named)
	if !ok {
		return ""
	}
	name := t.String()
	if pkg := n.Obj().Pkg(); pkg != nil {
		name = strings.TrimPrefix(name, pkg.Name()+".")
	}
	return name
}

func (t *rtype) PkgPath() string {
	if !t.own {
		if p := t.form.PkgPath(); p != Path {
			return p
		}
		return "reflect"
	}
	if n, ok := t.typ.(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path()
	}
	return ""
}

func (t *rtype) Kind() Kind {
	if t.own {
		return kindOf(t.typ)
	}
	return t.form.Kind()
}

func (t *rtype) Size() uintptr   { return t.needed().Size() }
func (t *rtype) Align() int      { return t.needed().Align() }
func (t *rtype) FieldAlign() int { return t.needed().FieldAlign() }

func (t *rtype) Comparable() bool {
	if t.own {
		return types.Comparable(t.typ)
	}
	return t.form.Comparable()
}

func (t *rtype) Bits() int {
	if k := t.Kind(); t.own && (k < reflect.Int || k > reflect.Complex128) {
		panic("reflect: Bits of non-arithmetic Type " + t.String())
	}
	return t.needed().Bits()
}

// must panics if t is not of the kind a method is for.
func (t *rtype) must(kind Kind, method, want string) {
	if t.Kind() != kind {
		panic("reflect: " + method + " of non-" + want + " type " + t.String())
	}
}

func (t *rtype) ChanDir() ChanDir {
	if !t.own {
		return t.form.ChanDir()
	}
	t.must(reflect.Chan, "ChanDir", "chan")
	return chanDir(t.typ.Underlying().(*types.Chan).Dir())
}

func (t *rtype) IsVariadic() bool {
	if !t.own {
		return t.form.IsVariadic()
	}
	t.must(reflect.Func, "IsVariadic", "func")
	return t.signature().Variadic()
}

func (t *rtype) signature() *types.Signature { return t.typ.Underlying().(*types.Signature) }

func (t *rtype) Elem() Type { return t.elem() }

func (t *rtype) elem() *rtype {
	if !t.own {
		return t.space.ofReflect(t.form.Elem())
	}
	e, ok := t.typ.Underlying().(interface{ Elem() types.Type })
	if !ok {
		panic("reflect: Elem of invalid type " + t.String())
	}
	return t.part(e.Elem(), reflect.Type.Elem)
}

func (t *rtype) Key() Type { return t.key() }

func (t *rtype) key() *rtype {
	if !t.own {
		return t.space.ofReflect(t.form.Key())
	}
	t.must(reflect.Map, "Key", "map")
	return t.part(t.typ.Underlying().(*types.Map).Key(), reflect.Type.Key)
}

func (t *rtype) Len() int {
	if !t.own {
		return t.form.Len()
	}
	t.must(reflect.Array, "Len", "array")
	return int(t.typ.Underlying().(*types.Array).Len())
}

func (t *rtype) NumIn() int {
	if !t.own {
		return t.form.NumIn()
	}
	t.must(reflect.Func, "NumIn", "func")
	return t.signature().Params().Len()
}

func (t *rtype) NumOut() int {
	if !t.own {
		return t.form.NumOut()
	}
	t.must(reflect.Func, "NumOut", "func")
	return t.signature().Results().Len()
}

func (t *rtype) In(i int) Type  { return t.in(i) }
func (t *rtype) Out(i int) Type { return t.out(i) }

func (t *rtype) in(i int) *rtype {
	if !t.own {
		return t.space.ofReflect(t.form.In(i))
	}
	t.must(reflect.Func, "In", "func")
	return t.part(t.signature().Params().At(i).Type(), func(f reflect.Type) reflect.Type { return f.In(i) })
}

func (t *rtype) out(i int) *rtype {
	if !t.own {
		return t.space.ofReflect(t.form.Out(i))
	}
	t.must(reflect.Func, "Out", "func")
	return t.part(t.signature().Results().At(i).Type(), func(f reflect.Type) reflect.Type { return f.Out(i) })
}

func (t *rtype) Ins() iter.Seq[Type]  { return each(t.NumIn(), t.In) }
func (t *rtype) Outs() iter.Seq[Type] { return each(t.NumOut(), t.Out) }

// each yields the n things at returns.
func each[T any](n int, at func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range n {
			if !yield(at(i)) {
				return
			}
		}
	}
}

func (t *rtype) OverflowComplex(x complex128) bool { return t.needed().OverflowComplex(x) }
func (t *rtype) OverflowFloat(x float64) bool      { return t.needed().OverflowFloat(x) }
func (t *rtype) OverflowInt(x int64) bool          { return t.needed().OverflowInt(x) }
func (t *rtype) OverflowUint(x uint64) bool        { return t.needed().OverflowUint(x) }

func (t *rtype) CanSeq() bool  { return t.needed().CanSeq() }
func (t *rtype) CanSeq2() bool { return t.needed().CanSeq2() }
