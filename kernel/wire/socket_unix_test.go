//go:build unix

package wire

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStaleSocketFile(t *testing.T) {
	dir, err := os.MkdirTemp("", "wire")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	c := &Connection{Transport: "ipc", IP: filepath.Join(dir, "k"), ShellPort: 1, ControlPort: 2}
	_, path := c.Address(Shell)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // as a process that was killed leaves it
	l.Close()
	s, err := Listen(c, Config{Channel: Shell})
	if err != nil {
		t.Fatalf("a stale file is in the way: %v", err)
	}
	s.Close()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("Close left the socket file: %v", err)
	}

	_, path = c.Address(Control)
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(c, Config{Channel: Control}); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a plain file: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Errorf("the plain file now holds %q", b)
	}

	c.IP = filepath.Join(dir, strings.Repeat("long", 40))
	if _, err := Listen(c, Config{Channel: Shell}); err == nil || !strings.Contains(err.Error(), "no more than 100 bytes") {
		t.Errorf("too long a path: %v", err)
	}
}

// A socket file is the user's alone, whatever the umask.
func TestSocketFileMode(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir, err := os.MkdirTemp("", "wire") // t.TempDir is too long for a socket path on some systems
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	c := &Connection{Transport: "ipc", IP: filepath.Join(dir, "k"), ShellPort: 1}
	listen(t, c, Config{Channel: Shell})
	_, path := c.Address(Shell)
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

// Strangers come and go without leaving descriptors behind.
func TestNoDescriptorLeaks(t *testing.T) {
	count := func() int {
		names, err := os.ReadDir("/dev/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	c := freeTCP(t)
	s := listen(t, c, Config{Channel: Shell, Handshake: 2 * time.Second})
	before := count()
	var silent []net.Conn
	for i := range 60 {
		switch i % 4 {
		case 0:
			stranger(t, c, Shell).Close()
		case 1:
			nc := stranger(t, c, Shell)
			nc.Write(make([]byte, 100))
			closed(t, nc)
			nc.Close()
		case 2:
			silent = append(silent, stranger(t, c, Shell))
		case 3:
			rawPeer(t, c, Shell, "DEALER").Close()
		}
	}
	for _, nc := range silent {
		closed(t, nc)
		nc.Close()
	}
	waitFor(t, "descriptors to be closed", func() bool { return count() <= before+1 && s.Peers() == 0 })
}
