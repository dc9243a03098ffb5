package cell

import (
	"go/types"
	"strconv"
	"strings"
)

// goTypeString spells a type as package reflect does, which is what %T prints
// and what the run-time system's messages show.
func goTypeString(t types.Type) string {
	var b strings.Builder
	writeGoType(&b, t)
	return b.String()
}

func writeGoType(b *strings.Builder, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Info()&types.IsUntyped != 0 && t.Kind() != types.UntypedNil {
			t = types.Default(t).(*types.Basic)
		}
		b.WriteString(t.Name())
	case *types.Named:
		if pkg := t.Obj().Pkg(); pkg != nil {
			b.WriteString(pkg.Name() + ".")
		}
		b.WriteString(t.Obj().Name())
		if n := t.TypeArgs().Len(); n > 0 {
			b.WriteByte('[')
			for i := range n {
				if i > 0 {
					b.WriteByte(',')
				}
				writeGoType(b, t.TypeArgs().At(i))
			}
			b.WriteByte(']')
		}
	case *types.Pointer:
		b.WriteByte('*')
		writeGoType(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		writeGoType(b, t.Elem())
	case *types.Array:
		b.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		writeGoType(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		writeGoType(b, t.Key())
		b.WriteByte(']')
		writeGoType(b, t.Elem())
	case *types.Chan:
		switch t.Dir() {
		case types.SendOnly:
			b.WriteString("chan<- ")
		case types.RecvOnly:
			b.WriteString("<-chan ")
		default:
			b.WriteString("chan ")
			if c, ok := t.Elem().(*types.Chan); ok && c.Dir() == types.RecvOnly {
				b.WriteByte('(')
				defer b.WriteByte(')')
			}
		}
		writeGoType(b, t.Elem())
	case *types.Signature:
		b.WriteString("func")
		writeGoSignature(b, t)
	case *types.Struct:
		if t.NumFields() == 0 {
			b.WriteString("struct {}")
			return
		}
		b.WriteString("struct { ")
		for i := range t.NumFields() {
			if i > 0 {
				b.WriteString("; ")
			}
			if f := t.Field(i); !f.Embedded() {
				b.WriteString(f.Name() + " ")
			}
			writeGoType(b, t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				b.WriteString(" " + strconv.Quote(tag))
			}
		}
		b.WriteString(" }")
	case *types.Interface:
		if t.NumMethods() == 0 {
			b.WriteString("interface {}")
			return
		}
		b.WriteString("interface { ")
		for i := range t.NumMethods() {
			if i > 0 {
				b.WriteString("; ")
			}
			m := t.Method(i)
			if !m.Exported() && m.Pkg() != nil {
				b.WriteString(m.Pkg().Name() + ".")
			}
			b.WriteString(m.Name())
			writeGoSignature(b, m.Signature())
		}
		b.WriteString(" }")
	default:
		b.WriteString(t.String())
	}
}

func writeGoSignature(b *strings.Builder, sig *types.Signature) {
	b.WriteByte('(')
	for i := range sig.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		t := sig.Params().At(i).Type()
		if s, ok := t.(*types.Slice); ok && sig.Variadic() && i == sig.Params().Len()-1 {
			b.WriteString("...")
			t = s.Elem()
		}
		writeGoType(b, t)
	}
	b.WriteByte(')')
	switch n := sig.Results().Len(); {
	case n == 1:
		b.WriteByte(' ')
		writeGoType(b, sig.Results().At(0).Type())
	case n > 1:
		b.WriteString(" (")
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			writeGoType(b, sig.Results().At(i).Type())
		}
		b.WriteByte(')')
	}
}
