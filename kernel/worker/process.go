package worker

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a worker is started; the zero value is ready to use.
type Options struct {
	// Command is the program and its arguments, which must call Serve. Nil
	// means this executable with the argument "worker".
	Command []string
	// Dir is the working directory of the cells; empty means the parent's.
	Dir string
	// Env is the child's environment; nil means the parent's.
	Env []string
	// Output takes what cells print and display, in order and never two at once.
	// While it blocks, so does the printing cell. It must not call Execute or Close.
	// Nil discards all output.
	Output func(Event)
	// Raw passes on what cells print byte by byte. Otherwise bytes that are not
	// UTF-8 become U+FFFD, since a front end takes text.
	Raw bool
	// Input answers a cell that reads its standard input: one line, without its
	// newline. An error refuses and becomes the cell's error; io.EOF ends the input. It is called on a goroutine of
	// its own. Nil refuses all input.
	Input func(prompt string, password bool) (string, error)

	connect func(*exec.Cmd) (net.Conn, error) // nil: what the system offers
	ooms    func() (uint64, bool)             // nil: what the system has counted
}

// A Worker is a child process that holds a session. Its methods may be called from any goroutine.
type Worker struct {
	opts   Options
	cmd    *exec.Cmd
	conn   net.Conn
	frames frameWriter
	nonce  [nonceLen]byte
	ooms   func() (uint64, bool) // see oomKills
	before uint64                // ooms at the start

	turn  chan struct{} // held by the Execute that runs
	count atomic.Int64  // execution count for events
	ready chan struct{} // closed at the ready frame
	done  chan struct{} // closed when death is set and all is delivered
	death *Death        // valid once done is closed

	exited chan struct{} // closed when the process has been waited for
	pongs  chan uint64

	mu          sync.Mutex
	lastID      uint64
	pending     map[uint64]chan result
	running     uint64    // id of the execute request under way
	interrupted time.Time // when it was first interrupted
	beside      uint64    // functions of comms beside it
	ended       bool      // no call can become pending any more
	requested   string    // why we ended the process ourselves
	protocolErr error     // why the connection was given up
}

// Start starts a worker. It returns as soon as the process runs; requests
// may follow at once and wait in the child until its interpreter is ready.
func Start(opts Options) (*Worker, error) {
	command := opts.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("worker: cannot find this executable: %w", err)
		}
		command = []string{self, "worker"}
	}
	w := &Worker{
		opts:    opts,
		turn:    make(chan struct{}, 1),
		ready:   make(chan struct{}),
		done:    make(chan struct{}),
		exited:  make(chan struct{}),
		pongs:   make(chan uint64, 4),
		pending: make(map[uint64]chan result),
	}
	if w.ooms = opts.ooms; w.ooms == nil {
		w.ooms = func() (uint64, bool) { return oomKills(os.ReadFile) }
	}
	w.before, _ = w.ooms()
	if _, err := rand.Read(w.nonce[:]); err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("worker: cannot make a pipe: %w", err)
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		closeAll(outR, outW)
		return nil, fmt.Errorf("worker: cannot make a pipe: %w", err)
	}
	growPipe(outR)
	growPipe(errR)

	w.cmd = exec.Command(command[0], command[1:]...)
	w.cmd.Dir = opts.Dir
	w.cmd.Env = childEnv(opts.Env)
	w.cmd.Stdout = outW
	w.cmd.Stderr = errW
	ownGroup(w.cmd)
	connect := opts.connect
	if connect == nil {
		connect = startConnected
	}
	w.conn, err = connect(w.cmd)
	closeAll(outW, errW)
	if err != nil {
		closeAll(outR, errR)
		return nil, fmt.Errorf("worker: cannot start %s: %w", command[0], err)
	}
	w.frames.w = connWriter{w.conn}

	outC, errC := make(chan chunk), make(chan chunk)
	hurryOut, hurryErr := make(chan struct{}, 1), make(chan struct{}, 1)
	go readPipe(outR, w.nonce, opts.Raw, outC, hurryOut, w.done)
	go readPipe(errR, w.nonce, opts.Raw, errC, hurryErr, w.done)
	received := make(chan *frame, maxInFlight+8)
	go w.receive(received)
	go func() {
		_ = w.cmd.Wait() // the status is in ProcessState
		close(w.exited)
	}()
	d := &delivery{
		w:        w,
		out:      &pipe{name: "stdout", file: outR, chunks: outC, hurry: hurryOut},
		err:      &pipe{name: "stderr", file: errR, chunks: errC, hurry: hurryErr},
		received: received,
	}
	go d.run()
	// An error here is the connection's and shows as the worker's death.
	_ = w.frames.sendBody("hello", 0, helloBody{Version: protocolVersion, Nonce: hex.EncodeToString(w.nonce[:])})
	return w, nil
}

// childEnv returns the environment env, nil for our own, as the child needs it.
func childEnv(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	env = slices.Clone(env)
	if !slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOTRACEBACK=") }) {
		env = append(env, "GOTRACEBACK=none")
	}
	return env
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// receive reads frames until the connection ends. Frames with a place in the
// output go to ordered, which is closed at the end; the others are handled here.
func (w *Worker) receive(ordered chan<- *frame) {
	defer close(ordered)
	r := bufio.NewReaderSize(w.conn, 64<<10)
	for {
		f, err := readFrame(r)
		if err != nil {
			w.connectionLost(err)
			return
		}
		switch f.Type {
		case "display", "comm", "text", "input", "execute_reply", "comms_reply":
			ordered <- f
		case "pong":
			select {
			case w.pongs <- f.ID:
			default:
			}
		case "ready":
			var body readyBody
			if err := f.decode(&body); err == nil && body.Version != protocolVersion {
				w.connectionLost(protocolError(fmt.Sprintf("the child speaks version %d of the protocol, this program version %d: start it again", body.Version, protocolVersion)))
				return
			}
			select {
			case <-w.ready:
			default:
				close(w.ready)
			}
		default: // replies; unknown ones have no pending call
			w.resolve(f)
		}
	}
}

// connectionLost ends a process that does not end by itself when its connection has.
func (w *Worker) connectionLost(err error) {
	if pe := protocolError(""); errors.As(err, &pe) {
		w.giveUp(err)
		return
	}
	go func() {
		t := time.NewTimer(2 * time.Second)
		defer t.Stop()
		select {
		case <-w.exited:
		case <-t.C:
			w.giveUp(errors.New("worker: the child closed its connection"))
		}
	}()
}

// giveUp ends a process that cannot be understood.
func (w *Worker) giveUp(err error) {
	w.mu.Lock()
	if w.protocolErr == nil {
		w.protocolErr = err
	}
	w.mu.Unlock()
	w.killProcess()
}

// Ready is closed when the interpreter is warm. Nobody need wait for it: requests queue.
func (w *Worker) Ready() <-chan struct{} { return w.ready }

// Done is closed when the worker has ended and all its output has been delivered.
func (w *Worker) Done() <-chan struct{} { return w.done }

// Err returns nil while the worker lives and its *Death once Done is closed.
func (w *Worker) Err() error {
	select {
	case <-w.done:
		return w.death
	default:
		return nil
	}
}

// PID is the process id of the child.
func (w *Worker) PID() int { return w.cmd.Process.Pid }

// Kill ends the worker and the commands it has started, at once. It does not
// wait; see Done.
func (w *Worker) Kill() { w.kill("killed") }

func (w *Worker) kill(why string) {
	w.request(why)
	w.killProcess()
}

// killProcess kills the process group, unless the process has been waited for:
// its number may have a new owner by then.
func (w *Worker) killProcess() {
	select {
	case <-w.exited:
	default:
		killGroup(w.cmd.Process)
	}
}

// request notes that the end to come is our own doing.
func (w *Worker) request(why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.exited:
	default:
		if w.requested == "" {
			w.requested = why
		}
	}
}

const (
	closePolitely = time.Second     // for the child to exit by itself
	closeForcibly = 3 * time.Second // for the rest, should Output block
)

// Close asks the worker to exit, ends it if it does not within a second, and returns
// when it has ended and its output has been delivered. Closing again does nothing.
func (w *Worker) Close() error {
	w.request("closed")
	go w.frames.send(&frame{Type: "shutdown"}) // if it cannot be asked it will be killed
	t := time.NewTimer(closePolitely)
	defer t.Stop()
	select {
	case <-w.exited:
	case <-t.C:
		w.killProcess()
	}
	t.Reset(closeForcibly)
	select {
	case <-w.done:
		return nil
	case <-t.C:
		return errors.New("worker: closed, but its output has not been taken")
	}
}

// errConnection marks errors of the connection as against those of a frame.
var errConnection = errors.New("worker: connection lost")

type connWriter struct{ c net.Conn }

func (cw connWriter) Write(b []byte) (int, error) {
	n, err := cw.c.Write(b)
	if err != nil {
		err = fmt.Errorf("%w: %w", errConnection, err)
	}
	return n, err
}
