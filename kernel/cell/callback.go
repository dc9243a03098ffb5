package cell

import (
	"context"
)

// Call runs f, compiled code that calls functions of cells, as if it were a cell: not
// beside one, and until ctx ends. A panic that f does not recover is its error, of type
// [*Error] like those of Execute.
func (s *Session) Call(ctx context.Context, f func()) error {
	x := &execution{count: callback, define: func(int) {}, done: make(chan struct{}), life: s.present()}
	s.runMu.Lock()
	s.current = x
	s.runMu.Unlock()
	s.ctx = cellContext{x.life.ctx, ctx}
	s.trace.begin()
	leave := context.AfterFunc(ctx, func() { s.stop(x, ctx.Err()) })
	defer leave()
	unwatch := s.watchStack(x)
	finished := make(chan struct{})
	var failed error
	go func() {
		defer close(finished)
		defer func() {
			if v := recover(); v != nil {
				failed = s.Panicked(v)
			}
		}()
		f()
	}()
	select {
	case <-finished:
	case <-x.life.ctx.Done():
	}
	unwatch()
	s.runMu.Lock()
	x.ended = true
	s.runMu.Unlock()
	if x.life.ctx.Err() != nil {
		return s.runtimeError(s.halted(x, finished), callback)
	}
	return failed
}

// callback is the count of what runs that is no cell.
const callback = -1

// Panicked words a panic of a cell's function. It is for the deferred function that has recovered v.
func (s *Session) Panicked(v any) *Error {
	return s.panicError(v, s.trace.take(), callback)
}
