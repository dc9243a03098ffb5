package wire

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
	cfg.Handshake = orDefault(cfg.Handshake, hangs) // who is turned away earlier is so for another reason
	s, err := Listen(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// hangs is when a test gives up: long after the slowest machine is done, since it says that something never comes.
const hangs = time.Minute

func waitFor(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(hangs); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
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
	case <-time.After(hangs):
		t.Fatal("no message comes")
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
