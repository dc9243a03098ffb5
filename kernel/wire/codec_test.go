package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// sample returns the frames of a signed message; each call gives another one.
func sample(t testing.TB, c *Codec) [][]byte {
	t.Helper()
	frames, err := c.Encode(&Message{
		Identities:   [][]byte{[]byte("client")},
		Header:       Header{MsgType: "execute_request"},
		ParentHeader: json.RawMessage(`{"msg_id":"p"}`),
		Content:      json.RawMessage(`{"code":"1+1"}`),
		Buffers:      [][]byte{{0, 1, 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

func TestCodecRoundTrip(t *testing.T) {
	for _, key := range []string{"", "secret"} {
		c := NewCodec(key)
		frames := sample(t, c)
		m, err := c.Decode(frames)
		if err != nil {
			t.Fatalf("key %q: %v", key, err)
		}
		if m.Header.MsgType != "execute_request" || m.Header.Session != c.Session || m.Header.Version != "5.5" {
			t.Errorf("key %q: header %+v", key, m.Header)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000000Z", m.Header.Date); err != nil {
			t.Errorf("date: %v", err)
		}
		if string(m.Content) != `{"code":"1+1"}` || string(m.ParentHeader) != `{"msg_id":"p"}` || string(m.Metadata) != "{}" {
			t.Errorf("key %q: content %s, parent %s, metadata %s", key, m.Content, m.ParentHeader, m.Metadata)
		}
		if len(m.Buffers) != 1 || !bytes.Equal(m.Buffers[0], []byte{0, 1, 2}) || string(m.Identities[0]) != "client" {
			t.Errorf("key %q: buffers %v, identities %q", key, m.Buffers, m.Identities)
		}
	}
}

// The signature of a known message, computed with Python:
// hmac.new(b"key", b'{"a":1}{}{}{"b":2}', hashlib.sha256).hexdigest().
func TestSignature(t *testing.T) {
	c := NewCodec("key")
	got := string(c.sign([][]byte{[]byte(`{"a":1}`), []byte(`{}`), []byte(`{}`), []byte(`{"b":2}`)}))
	const want = "0206f42f4ae2a48f6054ab91271f90c100f7022f55fb1f23de6377624d533752"
	if got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	other := NewCodec("other")
	change := func(f func([][]byte) [][]byte) func(*Codec) [][]byte {
		return func(c *Codec) [][]byte { return f(sample(t, c)) }
	}
	resigned := func(part int, text string) func(*Codec) [][]byte {
		return func(c *Codec) [][]byte {
			f := sample(t, c)
			f[3+part] = []byte(text)
			f[2] = c.sign(f[3:7])
			return f
		}
	}
	var many [][]byte
	for range maxIdentities + 2 {
		many = append(many, []byte("id"))
	}
	tests := []struct {
		name   string
		frames func(*Codec) [][]byte
		want   error
	}{
		{"nothing", func(*Codec) [][]byte { return nil }, ErrShort},
		{"no delimiter", func(*Codec) [][]byte { return [][]byte{{}, {}, {}, {}, {}, {}} }, ErrShort},
		{"only identities", func(*Codec) [][]byte { return append(many, []byte(delimiter)) }, ErrShort},
		{"cut after header", change(func(f [][]byte) [][]byte { return f[:4] }), ErrShort},
		{"no content", change(func(f [][]byte) [][]byte { return f[:6] }), ErrShort},
		{"unsigned", change(func(f [][]byte) [][]byte { f[2] = nil; return f }), ErrSignature},
		{"short signature", change(func(f [][]byte) [][]byte { f[2] = f[2][:10]; return f }), ErrSignature},
		{"not hexadecimal", change(func(f [][]byte) [][]byte { f[2] = bytes.Repeat([]byte("x"), 64); return f }), ErrSignature},
		{"changed content", change(func(f [][]byte) [][]byte { f[6] = []byte(`{"code":"2"}`); return f }), ErrSignature},
		{"other key", func(*Codec) [][]byte { return sample(t, other) }, ErrSignature},
		{"header is a list", resigned(0, `[]`), ErrJSON},
		{"header is empty", resigned(0, ``), ErrJSON},
		{"header is cut", resigned(0, `{"msg_id":"a"`), ErrJSON},
		{"number as msg_type", resigned(0, `{"msg_id":"a","msg_type":7}`), ErrJSON},
		{"no msg_type", resigned(0, `{"msg_id":"a"}`), ErrJSON},
		{"no msg_id", resigned(0, `{"msg_type":"a"}`), ErrJSON},
		{"parent is null", resigned(1, `null`), ErrJSON},
		{"metadata is a string", resigned(2, `"x"`), ErrJSON},
		{"content is a number", resigned(3, `1`), ErrJSON},
		{"content is two objects", resigned(3, `{}{}`), ErrJSON},
		{"content is not UTF-8", resigned(3, "{\"a\":\"\xff\"}"), ErrJSON},
		{"content is deep", resigned(3, `{"a":`+strings.Repeat("[", 100000)+strings.Repeat("]", 100000)+`}`), ErrJSON},
	}
	for _, test := range tests {
		c := NewCodec("secret")
		m, err := c.Decode(test.frames(c))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v; want %v", test.name, m, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error has several lines: %v", test.name, err)
		}
	}
}

func TestReplay(t *testing.T) {
	c := NewCodec("secret")
	frames := sample(t, c)
	if _, err := c.Decode(frames); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); !errors.Is(err, ErrReplay) {
		t.Errorf("second time: %v, want ErrReplay", err)
	}
	// A wrong signature is not remembered as the right one.
	f2 := sample(t, c)
	good := f2[2]
	f2[2] = bytes.Repeat([]byte("0"), 64)
	if _, err := c.Decode(f2); !errors.Is(err, ErrSignature) {
		t.Errorf("wrong signature: %v", err)
	}
	f2[2] = good
	if _, err := c.Decode(f2); err != nil {
		t.Errorf("right signature after a wrong one: %v", err)
	}
}

func TestReplayMemoryIsBounded(t *testing.T) {
	var g replayGuard
	d := func(i int) (d digest) { copy(d[:], fmt.Sprint(i)); return }
	for i := range 5 * remembered {
		if !g.first(d(i)) {
			t.Fatalf("%d is said to be a repetition", i)
		}
		if n := len(g.young) + len(g.old); n > 2*remembered {
			t.Fatalf("%d signatures kept, want at most %d", n, 2*remembered)
		}
		if back := i - remembered + 1; back >= 0 && i%1000 == 0 && g.first(d(back)) {
			t.Fatalf("%d is forgotten after %d more", back, i-back)
		}
	}
}

func TestMarshalKeepsMarkup(t *testing.T) {
	got, err := Marshal(map[string]string{"text/html": "<b>&</b>"})
	if err != nil || string(got) != `{"text/html":"<b>&</b>"}` {
		t.Errorf("%s, %v", got, err)
	}
}

// FuzzDecode feeds arbitrary frames, cut at newlines, to an unsigned and a signed codec.
func FuzzDecode(f *testing.F) {
	plain := NewCodec("")
	join := func(frames [][]byte) []byte { return bytes.Join(frames, []byte("\n")) }
	f.Add(join(sample(f, plain)))
	f.Add(join(sample(f, NewCodec("secret"))))
	f.Add([]byte("<IDS|MSG>\n\n{}\n{}\n{}\n{}"))
	f.Add([]byte("<IDS|MSG>\n\n{\"msg_id\":\"a\",\"msg_type\":\"b\"}\n{}\n{}\n{}\nbuffer"))
	f.Add([]byte("<IDS|MSG>\n\n{\"msg_id\":1}\nnull\n[]\n\"\""))
	f.Add([]byte("a\nb\nc"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte("\n"))
		for _, c := range []*Codec{plain, NewCodec("secret")} {
			m, err := c.Decode(frames)
			if err != nil {
				if m != nil {
					t.Fatal("a message beside an error")
				}
				if !errors.Is(err, ErrShort) && !errors.Is(err, ErrSignature) && !errors.Is(err, ErrReplay) && !errors.Is(err, ErrJSON) {
					t.Fatalf("untyped error %v", err)
				}
				continue
			}
			// What was accepted can serve as parent of a reply.
			reply, err := c.Encode(&Message{Header: Header{MsgType: "reply"}, ParentHeader: m.RawHeader, Content: m.Content, Metadata: m.Metadata})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Decode(reply); err != nil {
				t.Fatalf("reply does not decode: %v", err)
			}
		}
	})
}
