//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// peak returns the largest memory the process had, in bytes. Linux tells getrusage that of the
// process that started this one, too.
func peak() (int64, error) {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		var kB int64
		_, line, _ := bytes.Cut(status, []byte("VmHWM:"))
		if _, err := fmt.Sscan(string(line), &kB); err == nil {
			return kB * 1024, nil
		}
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss), nil
	}
	return int64(u.Maxrss) * 1024, nil
}
