package worker

import (
	"bufio"
	"context"
	"math"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestNothingLeaks(t *testing.T) {
	cycle := func(n int) {
		w, _ := start(t, "script", Options{connect: []func(*exec.Cmd) (net.Conn, error){nil, startTCP}[n%2]})
		switch n % 4 {
		case 0:
			executeOK(t, w, "order")
		case 1:
			<-w.Ready()
		case 2:
			if _, err := execute(t, w, "goroutine"); err == nil {
				t.Error("no death")
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		<-w.Done()
	}
	cycle(0)
	cycle(1)
	fds, goroutines := openFiles(t), runtime.NumGoroutine()
	for n := range 50 {
		cycle(n)
	}
	deadline := time.Now().Add(hangs)
	for (openFiles(t) > fds || runtime.NumGoroutine() > goroutines) && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := openFiles(t); n > fds {
		t.Errorf("%d descriptors have become %d", fds, n)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines have become %d", goroutines, n)
	}
	if z := zombies(t); len(z) > 0 {
		t.Errorf("zombies: %v", z)
	}
}

func TestCloseWhileSpinning(t *testing.T) {
	w, _ := start(t, "script", Options{})
	<-w.Ready()
	done := make(chan error, 1)
	go func() {
		_, err := w.Execute(context.Background(), ExecuteRequest{Code: "spin"})
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if d := death(t, <-done); d.Reason != "closed" || !d.Requested {
		t.Errorf("death: %+v", d)
	}
}

func TestCloseWhileOutputBlocks(t *testing.T) {
	gate := make(chan bool)
	self, _ := os.Executable()
	w, err := Start(Options{Command: []string{self}, Env: append(os.Environ(), envChild+"=script"), Output: func(Event) { <-gate }})
	if err != nil {
		t.Fatal(err)
	}
	go w.Execute(context.Background(), ExecuteRequest{Code: "lines 100000"})
	time.Sleep(50 * time.Millisecond)
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "output has not been taken") {
		t.Errorf("Close: %v", err)
	}
	close(gate)
	<-w.Done()
}

func TestKilledFromOutside(t *testing.T) {
	w, _ := start(t, "script", Options{})
	<-w.Ready()
	p, err := os.FindProcess(w.PID())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	_, err = execute(t, w, "value 1")
	if d := death(t, err); d.Requested || runtime.GOOS != "windows" && d.Reason != "signal: killed" {
		t.Errorf("death: %+v", d)
	}
}

// Who is killed when memory runs out is told so, as far as anybody knows.
func TestKilledForMemory(t *testing.T) {
	for _, test := range []struct {
		name, reason string
		counts       []uint64 // at the start and at the end
		ok           bool
	}{
		{"counted", "signal: killed, most likely because memory had run out: the system has killed a process for that", []uint64{3, 4}, true},
		{"not counted", "signal: killed", []uint64{3, 3}, true},
		{"unknown", "signal: killed", []uint64{0, 1}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := 0
			w, _ := start(t, "script", Options{ooms: func() (uint64, bool) {
				asked++
				return test.counts[asked-1], test.ok
			}})
			<-w.Ready()
			_, err := execute(t, w, "kill")
			if d := death(t, err); d.Reason != test.reason {
				t.Errorf("reason is %q", d.Reason)
			}
		})
	}
	for text, want := range map[string]uint64{"pgfault 7\noom_kill 12\nx 3\n": 12, "pgfault 7\nnot_oom_kill 5\n": 0, "": 0, "a 1\noom_kill x\n": 0} {
		n, ok := oomKills(func(string) ([]byte, error) { return []byte(text), nil })
		if n != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
}

// The worker must not outlive its parent, whatever it is doing.
func TestParentGone(t *testing.T) {
	for _, code := range []string{"spin", "stuck", "lines 1000000000", "value 1"} {
		t.Run(code, func(t *testing.T) {
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			middle := exec.Command(self)
			middle.Env = append(os.Environ(), envChild+"=parent", "SCRIPT="+code)
			out, err := middle.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := middle.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			if !alive(pid) {
				t.Fatal("the worker is not there")
			}
			if err := middle.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = middle.Wait() // killed
			deadline := time.Now().Add(hangs)
			for alive(pid) {
				if time.Now().After(deadline) {
					if p, err := os.FindProcess(pid); err == nil {
						p.Kill()
					}
					t.Fatal("the worker has outlived its parent")
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	files := map[string]string{}
	read := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, os.ErrNotExist
	}
	if got := memoryLimit(read); got != math.MaxInt64 {
		t.Errorf("nothing known: %d", got)
	}
	files["/proc/meminfo"] = "MemTotal:       16309012 kB\nMemFree: 1 kB\n"
	if got := memoryLimit(read); got != 16309012<<10 {
		t.Errorf("machine: %d", got)
	}
	files["/sys/fs/cgroup/memory.max"] = "max\n"
	if got := memoryLimit(read); got != 16309012<<10 {
		t.Errorf("machine and unlimited group: %d", got)
	}
	files["/sys/fs/cgroup/memory.max"] = "2147483648\n"
	if got := memoryLimit(read); got != 2<<30 {
		t.Errorf("group: %d", got)
	}
}

// BenchmarkStart measures from Start to a warm interpreter.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		w, _ := start(b, "real", Options{})
		<-w.Ready()
		b.StopTimer()
		w.Close()
		b.StartTimer()
	}
}

// BenchmarkExecute measures the round trip of a cell that does nothing.
func BenchmarkExecute(b *testing.B) {
	w, _ := start(b, "script", Options{})
	<-w.Ready()
	for b.Loop() {
		executeOK(b, w, "value 1")
	}
}

// BenchmarkLines measures a million lines printed one by one.
func BenchmarkLines(b *testing.B) {
	n := 0
	w, _ := start(b, "script", Options{Output: func(ev Event) { n++ }})
	<-w.Ready()
	for b.Loop() {
		executeOK(b, w, "lines 1000000")
	}
	b.ReportMetric(float64(n)/float64(b.N), "events/op")
}

// BenchmarkErrorLines is the same on standard error, where last words are looked for.
func BenchmarkErrorLines(b *testing.B) {
	w, _ := start(b, "script", Options{Output: func(Event) {}})
	<-w.Ready()
	for b.Loop() {
		executeOK(b, w, "errlines 1000000")
	}
}

// BenchmarkLinesToNothing is what the printing alone costs, for comparison.
func BenchmarkLinesToNothing(b *testing.B) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		for i := range 1000000 {
			f.WriteString("line " + strconv.Itoa(i) + "\n")
		}
	}
}
