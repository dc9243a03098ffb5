// Package archive is the container of the type information and documentation
// that package stdlib embeds: a header line, an index, and one independently
// compressed entry per import path, so that reading one package touches only
// that package's bytes.
//
// The layout is
//
//	header "\n"                      what it was generated from, human readable
//	uvarint n                        number of entries
//	n × (string path, uvarint size)  strings are uvarint length + bytes, paths sorted
//	n × size bytes                   the entries, DEFLATE
//
// Nothing in it depends on the machine that wrote it.
package archive

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// ErrFormat is the error of Open on bytes that are not an archive.
var ErrFormat = errors.New("archive: not an archive, or cut short")

// Archive gives access to the entries of one archive.
type Archive struct {
	// Header is the line the archive was written with.
	Header string

	entries map[string]string // compressed
}

// Write returns the archive holding the given entries. The header must be one line.
func Write(header string, entries map[string][]byte) ([]byte, error) {
	if strings.Contains(header, "\n") {
		return nil, fmt.Errorf("archive: header %q must be one line", header)
	}
	paths := make([]string, 0, len(entries))
	for p := range entries {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	index := append([]byte(header), '\n')
	index = binary.AppendUvarint(index, uint64(len(paths)))
	var data bytes.Buffer
	for _, p := range paths {
		start := data.Len()
		w, err := flate.NewWriter(&data, flate.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(entries[p]); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		index = binary.AppendUvarint(index, uint64(len(p)))
		index = append(index, p...)
		index = binary.AppendUvarint(index, uint64(data.Len()-start))
	}
	return append(index, data.Bytes()...), nil
}

// Open reads the index of an archive. The entries stay compressed and alias data.
func Open(data string) (*Archive, error) {
	header, rest, ok := strings.Cut(data, "\n")
	if !ok {
		return nil, ErrFormat
	}
	r := strings.NewReader(rest)
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(len(rest)) {
		return nil, ErrFormat
	}
	type span struct {
		path string
		size uint64
	}
	spans := make([]span, n)
	for i := range spans {
		size, err := binary.ReadUvarint(r)
		if err != nil || size > uint64(r.Len()) {
			return nil, ErrFormat
		}
		at := len(rest) - r.Len()
		spans[i].path = rest[at : at+int(size)]
		if _, err := r.Seek(int64(size), io.SeekCurrent); err != nil {
			return nil, ErrFormat
		}
		if spans[i].size, err = binary.ReadUvarint(r); err != nil {
			return nil, ErrFormat
		}
	}
	body := rest[len(rest)-r.Len():]
	a := &Archive{Header: header, entries: make(map[string]string, n)}
	for _, s := range spans {
		if s.size > uint64(len(body)) {
			return nil, ErrFormat
		}
		a.entries[s.path] = body[:s.size]
		body = body[s.size:]
	}
	return a, nil
}

// Has reports whether there is an entry of that path.
func (a *Archive) Has(path string) bool {
	_, ok := a.entries[path]
	return ok
}

// Paths lists the entries in order.
func (a *Archive) Paths() []string {
	paths := make([]string, 0, len(a.entries))
	for p := range a.entries {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	return paths
}

// Read returns the decompressed entry of a path, or nil when there is none.
func (a *Archive) Read(path string) ([]byte, error) {
	data, ok := a.entries[path]
	if !ok {
		return nil, nil
	}
	return io.ReadAll(flate.NewReader(strings.NewReader(data)))
}
