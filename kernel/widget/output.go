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
	m := build(domTraits(outputModule, outputVersion, "Output", traits{"msg_id": "", "outputs": []any{}}), opts)
	m.unechoed = map[string]bool{"outputs": true} // the page says what it shows; whole figures need not go back
	return &Output{m}
}

// capturing are the outputs that take what is shown, the innermost last, for the cell that runs
// and for a function that runs beside it.
var capturing = struct {
	sync.Mutex
	lanes map[int64][]capture
}{lanes: map[int64][]capture{}}

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
	defer w.begin(parent)()
	f()
}

// begin has w take what is shown from now on, and returns what ends that.
func (w *Output) begin(parent string) (end func()) {
	lane := comm.Lane()
	capturing.Lock()
	capturing.lanes[lane] = append(capturing.lanes[lane], capture{w, parent})
	w.Set("msg_id", parent)
	comm.Redirect(parent)
	capturing.Unlock()
	return func() {
		capturing.Lock()
		defer capturing.Unlock()
		stack := capturing.lanes[lane]
		for i := len(stack) - 1; i >= 0; i-- {
			if stack[i] == (capture{w, parent}) {
				stack = append(stack[:i:i], stack[i+1:]...)
				break
			}
		}
		if capturing.lanes[lane] = stack; len(stack) == 0 {
			delete(capturing.lanes, lane)
		}
		still, outer := false, ""
		for _, c := range stack {
			still, outer = still || c.output == w, c.parent
		}
		comm.Redirect(outer)
		if !still {
			w.Set("msg_id", "")
		}
	}
}

// Clear empties w; with wait the old content stays until something else comes.
func (w *Output) Clear(wait bool) {
	w.Capture(func() { display.Clear(wait) })
}

// Show replaces what w holds by values, each as it would show as the result of a cell.
func (w *Output) Show(v ...any) {
	w.Replace(func() { display.Show(v...) })
}
