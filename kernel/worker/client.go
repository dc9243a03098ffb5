package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"swingby/simlib/provenance"
)

// stopWithin is how long Execute waits for a cell whose context has ended
// before it ends the worker.
var stopWithin = 5 * time.Second

// againAfter is how much time must lie between two interrupts of one cell for the
// second to be meant as such, and not as the same key pressed twice.
const againAfter = 500 * time.Millisecond

// A result is what a pending call waits for.
type result struct {
	frame *frame
	err   error
}

// Execute runs one cell and returns when it has ended and all it has shown has been given
// to Options.Output. An error in the cell is no error of Execute: see ExecuteReply.
// Cells run one after the other; a call waits for its turn.
//
// When ctx ends the cell is interrupted, and its reply says so. A cell that
// then does not stop within 5 s ends the worker. When ctx ends before the
// cell's turn has come, Execute returns ctx's error.
// When the worker has died, the error is a *Death.
func (w *Worker) Execute(ctx context.Context, req ExecuteRequest) (*ExecuteReply, error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.done:
		return nil, w.death
	}
	defer func() { <-w.turn }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, ch := w.expect()
	w.mu.Lock()
	w.running, w.interrupted = id, time.Time{}
	w.mu.Unlock()
	w.count.Store(int64(req.Count))
	defer func() {
		w.mu.Lock()
		w.running = 0
		w.mu.Unlock()
	}()
	if err := w.frames.sendBody("execute", id, req); err != nil {
		if err := w.sendFailed(id, err); err != nil {
			return nil, err
		}
	}
	var over <-chan time.Time
	done := ctx.Done()
	for {
		select {
		case r := <-ch:
			if r.err != nil {
				return nil, r.err
			}
			var raw rawReply
			if err := r.frame.decode(&raw); err != nil {
				return nil, err
			}
			return raw.reply(), nil
		case <-done:
			done = nil
			w.interrupt(id)
			t := time.NewTimer(stopWithin)
			defer t.Stop()
			over = t.C
		case <-over:
			over = nil
			w.kill(fmt.Sprintf("killed: the cell did not stop within %v of being interrupted", stopWithin))
		}
	}
}

// Interrupt stops the cell that is running, if any, and returns at once; the
// cell's Execute returns when it has stopped. A second Interrupt of the same cell, half a
// second or more after the first, ends the worker: the cell did not stop.
func (w *Worker) Interrupt() error {
	w.mu.Lock()
	id, last, beside := w.running, w.interrupted, w.beside
	w.mu.Unlock()
	switch {
	case id == 0 && beside == 0:
		return nil
	case id == 0:
		return w.interrupt(beside)
	case last.IsZero():
		return w.interrupt(id)
	case time.Since(last) >= againAfter:
		w.kill("killed: interrupted a second time")
	}
	return nil
}

func (w *Worker) interrupt(id uint64) error {
	w.mu.Lock()
	if w.running == id && w.interrupted.IsZero() {
		w.interrupted = time.Now()
	}
	w.mu.Unlock()
	return w.frames.send(&frame{Type: "interrupt", ID: id})
}

// Complete lists what could stand at the cursor, given in code points of code.
// It may be called while a cell runs, like Inspect and IsComplete.
func (w *Worker) Complete(ctx context.Context, code string, cursor int) (*CompleteReply, error) {
	reply := new(CompleteReply)
	return reply, w.query(ctx, "complete", queryBody{Code: code, Cursor: cursor}, reply)
}

// Inspect describes the name at the cursor, given in code points of code;
// detail is 0, or 1 for all there is.
func (w *Worker) Inspect(ctx context.Context, code string, cursor, detail int) (*InspectReply, error) {
	reply := new(InspectReply)
	return reply, w.query(ctx, "inspect", queryBody{Code: code, Cursor: cursor, Detail: detail}, reply)
}

// IsComplete says whether code can be executed as it stands.
func (w *Worker) IsComplete(ctx context.Context, code string) (*IsCompleteReply, error) {
	reply := new(IsCompleteReply)
	return reply, w.query(ctx, "is_complete", queryBody{Code: code}, reply)
}

// Manifest is what the worker says of its program, its machine and the seeds and files of its cells so far.
func (w *Worker) Manifest(ctx context.Context) (provenance.Run, error) {
	var reply provenance.Run
	err := w.query(ctx, "manifest", queryBody{}, &reply)
	return reply, err
}

func (w *Worker) query(ctx context.Context, typ string, body queryBody, reply any) error {
	id, ch := w.expect()
	if err := w.frames.sendBody(typ, id, body); err != nil {
		if err := w.sendFailed(id, err); err != nil {
			return err
		}
	}
	select {
	case r := <-ch:
		if r.err != nil {
			return r.err
		}
		return r.frame.decode(reply)
	case <-ctx.Done():
		w.forget(id)
		return ctx.Err()
	}
}

// sendFailed decides what a failed send means. When the frame was at fault, it
// returns the error. When the connection was, the worker is dying: it
// returns nil, for the pending call will be told how.
func (w *Worker) sendFailed(id uint64, err error) error {
	if !errors.Is(err, errConnection) {
		w.forget(id)
		return err
	}
	return nil
}

// expect makes a pending call, which gets its reply or the worker's death.
func (w *Worker) expect() (uint64, <-chan result) {
	ch := make(chan result, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastID++
	if w.ended {
		ch <- result{err: w.death}
	} else {
		w.pending[w.lastID] = ch
	}
	return w.lastID, ch
}

func (w *Worker) forget(id uint64) {
	w.mu.Lock()
	delete(w.pending, id)
	w.mu.Unlock()
}

// resolve gives a reply to the call that waits for it.
func (w *Worker) resolve(f *frame) {
	w.mu.Lock()
	ch := w.pending[f.ID]
	delete(w.pending, f.ID)
	w.mu.Unlock()
	if ch != nil {
		ch <- result{frame: f}
	}
}

// answer asks Options.Input on behalf of the child.
func (w *Worker) answer(f *frame) {
	var body inputBody
	var reply inputReplyBody
	err := f.decode(&body)
	if err == nil {
		if w.opts.Input == nil {
			err = errors.New("input is not available here")
		} else {
			reply.Value, err = w.opts.Input(body.Prompt, body.Password)
		}
	}
	if err != nil {
		reply = inputReplyBody{Error: err.Error(), EOF: errors.Is(err, io.EOF)}
	}
	_ = w.frames.sendBody("input_reply", f.ID, reply) // a failure shows as the worker's death
}
