//go:build unix

package kernel

import (
	"os"
	"strconv"
	"syscall"
)

// parentGone returns a function that reports whether the process that started the kernel is gone, nil when
// there is none to watch. id is the environment variable JPY_PARENT_PID, in which Jupyter leaves its process number.
//
// A parent that ends gives its children to another. When the kernel was started through a wrapper, a shell
// script say, Jupyter is not its parent, and is asked for by number.
func parentGone(id string) func() bool {
	pid, err := strconv.Atoi(id)
	if err != nil || pid <= 1 {
		return nil
	}
	if os.Getppid() == pid {
		return func() bool { return os.Getppid() != pid }
	}
	gone := func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }
	if gone() {
		return nil // the number means something else here, as in a container
	}
	return gone
}
