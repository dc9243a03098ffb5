package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"sync"
	"time"
)

// blocking are the methods of package sync that may wait for ever, and the
// functions that wait in their place until the cell is interrupted.
var blocking = map[string]string{
	"(*sync.Mutex).Lock":     "Lock",
	"(*sync.RWMutex).Lock":   "LockRW",
	"(*sync.RWMutex).RLock":  "RLock",
	"(*sync.WaitGroup).Wait": "Wait",
	"(*sync.Cond).Wait":      "WaitCond",
	"(sync.Locker).Lock":     "LockAny",
}

// starting are the functions that call their last argument on a new goroutine,
// where a panic would end the process.
var starting = map[string]bool{
	"(*sync.WaitGroup).Go": true,
	"time.AfterFunc":       true,
	"context.AfterFunc":    true,
}

// syncCall makes waiting for a lock or a WaitGroup something that an interrupt ends.
func (l *lowerer) syncCall(e ast.Expr) (ast.Expr, bool) {
	call, sel, s := l.calledMethod(e)
	if s == nil || l.blocks(s) == "" {
		return nil, false
	}
	return callAt(l.s.runtime(l.blocks(s), token.NoPos), call.Pos(), l.receiver(sel, s)), true
}

// blocks is the function to wait by instead of a method that may wait for ever; "" for others.
func (l *lowerer) blocks(s *selection) string {
	fn, ok := s.obj.(*types.Func)
	if !ok {
		return ""
	}
	return blocking[fn.FullName()]
}

// blockingValue is the method value of a method that may wait for ever.
func (l *lowerer) blockingValue(sel *ast.SelectorExpr, s *selection) (ast.Expr, bool) {
	name := l.blocks(s)
	if name == "" {
		return nil, false
	}
	pos, recv := sel.Pos(), l.temp()
	sig := types.NewSignatureType(nil, nil, nil, nil, nil, false)
	lit := l.forward(pos, sig, l.s.runtime(name, pos), identAt(recv, pos))
	return l.immediate(pos, sig, lit, defineAt(pos, recv, l.receiver(sel, s))), true
}

// goroutineCall guards a function that compiled code calls on a new goroutine.
func (l *lowerer) goroutineCall(e ast.Expr) (ast.Expr, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	fn, ok := l.info.Uses[sel.Sel].(*types.Func)
	if !ok || !starting[fn.FullName()] {
		return nil, false
	}
	pos, last := call.Pos(), len(call.Args)-1
	args := l.exprs(call.Args)
	args[last] = callAt(l.s.runtime("Guarded", pos), pos, intOf(l.count, pos), intOf(encodeMark(l.s.position(pos)), pos), args[last])
	return &ast.CallExpr{Fun: l.expr(call.Fun), Lparen: call.Lparen, Args: args, Rparen: call.Rparen}, true
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

func (e *engine) lockAny(l sync.Locker) {
	switch m := l.(type) {
	case *sync.Mutex:
		e.lock(m)
	case *sync.RWMutex:
		e.lockRW(m)
	default:
		if t := reflect.TypeOf(l); t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "sync" { // of RLocker
			e.await(l.Lock, l.Unlock)
			return
		}
		l.Lock() // code of a cell, which is interruptible itself
	}
}

// waitCond waits for a condition. Interrupted, it returns with the lock held as
// always, because a deferred call will unlock it.
func (e *engine) waitCond(c *sync.Cond) {
	l := e.present()
	done := make(chan struct{})
	go func() {
		c.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-l.stopped:
		// Again and again, for the wait may only be about to begin. Those it wakes as well are interrupted, too.
		for end := time.Now().Add(stopGrace / 2); time.Now().Before(end); {
			c.Broadcast()
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}
}

// await does what blocks until it is done or the cell is interrupted. What it
// gets after that, it gives back.
func (e *engine) await(acquire, release func()) {
	l := e.present()
	done := make(chan struct{})
	go func() {
		acquire()
		close(done)
	}()
	select {
	case <-done:
	case <-l.stopped:
		go func() {
			<-done
			release()
		}()
	}
}
