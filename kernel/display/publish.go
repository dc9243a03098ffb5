package display

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// publisher holds the Publisher in use; nil inside means the default one.
var publisher atomic.Pointer[Publisher]

// SetPublisher sets where Show, Update and Clear send their events, for the
// whole process. A nil p restores the default, which prints the plain text form
// of displays and updates to os.Stdout and ignores clears, so that a program
// which shows values works without a notebook too.
func SetPublisher(p Publisher) {
	if p == nil {
		publisher.Store(nil)
		return
	}
	publisher.Store(&p)
}

// stdout is what SetStdout was given.
var stdout atomic.Pointer[func() io.Writer]

// SetStdout has f choose, whenever a cell prints by package fmt, where that goes; nil restores
// os.Stdout. A session's process calls it.
func SetStdout(f func() io.Writer) {
	if f == nil {
		stdout.Store(nil)
		return
	}
	stdout.Store(&f)
}

// plainStdout is where the calling goroutine prints to when nobody intercepts it.
func plainStdout() io.Writer {
	if f := stdout.Load(); f != nil {
		return (*f)()
	}
	return os.Stdout
}

// Publish shows an event in the way of [Show].
func Publish(e Event) { publish(e) }

func publish(e Event) {
	if !taken(e) {
		send(e)
	}
}

func send(e Event) {
	if p := publisher.Load(); p != nil {
		(*p)(e)
		return
	}
	if e.Kind == "clear" || plainProgress().Event(e) {
		return
	}
	if s := e.Bundle.String(); s != "" {
		fmt.Fprintln(os.Stdout, strings.TrimSuffix(s, "\n"))
	}
}

// plainProgress writes bars of programs without a notebook; to standard error, like all that is no result.
var plainProgress = sync.OnceValue(func() *ProgressWriter { return NewProgressWriter(os.Stderr) })

// Show shows values, each as it would show as the result of a cell, one display
// a value. A nil value shows as nil; an error value shows as its text.
//
// The handle it returns updates these displays in place. It shows as nothing
// itself, so a cell may end in a call of Show.
func Show(v ...any) *Handle {
	h := &Handle{}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range v {
		h.add(x)
	}
	return h
}

// Clear empties the output of the running cell. With wait the old output stays
// until the next output arrives, which avoids flicker in an animation.
func Clear(wait bool) {
	publish(Event{Kind: "clear", Wait: wait})
}

// Handle stands for what one call of Show has shown. Its methods may be called
// from any goroutine, and in later cells.
type Handle struct {
	mu  sync.Mutex
	ids []string
}

// Update replaces what h shows, wherever it is on the page: the i-th value takes
// the place of the i-th one shown before. Values beyond these are shown as new
// displays; without a value in its place a display keeps what it has.
func (h *Handle) Update(v ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, x := range v {
		if i >= len(h.ids) {
			h.add(x)
			continue
		}
		publish(Event{Kind: "update", Bundle: showBundle(x), ID: h.ids[i]})
	}
}

// add shows x as one more display of h. The caller holds h.mu.
func (h *Handle) add(x any) {
	id := newID()
	h.ids = append(h.ids, id)
	publish(Event{Kind: "display", Bundle: showBundle(x), ID: id})
}

// showBundle is what x shows as when the user asks for it: unlike the result of
// a cell it is never nothing.
func showBundle(x any) Bundle {
	b := Render([]any{x}, nil)
	if b.Data == nil {
		return bundle(formatText(x, ""))
	}
	return b
}

// newID returns an identifier for a display, unique across processes because a
// notebook keeps the displays of a kernel that was restarted.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, says its documentation
	return "swingby-" + hex.EncodeToString(b[:])
}
