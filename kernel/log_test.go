package kernel

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"swingby/kernel/wire"
)

// A log that nobody reads holds up neither the kernel nor its end, and goes on when it is read again.
func TestLogThatNobodyReads(t *testing.T) {
	before := logWithin
	logWithin = 10 * time.Millisecond
	t.Cleanup(func() { logWithin = before })
	r, w := io.Pipe()
	t.Cleanup(func() { r.Close() })
	k := startKernelWith(t, connection(t, "tcp"), Options{Log: w})
	c := connect(t, k.conn)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		for range 3 {
			c.socket(ch).Send(zmq4.NewMsgString("nonsense"))
		}
	}
	if m := c.reply(wire.Control, c.send(wire.Control, "kernel_info_request", object{})); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
	if m, _ := c.run("print fine"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
	got := &logBuffer{}
	go io.Copy(got, r)
	for end := time.Now().Add(patience); strings.Count(got.String(), "\n") < 2; time.Sleep(time.Millisecond) { // the first was under way
		if time.Now().After(end) {
			t.Fatalf("nothing is logged any more; it was %q", got)
		}
		c.shell.Send(zmq4.NewMsgString("nonsense"))
	}
}
