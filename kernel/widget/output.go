package widget

import (
	"sync"

	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// Output is a place in the page that takes what cells print and show.
type Output struct{ *Model }

// NewOutput returns an empty output.
func NewOutput(opts ...Option) *Output {
	return &Output{build(domTraits(outputModule, outputVersion, "Output", traits{"msg_id": "", "outputs": []any{}}), opts)}
}

// capturing are the outputs that take what is shown, the innermost last.
var capturing struct {
	sync.Mutex
	stack []capture
}

type capture struct {
	output *Output
	parent string // the request whose output is taken
}

// Capture calls f and has all that the session prints and shows meanwhile go to w, that
// of goroutines too. Without a page it only calls f.
func (w *Output) Capture(f func()) {
	parent := comm.Parent()
	if parent == "" || !w.open() {
		f()
		return
	}
	capturing.Lock()
	capturing.stack = append(capturing.stack, capture{w, parent})
	w.Set("msg_id", parent)
	comm.Redirect(parent)
	capturing.Unlock()
	defer func() {
		capturing.Lock()
		defer capturing.Unlock()
		still, outer := false, ""
		for i := len(capturing.stack) - 1; i >= 0; i-- {
			if capturing.stack[i] == (capture{w, parent}) {
				capturing.stack = append(capturing.stack[:i:i], capturing.stack[i+1:]...)
				break
			}
		}
		for _, c := range capturing.stack {
			still, outer = still || c.output == w, c.parent
		}
		comm.Redirect(outer)
		if !still {
			w.Set("msg_id", "")
		}
	}()
	f()
}

// Clear empties w; with wait the old content stays until something else comes.
func (w *Output) Clear(wait bool) {
	w.Capture(func() { display.Clear(wait) })
}

// Show replaces what w holds by values, each as it would show as the result of a cell.
func (w *Output) Show(v ...any) {
	w.Capture(func() {
		display.Clear(true)
		display.Show(v...)
	})
}
