package reflect

import (
	"reflect"
)

// pair is a comparison that is under way or done; a cycle leads back to it.
type pair struct {
	a, b uintptr
	n    int
	t    *rtype
}

// deepEqual is DeepEqual.
func (s *Space) deepEqual(x, y any) bool {
	a, b := s.valueOf(x), s.valueOf(y)
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	return a.t == b.t && deeplyEqual(a, b, map[pair]bool{})
}

func deeplyEqual(a, b Value, seen map[pair]bool) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.t != b.t {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if a.IsNil() != b.IsNil() {
			return false
		}
		if a.Kind() != reflect.Pointer && a.Len() != b.Len() {
			return false
		}
		if a.Pointer() == b.Pointer() {
			return true
		}
		n := 0
		if a.Kind() == reflect.Slice {
			n = a.Len()
		}
		p := pair{a.Pointer(), b.Pointer(), n, a.t}
		if seen[p] {
			return true
		}
		seen[p] = true
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		return deeplyEqual(a.Elem(), b.Elem(), seen)
	case reflect.Func:
		return a.IsNil() && b.IsNil()
	case reflect.Slice, reflect.Array:
		for i := range a.Len() {
			if !deeplyEqual(a.Index(i), b.Index(i), seen) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !deeplyEqual(a.Field(i), b.Field(i), seen) {
				return false
			}
		}
		return true
	case reflect.Map:
		for it := a.MapRange(); it.Next(); {
			x, y := it.Value(), b.MapIndex(it.Key())
			if !y.IsValid() || !deeplyEqual(x, y, seen) {
				return false
			}
		}
		return true
	}
	return a.v.Equal(b.v)
}
