package install

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// examine returns what Doctor writes and checks its form.
func examine(t *testing.T) (string, error) {
	t.Helper()
	var b bytes.Buffer
	err := Doctor(&b)
	for _, l := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		if !regexp.MustCompile(`^(ok   |note |FIX  ) [a-z]+: \S`).MatchString(l) {
			t.Errorf("line out of form: %q", l)
		}
	}
	if (err != nil) != strings.Contains(b.String(), "FIX ") {
		t.Errorf("error %v for:\n%s", err, b.String())
	}
	return b.String(), err
}

func TestDoctor(t *testing.T) {
	alone(t)
	out, err := examine(t)
	if err == nil || !strings.Contains(out, "swingby install") || !strings.Contains(out, "note  jupyter: not on PATH") {
		t.Errorf("nothing installed: %v\n%s", err, out)
	}

	program := standIn(t)
	dir, err := Install(Options{Executable: program})
	if err != nil {
		t.Fatal(err)
	}
	out, err = examine(t)
	if err != nil || !strings.Contains(out, "ok    kernelspec: "+dir+", starting "+program+" (swingby stand-in)") || !strings.Contains(out, "ok    kernel: starts and answers") ||
		!strings.Contains(out, "ok    cell: a notebook of one cell runs") {
		t.Errorf("installed: %v\n%s", err, out)
	}

	t.Setenv("STAND_IN_FAILS", "1")
	out, err = examine(t)
	if err == nil || !strings.Contains(out, "FIX   kernel: ") || !strings.Contains(out, "no kernel today") {
		t.Errorf("a kernel that ends: %v\n%s", err, out)
	}

	t.Setenv("STAND_IN_FAILS", "")
	t.Setenv("STAND_IN_MISCOUNTS", "1")
	out, err = examine(t)
	if err == nil || !strings.Contains(out, "FIX   cell: ") || !strings.Contains(out, "does not hold 42") {
		t.Errorf("a program that cannot count: %v\n%s", err, out)
	}

	if err := os.WriteFile(program, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err = examine(t)
	if err == nil || !strings.Contains(out, "does not start") {
		t.Errorf("a program that does not start: %v\n%s", err, out)
	}

	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	out, err = examine(t)
	if err == nil || !strings.Contains(out, "FIX   kernelspec: ") || !strings.Contains(out, "is not there") {
		t.Errorf("a program that is gone: %v\n%s", err, out)
	}
}

func TestDoctorSeesHidden(t *testing.T) {
	alone(t)
	program := standIn(t)
	env := t.TempDir()
	t.Setenv("VIRTUAL_ENV", env)
	first, err := Install(Options{SysPrefix: true, Executable: program})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Install(Options{User: true, Executable: program})
	if err != nil {
		t.Fatal(err)
	}
	out, err := examine(t)
	if err != nil || !strings.Contains(out, "note  kernelspec: "+second+" is hidden by "+first) {
		t.Errorf("two kernelspecs of one name: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(second, "kernel.json")); err != nil {
		t.Errorf("doctor changed something: %v", err)
	}
}
