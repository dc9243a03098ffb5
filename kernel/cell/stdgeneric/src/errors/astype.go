//go:build swingbycell

// Package errors finds errors of a type among those that others wrap.
package errors

// AsType returns the first error of type E in err and what it wraps, in depth
// first order. An error may also offer one through a method As(any) bool.
func AsType[E error](err error) (E, bool) {
	var zero E
	for err != nil {
		if e, ok := err.(E); ok {
			return e, true
		}
		if as, ok := err.(interface{ As(any) bool }); ok {
			e := new(E)
			if as.As(e) {
				return *e, true
			}
		}
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, inner := range many.Unwrap() {
				if e, ok := AsType[E](inner); ok {
					return e, true
				}
			}
			return zero, false
		}
		one, ok := err.(interface{ Unwrap() error })
		if !ok {
			return zero, false
		}
		err = one.Unwrap()
	}
	return zero, false
}
