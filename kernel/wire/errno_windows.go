package wire

import (
	"errors"
	"syscall"
)

// Windows Sockets error codes (winsock2.h), which package syscall does not all name.
const (
	wsaeAddrInUse   = syscall.Errno(10048)
	wsaeConnRefused = syscall.Errno(10061)
)

func inUse(err error) bool   { return errors.Is(err, wsaeAddrInUse) }
func refused(err error) bool { return errors.Is(err, wsaeConnRefused) }
