//go:build unix

package wire

import (
	"errors"
	"syscall"
)

func inUse(err error) bool   { return errors.Is(err, syscall.EADDRINUSE) }
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
