package worker

import (
	"os"
	"time"

	"swingby/kernel/comm"
)

const (
	// Displays that may be on their way to the parent.
	maxInFlight   = 64
	maxFlightSize = 64 << 20

	endWithin = 250 * time.Millisecond // of silence, until a dead child's pipe is given up
	maxDetail = 64 << 10
	endMost   = 3 * time.Second // in all, for the same
)

// markWithin is how long a pipe may be silent until a frame is delivered without its mark.
var markWithin = time.Second

// A pipe is one of the child's output streams as the delivery sees it.
type pipe struct {
	name   string
	file   *os.File
	chunks <-chan chunk  // nil once closed
	hurry  chan struct{} // see readPipe
	mark   uint64        // the last mark reached
	last   time.Time     // when something last arrived
}

func (p *pipe) closed() bool { return p.chunks == nil }

// A delivery is the goroutine that brings text and frames in order and is the
// only one to call Options.Output.
type delivery struct {
	w        *Worker
	out, err *pipe
	received <-chan *frame

	head      *frame // waits for its mark in both pipes
	headSince time.Time
	delivered uint64 // mark of the last frame delivered

	held   holdback  // of stderr
	pinged time.Time // when a sign of life was last asked for, zero when it came
	pingID uint64

	acks     ackBody         // displays delivered and not yet reported
	exited   <-chan struct{} // nil once the process has ended
	exitedAt time.Time
}

func (d *delivery) run() {
	d.exited = d.w.exited
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		d.advance()
		d.report()
		if d.received == nil && d.head == nil && d.exited == nil && d.out.closed() && d.err.closed() {
			break
		}
		// A pipe is read no further than a mark whose frame is still to come.
		var out, err <-chan chunk
		last := d.received == nil && d.head == nil // no frame is still to come
		if d.out.mark <= d.delivered || last {
			out = d.out.chunks
		}
		if d.err.mark <= d.delivered || last {
			err = d.err.chunks
		}
		received := d.received
		if d.head != nil {
			received = nil
		}
		timer.Reset(d.wait(time.Now()))
		select {
		case c, ok := <-out:
			d.take(d.out, c, ok)
		case c, ok := <-err:
			d.take(d.err, c, ok)
		case f, ok := <-received:
			d.frame(f, ok)
		case id := <-d.w.pongs:
			d.pong(id)
		case <-d.exited:
			d.exited = nil
			d.exitedAt = time.Now()
			_ = d.w.conn.SetReadDeadline(d.exitedAt.Add(endMost)) // at its end already, unless someone else holds it
		case <-timer.C:
		}
	}
	d.finish()
}

// take handles what a pipe gave.
func (d *delivery) take(p *pipe, c chunk, ok bool) {
	now := time.Now()
	p.last = now
	switch {
	case !ok:
		p.chunks = nil
	case c.mark != 0:
		p.mark = max(p.mark, c.mark)
	case p == d.err:
		d.text(p, d.held.add(c.text, now))
	default:
		d.text(p, c.text)
	}
}

func (d *delivery) text(p *pipe, text string) {
	if text != "" {
		d.output(Event{Stream: p.name, Text: text})
	}
}

func (d *delivery) output(ev Event) {
	if d.w.opts.Output != nil {
		ev.Count = int(d.w.count.Load())
		d.w.opts.Output(ev)
	}
}

// frame takes a frame from the connection.
func (d *delivery) frame(f *frame, ok bool) {
	if !ok {
		d.received = nil
		return
	}
	d.head = f
	d.headSince = time.Now()
	for _, p := range []*pipe{d.out, d.err} {
		if p.mark < f.Mark {
			select {
			case p.hurry <- struct{}{}:
			default:
			}
		}
	}
}

// pong takes a sign of life: what was held when it was asked for was no last word.
func (d *delivery) pong(id uint64) {
	if id != d.pingID {
		return
	}
	if d.held.holding() {
		d.text(d.err, d.held.release(d.pinged))
	}
	d.pinged = time.Time{}
}

// advance does what has become possible or due.
func (d *delivery) advance() {
	now := time.Now()
	if d.exited == nil {
		d.end(now)
	} else if d.held.holding() {
		switch since := d.held.since(); {
		case now.Sub(since) >= holdMost:
			d.text(d.err, d.held.release(now))
		case now.Sub(since) >= holdFor && d.pinged.IsZero():
			d.pinged = now
			d.pingID++
			_ = d.w.frames.send(&frame{Type: "ping", ID: d.pingID})
		}
	}
	if d.head != nil && d.passed(d.out, now) && d.passed(d.err, now) && (d.exited == nil || !d.held.holding()) {
		f := d.head
		d.head = nil
		d.delivered = max(d.delivered, f.Mark)
		d.deliver(f)
	}
}

// passed reports whether p need not be waited for by the frame at the head.
func (d *delivery) passed(p *pipe, now time.Time) bool {
	return p.closed() || p.mark >= d.head.Mark || now.Sub(d.quietSince(p)) >= markWithin
}

// quietSince returns when p last gave anything, not before the head came.
func (d *delivery) quietSince(p *pipe) time.Time {
	if p.last.After(d.headSince) {
		return p.last
	}
	return d.headSince
}

func (d *delivery) deliver(f *frame) {
	switch f.Type {
	case "display":
		ev := new(rawEvent)
		if err := f.decode(ev); err != nil {
			d.w.connectionLost(err)
			return
		}
		d.output(Event{Display: ev.event(), Beside: ev.Beside})
		d.ack(f)
	case "text":
		body := new(textBody)
		if err := f.decode(body); err != nil {
			d.w.connectionLost(err)
			return
		}
		d.output(Event{Stream: "stdout", Text: body.Text, Beside: true})
		d.ack(f)
	case "comm":
		m := new(comm.Frame)
		if err := f.decode(m); err != nil {
			d.w.connectionLost(err)
			return
		}
		d.output(Event{Comm: m, Beside: m.Beside})
		d.ack(f)
	case "input":
		go d.w.answer(f)
	default:
		d.w.resolve(f)
	}
}

// ack counts a frame as delivered, for flow control.
func (d *delivery) ack(f *frame) {
	d.acks.Count++
	d.acks.Bytes += len(f.Body)
}

// report tells the child what has been delivered: when that is much, and when no frame is at hand, for then the child
// may be waiting until all have been, to show something large.
func (d *delivery) report() {
	idle := d.head == nil && len(d.received) == 0
	if d.acks.Count > 0 && (idle || d.acks.Count >= maxInFlight/4 || d.acks.Bytes >= maxFlightSize/4) {
		_ = d.w.frames.sendBody("ack", 0, d.acks) // a failure shows as the worker's death
		d.acks = ackBody{}
	}
}

// end gives up the pipes of a dead child that a process it started keeps open.
func (d *delivery) end(now time.Time) {
	for _, p := range []*pipe{d.out, d.err} {
		last := d.exitedAt
		if p.last.After(last) {
			last = p.last
		}
		if !p.closed() && (now.Sub(last) >= endWithin || now.Sub(d.exitedAt) >= endMost) {
			p.chunks = nil
			go p.file.Close() // may block where a read is under way (Windows)
		}
	}
}

// wait returns for how long nothing is due.
func (d *delivery) wait(now time.Time) time.Duration {
	const never = time.Hour
	next := never
	due := func(t time.Time) { next = min(next, max(t.Sub(now), time.Millisecond)) }
	if d.head != nil {
		for _, p := range []*pipe{d.out, d.err} {
			if !p.closed() && p.mark < d.head.Mark {
				due(d.quietSince(p).Add(markWithin))
			}
		}
	}
	if d.exited == nil {
		due(now.Add(endWithin))
	} else if d.held.holding() {
		if d.pinged.IsZero() {
			due(d.held.since().Add(holdFor))
		}
		due(d.held.since().Add(holdMost))
	}
	return next
}

// finish tells everybody that the worker has ended.
func (d *delivery) finish() {
	w := d.w
	w.conn.Close()
	go closeAll(d.out.file, d.err.file) // may block where a read is under way (Windows)
	user, words := d.held.take(), ""
	if diedOfRuntime(w.cmd.ProcessState) {
		user, words = lastWords(user)
	}
	d.text(d.err, user)

	death := &Death{Detail: shorten(words)}
	w.mu.Lock()
	switch {
	case w.requested != "":
		death.Reason, death.Requested = w.requested, true
	case w.protocolErr != nil:
		death.Reason = w.protocolErr.Error()
	case words != "":
		death.Reason = reasonOf(words)
	default:
		death.Reason = w.cmd.ProcessState.String()
		if n, ok := w.ooms(); ok && n > w.before && death.Reason == "signal: killed" {
			death.Reason += ", most likely because memory had run out: the system has killed a process for that"
		}
	}
	w.death = death
	w.ended = true
	pending := w.pending
	w.pending = nil
	w.mu.Unlock()
	for _, ch := range pending {
		ch <- result{err: death}
	}
	close(w.done)
}

// diedOfRuntime reports whether a process may have been ended by the Go runtime:
// it exits with status 2, or by a signal.
func diedOfRuntime(s *os.ProcessState) bool {
	return s.ExitCode() == 2 || s.ExitCode() == -1
}
