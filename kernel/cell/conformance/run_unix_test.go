//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRun runs a stand-in for swingby that says how it was called, and one that does not end.
func TestRun(t *testing.T) {
	standIn := filepath.Join(t.TempDir(), "swingby")
	script := "#!/bin/sh\necho \"$@\"\necho problem >&2\n[ \"$3\" != hang ] || exec sleep 30\nexit 4\n"
	if err := os.WriteFile(standIn, []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	r := &runner{swingby: standIn, dir: t.TempDir(), limit: 10 * time.Second}
	o := r.run(context.Background(), &program{path: "/x.go", args: []string{"a b", "c"}})
	if o.err != nil || o.status != 4 || o.timedOut || string(o.output) != "run /x.go a b c\nproblem\n" {
		t.Errorf("outcome %+v, output %q", o, o.output)
	}
	r.limit = 200 * time.Millisecond
	if o = r.run(context.Background(), &program{path: "/x.go", args: []string{"hang"}}); !o.timedOut {
		t.Errorf("outcome %+v, want one that timed out", o)
	}
	r.swingby = filepath.Join(r.dir, "none")
	if o = r.run(context.Background(), &program{path: "/x.go"}); o.err == nil && o.status == 0 {
		t.Errorf("outcome %+v for a missing program", o)
	}
}
