//go:build unix

package cell

import (
	"syscall"
	"time"
)

// cpuTime is what the process and the commands it has waited for have used.
func cpuTime() (user, system time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			user += time.Duration(u.Utime.Nano())
			system += time.Duration(u.Stime.Nano())
		}
	}
	return user, system
}
