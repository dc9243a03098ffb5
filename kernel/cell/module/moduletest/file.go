package moduletest

import (
	"bytes"
	"io"
	"io/fs"
	"time"

	"golang.org/x/tools/txtar"
)

// file is a file of an archive as package zip wants it.
type file struct{ f txtar.File }

func (f file) Path() string                 { return f.f.Name }
func (f file) Lstat() (fs.FileInfo, error)  { return f, nil }
func (f file) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.f.Data)), nil }

func (f file) Name() string       { return f.f.Name }
func (f file) Size() int64        { return int64(len(f.f.Data)) }
func (f file) Mode() fs.FileMode  { return 0o644 }
func (f file) ModTime() time.Time { return time.Time{} }
func (f file) IsDir() bool        { return false }
func (f file) Sys() any           { return nil }
