package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"sync"
)

// blocking are the methods of package sync that may wait for ever, and the
// functions that wait in their place until the cell is interrupted.
var blocking = map[string]string{
	"(*sync.Mutex).Lock":     "Lock",
	"(*sync.RWMutex).Lock":   "LockRW",
	"(*sync.RWMutex).RLock":  "RLock",
	"(*sync.WaitGroup).Wait": "Wait",
}

// syncCall makes waiting for a lock or a WaitGroup something that an interrupt ends.
func (l *lowerer) syncCall(e ast.Expr) (ast.Expr, bool) {
	call, sel, s := l.calledMethod(e)
	if s == nil {
		return nil, false
	}
	fn, ok := s.obj.(*types.Func)
	if !ok || blocking[fn.FullName()] == "" {
		return nil, false
	}
	return callAt(l.s.runtime(blocking[fn.FullName()], token.NoPos), call.Pos(), l.receiver(sel, s)), true
}

func (e *engine) lock(m *sync.Mutex) {
	if !m.TryLock() {
		e.await(m.Lock, m.Unlock)
	}
}

func (e *engine) lockRW(m *sync.RWMutex) {
	if !m.TryLock() {
		e.await(m.Lock, m.Unlock)
	}
}

func (e *engine) rlock(m *sync.RWMutex) {
	if !m.TryRLock() {
		e.await(m.RLock, m.RUnlock)
	}
}

func (e *engine) wait(wg *sync.WaitGroup) { e.await(wg.Wait, func() {}) }

// await does what blocks until it is done or the cell is interrupted. What it
// gets after that, it gives back.
func (e *engine) await(acquire, release func()) {
	ctx := e.ctx
	done := make(chan struct{})
	go func() {
		acquire()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		go func() {
			<-done
			release()
		}()
	}
}
