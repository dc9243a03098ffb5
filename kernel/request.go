package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"swingby/kernel/wire"
)

// request is a message from a client.
type request struct {
	*wire.Message
	channel  wire.Channel
	received time.Time
	after    func() // called when the request has been served and idle is published; may be nil
}

// requestError is a fault of the request, told to the client.
type requestError struct{ text string }

func (e *requestError) Error() string { return e.text }

// decode reads the content of a request. Fields that are missing keep the value they have in v.
func (r *request) decode(v any) error {
	err := json.Unmarshal(r.Content, v)
	var te *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &te):
		return &requestError{fmt.Sprintf("kernel: field %q of %s is %s, want %s", te.Field, r.Header.MsgType, article(te.Value), jsonName(te.Type.String()))}
	default:
		return &requestError{fmt.Sprintf("kernel: content of %s: %v", r.Header.MsgType, err)}
	}
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func jsonName(goType string) string {
	switch {
	case strings.HasPrefix(goType, "map"):
		return "object"
	default:
		return strings.TrimPrefix(goType, "*")
	}
}

// optional is a whole number that may be missing or null.
type optional struct {
	n   int
	set bool
}

func (o *optional) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	o.set = true
	if json.Unmarshal(b, &o.n) != nil {
		return fmt.Errorf("%s is no whole number", b)
	}
	return nil
}

func (o optional) or(n int) int {
	if o.set {
		return o.n
	}
	return n
}

// cursor returns a cursor position inside code, in code points; none means the end.
func cursor(pos optional, code string) int {
	n := utf8.RuneCountInString(code)
	return max(0, min(pos.or(n), n))
}

// object is a JSON object to be sent.
type object map[string]any

// replyType is the type of the message that answers a request, empty for one that has no answer.
func replyType(msgType string) string {
	name, ok := strings.CutSuffix(msgType, "_request")
	if !ok {
		return ""
	}
	return name + "_reply"
}

// reply answers a request on the channel it came by.
func (k *kernel) reply(r *request, content, metadata object) {
	typ := replyType(r.Header.MsgType)
	if typ == "" {
		return
	}
	k.send(r, r.channel, typ, content, metadata)
}

// send sends a message to the client that sent r.
func (k *kernel) send(r *request, ch wire.Channel, typ string, content, metadata object) {
	m := &wire.Message{Identities: r.Identities, Header: wire.Header{MsgType: typ}, ParentHeader: r.RawHeader}
	var err error
	if m.Content, err = wire.Marshal(content); err == nil && metadata != nil {
		m.Metadata, err = wire.Marshal(metadata)
	}
	var frames [][]byte
	if err == nil {
		frames, err = k.codec.Encode(m)
	}
	if err == nil {
		err = k.sockets[ch].Send(frames)
	}
	if err != nil && k.ctx.Err() == nil {
		k.logf("%s: cannot send %s: %v", ch, typ, err)
	}
}

// replyError answers a request that the kernel could not serve.
func (k *kernel) replyError(r *request, err error) {
	k.logf("%s: %v", r.channel, err)
	k.reply(r, object{
		"status":    "error",
		"ename":     "bad request",
		"evalue":    err.Error(),
		"traceback": []string{err.Error()},
	}, nil)
}

// around serves a request between busy and idle.
func (k *kernel) around(r *request, handler func(*request)) {
	k.pub.status(r, "busy")
	k.protect(r, handler)
	k.pub.status(r, "idle")
	if r.after != nil {
		r.after()
	}
}
