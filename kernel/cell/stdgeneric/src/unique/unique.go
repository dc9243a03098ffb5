//go:build swingbycell

// Package unique gives equal values one handle.
package unique

import "sync"

// handles holds a *T for every value of every type T that has a handle. They
// stay for as long as the process does.
var handles sync.Map

// Handle stands for a value: handles are equal if the values were when they
// were made.
type Handle[T comparable] struct {
	value *T
}

// Value returns a copy of the value.
func (h Handle[T]) Value() T {
	return *h.value
}

// Make returns the handle of a value.
func Make[T comparable](value T) Handle[T] {
	if p, ok := handles.Load(value); ok {
		if v, ok := p.(*T); ok {
			return Handle[T]{v}
		}
	}
	own := new(T)
	*own = value
	p, _ := handles.LoadOrStore(value, own)
	return Handle[T]{p.(*T)}
}
