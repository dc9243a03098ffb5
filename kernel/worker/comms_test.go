package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"swingby/kernel/comm"
)

// messages returns the comm frames and errors among the events, in short.
func (r *recorder) messages() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for _, ev := range r.events {
		switch {
		case ev.Comm != nil:
			list = append(list, fmt.Sprint(ev.Comm.Kind, " ", string(ev.Comm.Data), " ", ev.Comm.Buffers, " ", ev.Comm.Cause))
		case ev.Display != nil && ev.Display.Kind == "error":
			list = append(list, fmt.Sprint("error ", ev.Display.Data["ename"], ": ", ev.Display.Data["evalue"]))
		case ev.Stream != "":
			list = append(list, ev.Stream+" "+ev.Text)
		}
	}
	r.events = nil
	return list
}

func send(t *testing.T, w *Worker, frames ...comm.Frame) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	if err := w.Comms(ctx, CommsRequest{Messages: frames}); err != nil {
		t.Fatal(err)
	}
}

func TestRealComms(t *testing.T) {
	w, rec := start(t, "real", Options{})
	executeOK(t, w, `import "swingby/kernel/comm"
sum := 0.0
c, err := comm.Open("page", map[string]any{"a": 1}, []byte{9})
c.OnMessage(func(m comm.Message) {
	sum += m.Data["x"].(float64)
	fmt.Println("sum", sum)
	c.Reply(m, map[string]any{"sum": sum}, m.Buffers...)
})
fmt.Println(err, comm.Parent())
comm.Handle("mine", func(c *comm.Comm, open comm.Message) { c.Close(open.Data) })`)
	got := rec.messages()
	if want := []string{`open {"a":1} [[9]] `, "stdout <nil> \n"}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Fatalf("the cell: %q, want %q", got, want)
	}
	id := strings.Trim(plain(executeOK(t, w, "c.ID()")), `"`)
	msg := func(data string, buffers ...[]byte) comm.Frame {
		return comm.Frame{Kind: "msg", ID: id, Data: json.RawMessage(data), Buffers: buffers, Cause: "cause"}
	}
	rec.messages()
	for _, test := range []struct {
		frames []comm.Frame
		want   []string
	}{
		{[]comm.Frame{msg(`{"x":1}`, []byte{0, 1}), msg(`{"x":2}`)}, []string{"stdout sum 1\n", `msg {"sum":1} [[0 1]] cause`, "stdout sum 3\n", `msg {"sum":3} [] cause`}},
		{[]comm.Frame{msg(`{}`), msg(`{"x":1}`)}, []string{"error panic: interface conversion: interface is nil, not float64", "stdout sum 4\n", `msg {"sum":4} [] cause`}},
		{[]comm.Frame{{Kind: "open", ID: "f", Target: "mine", Data: json.RawMessage(`{"k":"v"}`)}}, []string{`close {"k":"v"} [] `}},
		{[]comm.Frame{{Kind: "open", ID: "f", Target: "nobody's", Cause: "z"}}, []string{`close {} [] z`}},
	} {
		send(t, w, test.frames...)
		got := rec.messages()
		if strings.Join(got, "|") != strings.Join(test.want, "|") && !strings.HasPrefix(got[0], "error") {
			t.Errorf("got %q, want %q", got, test.want)
		}
		if strings.HasPrefix(test.want[0], "error") && !(strings.HasPrefix(got[0], "error ") && strings.Contains(got[0], "interface conversion") && strings.Join(got[1:], "|") == strings.Join(test.want[1:], "|")) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := plain(executeOK(t, w, "sum")); got != "4" {
		t.Errorf("sum is %s", got)
	}
}

// TestRealCommInterrupt: a function of a comm is interrupted as a cell is, and the session lives on.
func TestRealCommInterrupt(t *testing.T) {
	w, rec := start(t, "real", Options{})
	executeOK(t, w, `import "swingby/kernel/comm"
c, _ := comm.Open("page", nil)
begun := make(chan bool, 1)
n := 0
c.OnMessage(func(m comm.Message) {
	begun <- true
	for { n++ }
})`)
	id := strings.Trim(plain(executeOK(t, w, "c.ID()")), `"`)
	rec.messages()
	done := make(chan error)
	go func() {
		done <- w.Comms(context.Background(), CommsRequest{Messages: []comm.Frame{{Kind: "msg", ID: id}}})
	}()
	for range 200 {
		time.Sleep(20 * time.Millisecond) // until it runs; an interrupt before that has nothing to stop
		w.mu.Lock()
		id := w.running
		w.mu.Unlock()
		w.interrupt(id)
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			if got := rec.messages(); len(got) > 1 || len(got) == 1 && !strings.HasPrefix(got[0], "error interrupted") {
				t.Errorf("got %q", got)
			}
			if got := plain(executeOK(t, w, "n > 0 || len(begun) == 0")); got != "true" {
				t.Errorf("got %s", got)
			}
			return
		default:
		}
	}
	t.Fatal("the function goes on")
}

// TestRealCommBeside: functions of comms run beside a cell that waits for them, and what each shows is told apart.
func TestRealCommBeside(t *testing.T) {
	w, rec := start(t, "real", Options{})
	executeOK(t, w, `import "swingby/kernel/comm"
c, _ := comm.Open("page", nil)
got := make(chan string)
c.OnMessage(func(m comm.Message) {
	text, _ := m.Data["text"].(string)
	fmt.Println("function", text)
	display.Show(text)
	c.Reply(m, map[string]any{"parent": comm.Parent()})
	got <- text
})`)
	id := strings.Trim(plain(executeOK(t, w, "c.ID()")), `"`)
	rec.messages()
	ended := make(chan *ExecuteReply)
	go func() {
		r, err := w.Execute(context.Background(), ExecuteRequest{Code: `fmt.Println("begun")
for range 2 { fmt.Println("cell", <-got) }
comm.Parent()`, Count: 9, Parent: "cell"})
		if err != nil {
			t.Error(err)
		}
		ended <- r
	}()
	for !strings.Contains(strings.Join(rec.messages(), ""), "begun") {
		time.Sleep(5 * time.Millisecond)
	}
	var beside, own []string
	for _, text := range []string{"one", "two"} {
		ctx, cancel := context.WithTimeout(context.Background(), hangs)
		err := w.Comms(ctx, CommsRequest{Parent: "owner", Beside: true, Messages: []comm.Frame{
			{Kind: "msg", ID: id, Data: json.RawMessage(fmt.Sprintf(`{"text":%q}`, text)), Cause: "message " + text}}})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	if r := <-ended; plain(r) != `"cell"` {
		t.Errorf("the cell's parent is %s", plain(r))
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, ev := range rec.events {
		list := &own
		if ev.Beside {
			list = &beside
		}
		switch {
		case ev.Comm != nil:
			*list = append(*list, string(ev.Comm.Data)+" for "+ev.Comm.Cause)
		case ev.Display != nil:
			*list = append(*list, fmt.Sprint(ev.Display.Data["text/plain"]))
		default:
			*list = append(*list, strings.TrimSpace(ev.Text))
		}
	}
	if got, want := strings.Join(own, "\n"), "cell one\ncell two"; got != want {
		t.Errorf("of the cell: %q, want %q", got, want)
	}
	want := []string{
		"function one", `"one"`, `{"parent":"message one"} for message one`,
		"function two", `"two"`, `{"parent":"message two"} for message two`,
	}
	if strings.Join(beside, "|") != strings.Join(want, "|") {
		t.Errorf("of the functions: %q, want %q", beside, want)
	}
}
