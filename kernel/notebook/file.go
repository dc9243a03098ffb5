package notebook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// ReadFile reads a notebook from a file. Its errors are one line naming the file.
func ReadFile(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	nb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("notebook: %s %w", path, err)
	}
	return nb, nil
}

// fileError words what the operating system said about a file.
func fileError(path string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return fmt.Errorf("notebook: %s: %w", path, pe.Err)
	}
	return fmt.Errorf("notebook: %s: %w", path, err)
}

// WriteFile writes the notebook to a file, whole or not at all: see [writeFile].
func (nb *Notebook) WriteFile(path string) error { return writeFile(path, nb.Bytes()) }

// writeFile puts data into a file without a moment at which the file is half
// written: a temporary file in the same folder is renamed over it. The mode of an
// existing file is kept and a symbolic link is followed. A file that already
// holds data is not touched, so that its time stays.
func writeFile(path string, data []byte) (err error) {
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	mode := fs.FileMode(0) // of a new file: what the umask leaves of 0666
	if info, err := os.Stat(target); err == nil {
		if !info.Mode().IsRegular() {
			return fmt.Errorf("notebook: %s is not a regular file, give the path of a file", path)
		}
		mode = info.Mode().Perm()
		if info.Size() == int64(len(data)) {
			if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, data) {
				return nil
			}
		}
	}
	name := filepath.Join(filepath.Dir(target), fmt.Sprintf(".swingby-%d-%x.tmp", os.Getpid(), rand.Uint64()))
	tmp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fileError(path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(name)
			err = fileError(path, err)
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if mode != 0 {
		if err = tmp.Chmod(mode); err != nil && runtime.GOOS != "windows" {
			return err
		}
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(name, target)
}

// Writable reports early, before a long run, that a result could not be written.
func Writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("notebook: %s is a folder, give the path of a file", path)
	} else if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("notebook: %s is not a regular file, give the path of a file", path)
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("notebook: %s: the folder %s does not exist, make it first", path, dir)
	}
	if !info.IsDir() {
		return fmt.Errorf("notebook: %s: %s is not a folder", path, dir)
	}
	return nil
}
