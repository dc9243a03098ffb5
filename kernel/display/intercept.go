package display

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// A Taker takes events before they are shown. It returns false for one that is to go on to the Taker before it,
// and from the first to where events go without any. Text that a cell prints by package fmt comes as an event of kind "text".
type Taker func(Event) bool

// takers are those in use, the newest last.
var takers struct {
	n    atomic.Int32 // so that nobody waits for the lock when there are none
	mu   sync.Mutex
	list []*Taker
}

// Intercept gives events to t until end is called.
func Intercept(t Taker) (end func()) {
	takers.mu.Lock()
	takers.list = append(takers.list, &t)
	takers.mu.Unlock()
	takers.n.Add(1)
	return func() {
		takers.mu.Lock()
		defer takers.mu.Unlock()
		for i, other := range takers.list {
			if other == &t {
				takers.list = append(takers.list[:i:i], takers.list[i+1:]...)
				takers.n.Add(-1)
				return
			}
		}
	}
}

// taken offers an event to the takers.
func taken(e Event) bool {
	if takers.n.Load() == 0 {
		return false
	}
	takers.mu.Lock()
	list := takers.list[:len(takers.list):len(takers.list)]
	takers.mu.Unlock()
	for i := len(list) - 1; i >= 0; i-- {
		if (*list[i])(e) {
			return true
		}
	}
	return false
}

// Pass shows an event without asking any [Taker].
func Pass(e Event) {
	if e.Kind == "text" {
		fmt.Fprint(plainStdout(), e.Text)
		return
	}
	send(e)
}

// interceptedStdout is what cells print to while there are takers.
type interceptedStdout struct{}

func (interceptedStdout) Write(p []byte) (int, error) {
	if taken(Event{Kind: "text", Text: string(p)}) {
		return len(p), nil
	}
	return plainStdout().Write(p)
}

// Stdout is where the calling goroutine prints to by package fmt; see [SetStdout] and [Intercept].
func Stdout() io.Writer {
	if takers.n.Load() > 0 {
		return interceptedStdout{}
	}
	return plainStdout()
}
