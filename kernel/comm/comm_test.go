package comm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// connected links the process to a list of frames.
func connected(t *testing.T) *[]Frame {
	t.Helper()
	sent := &[]Frame{}
	Connect(Link{Send: func(f Frame) error { *sent = append(*sent, f); return nil }})
	t.Cleanup(func() { Connect(Link{}) })
	return sent
}

func run(list []func()) {
	for _, f := range list {
		f()
	}
}

func TestWithoutFrontEnd(t *testing.T) {
	if c, err := Open("t", nil); !errors.Is(err, ErrNoFrontEnd) {
		t.Errorf("got %v, %v", c, err)
	}
	if n := len(Comms()); n != 0 {
		t.Errorf("%d comms are open", n)
	}
}

func TestOpenSendClose(t *testing.T) {
	sent := connected(t)
	c, err := OpenWith("one", "t", map[string]any{"a": 1}, map[string]any{"version": "2.1.0"}, []byte{7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWith("one", "t", nil, nil); err == nil {
		t.Error("a second comm with the same identity was opened")
	}
	if Comms()["one"] != "t" {
		t.Errorf("Comms: %v", Comms())
	}
	var got []string
	c.OnMessage(func(m Message) {
		got = append(got, fmt.Sprint(m.Data["n"], m.Buffers))
		c.Reply(m, map[string]any{"n": m.Data["n"]})
	})
	c.OnClose(func(m Message) { got = append(got, "closed") })
	later := Deliver([]Frame{
		{Kind: "msg", ID: "one", Data: json.RawMessage(`{"n":1}`), Buffers: [][]byte{{3}}, Cause: "x"},
		{Kind: "msg", ID: "another", Data: json.RawMessage(`{"n":2}`)},
		{Kind: "msg", ID: "one", Data: json.RawMessage(`[]`)},
	})
	if len(got) != 0 {
		t.Errorf("%q were called at once", got)
	}
	run(later)
	run(Deliver([]Frame{{Kind: "close", ID: "one"}}))
	if want := []string{"1 [[3]]", "<nil> []", "closed"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := c.Send(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after the close: %v", err)
	}
	if err := c.Close(nil); err != nil {
		t.Error(err)
	}
	var kinds []string
	for _, f := range *sent {
		kinds = append(kinds, f.Kind+" "+string(f.Data)+" "+f.Cause)
	}
	if want := []string{`open {"a":1} `, `msg {"n":1} x`, `msg {"n":null} `}; !slices.Equal(kinds, want) {
		t.Errorf("sent %q, want %q", kinds, want)
	}
}

func TestTargets(t *testing.T) {
	sent := connected(t)
	Handle("known", func(c *Comm, open Message) { c.Send(map[string]any{"got": open.Data["x"]}) })
	t.Cleanup(func() { Handle("known", nil) })
	run(Deliver([]Frame{
		{Kind: "open", ID: "a", Target: "known", Data: json.RawMessage(`{"x":true}`)},
		{Kind: "open", ID: "b", Target: "unknown", Cause: "r"},
	}))
	// The refusal needs no cell code, so it comes first.
	want := []Frame{{Kind: "close", ID: "b", Cause: "r"}, {Kind: "msg", ID: "a"}}
	if len(*sent) != 2 || (*sent)[0].ID != want[0].ID || (*sent)[0].Kind != "close" || (*sent)[0].Cause != "r" || string((*sent)[1].Data) != `{"got":true}` {
		t.Errorf("sent %+v", *sent)
	}
	run(Deliver([]Frame{{Kind: "close", ID: "a"}}))
}

func TestArrival(t *testing.T) {
	connected(t)
	c, err := Open("t", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(nil)
	var story []string
	c.OnArrival(func(m Message) func() {
		story = append(story, "arrived")
		return func() { story = append(story, "later") }
	})
	run(Deliver([]Frame{{Kind: "msg", ID: c.ID()}, {Kind: "msg", ID: c.ID()}}))
	if want := []string{"arrived", "arrived", "later", "later"}; !slices.Equal(story, want) {
		t.Errorf("got %q, want %q", story, want)
	}
}

func TestProtect(t *testing.T) {
	var reported any
	Connect(Link{Report: func(v any) { reported = v }})
	defer Connect(Link{})
	if Protect(func() { panic("p") }) || reported != "p" {
		t.Errorf("reported %v", reported)
	}
	if !Protect(func() {}) {
		t.Error("a function that ended well did not")
	}
}

func Example() {
	// In a program without a front end, sending says so.
	_, err := Open("my.target", map[string]any{"hello": 1})
	fmt.Println(err)
	// Output: comm: there is no front end to talk to here
}
