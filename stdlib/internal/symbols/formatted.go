package symbols

import (
	"errors"
	"fmt"
	"io"
	"reflect"
)

// A combination is an interface, by its import path and name and by its own wrapper,
// with wrappers that have further methods.
type combination struct {
	name    string
	wrapper any
	larger  []any
}

// Composed calls f for each interface that has combined wrappers, with the type of its
// own wrapper and of the others, the largest first.
func Composed(f func(wrapper reflect.Value, larger []reflect.Type)) {
	for _, c := range composed {
		f(reflect.ValueOf(c.wrapper), elems(c.larger))
	}
}

// unnamed stands for the wrapper of an interface without a name.
type unnamed struct{ IValue any }

// Unnamed returns what yaegi has to find as wrapper of an interface without a name, and
// the wrappers to choose from. The only such interfaces in exported functions are the
// parameters of plotter.NewXErrorBars and NewYErrorBars, a plotter.XYer with errors.
func Unnamed() (wrapper reflect.Value, larger []reflect.Type) {
	for _, c := range composed {
		if c.name == "gonum.org/v1/plot/plotter.XYer" {
			larger = elems(c.larger)
		}
	}
	return reflect.ValueOf((*unnamed)(nil)), larger
}

// Errors returns the wrappers to use for error, the largest first.
func Errors() []reflect.Type { return elems(errorWrappers[:]) }

// Stringers returns the wrappers to use for fmt.Stringer, the largest first.
func Stringers() []reflect.Type { return elems(stringerWrappers[:]) }

func elems(ptrs []any) []reflect.Type {
	list := make([]reflect.Type, len(ptrs))
	for i, p := range ptrs {
		list[i] = reflect.TypeOf(p).Elem()
	}
	return list
}

// The functions below are the methods of the wrappers of error and fmt.Stringer. An
// interpreted value shows compiled code only the methods its wrapper has, and a
// wrapper shows itself where the value is meant; these make up for both.

// goStringer wraps what has GoString and neither String nor Error.
type goStringer struct {
	IValue    any
	WGoString func() string
}

func (w goStringer) GoString() string              { return w.WGoString() }
func (w goStringer) Format(s fmt.State, verb rune) { format(s, verb, w.IValue, nil, w.WGoString) }

// GoStringers returns the wrappers to use for fmt.GoStringer.
func GoStringers() []reflect.Type { return []reflect.Type{reflect.TypeFor[goStringer]()} }

// format writes a wrapped value as fmt would write it if it were a compiled one:
// its text for the verbs of strings, the value itself for others such as %d. text is
// its String or Error, or nil; goString its own method of that name, or nil.
func format(s fmt.State, verb rune, value any, text func() string, goString any) {
	defer func() {
		if r := recover(); r != nil {
			if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
				io.WriteString(s, "<nil>")
				return
			}
			panic(r)
		}
	}()
	switch verb {
	case 'v':
		if s.Flag('#') {
			if f, ok := goString.(func() string); ok {
				io.WriteString(s, f())
				return
			}
			break
		}
		fallthrough
	case 's', 'q', 'x', 'X':
		if text != nil {
			fmt.Fprintf(s, fmt.FormatString(s, verb), text())
			return
		}
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), value)
}

// unwrap calls an Unwrap method of either kind; several errors come as their join.
func unwrap(method any) error {
	switch f := method.(type) {
	case func() error:
		return f()
	case func() []error:
		return errors.Join(f()...)
	}
	return nil
}

// is reports whether a wrapped error is the target, which may be wrapped too: by the
// value's own method, or because both wrap the same value. Values that are not pointers
// must also have the same text, since different types of cells can have one representation.
func is(value any, text func() string, method any, target error) bool {
	if f, ok := method.(func(error) bool); ok && f(target) {
		return true
	}
	other, ok := wrapped(target)
	if !ok || value == nil || reflect.TypeOf(value) != reflect.TypeOf(other) || !reflect.TypeOf(value).Comparable() {
		return false
	}
	return value == other && (reflect.TypeOf(value).Kind() == reflect.Pointer || text() == target.Error())
}

// as stores a wrapped error in the target if that points to a variable of its type.
func as(value any, method any, target any) bool {
	if v := reflect.ValueOf(target); v.Kind() == reflect.Pointer && !v.IsNil() && value != nil && v.Type().Elem() == reflect.TypeOf(value) {
		v.Elem().Set(reflect.ValueOf(value))
		return true
	}
	f, ok := method.(func(any) bool)
	return ok && f(target)
}

// wrapped returns the interpreted value inside a wrapper.
func wrapped(v any) (any, bool) {
	s := reflect.ValueOf(v)
	if s.Kind() != reflect.Struct || s.NumField() < 2 || s.Type().Field(0).Name != "IValue" {
		return nil, false
	}
	return s.Field(0).Interface(), true
}

// errorsAs is errors.As for a target that may point to a variable of an interpreted
// type, which compiled code cannot see to be an error.
func errorsAs(err error, target any) bool {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errors.As(err, target) // panics as it should
	}
	if t := v.Type().Elem(); t.Kind() == reflect.Interface || t.Implements(reflect.TypeFor[error]()) {
		return errors.As(err, target)
	}
	for err != nil {
		if a, ok := err.(interface{ As(any) bool }); ok && a.As(target) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range x.Unwrap() {
				if errorsAs(e, target) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
