//go:build unix

package worker

import (
	"os/exec"
	"syscall"
)

func rawWrite(fd int, s string) { syscall.Write(fd, []byte(s)) }

// heir gives cmd a process group of its own, so that it outlives the worker.
func heir(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
