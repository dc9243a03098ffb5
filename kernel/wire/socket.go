package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Config says how a socket behaves; the zero value has the defaults.
type Config struct {
	// Channel decides the type of socket: XPUB for iopub, REP for the heartbeat, ROUTER for the others.
	Channel Channel
	// Handshake is the time a new peer has to introduce itself; 0 means two seconds.
	Handshake time.Duration
	// Stall is how long a peer may leave everything unread before it is dropped; 0 means a minute.
	Stall time.Duration
	// Linger is how long Close waits for peers to take what is queued; 0 means a second.
	Linger time.Duration
	// MaxPeers bounds how many may be connected, so that descriptors are left for a new worker; 0 means 1024.
	MaxPeers int
	// MaxMessage bounds the bytes of one received message; 0 means 256 MiB, and 64 KiB on iopub and the heartbeat, which
	// receive topics and pings only.
	MaxMessage int
	// MaxQueue bounds the bytes queued for one peer, which is dropped when it has more to read; 0 means 64 MiB.
	MaxQueue int
	// HighWater is the number of bytes queued for one peer above which Wait waits; 0 means 4 MiB.
	HighWater int
	// Subscribed is called with the topic of each subscription to an iopub socket, as soon as what
	// is sent reaches the subscriber. It must send a message of type iopub_welcome: nothing
	// sent earlier reaches a subscriber.
	Subscribed func(topic string)
	// Dropped is called when a peer is dropped that left so many bytes unread. It must not use the socket.
	Dropped func(unread int)
	// Logf takes one line about each peer that was turned away or dropped; nil drops them.
	Logf func(format string, args ...any)
}

func (c *Config) handshake() time.Duration { return orDefault(c.Handshake, 2*time.Second) }
func (c *Config) stall() time.Duration     { return orDefault(c.Stall, time.Minute) }
func (c *Config) linger() time.Duration    { return orDefault(c.Linger, time.Second) }
func (c *Config) maxPeers() int            { return orDefault(c.MaxPeers, 1024) }
func (c *Config) maxQueue() int            { return orDefault(c.MaxQueue, 64<<20) }
func (c *Config) highWater() int           { return orDefault(c.HighWater, 4<<20) }

func (c *Config) maxMessage() int {
	if c.kind() == zmq4.Router {
		return orDefault(c.MaxMessage, 256<<20)
	}
	return orDefault(c.MaxMessage, 64<<10)
}

func orDefault[T int | time.Duration](v, d T) T {
	if v <= 0 {
		return d
	}
	return v
}

func (c *Config) kind() zmq4.SocketType {
	switch c.Channel {
	case IOPub:
		return zmq4.XPub
	case Heartbeat:
		return zmq4.Rep
	default:
		return zmq4.Router
	}
}

// Socket is one bound socket. Send and Recv may be called concurrently with each other and with
// themselves; messages go out in the order of the calls.
type Socket struct {
	l      *listener
	z      zmq4.Socket
	cancel context.CancelFunc

	send sync.Mutex
	g    *gauge // for XPUB, otherwise nil
	sent atomic.Int64
}

// sendTimeout bounds the wait of zmq4 for a first peer; nothing is sent before there is one, except by mistake.
const sendTimeout = time.Second

var serial atomic.Int64 // makes addresses unique among prepared listeners

// Listen binds the socket of cfg.Channel to the address that conn gives it.
func Listen(c *Connection, cfg Config) (*Socket, error) {
	network, address := c.Address(cfg.Channel)
	scheme := schemeTCP
	if network == "unix" {
		scheme = schemeIPC
	}
	inner, err := bind(network, address)
	if err != nil {
		return nil, fmt.Errorf("wire: cannot open the %s channel: %s %w", cfg.Channel, c.Transport, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Socket{l: newListener(inner, cfg), cancel: cancel}
	options := []zmq4.Option{
		zmq4.WithTimeout(sendTimeout),
		zmq4.WithLogger(log.New(io.Discard, "", 0)), // the transport reports what matters
	}
	switch cfg.kind() {
	case zmq4.XPub:
		s.z = zmq4.NewXPub(ctx, options...)
	case zmq4.Rep:
		s.z = zmq4.NewRep(ctx, options...)
	default:
		s.z = zmq4.NewRouter(ctx, options...)
	}
	key := strconv.FormatInt(serial.Add(1), 10) + "@" + address
	prepared.Lock()
	if prepared.byAddress == nil {
		prepared.byAddress = make(map[string]*listener)
	}
	prepared.byAddress[key] = s.l
	prepared.Unlock()
	if err := s.z.Listen(scheme + "://" + key); err != nil {
		cancel()
		inner.Close()
		return nil, fmt.Errorf("wire: cannot open the %s channel: %w", cfg.Channel, err)
	}
	if cfg.kind() == zmq4.XPub {
		s.g = newGauge()
		s.l.ready <- s.g
		<-s.g.ready
	}
	go s.l.run()
	return s, nil
}

// Recv waits for a message and returns its frames; on shell, control and stdin the first of them names the connection. Its error is io.EOF after Close.
func (s *Socket) Recv() ([][]byte, error) {
	for {
		m, err := s.z.Recv()
		select {
		case <-s.l.closed:
			return nil, io.EOF
		default:
		}
		if err == nil {
			return m.Frames, nil
		}
		// A heartbeat without its empty frame, say: the peer's fault, and no reason to stop.
		s.l.logf("%s: %v", s.l.cfg.Channel, err)
	}
}

// Send queues a message. It does not wait for the peer; use Wait for that. The first frame of a message to shell, control or stdin is
// that of one received there or, for stdin, on shell: the message goes to the client that sent it.
func (s *Socket) Send(frames [][]byte) error {
	s.send.Lock()
	defer s.send.Unlock()
	select {
	case <-s.l.closed:
		return io.EOF
	default:
	}
	messages := [][][]byte{frames}
	if s.l.cfg.kind() == zmq4.Router {
		messages = s.l.routed(frames)
	}
	var err error
	for _, m := range messages {
		s.sent.Add(encodedSize(m))
		err = errors.Join(err, s.z.SendMulti(zmq4.NewMsgFrom(m...)))
	}
	if err != nil {
		return fmt.Errorf("wire: cannot send on the %s channel: %w", s.l.cfg.Channel, err)
	}
	return nil
}

// backlog is how much of what was published zmq4 has not yet given to the connections.
func (s *Socket) backlog() int64 {
	if s.g == nil {
		return 0
	}
	return s.sent.Load() - s.g.seen.Load()
}

// Wait returns when every peer that is alive has less to read than the high-water mark, or ctx is done.
// A publisher that calls it before each message is slowed down to its slowest reader; a reader that
// does not move for a second is no longer waited for.
func (s *Socket) Wait(ctx context.Context) error {
	for {
		if s.backlog() < int64(s.l.cfg.highWater()) && !s.l.congested(time.Now()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.l.closed:
			return io.EOF
		case <-time.After(time.Millisecond):
		}
	}
}

// Peers returns the number of connected peers.
func (s *Socket) Peers() int {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	return len(s.l.conns)
}

// Close sends what is queued, for as long as the linger time at most, and closes.
func (s *Socket) Close() error {
	deadline := time.Now().Add(s.l.cfg.linger())
	s.send.Lock()
	for s.backlog() > 0 && time.Now().Before(deadline) {
		time.Sleep(200 * time.Microsecond)
	}
	if s.g != nil {
		// The gauge is the first subscriber zmq4 serves; give it the moment that the others take.
		time.Sleep(2 * time.Millisecond)
	}
	s.send.Unlock()
	err := s.l.Close()
	s.z.Close()
	s.cancel()
	s.l.mu.Lock()
	for c := range s.l.conns {
		c.Close()
	}
	s.l.mu.Unlock()
	s.l.live.Wait()
	return err
}
