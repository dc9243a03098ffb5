package worker

import (
	"encoding/json"

	"swingby/kernel/comm"
	"swingby/kernel/display"
)

// protocolVersion changes with every incompatible change of the protocol. Parent
// and child are normally the same executable, but it may be replaced on disk
// while a parent runs.
const protocolVersion = 1

// An ExecuteRequest is one cell.
type ExecuteRequest struct {
	// Code is the text of the cell.
	Code string `json:"code"`
	// Count is its execution count, n of In[n].
	Count int `json:"count"`
	// Parent is the identity of the request that the cell's output belongs to; see package comm.
	Parent string `json:"parent,omitempty"`
	// Silent asks for no result.
	Silent bool `json:"silent,omitempty"`
	// UserExpressions are evaluated after a cell that succeeded; see ExecuteReply.
	UserExpressions map[string]string `json:"user_expressions,omitempty"`
}

// An ExecuteReply says how a cell ended.
type ExecuteReply struct {
	// Status is "ok" or "error".
	Status string `json:"status"`
	// Result is what the cell's last expression shows as, nil for nothing.
	// In Data, text and base64 formats are strings and all others json.RawMessage.
	Result *display.Bundle `json:"result,omitempty"`
	// Error is set when Status is "error".
	Error *Error `json:"error,omitempty"`
	// UserExpressions holds one JSON object for each expression asked for, as Jupyter has
	// them: {"status": "ok", "data", "metadata"} or {"status": "error", "ename", "evalue", "traceback"}.
	UserExpressions map[string]json.RawMessage `json:"user_expressions,omitempty"`
	// Payloads is what a cell that succeeded asks of the front end.
	Payloads []Payload `json:"payloads,omitempty"`
}

// A Payload asks the front end for something besides showing output.
type Payload struct {
	// Page is a text in several formats, by MIME type, for a pager; nil if this is no page.
	Page map[string]string `json:"page,omitempty"`
	// NextInput is text for an input: the cell's own if Replace is set, else that of a new cell below.
	NextInput string `json:"next_input,omitempty"`
	Replace   bool   `json:"replace,omitempty"`
}

// An Error is a failed cell.
type Error struct {
	// Name is the kind of error: "compile error", "panic", "interrupted", ….
	Name string `json:"name"`
	// Value is the message.
	Value string `json:"value"`
	// Traceback holds the lines to show, plain or with ANSI colours.
	Traceback []string `json:"traceback"`
}

func (e *Error) Error() string { return e.Name + ": " + e.Value }

// A CompleteReply lists what could stand at the cursor.
type CompleteReply struct {
	Matches []Match `json:"matches"`
	// Start and End bound the text that a match replaces, in code points.
	Start int `json:"start"`
	End   int `json:"end"`
}

// A Match is one completion.
type Match struct {
	Text string `json:"text"`
	// Kind is "function", "method", "field", "variable", "constant", "type", "module", "keyword" or "path".
	Kind      string `json:"kind,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// An InspectReply describes the name at the cursor.
type InspectReply struct {
	Found    bool   `json:"found"`
	Plain    string `json:"plain,omitempty"`
	Markdown string `json:"markdown,omitempty"`
}

// An IsCompleteReply says whether a text can be executed as it stands.
type IsCompleteReply struct {
	// Status is "complete", "incomplete", "invalid" or, when nothing can be said, "unknown".
	Status string `json:"status"`
	// Indent is what an incomplete text's next line begins with.
	Indent string `json:"indent,omitempty"`
}

// An Event is one piece of output: text when Stream is set, else a display or a message of a comm.
type Event struct {
	// Stream is "stdout" or "stderr"; empty for a display.
	Stream string
	// Text is valid UTF-8: any number of lines, the last one often unfinished.
	Text string
	// Display is set for a display. In Data, text and base64 formats are strings
	// and all others json.RawMessage.
	Display *display.Event
	// Comm is set for a message of a comm, which is to keep its place among the output.
	Comm *comm.Frame
	// Beside is set for what a function of a comm has shown that ran beside a cell.
	Beside bool
	// Count is the execution count of the cell that runs or, between cells, ran last.
	Count int
}

type helloBody struct {
	Version int    `json:"version"`
	Nonce   string `json:"nonce"`
}

type readyBody struct {
	Version int    `json:"version"`
	PID     int    `json:"pid"`
	Go      string `json:"go"`
}

// queryBody is the body of complete, inspect and is_complete.
type queryBody struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor,omitempty"`
	Detail int    `json:"detail,omitempty"`
}

type inputBody struct {
	Prompt   string `json:"prompt,omitempty"`
	Password bool   `json:"password,omitempty"`
}

type inputReplyBody struct {
	Value string `json:"value"`
	Error string `json:"error,omitempty"`
	EOF   bool   `json:"eof,omitempty"`
}

// textBody is what a function printed that runs beside a cell.
type textBody struct {
	Text string `json:"text"`
}

type ackBody struct {
	Count int `json:"count"`
	Bytes int `json:"bytes"`
}

// rawBundle decodes a display.Bundle without losing the digits of large numbers
// or the order of keys in JSON formats.
type rawBundle struct {
	Data     map[string]json.RawMessage `json:"data"`
	Metadata map[string]json.RawMessage `json:"metadata"`
}

func (b *rawBundle) bundle() display.Bundle {
	return display.Bundle{Data: rawValues(b.Data), Metadata: rawValues(b.Metadata)}
}

func rawValues(m map[string]json.RawMessage) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for k, raw := range m {
		var s string
		if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
			out[k] = s
		} else {
			out[k] = raw
		}
	}
	return out
}

type rawEvent struct {
	Kind string `json:"kind"`
	rawBundle
	ID   string `json:"id"`
	Wait bool   `json:"wait"`

	Progress string `json:"progress"`
	Beside   bool   `json:"beside"`
}

func (e *rawEvent) event() *display.Event {
	return &display.Event{Kind: e.Kind, Bundle: e.bundle(), ID: e.ID, Wait: e.Wait, Progress: e.Progress}
}

type rawReply struct {
	Status          string                     `json:"status"`
	Result          *rawBundle                 `json:"result"`
	Error           *Error                     `json:"error"`
	UserExpressions map[string]json.RawMessage `json:"user_expressions"`
	Payloads        []Payload                  `json:"payloads"`
}

func (r *rawReply) reply() *ExecuteReply {
	out := &ExecuteReply{Status: r.Status, Error: r.Error, UserExpressions: r.UserExpressions, Payloads: r.Payloads}
	if r.Result != nil {
		b := r.Result.bundle()
		out.Result = &b
	}
	return out
}
