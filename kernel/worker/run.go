package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"swingby/kernel/cell"
	"swingby/kernel/comm"
	"swingby/kernel/display"
)

const (
	// stopNotice is how long a cell may go on after its interrupt before the user is told.
	stopNotice = 2 * time.Second
	// leaveShow is how long the methods that show a value may go on after an interrupt.
	leaveShow = 200 * time.Millisecond
)

// A replyBody is an ExecuteReply whose result has been encoded.
type replyBody struct {
	Status          string                     `json:"status"`
	Result          json.RawMessage            `json:"result,omitempty"`
	Error           *Error                     `json:"error,omitempty"`
	UserExpressions map[string]json.RawMessage `json:"user_expressions,omitempty"`
	Payloads        []Payload                  `json:"payloads,omitempty"`
}

// executeAll runs cells one after the other for as long as the process lives.
func (s *server) executeAll() {
	<-s.warm
	_ = s.frames.sendBody("ready", 0, newReady())
	for x := range s.work {
		s.idle.Stop()
		s.execute(x)
		s.idle.Reset(idleBefore)
	}
}

func (s *server) execute(x *execution) {
	s.stdin.forget()
	display.NewCell()
	s.mu.Lock()
	s.running = x.ctx
	s.mu.Unlock()
	ended := make(chan struct{})
	stop := context.AfterFunc(x.ctx, func() {
		t := time.NewTimer(stopNotice)
		defer t.Stop()
		select {
		case <-ended:
		case <-t.C:
			s.notice("the call that is running could not be stopped and goes on; interrupt again to end this session's process and lose its state")
		}
	})
	if x.calls != nil {
		s.callAll(x)
		stop()
		close(ended)
		s.mu.Lock()
		s.running = nil
		s.mu.Unlock()
		return
	}
	comm.SetParent(x.req.Parent)
	reply := s.run(x.ctx, x.req)
	stop()
	close(ended)
	body, err := encodeJSON(reply)
	if err != nil { // only strings and encoded JSON in it: cannot happen
		body, _ = encodeJSON(replyBody{Status: "error", Error: errorOf(err)})
	}
	s.mu.Lock()
	s.running = nil
	cancel := s.cancels[x.id]
	delete(s.cancels, x.id)
	s.mu.Unlock()
	cancel()
	if err := s.sendOrdered("execute_reply", x.id, body); err != nil {
		// Too large for a frame, or the parent is gone and this fails as well.
		body, _ = encodeJSON(replyBody{Status: "error", Error: errorOf(fmt.Errorf("the result cannot be shown: %w", err))})
		_ = s.sendOrdered("execute_reply", x.id, body)
	}
}

// run executes a cell and shows its result.
func (s *server) run(ctx context.Context, req ExecuteRequest) replyBody {
	if s.sessionErr != nil {
		return replyBody{Status: "error", Error: errorOf(fmt.Errorf("the interpreter could not be started: %w", s.sessionErr))}
	}
	var res cell.Result
	err := guard(func() (err error) {
		res, err = s.session.Execute(ctx, req.Count, req.Code)
		return err
	})
	if err != nil {
		return replyBody{Status: "error", Error: errorOf(err)}
	}
	reply := replyBody{Status: "ok"}
	for _, p := range res.Payloads {
		reply.Payloads = append(reply.Payloads, Payload(p))
	}
	if !req.Silent {
		if reply.Result, err = s.show(ctx, res); err != nil {
			return replyBody{Status: "error", Error: errorOf(err)}
		}
	}
	if len(req.UserExpressions) > 0 {
		reply.UserExpressions = make(map[string]json.RawMessage, len(req.UserExpressions))
		for name, expr := range req.UserExpressions {
			reply.UserExpressions[name] = s.expression(ctx, expr)
		}
	}
	return reply
}

// expression evaluates a user expression to the object that Jupyter has for it.
func (s *server) expression(ctx context.Context, expr string) json.RawMessage {
	var res cell.Result
	err := guard(func() (err error) {
		res, err = s.session.Eval(ctx, expr)
		return err
	})
	var bundle json.RawMessage
	if err == nil {
		bundle, err = s.show(ctx, res)
	}
	var out json.RawMessage
	if err == nil {
		b := rawBundle{Data: map[string]json.RawMessage{}, Metadata: map[string]json.RawMessage{}}
		if bundle != nil {
			err = json.Unmarshal(bundle, &b)
		}
		if err == nil {
			out, err = encodeJSON(map[string]any{"status": "ok", "data": b.Data, "metadata": b.Metadata})
		}
	}
	if err != nil {
		e := errorOf(err)
		out, _ = encodeJSON(map[string]any{"status": "error", "ename": e.Name, "evalue": e.Value, "traceback": e.Traceback})
	}
	return out
}

// show renders values, nil for nothing. That calls methods of the user's types, which may panic or never
// return: they run on a goroutine that can be left behind.
func (s *server) show(ctx context.Context, res cell.Result) (json.RawMessage, error) {
	if len(res.Values) == 0 {
		return nil, nil
	}
	type shown struct {
		json json.RawMessage
		err  error
	}
	ch := make(chan shown, 1)
	go func() {
		var raw json.RawMessage
		err := errors.New("worker: runtime.Goexit was called while the result was shown")
		defer func() { ch <- shown{raw, err} }()
		err = guard(func() (err error) {
			b := display.Render(res.Values, res.Types)
			if b.Data == nil {
				return nil
			}
			if b.Metadata == nil {
				b.Metadata = map[string]any{}
			}
			if raw, err = encodeJSON(b); err != nil {
				err = fmt.Errorf("the result cannot be shown: %w", err)
			}
			return err
		})
	}()
	select {
	case r := <-ch:
		return r.json, r.err
	case <-ctx.Done():
	}
	t := time.NewTimer(leaveShow)
	defer t.Stop()
	select {
	case r := <-ch:
		return r.json, r.err
	case <-t.C:
		const text = "showing the result was interrupted; a method of its type goes on and is left behind"
		return nil, &cell.Error{Name: "interrupted", Message: text, Traceback: []string{"interrupted: " + text}}
	}
}

// errorOf gives any error the form of a failed cell's.
func errorOf(err error) *Error {
	if ce := (*cell.Error)(nil); errors.As(err, &ce) {
		e := &Error{Name: ce.Name, Value: ce.Message, Traceback: ce.Traceback}
		if e.Traceback == nil {
			e.Traceback = []string{e.Error()}
		}
		return e
	}
	name := "error"
	if errors.Is(err, context.Canceled) {
		name = "interrupted"
	}
	return &Error{Name: name, Value: err.Error(), Traceback: []string{name + ": " + err.Error()}}
}
