package cell

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// printBuiltin is print, and with spaces and a newline println: they write to
// standard error in a form of their own, which no package offers.
func printBuiltin(ln bool) func(args ...any) {
	return func(args ...any) {
		var b strings.Builder
		for i, a := range args {
			if ln && i > 0 {
				b.WriteByte(' ')
			}
			printValue(&b, a)
		}
		if ln {
			b.WriteByte('\n')
		}
		io.WriteString(os.Stderr, b.String())
	}
}

func printValue(w io.Writer, a any) {
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.Invalid:
		fmt.Fprint(w, "(0x0,0x0)") // a nil interface
	case reflect.Bool:
		fmt.Fprint(w, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		fmt.Fprint(w, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		fmt.Fprint(w, v.Uint())
	case reflect.Float32, reflect.Float64:
		io.WriteString(w, strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()))
	case reflect.Complex64, reflect.Complex128:
		io.WriteString(w, strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()))
	case reflect.String:
		io.WriteString(w, v.String())
	case reflect.Slice:
		fmt.Fprintf(w, "[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan, reflect.Map, reflect.Func:
		fmt.Fprintf(w, "%#x", v.Pointer())
	default:
		fmt.Fprint(w, a)
	}
}
