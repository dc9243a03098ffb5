package wire

import (
	"encoding/binary"
	"slices"
	"sync/atomic"
)

// Where a reply goes.
//
// A ROUTER socket finds the connection for a message by the identity that its peer has given itself; zmq4 sends to every one that
// has it. But identities are no secret. Jupyter's clients use the id of their session, which stands in the parent header of all
// that is published for them, and whoever can connect can take the same one. So the transport gives every connection a
// name of its own, in which the identity follows a serial number, and what answers a message goes where the message came from.
//
// Two things still go by identity. A client whose connection broke connects again under the same one, so when a
// connection is gone its replies go to the others of its identity. And nothing but identity says which connection to stdin is of
// the client that asked on shell.

// nameLen is how many bytes of a name stand before the identity.
const nameLen = 8

var connections atomic.Uint64 // numbers them, over all sockets

func newName(identity string) string {
	return string(binary.BigEndian.AppendUint64(nil, connections.Add(1))) + identity
}

// recipients returns the names of the connections that a message to name is for: that connection, here and open, or else
// all that share its identity.
func (l *listener) recipients(name string) []string {
	if len(name) < nameLen {
		return nil
	}
	identity := name[nameLen:]
	l.mu.Lock()
	defer l.mu.Unlock()
	var same []string
	for c := range l.conns {
		switch {
		case c.name == name:
			if !c.isClosed() {
				return []string{name}
			}
		case identity != "" && c.name[nameLen:] == identity:
			same = append(same, c.name)
		}
	}
	return same
}

// Reaches reports whether a message whose first frame is this one goes to anybody now. Others are dropped, as by all ROUTER sockets.
func (s *Socket) Reaches(recipient []byte) bool {
	names := s.l.recipients(string(recipient))
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	for c := range s.l.conns {
		if c.taken.Load() && slices.Contains(names, c.name) {
			return true
		}
	}
	return false
}

// routed returns the message once for each of its recipients.
func (l *listener) routed(frames [][]byte) [][][]byte {
	if len(frames) == 0 {
		return nil
	}
	var out [][][]byte
	for _, name := range l.recipients(string(frames[0])) {
		copied := slices.Clone(frames)
		copied[0] = []byte(name)
		out = append(out, copied)
	}
	return out
}
