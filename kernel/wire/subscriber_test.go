package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func subscriber(t testing.TB, c *Connection, topic string) zmq4.Socket {
	t.Helper()
	z := dial(t, zmq4.NewSub(context.Background(), quiet()), c, IOPub)
	if err := z.SetOption(zmq4.OptionSubscribe, topic); err != nil {
		t.Fatal(err)
	}
	return z
}

// listenWelcoming is listen for a socket that welcomes its subscribers: who has its welcome gets all that is sent afterwards.
func listenWelcoming(t testing.TB, c *Connection, cfg Config) (s *Socket) {
	t.Helper()
	bound := make(chan struct{})
	cfg.Channel, cfg.Subscribed = IOPub, func(topic string) {
		<-bound
		s.Send([][]byte{[]byte(topic), welcomeMark})
	}
	s = listen(t, c, cfg)
	close(bound)
	return s
}

// welcomed subscribes to everything by hand, and reads the welcome.
func welcomed(t testing.TB, c *Connection) (net.Conn, *bufio.Reader) {
	t.Helper()
	nc := rawPeer(t, c, IOPub, "SUB")
	nc.Write([]byte("\x00\x01\x01"))
	nc.SetReadDeadline(time.Now().Add(hangs))
	r := bufio.NewReader(nc)
	if p, err := readPacket(r, nil, 1000); err != nil || !bytes.Contains(p.raw, welcomeMark) {
		t.Fatalf("the first is %q, %v", p.raw, err)
	}
	return nc, r
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
		s := listenWelcoming(t, c, Config{MaxQueue: 8 << 20, HighWater: 1 << 20, Dropped: dropped, Logf: func(f string, a ...any) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, fmt.Sprintf(f, a...))
		}})
		welcomed(t, c) // and never reads again
		z := subscriber(t, c, "t")
		recv(t, z)
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
			s := listenWelcoming(t, c, Config{MaxQueue: 1 << 20, Dropped: func(unread int) { dropped <- unread }})
			nc, r := welcomed(t, c)
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
				nc.SetReadDeadline(time.Now().Add(hangs))
				p, err := readPacket(r, nil, 2*large)
				if err != nil || p.frames != 2 || len(p.raw) < size {
					t.Fatalf("a message of %d bytes arrives as %d, %v", size, len(p.raw), err)
				}
			}
		})
	}
}

// A reader slower than the publisher slows it down and gets everything; memory stays at the high-water mark.
func TestSlowSubscriberIsWaitedFor(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = hangs // a busy machine is not a reader that has stopped
	c := freeTCP(t)
	s := listenWelcoming(t, c, Config{MaxQueue: 4 << 20, HighWater: 1 << 20})
	nc, r := welcomed(t, c)
	nc.(*net.TCPConn).SetReadBuffer(64 << 10)
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
		nc.SetReadDeadline(time.Now().Add(hangs))
		k, err := r.Read(buf)
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
			s := listenWelcoming(t, c, Config{Linger: hangs})
			nc, r := welcomed(t, c)
			const n = 1000
			for range n {
				s.Send([][]byte{[]byte("t"), make([]byte, 1000)})
			}
			go s.Close()
			nc.SetReadDeadline(time.Now().Add(hangs))
			got, err := io.Copy(io.Discard, r)
			if want := n * encodedSize([][]byte{[]byte("t"), make([]byte, 1000)}); got != want || err != nil {
				t.Errorf("%d bytes, %v; want %d", got, err, want)
			}
		}
	})
}

// Close comes back although a peer does not take what is queued for it.
func TestCloseIsBounded(t *testing.T) {
	c := freeTCP(t)
	s := listenWelcoming(t, c, Config{Linger: 200 * time.Millisecond})
	welcomed(t, c)
	for range 200 {
		s.Send([][]byte{[]byte("t"), make([]byte, 100<<10)})
	}
	s.Close() // the peer never reads
	if err := s.Send([][]byte{{}}); err != io.EOF {
		t.Errorf("Send after Close: %v", err)
	}
	if _, err := s.Recv(); err != io.EOF {
		t.Errorf("Recv after Close: %v", err)
	}
}
