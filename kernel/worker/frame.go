package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// MaxFrame is the greatest length of a frame's JSON, in bytes.
const MaxFrame = 512 << 20

// A frame is one message between parent and child; see the package comment.
type frame struct {
	Type string          `json:"type"`
	ID   uint64          `json:"id,omitempty"`
	Mark uint64          `json:"mark,omitempty"`
	Body json.RawMessage `json:"body,omitempty"`
}

// A protocolError is a mistake of the other side, as against the end of the connection.
type protocolError string

func (e protocolError) Error() string { return "worker: " + string(e) }

// decode fills v from the frame's body; a missing body leaves v as it is.
func (f *frame) decode(v any) error {
	if len(f.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(f.Body, v); err != nil {
		return protocolError(fmt.Sprintf("body of frame %q: %v", f.Type, err))
	}
	return nil
}

// readFrame reads one frame. At the end of the stream between two frames it
// returns io.EOF, within one io.ErrUnexpectedEOF.
func readFrame(r io.Reader) (*frame, error) { return readFrameLimit(r, MaxFrame) }

func readFrameLimit(r io.Reader, limit uint32) (*frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	switch {
	case n == 0:
		return nil, protocolError("frame of length 0")
	case n > limit:
		return nil, protocolError(fmt.Sprintf("frame of %d bytes is longer than the limit of %d", n, limit))
	}
	data, err := readN(r, int(n))
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	f := new(frame)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, protocolError("frame is not a JSON object of the protocol: " + err.Error())
	}
	if f.Type == "" {
		return nil, protocolError("frame without a type")
	}
	return f, nil
}

// readN reads n bytes. Memory grows with what arrives, not with what the
// length promises, so a wrong length costs nothing.
func readN(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	if n <= step {
		data := make([]byte, n)
		_, err := io.ReadFull(r, data)
		return data, err
	}
	var buf bytes.Buffer
	m, err := io.CopyN(&buf, r, int64(n))
	if err == nil && m < int64(n) {
		err = io.ErrUnexpectedEOF
	}
	return buf.Bytes(), err
}

// encodeJSON is json.Marshal without the escapes that only HTML needs.
func encodeJSON(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// envelope is more than the bytes that a frame's JSON has besides its body.
const envelope = 128

// fits reports as an error that no frame can hold the body.
func fits(body []byte) error {
	if n := len(body) + envelope; n > MaxFrame {
		return errTooLong(n)
	}
	return nil
}

func errTooLong(n int) error {
	return fmt.Errorf("worker: frame of %d bytes is longer than the limit of %d", n, MaxFrame)
}

// appendFrame appends the encoded frame to b. The body is written as it is:
// it comes from encodeJSON and need not be scanned again.
func appendFrame(b []byte, f *frame) ([]byte, error) {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = append(b, `{"type":"`...)
	b = append(b, f.Type...) // our own words, without anything to escape
	b = append(b, '"')
	if f.ID != 0 {
		b = fmt.Appendf(b, `,"id":%d`, f.ID)
	}
	if f.Mark != 0 {
		b = fmt.Appendf(b, `,"mark":%d`, f.Mark)
	}
	if len(f.Body) > 0 {
		b = append(b, `,"body":`...)
		b = append(b, f.Body...)
	}
	b = append(b, '}')
	n := len(b) - start - 4
	if n > MaxFrame {
		return b[:start], errTooLong(n)
	}
	binary.BigEndian.PutUint32(b[start:], uint32(n))
	return b, nil
}

// A frameWriter writes frames from any goroutine.
type frameWriter struct {
	mu  sync.Mutex
	w   io.Writer
	buf []byte
}

func (fw *frameWriter) send(f *frame) error {
	fw.mu.Lock()
	defer fw.mu.Unlock()
	b, err := appendFrame(fw.buf[:0], f)
	if err != nil {
		return err
	}
	if cap(b) <= 1<<20 {
		fw.buf = b // keep small buffers, let large ones go
	} else {
		fw.buf = nil
	}
	_, err = fw.w.Write(b)
	return err
}

// sendBody encodes body and sends it.
func (fw *frameWriter) sendBody(typ string, id uint64, body any) error {
	raw, err := encodeJSON(body)
	if err != nil {
		return fmt.Errorf("worker: encoding %s: %w", typ, err)
	}
	return fw.send(&frame{Type: typ, ID: id, Body: raw})
}
