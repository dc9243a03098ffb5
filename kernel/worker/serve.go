package worker

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"swingby/kernel/cell"
	"swingby/kernel/comm"
	"swingby/kernel/display"
	"swingby/simlib/provenance"
)

const (
	// maxStack ends an endless recursion that package cell has not; Go's own limit is twice that.
	maxStack = 512 << 20
	// idleBefore is how long a warm worker has had nothing to do when it returns memory.
	idleBefore = 300 * time.Millisecond
)

// A session is what the child serves: *cell.Session, or a script in tests.
type session interface {
	Execute(ctx context.Context, count int, src string) (cell.Result, error)
	Eval(ctx context.Context, expr string) (cell.Result, error)
	Complete(src string, cursor int) cell.Completion
	Inspect(src string, cursor, detail int) (plain, markdown string, ok bool)
	IsComplete(src string) (status, indent string)
}

// Serve is the main function of the child process. It returns nil when the
// parent asks it to or is gone; the program should then exit. It
// returns an error when the process was not started by Start.
//
// It belongs into a program that does nothing else: it sets the stack and memory limits,
// display's publisher and the environment of the whole process.
func Serve() error {
	return serve(func(cfg cell.Config) (session, error) { return cell.New(cfg) })
}

// A server is the state of the child.
type server struct {
	frames frameWriter

	warm       chan struct{} // closed when session or sessionErr is set
	session    session
	sessionErr error

	order    sync.Mutex // held from writing a mark to sending its frame
	lastMark uint64
	nonce    [nonceLen]byte
	outputs  [2]*os.File // for marks; descriptors of our own

	flow    flow
	stdin   *stdin
	work    chan *execution
	besides chan *execution // functions of comms that run beside cells
	idle    *time.Timer     // until memory is returned, once

	mu        sync.Mutex
	cancels   map[uint64]context.CancelFunc // of cells that run or wait
	early     uint64                        // the request last interrupted that was not among them: it is to come, or is over
	running   context.Context               // of the cell that runs, else nil
	lastInput uint64
	inputs    map[uint64]chan inputReplyBody
	arrived   []*arrival    // comms not yet delivered
	arriving  chan struct{} // has a token when there may be some
}

// An execution is one execute request on its way, or calls of comms.
type execution struct {
	id    uint64
	req   ExecuteRequest
	ctx   context.Context
	calls *calls
}

func serve(newSession func(cell.Config) (session, error)) error {
	where := os.Getenv(envSocket)
	if where == "" {
		return errors.New("worker: " + envSocket + " is not set: this command is started by swingby itself, not by hand")
	}
	// User code and the commands it starts are not to see these.
	os.Unsetenv(envSocket)
	if os.Getenv("GOTRACEBACK") == "none" {
		os.Unsetenv("GOTRACEBACK")
	}
	debug.SetMaxStack(maxStack)
	limitMemory()

	s := &server{
		warm:    make(chan struct{}),
		work:    make(chan *execution, 64),
		besides: make(chan *execution, 64),
		cancels: make(map[uint64]context.CancelFunc),
		inputs:  make(map[uint64]chan inputReplyBody),

		arriving: make(chan struct{}, 1),
	}
	s.stdin = &stdin{server: s}
	s.flow.init()
	go s.build(newSession)

	conn, err := dialParent(where)
	if err != nil {
		return fmt.Errorf("worker: cannot reach the parent process: %w", err)
	}
	defer conn.Close()
	s.frames.w = conn
	r := bufio.NewReaderSize(conn, 64<<10)
	if err := s.greet(r); err != nil {
		return quiet(err)
	}
	go s.executeAll()
	go s.callBesides()
	display.SetPublisher(s.publish)
	display.SetStdout(s.stdout)
	s.connectComms()
	display.SetPrompter(s.stdin.Prompt)
	display.SetTypeSource(s.underlying)
	defer s.stopRunning()
	for {
		f, err := readFrame(r)
		if err != nil {
			return quiet(err)
		}
		if f.Type == "shutdown" {
			return nil
		}
		if err := s.handle(f); err != nil {
			return err
		}
	}
}

// stopRunning interrupts the cell that runs before the process ends, so that
// the commands it has started end too.
func (s *server) stopRunning() {
	s.mu.Lock()
	running := len(s.cancels) > 0
	for _, cancel := range s.cancels {
		cancel()
	}
	s.mu.Unlock()
	if running {
		time.Sleep(lastGrace)
	}
}

// lastGrace is what a command has between the interrupt and the end of the process.
const lastGrace = 150 * time.Millisecond

// underlying tells display what a type of a cell is made of.
func (s *server) underlying(name string) string {
	<-s.warm
	if t, ok := s.session.(interface{ Underlying(string) string }); ok {
		return t.Underlying(name)
	}
	return ""
}

// quiet turns the end of the connection, however it came about, into a plain end.
func quiet(err error) error {
	if pe := protocolError(""); errors.As(err, &pe) {
		return err
	}
	return nil
}

// greet reads the first frame and makes ready to write marks.
func (s *server) greet(r io.Reader) error {
	f, err := readFrame(r)
	if err != nil {
		return err
	}
	var hello helloBody
	if err := f.decode(&hello); err != nil {
		return err
	}
	nonce, err := hex.DecodeString(hello.Nonce)
	switch {
	case f.Type != "hello":
		return protocolError(fmt.Sprintf("the first frame is %q, not \"hello\"", f.Type))
	case hello.Version != protocolVersion:
		return protocolError(fmt.Sprintf("the parent speaks version %d of the protocol, this program version %d", hello.Version, protocolVersion))
	case err != nil || len(nonce) != nonceLen:
		return protocolError("hello without a nonce of 16 bytes")
	}
	copy(s.nonce[:], nonce)
	for i := range s.outputs {
		if s.outputs[i], err = dupOutput(i + 1); err != nil {
			return protocolError("cannot duplicate an output: " + err.Error())
		}
	}
	return nil
}

// build makes the session while the parent may already be sending requests.
func (s *server) build(newSession func(cell.Config) (session, error)) {
	err := guard(func() (err error) {
		s.session, err = newSession(cell.Config{Stdin: s.stdin})
		return err
	})
	s.sessionErr = err
	// The memory that building took goes back to the system when no cell needs it.
	s.idle = time.AfterFunc(idleBefore, debug.FreeOSMemory)
	close(s.warm)
}

// handle takes one request. It must not block, so that the next can be an interrupt.
func (s *server) handle(f *frame) error {
	switch f.Type {
	case "execute":
		x := &execution{id: f.ID}
		if err := f.decode(&x.req); err != nil {
			return err
		}
		x.ctx = s.cancellable(f.ID)
		s.work <- x // the parent sends one at a time
	case "interrupt":
		s.mu.Lock()
		cancel := s.cancels[f.ID]
		if cancel == nil {
			s.early = f.ID
		}
		s.mu.Unlock()
		if cancel != nil {
			cancel()
		}
	case "comms":
		return s.queueComms(f)
	case "complete", "inspect", "is_complete", "manifest":
		var q queryBody
		if err := f.decode(&q); err != nil {
			return err
		}
		go s.query(f.Type, f.ID, q)
	case "input_reply":
		var body inputReplyBody
		if err := f.decode(&body); err != nil {
			return err
		}
		s.mu.Lock()
		ch := s.inputs[f.ID]
		delete(s.inputs, f.ID)
		s.mu.Unlock()
		if ch != nil {
			ch <- body
		}
	case "ack":
		var body ackBody
		if err := f.decode(&body); err != nil {
			return err
		}
		s.flow.release(body.Count, body.Bytes)
	case "ping":
		go s.frames.send(&frame{Type: "pong", ID: f.ID})
	}
	return nil
}

// cancellable returns the context of a request, which an interrupt ends. The parent sends from several goroutines, so
// the interrupt may be here already.
func (s *server) cancellable(id uint64) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancels[id] = cancel
	if s.early == id {
		cancel()
	}
	return ctx
}

// query answers what may be asked while a cell runs.
func (s *server) query(typ string, id uint64, q queryBody) {
	<-s.warm
	var reply any
	err := guard(func() error {
		if s.sessionErr != nil {
			return s.sessionErr
		}
		switch typ {
		case "manifest":
			reply = provenance.Current()
		case "complete":
			reply = s.complete(q.Code, q.Cursor)
		case "inspect":
			plain, markdown, ok := s.session.Inspect(q.Code, byteOffset(q.Code, q.Cursor), q.Detail)
			reply = InspectReply{Found: ok, Plain: plain, Markdown: markdown}
		case "is_complete":
			status, indent := s.session.IsComplete(q.Code)
			reply = IsCompleteReply{Status: status, Indent: indent}
		}
		return nil
	})
	if err != nil { // nothing can be said about this code; the session lives on
		switch typ {
		case "complete":
			reply = CompleteReply{Matches: []Match{}, Start: q.Cursor, End: q.Cursor}
		case "inspect":
			reply = InspectReply{}
		case "is_complete":
			reply = IsCompleteReply{Status: "unknown"}
		case "manifest":
			reply = provenance.Run{}
		}
	}
	_ = s.frames.sendBody(typ+"_reply", id, reply) // fails only when the parent is gone
}

func (s *server) complete(code string, cursor int) CompleteReply {
	c := s.session.Complete(code, byteOffset(code, cursor))
	reply := CompleteReply{
		Matches: make([]Match, len(c.Matches)),
		Start:   codePoints(code, c.Start),
		End:     codePoints(code, c.End),
	}
	for i, m := range c.Matches {
		reply.Matches[i] = Match{Text: m.Text, Kind: m.Kind, Signature: m.Signature}
	}
	return reply
}

// sendOrdered sends a frame that comes after all text printed so far.
func (s *server) sendOrdered(typ string, id uint64, body []byte) error {
	if err := fits(body); err != nil { // before the marks, behind which the parent waits for the frame
		return err
	}
	s.order.Lock()
	defer s.order.Unlock()
	s.lastMark++
	mark := appendMark(make([]byte, 0, markLen), s.nonce, s.lastMark)
	for _, f := range s.outputs {
		_, _ = f.Write(mark) // fails only when the parent is gone
	}
	return s.frames.send(&frame{Type: typ, ID: id, Mark: s.lastMark, Body: body})
}

// sendShown sends a frame that the parent acknowledges when it has shown it. It waits while many are on their way.
func (s *server) sendShown(typ string, body []byte) error {
	size := len(body)
	s.flow.acquire(size)
	err := s.sendOrdered(typ, 0, body)
	if err != nil {
		s.flow.release(1, size)
	}
	return err
}

// publish is the process's display.Publisher.
func (s *server) publish(ev display.Event) {
	body, err := encodeJSON(struct {
		Kind     string         `json:"kind"`
		Data     map[string]any `json:"data"`
		Metadata map[string]any `json:"metadata"`
		ID       string         `json:"id,omitempty"`
		Wait     bool           `json:"wait,omitempty"`
		Progress string         `json:"progress,omitempty"`
		Beside   bool           `json:"beside,omitempty"`
	}{ev.Kind, ev.Data, ev.Metadata, ev.ID, ev.Wait, ev.Progress, comm.Lane() != 0})
	if err == nil {
		err = s.sendShown("display", body)
	}
	if err != nil {
		s.notice("a display could not be shown: " + err.Error())
	}
}

// notice tells the user something that is not part of any result.
func (s *server) notice(text string) {
	fmt.Fprintf(s.outputs[1], "swingby: %s\n", text)
}

// guard calls f and returns its error, or one that tells of its panic.
func guard(f func() error) (err error) {
	done := false
	defer func() {
		if r := recover(); r != nil {
			err = &cell.Error{Name: "panic", Message: fmt.Sprint(r), Traceback: []string{"panic: " + fmt.Sprint(r)}}
		} else if !done {
			err = errors.New("worker: runtime.Goexit was called")
		}
	}()
	err = f()
	done = true
	return err
}

// byteOffset converts an offset in code points into one in bytes. Offsets outside the text mean its ends.
func byteOffset(s string, points int) int {
	for i := range s {
		if points <= 0 {
			return i
		}
		points--
	}
	return len(s)
}

// codePoints converts an offset in bytes into one in code points.
func codePoints(s string, offset int) int {
	n := 0
	for i := range s {
		if i >= offset {
			break
		}
		n++
	}
	return n
}

// A flow limits displays that are on their way.
type flow struct {
	mu    sync.Mutex
	freed *sync.Cond
	count int
	bytes int
}

func (f *flow) init() { f.freed = sync.NewCond(&f.mu) }

// acquire waits until a display of n bytes may be sent; a single one always may.
func (f *flow) acquire(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.count > 0 && (f.count >= maxInFlight || f.bytes+n > maxFlightSize) {
		f.freed.Wait()
	}
	f.count++
	f.bytes += n
}

func (f *flow) release(count, bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count -= count
	f.bytes -= bytes
	f.freed.Broadcast()
}

func newReady() readyBody {
	return readyBody{Version: protocolVersion, PID: os.Getpid(), Go: runtime.Version()}
}
