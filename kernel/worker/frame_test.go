package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFrameRoundTrip(t *testing.T) {
	var buf bytes.Buffer
	fw := frameWriter{w: &buf}
	body := map[string]string{"text": "<é😀> \x00 &", "long": strings.Repeat("x", 3<<20)}
	if err := fw.sendBody("display", 7, body); err != nil {
		t.Fatal(err)
	}
	if err := fw.send(&frame{Type: "ping", Mark: 1<<64 - 1}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(buf.Bytes(), []byte(`\u003c`)) {
		t.Error("HTML is escaped")
	}
	f, err := readFrame(&buf)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := f.decode(&got); err != nil || f.Type != "display" || f.ID != 7 || got["text"] != body["text"] || got["long"] != body["long"] {
		t.Errorf("%s %d, %v", f.Type, f.ID, err)
	}
	if f, err = readFrame(&buf); err != nil || f.Type != "ping" || f.Mark != 1<<64-1 || f.Body != nil {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err = readFrame(&buf); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestBadFrames(t *testing.T) {
	length := func(n uint32, s string) string { return string(binary.BigEndian.AppendUint32(nil, n)) + s }
	for _, test := range []struct {
		in, want string
		protocol bool
	}{
		{"\x00\x00", "unexpected EOF", false},
		{length(5, "{}"), "unexpected EOF", false},
		{length(1<<21, "{}"), "unexpected EOF", false},
		{length(0, ""), "worker: frame of length 0", true},
		{length(MaxFrame+1, "{}"), "worker: frame of 536870913 bytes is longer than the limit of 536870912", true},
		{length(1<<32-1, "{}"), "longer than the limit", true},
		{length(2, "{}"), "worker: frame without a type", true},
		{length(2, "[]"), "not a JSON object", true},
		{length(4, "null"), "without a type", true},
		{length(3, "{}}"), "not a JSON object", true},
		{length(12, `{"type": 17}`), "not a JSON object", true},
		{length(24, `{"type": "x", "id": -12}`), "not a JSON object", true},
	} {
		_, err := readFrame(strings.NewReader(test.in))
		pe := protocolError("")
		if err == nil || !strings.Contains(err.Error(), test.want) || errors.As(err, &pe) != test.protocol {
			t.Errorf("%.40q: %v", test.in, err)
		}
	}
	f := &frame{Type: "execute", Body: json.RawMessage(`{"code": 1}`)}
	if err := f.decode(new(ExecuteRequest)); err == nil || !strings.HasPrefix(err.Error(), `worker: body of frame "execute": `) {
		t.Errorf("body of the wrong type: %v", err)
	}
}

// A frame that cannot be sent leaves no mark behind, for the parent would read no further.
func TestTooLongAFrame(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var conn bytes.Buffer
	s := &server{outputs: [2]*os.File{out, out}, frames: frameWriter{w: &conn}}
	s.flow.init()
	if err := s.sendShown("display", make([]byte, MaxFrame)); err == nil || !strings.Contains(err.Error(), "longer than the limit") {
		t.Errorf("a display of %d bytes: %v", MaxFrame, err)
	}
	if info, err := out.Stat(); err != nil || info.Size() != 0 || conn.Len() != 0 || s.lastMark != 0 || s.flow.count != 0 || s.flow.bytes != 0 {
		t.Errorf("%d bytes of marks, %d of frames, mark %d, in flight %d, %v", info.Size(), conn.Len(), s.lastMark, s.flow.bytes, err)
	}
	if n := len(`{"type":"is_complete_reply","id":18446744073709551615,"mark":18446744073709551615,"body":}`); n > envelope {
		t.Errorf("an envelope has %d bytes", n)
	}
}

func FuzzReadFrame(f *testing.F) {
	good, _ := appendFrame(nil, &frame{Type: "execute", ID: 3, Mark: 9, Body: json.RawMessage(`{"code":"1+1","count":3}`)})
	f.Add(good)
	f.Add(append(good, good[:9]...))
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		for {
			fr, err := readFrameLimit(r, 1<<20)
			if err != nil {
				return
			}
			for _, v := range []any{new(ExecuteRequest), new(rawReply), new(rawEvent), new(queryBody), new(inputReplyBody)} {
				if fr.decode(v) == nil {
					switch v := v.(type) {
					case *rawReply:
						v.reply()
					case *rawEvent:
						v.event()
					}
				}
			}
			if strings.ContainsAny(fr.Type, "\"\\") || strings.ContainsFunc(fr.Type, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
				continue // not one of our types
			}
			b, err := appendFrame(nil, fr)
			if err != nil {
				t.Fatal(err)
			}
			again, err := readFrame(bytes.NewReader(b))
			if err != nil || again.Type != fr.Type || again.ID != fr.ID || again.Mark != fr.Mark || !bytes.Equal(again.Body, fr.Body) {
				t.Fatalf("%+v becomes %+v, %v", fr, again, err)
			}
		}
	})
}
