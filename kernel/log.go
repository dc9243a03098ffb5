package kernel

import (
	"io"
	"sync"
	"time"
)

// logWithin is how long the log may take a line until lines are dropped.
var logWithin = time.Second

// patientLog is a log that holds up nobody. Standard error may be a pipe that nobody reads: when that is full, writing to it
// waits for ever, and whoever can connect can have lines written. So lines are dropped while one is under way.
type patientLog struct {
	w io.Writer

	mu      sync.Mutex
	writing chan struct{} // closed when the line under way has been written; nil for none
}

func (l *patientLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing != nil {
		select {
		case <-l.writing:
		default:
			return len(line), nil
		}
	}
	done, text := make(chan struct{}), append([]byte(nil), line...)
	l.writing = done
	go func() {
		defer close(done)
		l.w.Write(text) // there is nowhere to tell of a failure
	}()
	t := time.NewTimer(logWithin)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
	return len(line), nil
}
