package worker

import (
	"os"

	"golang.org/x/sys/unix"
)

// growPipe asks for a larger pipe, so that a cell that prints much changes
// places with the reader less often. Where that is refused the usual size does.
func growPipe(f *os.File) {
	c, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = c.Control(func(fd uintptr) {
		_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20)
	})
}
