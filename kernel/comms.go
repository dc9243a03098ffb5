package kernel

import (
	"encoding/json"
	"sync"
	"time"

	"swingby/kernel/comm"
	"swingby/kernel/worker"
)

// comms knows the comms that are open. The worker holds the objects; here is what routes
// messages, answers comm_info, and closes all of them when the worker dies.
//
// Messages of comms are requests of the shell or a subshell. Those of the shell are handled in the order of its
// requests, that is between cells. Those of a subshell are handled between cells too if they can be; while a cell of
// another line runs, they are handled beside it, so that a button that is to stop the cell can. They may then change
// what the cell uses: that is between those who wrote the two, as with goroutines.
//
// Messages for comms of one cell that wait together go to the worker together: it applies
// them all before it calls anything, so that of several states of a slider the newest counts
// and a client that sends faster than cells compute makes no backlog.
type comms struct {
	mu     sync.Mutex
	open   map[string]openComm
	causes map[string]*request // messages being handled, by their identity
}

// openComm is a comm that is open.
type openComm struct {
	target string
	owner  *request // whose output takes what handling its messages shows; nil for that of the last cell
}

// maxBatch bounds the messages that are handed over at once.
const maxBatch = 1000

// commContent is the content of comm_open, comm_msg and comm_close.
type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

func (c *comms) owner(id string) *request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[id].owner
}

// frame reads a message of a comm.
func (r *request) frame() (comm.Frame, error) {
	var content commContent
	if err := r.decode(&content); err != nil {
		return comm.Frame{}, err
	}
	f := comm.Frame{
		Kind: r.Header.MsgType[len("comm_"):], ID: content.ID, Target: content.Target,
		Data: content.Data, Metadata: r.Metadata, Buffers: r.Buffers, Cause: r.Header.MsgID,
	}
	if f.ID == "" {
		return f, &requestError{"kernel: " + r.Header.MsgType + " without comm_id"}
	}
	return f, nil
}

// isComm reports whether r is a message of a comm.
func (r *request) isComm() bool {
	switch r.Header.MsgType {
	case "comm_open", "comm_msg", "comm_close":
		return true
	}
	return false
}

// serveComms handles a message of a comm and those that wait behind it in its queue. They may call functions of
// cells, so they take their turn as cells do, or run beside a cell.
func (k *kernel) serveComms(q *queue, first *request) {
	fromShell, beside := first.Header.SubshellID == "", false
	// Who waits here for a cell of a subshell must not keep other subshells from what they do beside it.
	if fromShell && !k.take() {
		return
	}
	select {
	case k.commTurn <- struct{}{}:
	case <-k.ctx.Done():
		return
	}
	defer func() { <-k.commTurn }()
	if !fromShell {
		select {
		case k.turn <- struct{}{}:
		default:
			beside = true
		}
	}
	if !beside {
		defer k.release()
	}
	batch := []*request{first}
	var frames []comm.Frame
	f, err := first.frame()
	if err != nil {
		k.around(first, func(*request) { k.logf("shell: %v", err) })
		return
	}
	frames = append(frames, f)
	owner := k.comms.owner(f.ID)
	for len(batch) < maxBatch {
		r := q.popIf(func(r *request) bool {
			if !r.isComm() {
				return false
			}
			f, err = r.frame()
			return err == nil && k.comms.owner(f.ID) == owner
		})
		if r == nil {
			break
		}
		batch = append(batch, r)
		frames = append(frames, f)
	}
	for _, r := range batch {
		k.pub.status(r, "busy")
	}
	k.protect(first, func(*request) { k.handleComms(owner, batch, frames, beside) })
	for _, r := range batch {
		k.pub.status(r, "idle")
	}
	k.stillBusy()
}

// briefComms is how long messages of comms are handled before it is a computation, which a user wants to see.
const briefComms = 200 * time.Millisecond

// busyLater publishes that the kernel is busy with r if that is not over soon. The function that it returns ends it.
//
// A slider that moves makes the kernel busy and idle many times a second. Servers and pages may be told not to follow that
// (untracked_message_types of Jupyter's server), because what they draw for it costs more than the slider; the
// computation that a button starts is to be seen all the same. So it is published as one of the cell that made the button; not
// while a cell waits, which makes the kernel busy by itself, and whose client may take any idle for that of its cell.
func (k *kernel) busyLater(r *request) (over func()) {
	var mu sync.Mutex
	published, ended := false, false
	timer := time.AfterFunc(briefComms, func() {
		mu.Lock()
		defer mu.Unlock()
		k.mu.Lock()
		waits := len(k.cells) > 0
		k.mu.Unlock()
		if !ended && !waits {
			published = true
			k.pub.status(r, "busy")
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		ended = true
		if published {
			k.pub.status(r, "idle")
		}
	}
}

// handleComms has the worker handle messages.
func (k *kernel) handleComms(owner *request, batch []*request, frames []comm.Frame, beside bool) {
	get := k.keeper.begin
	if beside { // whoever runs the cell reports a death
		get = k.keeper.get
	}
	l, err := get()
	if err != nil {
		k.logf("shell: %v", err)
		for i, f := range frames {
			if f.Kind == "open" {
				k.pub.publish(batch[i], "comm_close", object{"comm_id": f.ID, "data": object{}})
			}
		}
		return
	}
	parent := owner
	if parent == nil {
		parent = batch[0]
		if e := k.lastExecution(); e != nil {
			parent = e.request
		}
	}
	k.comms.mu.Lock()
	if k.comms.open == nil {
		k.comms.open = map[string]openComm{}
	}
	k.comms.causes = map[string]*request{}
	for i, f := range frames {
		k.comms.causes[f.Cause] = batch[i]
		switch f.Kind {
		case "open":
			k.comms.open[f.ID] = openComm{f.Target, owner}
		case "close":
			delete(k.comms.open, f.ID)
		}
	}
	k.comms.mu.Unlock()
	e := &execution{request: parent, begun: time.Now()}
	now := &k.running
	if beside {
		now = &k.beside
	}
	k.mu.Lock()
	*now = e
	k.mu.Unlock()
	over := func() {}
	if !beside && parent != batch[0] {
		over = k.busyLater(parent)
	}
	err = l.Comms(k.ctx, worker.CommsRequest{Parent: parent.Header.MsgID, Beside: beside, Messages: frames})
	k.mu.Lock()
	*now = nil
	k.mu.Unlock()
	k.pub.flush()
	over()
	k.comms.mu.Lock()
	k.comms.causes = nil
	k.comms.mu.Unlock()
	if err != nil {
		k.logf("shell: comms: %v", err)
	}
	if !beside {
		k.keeper.end(l, 0, false, false) // a death is reported by the keeper
	}
}

// commFromCell sends what the worker sends by a comm.
func (k *kernel) commFromCell(e *execution, f *comm.Frame) {
	if f.Kind == "output" {
		k.comms.mu.Lock()
		to := k.comms.causes[f.ID]
		k.comms.mu.Unlock()
		k.mu.Lock()
		e.redirect = to
		k.mu.Unlock()
		return
	}
	content := object{"comm_id": f.ID, "data": rawObject(f.Data)}
	r := e.request
	k.comms.mu.Lock()
	if cause := k.comms.causes[f.Cause]; cause != nil {
		r = cause
	}
	switch f.Kind {
	case "open":
		if k.comms.open == nil {
			k.comms.open = map[string]openComm{}
		}
		k.comms.open[f.ID] = openComm{f.Target, e.request}
		content["target_name"] = f.Target
	case "msg":
	case "close":
		delete(k.comms.open, f.ID)
	default:
		k.comms.mu.Unlock()
		k.logf("a cell sent a comm message of the unknown kind %q", f.Kind)
		return
	}
	k.comms.mu.Unlock()
	k.pub.sock.Wait(k.ctx)
	k.pub.attach(r, "comm_"+f.Kind, content, f.Metadata, f.Buffers)
}

func rawObject(raw json.RawMessage) any {
	if len(raw) == 0 {
		return object{}
	}
	return raw
}

// handleCommInfo lists the comms that are open, or those of one target.
func (k *kernel) handleCommInfo(r *request) {
	var req struct {
		Target *string `json:"target_name"`
	}
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	list := object{}
	k.comms.mu.Lock()
	for id, c := range k.comms.open {
		if req.Target == nil || *req.Target == "" || *req.Target == c.target {
			list[id] = object{"target_name": c.target}
		}
	}
	k.comms.mu.Unlock()
	k.reply(r, object{"status": "ok", "comms": list}, nil)
}

// takeComms forgets all comms, because the worker that held them is no more.
func (k *kernel) takeComms() map[string]openComm {
	k.comms.mu.Lock()
	defer k.comms.mu.Unlock()
	open := k.comms.open
	k.comms.open = nil
	return open
}

// closeComms tells front ends that comms are no more, and the user that their widgets are not.
func (k *kernel) closeComms(open map[string]openComm) {
	k.mu.Lock()
	e := k.running
	if e == nil {
		e = k.last
	}
	k.mu.Unlock()
	if len(open) == 0 || e == nil {
		return
	}
	widgets := 0
	for id, c := range open {
		if c.target == "jupyter.widget" {
			widgets++
		}
		r := c.owner
		if r == nil {
			r = e.request
		}
		k.pub.publish(r, "comm_close", object{"comm_id": id, "data": object{"reason": "the session's process ended"}})
	}
	if widgets > 0 {
		k.pub.stream(e.request, "stderr", "swingby: widgets made before this do not respond any more; run their cells again\n")
	}
}
