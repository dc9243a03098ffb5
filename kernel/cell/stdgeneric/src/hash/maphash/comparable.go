//go:build swingbycell

// Package maphash hashes values that == compares.
package maphash

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"reflect"
)

// Comparable returns the hash of v with the given seed: the same for equal
// values in one process. It panics if v holds an interface whose value == cannot
// compare.
func Comparable[T comparable](seed maphash.Seed, v T) uint64 {
	h := new(maphash.Hash)
	h.SetSeed(seed)
	write(h, reflect.ValueOf(&v).Elem())
	return h.Sum64()
}

// WriteComparable adds x to the data that h hashes. It panics if x holds an
// interface whose value == cannot compare.
func WriteComparable[T comparable](h *maphash.Hash, x T) {
	write(h, reflect.ValueOf(&x).Elem())
}

func write(h *maphash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			h.WriteByte(1)
		} else {
			h.WriteByte(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		word(h, uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		word(h, v.Uint())
	case reflect.Float32, reflect.Float64:
		float(h, v.Float())
	case reflect.Complex64, reflect.Complex128:
		c := v.Complex()
		float(h, real(c))
		float(h, imag(c))
	case reflect.String:
		word(h, uint64(v.Len()))
		h.WriteString(v.String())
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		word(h, uint64(v.Pointer()))
	case reflect.Array:
		for i := 0; i < v.Len(); i++ {
			write(h, v.Index(i))
		}
	case reflect.Struct:
		t := v.Type()
		for i := 0; i < v.NumField(); i++ {
			if t.Field(i).Name != "_" { // which == leaves out
				write(h, v.Field(i))
			}
		}
	case reflect.Interface:
		if v.IsNil() {
			h.WriteByte(0)
			return
		}
		t := v.Elem().Type()
		h.WriteByte(1)
		h.WriteString(t.PkgPath())
		h.WriteString(t.String())
		write(h, v.Elem())
	default:
		panic(fmt.Errorf("hash of unhashable type %s", v.Type()))
	}
}

func word(h *maphash.Hash, x uint64) {
	h.Write(binary.LittleEndian.AppendUint64(nil, x))
}

// float hashes the zeros, which are equal, alike, and NaN, which is not equal
// to itself, anyhow.
func float(h *maphash.Hash, f float64) {
	switch {
	case f == 0:
		word(h, 0)
	case f != f:
		word(h, rand.Uint64())
	default:
		word(h, math.Float64bits(f))
	}
}
