//go:build swingbycell

// Package reflect goes between types of the program and those of reflection.
package reflect

import "reflect"

// TypeFor returns the reflected T.
func TypeFor[T any]() reflect.Type {
	return reflect.TypeOf((*T)(nil)).Elem()
}

// TypeAssert is v.Interface().(T) with a second result that says whether v
// is of that type. It panics where v.Interface() does.
func TypeAssert[T any](v reflect.Value) (T, bool) {
	x, ok := v.Interface().(T)
	return x, ok
}
