package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Flags of a ZMTP 3.0 frame (https://rfc.zeromq.org/spec/23/, "Framing").
const (
	flagMore    = 0x01
	flagLong    = 0x02
	flagCommand = 0x04
)

// maxFrames bounds the frames of one message: identities, the six of Jupyter, and buffers.
const maxFrames = 4096

// errPeer marks what a peer does wrong after its handshake.
var errPeer = errors.New("wire: peer breaks the rules")

// packet is one message or command of a peer, as it stood on the connection.
type packet struct {
	raw     []byte // all frames with their headers
	first   []byte // body of the first frame
	frames  int
	command bool
}

// readPacket reads a whole message or command, reusing buf. Neither more than limit bytes
// nor memory that the peer only announced is ever allocated.
func readPacket(r *bufio.Reader, buf []byte, limit int) (packet, error) {
	p := packet{raw: buf[:0]}
	firstAt, firstLen := 0, 0
	for more := true; more; p.frames++ {
		if p.frames == maxFrames {
			return p, fmt.Errorf("%w: message of more than %d frames", errPeer, maxFrames)
		}
		flags, err := r.ReadByte()
		if err != nil {
			return p, err
		}
		more = flags&flagMore != 0
		command := flags&flagCommand != 0
		switch {
		case flags&^(flagMore|flagLong|flagCommand) != 0:
			return p, fmt.Errorf("%w: reserved bits in frame flags %#x", errPeer, flags)
		case command && (more || p.frames > 0):
			return p, fmt.Errorf("%w: command inside a message", errPeer)
		}
		p.command = command
		header := [9]byte{flags}
		n := 2
		if flags&flagLong != 0 {
			n = 9
		}
		if _, err := io.ReadFull(r, header[1:n]); err != nil {
			return p, unexpected(err)
		}
		size := uint64(header[1])
		if n == 9 {
			size = binary.BigEndian.Uint64(header[1:])
		}
		if size > uint64(limit) || len(p.raw)+n+int(size) > limit {
			return p, fmt.Errorf("%w: message is larger than %d bytes", errPeer, limit)
		}
		p.raw = append(p.raw, header[:n]...)
		if p.frames == 0 {
			firstAt, firstLen = len(p.raw), int(size)
		}
		if p.raw, err = readBody(r, p.raw, int(size)); err != nil {
			return p, err
		}
	}
	p.first = p.raw[firstAt : firstAt+firstLen]
	return p, nil
}

// readBody appends n bytes to buf, which grows only as they arrive.
func readBody(r *bufio.Reader, buf []byte, n int) ([]byte, error) {
	const step = 1 << 20
	for n > 0 {
		k := min(n, max(step, len(buf)))
		at := len(buf)
		if cap(buf)-at < k {
			grown := make([]byte, at, at+k)
			copy(grown, buf)
			buf = grown
		}
		buf = buf[:at+k]
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			return buf[:at], unexpected(err)
		}
		n -= k
	}
	return buf, nil
}

// unexpected marks an end of input inside a frame as the fault it is.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendFrame appends a ZMTP frame.
func appendFrame(b []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}

// encodedSize is the length of the frames of a message on the connection.
func encodedSize(frames [][]byte) int64 {
	n := 0
	for _, f := range frames {
		n += 2 + len(f)
		if len(f) > 255 {
			n += 7
		}
	}
	return int64(n)
}
