//go:build unix

package cell

import (
	"os/exec"
	"syscall"
	"time"
)

// inGroup gives a command a process group of its own, which an interrupt can kill as a whole.
func inGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// politeness is how long a command may take to end by itself.
const politeness = 50 * time.Millisecond

// killGroup ends a command and what it has started: politely, then for certain.
// SIGINT would be wrong: a shell outlives it when its child does not, and goes on
// with its script.
func killGroup(cmd *exec.Cmd) error {
	group := -cmd.Process.Pid
	err := syscall.Kill(group, syscall.SIGTERM)
	time.Sleep(politeness)
	_ = syscall.Kill(group, syscall.SIGKILL) // fails when all are gone
	return err
}
