package worker

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// startConnected starts cmd, which connects to a loopback port: Windows hands
// no sockets down.
func startConnected(cmd *exec.Cmd) (net.Conn, error) { return startTCP(cmd) }

func inheritedConn(string) (net.Conn, error) {
	return nil, errors.New("sockets cannot be inherited on this system")
}

func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func killGroup(p *os.Process) { _ = p.Kill() }

// dupOutput returns a second handle for the file that fd (1 or 2) is, which
// stays when user code closes the first.
func dupOutput(fd int) (*os.File, error) {
	id := syscall.STD_OUTPUT_HANDLE
	if fd == 2 {
		id = syscall.STD_ERROR_HANDLE
	}
	h, err := syscall.GetStdHandle(id)
	if err != nil {
		return nil, os.NewSyscallError("GetStdHandle", err)
	}
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return nil, os.NewSyscallError("GetCurrentProcess", err)
	}
	var dup syscall.Handle
	if err := syscall.DuplicateHandle(self, h, self, &dup, 0, false, syscall.DUPLICATE_SAME_ACCESS); err != nil {
		return nil, os.NewSyscallError("DuplicateHandle", err)
	}
	return os.NewFile(uintptr(dup), "worker output"), nil
}
