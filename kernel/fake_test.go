package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"swingby/kernel/comm"
	"swingby/kernel/display"
	"swingby/kernel/worker"
)

// fakeWorker runs cells whose lines are commands:
//
//	print TEXT, err TEXT   print a line
//	lines N                print the numbers below N, a line each
//	flood N                print N blocks of 64 KiB
//	result TEXT            have a result
//	show ID, update ID     display something
//	clear                  clear the output
//	fail                   fail
//	loop                   run until interrupted
//	deaf                   run until killed
//	die REASON             end the process
//	input PROMPT           read a line, and print it
//	hold                   run until fakeKind.held is closed
//	panic                  make the kernel's own code fail
//	set TEXT, get          remember a text, print it
//	comm ID TARGET         open a comm
//
// Its comms take commands too, as the field "do" of data: those above, and
//
//	echo                   send the message back, as the answer to it
type fakeWorker struct {
	opts worker.Options
	kind *fakeKind
	done chan struct{}

	mu         sync.Mutex
	death      *worker.Death
	interrupts chan struct{}
	pending    time.Time // of the last interrupt, while a cell runs
	text       string
}

// fakeKind starts fake workers and counts them.
type fakeKind struct {
	mu      sync.Mutex
	started []*fakeWorker
	fail    error         // of every start
	delay   time.Duration // of every start
	batches []int         // lengths of what Comms got
	held    chan struct{} // for cells that hold
}

func newFakeKind() *fakeKind { return &fakeKind{held: make(chan struct{})} }

func (f *fakeKind) start(opts worker.Options) (Worker, error) {
	time.Sleep(f.delay)
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &fakeWorker{opts: opts, kind: f, done: make(chan struct{})}
	f.started = append(f.started, w)
	if f.fail != nil {
		return nil, f.fail
	}
	return w, nil
}

func (f *fakeKind) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.started)
}

func (f *fakeKind) last() *fakeWorker {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.started[len(f.started)-1]
}

func (w *fakeWorker) die(reason string) *worker.Death {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.death == nil {
		w.death = &worker.Death{Reason: reason}
		close(w.done)
	}
	return w.death
}

func (w *fakeWorker) Done() <-chan struct{} { return w.done }
func (w *fakeWorker) Err() error            { <-w.done; return w.death }
func (w *fakeWorker) Close() error          { w.die("closed"); return nil }

func (w *fakeWorker) Interrupt() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.interrupts == nil {
		return nil
	}
	if !w.pending.IsZero() && time.Since(w.pending) > 500*time.Millisecond {
		go w.die("killed: interrupted a second time")
		return nil
	}
	if w.pending.IsZero() {
		w.pending = time.Now()
		close(w.interrupts)
	}
	return nil
}

func fakeError(name, value string) *worker.ExecuteReply {
	return &worker.ExecuteReply{Status: "error", Error: &worker.Error{Name: name, Value: value, Traceback: []string{name + ": " + value}}}
}

func (w *fakeWorker) Execute(ctx context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error) {
	select {
	case <-w.done:
		return nil, w.death
	default:
	}
	w.mu.Lock()
	stop := make(chan struct{})
	w.interrupts, w.pending = stop, time.Time{}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.interrupts = nil
		w.mu.Unlock()
	}()
	out := func(stream, text string) {
		w.opts.Output(worker.Event{Stream: stream, Text: text, Count: req.Count})
	}
	reply := &worker.ExecuteReply{Status: "ok", UserExpressions: map[string]json.RawMessage{}}
	for line := range strings.Lines(req.Code) {
		verb, arg, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch verb {
		case "":
		case "print":
			out("stdout", arg+"\n")
		case "err":
			out("stderr", arg+"\n")
		case "lines":
			n, _ := strconv.Atoi(arg)
			for i := range n {
				out("stdout", fmt.Sprintln(i))
			}
		case "flood":
			n, _ := strconv.Atoi(arg)
			for range n {
				out("stdout", strings.Repeat("x", 64<<10))
			}
		case "page":
			reply.Payloads = append(reply.Payloads, worker.Payload{Page: map[string]string{"text/plain": arg}})
		case "next":
			reply.Payloads = append(reply.Payloads, worker.Payload{NextInput: arg, Replace: true})
		case "result":
			reply.Result = &display.Bundle{Data: map[string]any{"text/plain": arg}}
		case "show", "update":
			kind := map[string]string{"show": "display", "update": "update"}[verb]
			w.opts.Output(worker.Event{Display: &display.Event{Kind: kind, ID: arg, Bundle: display.Bundle{Data: map[string]any{"text/html": "<b>" + arg + "</b>"}}}})
		case "clear":
			w.opts.Output(worker.Event{Display: &display.Event{Kind: "clear", Wait: true}})
		case "fail":
			return fakeError("panic", "as asked"), nil
		case "loop":
			select {
			case <-stop:
				return fakeError("interrupted", "the cell was interrupted"), nil
			case <-w.done:
				return nil, w.death
			}
		case "deaf":
			<-w.done
			return nil, w.death
		case "die":
			return nil, w.die(arg)
		case "input":
			text, err := w.opts.Input(arg, false)
			if err != nil {
				return fakeError("input", err.Error()), nil
			}
			out("stdout", "got "+text+"\n")
		case "hold":
			w.kind.mu.Lock()
			held := w.kind.held
			w.kind.mu.Unlock()
			select {
			case <-held:
			case <-w.done:
				return nil, w.death
			}
		case "set":
			w.text = arg
		case "get":
			out("stdout", w.text+"\n")
		case "comm":
			id, target, _ := strings.Cut(arg, " ")
			w.opts.Output(worker.Event{Comm: &comm.Frame{Kind: "open", ID: id, Target: target, Data: json.RawMessage(`{"a":1}`), Metadata: json.RawMessage(`{"version":"2.1.0"}`), Buffers: [][]byte{{1, 2}}}})
		case "panic":
			panic("as asked")
		default:
			return fakeError("compile error", "In["+strconv.Itoa(req.Count)+"]:1:1: undefined: "+verb), nil
		}
	}
	for name, expr := range req.UserExpressions {
		if expr == "bad" {
			reply.UserExpressions[name] = json.RawMessage(`{"status":"error","ename":"compile error","evalue":"undefined: bad","traceback":[]}`)
		} else {
			reply.UserExpressions[name] = json.RawMessage(`{"status":"ok","data":{"text/plain":` + strconv.Quote(expr) + `},"metadata":{}}`)
		}
	}
	return reply, nil
}

func (w *fakeWorker) Comms(ctx context.Context, req worker.CommsRequest) error {
	messages := req.Messages
	w.kind.mu.Lock()
	w.kind.batches = append(w.kind.batches, len(messages))
	w.kind.mu.Unlock()
	for _, m := range messages {
		var data struct{ Do string }
		json.Unmarshal(m.Data, &data)
		switch {
		case m.Kind == "open" && m.Target != "known":
			w.opts.Output(worker.Event{Comm: &comm.Frame{Kind: "close", ID: m.ID, Cause: m.Cause}})
		case data.Do == "echo":
			m.Kind = "msg"
			w.opts.Output(worker.Event{Comm: &m})
		case data.Do != "":
			r, err := w.Execute(ctx, worker.ExecuteRequest{Code: data.Do})
			if err != nil {
				return err
			}
			if r.Error != nil {
				w.opts.Output(worker.Event{Display: &display.Event{Kind: "error", Bundle: display.Bundle{Data: map[string]any{"ename": r.Error.Name, "evalue": r.Error.Value, "traceback": r.Error.Traceback}}}})
			}
		}
	}
	return nil
}

func (w *fakeWorker) Complete(ctx context.Context, code string, cursor int) (*worker.CompleteReply, error) {
	if code == "slow" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &worker.CompleteReply{Start: 0, End: cursor, Matches: []worker.Match{{Text: "Println", Kind: "function", Signature: "func(a ...any)"}}}, nil
}

func (w *fakeWorker) Inspect(ctx context.Context, code string, cursor, detail int) (*worker.InspectReply, error) {
	if code == "nothing" {
		return &worker.InspectReply{}, nil
	}
	return &worker.InspectReply{Found: true, Plain: fmt.Sprint(code, cursor, detail), Markdown: "**" + code + "**"}, nil
}

func (w *fakeWorker) IsComplete(ctx context.Context, code string) (*worker.IsCompleteReply, error) {
	if strings.HasSuffix(code, "{") {
		return &worker.IsCompleteReply{Status: "incomplete", Indent: "\t"}, nil
	}
	return &worker.IsCompleteReply{Status: "complete"}, nil
}
