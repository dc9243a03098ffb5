package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// networks runs a test over both transports. Each call of at gives a connection with free addresses.
func networks(t *testing.T, f func(t *testing.T, at func() *Connection)) {
	t.Run("tcp", func(t *testing.T) {
		f(t, func() *Connection { return freeTCP(t) })
	})
	if runtime.GOOS == "windows" {
		return
	}
	t.Run("ipc", func(t *testing.T) {
		dir, err := os.MkdirTemp("", "wire") // t.TempDir is too long for a socket path on some systems
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		n := 0
		f(t, func() *Connection {
			n++
			return &Connection{Transport: "ipc", IP: filepath.Join(dir, fmt.Sprint("k", n)), ShellPort: 1, IOPubPort: 2, StdinPort: 3, ControlPort: 4, HBPort: 5}
		})
	})
}

func freeTCP(t testing.TB) *Connection {
	c := &Connection{Transport: "tcp", IP: "127.0.0.1"}
	for _, p := range []*int{&c.ShellPort, &c.IOPubPort, &c.StdinPort, &c.ControlPort, &c.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
	return c
}

func endpoint(c *Connection, ch Channel) string {
	network, address := c.Address(ch)
	if network == "unix" {
		return "ipc://" + address
	}
	return "tcp://" + address
}

func listen(t testing.TB, c *Connection, cfg Config) *Socket {
	t.Helper()
	if cfg.Logf == nil {
		var over atomic.Bool // peers may be dropped after the test
		t.Cleanup(func() { over.Store(true) })
		cfg.Logf = func(format string, args ...any) {
			if !over.Load() {
				t.Logf(format, args...)
			}
		}
	}
	s, err := Listen(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func quiet() zmq4.Option { return zmq4.WithLogger(log.New(io.Discard, "", 0)) }

func dial(t testing.TB, z zmq4.Socket, c *Connection, ch Channel) zmq4.Socket {
	t.Helper()
	if err := z.Dial(endpoint(c, ch)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { z.Close() })
	return z
}

func dealer(t testing.TB, c *Connection, ch Channel, id string) zmq4.Socket {
	return dial(t, zmq4.NewDealer(context.Background(), quiet(), zmq4.WithID(zmq4.SocketIdentity(id))), c, ch)
}

func recv(t testing.TB, z zmq4.Socket) []string {
	t.Helper()
	type result struct {
		m   zmq4.Msg
		err error
	}
	ch := make(chan result, 1)
	go func() {
		m, err := z.Recv()
		ch <- result{m, err}
	}()
	select {
	case r := <-ch:
		if r.err != nil {
			t.Fatal(r.err)
		}
		var out []string
		for _, f := range r.m.Frames {
			out = append(out, string(f))
		}
		return out
	case <-time.After(5 * time.Second):
		t.Fatal("no message within 5 s")
		return nil
	}
}

// echo answers every message with itself.
func echo(s *Socket) {
	go func() {
		for {
			frames, err := s.Recv()
			if err != nil {
				return
			}
			s.Send(frames)
		}
	}()
}

func TestRouter(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		echo(listen(t, c, Config{Channel: Shell}))
		a, b := dealer(t, c, Shell, "a"), dealer(t, c, Shell, "")
		for _, z := range []zmq4.Socket{a, b} {
			for _, body := range []string{"", "short", strings.Repeat("long", 1000), strings.Repeat("x", 3<<20)} {
				if err := z.SendMulti(zmq4.NewMsgFromString([]string{"one", body})); err != nil {
					t.Fatal(err)
				}
				if got := recv(t, z); len(got) != 2 || got[0] != "one" || got[1] != body {
					t.Fatalf("echo of %d bytes: %d frames", len(body), len(got))
				}
			}
		}
	})
}

func TestHeartbeat(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		echo(listen(t, c, Config{Channel: Heartbeat}))
		z := dial(t, zmq4.NewReq(context.Background(), quiet()), c, Heartbeat)
		for range 3 {
			if err := z.Send(zmq4.NewMsgString("ping")); err != nil {
				t.Fatal(err)
			}
			if got := recv(t, z); len(got) != 1 || got[0] != "ping" {
				t.Fatalf("got %q", got)
			}
		}
		// A dealer that leaves out the empty frame is ignored, and the others live on.
		d := dealer(t, c, Heartbeat, "d")
		d.Send(zmq4.NewMsgString("no delimiter"))
		z.Send(zmq4.NewMsgString("again"))
		if got := recv(t, z); got[0] != "again" {
			t.Fatalf("got %q", got)
		}
	})
}

func subscriber(t testing.TB, c *Connection, topic string) zmq4.Socket {
	t.Helper()
	z := dial(t, zmq4.NewSub(context.Background(), quiet()), c, IOPub)
	if err := z.SetOption(zmq4.OptionSubscribe, topic); err != nil {
		t.Fatal(err)
	}
	return z
}

// The first message that a subscriber gets is its welcome, however much is published meanwhile.
func TestWelcomeIsFirst(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		var s *Socket
		bound := make(chan struct{})
		s = listen(t, c, Config{Channel: IOPub, Subscribed: func(topic string) {
			<-bound
			time.Sleep(5 * time.Millisecond) // in which others publish
			s.Send([][]byte{[]byte(topic), []byte(`{"msg_type":"iopub_welcome"}`)})
		}})
		close(bound)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Microsecond):
					s.Send([][]byte{[]byte("kernel"), fmt.Append(nil, i), bytes.Repeat([]byte("x"), i%1000)})
				}
			}
		}()
		for _, topic := range []string{"", "kernel", "", "ker"} {
			z := subscriber(t, c, topic)
			if got := recv(t, z); len(got) != 2 || got[0] != topic || got[1] != `{"msg_type":"iopub_welcome"}` {
				t.Errorf("topic %q: got %.50q", topic, got)
			}
			if got := recv(t, z); len(got) != 3 || got[0] != "kernel" {
				t.Errorf("topic %q: then %.50q", topic, got)
			}
		}
		close(stop)
		<-stopped
	})
}

// stranger connects without ZeroMQ.
func stranger(t testing.TB, c *Connection, ch Channel) net.Conn {
	t.Helper()
	network, address := c.Address(ch)
	nc, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc
}

// closedWithin waits for the other side to close.
func closedWithin(t testing.TB, nc net.Conn, d time.Duration) {
	t.Helper()
	nc.SetReadDeadline(time.Now().Add(d))
	if _, err := io.Copy(io.Discard, nc); err != nil && isTimeout(err) {
		t.Errorf("connection is still open after %v", d)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func TestSilentPeerKeepsNobodyOut(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		echo(listen(t, c, Config{Channel: Shell, Handshake: 300 * time.Millisecond}))
		var silent []net.Conn
		for i := range 3 {
			nc := stranger(t, c, Shell)
			nc.Write(greeting[:i*30]) // none, part of, and nearly all of a greeting
			silent = append(silent, nc)
		}
		start := time.Now()
		z := dealer(t, c, Shell, "z")
		z.Send(zmq4.NewMsgString("hello"))
		recv(t, z)
		if d := time.Since(start); d > 250*time.Millisecond {
			t.Errorf("a client behind silent peers waited %v", d)
		}
		for _, nc := range silent {
			closedWithin(t, nc, 2*time.Second)
		}
	})
}

func TestBadHandshakes(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		s := listen(t, c, Config{Channel: Shell})
		echo(s)
		version2 := bytes.Clone(greeting)
		version2[10] = 1
		curve := bytes.Clone(greeting)
		copy(curve[12:], "CURVE")
		hello := func(body string) []byte { return appendFrame(bytes.Clone(greeting), flagCommand, []byte(body)) }
		for name, data := range map[string][]byte{
			"http":             []byte("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,application/xhtml+xml\r\n\r\n"),
			"zeros":            make([]byte, 200),
			"version":          version2,
			"curve":            curve,
			"message first":    appendFrame(bytes.Clone(greeting), 0, []byte("hello")),
			"other command":    hello("\x05ERROR"),
			"short property":   hello("\x05READY\x0bSocket-Type"),
			"property size":    hello("\x05READY\x0bSocket-Type\xff\xff\xff\xff"),
			"name size":        hello("\x05READY\xff"),
			"no type":          hello("\x05READY"),
			"wrong type":       hello(string(appendProperty([]byte("\x05READY"), "Socket-Type", "SUB"))),
			"long identity":    hello(string(appendProperty(appendProperty([]byte("\x05READY"), "Socket-Type", "DEALER"), "Identity", strings.Repeat("i", 256)))),
			"ready too large":  hello("\x05READY" + strings.Repeat("\x00", maxReady)),
			"ready never ends": append(bytes.Clone(greeting), "\x06\x00\x00\x00\x00\x7f\xff\xff\xff"...),
		} {
			nc := stranger(t, c, Shell)
			nc.Write(data)
			nc.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := io.Copy(io.Discard, nc); err != nil && isTimeout(err) {
				t.Errorf("%s: connection is still open", name)
			}
		}
		z := dealer(t, c, Shell, "z")
		z.Send(zmq4.NewMsgString("hello"))
		recv(t, z)
	})
}

// rawPeer completes a handshake by hand.
func rawPeer(t testing.TB, c *Connection, ch Channel, kind string) net.Conn {
	t.Helper()
	nc := stranger(t, c, ch)
	nc.SetDeadline(time.Now().Add(2 * time.Second))
	ready := appendProperty([]byte("\x05READY"), "Socket-Type", kind)
	if _, err := nc.Write(appendFrame(bytes.Clone(greeting), flagCommand, ready)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(nc)
	if _, err := io.ReadFull(r, make([]byte, greetingSize)); err != nil {
		t.Fatal(err)
	}
	if p, err := readPacket(r, nil, maxReady); err != nil || !p.command {
		t.Fatalf("no READY: %v", err)
	}
	nc.SetDeadline(time.Time{})
	return nc
}

func TestBadPeersAfterHandshake(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		echo(listen(t, c, Config{Channel: Shell, MaxMessage: 1 << 20}))
		for name, data := range map[string]string{
			"oversize":         "\x02\x00\x00\x00\x00\x7f\xff\xff\xff",
			"terabyte":         "\x02\x00\x00\x01\x00\x00\x00\x00\x00",
			"overflow":         "\x02\xff\xff\xff\xff\xff\xff\xff\xff",
			"oversize in sum":  strings.Repeat("\x03\x00\x00\x00\x00\x00\x07\xff\xff"+strings.Repeat("a", 0x7ffff), 2) + "\x00\xff",
			"reserved flags":   "\xf0\x00",
			"command cut":      "\x04\x01\x09",
			"error command":    "\x04\x07\x05ERROR\x00",
			"too many frames":  strings.Repeat("\x01\x00", maxFrames+1),
			"command in frame": "\x01\x00\x04\x00",
		} {
			nc := rawPeer(t, c, Shell, "DEALER")
			go nc.Write([]byte(data))
			nc.SetReadDeadline(time.Now().Add(2 * time.Second))
			if _, err := io.Copy(io.Discard, nc); err != nil && isTimeout(err) {
				t.Errorf("%s: connection is still open", name)
			}
		}
		z := dealer(t, c, Shell, "z")
		z.Send(zmq4.NewMsgString("hello"))
		recv(t, z)
	})
}

// An answer to PING does not come inside a message.
func TestPingBetweenFrames(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	c := newConn(newListener(nil, Config{Channel: Shell}), ours, nil, nil)
	c.own.done = true
	defer c.abort()
	go c.drain()
	want := appendFrame(nil, flagMore, []byte("one"))
	want = appendFrame(want, 0, []byte("two"))
	c.Write(want[:6])
	c.sendCommand([]byte("\x04PONG"))
	c.Write(want[6:])
	want = appendFrame(want, flagCommand, []byte("\x04PONG"))
	got := make([]byte, len(want))
	theirs.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.ReadFull(theirs, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestPing(t *testing.T) {
	c := freeTCP(t)
	listen(t, c, Config{Channel: Shell})
	nc := rawPeer(t, c, Shell, "DEALER")
	nc.Write(appendFrame(nil, flagCommand, []byte("\x04PING\x00\x0ahello")))
	want := appendFrame(nil, flagCommand, []byte("\x04PONGhello"))
	got := make([]byte, len(want))
	nc.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.ReadFull(nc, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// A subscriber that stops reading costs the others at most the patience, its own connection, and no more memory than its queue.
func TestStuckSubscriberStallsNobody(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		var (
			mu   sync.Mutex
			log  []string
			lost []int
		)
		dropped := func(unread int) {
			mu.Lock()
			defer mu.Unlock()
			lost = append(lost, unread)
		}
		s := listen(t, c, Config{Channel: IOPub, MaxQueue: 8 << 20, HighWater: 1 << 20, Dropped: dropped, Logf: func(f string, a ...any) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, fmt.Sprintf(f, a...))
		}})
		stuck := rawPeer(t, c, IOPub, "SUB")
		stuck.Write([]byte("\x00\x01\x01")) // subscribe, then never read
		z := subscriber(t, c, "")
		waitFor(t, "both subscribers", func() bool { return s.Peers() == 2 && len(s.z.(zmq4.Topics).Topics()) == 1 })
		time.Sleep(20 * time.Millisecond) // for the second subscription, which adds no topic

		const n = 400
		body := bytes.Repeat([]byte("x"), 64<<10)
		go func() {
			for i := range n {
				s.Wait(context.Background())
				s.Send([][]byte{[]byte("t"), fmt.Append(nil, i), body})
			}
		}()
		for i := range n {
			if got := recv(t, z); got[1] != fmt.Sprint(i) {
				t.Fatalf("message %s, want %d", got[1], i)
			}
		}
		waitFor(t, "the stuck subscriber to be dropped", func() bool { return s.Peers() == 1 })
		mu.Lock()
		defer mu.Unlock()
		if len(log) != 1 || !strings.Contains(log[0], "unread") {
			t.Errorf("log %q", log)
		}
		if len(lost) != 1 || lost[0] < 8<<20 {
			t.Errorf("told of %d lost bytes, want once and at least what a queue holds", lost)
		}
	})
}

// One message larger than the queue, and what follows it at once, reach a subscriber that reads; more does not pile up behind it.
func TestMessageLargerThanQueue(t *testing.T) {
	const large = 32 << 20 // more than the system keeps for a connection
	for _, reads := range []bool{true, false} {
		t.Run(fmt.Sprint("reads ", reads), func(t *testing.T) {
			c := freeTCP(t)
			dropped := make(chan int, 1)
			var s *Socket
			bound := make(chan struct{})
			s = listen(t, c, Config{Channel: IOPub, MaxQueue: 1 << 20, Dropped: func(unread int) { dropped <- unread }, Subscribed: func(topic string) {
				<-bound
				s.Send([][]byte{[]byte(topic), welcomeMark})
			}})
			close(bound)
			nc := rawPeer(t, c, IOPub, "SUB")
			nc.Write([]byte("\x00\x01\x01"))
			r := bufio.NewReader(nc)
			if p, err := readPacket(r, nil, 1000); err != nil || !bytes.Contains(p.raw, welcomeMark) {
				t.Fatalf("the first is %q, %v", p.raw, err)
			}
			for _, size := range []int{10, large, 10, 1000} {
				s.Send([][]byte{[]byte("t"), make([]byte, size)})
			}
			waitFor(t, "zmq4", func() bool { return s.backlog() == 0 })
			if !reads {
				for range 100 {
					s.Send([][]byte{[]byte("t"), make([]byte, 1<<20)})
				}
				if unread := <-dropped; unread > large+3<<20 {
					t.Errorf("dropped with %d bytes unread", unread)
				}
				return
			}
			for _, size := range []int{10, large, 10, 1000} {
				nc.SetReadDeadline(time.Now().Add(time.Minute))
				p, err := readPacket(r, nil, 2*large)
				if err != nil || p.frames != 2 || len(p.raw) < size {
					t.Fatalf("a message of %d bytes arrives as %d, %v", size, len(p.raw), err)
				}
			}
		})
	}
}

func waitFor(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 5 s for %s", what)
		}
	}
}

// A reader slower than the publisher slows it down and gets everything; memory stays at the high-water mark.
func TestSlowSubscriberIsWaitedFor(t *testing.T) {
	c := freeTCP(t)
	s := listen(t, c, Config{Channel: IOPub, MaxQueue: 4 << 20, HighWater: 1 << 20})
	nc := rawPeer(t, c, IOPub, "SUB")
	nc.(*net.TCPConn).SetReadBuffer(64 << 10)
	nc.Write([]byte("\x00\x01\x01"))
	time.Sleep(20 * time.Millisecond)
	const n = 300
	body := bytes.Repeat([]byte("x"), 64<<10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range n {
			s.Wait(context.Background())
			s.Send([][]byte{[]byte("t"), body})
		}
	}()
	want := n * encodedSize([][]byte{[]byte("t"), body})
	buf := make([]byte, 256<<10)
	for got := int64(0); got < want; {
		nc.SetReadDeadline(time.Now().Add(3 * time.Second))
		k, err := nc.Read(buf)
		if err != nil {
			t.Fatalf("after %d of %d bytes: %v", got, want, err)
		}
		got += int64(k)
		time.Sleep(time.Millisecond)
	}
	<-done
}

func TestCloseDrains(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		for range 5 {
			c := at()
			s := listen(t, c, Config{Channel: IOPub})
			nc := rawPeer(t, c, IOPub, "SUB")
			nc.Write([]byte("\x00\x01\x01"))
			time.Sleep(10 * time.Millisecond)
			const n = 1000
			for range n {
				s.Send([][]byte{[]byte("t"), make([]byte, 1000)})
			}
			go s.Close()
			nc.SetReadDeadline(time.Now().Add(5 * time.Second))
			got, err := io.Copy(io.Discard, nc)
			if want := n * encodedSize([][]byte{[]byte("t"), make([]byte, 1000)}); got != want || err != nil {
				t.Errorf("%d bytes, %v; want %d", got, err, want)
			}
		}
	})
}

// Close comes back although a peer does not take what is queued for it.
func TestCloseIsBounded(t *testing.T) {
	c := freeTCP(t)
	s := listen(t, c, Config{Channel: IOPub, Linger: 200 * time.Millisecond})
	nc := rawPeer(t, c, IOPub, "SUB")
	nc.Write([]byte("\x00\x01\x01"))
	time.Sleep(10 * time.Millisecond)
	for range 200 {
		s.Send([][]byte{[]byte("t"), make([]byte, 100<<10)})
	}
	start := time.Now()
	s.Close()
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("Close took %v", d)
	}
	if err := s.Send([][]byte{{}}); err != io.EOF {
		t.Errorf("Send after Close: %v", err)
	}
	if _, err := s.Recv(); err != io.EOF {
		t.Errorf("Recv after Close: %v", err)
	}
}

func TestNoSuchAddress(t *testing.T) {
	// 203.0.113.0/24 is reserved for documentation (RFC 5737), so it is no address of any machine.
	_, err := Listen(&Connection{Transport: "tcp", IP: "203.0.113.7", ShellPort: 40000}, Config{Channel: Shell})
	if err == nil || !strings.Contains(err.Error(), "203.0.113.7:40000") || !strings.Contains(err.Error(), "address of this machine") {
		t.Errorf("got %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		listen(t, c, Config{Channel: Control})
		_, err := Listen(c, Config{Channel: Control})
		_, address := c.Address(Control)
		if err == nil {
			t.Fatal("no error")
		}
		for _, want := range []string{"control channel", address, "already in use"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
	})
}
