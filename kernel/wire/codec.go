package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"
)

// Codec signs and checks the messages of one connection. All its methods may be called concurrently.
type Codec struct {
	// Session and Username go into the headers of messages that have none.
	Session  string
	Username string

	mac  sync.Pool // of hash.Hash; nil New means unsigned
	seen replayGuard
}

// NewCodec returns a codec for a key. With an empty key messages are neither signed nor checked.
func NewCodec(key string) *Codec {
	c := &Codec{Session: NewID(), Username: "kernel"}
	if key != "" {
		k := []byte(key)
		c.mac.New = func() any { return hmac.New(sha256.New, k) }
	}
	return c
}

// sign returns the hexadecimal HMAC-SHA256 of the frames, empty when there is no key.
func (c *Codec) sign(frames [][]byte) []byte {
	if c.mac.New == nil {
		return []byte{}
	}
	sum := c.sum(frames)
	return hex.AppendEncode(nil, sum[:])
}

func (c *Codec) sum(frames [][]byte) (sum digest) {
	h := c.mac.Get().(hash.Hash)
	h.Reset()
	for _, f := range frames {
		h.Write(f)
	}
	h.Sum(sum[:0])
	c.mac.Put(h)
	return sum
}

// verify checks a signature, and that it is the first of its kind.
func (c *Codec) verify(signature []byte, frames [][]byte) error {
	if c.mac.New == nil {
		return nil
	}
	if len(signature) == 0 {
		return fmt.Errorf("%w: the message is not signed", ErrSignature)
	}
	var got digest
	if hex.DecodedLen(len(signature)) != len(got) {
		return fmt.Errorf("%w: it has %d characters, want %d", ErrSignature, len(signature), hex.EncodedLen(len(got)))
	}
	if _, err := hex.Decode(got[:], signature); err != nil {
		return fmt.Errorf("%w: it is not hexadecimal", ErrSignature)
	}
	want := c.sum(frames)
	if !hmac.Equal(got[:], want[:]) {
		return fmt.Errorf("%w: the client uses another key", ErrSignature)
	}
	if !c.seen.first(want) {
		return ErrReplay
	}
	return nil
}

type digest [sha256.Size]byte

// remembered is how many signatures a replayGuard knows at least; it holds at most twice as many.
const remembered = 1 << 15

// replayGuard remembers the latest signatures in two generations: when the young one is full it
// becomes the old one, so memory stays bounded and nothing is sorted or counted.
type replayGuard struct {
	mu         sync.Mutex
	young, old map[digest]struct{}
}

// first reports whether d is new, and remembers it.
func (g *replayGuard) first(d digest) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.young[d]; ok {
		return false
	}
	if _, ok := g.old[d]; ok {
		return false
	}
	if len(g.young) >= remembered {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = make(map[digest]struct{})
	}
	g.young[d] = struct{}{}
	return true
}
