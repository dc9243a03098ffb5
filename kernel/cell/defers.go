package cell

import "reflect"

// Defers holds the deferred calls of one running function. Lowered code makes
// and uses it; see lower_defer.go.
type Defers struct {
	e         *engine
	calls     []deferredCall
	panicking bool
	value     any
	returned  bool // the body or the deferred call that ran last
	exits     bool // os.Exit has been called, which runs no deferred calls of the cell's
	frames    int  // of the deferred call that runs
}

type deferredCall struct {
	run func()
	// frames is how many interpreted functions there are below finish when the
	// function that is deferred runs; 0 if none of those it may call is it.
	// See recover.go.
	frames int
	always bool // also when the cell has been stopped
}

// Add defers a call, which f makes.
func (d *Defers) Add(f func()) { d.calls = append(d.calls, deferredCall{run: f, frames: thunkFrames}) }

// AddLiteral defers a call of a function literal: f is it or makes it.
func (d *Defers) AddLiteral(f func()) { d.calls = append(d.calls, deferredCall{run: f}) }

// AddMethod defers a call of a compiled method without parameters. Such a one,
// Unlock for example, also runs when the cell is interrupted, which ends
// interpreted code where it stands.
func (d *Defers) AddMethod(recv any, name string) {
	if m := reflect.ValueOf(recv).MethodByName(name); m.IsValid() {
		d.calls = append(d.calls, deferredCall{run: func() { m.Call(nil) }, always: true})
	}
}

// Run runs a function's body, then its deferred calls, last first, as Go does:
// also when the body panics or ends its goroutine.
func (d *Defers) Run(body func()) {
	defer d.finish()
	body()
	d.returned = true
}

func (d *Defers) finish() {
	if r := recover(); r != nil {
		d.panicking, d.value = true, r
		d.exits = d.exits || exitOf(r) != nil
	} else if !d.returned { // runtime.Goexit, which ends a panic as well
		d.panicking, d.value = false, nil
	}
	if n := len(d.calls); n > 0 {
		c := d.calls[n-1]
		d.calls = d.calls[:n-1]
		d.frames, d.returned = c.frames, false
		defer d.finish()
		if d.panicking || d.e.unwinding.busy() {
			defer d.e.unwinding.enter(d)()
		}
		if !d.exits || c.always {
			c.run()
		}
		d.returned = true
		return
	}
	if d.panicking {
		panic(d.value)
	}
}

// Recover is recover in the function that d runs as a deferred call.
func (d *Defers) Recover() any {
	if !d.panicking {
		return nil
	}
	v := d.value
	d.panicking, d.value = false, nil
	d.e.trace.take() // what the interpreter said of the panic's way is settled
	return panicValue(v)
}

// RecoverDeferred is recover that is itself deferred by the function whose
// deferred calls are own: called by that function as it returns it is like any
// recover in it, but of the function's own panic it is no stop.
func (d *Defers) RecoverDeferred(own *Defers) {
	if !own.panicking {
		d.Recover()
	}
}
