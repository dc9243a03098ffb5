package cell

import (
	"bytes"
	"reflect"
	"runtime"
	"strconv"
	"sync"
)

// Defers holds the deferred calls of one running function. Lowered code makes
// and uses it; see lower_defer.go.
type Defers struct {
	e         *engine
	calls     []func()
	panicking bool
	value     any
}

// Add defers a call.
func (d *Defers) Add(f func()) { d.calls = append(d.calls, f) }

// AddMethod defers a call of a compiled method without parameters. Such a one,
// Unlock for example, also runs when the cell is interrupted, which ends
// interpreted code where it stands.
func (d *Defers) AddMethod(recv any, name string) {
	if m := reflect.ValueOf(recv).MethodByName(name); m.IsValid() {
		d.Add(func() { m.Call(nil) })
	}
}

// Run runs a function's body, then its deferred calls, last first, as Go does:
// also when the body panics or ends its goroutine.
func (d *Defers) Run(body func()) {
	defer d.finish()
	body()
}

func (d *Defers) finish() {
	if r := recover(); r != nil {
		d.panicking, d.value = true, r
	}
	if n := len(d.calls); n > 0 {
		f := d.calls[n-1]
		d.calls = d.calls[:n-1]
		defer d.finish()
		if d.panicking {
			defer d.e.panics.enter(d)()
		}
		f()
		return
	}
	if d.panicking {
		panic(d.value)
	}
}

// Recover is recover in a function literal that is deferred.
func (d *Defers) Recover() any {
	if !d.panicking {
		return nil
	}
	v := d.value
	d.panicking, d.value = false, nil
	d.e.trace.take() // what the interpreter said of the panic's way is settled
	return panicValue(v)
}

// panicValue is what recover gives for what the interpreter panicked with.
func panicValue(v any) any {
	if rv, ok := v.(reflect.Value); ok && rv.IsValid() && rv.CanInterface() {
		return rv.Interface()
	}
	// What the interpreter itself panics with is text of package reflect where
	// Go has a runtime.Error.
	text := ""
	switch v := v.(type) {
	case runtime.Error:
		return v
	case error:
		text = v.Error()
	case string:
		text = v
	}
	if own := goText(text); own != text {
		return runtimeError("runtime error: " + own)
	}
	return v
}

// runtimeError is a panic of the interpreter as the program that recovers it
// expects it.
type runtimeError string

func (e runtimeError) Error() string { return string(e) }
func (runtimeError) RuntimeError()   {}

// panicStacks knows, for each goroutine that unwinds, whose deferred call runs:
// a recover in a function that is deferred by name has no other way to tell.
type panicStacks struct {
	mu  sync.Mutex
	top map[int64][]*Defers
}

func (p *panicStacks) enter(d *Defers) (leave func()) {
	id := goroutineID()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.top == nil {
		p.top = map[int64][]*Defers{}
	}
	p.top[id] = append(p.top[id], d)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if n := len(p.top[id]); n > 1 {
			p.top[id] = p.top[id][:n-1]
		} else {
			delete(p.top, id)
		}
	}
}

// recoverNamed is recover in a function that may or may not be deferred.
func (e *engine) recoverNamed() any {
	e.panics.mu.Lock()
	if len(e.panics.top) == 0 {
		e.panics.mu.Unlock()
		return nil
	}
	e.panics.mu.Unlock()
	id := goroutineID()
	e.panics.mu.Lock()
	var d *Defers
	if list := e.panics.top[id]; len(list) > 0 {
		d = list[len(list)-1]
	}
	e.panics.mu.Unlock()
	if d == nil {
		return nil
	}
	return d.Recover()
}

// goroutineID reads the running goroutine's number from its stack header,
// "goroutine 17 [running]:". It is needed only while a panic unwinds.
func goroutineID() int64 {
	var buf [64]byte
	b := buf[:runtime.Stack(buf[:], false)]
	b = bytes.TrimPrefix(b, []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	}
	id, _ := strconv.ParseInt(string(b), 10, 64)
	return id
}
