package worker

import (
	"os/exec"
	"syscall"
)

func rawWrite(fd int, s string) {
	id := syscall.STD_OUTPUT_HANDLE
	if fd == 2 {
		id = syscall.STD_ERROR_HANDLE
	}
	if h, err := syscall.GetStdHandle(id); err == nil {
		syscall.Write(h, []byte(s))
	}
}

func heir(*exec.Cmd) {}
