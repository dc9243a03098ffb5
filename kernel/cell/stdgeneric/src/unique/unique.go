//go:build swingbycell

// Package unique gives equal values equal handles.
package unique

// Handle stands for a value: handles are equal if the values were when they
// were made. This one has its value in it, so that no table of all values is
// kept; it is not smaller than the value, as another could be.
type Handle[T comparable] struct {
	value T
	made  bool // tells the handle of a zero value from the zero handle
}

// Value returns a copy of the value.
func (h Handle[T]) Value() T {
	return h.value
}

// Make returns the handle of a value.
func Make[T comparable](value T) Handle[T] {
	return Handle[T]{value, true}
}
