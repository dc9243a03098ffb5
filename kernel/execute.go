package kernel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"swingby/kernel/display"
	"swingby/kernel/history"
	"swingby/kernel/wire"
	"swingby/kernel/worker"
)

// execution is one cell under way.
type execution struct {
	request    *request
	silent     bool
	allowStdin bool

	// Guarded by kernel.mu.
	begun       time.Time // when the worker got it
	interrupted bool
	redirect    *request // whose output is what the cell shows, if it is another's
}

// execute is the executor of the shell or a subshell: it serves the requests of a queue in the order they came.
func (k *kernel) execute(q *queue) {
	for {
		r := q.pop(k.ctx)
		if r == nil {
			return
		}
		k.dispatchShell(q, r)
	}
}

// take waits for the turn to have the interpreter, and returns false when the kernel ends; release gives it on.
func (k *kernel) take() bool {
	select {
	case k.turn <- struct{}{}:
		return true
	case <-k.ctx.Done():
		return false
	}
}

func (k *kernel) release() { <-k.turn }

// stillBusy repeats that a cell runs, or waits for its turn, after something else has ended. Clients that show one state of the
// kernel, and servers that end idle ones, would take the other's idle for that of the kernel.
func (k *kernel) stillBusy() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.cells) > 0 {
		k.pub.status(k.cells[0], "busy")
	}
}

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      bool              `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

func (k *kernel) handleExecute(r *request) {
	defer func() { // before idle, which is not to be followed by a busy
		k.mu.Lock()
		k.cells = slices.DeleteFunc(k.cells, func(other *request) bool { return other == r })
		k.mu.Unlock()
	}()
	if !k.take() {
		return
	}
	// The turn ends after idle, so that nothing of what comes next is before it.
	r.after = func() {
		k.stillBusy()
		k.release()
	}
	if k.aborted(r) {
		k.reply(r, object{"status": "aborted"}, object{"status": "aborted", "started": wire.Timestamp(time.Now())})
		return
	}
	var req executeRequest
	if err := r.decode(&req); err != nil {
		k.refuse(r, err)
		return
	}
	// A cell without code is not numbered, as in IPython.
	store := !req.Silent && (req.StoreHistory == nil || *req.StoreHistory) && strings.TrimSpace(req.Code) != ""
	count := int(k.count.Load())
	if !req.Silent {
		count++
	}
	if store {
		k.count.Store(int64(count))
	}
	e := &execution{request: r, silent: req.Silent, allowStdin: req.AllowStdin}
	k.mu.Lock()
	k.running = e
	k.mu.Unlock()
	started := time.Now()
	if !req.Silent {
		k.pub.publish(r, "execute_input", object{"code": req.Code, "execution_count": count})
	}
	reply, failure := k.runCell(e, req, count, store)
	k.mu.Lock()
	k.running, k.last = nil, e
	k.mu.Unlock()
	k.input.cancel(errCellEnded)

	entry := history.Entry{Line: count, Input: req.Code}
	if failure == nil && reply.Result != nil && !req.Silent {
		if text, ok := reply.Result.Data["text/plain"].(string); ok {
			entry.Output = &text
		}
		k.pub.publish(r, "execute_result", object{
			"execution_count": count,
			"data":            orEmpty(reply.Result.Data),
			"metadata":        orEmpty(reply.Result.Metadata),
		})
	}
	if store {
		k.history.Add(entry)
	}
	if failure != nil {
		// What a client asks for silently fails without its user knowing, whose cells go on, as with ipykernel.
		if !req.Silent {
			if req.StopOnError == nil || *req.StopOnError {
				k.abort(r)
			}
			k.pub.publish(r, "error", errorContent(failure))
		}
	}
	k.pub.flush()
	var expressions object
	payloads := []any{}
	if reply != nil {
		expressions = make(object, len(reply.UserExpressions))
		for name, v := range reply.UserExpressions {
			expressions[name] = v
		}
		for _, p := range reply.Payloads {
			payloads = append(payloads, payload(p))
		}
	}
	k.finish(r, count, expressions, payloads, failure, object{"started": wire.Timestamp(started)})
}

// refuse answers an execute request that cannot be served.
func (k *kernel) refuse(r *request, err error) {
	k.logf("shell: %v", err)
	k.finish(r, int(k.count.Load()), nil, nil, &worker.Error{Name: "bad request", Value: err.Error(), Traceback: []string{err.Error()}}, object{"started": wire.Timestamp(time.Now())})
}

// payload is a payload as Jupyter has it.
func payload(p worker.Payload) object {
	if p.Page != nil {
		return object{"source": "page", "data": p.Page, "start": 0}
	}
	return object{"source": "set_next_input", "text": p.NextInput, "replace": p.Replace}
}

// finish sends an execute_reply.
func (k *kernel) finish(r *request, count int, expressions object, payloads []any, failure *worker.Error, metadata object) {
	if expressions == nil {
		expressions = object{}
	}
	content := object{"status": "ok"}
	if failure != nil {
		content = errorContent(failure)
		content["status"] = "error"
	}
	content["execution_count"] = count
	content["user_expressions"] = expressions
	if payloads == nil {
		payloads = []any{}
	}
	content["payload"] = payloads
	k.reply(r, content, metadata)
}

func errorContent(e *worker.Error) object {
	traceback := e.Traceback
	if traceback == nil {
		traceback = []string{}
	}
	return object{"ename": e.Name, "evalue": e.Value, "traceback": traceback}
}

// runCell has a worker run a cell. Exactly one of its results is nil, unless the cell failed with a reply.
func (k *kernel) runCell(e *execution, req executeRequest, count int, store bool) (*worker.ExecuteReply, *worker.Error) {
	l, err := k.keeper.begin()
	if err != nil {
		return nil, &worker.Error{Name: "no worker", Value: err.Error(), Traceback: []string{err.Error()}}
	}
	k.mu.Lock()
	e.begun = time.Now()
	interrupted := e.interrupted
	k.mu.Unlock()
	if interrupted {
		k.keeper.end(l, count, false, false)
		const text = "the cell was interrupted before it began"
		return nil, &worker.Error{Name: "interrupted", Value: text, Traceback: []string{"interrupted: " + text}}
	}
	reply, err := l.Execute(k.ctx, worker.ExecuteRequest{
		Code:            req.Code,
		Count:           count,
		Parent:          e.request.Header.MsgID,
		Silent:          req.Silent,
		UserExpressions: req.UserExpressions,
	})
	// A silent cell may declare things as well, but has no number by which a user could run it again.
	k.keeper.end(l, count, store && err == nil && reply.Status == "ok", err != nil)
	if err != nil {
		return nil, k.deathError(l, err)
	}
	if reply.Status != "ok" {
		if reply.Error == nil {
			return reply, &worker.Error{Name: "error", Value: "the worker gave no reason"}
		}
		return reply, reply.Error
	}
	return reply, nil
}

// deathError is what a cell shows in which the worker died.
func (k *kernel) deathError(l *life, err error) *worker.Error {
	k.keeper.mu.Lock()
	cells := l.cells
	k.keeper.mu.Unlock()
	return worker.AsDeath(err).CellError(cells)
}

// output takes what cells print and show.
func (k *kernel) output(ev worker.Event) {
	k.mu.Lock()
	e := k.running
	if ev.Beside && k.beside != nil {
		e = k.beside
	}
	if e == nil {
		e = k.last // a goroutine that outlived its cell
	}
	var r *request
	if e != nil {
		if r = e.redirect; r == nil {
			r = e.request
		}
	}
	k.mu.Unlock()
	if e == nil || e.silent && ev.Comm == nil {
		return
	}
	if ev.Comm != nil {
		k.commFromCell(e, ev.Comm)
		return
	}
	if ev.Display == nil {
		if ev.Text != "" {
			k.pub.stream(r, ev.Stream, ev.Text)
		}
		return
	}
	k.display(r, ev.Display)
}

func (k *kernel) display(r *request, ev *display.Event) {
	switch ev.Kind {
	case "display", "update":
		typ, transient := "display_data", object{}
		if ev.ID != "" {
			transient["display_id"] = ev.ID
		}
		if ev.Kind == "update" {
			typ = "update_display_data"
		}
		k.pub.show(r, typ, object{"data": orEmpty(ev.Data), "metadata": orEmpty(ev.Metadata), "transient": transient})
	case "error": // of a function of a cell that ran between cells
		k.pub.show(r, "error", orEmpty(ev.Data))
	case "clear":
		k.pub.show(r, "clear_output", object{"wait": ev.Wait})
	default:
		k.logf("a cell asked for the unknown display kind %q", ev.Kind)
	}
}

// orEmpty makes JSON's {} of a nil map, where clients insist on an object.
func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func (k *kernel) lastExecution() *execution {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

var (
	errCellEnded   = errors.New("kernel: the cell has ended")
	errInterrupted = errors.New("kernel: interrupted")
)

// registering is how long a worker may take to notice a request that was sent to it; an interrupt
// that comes within it is repeated, in case it overtook the request.
const registering = 50 * time.Millisecond

// interrupt stops the cell that runs.
func (k *kernel) interrupt() {
	k.mu.Lock()
	e := k.running
	if e == nil {
		beside := k.beside != nil
		k.mu.Unlock()
		if beside { // whose cell has ended
			k.keeper.interrupt()
		}
		return
	}
	e.interrupted = true
	begun := e.begun
	k.mu.Unlock()
	if begun.IsZero() {
		return // runCell will see the flag
	}
	k.input.cancel(errInterrupted)
	k.keeper.interrupt()
	if time.Since(begun) < registering {
		time.AfterFunc(registering, func() {
			k.mu.Lock()
			same := k.running == e
			k.mu.Unlock()
			if same {
				k.keeper.interrupt()
			}
		})
	}
}

// grace is how long after a failure a request may arrive that was made before it.
const grace = 250 * time.Millisecond

// line is what stop_on_error is about: the requests of one client to the shell or to one subshell.
type line struct{ session, subshell string }

func (r *request) line() line { return line{r.Header.Session, r.Header.SubshellID} }

// abort has the requests of a line that are on their way dropped, after a cell of it failed.
func (k *kernel) abort(r *request) {
	for l, f := range k.aborts {
		if time.Since(f.at) > time.Minute {
			delete(k.aborts, l)
		}
	}
	f := failedCell{at: time.Now()}
	if made, _, ok := madeAt(r.Header.Date); ok {
		f.there = made.Add(f.at.Sub(r.received))
	}
	k.aborts[r.line()] = f
}

// failedCell is when a cell failed with stop_on_error.
type failedCell struct {
	at time.Time
	// there is the same moment by the clock of the client, which need not be right, nor agree with ours: when it made the
	// request, and how long that has been here. It is zero for a client that gives no dates.
	there time.Time
}

// aborted reports whether an execute request is to be dropped because an earlier one of its line failed.
//
// A notebook that runs all its cells sends them all at once. Those in the queue when one fails are clear cases. Others may still be
// in some buffer between client and kernel; the date in their header tells them from
// requests that the user made after seeing the failure.
func (k *kernel) aborted(r *request) bool {
	failed, ok := k.aborts[r.line()]
	if !ok {
		return false
	}
	if !r.received.After(failed.at) {
		return true
	}
	if r.received.Sub(failed.at) < grace {
		if _, made, ok := madeAt(r.Header.Date); ok && made.Before(failed.there) {
			return true
		}
	}
	delete(k.aborts, r.line())
	return false
}

// madeAt reads a date, as the first and the last moment it can mean: clients in browsers cut it to milliseconds.
func madeAt(date string) (first, last time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, date)
	if err != nil {
		return t, t, false
	}
	_, fraction, _ := strings.Cut(date, ".")
	digits := 0
	for digits < len(fraction) && '0' <= fraction[digits] && fraction[digits] <= '9' {
		digits++
	}
	unit := time.Second
	for range digits {
		unit /= 10
	}
	return t, t.Add(max(unit-1, 0)), true
}

// ask asks the user for a line of input on behalf of the cell that runs.
func (k *kernel) ask(prompt string, password bool) (string, error) {
	k.mu.Lock()
	e := k.running
	k.mu.Unlock()
	switch {
	case e == nil:
		return "", errCellEnded
	case !e.allowStdin:
		return "", fmt.Errorf("kernel: this client takes no input (allow_stdin is false)")
	}
	w := k.input.enter(e.request)
	k.mu.Lock()
	ended := k.running != e // meanwhile, so that nothing else would end the wait
	k.mu.Unlock()
	if ended {
		k.input.leave(w, inputAnswer{err: errCellEnded})
		return "", errCellEnded
	}
	turn := w.turn
	for {
		select {
		case <-turn:
			turn = nil
			k.pub.flush() // the prompt may have been printed
			// A client that has just come may not have its stdin channel yet, and one whose network broke not any more.
			for !k.sockets[wire.Stdin].Reaches(e.request.Identities[0]) {
				select {
				case <-time.After(reaching):
				case a := <-w.answer:
					return a.text, a.err
				}
			}
			k.send(e.request, wire.Stdin, "input_request", object{"prompt": prompt, "password": password}, nil)
		case a := <-w.answer:
			return a.text, a.err
		}
	}
}

// reaching is the time between two looks for the stdin channel of a client.
const reaching = 50 * time.Millisecond
