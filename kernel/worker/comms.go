package worker

import (
	"context"
	"fmt"

	"swingby/kernel/cell"
	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// commsBody is the body of a comms frame.
type commsBody struct {
	// Parent is the request that output belongs to.
	Parent   string       `json:"parent,omitempty"`
	Messages []comm.Frame `json:"messages"`
}

// Comms gives messages of comms to the child, in order, and returns when the functions that
// cells have set for them have run and all they have shown has been given to Options.Output.
// They run when no cell does. parent is the identity of the request that the output belongs to.
//
// Interrupt stops them, as it stops a cell; so does the end of ctx. A panic in one is output
// of kind "error", and no error of Comms. When the worker has died, the error is a *Death.
func (w *Worker) Comms(ctx context.Context, parent string, messages []comm.Frame) error {
	id, ch := w.expect()
	w.mu.Lock()
	free := w.running == 0
	if free {
		w.running = id
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		if w.running == id {
			w.running = 0
		}
		w.mu.Unlock()
	}()
	if err := w.frames.sendBody("comms", id, commsBody{parent, messages}); err != nil {
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
			size := len(body)
			s.flow.acquire(size)
			if err = s.sendOrdered("comm", 0, body); err != nil {
				s.flow.release(1, size)
			}
			return err
		},
		Report: func(v any) {
			if p, ok := s.session.(interface{ Panicked(any) *cell.Error }); ok {
				s.reportError(errorOf(p.Panicked(v)))
				return
			}
			s.reportError(errorOf(fmt.Errorf("panic: %v", v)))
		},
	})
	go s.arrivals()
}

// reportError shows an error that is not that of a cell.
func (s *server) reportError(e *Error) {
	s.publish(display.Event{Kind: "error", Bundle: display.Bundle{Data: map[string]any{
		"ename": e.Name, "evalue": e.Value, "traceback": e.Traceback,
	}}})
}

// queueComms takes a comms frame; it does not block.
func (s *server) queueComms(f *frame) error {
	a := &arrival{id: f.ID}
	if err := f.decode(&a.body); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.ctx = ctx
	s.mu.Lock()
	s.cancels[f.ID] = cancel
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
	body commsBody
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
			x := &execution{id: a.id, ctx: a.ctx, calls: &calls{a.body.Parent, later}}
			if len(later) == 0 {
				s.endComms(x)
				continue
			}
			s.work <- x
		}
	}
}

// callAll calls what a comms frame has left to be called.
func (s *server) callAll(x *execution) {
	comm.SetParent(x.calls.parent)
	caller, ok := s.session.(interface {
		Call(ctx context.Context, f func()) error
	})
	if !ok {
		caller = plainCaller{}
	}
	// One that fails is no reason not to call the others; an interrupt is.
	for _, f := range x.calls.list {
		if x.ctx.Err() != nil {
			break
		}
		if err := caller.Call(x.ctx, f); err != nil {
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

// plainCaller calls functions for a session that runs no cells.
type plainCaller struct{}

func (plainCaller) Call(_ context.Context, f func()) error {
	return guard(func() error {
		f()
		return nil
	})
}
