package kernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"swingby/kernel/worker"
)

// Worker is what a kernel needs of a worker; *worker.Worker is one. All methods may be called concurrently, except that
// only one Execute runs at a time.
type Worker interface {
	// Execute runs a cell. An error that is a *worker.Death says that the worker is no more.
	Execute(ctx context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error)
	Complete(ctx context.Context, code string, cursor int) (*worker.CompleteReply, error)
	Inspect(ctx context.Context, code string, cursor, detail int) (*worker.InspectReply, error)
	IsComplete(ctx context.Context, code string) (*worker.IsCompleteReply, error)
	// Comms hands over messages of comms and returns when they have been handled.
	Comms(ctx context.Context, req worker.CommsRequest) error
	// Interrupt stops the cell that runs. A second one half a second or more after the first ends the worker.
	Interrupt() error
	// Done is closed when the worker is no more and all its output has been delivered.
	Done() <-chan struct{}
	// Err is the *worker.Death once Done is closed.
	Err() error
	// Close ends the worker, politely if it listens.
	Close() error
}

var _ Worker = (*worker.Worker)(nil)

// life is one worker from its start to its death. The keeper's lock guards it.
type life struct {
	Worker
	cells     []int // that ended well, and whose declarations live in the worker
	executing bool  // a cell runs, so its executor reports a death
	dead      bool  // the keeper knows
	started   time.Time
}

// keeper sees to it that there is a worker.
type keeper struct {
	k    *kernel
	mu   sync.Mutex
	cond sync.Cond

	now      *life // nil while one is started, and when none can be
	err      error // why none can be started
	starting bool
	closed   bool
	early    int // deaths in a row of workers that had not run a cell
}

func newKeeper(k *kernel) *keeper {
	q := &keeper{k: k}
	q.cond.L = &q.mu
	q.mu.Lock()
	q.startLocked()
	q.mu.Unlock()
	return q
}

// startLocked starts a worker in a goroutine.
func (q *keeper) startLocked() {
	if q.starting || q.closed {
		return
	}
	q.starting, q.now, q.err = true, nil, nil
	go func() {
		l := &life{started: time.Now()}
		w, err := q.k.opts.Start(worker.Options{
			Dir:    q.k.opts.Dir,
			Output: q.k.output,
			Input:  q.k.ask,
		})
		q.mu.Lock()
		q.starting = false
		if err != nil {
			q.err = err
		} else {
			l.Worker = w
			q.now = l
		}
		q.cond.Broadcast()
		q.mu.Unlock()
		if err != nil {
			q.k.logf("cannot start a worker: %v", err)
			return
		}
		<-w.Done()
		q.died(l)
	}()
}

// maxEarly is how many workers may die before their first cell until the keeper waits for a cell to start another.
const maxEarly = 3

// died starts the next worker.
func (q *keeper) died(l *life) {
	q.mu.Lock()
	l.dead = true
	if q.closed {
		q.mu.Unlock()
		return
	}
	defer q.k.closeComms(q.k.takeComms()) // before the next worker can open some
	quiet := !l.executing
	if quiet && len(l.cells) == 0 && time.Since(l.started) < 10*time.Second {
		q.early++
	} else {
		q.early = 0
	}
	if q.early < maxEarly {
		q.startLocked()
	} else {
		q.now, q.early = nil, 0
		q.err = fmt.Errorf("kernel: the worker cannot run: %s", worker.AsDeath(l.Err()).Reason)
	}
	q.cond.Broadcast()
	q.mu.Unlock()
	if quiet {
		q.mourn(l)
	}
}

// mourn reports a death that no reply reports, in the cell that ran last.
func (q *keeper) mourn(l *life) {
	death := worker.AsDeath(l.Err())
	q.k.logf("the worker ended: %s", death.Reason)
	if e := q.k.lastExecution(); e != nil && len(l.cells) > 0 {
		q.k.pub.stream(e.request, "stderr", strings.Join(death.Lines(l.cells), "\n")+"\n")
	}
}

// get returns the worker, waiting for one that is being started.
func (q *keeper) get() (*life, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.getLocked()
}

func (q *keeper) getLocked() (*life, error) {
	for tried := false; ; {
		switch {
		case q.closed:
			return nil, errors.New("kernel: shutting down")
		case q.starting, q.now != nil && isDone(q.now): // died will start the next
			q.cond.Wait()
		case q.now != nil:
			return q.now, nil
		case tried:
			return nil, q.err
		default:
			tried = true
			q.startLocked()
		}
	}
}

func isDone(l *life) bool {
	select {
	case <-l.Done():
		return true
	default:
		return false
	}
}

// begin returns the worker for a cell to run in; end follows when it has run.
func (q *keeper) begin() (*life, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l, err := q.getLocked()
	if err == nil {
		l.executing = true
	}
	return l, err
}

// end notes how a cell ended: whether it declared what will be lost if the worker dies, and whether
// the worker has died in it, which the caller reports.
func (q *keeper) end(l *life, count int, declared, died bool) {
	q.mu.Lock()
	if died {
		q.mu.Unlock()
		return // executing stays set, so that nobody else reports it
	}
	l.executing = false
	if declared {
		l.cells = append(l.cells, count)
	}
	late := l.dead && !q.closed // died after the cell's last word, and took the cell for running
	q.mu.Unlock()
	if late {
		q.mourn(l)
	}
}

// interrupt interrupts the cell that runs.
func (q *keeper) interrupt() {
	q.mu.Lock()
	l := q.now
	q.mu.Unlock()
	if l != nil {
		l.Interrupt()
	}
}

// close ends the worker and starts no other.
func (q *keeper) close() {
	q.mu.Lock()
	q.closed = true
	q.cond.Broadcast()
	for q.starting {
		q.cond.Wait()
	}
	l := q.now
	q.mu.Unlock()
	if l != nil {
		l.Close()
	}
}
