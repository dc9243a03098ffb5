package cell

import (
	"go/types"
	"strconv"
	"strings"
)

// localName is what reflection shows of a type declared in a function besides its
// name: the type arguments of the function, if it is generic, and in type
// arguments the number that tells it from others of its name.
type localName struct {
	args   []types.Type
	number int
}

// setLocal makes a type declared in a function known to typeString.
func (vs *values) setLocal(tn *types.TypeName, n localName) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.locals == nil {
		vs.locals = map[*types.TypeName]localName{}
	}
	vs.locals[tn] = n
}

// typeString spells a type as package reflect does, which is what %T prints
// and what the run-time system's messages show.
func (vs *values) typeString(t types.Type) string {
	w := typeWriter{vs: vs}
	w.write(t)
	return w.String()
}

// typeWriter writes types.
type typeWriter struct {
	strings.Builder
	vs       *values
	argument bool // of a generic type
}

// named writes the name of a declared type, with its type arguments.
func (w *typeWriter) named(t *types.Named) {
	if pkg := t.Obj().Pkg(); pkg != nil {
		w.WriteString(pkg.Name() + ".")
	}
	w.WriteString(t.Obj().Name())
	w.vs.mu.RLock()
	local := w.vs.locals[t.Obj()]
	w.vs.mu.RUnlock()
	if n := t.TypeArgs().Len(); n > 0 || len(local.args) > 0 {
		outside := w.argument
		w.argument = true
		w.WriteByte('[')
		for i, a := range local.args {
			if i > 0 {
				w.WriteByte(',')
			}
			w.write(a)
		}
		for i := range n {
			if i > 0 {
				w.WriteByte(',')
			} else if len(local.args) > 0 {
				w.WriteByte(';')
			}
			w.write(t.TypeArgs().At(i))
		}
		w.WriteByte(']')
		w.argument = outside
	}
	if local.number > 0 && w.argument {
		w.WriteString("·" + strconv.Itoa(local.number))
	}
}

func (w *typeWriter) write(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Info()&types.IsUntyped != 0 && t.Kind() != types.UntypedNil {
			t = types.Default(t).(*types.Basic)
		}
		w.WriteString(t.Name())
	case *types.Named:
		w.named(t)
	case *types.Pointer:
		w.WriteByte('*')
		w.write(t.Elem())
	case *types.Slice:
		w.WriteString("[]")
		w.write(t.Elem())
	case *types.Array:
		w.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		w.write(t.Elem())
	case *types.Map:
		w.WriteString("map[")
		w.write(t.Key())
		w.WriteByte(']')
		w.write(t.Elem())
	case *types.Chan:
		switch t.Dir() {
		case types.SendOnly:
			w.WriteString("chan<- ")
		case types.RecvOnly:
			w.WriteString("<-chan ")
		default:
			w.WriteString("chan ")
			if c, ok := t.Elem().(*types.Chan); ok && c.Dir() == types.RecvOnly {
				w.WriteByte('(')
				defer w.WriteByte(')')
			}
		}
		w.write(t.Elem())
	case *types.Signature:
		w.WriteString("func")
		w.signature(t)
	case *types.Struct:
		if t.NumFields() == 0 {
			w.WriteString("struct {}")
			return
		}
		w.WriteString("struct { ")
		for i := range t.NumFields() {
			if i > 0 {
				w.WriteString("; ")
			}
			if f := t.Field(i); !f.Embedded() {
				w.WriteString(f.Name() + " ")
			}
			w.write(t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				w.WriteString(" " + strconv.Quote(tag))
			}
		}
		w.WriteString(" }")
	case *types.Interface:
		if t.NumMethods() == 0 {
			w.WriteString("interface {}")
			return
		}
		w.WriteString("interface { ")
		for i := range t.NumMethods() {
			if i > 0 {
				w.WriteString("; ")
			}
			m := t.Method(i)
			if !m.Exported() && m.Pkg() != nil {
				w.WriteString(m.Pkg().Name() + ".")
			}
			w.WriteString(m.Name())
			w.signature(m.Signature())
		}
		w.WriteString(" }")
	default:
		w.WriteString(t.String())
	}
}

func (w *typeWriter) signature(sig *types.Signature) {
	w.WriteByte('(')
	for i := range sig.Params().Len() {
		if i > 0 {
			w.WriteString(", ")
		}
		t := sig.Params().At(i).Type()
		if s, ok := t.(*types.Slice); ok && sig.Variadic() && i == sig.Params().Len()-1 {
			w.WriteString("...")
			t = s.Elem()
		}
		w.write(t)
	}
	w.WriteByte(')')
	switch n := sig.Results().Len(); {
	case n == 1:
		w.WriteByte(' ')
		w.write(sig.Results().At(0).Type())
	case n > 1:
		w.WriteString(" (")
		for i := range n {
			if i > 0 {
				w.WriteString(", ")
			}
			w.write(sig.Results().At(i).Type())
		}
		w.WriteByte(')')
	}
}
