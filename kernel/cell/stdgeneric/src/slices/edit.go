//go:build swingbycell

package slices

// Insert inserts v before s[i] and returns the longer slice. It panics if i is
// not between 0 and len(s).
func Insert[S ~[]E, E any](s S, i int, v ...E) S {
	tail := s[i:]
	if len(v) == 0 {
		return s
	}
	n := len(s) + len(v)
	if n > cap(s) {
		out := append(s[:i], make(S, n-i)...)
		copy(out[i:], v)
		copy(out[i+len(v):], tail)
		return out
	}
	// v may be part of what moves.
	v = append([]E(nil), v...)
	out := s[:n]
	copy(out[i+len(v):], tail)
	copy(out[i:], v)
	return out
}

// Delete removes s[i:j] and returns the shorter slice; the elements that s no
// longer needs become zero. It panics if s[i:j] is not a part of s.
func Delete[S ~[]E, E any](s S, i, j int) S {
	part, tail := s[i:j], s[j:]
	if len(part) == 0 {
		return s
	}
	out := append(s[:i], tail...)
	clear(s[len(out):])
	return out
}

// DeleteFunc removes the elements for which del returns true and returns the
// shorter slice; the elements that s no longer needs become zero.
func DeleteFunc[S ~[]E, E any](s S, del func(E) bool) S {
	n := 0
	for i, v := range s {
		if del(v) {
			continue
		}
		if n != i {
			s[n] = v
		}
		n++
	}
	clear(s[n:])
	return s[:n]
}

// Replace replaces s[i:j] by v and returns the result; elements that s no
// longer needs become zero. It panics if s[i:j] is not a part of s.
func Replace[S ~[]E, E any](s S, i, j int, v ...E) S {
	part, tail := s[i:j], s[j:]
	n := i + len(v) + len(tail)
	if n > cap(s) {
		out := append(s[:i], make(S, n-i)...)
		copy(out[i:], v)
		copy(out[i+len(v):], tail)
		return out
	}
	if len(v) == len(part) {
		copy(part, v)
		return s
	}
	// v may be part of what moves.
	v = append([]E(nil), v...)
	out := s[:n]
	copy(out[i+len(v):], tail)
	copy(out[i:], v)
	if n < len(s) {
		clear(s[n:])
	}
	return out
}

// Clone returns a copy of s that shares its elements' contents; nil for nil.
func Clone[S ~[]E, E any](s S) S {
	if s == nil {
		return nil
	}
	out := make(S, len(s))
	copy(out, s)
	return out
}

// Compact keeps the first of each run of equal elements and returns the
// shorter slice; the elements that s no longer needs become zero.
func Compact[S ~[]E, E comparable](s S) S {
	if len(s) < 2 {
		return s
	}
	n := 1
	last := s[0]
	for i := 1; i < len(s); i++ {
		v := s[i]
		if v == last {
			continue
		}
		if n != i {
			s[n] = v
		}
		last = v
		n++
	}
	clear(s[n:])
	return s[:n]
}

// CompactFunc is Compact with elements compared by eq.
func CompactFunc[S ~[]E, E any](s S, eq func(E, E) bool) S {
	if len(s) < 2 {
		return s
	}
	n := 1
	last := s[0]
	for i := 1; i < len(s); i++ {
		v := s[i]
		if !eq(v, last) {
			if n != i {
				s[n] = v
			}
			n++
		}
		last = v
	}
	clear(s[n:])
	return s[:n]
}

// Grow returns s with room for n more elements. It panics if n is negative.
func Grow[S ~[]E, E any](s S, n int) S {
	if n < 0 {
		panic("cannot be negative")
	}
	if n <= cap(s)-len(s) {
		return s
	}
	return append(s, make([]E, n)...)[:len(s)]
}

// Clip returns s without room for more elements.
func Clip[S ~[]E, E any](s S) S {
	return s[:len(s):len(s)]
}

// Reverse reverses the order of the elements of s.
func Reverse[S ~[]E, E any](s S) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}

// Concat returns the elements of all the slices in a new one, nil if there are none.
func Concat[S ~[]E, E any](slices ...S) S {
	n := 0
	for _, s := range slices {
		n += len(s)
		if n < 0 {
			panic("len out of range")
		}
	}
	if n == 0 {
		return nil
	}
	out := make(S, 0, n)
	for _, s := range slices {
		out = append(out, s...)
	}
	return out
}

// Repeat returns a new slice of the elements of x, count times. It panics if
// count is negative or the length is more than an int holds.
func Repeat[S ~[]E, E any](x S, count int) S {
	if count < 0 {
		panic("cannot be negative")
	}
	n := len(x) * count
	if len(x) > 0 && n/len(x) != count {
		panic("the result of (len(x) * count) overflows")
	}
	out := make(S, n)
	for done := copy(out, x); done < n; {
		done += copy(out[done:], out[:done])
	}
	return out
}
