package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// The schemes under which the transport is known to zmq4. The names it has
// itself, tcp and ipc, are taken by its own transports.
const (
	schemeTCP = "swingby-tcp"
	schemeIPC = "swingby-ipc"
)

func init() {
	for _, s := range [...]string{schemeTCP, schemeIPC} {
		if err := zmq4.RegisterTransport(s, handOver{}); err != nil {
			panic(err) // the names are ours
		}
	}
}

// handOver is the transport that zmq4 knows. Listen has bound the socket before zmq4 asks for
// it, so that errors are reported in our words, and waits here to be picked up.
type handOver struct{}

var prepared struct {
	sync.Mutex
	byAddress map[string]*listener
}

func (handOver) Listen(_ context.Context, address string) (net.Listener, error) {
	prepared.Lock()
	defer prepared.Unlock()
	l := prepared.byAddress[address]
	if l == nil {
		return nil, fmt.Errorf("wire: nothing is bound to %s", address)
	}
	delete(prepared.byAddress, address)
	return l, nil
}

func (handOver) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, errors.New("wire: this transport only listens")
}

func (handOver) Addr(endpoint string) (string, error) { return endpoint, nil }

// listener accepts connections, greets each in a goroutine of its own, and gives those to zmq4 that got through.
type listener struct {
	net.Listener
	cfg    Config
	ready  chan net.Conn
	closed chan struct{}
	once   sync.Once
	live   sync.WaitGroup // connections that have bytes to send

	mu    sync.Mutex
	conns map[*conn]struct{}
	raw   map[net.Conn]struct{} // in their handshake
}

func newListener(inner net.Listener, cfg Config) *listener {
	return &listener{
		Listener: inner,
		cfg:      cfg,
		ready:    make(chan net.Conn),
		closed:   make(chan struct{}),
		conns:    make(map[*conn]struct{}),
		raw:      make(map[net.Conn]struct{}),
	}
}

func (l *listener) logf(format string, args ...any) {
	if l.cfg.Logf != nil {
		l.cfg.Logf(format, args...)
	}
}

func (l *listener) dropped(unread int) {
	if l.cfg.Dropped != nil {
		l.cfg.Dropped(unread)
	}
}

// maxGreeting bounds how many peers may be in their handshake at once; further ones wait to be accepted.
const maxGreeting = 256

// run accepts until the listener is closed. Running out of descriptors, say, passes, so it goes on after errors.
func (l *listener) run() {
	slots := make(chan struct{}, maxGreeting)
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			select {
			case <-l.closed:
				return
			case <-time.After(50 * time.Millisecond):
			}
			if errors.Is(err, net.ErrClosed) {
				return
			}
			l.logf("%s: cannot accept a connection: %v", l.cfg.Channel, err)
			continue
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			l.greet(c)
		}()
	}
}

func (l *listener) greet(c net.Conn) {
	l.mu.Lock()
	select {
	case <-l.closed:
		l.mu.Unlock()
		c.Close()
		return
	default:
	}
	l.raw[c] = struct{}{}
	l.mu.Unlock()

	c.SetDeadline(time.Now().Add(l.cfg.handshake()))
	r := bufio.NewReaderSize(c, 16<<10)
	typ, identity, err := handshake(c, r, l.cfg.kind())

	l.mu.Lock()
	delete(l.raw, c)
	if n := len(l.conns); err == nil && n >= l.cfg.maxPeers() {
		err = fmt.Errorf("%w: there are %d peers already", errHandshake, n)
	}
	if err != nil {
		l.mu.Unlock()
		if errors.Is(err, errHandshake) || errors.Is(err, errPeer) { // and not that it went away
			l.logf("%s: turned a peer away: %v", l.cfg.Channel, err)
		}
		c.Close()
		return
	}
	c.SetDeadline(time.Time{})
	name := newName(identity)
	qc := newConn(l, c, r, recording(typ, name))
	qc.name = name
	select {
	case <-l.closed:
		l.mu.Unlock()
		c.Close()
		return
	default:
	}
	l.conns[qc] = struct{}{}
	l.live.Add(1)
	l.mu.Unlock()
	go func() {
		defer l.live.Done()
		qc.drain()
		qc.Conn.Close()
		l.mu.Lock()
		delete(l.conns, qc)
		l.mu.Unlock()
	}()
	select {
	case l.ready <- qc:
	case <-l.closed:
		qc.abort()
	}
}

// Accept gives zmq4 the next peer that has completed its handshake.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops accepting; connections go on until zmq4 closes them.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	l.once.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
		for c := range l.raw {
			c.Close()
		}
	})
	return err
}

// congested reports whether a peer that is alive has more to read than the high-water mark.
func (l *listener) congested(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	yes := false
	for c := range l.conns {
		if c.waiting(now) { // asked of all, because asking is what notices a stall
			yes = true
		}
	}
	return yes
}

// bind listens on a tcp address or a unix socket. Its errors name the address and what to do.
func bind(network, address string) (net.Listener, error) {
	var l net.Listener
	var err error
	if network == "unix" {
		if err := removeStale(address); err != nil {
			return nil, err
		}
		l, err = listenPrivately(address)
	} else {
		l, err = net.Listen(network, address)
	}
	if err == nil {
		return l, nil
	}
	var oe *net.OpError
	if errors.As(err, &oe) {
		err = oe.Err
	}
	var se *os.SyscallError
	if errors.As(err, &se) {
		err = se.Err
	}
	if inUse(err) {
		return nil, fmt.Errorf("%s is already in use; end the program that uses it, or start the kernel again with another port", address)
	}
	if network == "unix" {
		return nil, fmt.Errorf("%s: %w; its folder must exist and be writable, and the path have no more than 100 bytes", address, err)
	}
	return nil, fmt.Errorf("%s: %w; \"ip\" in the connection file must be an address of this machine, and ports below 1024 are often reserved", address, err)
}

// removeStale removes the socket file of a process that has died, which is one that nobody listens on.
func removeStale(path string) error {
	fi, err := os.Lstat(path)
	if err != nil {
		return nil // most likely there is none; otherwise listening says what is wrong
	}
	if fi.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s exists and is not a socket; remove it or choose another path", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
		return fmt.Errorf("%s is already in use; end the program that uses it, or start the kernel again with another path", path)
	}
	if !refused(err) {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("%s is left over from an ended program and cannot be removed: %w", path, cause(err))
	}
	return nil
}
