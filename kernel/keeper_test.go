package kernel

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"swingby/kernel/wire"
)

func TestSecondInterruptReplacesWorker(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("set lost")
	cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\ndeaf"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	for range 2 {
		c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
		time.Sleep(550 * time.Millisecond)
	}
	m := c.reply(wire.Shell, cell)
	if status(t, m) != "error" || field[string](t, m, "ename") != "killed" {
		t.Errorf("%s", m.Content)
	}
	if m, out := c.run("get"); status(t, m) != "ok" || out[0] != "stdout: \n" {
		t.Errorf("afterwards: %s %q", m.Content, out)
	}
}

func TestWorkerDeath(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		for _, code := range []string{"set x", "print y", "fail", "result 4", "set z"} {
			c.run(code)
		}
		m, out := c.run("print last words\ndie fatal error: concurrent map writes")
		want := []string{"stdout: last words\n", "error: fatal error: concurrent map writes"}
		if !slices.Equal(out, want) {
			t.Errorf("outputs %q, want %q", out, want)
		}
		if status(t, m) != "error" || field[string](t, m, "ename") != "fatal error" || field[string](t, m, "evalue") != "concurrent map writes" {
			t.Errorf("reply %s", m.Content)
		}
		lines := field[[]any](t, m, "traceback")
		if last := lines[len(lines)-1].(string); !strings.Contains(last, "run In[1], In[2], In[4], In[5] again") || strings.Contains(last, "\n") {
			t.Errorf("last line %q", last)
		}
		if m, out := c.run("print alive"); status(t, m) != "ok" || out[0] != "stdout: alive\n" {
			t.Errorf("afterwards: %s %q", m.Content, out)
		}
		if n := k.kind.count(); n != 2 {
			t.Errorf("%d workers, want 2", n)
		}
		// What the first worker had is not asked for twice.
		m, _ = c.run("die exit status 3")
		lines = field[[]any](t, m, "traceback")
		if last := lines[len(lines)-1].(string); field[string](t, m, "ename") != "worker ended" || !strings.Contains(last, "run In[7] again") {
			t.Errorf("second death: %s", m.Content)
		}
	})
}

// A worker that dies between cells, as a goroutine's panic has it, says so in the last cell.
func TestIdleDeath(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	c.run("set x")
	k.kind.last().die("panic: in a goroutine")
	m := c.next()
	if s := summary(t, m); !strings.HasPrefix(s, "stderr: panic: in a goroutine\n") || !strings.Contains(s, "run In[1] again") {
		t.Errorf("%q", s)
	}
	if _, out := c.run("get"); out[0] != "stdout: \n" {
		t.Errorf("%q", out)
	}
}

func TestNoWorker(t *testing.T) {
	kind := &fakeKind{fail: errors.New("worker: no such file")}
	k := startKernel(t, "tcp", kind)
	c := connect(t, k.conn)
	if m, _ := c.run("print x"); status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), "no such file") {
		t.Errorf("%s", m.Content)
	}
	id := c.send(wire.Shell, "is_complete_request", object{"code": "x"})
	if m := c.reply(wire.Shell, id); status(t, m) != "unknown" {
		t.Errorf("%s", m.Content)
	}
	kind.mu.Lock()
	kind.fail = nil
	kind.mu.Unlock()
	if m, _ := c.run("print x"); status(t, m) != "ok" {
		t.Errorf("once there is a worker: %s", m.Content)
	}
}

// Workers that die at once are not started without end.
func TestDyingWorkers(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for range 10 {
		k.kind.last().die("exit status 1")
		time.Sleep(5 * time.Millisecond)
	}
	if n := k.kind.count(); n > maxEarly {
		t.Errorf("%d workers were started", n)
	}
	if m, _ := c.run("print x"); status(t, m) != "ok" {
		t.Errorf("%s", m.Content)
	}
}
