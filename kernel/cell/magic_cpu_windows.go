package cell

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used; Windows does not add that of commands.
func cpuTime() (user, system time.Duration) {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, 0
	}
	var creation, exit, kernel, mine syscall.Filetime
	if syscall.GetProcessTimes(self, &creation, &exit, &kernel, &mine) != nil {
		return 0, 0
	}
	span := func(f syscall.Filetime) time.Duration {
		return time.Duration(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) * 100
	}
	return span(mine), span(kernel)
}
