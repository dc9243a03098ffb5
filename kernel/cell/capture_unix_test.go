//go:build unix

package cell

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// redirect has what goes to standard output and error go to w until restore is called. The variables of package os stay as
// they are: a goroutine that a cell has left behind may read them at any time.
func redirect(t testing.TB, w *os.File) (restore func()) {
	t.Helper()
	var saved [3]int
	for fd := 1; fd <= 2; fd++ {
		var err error
		if saved[fd], err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3); err == nil {
			err = unix.Dup2(int(w.Fd()), fd)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for fd := 1; fd <= 2; fd++ {
			if err := unix.Dup2(saved[fd], fd); err != nil {
				t.Fatal(err)
			}
			unix.Close(saved[fd])
		}
	}
}
