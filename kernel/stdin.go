package kernel

import (
	"io"
	"sync"
)

// inputs hands what users type to the cell that waits for it.
type inputs struct {
	mu      sync.Mutex
	waiting *inputWait
}

type inputWait struct {
	session string
	answer  chan inputAnswer // of capacity 1
}

type inputAnswer struct {
	text string
	err  error
}

// expect announces that an answer of the client of r is awaited, and returns a function that waits for it.
func (in *inputs) expect(r *request) func() (string, error) {
	w := &inputWait{session: r.Header.Session, answer: make(chan inputAnswer, 1)}
	in.mu.Lock()
	if old := in.waiting; old != nil {
		old.answer <- inputAnswer{err: errInterrupted}
	}
	in.waiting = w
	in.mu.Unlock()
	return func() (string, error) {
		a := <-w.answer
		return a.text, a.err
	}
}

// eof is what clients send when the user ends the input (Ctrl-D), as ipykernel has it.
const eof = "\x04"

// take takes a message of the stdin channel. One that nobody waits for is dropped: it answers a cell that is gone.
func (in *inputs) take(r *request) {
	if r.Header.MsgType != "input_reply" {
		return
	}
	var reply struct {
		Value string `json:"value"`
	}
	a := inputAnswer{}
	if a.err = r.decode(&reply); a.err == nil {
		a.text = reply.Value
		if reply.Value == eof {
			a = inputAnswer{err: io.EOF}
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waiting != nil && in.waiting.session == r.Header.Session {
		in.waiting.answer <- a
		in.waiting = nil
	}
}

// cancel ends the wait, if there is one.
func (in *inputs) cancel(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waiting != nil {
		in.waiting.answer <- inputAnswer{err: err}
		in.waiting = nil
	}
}
