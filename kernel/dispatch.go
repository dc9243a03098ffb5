package kernel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"swingby/kernel/wire"
)

func quote(s string) string { return strconv.Quote(s) }

// dispatchShell serves a request of the shell channel, which came out of a queue.
func (k *kernel) dispatchShell(q *queue, r *request) {
	var handler func(*request)
	switch r.Header.MsgType {
	case "execute_request":
		k.mu.Lock()
		k.cells = append(k.cells, r)
		k.mu.Unlock()
		handler = k.handleExecute
	case "complete_request":
		handler = k.handleComplete
	case "inspect_request":
		handler = k.handleInspect
	case "is_complete_request":
		handler = k.handleIsComplete
	case "comm_open", "comm_msg", "comm_close":
		k.serveComms(q, r)
		return
	default:
		handler = k.common(r)
	}
	k.dispatch(r, handler)
}

// dispatchControl serves a request of the control channel, at once.
func (k *kernel) dispatchControl(r *request) {
	var handler func(*request)
	switch r.Header.MsgType {
	case "interrupt_request":
		handler = func(r *request) {
			if !k.predecessors(r) {
				k.interrupt()
			}
			k.reply(r, object{"status": "ok"}, nil)
		}
	case "debug_request":
		handler = k.handleDebug
	case "create_subshell_request":
		handler = k.handleCreateSubshell
	case "delete_subshell_request":
		handler = k.handleDeleteSubshell
	case "list_subshell_request":
		handler = k.handleListSubshells
	default:
		handler = k.common(r)
	}
	k.dispatch(r, handler)
}

// settling is how long after the start an interrupt may arrive that was meant for the kernel before.
const settling = time.Second

// predecessors reports whether an interrupt was made before this kernel was there. Jupyter's client sends one before it kills a
// kernel to restart it; what the dead one has not read goes to the next, which listens where it did.
func (k *kernel) predecessors(r *request) bool {
	_, made, ok := madeAt(r.Header.Date)
	return ok && r.received.Sub(k.began) < settling && made.Before(k.began)
}

// common returns the handler of a request that either channel takes.
func (k *kernel) common(r *request) func(*request) {
	switch r.Header.MsgType {
	case "kernel_info_request":
		return k.handleKernelInfo
	case "history_request":
		return k.handleHistory
	case "comm_info_request":
		return k.handleCommInfo
	case "connect_request":
		return k.handleConnect
	case "shutdown_request":
		return k.handleShutdown
	}
	return nil
}

func (k *kernel) dispatch(r *request, handler func(*request)) {
	if handler == nil {
		k.logf("%s: ignored a message of type %s, which this kernel does not know", r.channel, quote(r.Header.MsgType))
		return
	}
	k.around(r, handler)
}

// LanguageInfo describes the language of cells, as kernel_info replies and
// notebooks hold it.
func LanguageInfo() map[string]any {
	return map[string]any{
		"name":               "go",
		"version":            strings.TrimPrefix(runtime.Version(), "go"),
		"mimetype":           "text/x-go",
		"file_extension":     ".go",
		"pygments_lexer":     "go",
		"codemirror_mode":    "go",
		"nbconvert_exporter": "script",
	}
}

func (k *kernel) handleKernelInfo(r *request) {
	version := strings.TrimPrefix(runtime.Version(), "go")
	k.reply(r, object{
		"status":                 "ok",
		"protocol_version":       wire.Version,
		"implementation":         "swingby",
		"implementation_version": k.opts.Version,
		"language_info":          LanguageInfo(),
		"banner":                 fmt.Sprintf("Swingby %s: Go %s", k.opts.Version, version),
		"debugger":               false,
		"supported_features":     []string{"kernel subshells"},
		"help_links": []object{
			{"text": "Go language", "url": "https://go.dev/ref/spec"},
			{"text": "Go packages", "url": "https://pkg.go.dev/std"},
			{"text": "Gonum", "url": "https://pkg.go.dev/gonum.org/v1/gonum"},
			{"text": "Plot", "url": "https://pkg.go.dev/gonum.org/v1/plot"},
		},
	}, nil)
}

func (k *kernel) handleConnect(r *request) {
	k.reply(r, object{
		"status":       "ok",
		"shell_port":   k.conn.ShellPort,
		"iopub_port":   k.conn.IOPubPort,
		"stdin_port":   k.conn.StdinPort,
		"control_port": k.conn.ControlPort,
		"hb_port":      k.conn.HBPort,
	}, nil)
}

// handleDebug answers a request of the Debug Adapter Protocol as that wants a failure told, and as Jupyter does:
// there is no debugger, as kernel_info says, but a client that asks is not to wait for ever.
func (k *kernel) handleDebug(r *request) {
	var req struct {
		Seq     optional `json:"seq"`
		Command string   `json:"command"`
	}
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	const text = "this kernel has no debugger"
	k.reply(r, object{
		"type": "response", "request_seq": req.Seq.or(0), "success": false, "command": req.Command, "message": text,
		"status": "error", "ename": "no debugger", "evalue": text, "traceback": []string{text},
	}, nil)
}

func (k *kernel) handleShutdown(r *request) {
	var req struct {
		Restart bool `json:"restart"`
	}
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	content := object{"status": "ok", "restart": req.Restart}
	k.reply(r, content, nil)
	// Clients that did not ask for it learn of it as well.
	k.pub.publish(r, "shutdown_reply", content)
	r.after = func() { k.stop(errors.New("kernel: shutdown")) }
}

// answerWithin bounds the time that a client waits for completions and the like.
const answerWithin = 10 * time.Second

// codeRequest is the content of a complete, inspect or is_complete request.
type codeRequest struct {
	Code   string   `json:"code"`
	Cursor optional `json:"cursor_pos"`
	Detail optional `json:"detail_level"`
}

// query has the worker answer a request about code. When it cannot, the client gets the answer for not knowing.
func (k *kernel) query(r *request, ask func(context.Context, *life, codeRequest) (object, error), unknown func(codeRequest) object) {
	var req codeRequest
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	l, err := k.keeper.get()
	if err == nil {
		ctx, cancel := context.WithTimeout(k.ctx, answerWithin)
		defer cancel()
		var content object
		if content, err = ask(ctx, l, req); err == nil {
			k.reply(r, content, nil)
			return
		}
	}
	k.logf("shell: no answer to %s: %v", r.Header.MsgType, err)
	k.reply(r, unknown(req), nil)
}

func (k *kernel) handleComplete(r *request) {
	k.query(r, func(ctx context.Context, l *life, req codeRequest) (object, error) {
		c, err := l.Complete(ctx, req.Code, cursor(req.Cursor, req.Code))
		if err != nil {
			return nil, err
		}
		matches := make([]string, len(c.Matches))
		types := make([]object, len(c.Matches))
		for i, m := range c.Matches {
			matches[i] = m.Text
			types[i] = object{"start": c.Start, "end": c.End, "text": m.Text, "type": m.Kind, "signature": m.Signature}
		}
		return object{
			"status":       "ok",
			"matches":      matches,
			"cursor_start": c.Start,
			"cursor_end":   c.End,
			"metadata":     object{"_jupyter_types_experimental": types},
		}, nil
	}, func(req codeRequest) object {
		at := cursor(req.Cursor, req.Code)
		return object{"status": "ok", "matches": []string{}, "cursor_start": at, "cursor_end": at, "metadata": object{}}
	})
}

func (k *kernel) handleInspect(r *request) {
	k.query(r, func(ctx context.Context, l *life, req codeRequest) (object, error) {
		c, err := l.Inspect(ctx, req.Code, cursor(req.Cursor, req.Code), req.Detail.or(0))
		if err != nil {
			return nil, err
		}
		data := object{}
		if c.Found {
			data["text/plain"] = c.Plain
			if c.Markdown != "" {
				data["text/markdown"] = c.Markdown
			}
		}
		return object{"status": "ok", "found": c.Found, "data": data, "metadata": object{}}, nil
	}, func(codeRequest) object {
		return object{"status": "ok", "found": false, "data": object{}, "metadata": object{}}
	})
}

func (k *kernel) handleIsComplete(r *request) {
	k.query(r, func(ctx context.Context, l *life, req codeRequest) (object, error) {
		c, err := l.IsComplete(ctx, req.Code)
		if err != nil {
			return nil, err
		}
		content := object{"status": c.Status}
		if c.Status == "incomplete" {
			content["indent"] = c.Indent
		}
		return content, nil
	}, func(codeRequest) object { return object{"status": "unknown"} })
}
