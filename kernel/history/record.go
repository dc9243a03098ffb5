package history

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"
)

// format is the number of the format that the header names.
const format = 1

// record is one line of the file; see the package comment.
type record struct {
	History int     `json:"history,omitempty"`
	ID      string  `json:"id,omitempty"`
	Session int     `json:"session"`
	Line    int     `json:"line,omitempty"`
	At      string  `json:"at,omitempty"`
	Input   string  `json:"input,omitempty"`
	Output  *string `json:"output,omitempty"`
}

func (r *record) size() int {
	n := len(r.Input) + 64
	if r.Output != nil {
		n += len(*r.Output)
	}
	return n
}

// newHeader returns the first line of a file.
func newHeader(highest int) record {
	return record{History: format, ID: rand.Text(), Session: highest}
}

// cell reports whether the record is a cell, and not a header or the begin of a session.
func (r *record) cell() bool { return r.History == 0 && r.Line > 0 }

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// appendTo appends the line of a record.
func (r *record) appendTo(b []byte) []byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("history: a record cannot be encoded: %v", err)) // it has strings and numbers only
	}
	b = fmt.Appendf(b, "%08x ", crc32.ChecksumIEEE(text))
	b = append(b, text...)
	return append(b, '\n')
}

// parse reads a line without its end.
func parse(line []byte) (r record, ok bool) {
	sum, text, found := bytes.Cut(line, []byte(" "))
	if !found || len(sum) != 8 {
		return r, false
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || crc32.ChecksumIEEE(text) != uint32(want) {
		return r, false
	}
	return r, json.Unmarshal(text, &r) == nil && r.Session >= 0 && r.Line >= 0
}

// parseAll reads the finished lines of b. It returns how many bytes they have, and
// how many of them are no records; empty lines, which writers use to end a broken one, do not count.
func parseAll(b []byte, each func(*record)) (used, bad int) {
	for {
		n := bytes.IndexByte(b[used:], '\n')
		if n < 0 {
			return used, bad
		}
		line := b[used : used+n]
		used += n + 1
		if len(line) == 0 {
			continue
		}
		if r, ok := parse(line); ok {
			each(&r)
		} else {
			bad++
		}
	}
}
