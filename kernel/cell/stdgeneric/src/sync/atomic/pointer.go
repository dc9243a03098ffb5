//go:build swingbycell

// Package atomic has a pointer that goroutines may share.
package atomic

import "sync/atomic"

// Pointer is a *T that is read and written atomically. The zero value is nil.
// It must not be copied after first use.
//
// It holds nothing until first stored to, then always a *T. There is no lock,
// which a goroutine that is ended could leave behind.
type Pointer[T any] struct {
	value atomic.Value
}

// Load returns the pointer.
func (p *Pointer[T]) Load() *T {
	if v, ok := p.value.Load().(*T); ok {
		return v
	}
	return nil
}

// Store sets the pointer.
func (p *Pointer[T]) Store(val *T) {
	p.value.Store(val)
}

// Swap sets the pointer and returns what it was.
func (p *Pointer[T]) Swap(new *T) (old *T) {
	if v, ok := p.value.Swap(new).(*T); ok {
		return v
	}
	return nil
}

// CompareAndSwap sets the pointer to new if it is old, and reports whether it was.
func (p *Pointer[T]) CompareAndSwap(old, new *T) (swapped bool) {
	if old == nil && p.value.CompareAndSwap(nil, new) {
		return true // the first
	}
	return p.value.CompareAndSwap(old, new)
}
