//go:build unix

package notebook

import (
	"bufio"
	"syscall"
	"testing"
)

// TestScriptSignal stops a script that runs, whose output has come before it ends.
func TestScriptSignal(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		cmd := runCommand(t, "fmt.Println(\"begun\")\nfor {\n}", "-")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "begun\n" {
			t.Fatalf("output %q, %v", line, err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("after %v: status %d, want %d", sig, got, want)
		}
	}
}
