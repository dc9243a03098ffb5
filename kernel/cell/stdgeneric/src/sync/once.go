//go:build swingbycell

// Package sync computes values once.
package sync

import "sync"

// OnceValue returns a function that calls f the first time, and returns what
// it returned every time. If f panics, so does every call, with the same value.
func OnceValue[T any](f func() T) func() T {
	once := new(sync.Once)
	var value T
	var failure any
	returned := false
	run := func() {
		defer func() {
			if !returned {
				failure = recover()
			}
		}()
		value = f()
		f = nil
		returned = true
	}
	return func() T {
		once.Do(run)
		if !returned {
			panic(failure)
		}
		return value
	}
}

// OnceValues is OnceValue for two results.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	once := new(sync.Once)
	var first T1
	var second T2
	var failure any
	returned := false
	run := func() {
		defer func() {
			if !returned {
				failure = recover()
			}
		}()
		first, second = f()
		f = nil
		returned = true
	}
	return func() (T1, T2) {
		once.Do(run)
		if !returned {
			panic(failure)
		}
		return first, second
	}
}
