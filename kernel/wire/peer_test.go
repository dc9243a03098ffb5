package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

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

// closed waits for the other side to close.
func closed(t testing.TB, nc net.Conn) {
	t.Helper()
	nc.SetReadDeadline(time.Now().Add(hangs))
	if _, err := io.Copy(io.Discard, nc); err != nil && isTimeout(err) {
		t.Error("connection is still open")
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func TestSilentPeerKeepsNobodyOut(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		silent := func(c *Connection) (peers []net.Conn) {
			for i := range 3 {
				nc := stranger(t, c, Shell)
				nc.Write(greeting[:i*30]) // none, part of, and nearly all of a greeting
				peers = append(peers, nc)
			}
			return peers
		}
		c := at()
		echo(listen(t, c, Config{Channel: Shell})) // which waits for them for longer than the test
		silent(c)
		z := dealer(t, c, Shell, "z")
		z.Send(zmq4.NewMsgString("hello"))
		recv(t, z)
		c = at()
		listen(t, c, Config{Channel: Shell, Handshake: 50 * time.Millisecond})
		for _, nc := range silent(c) {
			closed(t, nc)
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
			nc.SetReadDeadline(time.Now().Add(hangs / 2))
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
	nc.SetDeadline(time.Now().Add(hangs))
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
			nc.SetReadDeadline(time.Now().Add(hangs))
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
	theirs.SetReadDeadline(time.Now().Add(hangs))
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
	nc.SetReadDeadline(time.Now().Add(hangs))
	if _, err := io.ReadFull(nc, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// What strangers may send to iopub and the heartbeat is small, and so is what is kept of it.
func TestLittleIsTakenOfSubscribers(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		s := listenWelcoming(t, c, Config{})
		echo(listen(t, c, Config{Channel: Heartbeat}))
		topic := func(op byte, i int) []byte { return appendFrame(nil, 0, fmt.Append([]byte{op}, "topic ", i)) }
		for name, test := range map[string]struct {
			ch   Channel
			kind string
			data []byte
		}{
			"topic": {IOPub, "SUB", appendFrame(nil, 0, append([]byte{1}, make([]byte, 64<<10)...))},
			"ping":  {Heartbeat, "DEALER", append([]byte("\x01\x00"), appendFrame(nil, 0, make([]byte, 64<<10))...)},
			"many": {IOPub, "SUB", func() (b []byte) {
				for i := range maxTopics + 1 {
					b = append(b, topic(1, i)...)
				}
				return b
			}()},
		} {
			nc := rawPeer(t, c, test.ch, test.kind)
			go nc.Write(test.data)
			nc.SetReadDeadline(time.Now().Add(hangs))
			if _, err := io.Copy(io.Discard, nc); err != nil && isTimeout(err) {
				t.Errorf("%s: connection is still open", name)
			}
		}
		// Who cancels what it no longer wants may go on for ever.
		nc, r := welcomed(t, c)
		for i := range 2 * maxTopics {
			nc.Write(topic(1, i))
			nc.Write(topic(0, i))
		}
		s.Send([][]byte{[]byte("last")})
		for {
			p, err := readPacket(r, nil, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if string(p.first) == "last" {
				break
			}
		}
	})
}

// There are descriptors left however many connect and stay.
func TestPeersAreCounted(t *testing.T) {
	c := freeTCP(t)
	s := listen(t, c, Config{Channel: Heartbeat, MaxPeers: 20})
	echo(s)
	var peers []net.Conn
	for range 20 {
		peers = append(peers, rawPeer(t, c, Heartbeat, "REQ"))
	}
	waitFor(t, "all to be connected", func() bool { return s.Peers() == 20 })
	closed(t, rawPeer(t, c, Heartbeat, "REQ"))
	peers[0].Close()
	waitFor(t, "one to be gone", func() bool { return s.Peers() == 19 })
	z := dial(t, zmq4.NewReq(context.Background(), quiet()), c, Heartbeat)
	z.Send(zmq4.NewMsgString("ping"))
	recv(t, z)
}
