package stdlib

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestStart runs this test program once more, with the runtime's trace of package
// initialisation, and checks that the tables cost nothing: no code of theirs runs at
// start, and this package's does next to nothing.
func TestStart(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "init fmt ") && !strings.Contains(string(out), "init runtime ") {
		t.Fatalf("no trace in\n%s", out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "init swingby/stdlib/internal/symbols ") {
			t.Errorf("the tables are built at start: %s", line)
		}
	}
}
