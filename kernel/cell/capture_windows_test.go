package cell

import (
	"os"
	"testing"
)

// redirect has what goes to standard output and error go to w until restore is called.
func redirect(_ testing.TB, w *os.File) (restore func()) {
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	return func() { os.Stdout, os.Stderr = stdout, stderr }
}
