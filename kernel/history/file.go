package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// file is the place in the history file up to which a store has read it.
type file struct {
	path    string
	header  []byte // the first line as it was
	offset  int64  // of the first byte not yet read
	highest int    // session
}

var (
	errLocked = errors.New("another program holds its lock")
	errFormat = errors.New("it is no history file, or one of a newer swingby")
)

// lock takes the lock of writers, and makes the folder if need be.
func (f *file) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		l, err := tryLock(f.path + ".lock")
		if err == nil {
			return func() { l.Close() }, nil
		}
		if !errors.Is(err, errLocked) || time.Now().After(end) {
			return nil, err
		}
	}
}

// maxHeader bounds the first line.
const maxHeader = 256

// read reads the finished lines that are new. When the file is another one than before it calls begin and reads it
// from its start. It returns how many lines are damaged. A file that is not there is empty.
func (f *file) read(begin func(), each func(*record)) (bad int, err error) {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if f.offset > 0 {
			f.header, f.offset = nil, 0
			begin()
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return 0, err
	}
	switch {
	case !info.Mode().IsRegular():
		return 0, errFormat
	case info.Size() == 0:
		if f.offset > 0 {
			f.header, f.offset = nil, 0
			begin()
		}
		return 0, nil
	}
	first := make([]byte, min(maxHeader, info.Size()))
	if _, err := in.ReadAt(first, 0); err != nil {
		return 0, err
	}
	n := bytes.IndexByte(first, '\n')
	if n < 0 {
		n = len(first)
	}
	first = first[:n]
	if !bytes.Equal(first, f.header) || info.Size() < f.offset {
		// A damaged header still tells one file from another. What
		// must not happen is to take a file for a history that is none, and to append to it.
		if r, ok := parse(first); ok && r.History != format || !ok && !bytes.Contains(first, []byte(`"history":`)) {
			return 0, errFormat
		}
		f.header, f.offset = first, 0
		begin()
	}
	if info.Size() == f.offset {
		return 0, nil
	}
	b, err := io.ReadAll(io.NewSectionReader(in, f.offset, min(info.Size()-f.offset, 4*MaxFile)))
	if err != nil {
		return 0, err
	}
	used, bad := parseAll(b, func(r *record) {
		f.highest = max(f.highest, r.Session)
		each(r)
	})
	f.offset += int64(used)
	return bad, nil
}

// empty reports whether the file has nothing in it, not even a header.
func (f *file) empty() bool {
	info, err := os.Stat(f.path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

// append appends lines, or nothing. The lock is held.
func (f *file) append(b []byte) (err error) {
	out, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	info, err := out.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size > 0 {
		last := make([]byte, 1)
		if _, err := out.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' { // a writer died
			b = append([]byte("\n"), b...)
		}
	}
	if _, err := out.Write(b); err != nil {
		out.Truncate(size) // if that fails as well, a line is left that readers skip
		return err
	}
	return nil
}

// compact replaces a file that is too long by its newer half. The lock is held.
func (f *file) compact() error {
	info, err := os.Stat(f.path)
	if err != nil || info.Size() <= MaxFile {
		return err
	}
	all, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	header := newHeader(f.highest)
	b := header.appendTo(nil)
	half := all[len(all)-MaxFile/2:]
	half = half[bytes.IndexByte(half, '\n')+1:]
	parseAll(half, func(r *record) {
		if r.cell() {
			b = r.appendTo(b)
		}
	})
	temporary, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".new-") // with mode 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(b)
	if err == nil {
		err = temporary.Sync() // or the rename could reach the disk before the bytes
	}
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), f.path)
	}
	if err != nil {
		os.Remove(temporary.Name())
		return fmt.Errorf("cannot be shortened: %w", err)
	}
	return nil
}

// plain strips the path from an error of a file; the sentence around it names it.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
