package kernel

import "swingby/kernel/history"

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool     `json:"output"`
	Raw     bool     `json:"raw"` // all there is
	Type    string   `json:"hist_access_type"`
	Session optional `json:"session"`
	Start   optional `json:"start"`
	Stop    optional `json:"stop"`
	N       optional `json:"n"`
	Pattern string   `json:"pattern"`
	Unique  bool     `json:"unique"`
}

func (k *kernel) handleHistory(r *request) {
	var req historyRequest
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	var entries []history.Entry
	switch req.Type {
	case "tail":
		entries = k.history.Tail(req.N.or(10))
	case "range":
		entries = k.history.Range(req.Session.or(0), req.Start.or(1), req.Stop.or(0))
	case "search":
		if req.Pattern == "" {
			req.Pattern = "*"
		}
		entries = k.history.Search(req.Pattern, req.N.or(-1), req.Unique)
	default:
		k.replyError(r, &requestError{"kernel: hist_access_type " + quote(req.Type) + ` is unknown, want "tail", "range" or "search"`})
		return
	}
	list := make([][3]any, 0, len(entries))
	for _, e := range entries {
		var text any = e.Input
		if req.Output {
			text = [2]any{e.Input, e.Output}
		}
		list = append(list, [3]any{e.Session, e.Line, text})
	}
	k.reply(r, object{"status": "ok", "history": list}, nil)
}
