package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// A mark in a pipe: a zero byte, the nonce, a number. See the package comment.
const (
	nonceLen      = 16
	markPrefixLen = 1 + nonceLen
	markLen       = markPrefixLen + 8
)

// appendMark appends mark number seq to b.
func appendMark(b []byte, nonce [nonceLen]byte, seq uint64) []byte {
	b = append(b, 0)
	b = append(b, nonce[:]...)
	return binary.BigEndian.AppendUint64(b, seq)
}

// A chunk is what a pipe gives: text, or a mark when mark is not 0.
type chunk struct {
	text string
	mark uint64
}

// A splitter cuts the bytes of a pipe into text and marks.
type splitter struct {
	prefix [markPrefixLen]byte
	raw    bool // text is passed on as it is, valid or not
	emit   func(chunk)
}

func newSplitter(nonce [nonceLen]byte, emit func(chunk)) *splitter {
	s := &splitter{emit: emit}
	copy(s.prefix[1:], nonce[:])
	return s
}

// split emits what is complete in b and returns the rest, a suffix of b that
// must be seen again in front of the bytes that follow: an unfinished
// character, the beginning of a mark, or both. It may overwrite b.
func (s *splitter) split(b []byte) []byte {
	for {
		i := bytes.Index(b, s.prefix[:])
		if i < 0 || len(b) < i+markLen {
			if i < 0 {
				i = len(b) - s.partial(b)
			}
			i -= unfinished(b[:i])
			s.text(b[:i])
			return b[i:]
		}
		// A character may have been cut by the mark, when another goroutine's
		// long write is under way; its first half moves behind the mark.
		u := unfinished(b[:i])
		s.text(b[:i-u])
		s.emit(chunk{mark: binary.BigEndian.Uint64(b[i+markPrefixLen:])})
		next := i + markLen - u
		copy(b[next:], b[i-u:i])
		b = b[next:]
	}
}

// flush emits b, the rest that split returned, when nothing follows soon. It
// returns what is kept even so: the beginning of a mark, which is never text.
func (s *splitter) flush(b []byte) []byte {
	i := bytes.Index(b, s.prefix[:])
	if i < 0 {
		i = len(b)
		if n := s.partial(b); n > 1 { // a single zero byte is text, one that has a nonce behind it is not
			i -= n
		}
	}
	s.text(b[:i])
	return b[i:]
}

func (s *splitter) text(b []byte) {
	switch {
	case len(b) == 0:
	case s.raw:
		s.emit(chunk{text: string(b)})
	default:
		s.emit(chunk{text: validString(b)})
	}
}

// partial returns the length of b's longest suffix that a mark's prefix begins with.
func (s *splitter) partial(b []byte) int {
	for n := min(len(b), markPrefixLen-1); n > 0; n-- {
		if bytes.HasPrefix(s.prefix[:], b[len(b)-n:]) {
			return n
		}
	}
	return 0
}

// unfinished returns the length of a UTF-8 sequence that begins at the end of b
// and is correct as far as it goes, 0 to 3.
func unfinished(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		c := b[len(b)-n]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// validString returns b as a string with every byte that is not part of a
// character replaced by U+FFFD.
func validString(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var sb strings.Builder
	sb.Grow(len(b) + 16)
	for _, r := range string(b) {
		sb.WriteRune(r)
	}
	return sb.String()
}

const (
	pipeBuffer = 256 << 10
	// flushAfter is how long an unfinished character waits for its end.
	flushAfter = 100 * time.Millisecond
	// A writer that prints line by line would wake the reader for every line. So the reader
	// rests between two short reads that follow each other closely, and finds many lines then.
	restBelow = 4 << 10
	restFor   = time.Millisecond
)

// readPipe sends what arrives on r to out until r ends, then closes out.
// A value on hurry ends a rest early; when stop is closed nobody listens any more.
func readPipe(r *os.File, nonce [nonceLen]byte, raw bool, out chan<- chunk, hurry, stop <-chan struct{}) {
	defer close(out)
	s := newSplitter(nonce, func(c chunk) {
		select {
		case out <- c:
		case <-stop:
		}
	})
	s.raw = raw
	buf := make([]byte, pipeBuffer)
	kept := 0 // bytes at the start of buf that split returned
	timed := false
	var lastShort time.Time
	rest := time.NewTimer(time.Hour)
	defer rest.Stop()
	for {
		if kept > 0 {
			// Where pipes have no deadlines (Windows) the unfinished bytes wait for the next ones.
			timed = r.SetReadDeadline(time.Now().Add(flushAfter)) == nil
		}
		n, err := r.Read(buf[kept:])
		if timed {
			_ = r.SetReadDeadline(time.Time{})
			timed = false
		}
		b := buf[:kept+n]
		if n > 0 {
			b = s.split(b)
		}
		if err != nil {
			b = s.flush(b)
		}
		kept = copy(buf, b)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if n < restBelow {
			now := time.Now()
			if now.Sub(lastShort) < restFor {
				rest.Reset(restFor)
				select {
				case <-rest.C:
				case <-hurry:
				}
				now = time.Now()
			}
			lastShort = now
		}
	}
}
