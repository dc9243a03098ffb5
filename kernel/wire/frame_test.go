package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func packetOf(data []byte, limit int) (packet, error) {
	return readPacket(bufio.NewReader(bytes.NewReader(data)), nil, limit)
}

func TestReadPacket(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 70000)
	var data []byte
	data = appendFrame(data, flagMore, []byte("one"))
	data = appendFrame(data, flagMore, nil)
	data = appendFrame(data, 0, long)
	p, err := packetOf(append(data, "next"...), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if p.frames != 3 || p.command || string(p.first) != "one" || !bytes.Equal(p.raw, data) {
		t.Errorf("frames %d, command %v, first %q, %d bytes", p.frames, p.command, p.first, len(p.raw))
	}
	if got, want := encodedSize([][]byte{[]byte("one"), nil, long}), int64(len(data)); got != want {
		t.Errorf("encodedSize %d, want %d", got, want)
	}
}

func TestReadPacketRefuses(t *testing.T) {
	tests := []struct {
		name, data string
		want       string
	}{
		{"no size", "\x00", io.ErrUnexpectedEOF.Error()},
		{"cut body", "\x00\x05ab", io.ErrUnexpectedEOF.Error()},
		{"cut after more", "\x01\x01a", io.EOF.Error()},
		{"cut long size", "\x02\x00\x00", io.ErrUnexpectedEOF.Error()},
		{"reserved bits", "\x80\x00", "reserved bits"},
		{"garbage", "GET / HTTP/1.1", "reserved bits"},
		{"command with more", "\x05\x00", "command inside a message"},
		{"command after message frame", "\x01\x00\x04\x00", "command inside a message"},
		{"too large", "\x02\x00\x00\x00\x00\x00\x10\x00\x00", "larger than"},
		{"size overflows", "\x02\xff\xff\xff\xff\xff\xff\xff\xff", "larger than"},
		{"too large together", "\x01\xff" + strings.Repeat("a", 255) + "\x02\x00\x00\x00\x00\x00\x00\xff\xff", "larger than"},
		{"too many frames", strings.Repeat("\x01\x00", maxFrames+1), "frames"},
	}
	for _, test := range tests {
		_, err := packetOf([]byte(test.data), 1<<16)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// A peer that announces a lot and sends little must not make the process allocate a lot.
func TestAnnouncedSizeAllocatesNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := packetOf([]byte("\x02\x00\x00\x00\x00\x0f\xff\xff\xff"+"little"), 512<<20)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("allocated %d bytes", n)
	}
}

func TestFrameTracker(t *testing.T) {
	var data []byte
	data = appendFrame(data, flagMore, nil)
	data = appendFrame(data, flagMore, bytes.Repeat([]byte("x"), 300))
	data = appendFrame(data, 0, []byte("end"))
	for _, step := range []int{1, 2, 3, 7, 100, len(data)} {
		var f frameTracker
		for i := 0; i < len(data); i += step {
			end := min(i+step, len(data))
			f.feed(data[i:end])
			if got, want := f.boundary(), end == len(data); got != want {
				t.Fatalf("step %d, at %d of %d: boundary is %v", step, end, len(data), got)
			}
		}
	}
}

// FuzzParse reads packets off arbitrary bytes, as a connected stranger may send them, and a handshake off the same.
func FuzzParse(f *testing.F) {
	ready := appendProperty([]byte("\x05READY"), "Socket-Type", "DEALER")
	ready = appendProperty(ready, "Identity", "me")
	hello := appendFrame(bytes.Clone(greeting), flagCommand, ready)
	f.Add(hello)
	f.Add(hello[:len(hello)-3])
	f.Add(append(bytes.Clone(hello), "\x00\x01\x01"...))
	f.Add(appendFrame(appendFrame(nil, flagMore, []byte("id")), 0, bytes.Repeat([]byte("y"), 300)))
	f.Add([]byte("\x04\x07\x04PING\x00\x01"))
	f.Add([]byte("\x02\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 16
		r := bufio.NewReader(bytes.NewReader(data))
		at := 0
		var buf []byte
		for {
			p, err := readPacket(r, buf, limit)
			if err != nil {
				break
			}
			if len(p.raw) > limit || !bytes.HasPrefix(data[at:], p.raw) {
				t.Fatalf("packet of %d bytes at %d is not what was sent", len(p.raw), at)
			}
			at += len(p.raw)
			buf = p.raw
			if p.command {
				command(p.first)
			}
		}
		typ, identity, err := handshake(io.Discard, bufio.NewReader(bytes.NewReader(data)), "ROUTER")
		if err == nil {
			// What zmq4 is shown must pass the same reading again.
			again := recording(typ, identity)
			if typ2, identity2, err := handshake(io.Discard, bufio.NewReader(bytes.NewReader(again)), "ROUTER"); err != nil || typ2 != typ || identity2 != identity {
				t.Fatalf("recording of %q, %q is read as %q, %q, %v", typ, identity, typ2, identity2, err)
			}
		}
	})
}
