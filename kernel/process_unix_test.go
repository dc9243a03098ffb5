//go:build unix

package kernel

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"swingby/kernel/wire"
)

// SIGINT interrupts the cell and not the kernel; SIGTERM ends the kernel and leaves nothing behind.
func TestSignals(t *testing.T) {
	conn := connection(t, "ipc")
	cmd := startProcess(t, conn)
	c := connect(t, conn)
	c.run("set kept")
	cmd.Process.Signal(os.Interrupt) // while idle
	time.Sleep(200 * time.Millisecond)
	cell := c.send(wire.Shell, "execute_request", object{"code": "print begun\nloop"})
	for summary(t, c.next()) != "stdout: begun\n" {
	}
	cmd.Process.Signal(os.Interrupt)
	if m := c.reply(wire.Shell, cell); field[string](t, m, "ename") != "interrupted" {
		t.Errorf("%s", m.Content)
	}
	if _, out := c.run("get"); out[0] != "stdout: kept\n" {
		t.Errorf("%q", out)
	}
	c.send(wire.Shell, "execute_request", object{"code": "loop"})
	cmd.Process.Signal(syscall.SIGTERM)
	if status := waitProcess(t, cmd); status != 0 {
		t.Errorf("exit status %d", status)
	}
	for _, ch := range wire.Channels {
		if _, path := conn.Address(ch); fileExists(path) {
			t.Errorf("%s is left behind", path)
		}
	}
}

// A kernel ends when the program that started it is killed.
func TestParentGone(t *testing.T) {
	conn := connection(t, "ipc")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), envParent+"="+writeConnection(t, conn))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer parent.Wait()
	defer parent.Process.Kill()
	lines := bufio.NewScanner(out)
	pid := 0
	for ready := false; !ready || pid == 0; {
		if !lines.Scan() {
			t.Fatal("the kernel does not start")
		}
		if text, ok := strings.CutPrefix(lines.Text(), "kernel "); ok {
			pid, _ = strconv.Atoi(text)
		} else {
			ready = true
		}
	}
	connect(t, conn)
	parent.Process.Kill()
	_, path := conn.Address(wire.Shell)
	for end := time.Now().Add(patience); fileExists(path); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the kernel lives on")
		}
	}
}

func TestParentGoneBy(t *testing.T) {
	for id, want := range map[string]bool{"": false, "0": false, "1": false, "x": false, "999999999": false,
		strconv.Itoa(os.Getppid()): true, strconv.Itoa(os.Getpid()): true} {
		gone := parentGone(id)
		if (gone != nil) != want {
			t.Errorf("%q: watched %v, want %v", id, gone != nil, want)
		}
		if gone != nil && gone() {
			t.Errorf("%q is said to be gone", id)
		}
	}
}
