package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/go-zeromq/zmq4"
)

// The greeting of ZMTP 3.0: signature, version, mechanism, as-server and filler.
const (
	greetingSize  = 64
	signatureSize = 10
)

var greeting = func() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 0
	copy(g[12:32], "NULL")
	return g
}()

// maxReady bounds the metadata of a peer: two short properties, and what a library adds about itself.
const maxReady = 4096

var errHandshake = errors.New("wire: handshake failed")

// peers lists which socket types may talk to ours (ZMTP 3.0, "The Socket-Type Property").
var peers = map[zmq4.SocketType]string{
	zmq4.Router: "REQ DEALER ROUTER",
	zmq4.XPub:   "SUB XSUB",
	zmq4.Rep:    "REQ DEALER",
}

// handshake greets a peer in the name of a socket of type kind and returns the type and the identity that the peer gives itself.
func handshake(rw io.Writer, r *bufio.Reader, kind zmq4.SocketType) (typ, identity string, err error) {
	if _, err := rw.Write(greeting); err != nil {
		return "", "", err
	}
	var g [greetingSize]byte
	if _, err := io.ReadFull(r, g[:signatureSize]); err != nil {
		return "", "", unexpected(err)
	}
	if g[0] != 0xff || g[9] != 0x7f {
		return "", "", fmt.Errorf("%w: peer does not speak ZeroMQ", errHandshake)
	}
	if _, err := io.ReadFull(r, g[signatureSize:]); err != nil {
		return "", "", unexpected(err)
	}
	if g[10] < 3 {
		return "", "", fmt.Errorf("%w: peer speaks ZMTP %d, want 3 or later", errHandshake, g[10])
	}
	if m := string(bytes.TrimRight(g[12:32], "\x00")); m != "NULL" {
		return "", "", fmt.Errorf("%w: peer wants security mechanism %q, want NULL; switch encryption of kernel sockets off", errHandshake, m)
	}
	ready := appendProperty([]byte("\x05READY"), "Socket-Type", string(kind))
	if _, err := rw.Write(appendFrame(nil, flagCommand, appendProperty(ready, "Identity", ""))); err != nil {
		return "", "", err
	}
	p, err := readPacket(r, nil, maxReady)
	if err != nil {
		return "", "", err
	}
	body, ok := bytes.CutPrefix(p.first, []byte("\x05READY"))
	if !p.command || !ok {
		return "", "", fmt.Errorf("%w: peer sent no READY command", errHandshake)
	}
	if typ, identity, err = readProperties(body); err != nil {
		return "", "", err
	}
	if !compatible(kind, typ) {
		return "", "", fmt.Errorf("%w: peer is a %.100q socket, which cannot talk to %s", errHandshake, typ, kind)
	}
	return typ, identity, nil
}

// recording is the greeting and READY command that zmq4 shall see of a peer. They are written anew, so zmq4's
// own parser, which panics on short properties, never meets a stranger's bytes.
func recording(typ, identity string) []byte {
	ready := appendProperty([]byte("\x05READY"), "Socket-Type", typ)
	ready = appendProperty(ready, "Identity", identity)
	return appendFrame(bytes.Clone(greeting), flagCommand, ready)
}

func compatible(kind zmq4.SocketType, peer string) bool {
	for _, t := range bytes.Fields([]byte(peers[kind])) {
		if string(t) == peer {
			return true
		}
	}
	return false
}

// appendProperty appends one property of a READY command.
func appendProperty(b []byte, name, value string) []byte {
	b = append(b, byte(len(name)))
	b = append(b, name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

// readProperties finds the two properties that matter; names are matched without regard to case.
func readProperties(b []byte) (typ, identity string, err error) {
	short := fmt.Errorf("%w: READY command is cut short", errHandshake)
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return "", "", short
		}
		name := b[1 : 1+n]
		size := binary.BigEndian.Uint32(b[1+n:])
		b = b[1+n+4:]
		if uint64(size) > uint64(len(b)) {
			return "", "", short
		}
		value := string(b[:size])
		b = b[size:]
		switch {
		case bytes.EqualFold(name, []byte("Socket-Type")):
			typ = value
		case bytes.EqualFold(name, []byte("Identity")):
			if len(value) > 255 {
				return "", "", fmt.Errorf("%w: identity of %d bytes, want at most 255", errHandshake, len(value))
			}
			identity = value
		}
	}
	return typ, identity, nil
}
