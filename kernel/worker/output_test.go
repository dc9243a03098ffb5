package worker

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// cut feeds the pieces to a splitter and returns its text, each mark as "<n>".
func cut(nonce [nonceLen]byte, pieces [][]byte) string {
	var sb strings.Builder
	s := newSplitter(nonce, func(c chunk) {
		if c.mark != 0 {
			sb.WriteString("<" + string(rune('0'+c.mark)) + ">")
		}
		sb.WriteString(c.text)
	})
	buf := make([]byte, 1<<16)
	kept := 0
	for _, p := range pieces {
		n := kept + copy(buf[kept:], p)
		kept = copy(buf, s.split(buf[:n]))
	}
	s.flush(buf[:kept])
	return sb.String()
}

func TestSplit(t *testing.T) {
	nonce := [nonceLen]byte{0, 0, 1, 2, 0, 0, 0, 'x', 0xc3}
	mark := func(n uint64) string { return string(appendMark(nil, nonce, n)) }
	for _, test := range []struct{ in, want string }{
		{"plain", "plain"},
		{"é…😀", "é…😀"},
		{"a" + mark(1) + "b", "a<1>b"},
		{mark(1) + mark(2), "<1><2>"},
		{"\x00a\x00\x00" + mark(1) + "\x00", "\x00a\x00\x00<1>\x00"},
		{"\xf0\x9f" + mark(1) + "\x98\x80", "<1>😀"}, // cut by the mark
		{"\xf0\x9f" + mark(1) + "x", "<1>\uFFFD\uFFFDx"},
		{"bad \xff\xfe \xc3", "bad \uFFFD\uFFFD \uFFFD"},
		{"a" + mark(1)[:20], "a"}, // half a mark is no text
	} {
		in := []byte(test.in)
		if got := cut(nonce, [][]byte{in}); got != test.want {
			t.Errorf("%q gives %q, want %q", in, got, test.want)
		}
		for i := range in {
			if got := cut(nonce, [][]byte{[]byte(test.in[:i]), []byte(test.in[i:])}); got != test.want {
				t.Errorf("%q cut at %d gives %q, want %q", test.in, i, got, test.want)
			}
		}
		var pieces [][]byte
		for i := range len(test.in) {
			pieces = append(pieces, []byte{test.in[i]})
		}
		if got := cut(nonce, pieces); got != test.want {
			t.Errorf("%q byte by byte gives %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("a\x00\x00é\xff"), uint64(1))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if len(data) > 1<<12 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 1))
		var nonce [nonceLen]byte
		for i := range nonce {
			nonce[i] = byte(r.UintN(3)) // like the text, to confuse
		}
		// With marks in between, and cut anywhere, the text is the same.
		var in, plain []byte
		n := uint64(0)
		for _, c := range data {
			if r.UintN(4) == 0 && n < 9 {
				n++
				in = appendMark(in, nonce, n)
			}
			in = append(in, c)
			plain = append(plain, c)
		}
		if bytes.Contains(plain, nonce[:4]) || bytes.Contains(in, append([]byte{0}, append(nonce[:], 0, 0, 0, 0, 0, 0, 0, 0)...)) {
			return // text that holds the nonce
		}
		var pieces [][]byte
		for rest := in; len(rest) > 0; {
			k := 1 + r.IntN(len(rest))
			pieces = append(pieces, bytes.Clone(rest[:k]))
			rest = rest[k:]
		}
		var text strings.Builder
		marks := uint64(0)
		s := newSplitter(nonce, func(c chunk) {
			if c.mark != 0 {
				marks++
				if c.mark != marks {
					t.Fatalf("mark %d in place %d", c.mark, marks)
				}
			}
			text.WriteString(c.text)
		})
		buf := make([]byte, 1<<18)
		kept := 0
		for _, p := range pieces {
			m := kept + copy(buf[kept:], p)
			kept = copy(buf, s.split(buf[:m]))
		}
		kept = copy(buf, s.flush(buf[:kept]))
		if kept > 0 {
			return // the text ended like a mark begins
		}
		if want := validString(plain); text.String() != want || marks != n {
			t.Fatalf("got %q and %d marks, want %q and %d", text.String(), marks, want, n)
		}
	})
}

func TestReadPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, stop := make(chan chunk), make(chan struct{})
	go readPipe(r, [nonceLen]byte{}, false, out, make(chan struct{}), stop)
	// An unfinished character comes out when nothing follows.
	w.WriteString("a\xc3")
	if c := <-out; c.text != "a" {
		t.Errorf("got %q", c.text)
	}
	select {
	case c := <-out:
		if c.text != "\uFFFD" {
			t.Errorf("got %q", c.text)
		}
	case <-time.After(hangs):
		t.Error("an unfinished character never comes out")
	}
	w.WriteString("ü")
	if c := <-out; c.text != "ü" {
		t.Errorf("got %q", c.text)
	}
	w.Close()
	if _, ok := <-out; ok {
		t.Error("text after the end")
	}
}

func TestRaw(t *testing.T) {
	for raw, want := range map[bool]string{false: "a\uFFFDb", true: "a\xffb"} {
		var got strings.Builder
		s := newSplitter([nonceLen]byte{}, func(c chunk) { got.WriteString(c.text) })
		s.raw = raw
		s.flush(s.split([]byte("a\xffb")))
		if got.String() != want {
			t.Errorf("raw %v: got %q, want %q", raw, got.String(), want)
		}
	}
}
