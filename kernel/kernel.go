package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"swingby/kernel/history"
	"swingby/kernel/wire"
	"swingby/kernel/worker"
)

// Options says how a kernel runs; the zero value is ready to use.
type Options struct {
	// Version is the version of the program, which kernel_info reports; empty means "dev".
	Version string
	// Dir is the working directory of cells; empty means that of the process.
	Dir string
	// History is the file that remembers cells across restarts and kernels; empty means that this kernel's history
	// ends with it. See package history.
	History string
	// Start starts a worker; nil means worker.Start with this executable.
	Start func(worker.Options) (Worker, error)
	// Log takes a line for each message or peer that was refused; nil means standard error.
	Log io.Writer
	// Ready, if not nil, is called once all sockets are open.
	Ready func()
}

// Run is a kernel: it opens the sockets that a connection file names and serves them until a client asks for
// shutdown, ctx ends, the process is told to terminate, or the program that started it is gone. All of these
// are ordinary ends, so Run returns nil; its errors are one line that says what to do.
func Run(ctx context.Context, connectionFile string, opts Options) error {
	conn, err := wire.ReadConnection(connectionFile)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k := &kernel{
		began:    time.Now(),
		opts:     opts,
		conn:     conn,
		codec:    wire.NewCodec(conn.Key),
		ctx:      ctx,
		stop:     cancel,
		queue:    newQueue(),
		turn:     make(chan struct{}, 1),
		commTurn: make(chan struct{}, 1),
		aborts:   make(map[line]failedCell),
	}
	if k.opts.Log == nil {
		k.opts.Log = os.Stderr
	}
	k.opts.Log = &patientLog{w: k.opts.Log}
	// Standard error may be a pipe whose reader has gone. Without this the next line of the log would end the process; ignored, the
	// signal would be so for the commands of cells, too.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	if k.opts.Version == "" {
		k.opts.Version = "dev"
	}
	if k.opts.Start == nil {
		k.opts.Start = func(o worker.Options) (Worker, error) {
			w, err := worker.Start(o)
			if err != nil {
				return nil, err // not a nil *worker.Worker in an interface
			}
			return w, nil
		}
	}
	for _, warning := range conn.Exposure(connectionFile) {
		k.logf("%s", warning)
	}
	// The sockets come first: a client that tries to connect too early waits for 100 ms before it tries again.
	// The first worker starts beside what follows; only cells wait for it.
	if err := k.listen(); err != nil {
		return err
	}
	k.keeper = newKeeper(k)
	k.history = history.Open(k.opts.History, k.logf)
	k.serve()
	k.watch() // before anybody is told, who may end and leave this process alone
	if k.opts.Ready != nil {
		k.opts.Ready()
	}
	<-ctx.Done()
	k.close()
	return nil
}

// kernel is the state of one Run.
type kernel struct {
	opts  Options
	conn  *wire.Connection
	codec *wire.Codec
	ctx   context.Context
	stop  context.CancelCauseFunc
	began time.Time

	sockets   map[wire.Channel]*wire.Socket
	pub       *publisher
	queue     *queue
	subshells subshells
	keeper    *keeper
	history   *history.Store
	comms     comms
	input     inputs
	loops     sync.WaitGroup

	turn     chan struct{} // holds a token while somebody has the interpreter
	commTurn chan struct{} // holds a token while messages of comms are being handled

	count atomic.Int64 // of the last numbered cell; changed by who has the turn only

	// Touched by who has the turn only.
	aborts map[line]failedCell // the last that failed with stop_on_error

	mu      sync.Mutex
	running *execution // the cell that runs, or nil
	beside  *execution // functions of comms that run beside it, or nil
	last    *execution // the cell that ran last
	cells   []*request // requests of cells from before their busy until before their idle, the one that has the turn first
}

func (k *kernel) logf(format string, args ...any) {
	fmt.Fprintf(k.opts.Log, "swingby kernel: "+format+"\n", args...)
}

// listen opens the five sockets, or none.
func (k *kernel) listen() (err error) {
	k.sockets = make(map[wire.Channel]*wire.Socket)
	defer func() {
		if err != nil {
			for _, s := range k.sockets {
				s.Close()
			}
		}
	}()
	bound := make(chan struct{})
	for _, ch := range wire.Channels {
		cfg := wire.Config{Channel: ch, Logf: k.logf}
		if ch == wire.IOPub {
			cfg.Subscribed = func(topic string) {
				<-bound
				k.pub.welcome(topic)
			}
			cfg.Dropped = func(unread int) {
				k.mu.Lock()
				e := k.running
				if e == nil {
					e = k.last
				}
				k.mu.Unlock()
				<-bound
				k.pub.lost(e, unread)
			}
		}
		if k.sockets[ch], err = wire.Listen(k.conn, cfg); err != nil {
			delete(k.sockets, ch)
			return err
		}
	}
	k.pub = newPublisher(k.ctx, k.sockets[wire.IOPub], k.codec, k.logf)
	close(bound)
	return nil
}

// serve starts the goroutines of the channels.
func (k *kernel) serve() {
	k.pub.status(nil, "starting")
	k.goLoop(func() {
		hb := k.sockets[wire.Heartbeat]
		for {
			frames, err := hb.Recv()
			if err != nil {
				return
			}
			hb.Send(frames)
		}
	})
	k.receive(wire.Control, k.dispatchControl)
	k.receive(wire.Shell, k.route)
	k.receive(wire.Stdin, k.input.take)
	k.goLoop(func() { k.execute(k.queue) })
}

func (k *kernel) goLoop(f func()) {
	k.loops.Add(1)
	go func() {
		defer k.loops.Done()
		f()
	}()
}

// errOwn is why a message is dropped that the kernel has signed itself. Whoever subscribes to iopub has some: sent back, a comm_msg
// would call functions of cells.
var errOwn = errors.New("kernel: it is one of this kernel's own")

// receive reads the messages of one channel for as long as the kernel lives.
func (k *kernel) receive(ch wire.Channel, handle func(*request)) {
	sock := k.sockets[ch]
	k.goLoop(func() {
		for {
			frames, err := sock.Recv()
			if err != nil {
				return
			}
			m, err := k.codec.Decode(frames)
			if err == nil && m.Header.Session == k.codec.Session {
				err = errOwn
			}
			if err != nil {
				k.logf("%s: dropped a message: %v", ch, err)
				continue
			}
			handle(&request{Message: m, channel: ch, received: time.Now()})
		}
	})
}

// protect runs the handler of a request. A mistake in it costs that request, not the kernel.
func (k *kernel) protect(r *request, handler func(*request)) {
	defer func() {
		if p := recover(); p != nil {
			k.logf("%s: panic while handling %s: %v\n%s", r.channel, r.Header.MsgType, p, debug.Stack())
			k.replyError(r, &requestError{fmt.Sprintf("kernel: internal error: %v", p)})
		}
	}()
	handler(r)
}

// watch reacts to signals and to the end of the process that started this one.
func (k *kernel) watch() {
	c := make(chan os.Signal, 4)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // which nohup arranges
		signal.Notify(c, syscall.SIGHUP)
	}
	k.goLoop(func() {
		defer signal.Stop(c)
		for {
			select {
			case <-k.ctx.Done():
				return
			case s := <-c:
				if s == os.Interrupt {
					// Ctrl-C in the terminal of a console reaches everything that runs in it.
					k.interrupt()
					continue
				}
				k.stop(fmt.Errorf("kernel: %v", s))
			}
		}
	})
	if gone := parentGone(os.Getenv("JPY_PARENT_PID")); gone != nil {
		k.goLoop(func() {
			for {
				select {
				case <-k.ctx.Done():
					return
				case <-time.After(time.Second):
					if gone() {
						k.logf("the program that started this kernel is gone")
						k.stop(fmt.Errorf("kernel: parent is gone"))
					}
				}
			}
		})
	}
}

// close ends the worker and sends what is still queued.
func (k *kernel) close() {
	var both sync.WaitGroup
	both.Add(1)
	go func() {
		defer both.Done()
		k.keeper.close()
	}()
	both.Add(1)
	go func() {
		defer both.Done()
		k.history.Close()
	}()
	k.input.cancel(errCellEnded)
	k.pub.flush()
	var all sync.WaitGroup
	for _, s := range k.sockets {
		all.Add(1)
		go func() {
			defer all.Done()
			s.Close()
		}()
	}
	all.Wait()
	both.Wait()
	k.loops.Wait()
}
