//go:build unix

package worker

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// startConnected starts cmd with one end of a socket pair as its file
// descriptor 3 and returns the other end.
func startConnected(cmd *exec.Cmd) (net.Conn, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "worker socket")
	defer theirs.Close()
	conn, err := fdConn(fds[0])
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Env = append(cmd.Env, envSocket+"=fd:3")
	if err := cmd.Start(); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// fdConn makes a connection of a socket's descriptor and closes the descriptor.
func fdConn(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "worker socket")
	if f == nil {
		return nil, syscall.EBADF
	}
	defer f.Close()
	return net.FileConn(f)
}

// inheritedConn is the child's end; where is what follows "fd:".
func inheritedConn(where string) (net.Conn, error) {
	fd, err := strconv.Atoi(where)
	if err != nil {
		return nil, err
	}
	return fdConn(fd)
}

// ownGroup gives the child a process group of its own, so that a terminal's
// interrupt reaches the parent alone, which knows what to do about it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills the child and what it has started.
func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
	_ = p.Kill()
}

// dupOutput returns a second descriptor for the file that fd (1 or 2) is, which
// stays when user code closes or replaces the first and which no command inherits.
func dupOutput(fd int) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(n), "worker output"), nil
}
