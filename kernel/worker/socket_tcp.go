package worker

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

const (
	// envSocket is the environment variable that tells the child where its parent is.
	envSocket = "SWINGBY_WORKER"

	tokenLen      = 32 // hexadecimal digits
	connectWithin = 10 * time.Second
	tokenWithin   = 2 * time.Second
)

// startTCP starts cmd, which connects back to a loopback port and shows a
// token that nobody else knows.
func startTCP(cmd *exec.Cmd) (net.Conn, error) {
	var secret [tokenLen / 2]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, err
	}
	token := hex.EncodeToString(secret[:])
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=tcp:%s:%s", envSocket, l.Addr(), token))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan net.Conn)
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			// Each on its own: a stranger that says nothing keeps nobody waiting.
			go func() {
				if !showsToken(c, token) {
					c.Close()
					return
				}
				select {
				case found <- c:
				case <-over:
					c.Close()
				}
			}()
		}
	}()
	t := time.NewTimer(connectWithin)
	defer t.Stop()
	select {
	case c := <-found:
		return c, nil
	case <-t.C:
		killGroup(cmd.Process)
		_ = cmd.Wait() // killed a moment ago
		return nil, fmt.Errorf("it has not connected within %v", connectWithin)
	}
}

func showsToken(c net.Conn, token string) bool {
	_ = c.SetReadDeadline(time.Now().Add(tokenWithin))
	got := make([]byte, tokenLen)
	_, err := io.ReadFull(c, got)
	_ = c.SetReadDeadline(time.Time{})
	return err == nil && subtle.ConstantTimeCompare(got, []byte(token)) == 1
}

// dialParent makes the child's end of the connection from the value of envSocket.
func dialParent(where string) (net.Conn, error) {
	kind, rest, _ := strings.Cut(where, ":")
	switch kind {
	case "fd":
		return inheritedConn(rest)
	case "tcp":
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			break
		}
		c, err := net.DialTimeout("tcp", rest[:i], connectWithin)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(c, rest[i+1:]); err != nil {
			c.Close()
			return nil, err
		}
		return c, nil
	}
	return nil, errors.New("malformed " + envSocket)
}
