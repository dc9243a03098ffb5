package worker

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"swingby/kernel/cell"
	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// CommsRequest is messages of comms for the child, in order.
type CommsRequest struct {
	// Parent is the identity of the request that the output belongs to.
	Parent string `json:"parent,omitempty"`
	// Beside has the functions that cells have set for the messages run at once, beside the cell
	// that runs, and not after it.
	Beside   bool         `json:"beside,omitempty"`
	Messages []comm.Frame `json:"messages"`
}

// Comms gives messages of comms to the child and returns when the functions that
// cells have set for them have run and all they have shown has been given to Options.Output, with
// Event.Beside if they ran beside a cell.
//
// Interrupt stops them, as it stops a cell, unless they run beside one: then it stops the cell, and them with it.
// So does the end of ctx. A panic in one is output
// of kind "error", and no error of Comms. When the worker has died, the error is a *Death.
func (w *Worker) Comms(ctx context.Context, req CommsRequest) error {
	id, ch := w.expect()
	w.mu.Lock()
	if w.running == 0 {
		w.running, w.interrupted = id, time.Time{}
	}
	if req.Beside {
		w.beside = id
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		if w.running == id {
			w.running = 0
		}
		if w.beside == id {
			w.beside = 0
		}
		w.mu.Unlock()
	}()
	if err := w.frames.sendBody("comms", id, req); err != nil {
		if err := w.sendFailed(id, err); err != nil {
			return err
		}
	}
	done := ctx.Done()
	for {
		select {
		case r := <-ch:
			return r.err
		case <-done:
			done = nil
			_ = w.interrupt(id) // a failure shows as the worker's death
		}
	}
}

// The child's side.

// calls is the functions that a comms frame has left to be called.
type calls struct {
	parent string
	beside bool
	list   []func()
}

// connectComms makes the child's comms reach the parent.
func (s *server) connectComms() {
	comm.Connect(comm.Link{
		Send: func(f comm.Frame) error {
			body, err := encodeJSON(f)
			if err != nil {
				return err
			}
			return s.sendShown("comm", body)
		},
		Report: func(v any) {
			if p, ok := s.session.(interface{ Panicked(any) *cell.Error }); ok {
				s.reportError(errorOf(p.Panicked(v)))
				return
			}
			s.reportError(errorOf(fmt.Errorf("panic: %v", v)))
		},
	})
	display.SetLanes(func() (int64, func(func())) {
		lane := comm.Lane()
		return lane, func(f func()) { comm.InLane(lane, f) }
	})
	go s.arrivals()
}

// reportError shows an error that is not that of a cell.
func (s *server) reportError(e *Error) {
	display.Publish(display.Event{Kind: "error", Bundle: display.Bundle{Data: map[string]any{
		"ename": e.Name, "evalue": e.Value, "traceback": e.Traceback,
	}}})
}

// queueComms takes a comms frame; it does not block.
func (s *server) queueComms(f *frame) error {
	a := &arrival{id: f.ID}
	if err := f.decode(&a.body); err != nil {
		return err
	}
	a.ctx = s.cancellable(f.ID)
	s.mu.Lock()
	s.arrived = append(s.arrived, a)
	s.mu.Unlock()
	select {
	case s.arriving <- struct{}{}:
	default:
	}
	return nil
}

// An arrival is a comms frame.
type arrival struct {
	id   uint64
	body CommsRequest
	ctx  context.Context
}

// arrivals delivers messages in order. What must wait for the end of a cell takes its turn among the cells.
func (s *server) arrivals() {
	for range s.arriving {
		s.mu.Lock()
		list := s.arrived
		s.arrived = nil
		s.mu.Unlock()
		for _, a := range list {
			later := comm.Deliver(a.body.Messages)
			x := &execution{id: a.id, ctx: a.ctx, calls: &calls{a.body.Parent, a.body.Beside, later}}
			if len(later) == 0 {
				s.endComms(x)
				continue
			}
			if a.body.Beside {
				s.besides <- x
			} else {
				s.work <- x
			}
		}
	}
}

// besideOutput takes what cells print by package fmt in functions that run beside a cell.
type besideOutput struct{ s *server }

func (o besideOutput) Write(p []byte) (int, error) {
	body, err := encodeJSON(textBody{strings.ToValidUTF8(string(p), "\uFFFD")})
	if err == nil {
		err = o.s.sendShown("text", body)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// stdout is where fmt.Println prints when the calling goroutine calls it.
func (s *server) stdout() io.Writer {
	if comm.Lane() != 0 {
		return besideOutput{s}
	}
	return os.Stdout
}

// callBesides calls functions beside cells, one after the other.
func (s *server) callBesides() {
	<-s.warm
	for x := range s.besides {
		comm.Beside(func() { s.callAll(x) })
	}
}

// callAll calls what a comms frame has left to be called.
func (s *server) callAll(x *execution) {
	comm.SetParent(x.calls.parent)
	var call func(ctx context.Context, f func()) error
	switch session := s.session.(type) {
	case interface {
		Call(ctx context.Context, f func()) error
		CallBeside(ctx context.Context, f func()) error
	}:
		call = session.Call
		if x.calls.beside {
			call = func(ctx context.Context, f func()) error {
				return session.CallBeside(ctx, func() { // on a goroutine of its own
					comm.Beside(func() {
						comm.SetParent(x.calls.parent)
						f()
					})
				})
			}
		}
	default:
		call = plainCall
	}
	// One that fails is no reason not to call the others; an interrupt is.
	for _, f := range x.calls.list {
		if x.ctx.Err() != nil {
			break
		}
		if err := call(x.ctx, f); err != nil {
			s.reportError(errorOf(err))
		}
	}
	s.endComms(x)
}

func (s *server) endComms(x *execution) {
	s.mu.Lock()
	cancel := s.cancels[x.id]
	delete(s.cancels, x.id)
	s.mu.Unlock()
	cancel()
	_ = s.sendOrdered("comms_reply", x.id, nil) // fails only when the parent is gone
}

// plainCall calls a function for a session that runs no cells.
func plainCall(_ context.Context, f func()) error {
	return guard(func() error {
		f()
		return nil
	})
}
