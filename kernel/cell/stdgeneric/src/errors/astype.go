//go:build swingbycell

// Package errors finds errors of a type among those that others wrap.
package errors

import (
	"errors"
	"reflect"
)

// AsType returns the first error of type E in err and what it wraps, in depth
// first order. An error may also offer one through a method As(any) bool.
//
// Methods other than Error are found by reflection: the interpreter does not
// find them by asserting an interface.
func AsType[E error](err error) (E, bool) {
	var zero E
	for err != nil {
		e, ok := err.(E)
		if ok {
			return e, true
		}
		v := reflect.ValueOf(err)
		if m := v.MethodByName("As"); m.IsValid() {
			as, ok := m.Interface().(func(any) bool)
			if ok {
				target := new(E)
				if as(target) {
					return *target, true
				}
			}
		}
		m := v.MethodByName("Unwrap")
		if !m.IsValid() {
			return zero, false
		}
		many, ok := m.Interface().(func() []error)
		if ok {
			for _, inner := range many() {
				e, ok := AsType[E](inner)
				if ok {
					return e, true
				}
			}
			return zero, false
		}
		err = errors.Unwrap(err)
	}
	return zero, false
}
