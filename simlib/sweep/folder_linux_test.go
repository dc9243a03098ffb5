package sweep

import (
	"os"
	"strings"
	"testing"
)

// TestFullDisk: a result that does not fit is an error that says so, and what was there stays.
func TestFullDisk(t *testing.T) {
	f := folder(t, "i=0..2")
	w, err := f.Writer("a")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(Result{Point: 0}); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	kept := w.file
	w.file = full
	for i := 1; i < 3; i++ {
		if err := w.Append(Result{Point: i}); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Fatalf("error %v", err)
		}
	}
	w.file = kept
	full.Close()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(f.Dir())
	if err != nil || len(again.Results()) != 1 || len(f.Results()) != 1 {
		t.Errorf("%d results are there, %d are known, want 1; %v", len(again.Results()), len(f.Results()), err)
	}
}
