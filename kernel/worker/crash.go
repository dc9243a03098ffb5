package worker

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Death is the error of every call to a worker that has ended.
type Death struct {
	// Reason is one line, in Go's own words where the runtime left any:
	// "fatal error: concurrent map writes", "panic: boom", "signal: killed", "exit status 3".
	Reason string
	// Detail is what else the runtime said, without traces of the interpreter; often empty.
	Detail string
	// Requested is set when Close, Kill, a second Interrupt or the end of an Execute's context ended the worker.
	Requested bool
}

func (d *Death) Error() string { return "worker: the process ended: " + d.Reason }

// crashMarks begin the Go runtime's last words (runtime/panic.go, runtime/stack.go,
// runtime/malloc.go, runtime/signal_unix.go of Go 1.26).
var crashMarks = []string{
	"panic: ",
	"fatal error: ",
	"runtime: ",
	"unexpected fault address ",
	"fatal: ",
	"SIGABRT: ", "SIGBUS: ", "SIGFPE: ", "SIGILL: ", "SIGQUIT: ", "SIGSEGV: ", "SIGSYS: ", "SIGTRAP: ",
}

// crashStart returns the index in text from which it may be the beginning of last
// words, or -1. They need not start a line: the user's own text may lack its newline.
func crashStart(text string) int {
	first := -1
	for _, m := range crashMarks {
		if i := strings.Index(text, m); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	if first >= 0 {
		return first
	}
	// The runtime writes a mark in one piece, so few are ever torn: four letters
	// are asked for, that no text waits for its last letter alone.
	for n := min(len(text), 24); n >= 4; n-- {
		for _, m := range crashMarks {
			if strings.HasPrefix(m, text[len(text)-n:]) {
				return len(text) - n
			}
		}
	}
	return -1
}

const (
	holdFor   = 50 * time.Millisecond // until life is asked for a sign
	holdBytes = 1 << 20               // that are held back at most
)

// holdMost is how long text is held until it is released without a sign of life.
var holdMost = 5 * time.Second

// holdback keeps back text that may be last words. The zero value holds nothing.
type holdback struct {
	pieces []string
	times  []time.Time
	size   int
}

func (h *holdback) holding() bool { return len(h.pieces) > 0 }

// add takes text that arrived at now and returns what may be shown.
func (h *holdback) add(text string, now time.Time) string {
	if !h.holding() {
		i := crashStart(text)
		if i < 0 {
			return text
		}
		show := text[:i]
		h.keep(text[i:], now)
		return show
	}
	h.keep(text, now)
	if h.size > holdBytes {
		return h.take()
	}
	return ""
}

func (h *holdback) keep(text string, now time.Time) {
	h.pieces = append(h.pieces, text)
	h.times = append(h.times, now)
	h.size += len(text)
}

// since returns when the oldest text held arrived.
func (h *holdback) since() time.Time { return h.times[0] }

// release returns what arrived before t, and what followed as far as it looks harmless.
func (h *holdback) release(t time.Time) string {
	old := *h
	*h = holdback{}
	var show strings.Builder
	for i, p := range old.pieces {
		if !h.holding() && old.times[i].Before(t) {
			show.WriteString(p)
		} else {
			show.WriteString(h.add(p, old.times[i]))
		}
	}
	return show.String()
}

// take returns all that is held.
func (h *holdback) take() string {
	s := strings.Join(h.pieces, "")
	*h = holdback{}
	return s
}

// lastWords cuts the text held at the end of a process into what the user
// wrote and the runtime's last words, which are empty when there are none.
func lastWords(text string) (user, words string) {
	start, inside := -1, -1
	// In last words a further panic is indented and so are the lines of a
	// panic's value: the last line that starts with a mark begins them. Only when
	// there is none, the user's own text may have lacked its newline.
	for pos := 0; pos < len(text); {
		line := text[pos:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		switch i := markIn(line); {
		case i == 0:
			start = pos
		case i > 0 && line[0] != '\t':
			inside = pos + i
		}
		pos += len(line)
	}
	if start < 0 {
		start = inside
	}
	if start < 0 {
		return text, ""
	}
	// A fatal error may be led up to, line by line.
	for start > 0 && text[start-1] == '\n' {
		prev := strings.LastIndexByte(text[:start-1], '\n') + 1
		i := markIn(text[prev:start])
		if i < 0 || strings.HasPrefix(text[prev+i:], "panic: ") || strings.HasPrefix(text[start:], "panic: ") {
			break // two panics are two texts, the first one the user's
		}
		start = prev + i
	}
	return text[:start], text[start:]
}

// markIn returns where the first crash mark of line is, -1 if it has none.
func markIn(line string) int {
	first := -1
	for _, m := range crashMarks {
		if i := strings.Index(line, m); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

var (
	stackLimit  = regexp.MustCompile(`goroutine stack exceeds (\d+)-byte limit`)
	outOfMemory = regexp.MustCompile(`(?m)^runtime: (?:out of memory: )?(cannot .*)$`)
)

// reasonOf shortens last words to one line.
func reasonOf(words string) string {
	first, _, _ := strings.Cut(words, "\n")
	reason := first
	for line := range strings.Lines(words) {
		if strings.HasPrefix(first, "panic: ") {
			break
		}
		if strings.HasPrefix(line, "fatal error: ") {
			reason = strings.TrimRight(line, "\n")
			break
		}
	}
	if m := stackLimit.FindStringSubmatch(words); m != nil {
		if n, err := strconv.ParseUint(m[1], 10, 64); err == nil && n%(1<<20) == 0 {
			return fmt.Sprintf("%s (goroutine stack exceeds %d MB limit)", reason, n>>20)
		}
		return fmt.Sprintf("%s (%s)", reason, m[0])
	}
	if m := outOfMemory.FindStringSubmatch(words); m != nil {
		return fmt.Sprintf("%s (%s)", reason, m[1])
	}
	return reason
}
