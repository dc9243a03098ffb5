package cell

import (
	"bufio"
	"fmt"
	"go/types"
	"io"
	"os"
	"sync"
)

// input is what cells read as their standard input: by fmt.Scan and its like, and as os.Stdin. All take from the same
// buffer, so that each goes on where the one before has stopped.
//
// os.Stdin itself is a file, whose reads nothing can answer but the system. So where lowered code makes an [io.Reader] or
// [io.ReadCloser] of a file, or calls its Read, the file is looked at, and os.Stdin replaced (convert in lower_interface.go,
// selector in lower_selector.go).
type input struct {
	mu sync.Mutex
	r  *bufio.Reader
}

// stdin is the process's own, whatever a cell sets os.Stdin to.
var stdin = os.Stdin

// Read implements [io.Reader]; it returns no more than a line.
func (in *input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.r.Read(p)
}

func (in *input) scan(a ...any) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return fmt.Fscan(in.r, a...)
}

func (in *input) scanf(format string, a ...any) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return fmt.Fscanf(in.r, format, a...)
}

func (in *input) scanln(a ...any) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return fmt.Fscanln(in.r, a...)
}

// forget drops what the last cell has left of its line: fmt.Scan leaves at least its end, which would be the next cell's line.
func (in *input) forget() {
	if in.mu.TryLock() { // else a goroutine of an earlier cell is reading
		_, _ = in.r.Discard(in.r.Buffered()) // which cannot fail
		in.mu.Unlock()
	}
}

// reader is f as a reader.
func (in *input) reader(f *os.File) io.Reader {
	if f != nil && f == stdin {
		return in
	}
	return f
}

// readCloser is f as a reader that can be closed.
func (in *input) readCloser(f *os.File) io.ReadCloser {
	if f != nil && f == stdin {
		return struct {
			io.Reader
			io.Closer
		}{in, f}
	}
	return f
}

// isFile reports whether t is *os.File.
func isFile(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isDeclared(p.Elem(), "os", "File")
}

// isDeclared reports whether t is the type that a package declares by a name.
func isDeclared(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}
