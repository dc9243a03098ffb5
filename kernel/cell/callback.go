package cell

import (
	"context"
	"time"
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

// CallBeside is [Session.Call] while a cell runs: f is to that cell as a goroutine of its own. An
// interrupt of the cell ends it, and so does the end of ctx, with all other interpreted code.
func (s *Session) CallBeside(ctx context.Context, f func()) error {
	id := s.routines.add(callback, 0)
	defer s.routines.remove(id)
	l := s.present()
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
		return failed
	case <-l.ctx.Done():
	case <-ctx.Done():
		s.stopBeside(l, ctx.Err(), finished)
	}
	left := time.NewTimer(stopGrace)
	defer left.Stop()
	select {
	case <-finished:
	case <-left.C:
	}
	return s.runtimeError(&interrupted{context.Canceled}, callback)
}

// stopBeside stops what runs beside a cell, and the cell if there still is one.
func (s *Session) stopBeside(l *life, cause error, finished <-chan struct{}) {
	s.runMu.Lock()
	x := s.current
	running := x != nil && !x.ended
	if running {
		x.life.cancel(cause) // who runs it ends the rest
	} else {
		l.cancel(cause)
	}
	mine := !running && s.life == l
	s.runMu.Unlock()
	if mine {
		_ = s.halted(&execution{life: l}, finished)
	}
}

// callback is the count of what runs that is no cell.
const callback = -1

// Panicked words a panic of a cell's function. It is for the deferred function that has recovered v.
func (s *Session) Panicked(v any) *Error {
	return s.panicError(v, s.trace.take(), callback)
}
