//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// peak returns the largest memory the process had, in bytes.
func peak() (int64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss), nil
	}
	return int64(u.Maxrss) * 1024, nil
}
