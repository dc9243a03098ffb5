package cell

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	cellreflect "swingby/kernel/cell/reflect"
	"swingby/kernel/internal/goroutine"
)

// recover stops a panic only in the function that a deferred call calls, not in
// one that this function calls. A literal that is deferred where it stands is
// no other's: lowering knows whose panic it may stop. Any other function that
// mentions recover asks as it starts, by Called, whether a deferred call called
// it: then there is a fixed number of interpreted functions between
// Defers.finish and it,
//
//	finish → the thunk a defer statement makes → the function
//
// and one more for each function that only hands the call on, as what the
// interpreter knows as a method does. Those of methods that recover say so, by
// HandOn, as they start.

// thunkFrames is how many interpreted functions there are below finish when
// the function that a thunk calls runs, that function included.
const thunkFrames = 2

// unwinding knows, for each goroutine that unwinds, whose deferred calls run.
type unwinding struct {
	count atomic.Int32 // of deferred calls that run, on all goroutines
	mu    sync.Mutex
	top   map[int64][]*Defers
}

// busy reports whether any goroutine unwinds.
func (u *unwinding) busy() bool { return u.count.Load() > 0 }

// enter notes that d is about to run a deferred call.
func (u *unwinding) enter(d *Defers) (leave func()) {
	id := goroutine.ID()
	u.count.Add(1)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.top == nil {
		u.top = map[int64][]*Defers{}
	}
	u.top[id] = append(u.top[id], d)
	return func() {
		u.count.Add(-1)
		u.mu.Lock()
		defer u.mu.Unlock()
		if n := len(u.top[id]); n > 1 {
			u.top[id] = u.top[id][:n-1]
		} else {
			delete(u.top, id)
		}
	}
}

// current is whose deferred call runs on this goroutine, and how many
// interpreted functions there are below it.
func (u *unwinding) current() (d *Defers, frames int) {
	if !u.busy() {
		return nil, 0
	}
	id := goroutine.ID()
	u.mu.Lock()
	if list := u.top[id]; len(list) > 0 {
		d = list[len(list)-1]
	}
	u.mu.Unlock()
	if d == nil {
		return nil, 0
	}
	return d, framesBelowFinish()
}

// called gives the deferred calls whose panic recover stops in the function
// that asks; those of nobody if a deferred call has not called it.
func (e *engine) called() *Defers {
	if d, frames := e.unwinding.current(); d != nil && frames > 0 && frames == d.frames {
		return d
	}
	return &Defers{e: e}
}

// handOn says that the function that runs only calls another in its place.
func (e *engine) handOn() {
	if d, frames := e.unwinding.current(); d != nil && frames > 0 && frames == d.frames {
		d.frames++
	}
}

// framesBelowFinish counts the interpreted functions that run on behalf of the
// innermost finish; 0 if there is compiled code of others between them, which
// makes the innermost a function that the deferred one calls.
func framesBelowFinish() int {
	const most = 256 // of Go's frames for a handful of the interpreter's
	var pcs [most]uintptr
	n := runtime.Callers(1, pcs[:])
	count := 0
	for frames := runtime.CallersFrames(pcs[:n]); ; {
		f, more := frames.Next()
		switch {
		case strings.HasSuffix(f.Function, ".(*Defers).finish"):
			return count
		case f.Function == interpreterPackage+".runCfg":
			count++
		case count > 0 && !ofMachinery(f.Function):
			return 0
		}
		if !more {
			return 0
		}
	}
}

const interpreterPackage = "github.com/traefik/yaegi/interp"

// ofMachinery reports whether a function is one that the interpreter calls a
// function by.
func ofMachinery(function string) bool {
	for _, p := range machinery {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}

// machinery begins the names of those functions: of the interpreter's, and of
// what stands between a function that reflection makes, a method value for one,
// and the code behind it. reflect.Value.Call is none in a cell: recover does
// nothing in what a deferred Call calls.
var machinery = []string{
	interpreterPackage + ".",
	"reflect.",
	"runtime.",
	"swingby/kernel/cell.(*method).bind.",
	cellreflect.Path + ".(*rtype).method",
	cellreflect.Path + ".callBound",
	cellreflect.Path + ".makeFunc",
}
