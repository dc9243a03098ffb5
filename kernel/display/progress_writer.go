package display

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// logPeriod is the time between two lines of a bar in a log.
const logPeriod = 10 * time.Second

// ProgressWriter writes progress bars as text: in a terminal one line, written over again and again; elsewhere
// a line every ten seconds and at the end.
type ProgressWriter struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	drawn    bool // the terminal's line shows a bar
	last     time.Time
	now      func() time.Time
}

// NewProgressWriter writes to w, which is a terminal if it is an *os.File that is one.
func NewProgressWriter(w io.Writer) *ProgressWriter {
	p := &ProgressWriter{w: w, now: time.Now}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	p.last = p.now()
	return p
}

// Event takes an event of a bar; it reports whether it was one.
func (p *ProgressWriter) Event(ev Event) bool {
	if ev.Progress == "" {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text, done := ev.Bundle.String(), ev.Progress == "done"
	text = strings.ReplaceAll(text, "\n", " › ")
	switch {
	case p.terminal:
		fmt.Fprintf(p.w, "\r%s\x1b[K", cutLine(text, columns()-1)) // erases what was longer
		p.drawn = !done
		if done {
			fmt.Fprintln(p.w)
		}
	case done || p.now().Sub(p.last) >= logPeriod:
		p.last = p.now()
		fmt.Fprintln(p.w, text)
	}
	return true
}

// columns is the width of the terminal, 80 if it is not told.
func columns() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 10 {
		return n
	}
	return 80
}

// cutLine cuts a line that would be broken and could then not be written over.
func cutLine(s string, width int) string {
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}

// Erase makes place for other text: the bar comes back with its next event.
func (p *ProgressWriter) Erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
