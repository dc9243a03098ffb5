package wire

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestExposure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kernel.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open := file + ".open"
	if err := os.WriteFile(open, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		c    Connection
		file string
		want []string
	}{
		{Connection{Transport: "tcp", IP: "127.0.0.1", Key: "k"}, file, nil},
		{Connection{Transport: "tcp", IP: "::1", Key: "k"}, file, nil},
		{Connection{Transport: "tcp", IP: "localhost", Key: "k"}, file, nil},
		{Connection{Transport: "ipc", IP: "/run/k", Key: "k"}, file, nil},
		{Connection{Transport: "tcp", IP: "127.0.0.1"}, file, []string{`no "key"`}},
		{Connection{Transport: "tcp", IP: "0.0.0.0", Key: "k"}, file, []string{"0.0.0.0"}},
		{Connection{Transport: "tcp", IP: "*", Key: "k"}, file, []string{"*"}},
		{Connection{Transport: "tcp", IP: "192.0.2.1"}, open, []string{`no "key"`, "192.0.2.1", "0644"}},
	} {
		got := test.c.Exposure(test.file)
		want := test.want
		if runtime.GOOS == "windows" && test.file == open {
			want = want[:2] // which has no such modes
		}
		if len(got) != len(want) {
			t.Errorf("%+v: %q, want %q", test.c, got, want)
			continue
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%+v: %q does not say %q", test.c, got[i], want[i])
			}
		}
	}
}
