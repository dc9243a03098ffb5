package kernel

import (
	"fmt"
	"slices"
	"sync"

	"swingby/kernel/wire"
)

// A subshell (Jupyter enhancement proposal 91) is a second line at the shell's counter: its requests are served in the
// order they came, beside those of the shell itself and of other subshells. A request says in its header, by
// subshell_id, which line it stands in; without one it stands in that of the shell.
//
// There is one interpreter, and it runs one cell at a time. So what does not run code of cells is served at once, also
// while a cell of another line runs: completion, inspection, history, and messages of comms (comms.go). Cells wait for
// their turn, and who has waited longest gets it. stop_on_error aborts the cells of the same client in the same subshell only.
//
// A subshell that is deleted takes no new requests and serves those it has.
type subshells struct {
	mu   sync.Mutex
	byID map[string]*queue
	ids  []string // in the order of their creation
}

// maxSubshells bounds how many there may be: clients that go away leave theirs behind.
const maxSubshells = 256

// find returns the queue of a subshell.
func (s *subshells) find(id string) (*queue, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.byID[id]
	return q, ok
}

// create makes a subshell.
func (s *subshells) create() (string, *queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ids) >= maxSubshells {
		return "", nil, &requestError{fmt.Sprintf("kernel: there are %d subshells already; delete_subshell_request deletes one", len(s.ids))}
	}
	if s.byID == nil {
		s.byID = make(map[string]*queue)
	}
	id, q := wire.NewID(), newQueue()
	s.byID[id] = q
	s.ids = append(s.ids, id)
	return id, q, nil
}

// remove takes a subshell away and returns its queue.
func (s *subshells) remove(id string) (*queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.byID[id]
	if !ok {
		return nil, unknownSubshell(id)
	}
	delete(s.byID, id)
	s.ids = slices.DeleteFunc(s.ids, func(other string) bool { return other == id })
	return q, nil
}

// list returns the identifiers of all subshells, the oldest first.
func (s *subshells) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.ids...)
}

func unknownSubshell(id string) error {
	return &requestError{"kernel: there is no subshell " + quote(id) + "; create_subshell_request creates one"}
}

// route puts a request of the shell channel in the queue where it belongs.
func (k *kernel) route(r *request) {
	id := r.Header.SubshellID
	if id == "" {
		k.queue.push(k.ctx, r)
		return
	}
	q, ok := k.subshells.find(id)
	if !ok || !q.push(k.ctx, r) && k.ctx.Err() == nil {
		// Requests without a reply, such as those of comms, are over for their client when it sees idle.
		k.around(r, func(r *request) {
			if r.Header.MsgType == "execute_request" {
				k.refuse(r, unknownSubshell(id))
			} else {
				k.replyError(r, unknownSubshell(id))
			}
		})
	}
}

func (k *kernel) handleCreateSubshell(r *request) {
	id, q, err := k.subshells.create()
	if err != nil {
		k.replyError(r, err)
		return
	}
	k.goLoop(func() { k.execute(q) })
	k.reply(r, object{"status": "ok", "subshell_id": id}, nil)
}

func (k *kernel) handleDeleteSubshell(r *request) {
	var req struct {
		ID string `json:"subshell_id"`
	}
	err := r.decode(&req)
	if err == nil {
		var q *queue
		if q, err = k.subshells.remove(req.ID); err == nil {
			q.close()
		}
	}
	if err != nil {
		k.replyError(r, err)
		return
	}
	k.reply(r, object{"status": "ok"}, nil)
}

func (k *kernel) handleListSubshells(r *request) {
	k.reply(r, object{"status": "ok", "subshell_id": k.subshells.list()}, nil)
}
