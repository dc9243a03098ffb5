//go:build unix

package wire

import (
	"net"
	"sync"
	"syscall"
)

var umask sync.Mutex

// listenPrivately makes a socket file that only the user can open. Who may write to the file may connect, and Jupyter's folder is
// closed to others, but not every folder is. Changing the mode afterwards would leave a moment in which others may; so
// the umask of the process says it, for as long as this takes.
func listenPrivately(path string) (net.Listener, error) {
	umask.Lock()
	defer umask.Unlock()
	defer syscall.Umask(syscall.Umask(0o177))
	return net.Listen("unix", path)
}
