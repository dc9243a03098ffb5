package cell

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"

	cellreflect "swingby/kernel/cell/reflect"
)

// Where Go has a runtime.Error, the interpreter panics with a text of its own
// or of package reflect. This file finds the error that Go would have.

// runtimeError is a panic of the interpreter as the program that recovers it
// expects it.
type runtimeError string

func (e runtimeError) Error() string { return string(e) }
func (runtimeError) RuntimeError()   {}

const nilDereference = "invalid memory address or nil pointer dereference"

// goErrors maps the beginnings of the interpreter's texts to Go's.
var goErrors = []struct{ prefix, text string }{
	{"reflect: slice index out of range", "runtime error: index out of range"},
	{"reflect: array index out of range", "runtime error: index out of range"},
	{"reflect: string index out of range", "runtime error: index out of range"},
	{"reflect.Value.Slice: ", "runtime error: slice bounds out of range"},
	{"reflect.Value.Slice3: ", "runtime error: slice bounds out of range"},
	{"reflect.Value.Call: call of nil function", "runtime error: " + nilDereference},
	{"reflect: Method on nil interface value", "runtime error: " + nilDereference},
	{"reflect.MakeSlice: negative len", "runtime error: makeslice: len out of range"},
	{"reflect.MakeSlice: negative cap", "runtime error: makeslice: cap out of range"},
	{"reflect.MakeSlice: len > cap", "runtime error: makeslice: cap out of range"},
	{"runtime: allocation size out of range", "runtime error: makeslice: len out of range"},
	{"reflect.MakeChan: negative buffer size", "makechan: size out of range"},
}

// goError is the text of the error Go has for what the interpreter says; "" if
// it is no words of the interpreter's.
func goError(s string) string {
	if strings.Contains(s, "swingby:") {
		s = cellTypes(s)
	}
	if i := strings.Index(s, "interface conversion: "); i == 0 || i > 0 && strings.HasSuffix(s[:i], ": ") {
		return s[i:]
	}
	if t, ok := strings.CutPrefix(s, "hash of unhashable type: "); ok {
		return "runtime error: hash of unhashable type " + t
	}
	if t, ok := strings.CutPrefix(s, "reflect: cannot convert slice with length "); ok {
		n, to, _ := strings.Cut(t, " to ")
		return "runtime error: cannot convert slice with length " + n + " to array or pointer to " + strings.TrimPrefix(to, "pointer to ")
	}
	if strings.Contains(s, "assignment to entry in nil map") {
		return "assignment to entry in nil map"
	}
	if strings.HasPrefix(s, "reflect: call of reflect.Value.") && (strings.HasSuffix(s, "on zero Value") || strings.HasSuffix(s, "nil pointer")) {
		return "runtime error: " + nilDereference
	}
	for _, e := range goErrors {
		if strings.HasPrefix(s, e.prefix) {
			return e.text
		}
	}
	return ""
}

// panicValue is what recover gives for what the interpreter panicked with.
func panicValue(v any) any {
	if rv, ok := v.(reflect.Value); ok && rv.IsValid() && rv.CanInterface() {
		return rv.Interface()
	}
	if p, ok := v.(cellreflect.Panic); ok {
		return p.Value
	}
	text := ""
	switch v := v.(type) {
	case runtime.Error:
		text = v.Error()
		if s := cellTypes(text); s != text {
			text = s
			if own := goError(s); own == "" {
				return runtimeError(s)
			}
		}
	case error:
		text = v.Error()
	case string:
		text = v
	}
	if own := goError(text); own != "" && own != text {
		return runtimeError(own)
	}
	return v
}

// panicName is the kind of a panic as a front end titles it.
func panicName(v any) string {
	if _, ok := panicValue(unwrapPanic(v)).(runtime.Error); ok {
		return "runtime error"
	}
	return "panic"
}

// panicText is what Go would print after "panic: ".
func (s *Session) panicText(v any) string {
	switch v := s.shown(panicValue(unwrapPanic(v))).(type) {
	case error:
		return strings.TrimPrefix(v.Error(), "runtime error: ")
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// unwrapPanic takes a panic's value out of the interpreter's reflect.Value.
func unwrapPanic(v any) any {
	for {
		rv, ok := v.(reflect.Value)
		if !ok || !rv.IsValid() || !rv.CanInterface() {
			return v
		}
		v = rv.Interface()
	}
}

// cellTypes puts the names of cells' types where a text of package reflect
// spells the structs that the interpreter has in their place.
func cellTypes(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "struct {")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		end, name := structSpelling(s)
		if name == "" { // perhaps one within
			end = len("struct {")
			name = s[:end]
		}
		b.WriteString(name)
		s = s[end:]
	}
	return b.String() + s
}

// structSpelling finds the end of the struct type that s begins with, and the
// name that the tag of its first field gives it; see distinct.
func structSpelling(s string) (end int, name string) {
	depth, quoted := 0, -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted >= 0 && c == '\\':
			i++
		case c == '"' && quoted < 0:
			quoted = i
		case c == '"':
			_, slot, ok := strings.Cut(s[quoted:i], `swingby:\"`)
			if ok && depth == 1 && name == "" {
				slot, _, _ = strings.Cut(slot, `\"`)
				_, name, _ = strings.Cut(slot, "=")
			}
			quoted = -1
		case quoted >= 0:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, name
			}
		}
	}
	return len(s), ""
}
