package kernel

import (
	"io"
	"slices"
	"sync"
)

// inputs hands what users type to the cell that waits for it. Who asks while another waits, as goroutines of a cell may, is
// next in line: a client shows one prompt at a time.
type inputs struct {
	mu   sync.Mutex
	line []*inputWait // the first has its turn
}

type inputWait struct {
	session string
	turn    chan struct{}    // closed when the client is to be asked
	answer  chan inputAnswer // of capacity 1
}

type inputAnswer struct {
	text string
	err  error
}

// enter announces that an answer of the client of r is awaited.
func (in *inputs) enter(r *request) *inputWait {
	w := &inputWait{session: r.Header.Session, turn: make(chan struct{}), answer: make(chan inputAnswer, 1)}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.line = append(in.line, w); len(in.line) == 1 {
		close(w.turn)
	}
	return w
}

// leave is what answers w, if nothing has.
func (in *inputs) leave(w *inputWait, a inputAnswer) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.leaveLocked(w, a)
}

func (in *inputs) leaveLocked(w *inputWait, a inputAnswer) {
	at := slices.Index(in.line, w)
	if at < 0 {
		return
	}
	in.line = slices.Delete(in.line, at, at+1)
	w.answer <- a
	if at == 0 && len(in.line) > 0 {
		close(in.line[0].turn)
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
	if len(in.line) > 0 && in.line[0].session == r.Header.Session {
		in.leaveLocked(in.line[0], a)
	}
}

// cancel ends all waits.
func (in *inputs) cancel(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, w := range in.line {
		w.answer <- inputAnswer{err: err}
	}
	in.line = nil
}
