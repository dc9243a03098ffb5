package wire

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
)

// Exposure says, a sentence each, by what others than the user might reach the kernel of this connection and its file.
// Jupyter's own connection files give no cause.
func (c *Connection) Exposure(file string) []string {
	var out []string
	if c.Key == "" {
		out = append(out, `the connection file has no "key", so messages are not signed: whoever can connect can run code`)
	}
	if c.Transport != "ipc" && !loopback(c.IP) {
		out = append(out, fmt.Sprintf("the kernel listens on %s, which other machines may reach; traffic is not encrypted, and outputs go to whoever subscribes", c.IP))
	}
	if fi, err := os.Stat(file); err == nil && runtime.GOOS != "windows" && fi.Mode().Perm()&0o044 != 0 {
		out = append(out, fmt.Sprintf("other users can read the connection file (its mode is %04o, want 0600), and whoever can read it can run code", fi.Mode().Perm()))
	}
	return out
}

func loopback(ip string) bool {
	if ip == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(ip)
	return err == nil && a.IsLoopback()
}
