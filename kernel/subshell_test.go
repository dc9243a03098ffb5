package kernel

import (
	"slices"
	"strings"
	"testing"

	"swingby/kernel/wire"
)

// sendTo sends a request to a subshell.
func (c *client) sendTo(subshell, typ string, content any) string {
	c.t.Helper()
	return c.sendWith(wire.Shell, wire.Header{MsgType: typ, SubshellID: subshell}, content)
}

// replies waits for the replies to several requests, in whatever order.
func (c *client) replies(ids ...string) map[string]*wire.Message {
	c.t.Helper()
	got := make(map[string]*wire.Message)
	for range ids {
		m := c.recv(wire.Shell)
		if !slices.Contains(ids, parentOf(m)) {
			c.t.Fatalf("%s answers %s, want one of %q", m.Header.MsgType, parentOf(m), ids)
		}
		got[parentOf(m)] = m
	}
	return got
}

func (c *client) createSubshell() string {
	c.t.Helper()
	id := c.send(wire.Control, "create_subshell_request", object{})
	m := c.reply(wire.Control, id)
	c.until(id) // its idle comes after the reply, and would be among what the test waits for
	return field[string](c.t, m, "subshell_id")
}

func TestSubshells(t *testing.T) {
	networks(t, func(t *testing.T, k *testKernel) {
		c := connect(t, k.conn)
		list := func() []any {
			return field[[]any](t, c.reply(wire.Control, c.send(wire.Control, "list_subshell_request", object{})), "subshell_id")
		}
		if l := list(); len(l) != 0 {
			t.Errorf("at first: %v", l)
		}
		a, b := c.createSubshell(), c.createSubshell()
		if l := list(); a == b || !slices.Equal(l, []any{a, b}) {
			t.Errorf("%v, want %s and %s", l, a, b)
		}
		// While a cell runs everything but cells is answered.
		cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\nloop"})
		for summary(t, c.next()) != "stdout: begun\n" {
		}
		for typ, content := range map[string]object{
			"complete_request":    {"code": "x"},
			"inspect_request":     {"code": "x"},
			"is_complete_request": {"code": "x"},
			"history_request":     {"hist_access_type": "tail", "n": 1},
			"comm_info_request":   {},
			"kernel_info_request": {},
		} {
			id := c.sendTo(a, typ, content)
			if m := c.reply(wire.Shell, id); m.Header.MsgType != replyType(typ) || status(t, m) == "error" {
				t.Errorf("%s: %s", typ, m.Content)
			}
			if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
				t.Errorf("%s: %q", typ, out)
			}
		}
		// Cells wait, in the order of their subshell; what is behind them there waits as well.
		first := c.sendTo(a, "execute_request", object{"code": "result first"})
		second := c.sendTo(a, "execute_request", object{"code": "result second"})
		other := c.sendTo(b, "kernel_info_request", object{})
		c.reply(wire.Shell, other)
		c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
		got := c.replies(cell, first, second)
		if n := field[string](t, got[cell], "ename"); n != "interrupted" {
			t.Errorf("%s", n)
		}
		for id, want := range map[string]float64{cell: 1, first: 2, second: 3} {
			if n := field[float64](t, got[id], "execution_count"); n != want {
				t.Errorf("count %v, want %v", n, want)
			}
		}
		// A deleted subshell is not there.
		c.reply(wire.Control, c.send(wire.Control, "delete_subshell_request", object{"subshell_id": a}))
		for _, content := range []object{{"subshell_id": a}, {"subshell_id": 1}} {
			if m := c.reply(wire.Control, c.send(wire.Control, "delete_subshell_request", content)); status(t, m) != "error" {
				t.Errorf("deleting %v: %s", content, m.Content)
			}
		}
		id := c.sendTo(a, "execute_request", object{"code": "print x"})
		if m := c.reply(wire.Shell, id); status(t, m) != "error" || !strings.Contains(field[string](t, m, "evalue"), "no subshell") {
			t.Errorf("request to a deleted subshell: %s", m.Content)
		}
		for _, id := range []string{id, c.sendTo(a, "comm_msg", object{"comm_id": "c", "data": object{}})} {
			if out := c.outputs(id); !slices.Equal(out, []string{"status: busy", "status: idle"}) {
				t.Errorf("%q", out)
			}
		}
		if l := list(); !slices.Equal(l, []any{b}) {
			t.Errorf("%v, want %s", l, b)
		}
	})
}

// A failure aborts the cells of its own subshell.
func TestSubshellAbort(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	a, b := c.createSubshell(), c.createSubshell()
	cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\nloop"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	fails := c.sendTo(a, "execute_request", object{"code": "fail"})
	behind := c.sendTo(a, "execute_request", object{"code": "print behind"})
	beside := c.sendTo(b, "execute_request", object{"code": "print beside"})
	c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
	got := c.replies(cell, fails, behind, beside)
	for id, want := range map[string]string{cell: "error", fails: "error", behind: "aborted", beside: "ok"} {
		if s := status(t, got[id]); s != want {
			t.Errorf("%s, want %s: %s", s, want, got[id].Content)
		}
	}
}

// A cell that waits for its turn is said to be busy again when what had the turn is idle, and nothing of it comes before that.
func TestWaitingCellIsBusy(t *testing.T) {
	for _, before := range []string{"execute_request", "comm_msg"} {
		kind := newFakeKind()
		k := startKernel(t, "tcp", kind)
		c := connect(t, k.conn)
		c.run("comm w jupyter.widget")
		side := c.createSubshell()
		first := c.sendTo(side, before, object{"code": "print begun\nhold", "comm_id": "w", "data": m{"do": "print begun\nhold"}})
		for summary(t, c.next()) != "stdout: begun\n" {
		}
		second := c.send(wire.Shell, "execute_request", object{"code": "print second"})
		for msg := c.next(); parentOf(msg) != second; msg = c.next() { // its busy, before it waits
		}
		close(kind.held)
		var story []string
		for len(story) == 0 || story[len(story)-1] != "second idle" {
			msg := c.next()
			what := msg.Header.MsgType
			if what == "status" {
				what = field[string](t, msg, "execution_state")
			}
			switch parentOf(msg) {
			case first:
				story = append(story, "first "+what)
			case second:
				story = append(story, "second "+what)
			}
		}
		if want := []string{"first idle", "second busy", "second execute_input", "second stream", "second idle"}; !slices.Equal(story, want) {
			t.Errorf("after %s: published %q, want %q", before, story, want)
		}
	}
}

// A deleted subshell serves what it has; there is a bound to how many there are.
func TestSubshellEnd(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	a := c.createSubshell()
	cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\nloop"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	late := c.sendTo(a, "execute_request", object{"code": "print late"})
	for m := c.next(); parentOf(m) != late; m = c.next() { // it has arrived
	}
	c.reply(wire.Control, c.send(wire.Control, "delete_subshell_request", object{"subshell_id": a}))
	c.reply(wire.Control, c.send(wire.Control, "interrupt_request", object{}))
	if got := c.replies(cell, late); status(t, got[late]) != "ok" {
		t.Errorf("%s", got[late].Content)
	}
	for range maxSubshells {
		c.createSubshell()
	}
	if m := c.reply(wire.Control, c.send(wire.Control, "create_subshell_request", object{})); status(t, m) != "error" {
		t.Errorf("%s", m.Content)
	}
}
