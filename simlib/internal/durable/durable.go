// Package durable writes files whole or not at all.
package durable

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write makes a file of what write writes. It is first written beside the path, and takes its name when it is complete and
// on the disk: whatever happens, under that name is the old file or the new one.
func Write(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.OpenFile(filepath.Join(filepath.Dir(path), fmt.Sprintf(".swingby-%d-%x.tmp", os.Getpid(), rand.Uint64())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err = write(tmp); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Bytes is a write for Write.
func Bytes(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
