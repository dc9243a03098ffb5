package kernel

import (
	"context"
	"sync"
)

// Bounds of the queue of requests. A client that sends more waits in its own socket.
const (
	maxQueued      = 10000
	maxQueuedBytes = 256 << 20
)

// queue holds the shell requests that wait for the executor.
type queue struct {
	mu       sync.Mutex
	requests []*request
	bytes    int
	closed   bool
	pushed   chan struct{} // has a token when requests may be there
	popped   chan struct{} // has a token when there may be room
}

func newQueue() *queue {
	return &queue{pushed: make(chan struct{}, 1), popped: make(chan struct{}, 1)}
}

func signal1(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (r *request) size() int {
	n := len(r.RawHeader) + len(r.ParentHeader) + len(r.Metadata) + len(r.Content)
	for _, b := range r.Buffers {
		n += len(b)
	}
	return n
}

// push adds a request, when there is room. It returns false when the queue has been closed, or ctx is done.
func (q *queue) push(ctx context.Context, r *request) bool {
	n := r.size()
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return false
		}
		if len(q.requests) == 0 || len(q.requests) < maxQueued && q.bytes+n <= maxQueuedBytes {
			q.requests = append(q.requests, r)
			q.bytes += n
			q.mu.Unlock()
			signal1(q.pushed)
			return true
		}
		q.mu.Unlock()
		select {
		case <-q.popped:
		case <-ctx.Done():
			return false
		}
	}
}

// close has the queue take no more; pop returns nil when it is empty.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal1(q.pushed)
	signal1(q.popped)
}

// pop takes the oldest request, nil when ctx is done.
func (q *queue) pop(ctx context.Context) *request {
	for {
		if ctx.Err() != nil {
			return nil
		}
		q.mu.Lock()
		if len(q.requests) > 0 {
			r := q.requests[0]
			q.requests[0] = nil
			q.requests = q.requests[1:]
			q.bytes -= r.size()
			q.mu.Unlock()
			signal1(q.popped)
			return r
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil
		}
		select {
		case <-q.pushed:
		case <-ctx.Done():
			return nil
		}
	}
}

// popIf takes the oldest request if there is one that is wanted; it does not wait.
func (q *queue) popIf(wanted func(*request) bool) *request {
	q.mu.Lock()
	if len(q.requests) == 0 || !wanted(q.requests[0]) {
		q.mu.Unlock()
		return nil
	}
	r := q.requests[0]
	q.requests[0] = nil
	q.requests = q.requests[1:]
	q.bytes -= r.size()
	q.mu.Unlock()
	signal1(q.popped)
	return r
}
