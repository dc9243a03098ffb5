package display

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"
)

func TestIntercept(t *testing.T) {
	var sent, outer, inner []string
	var out bytes.Buffer
	SetPublisher(func(e Event) { sent = append(sent, e.Kind) })
	SetStdout(func() io.Writer { return &out })
	defer SetPublisher(nil)
	defer SetStdout(nil)
	endOuter := Intercept(func(e Event) bool { outer = append(outer, e.Kind+e.Text); return e.Kind != "clear" })
	endInner := Intercept(func(e Event) bool { inner = append(inner, e.Kind+e.Text); return e.Kind == "text" })
	fmt.Fprint(Stdout(), "a")
	Show(1)
	Clear(true)
	Pass(Event{Kind: "update"})
	Pass(Event{Kind: "text", Text: "passed"})
	endInner()
	endInner()
	fmt.Fprint(Stdout(), "b")
	endOuter()
	fmt.Fprint(Stdout(), "c")
	Show(1)
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{"inner", inner, []string{"texta", "display", "clear"}},
		{"outer", outer, []string{"display", "clear", "textb"}},
		{"sent", sent, []string{"clear", "update", "display"}},
		{"printed", []string{out.String()}, []string{"passedc"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}
