package install

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"
)

// tryKernel starts a kernel as Jupyter would, with a connection file of its
// own, and waits until it echoes a heartbeat. The kernel is ended in any case.
func tryKernel(argv []string, limit time.Duration) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "swingby-doctor-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "connection.json")
	heartbeat, err := writeConnection(file)
	if err != nil {
		return 0, err
	}
	args := make([]string, len(argv))
	for i, a := range argv {
		args[i] = strings.ReplaceAll(a, "{connection_file}", file)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var stderr bytes.Buffer
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir, c.Stderr, c.WaitDelay = dir, &stderr, time.Second
	start := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	echo := make(chan error, 1)
	go func() { echo <- ping(ctx, heartbeat) }()
	select {
	case err := <-echo:
		took := time.Since(start)
		c.Process.Kill()
		<-ended
		if ctx.Err() != nil {
			err = fmt.Errorf("no heartbeat within %v", limit)
		}
		return took, err
	case err := <-ended:
		cancel()
		<-echo
		if said := firstLine(stderr.String()); said != "" {
			return 0, fmt.Errorf("it ended at once: %s", said)
		}
		return 0, fmt.Errorf("it ended at once: %v", err)
	}
}

// tryCell runs a notebook of one cell without Jupyter, which is the whole way
// from text to result but for the sockets.
func tryCell(program string, limit time.Duration) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "swingby-doctor-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	const cell = `{"cells": [{"cell_type": "code", "id": "a", "source": "6 * 7", "metadata": {}, "outputs": [], "execution_count": null}],
"metadata": {"kernelspec": {"name": "swingby", "display_name": "Go (Swingby)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`
	file, result := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
	if err := os.WriteFile(file, []byte(cell), 0o600); err != nil {
		return 0, err
	}
	start := time.Now()
	if _, err := output(limit, program, "exec", "-q", "-o", result, file); err != nil {
		return 0, err
	}
	took := time.Since(start)
	b, err := os.ReadFile(result)
	if err != nil {
		return 0, err
	}
	if !bytes.Contains(b, []byte("42")) {
		return 0, errors.New("the result of 6 * 7 does not hold 42")
	}
	return took, nil
}

// writeConnection writes a connection file with ports that were free a moment
// ago and returns the address of the heartbeat.
func writeConnection(file string) (heartbeat string, err error) {
	connection := map[string]any{
		"transport": "tcp", "ip": "127.0.0.1",
		"key": rand.Text(), "signature_scheme": "hmac-sha256", "kernel_name": "swingby",
	}
	for _, port := range []string{"shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		// Closed only when all are known, or one might be given out twice.
		defer l.Close()
		connection[port] = l.Addr().(*net.TCPAddr).Port
		heartbeat = fmt.Sprintf("tcp://%s", l.Addr())
	}
	b, err := json.Marshal(connection)
	if err != nil {
		return "", err
	}
	return heartbeat, os.WriteFile(file, b, 0o600)
}

// ping sends one heartbeat and waits for its echo, trying to connect until ctx is done.
func ping(ctx context.Context, address string) error {
	socket := zmq4.NewReq(ctx, zmq4.WithDialerRetry(20*time.Millisecond), zmq4.WithDialerMaxRetries(-1),
		zmq4.WithLogger(log.New(io.Discard, "", 0)))
	defer socket.Close()
	if err := socket.Dial(address); err != nil {
		return err
	}
	if err := socket.Send(zmq4.NewMsgString("ping")); err != nil {
		return err
	}
	m, err := socket.Recv()
	if err != nil {
		return err
	}
	if string(m.Bytes()) != "ping" {
		return errors.New("the heartbeat came back changed")
	}
	return nil
}
