package widget

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"swingby/kernel/display"
)

// TestReplace: what a function shows is one message, if it is quick.
func TestReplace(t *testing.T) {
	p := newPage(t)
	var passed []string
	display.SetPublisher(func(e display.Event) { passed = append(passed, e.Kind+" "+fmt.Sprint(e.Data["text/plain"])) })
	defer display.SetPublisher(nil)
	other := display.Show("another cell's")
	passed = nil
	w := NewOutput()
	show(w)
	p.take()
	w.Replace(func() {
		fmt.Fprint(display.Stdout(), "gone")
		display.Clear(false)
		fmt.Fprint(display.Stdout(), "a\n")
		fmt.Fprint(display.Stdout(), "b\xff\n")
		h := display.Show(1)
		display.Show(display.HTML("<b>2</b>"))
		fmt.Fprintln(display.Stdout(), "c")
		h.Update(3)
		other.Update("new")
		display.Publish(display.Event{Kind: "error", Bundle: display.Bundle{Data: map[string]any{"ename": "panic", "evalue": "no", "traceback": []string{"t"}}}})
	})
	want := `msg {"buffer_paths":[],"method":"update","state":{"outputs":[` + strings.Join([]string{
		`{"name":"stdout","output_type":"stream","text":"a\nb` + "\uFFFD" + `\n"}`,
		`{"data":{"text/plain":"3"},"metadata":{},"output_type":"display_data"}`,
		`{"data":{"text/html":"<b>2</b>","text/plain":"2"},"metadata":{},"output_type":"display_data"}`,
		`{"name":"stdout","output_type":"stream","text":"c\n"}`,
		`{"ename":"panic","evalue":"no","output_type":"error","traceback":["t"]}`,
	}, ",") + `]}}`
	if sent := p.take(); len(sent) != 1 || sent[0] != want {
		t.Errorf("sent %q\nwant %q", sent, want)
	}
	if want := []string{`update "new"`}; !slices.Equal(passed, want) {
		t.Errorf("passed on %q, want %q", passed, want)
	}
	// The page says what it shows, and needs no confirmation.
	p.update(w.Model, "outputs", []any{})
	if sent := p.take(); len(sent) != 0 {
		t.Errorf("sent %q for what the page shows", sent)
	}
}

// TestReplaceLive: what a slow function shows comes as it is shown.
func TestReplaceLive(t *testing.T) {
	p := newPage(t)
	passed := make(chan string, 10)
	display.SetPublisher(func(e display.Event) { passed <- e.Kind })
	defer display.SetPublisher(nil)
	w := NewOutput()
	show(w)
	p.take()
	w.Replace(func() {
		display.Show(1)
		for _, want := range []string{"clear", "display"} { // before f has ended
			select {
			case got := <-passed:
				if got != want {
					t.Errorf("%s comes, want %s", got, want)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s does not come", want)
			}
		}
		display.Show(2)
		if got := <-passed; got != "display" {
			t.Errorf("%s comes at last, want display", got)
		}
	})
	want := []string{
		`msg {"buffer_paths":[],"method":"update","state":{"msg_id":"cell"}}`, "output {}",
		"output {}", `msg {"buffer_paths":[],"method":"update","state":{"msg_id":""}}`,
	}
	if sent := p.take(); !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}
