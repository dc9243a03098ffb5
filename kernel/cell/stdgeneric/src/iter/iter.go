//go:build swingbycell

// Package iter names the functions that range loops go through.
package iter

import "runtime"

// Seq calls yield with one value after another for as long as it returns true.
type Seq[V any] func(yield func(V) bool)

// Seq2 is Seq of pairs of values.
type Seq2[K, V any] func(yield func(K, V) bool)

// Pull turns seq into a function that returns its next value, and false when
// there is none, and one that ends it before that. seq runs in a goroutine of
// its own, but only while one of the two is being called. They must not be
// called at the same time. A panic of seq becomes one of the caller.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	resume := make(chan bool) // false to end
	ready := make(chan bool)  // false when seq has returned
	var value, zero V
	var failure any
	started, done, returned := false, false, false

	yield := func(v V) bool {
		if done {
			return false
		}
		value = v
		ready <- true
		more := <-resume
		return more
	}
	run := func() {
		defer func() {
			if !returned {
				failure = recover()
			}
			ready <- false
		}()
		seq(yield)
		returned = true
	}
	end := func() {
		done = true
		if returned {
			return
		}
		if failure == nil {
			runtime.Goexit() // as seq did
		}
		panic(failure)
	}
	next = func() (V, bool) {
		if done {
			return zero, false
		}
		if started {
			resume <- true
		} else {
			started = true
			go run()
		}
		if <-ready {
			v := value
			value = zero
			return v, true
		}
		end()
		return zero, false
	}
	stop = func() {
		if done {
			return
		}
		done = true
		if started {
			resume <- false
			<-ready
			end()
		}
	}
	return next, stop
}

// Pull2 is Pull for pairs.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	resume := make(chan bool)
	ready := make(chan bool)
	var key, noKey K
	var value, noValue V
	var failure any
	started, done, returned := false, false, false

	yield := func(k K, v V) bool {
		if done {
			return false
		}
		key, value = k, v
		ready <- true
		more := <-resume
		return more
	}
	run := func() {
		defer func() {
			if !returned {
				failure = recover()
			}
			ready <- false
		}()
		seq(yield)
		returned = true
	}
	end := func() {
		done = true
		if returned {
			return
		}
		if failure == nil {
			runtime.Goexit()
		}
		panic(failure)
	}
	next = func() (K, V, bool) {
		if done {
			return noKey, noValue, false
		}
		if started {
			resume <- true
		} else {
			started = true
			go run()
		}
		if <-ready {
			k, v := key, value
			key, value = noKey, noValue
			return k, v, true
		}
		end()
		return noKey, noValue, false
	}
	stop = func() {
		if done {
			return
		}
		done = true
		if started {
			resume <- false
			<-ready
			end()
		}
	}
	return next, stop
}
