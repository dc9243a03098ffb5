package cell

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"
)

// halter stops the interpreter. What the interpreter offers for that stops code
// for good: functions that were values before an interrupt return nothing when
// they are called after it, and those of one cell wait on channels through an
// interrupt of another. So its means are used without it: the number each frame
// compares with the interpreter's before it goes on, and the channel that all
// its channel operations also receive from.
type halter struct {
	id   *uint64
	done chan struct{}
}

// newHalter prepares an interpreter that has run nothing yet; p is a program to begin with.
func newHalter(in *interp.Interpreter, p *interp.Program) (halter, error) {
	if _, err := in.ExecuteWithContext(context.Background(), p); err != nil { // makes the channel
		return halter{}, err
	}
	v := reflect.ValueOf(in).Elem()
	id, done := v.FieldByName("id"), v.FieldByName("done")
	if !id.IsValid() || id.Kind() != reflect.Uint64 || !done.IsValid() || done.Type() != reflect.TypeFor[chan struct{}]() || done.IsNil() {
		return halter{}, fmt.Errorf("cell: this interpreter cannot be stopped; %s has changed", interpreterPackage)
	}
	return halter{(*uint64)(id.Addr().UnsafePointer()), *(*chan struct{})(done.Addr().UnsafePointer())}, nil
}

// stopGrace is how long an interrupted cell may take to unwind before it is left behind.
var stopGrace = 500 * time.Millisecond

const (
	// failGrace is the same for a cell that ends because of what a goroutine of it has done.
	failGrace = 5 * time.Second
	// unwindGrace is the same for a deep recursion, which comes to its end if it is let: a million calls return, which
	// takes a second, and many more on a machine that does other things as well.
	unwindGrace = time.Minute
	// settleGrace is how long the goroutines of cells may take before their states are looked at.
	settleGrace = 20 * time.Millisecond
)

// halt ends all interpreted code: each function at its next instruction, or
// where it waits for a channel. It returns when ended reports that the cell has
// unwound and no goroutine of a cell computes any more, or after a while;
// compiled calls that do not return by then go on, and their callers after them.
func (h halter) halt(grace time.Duration, ended func() (cell, routines bool)) (left bool) {
	turns := uint64(0)
	defer func() { atomic.AddUint64(h.id, -turns) }()
	start, pause := time.Now(), 50*time.Microsecond
	for {
		// In each turn anew, since code that was only about to begin has taken the number that it found.
		atomic.AddUint64(h.id, 1)
		turns++
		for woken := true; woken; {
			select {
			case h.done <- struct{}{}:
			default:
				woken = false
			}
		}
		cell, routines := ended()
		passed := time.Since(start)
		switch {
		case cell && routines:
			return false
		case cell && passed > settleGrace && (passed > grace || !interpreting()):
			return false
		case !cell && passed > grace:
			return true
		}
		time.Sleep(pause)
		pause = min(2*pause, 2*time.Millisecond)
	}
}

// interpreting reports whether a goroutine is about to run interpreted code.
func interpreting() bool {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for _, g := range bytes.Split(buf, []byte("\n\n")) {
		header, stack, _ := strings.Cut(string(g), "\n")
		if strings.Contains(header, "[run") && strings.Contains(stack, interpreterPackage+".runCfg(") {
			return true
		}
	}
	return false
}
