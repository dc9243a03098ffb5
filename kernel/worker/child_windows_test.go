package worker

import (
	"golang.org/x/sys/windows"
	"os/exec"
	"syscall"
	"testing"
	"unsafe"
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

// openFiles returns how many handles this process has.
func openFiles(t *testing.T) int {
	t.Helper()
	var n uint32
	r, _, err := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetProcessHandleCount").Call(
		uintptr(windows.CurrentProcess()), uintptr(unsafe.Pointer(&n)))
	if r == 0 {
		t.Fatal(err)
	}
	return int(n)
}

func zombies(*testing.T) []int { return nil }

func alive(pid int) bool {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	s, err := windows.WaitForSingleObject(h, 0)
	return err == nil && s == uint32(windows.WAIT_TIMEOUT)
}
