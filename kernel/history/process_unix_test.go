//go:build unix

package history

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Environment variables that make the test binary a program with a store.
const (
	envFill = "SWINGBY_TEST_HISTORY_FILL" // adds cells to this file until it is killed, or 50
	envFull = "SWINGBY_TEST_HISTORY_FULL" // the same on a disk that is full after 4 KiB
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envFull); path != "" {
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: 4096, Max: 4096}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			panic(err)
		}
		fill(path)
		os.Exit(0)
	}
	if path := os.Getenv(envFill); path != "" {
		fill(path)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const filled = 50

func fill(path string) {
	s := Open(path, func(format string, args ...any) { fmt.Printf("notice: "+format+"\n", args...) })
	for i := range filled {
		s.Add(Entry{Line: i + 1, Input: strings.Repeat("line of a cell\n", 20)})
		s.Session()
	}
	fmt.Println("tail", len(s.Range(0, 1, 0)))
	s.Close()
}

func program(variable, path string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+path)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// Several processes write at once; some are killed, in the middle of a record as well. No cell of the others is lost.
func TestProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var living, doomed []*exec.Cmd
	for range 3 {
		cmd, out := program(envFill, path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if t.Failed() {
				t.Log(out)
			}
		}()
		living = append(living, cmd)
		cmd, _ = program(envFill, path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		doomed = append(doomed, cmd)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if fi, err := os.Stat(path); err == nil && fi.Size() > 4000 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing is written")
		}
	}
	for _, cmd := range doomed {
		cmd.Process.Kill()
		cmd.Wait()
	}
	for _, cmd := range living {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	s, _ := open(t, path)
	cells := make(map[int]int)
	for _, e := range s.Tail(-1) {
		if cells[e.Session]++; e.Line != cells[e.Session] {
			t.Fatalf("session %d has line %d after %d", e.Session, e.Line, cells[e.Session]-1)
		}
	}
	whole := 0
	for session, n := range cells {
		if n == filled {
			whole++
		} else if n > filled {
			t.Errorf("session %d has %d cells: two kernels share its number", session, n)
		}
	}
	if whole < len(living) {
		t.Errorf("%d sessions are whole, want %d: %v", whole, len(living), cells)
	}
}

// When the disk is full a kernel goes on, says so once, and leaves a file that can be read.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	cmd, out := program(envFull, path)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(out.String(), "notice:"); n != 1 || !strings.Contains(out.String(), fmt.Sprint("tail ", filled)) {
		t.Errorf("it said\n%s", out)
	}
	s, n := open(t, path)
	got := s.Range(1, 1, 0)
	if len(got) == 0 || len(got) >= filled {
		t.Errorf("%d cells are in the file", len(got))
	}
	s.Add(Entry{Line: 1, Input: "more"})
	check(t, "afterwards", s.Tail(1), "2/1:more")
	if l := n.all(); len(l) > 0 {
		t.Errorf("notices %q", l)
	}
}

// A writer that is stopped while it has the lock does not stop others.
func TestLockIsHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	l, err := tryLock(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	s, n := open(t, path)
	s.Add(Entry{Line: 1, Input: "a"})
	check(t, "meanwhile", s.Tail(5), "1/1:a")
	l.Close()
	s.Add(Entry{Line: 2, Input: "b"})
	s.Close()
	again, _ := open(t, path)
	check(t, "reopened", again.Tail(5), "1/1:a 1/2:b")
	for _, line := range n.all() {
		if !strings.Contains(line, "lock") {
			t.Errorf("notice %q", line)
		}
	}
}
