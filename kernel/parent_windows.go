package kernel

import (
	"strconv"
	"syscall"
)

// parentGone returns a function that reports whether the process that started the kernel is gone, nil when
// there is none to watch. id is the environment variable JPY_PARENT_PID, in which Jupyter
// leaves, on Windows, an inherited handle of its process.
func parentGone(id string) func() bool {
	h, err := strconv.ParseUint(id, 10, 64)
	if err != nil || h == 0 {
		return nil
	}
	return func() bool {
		event, err := syscall.WaitForSingleObject(syscall.Handle(h), 0)
		return err == nil && event == syscall.WAIT_OBJECT_0
	}
}
