package kernel

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"swingby/kernel/wire"
)

// Environment variables that make the test binary something else.
const (
	envKernel = "SWINGBY_TEST_KERNEL" // a kernel with a fake worker; the value is the connection file
	envParent = "SWINGBY_TEST_PARENT" // a program that starts such a kernel, says so, and waits to be killed
)

func TestMain(m *testing.M) {
	if file := os.Getenv(envParent); file != "" {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envParent+"=", envKernel+"="+file, fmt.Sprintf("JPY_PARENT_PID=%d", os.Getpid()))
		cmd.Stdout = os.Stdout
		if err := cmd.Start(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("kernel", cmd.Process.Pid)
		time.Sleep(time.Hour) // select {} would be a deadlock, and an early end
	}
	if file := os.Getenv(envKernel); file != "" {
		err := Run(context.Background(), file, Options{Start: (&fakeKind{}).start, Ready: func() { fmt.Println("ready") }})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// startProcess starts a kernel as a process of its own.
func startProcess(t testing.TB, c *wire.Connection) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envKernel+"="+writeConnection(t, c), fmt.Sprintf("JPY_PARENT_PID=%d", os.Getpid()))
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("log of the kernel:\n%s", log.String())
		}
	})
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Fatalf("the kernel does not start: %v", err)
	}
	return cmd
}

// waitProcess waits for a process to end and returns its status.
func waitProcess(t testing.TB, cmd *exec.Cmd) int {
	t.Helper()
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
		return cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatal("the process does not end")
		return -1
	}
}

// BenchmarkStart measures the time from starting a kernel to its first kernel_info_reply.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		c := connection(b, "tcp")
		b.StartTimer()
		cmd := startProcess(b, c)
		cl := connect(b, c)
		cl.reply(wire.Shell, cl.send(wire.Shell, "kernel_info_request", object{}))
		b.StopTimer()
		cmd.Process.Kill()
		cmd.Wait()
		b.StartTimer()
	}
}

// BenchmarkRoundTrip measures a cell from request to reply and idle, without what a worker adds.
func BenchmarkRoundTrip(b *testing.B) {
	for _, transport := range []string{"tcp", "ipc"} {
		b.Run(transport, func(b *testing.B) {
			k := startKernel(b, transport, nil)
			c := connect(b, k.conn)
			b.ResetTimer()
			for b.Loop() {
				c.run("result 2")
			}
		})
	}
}

// BenchmarkLines measures printed lines as a client receives them.
func BenchmarkLines(b *testing.B) {
	k := startKernel(b, "tcp", nil)
	c := connect(b, k.conn)
	const n = 100000
	b.ResetTimer()
	for b.Loop() {
		c.run(fmt.Sprint("lines ", n))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/line")
}
