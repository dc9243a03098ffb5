package cell

import (
	"context"
	"runtime"
	"sync"
	"time"

	"swingby/kernel/internal/goroutine"
)

// An interrupt ends all interpreted code of the session, at its next
// instruction: that of the running cell and of the goroutines of earlier ones.
// What waits in compiled code waits for the end of the life as well. A life
// lasts from one interrupt to the next; the cells between share it.
type life struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	stopped chan struct{} // closed when the interpreter has been stopped
}

func newLife() *life {
	l := &life{stopped: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	return l
}

// cellContext is the context of a cell as cells see it. It goes on when the
// cell has ended, for the goroutines it has left.
type cellContext struct {
	context.Context
	of context.Context // that Execute was given
}

func (c cellContext) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.of.Value(key)
}

func (c cellContext) Deadline() (time.Time, bool) { return c.of.Deadline() }

// execution is one run of a program.
type execution struct {
	count   int
	program bool // a cell with a package clause
	values  []any
	define  func(int)
	done    chan struct{}
	once    sync.Once
	life    *life
	ended   bool

	goroutine int64 // that ran the statements, if they have failed
}

// interrupted is the error of a cell whose context ended.
type interrupted struct{ cause error }

func (i *interrupted) Error() string { return i.cause.Error() }
func (i *interrupted) Unwrap() error { return i.cause }

// failure is why a cell was stopped that did not fail where it was.
type failure struct {
	err  *Error
	deep bool // a recursion
}

func (f *failure) Error() string { return f.err.Error() }

// run executes the program loaded last.
func (s *Session) run(ctx context.Context, p *program, count int) ([]any, error) {
	x := &execution{count: count, program: p.whole, define: p.define, done: make(chan struct{}), life: s.life}
	s.runMu.Lock()
	s.current = x
	s.runMu.Unlock()
	s.ctx = cellContext{x.life.ctx, ctx}
	s.trace.begin()
	leave := context.AfterFunc(ctx, func() { s.stop(x, ctx.Err()) })
	defer leave()
	unwatch := s.watchStack(x)
	var err error
	finished := make(chan struct{})
	prog := s.program
	go func() {
		defer close(finished) // also after runtime.Goexit
		s.globals.extend()
		if _, err = s.interp.Execute(prog); err != nil {
			x.goroutine = goroutine.ID()
		}
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
		return nil, s.halted(x, finished)
	}
	s.nameStrays(x)
	s.runMu.Lock()
	defer s.runMu.Unlock()
	return x.values, err
}

// halted stops what runs and begins another life. It returns why.
func (s *Session) halted(x *execution, finished <-chan struct{}) error {
	cause := context.Cause(x.life.ctx)
	failed, _ := cause.(*failure)
	grace := stopGrace
	switch {
	case failed != nil && failed.deep:
		grace = unwindGrace
	case failed != nil:
		grace = failGrace
	}
	s.runMu.Lock()
	s.life = newLife()
	s.runMu.Unlock()
	waking := sync.OnceFunc(func() { close(x.life.stopped) })
	left := s.halter.halt(grace, func() (cell, routines bool) {
		waking()
		select {
		case <-finished:
			cell = true
		default:
		}
		return cell, !s.routines.some()
	})
	if left {
		s.notice("the call that was running could not be stopped; it goes on in the background until it returns")
	}
	if failed != nil {
		return failed
	}
	return &interrupted{cause}
}

// stop ends all interpreted code because of the running cell, if x is still it.
func (e *engine) stop(x *execution, cause error) bool {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	if x == nil || e.current != x || x.ended {
		return false
	}
	x.life.cancel(cause)
	return true
}

// failWith stops the running cell, if there is one, and all goroutines with an error; deep says that of a recursion.
func (e *engine) failWith(err *Error, deep bool) bool {
	e.runMu.Lock()
	x := e.current
	e.runMu.Unlock()
	return e.stop(x, &failure{err, deep})
}

// present is the life that goes on.
func (e *engine) present() *life {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	return e.life
}

// The functions lowered code calls.

// result keeps the value of a cell's last expression.
func (e *engine) result(values ...any) {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	e.current.values = values
}

// defined says that the declaration of the k-th variable has run.
func (e *engine) defined(count, k int) {
	if x := e.runningCell(count); x.life.ctx.Err() == nil {
		x.define(k)
	}
}

// runningCell is the execution that calls. One that was left behind ends here.
func (e *engine) runningCell(count int) *execution {
	e.runMu.Lock()
	x := e.current
	gone := x == nil || x.count != count || x.ended
	e.runMu.Unlock()
	if gone {
		runtime.Goexit()
	}
	return x
}

// exit says that the statements of a cell have ended.
func (e *engine) exit(count int) {
	e.runMu.Lock()
	x := e.current
	e.runMu.Unlock()
	if x != nil && x.count == count {
		x.once.Do(func() { close(x.done) })
	}
}

func (e *engine) sleep(d time.Duration) {
	l := e.present()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.stopped:
	}
}
