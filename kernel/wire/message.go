package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Version is the version of the Jupyter messaging protocol that headers announce.
const Version = "5.5"

// delimiter ends the routing identities of a message.
const delimiter = "<IDS|MSG>"

// maxIdentities bounds the search for the delimiter. A client behind a proxy has two or three identities.
const maxIdentities = 32

// Errors of Decode; each comes wrapped in a sentence that says more.
var (
	// ErrShort marks a message with too few frames, or without a delimiter.
	ErrShort = errors.New("wire: message is incomplete")
	// ErrSignature marks a message that was signed with another key, or not at all.
	ErrSignature = errors.New("wire: signature does not match")
	// ErrReplay marks a message that has been received before.
	ErrReplay = errors.New("wire: message was received before")
	// ErrJSON marks a frame that is not the JSON object it should be.
	ErrJSON = errors.New("wire: frame is not what it should be")
)

// Header says what a message is and where it comes from.
type Header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`
	// SubshellID names the subshell that a request on shell is for; empty for none.
	SubshellID string `json:"subshell_id,omitempty"`
}

// Message is one message, received or to be sent.
type Message struct {
	// Identities route a reply to the client that asked, the first of them as Socket.Recv gives it; on iopub the only one is the topic.
	Identities [][]byte
	Header     Header
	// ParentHeader is the header of the request that caused this message, as it was received; nil for none.
	ParentHeader json.RawMessage
	// Metadata and Content hold a JSON object each; nil stands for an empty one.
	Metadata json.RawMessage
	Content  json.RawMessage
	// Buffers are binary attachments, which signatures do not cover.
	Buffers [][]byte

	// RawHeader is the header as it was received, to become the ParentHeader of replies. Encode ignores it.
	RawHeader json.RawMessage
}

// NewID returns a random identifier for a message or a session.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Timestamp formats a time as Jupyter dates are: ISO 8601 in UTC, with microseconds.
// Clients measure how long a cell took with it.
func Timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// Decode takes a message apart.
//
// It checks the signature before it looks at anything that the signature covers. The
// result keeps slices of frames.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := -1
	for i, f := range frames {
		if i > maxIdentities {
			break
		}
		if string(f) == delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%w: no %s among its %d frames", ErrShort, delimiter, len(frames))
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("%w: %d frames after the delimiter, want at least 5", ErrShort, len(rest))
	}
	signature, parts := rest[0], rest[1:5]
	if err := c.verify(signature, parts); err != nil {
		return nil, err
	}
	names := [...]string{"header", "parent header", "metadata", "content"}
	for i, p := range parts {
		if err := checkObject(p); err != nil {
			return nil, fmt.Errorf("%w: %s: %v", ErrJSON, names[i], err)
		}
	}
	m := &Message{
		Identities:   frames[:at:at],
		RawHeader:    parts[0],
		ParentHeader: parts[1],
		Metadata:     parts[2],
		Content:      parts[3],
		Buffers:      rest[5:],
	}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %v", ErrJSON, err)
	}
	switch {
	case m.Header.MsgType == "":
		return nil, fmt.Errorf("%w: header has no msg_type", ErrJSON)
	case m.Header.MsgID == "":
		return nil, fmt.Errorf("%w: header has no msg_id", ErrJSON)
	}
	return m, nil
}

// checkObject says why b is no JSON object in UTF-8. The frames of a request are sent back to clients
// as parent header, so a defect must stop here.
func checkObject(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("not UTF-8")
	}
	t := bytes.TrimLeft(b, " \t\r\n")
	if len(t) == 0 {
		return errors.New("empty, want a JSON object")
	}
	if t[0] != '{' {
		return errors.New("not a JSON object")
	}
	if !json.Valid(b) {
		return errors.New("not valid JSON")
	}
	return nil
}

var emptyObject = []byte("{}")

// Encode puts a message together and signs it. It fills in the fields of the header that are empty,
// except for the session and the user name, which the codec knows.
func (c *Codec) Encode(m *Message) ([][]byte, error) {
	h := m.Header
	if h.MsgID == "" {
		h.MsgID = NewID()
	}
	if h.Date == "" {
		h.Date = Timestamp(time.Now())
	}
	if h.Version == "" {
		h.Version = Version
	}
	if h.Session == "" {
		h.Session = c.Session
	}
	if h.Username == "" {
		h.Username = c.Username
	}
	header, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("wire: cannot encode header: %w", err)
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), nil, header)
	for _, p := range [...]json.RawMessage{m.ParentHeader, m.Metadata, m.Content} {
		if len(p) == 0 {
			p = emptyObject
		}
		frames = append(frames, p)
	}
	n := len(m.Identities)
	frames[n+1] = c.sign(frames[n+2 : n+6])
	return append(frames, m.Buffers...), nil
}

// Marshal is json.Marshal without the escapes that only HTML needs, which would lengthen every SVG.
func Marshal(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
