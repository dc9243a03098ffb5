package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
)

// Connection is the contents of a connection file: where a kernel listens and which key it uses.
type Connection struct {
	// Transport is "tcp" or "ipc".
	Transport string `json:"transport"`
	// IP is the address to listen on; with "ipc" it is the path of the socket files up to "-1" … "-5".
	IP          string `json:"ip"`
	ShellPort   int    `json:"shell_port"`
	IOPubPort   int    `json:"iopub_port"`
	StdinPort   int    `json:"stdin_port"`
	ControlPort int    `json:"control_port"`
	HBPort      int    `json:"hb_port"`
	// Key signs messages; empty for none.
	Key string `json:"key"`
	// SignatureScheme must be "hmac-sha256", or empty, which means the same.
	SignatureScheme string `json:"signature_scheme"`
	KernelName      string `json:"kernel_name"`
}

// maxConnectionFile bounds what ReadConnection reads; real files have 400 bytes.
const maxConnectionFile = 1 << 20

// ReadConnection reads and checks a connection file. Its errors are one line that says what to do.
func ReadConnection(path string) (*Connection, error) {
	if path == "" {
		return nil, errors.New("wire: no connection file given; Jupyter passes it as {connection_file}")
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("wire: connection file %s does not exist; Jupyter writes it before it starts a kernel", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("wire: connection file %s cannot be read: permission denied; it must be readable by the user who runs the kernel", path)
	case err != nil:
		return nil, fmt.Errorf("wire: connection file %s cannot be read: %w", path, cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConnectionFile+1))
	if err != nil {
		return nil, fmt.Errorf("wire: connection file %s cannot be read: %w", path, cause(err))
	}
	if len(data) > maxConnectionFile {
		return nil, fmt.Errorf("wire: connection file %s is longer than %d bytes, so it is not one", path, maxConnectionFile)
	}
	c, err := ParseConnection(data)
	if err != nil {
		return nil, fmt.Errorf("wire: connection file %s: %w", path, err)
	}
	return c, nil
}

// cause strips the operation and path from a file error; the sentence around it names them already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// ParseConnection reads and checks the contents of a connection file.
func ParseConnection(data []byte) (*Connection, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("it is empty, want a JSON object; start the kernel again so that it is written anew")
	}
	var c Connection
	if err := json.Unmarshal(data, &c); err != nil {
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) && te.Field != "" {
			return nil, fmt.Errorf("field %q is a %s, want %s", te.Field, te.Value, te.Type)
		}
		return nil, fmt.Errorf("it is not a JSON object (%v); start the kernel again so that it is written anew", err)
	}
	switch c.SignatureScheme {
	case "", "hmac-sha256":
	default:
		return nil, fmt.Errorf("signature_scheme %q is not supported; set it to \"hmac-sha256\"", c.SignatureScheme)
	}
	switch c.Transport {
	case "":
		c.Transport = "tcp"
	case "tcp", "ipc":
	default:
		return nil, fmt.Errorf("transport %q is not supported; set it to \"tcp\" or \"ipc\"", c.Transport)
	}
	if c.IP == "" {
		if c.Transport == "ipc" {
			return nil, errors.New("field \"ip\" is missing; with transport \"ipc\" it is the path of the socket files")
		}
		c.IP = "127.0.0.1"
	}
	channel := make(map[int]string, len(Channels))
	for _, ch := range Channels {
		p := c.port(ch)
		switch {
		case p == 0:
			return nil, fmt.Errorf("field \"%s_port\" is missing or 0; give each channel a port", ch)
		case p < 0 || p > 65535:
			return nil, fmt.Errorf("field \"%s_port\" is %d, want 1 to 65535", ch, p)
		case channel[p] != "":
			return nil, fmt.Errorf("fields \"%s_port\" and \"%s_port\" are both %d; give each channel a port of its own", channel[p], ch, p)
		}
		channel[p] = string(ch)
	}
	return &c, nil
}

// Channel names one of the five sockets of a kernel.
type Channel string

// The channels of a kernel, as the fields of the connection file name them.
const (
	Shell     Channel = "shell"
	IOPub     Channel = "iopub"
	Stdin     Channel = "stdin"
	Control   Channel = "control"
	Heartbeat Channel = "hb"
)

// Channels lists all five.
var Channels = [...]Channel{Shell, IOPub, Stdin, Control, Heartbeat}

func (c *Connection) port(ch Channel) int {
	switch ch {
	case Shell:
		return c.ShellPort
	case IOPub:
		return c.IOPubPort
	case Stdin:
		return c.StdinPort
	case Control:
		return c.ControlPort
	default:
		return c.HBPort
	}
}

// Address returns the network ("tcp" or "unix") and the address of a channel, as package net takes them.
func (c *Connection) Address(ch Channel) (network, address string) {
	port := strconv.Itoa(c.port(ch))
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + port
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, port)
}
