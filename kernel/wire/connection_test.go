package wire

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const goodConnection = `{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,
	"ip":"127.0.0.1","key":"k","transport":"tcp","signature_scheme":"hmac-sha256","kernel_name":"swingby"}`

func TestParseConnection(t *testing.T) {
	c, err := ParseConnection([]byte(goodConnection))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		ch            Channel
		ip, transport string
		want          string
	}{
		{Shell, "127.0.0.1", "tcp", "tcp 127.0.0.1:1"},
		{Heartbeat, "::1", "tcp", "tcp [::1]:5"},
		{IOPub, "*", "tcp", "tcp :2"},
		{Control, "/tmp/k-ipc", "ipc", "unix /tmp/k-ipc-4"},
	} {
		c.IP, c.Transport = test.ip, test.transport
		network, address := c.Address(test.ch)
		if got := network + " " + address; got != test.want {
			t.Errorf("%s on %s %s: %s, want %s", test.ch, test.transport, test.ip, got, test.want)
		}
	}
}

func TestParseConnectionDefaults(t *testing.T) {
	c, err := ParseConnection([]byte(`{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.IP != "127.0.0.1" || c.Transport != "tcp" || c.Key != "" {
		t.Errorf("%+v", c)
	}
}

func TestParseConnectionRefuses(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{goodConnection, "", "empty"},
		{goodConnection, "shell 1", "not a JSON object"},
		{goodConnection, "[]", "not a JSON object"},
		{`"k"`, `7`, `field "key" is a number, want string`},
		{`"shell_port":1`, `"shell_port":"1"`, `field "shell_port" is a string, want int`},
		{`"shell_port":1`, `"shell_port":1.5`, `shell_port`},
		{`"shell_port":1,`, ``, `"shell_port" is missing or 0`},
		{`"hb_port":5`, `"hb_port":70000`, `"hb_port" is 70000, want 1 to 65535`},
		{`"hb_port":5`, `"hb_port":-1`, `"hb_port" is -1`},
		{`"hb_port":5`, `"hb_port":1`, `"shell_port" and "hb_port" are both 1`},
		{`"tcp"`, `"udp"`, `transport "udp" is not supported`},
		{`"hmac-sha256"`, `"hmac-md5"`, `signature_scheme "hmac-md5" is not supported`},
		{`"ip":"127.0.0.1","key":"k","transport":"tcp"`, `"transport":"ipc"`, `"ip" is missing`},
	} {
		text := strings.Replace(goodConnection, test.old, test.new, 1)
		c, err := ParseConnection([]byte(text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s → %s: got %+v, %v; want %q", test.old, test.new, c, err, test.want)
		}
	}
}

func TestReadConnectionErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct{ name, path, want string }{
		{"none", "", "no connection file given"},
		{"missing", filepath.Join(dir, "nowhere.json"), "does not exist"},
		{"directory", dir, "cannot be read"},
		{"malformed", write("bad.json", "{"), "not a JSON object"},
		{"huge", write("huge.json", strings.Repeat(" ", maxConnectionFile+1)), "longer than"},
	}
	if runtime.GOOS != "windows" && os.Getuid() != 0 {
		path := write("secret.json", goodConnection)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		tests = append(tests, struct{ name, path, want string }{"unreadable", path, "permission denied"})
	}
	for _, test := range tests {
		_, err := ReadConnection(test.path)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		} else if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "wire: ") {
			t.Errorf("%s: not one line of this package: %v", test.name, err)
		}
	}
	if _, err := ReadConnection(write("good.json", goodConnection)); err != nil {
		t.Errorf("good file: %v", err)
	}
}

// FuzzParseConnection: what passes as a connection file says where to listen, with five different ports.
func FuzzParseConnection(f *testing.F) {
	f.Add([]byte(`{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256"}`))
	f.Add([]byte(`{"transport":"ipc","ip":"run/k","shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5}`))
	f.Add([]byte(`{"ip":"::1","shell_port":65535,"iopub_port":"2"}`))
	f.Add([]byte(" "))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConnection(data)
		if err != nil {
			if c != nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v and %v", c, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, ch := range Channels {
			network, address := c.Address(ch)
			if network != "tcp" && network != "unix" || seen[address] {
				t.Fatalf("%s is to listen on %s %q", ch, network, address)
			}
			seen[address] = true
			if network == "tcp" {
				if _, _, err := net.SplitHostPort(address); err != nil {
					t.Fatalf("%s: %v", ch, err)
				}
			}
		}
		c.Exposure("")
	})
}
